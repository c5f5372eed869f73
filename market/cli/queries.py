"""Ask under an agreement: the price before, the rows and the receipt after."""

import io
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import click

from market.cli.common import acting, json_option, key_option, now, opened, printed, progress, show
from market.parties.models import Role

if TYPE_CHECKING:
    from market.home import Home
    from market.query.question import Question
    from market.query.statements.parameters import Parameters
    from policies.billing import Bill

agreement_option = click.option("--agreement", "agreement_id", required=True, help="The agreement you ask under.")
agreements_option = click.option(
    "--agreement",
    "agreements",
    required=True,
    multiple=True,
    metavar="[NAME=]ID",
    help="The agreement you ask under; of several, repeat it, and give a table another NAME where two are the same.",
)
param_option = click.option(
    "--param",
    "params",
    multiple=True,
    metavar="NAME=VALUE",
    help='A value for $NAME in the SQL, or for $1: a number, a date, true, false, null, a text, or "a text".',
)
named_option = click.option(
    "--named", help="Ask a template, or a question your firm keeps, by its name; instead of SQL."
)
purpose_option = click.option("--purpose", required=True, help="Why you ask: a DUO code of the agreement.")


@click.command()
@agreements_option
@purpose_option
@param_option
@named_option
@click.argument("sql", required=False)
@key_option
@json_option
def quote(
    agreements: tuple[str, ...],
    purpose: str,
    params: tuple[str, ...],
    named: str | None,
    sql: str | None,
    key: Path,
    as_json: bool,
) -> None:
    """Say what SQL would touch and cost, without reading data.

    \b
    Example: sluice quote --agreement 01H… --purpose DUO:0000006 "SELECT count(*) FROM tumor" --key me.key
    """
    from market.query.asker import Asker
    from market.query.question import Question, read_under
    from market.query.service import serving
    from policies.canonical import plain
    from policies.pricing import yuan

    words = _words(sql, named)
    question = Question.of(read_under(agreements), purpose=purpose, sql=words, key="", parameters=_values(params))
    with opened() as home:
        member, licensee = acting(home, key, Role.LICENSEE)
        question = _filled(home, question, named, member.organisation)
        with serving(home, now, workers=1) as service:
            assessed = service.quote(question, Asker(licensee.id, member.organisation))
    priced, flat = assessed.quote, assessed.monthly_fen_due
    words = f"{yuan(priced.amount_fen)} CNY for {priced.billed_bytes:,} bytes of {', '.join(priced.columns)}"
    words += f"; {yuan(flat)} CNY are due before, for this month" if flat else ""
    value = {**plain(priced), "monthly_fen_due": flat}
    if question.others:
        value["agreements"] = assessed.told()
        words += "".join(f"\n  {yuan(one['amount_fen'])} CNY under {one['agreement']}" for one in value["agreements"])
    show(value, words, as_json=as_json)


@click.command()
@agreements_option
@purpose_option
@click.option(
    "--format", "format_", default="csv", show_default=True, type=click.Choice(["arrow", "csv", "json", "parquet"])
)
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="A new file; else stdout.")
@click.option("--idempotency-key", help="Ask with the same key again after a crash, and pay once.")
@click.option(
    "--receipt", "receipt_path", type=click.Path(path_type=Path, dir_okay=False), help="Write the receipt here."
)
@param_option
@named_option
@click.argument("sql", required=False)
@key_option
@json_option
def query(
    agreements: tuple[str, ...],
    purpose: str,
    params: tuple[str, ...],
    format_: str,
    output: Path | None,
    idempotency_key: str | None,
    receipt_path: Path | None,
    named: str | None,
    sql: str | None,
    key: Path,
    as_json: bool,
) -> None:
    """Run SQL under an agreement: rows out, receipt after.

    With --json, one object: the quote, the rows (unless -o names a file) and the receipt.

    \b
    Example: sluice query --agreement 01H… --purpose DUO:0000006 "SELECT grade, count(*) FROM tumor GROUP BY 1" \\
               --format parquet -o grades.parquet --key me.key
    """
    from catalog.ids import new_id
    from market.delivery.formats import Format
    from market.query import receipts
    from market.query.asker import Asker
    from market.query.question import Question, read_under
    from market.query.service import serving
    from market.query.usage import warning_of

    if receipt_path is not None:
        _check_writable(receipt_path)
    question = Question.of(
        read_under(agreements),
        purpose=purpose,
        sql=_words(sql, named),
        key=idempotency_key or new_id(now()),
        parameters=_values(params),
    )
    shape = Format.JSON if as_json and output is None else Format(format_)
    with opened() as home:
        member, licensee = acting(home, key, Role.LICENSEE)
        question = _filled(home, question, named, member.organisation)
        asker = Asker(licensee.id, member.organisation)
        with (
            serving(home, now, workers=1) as service,
            _sink(output, marks=home.settings.home / "run", as_json=as_json) as (sink, hand_over),
        ):
            answered = service.answer(question, asker, sink, shape, hand_over=hand_over)
        with home.database.reading() as session:
            proof = receipts.receipt(session, answered.run_id, home.notary)
            warning = warning_of(session, [one.agreement_id for one in question.under])
    if receipt_path is not None:
        receipt_path.write_text(json.dumps(proof, ensure_ascii=False), encoding="utf-8")
    if as_json:
        value: dict[str, Any] = {"query": answered.run_id, "quote": answered.quote, "bill": answered.bill}
        value["receipt"] = proof
        value |= {"row_count": answered.rows, "sha256": answered.sha256}
        show(value, "", as_json=True)  # the rows were handed over before, where no file holds them
    charged = _charged(answered.bill)
    click.echo(f"{answered.rows:,} rows, {charged}; receipt: sluice receipt show {answered.run_id}", err=True)
    _warn(warning)


