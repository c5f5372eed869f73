"""Texts without a plan: `sluice detect` says where personal data stands, `sluice scrub` writes it over."""

import json
import re
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import click

from market.cli.common import leave_at_once, progress
from policies.errors import PlanError
from policies.texts import LANGUAGES, OTHERS, RECALLS, check_operator, is_type

if TYPE_CHECKING:
    from anonymize.texts.searching import Found

FORMS = click.Choice(["text", "jsonl", "csv", "parquet"])
SOURCE = click.Path(exists=True, allow_dash=True, path_type=Path)
AUTO, BOTH = "auto", "both"
KINDS = ("name", "address", "value")
_HALF = re.compile("[\ud800-\udfff]")
"""Half of a character, which no encoding writes."""

source_argument = click.argument("source", type=SOURCE, default="-")
column_option = click.option(
    "--column", "columns", multiple=True, help="CSV and Parquet: a column of texts; several times for several."
)
language_option = click.option(
    "--language",
    type=click.Choice([*LANGUAGES, AUTO]),
    default=AUTO,
    show_default=True,
    help="The language of the texts; auto and both look for either.",
)
recall_option = click.option(
    "--recall",
    type=click.Choice(RECALLS),
    default="balanced",
    show_default=True,
    help="How eager: high leaves least behind, precise takes least too much.",
)
types_option = click.option("--types", help="Only these types, joined by commas: PERSON,PHONE.")
form_option = click.option("--format", "form", type=FORMS, help="What SOURCE is, where its name does not tell.")
encoding_option = click.option("--encoding", type=click.Choice(["utf-8", "gb18030"]), help="Not guessed, but this.")


@click.command()
@source_argument
@column_option
@language_option
@recall_option
@types_option
@form_option
@encoding_option
@click.option("--show", is_flag=True, help="Print what was found as well; to a terminal alone.")
@click.option("--fail", is_flag=True, help="Exit 1 when anything was found.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON lines on stdout.")
def detect(
    source: Path,
    columns: tuple[str, ...],
    language: str,
    recall: str,
    types: str | None,
    form: str | None,
    encoding: str | None,
    show: bool,
    fail: bool,
    as_json: bool,
) -> None:
    """Say where personal data stands in SOURCE, and of which type; never what it is.

    SOURCE is a text, JSON Lines with "id" and "text", CSV, Parquet, or - for standard input. Rows and lines count from
    1; start and end count characters from 0. Of JSON Lines each line is answered by one: {"id", "findings"}.

    \b
    Example: sluice detect messages.csv --column message --language zh
    In a pipe: printf '{"id": 1, "text": "患者张伟民来电"}' | sluice detect --types PERSON
    """
    from anonymize.texts.forms import open_texts
    from anonymize.texts.searching import search

    if show and not sys.stdout.isatty():
        raise click.UsageError("--show prints personal data, and only to a terminal")
    leave_at_once()
    wanted = _types(types, language)
    counts = Counter[str]()
    with open_texts(_path(source), sys.stdin.buffer, form=form, encoding=encoding) as texts:
        for one in search(
            texts,
            columns or texts.columns,
            language=_language(language),
            recall=recall,
            types=wanted,
            progress=progress,
        ):
            counts.update(finding.type for finding in one.findings)
            if as_json or (one.named and not show):
                click.echo(_as_json(one))
                continue
            place = f"row {one.row}, column {one.column}" if texts.tabular else f"line {one.row}"
            for finding in one.findings:
                text = f"  {_on_one_line(one.text[finding.start : finding.end])}" if show else ""
                click.echo(f"{place}, {finding.start}-{finding.end}: {finding.type} {finding.score:.2f}{text}")
    click.echo(_told(counts, "found"), err=True)
    if fail and counts:
        raise click.exceptions.Exit(1)