@click.command()
@agreement_option
@purpose_option
@click.option(
    "-o", "--output", required=True, type=click.Path(path_type=Path, file_okay=False), help="A folder for the files."
)
@key_option
@json_option
def pull(agreement_id: str, purpose: str, output: Path, key: Path, as_json: bool) -> None:
    """Pull all files of an agreement's edition or part, priced as reading all of it.

    It is paid before the first file comes. Stopped, it goes on where it was when you call it again with the same
    folder within a week, at no further charge.

    \b
    Example: sluice pull --agreement 01H… --purpose DUO:0000006 -o tumor/ --key me.key
    """
    from market.licensing import agreements
    from market.query import receipts
    from market.query.asker import Asker
    from market.query.pulling import key_in, pull
    from market.query.pulls import statement
    from market.query.question import Question
    from market.query.service import serving
    from market.query.usage import warning_of

    with opened() as home:
        member, licensee = acting(home, key, Role.LICENSEE)
        with home.database.reading() as session:
            table = agreements.terms_of(agreements.find(session, agreement_id, firm=member.organisation)).table
        question = Question(
            agreement_id=agreement_id, purpose=purpose, sql=statement(table), key=key_in(output, agreement_id)
        )
        told = 0

        def tell(done: int, of: int) -> None:
            nonlocal told
            if of and done * 10 // of > told:
                told = done * 10 // of
                progress(f"{done:,} of {of:,} bytes")

        with serving(home, now, workers=1) as service:
            done = pull(service, question, Asker(licensee.id, member.organisation), output, progress=tell)
        with home.database.reading() as session:
            proof = receipts.receipt(session, done.run_id, home.notary)
            warning = warning_of(session, [agreement_id])
    value = {"query": done.run_id, "bill": done.bill, "files": [str(path) for path in done.files], "rows": done.rows}
    words = f"{len(done.files)} files, {done.rows:,} rows, {done.size_bytes:,} bytes in {output}; {_charged(done.bill)}"
    show({**value, "size_bytes": done.size_bytes, "receipt": proof}, words, as_json=as_json)
    _warn(warning)


def _words(sql: str | None, named: str | None) -> str:
    """Insist on SQL or a name, and not both; gives the SQL that was written, if any."""
    if (sql is None) == (named is None):
        raise click.UsageError("give SQL, or --named NAME")
    return sql or ""


def _filled(home: "Home", question: "Question", named: str | None, firm: str | None) -> "Question":
    """Give the question that a name stands for, where there is one."""
    from market.query import library

    if named is None:
        return question
    with home.database.reading() as session:
        return library.filled(session, question, named, firm=firm)


def _values(params: Sequence[str]) -> "Parameters":
    """Read what was given with --param."""
    from market.query.statements import parameters

    pairs = [param.partition("=") for param in params]
    if any(not (name and equals) for name, equals, _ in pairs) or len({name for name, *_ in pairs}) < len(pairs):
        raise click.UsageError("--param takes NAME=VALUE, each name once")
    return parameters.read({name: parameters.typed(text) for name, _, text in pairs})


def _warn(warning: str | None) -> None:
    """Say on stderr which quotas are nearly used up."""
    if warning is not None:
        click.echo(f"Used of the quota: {warning}. See: sluice usage.", err=True)


def _charged(bill: "Bill") -> str:
    """Say what was paid, and what was taken off the price and by whom."""
    from policies.pricing import yuan

    off = [f"{yuan(bill.discount_fen)} above the monthly maximum"] if bill.discount_fen else []
    off += [f"{yuan(part.amount_fen)} by voucher {part.voucher}" for part in bill.vouchers]
    return f"{yuan(bill.net_fen)} CNY" + (f" ({yuan(bill.list_fen)} less {', '.join(off)})" if off else "")


@contextmanager
def _sink(output: Path | None, *, marks: Path, as_json: bool) -> Iterator[tuple[IO[bytes], Callable[[], None]]]:
    """Open where the rows go, and give what hands them over. A file appears under its name only when it is whole."""
    from market.delivery.partial import partial

    if output is None:
        if as_json:
            lines = io.BytesIO()
            yield lines, lambda: printed.begin(b'"rows": [' + b", ".join(lines.getvalue().splitlines()) + b"]")
        else:
            yield sys.stdout.buffer, sys.stdout.buffer.flush
        return
    if output.exists():
        raise click.UsageError(f"{output} is there already: name a new file")
    with partial(output, marks=marks) as written:
        yield written


def _check_writable(path: Path) -> None:
    """Refuse a file that cannot be written before anything is paid; a new one is not left behind."""
    fresh = not path.exists()
    path.open("ab").close()
    if fresh:
        path.unlink()