@click.command()
@source_argument
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help="A new file, of the form of SOURCE; else standard output.",
)
@column_option
@click.option(
    "--operator",
    "operators",
    multiple=True,
    metavar="TYPE=KIND",
    help="What takes the place of a type, * for all others; several times for several.",
)
@click.option(
    "--mode",
    type=click.Choice(["placeholder", "mask", "fixed", "surrogate", "token"]),
    help="The same as --operator '*=…'.",
)
@click.option(
    "--own",
    multiple=True,
    metavar="COLUMN=KIND",
    help="A column whose cells are removed from the text of their row: a name, an address or a value.",
)
@click.option("--subject", help="The column that says whose each row is: surrogates, tokens and shifts go by it.")
@click.option(
    "--key",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The key of surrogates, tokens and shifts, drawn on first use; without it, one that is forgotten.",
)
@language_option
@recall_option
@types_option
@form_option
@encoding_option
@click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON object on stdout: rows, and what was removed by type."
)
def scrub(
    source: Path,
    output: Path | None,
    columns: tuple[str, ...],
    operators: tuple[str, ...],
    mode: str | None,
    own: tuple[str, ...],
    subject: str | None,
    key: Path | None,
    language: str,
    recall: str,
    types: str | None,
    form: str | None,
    encoding: str | None,
    as_json: bool,
) -> None:
    """Write SOURCE again without its personal data: the whole file, or none.

    SOURCE is as for sluice detect; of a table only the columns named by --column are changed. Each type of finding is
    replaced by a placeholder such as [PERSON] unless --operator or --mode says otherwise.

    \b
    Example: sluice scrub messages.csv -o clean.csv --column message --own caller=name --operator PERSON=surrogate
    In a pipe: printf '{"id": 1, "text": "患者张伟民来电"}' | sluice scrub --mode mask
    """
    from anonymize.custody import drawn_key
    from anonymize.texts.forms import open_texts
    from anonymize.texts.writing import Settings, appearing, rewrite
    from anonymize.transform.keys import ReleaseSecret
    from anonymize.transform.text import Rules, check_rules

    if output is None and sys.stdout is None:
        raise click.UsageError("standard output is closed: name a file, -o FILE")
    if as_json and output is None:
        raise click.UsageError("--json needs -o: standard output is taken by the texts")
    rules = Rules(
        operators=_operators(operators, mode),
        types=_types(types, language),
        recall=recall,
        language=_language(language),
    )
    check_rules(rules, "--operator")
    if rules.use("shift") and subject is None:
        raise click.UsageError("dates are shifted by whose they are: name the column, --subject COLUMN")
    with open_texts(
        _path(source), sys.stdin.buffer, form=form, encoding=encoding, again=rules.use("surrogate")
    ) as texts:
        if texts.tabular and not columns:
            raise click.UsageError("say which columns are texts: --column NAME")
        if texts.tabular and output is None:
            raise click.UsageError("a table goes to a file: -o FILE")
        settings = Settings(
            rules=rules,
            columns=columns or texts.columns,
            own=[_own(pair) for pair in own],
            subject=subject,
            secret=ReleaseSecret(drawn_key(key)) if key else ReleaseSecret.draw(),
        )
        if output is None:
            told = rewrite(texts, sys.stdout.buffer, settings, progress)
            sys.stdout.flush()
        else:
            with appearing(output) as file:
                told = rewrite(texts, file, settings, progress)
    words = f"{told['rows']:,} rows; {_told(told['removed'], 'removed')}"
    left = [name for name in texts.columns if name not in settings.columns]
    if texts.tabular and left:
        progress(f"written as they are: {', '.join(left)}")
    if as_json:
        click.echo(json.dumps({"output": str(output), **told}, ensure_ascii=False))
    click.echo(words, err=output is None or as_json)


def _as_json(one: "Found") -> str:
    place = {"id": one.id} if one.named else {"row": one.row, "column": one.column}
    findings = [{"start": f.start, "end": f.end, "type": f.type, "score": round(f.score, 3)} for f in one.findings]
    told = json.dumps(place | {"findings": findings}, ensure_ascii=False)
    return _HALF.sub(lambda half: f"\\u{ord(half[0]):04x}", told)


def _path(source: Path) -> Path | None:
    return None if str(source) == "-" else source


def _language(language: str) -> str:
    return BOTH if language == AUTO else language


def _types(types: str | None, language: str) -> frozenset[str] | None:
    """Read a list of types.

    Raises:
        BadParameter: one of them nothing finds.
    """
    if types is None:
        return None
    from anonymize.detect.languages import types_of

    wanted = frozenset(name.strip() for name in types.split(",") if name.strip())
    known = types_of(_language(language))
    unknown = sorted(wanted - known)
    if unknown or not wanted:
        found = f"{unknown[0]!r} is unknown" if unknown else "no type is named"
        raise click.BadParameter(f"{found}; there are: {', '.join(sorted(known))}", param_hint="--types")
    return wanted


def _operators(pairs: tuple[str, ...], mode: str | None) -> dict[str, str]:
    """Read what takes the place of each type.

    Raises:
        BadParameter: it is no pair, or no operator of that type.
    """
    out = {OTHERS: mode} if mode else {}
    for pair in pairs:
        kind, joint, operator = pair.partition("=")
        if not joint or not (is_type(kind) or kind == OTHERS):
            raise click.BadParameter(f"{pair!r} is no TYPE=KIND, as PERSON=surrogate is", param_hint="--operator")
        try:
            check_operator("--operator", kind, operator)
        except PlanError as error:
            raise click.BadParameter(f"{error.found}. {error.fix}", param_hint="--operator") from None
        out[kind] = operator
    return out


def _own(pair: str) -> tuple[str, str]:
    column, joint, kind = pair.rpartition("=")
    if not joint or kind not in KINDS:
        raise click.BadParameter(f"{pair!r} is no COLUMN=KIND; kinds are {', '.join(KINDS)}", param_hint="--own")
    return kind, column


def _told(counts: "Counter[str] | dict[str, int]", done: str) -> str:
    told = ", ".join(f"{count:,} {kind}" for kind, count in sorted(counts.items()))
    return f"{done}: {told}" if told else f"nothing {done}"


def _on_one_line(text: str) -> str:
    """Write what a terminal could take for a command, or a new line, as escapes."""
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)
