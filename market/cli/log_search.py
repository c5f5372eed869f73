"""Search the log: by typed filters, in SQL, and by the rules that say what strikes."""

from collections.abc import Callable, Iterator
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from market.cli.common import acting, json_option, key_option, now, opened, progress
from market.cli.tables import csv_option, print_rows

if TYPE_CHECKING:
    from market.auditing.filters import Filter
    from market.home import Home

F = TypeVar("F", bound=Callable[..., Any])

SHOWN = ("seq", "at", "action", "subject", "actor", "firm", "dataset", "outcome", "reason", "bytes", "rows")
"""Columns of the table for people."""

period_options = (
    click.option("--from", "from_", help="Only from this day or moment on, for example 2026-01-31."),
    click.option("--to", help="Only before this day or moment."),
)


def period(command: F) -> F:
    """Give a command `--from` and `--to`."""
    for option in reversed(period_options):
        command = option(command)
    return command


@click.command()
@click.option("--action", help="Only this action, for example release:published.")
@click.option("--subject", help="Only what happened to this thing.")
@click.option("--actor", "--by", help="Only what this member did.")
@click.option("--firm", help="Only what concerns this firm.")
@click.option("--dataset", help="Only what concerns this dataset.")
@click.option("--release", help="Only what concerns this release.")
@click.option("--agreement", help="Only what concerns this agreement.")
@click.option("--purpose", help="Only questions for this purpose: a DUO code.")
@click.option("--outcome", help="Only questions that became this: answered, delivered, refused, failed, …")
@click.option("--from-seq", type=int, help="Only from the entry of this number on.")
@period
@click.option("--min-bytes", type=int, help="Only what moved as many bytes, or more.")
@click.option("--max-bytes", type=int, help="Only what moved as many bytes, or fewer.")
@click.option("--min-rows", type=int, help="Only what moved as many rows, or more.")
@click.option("--max-rows", type=int, help="Only what moved as many rows, or fewer.")
@click.option("--min-fen", type=int, help="Only what cost as much, or more.")
@click.option("--max-fen", type=int, help="Only what cost as much, or less.")
@click.option("--limit", default=1000, show_default=True, type=click.IntRange(1))
@click.option(
    "--export",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the entries with their proofs into a new file, as `sluice log verifier` checks it.",
)
@csv_option
@key_option
@json_option
def search(limit: int, export: Path | None, key: Path, as_csv: bool, as_json: bool, **given: Any) -> None:
    """Find entries, as a table, as CSV, or as JSON lines. Needs an auditor's key, and is itself logged.

    \b
    Example: sluice log search --firm 01H… --outcome delivered --from 2026-01-01 --min-bytes 1000000 --key auditor.key
    """
    from market.auditing.entries import FlatEntry
    from market.auditing.filters import find
    from market.auditing.reading import searched
    from market.parties.models import Role

    wanted = _filter(**given)
    with opened() as home:
        _, auditor = acting(home, key, Role.AUDITOR)
        with home.database.writing() as session:
            searched(session, by=auditor.id, at=now(), **wanted.said(), exported=export is not None)
        found: list[int] = []
        with home.database.reading() as session:

            def rows() -> Iterator[dict[str, Any]]:
                entries = chain.from_iterable(find(session, wanted))
                for entry in islice(entries, limit):
                    found.append(entry.seq)
                    yield entry._asdict()
                if next(entries, None) is not None:
                    progress(f"there are more: go on with --from-seq {found[-1] + 1}, or raise --limit")

            names = FlatEntry._fields if as_csv or as_json else SHOWN
            print_rows(names, rows(), as_json=as_json, as_csv=as_csv)
        if export is not None:
            _export(home, found, export)


@click.command()
@click.argument("statement")
@period
@csv_option
@key_option
@json_option
def sql(statement: str, from_: str | None, to: str | None, key: Path, as_csv: bool, as_json: bool) -> None:
    """Ask the log in SQL, as the table `log`; rows come as a table, as CSV, or as JSON lines. Needs an auditor's key.

    The statement passes the gate and runs in the sandbox of licensees' questions, and is itself logged.

    \b
    Example: sluice log sql "SELECT firm, sum(bytes) FROM log WHERE outcome = 'delivered' GROUP BY 1" --key auditor.key
    """
    from market.auditing.asking import LogDesk
    from market.parties.models import Role
    from market.query.service import serving

    within = _filter(from_=from_, to=to)
    with opened() as home:
        _, auditor = acting(home, key, Role.AUDITOR)
        with serving(home, now, workers=1) as service:
            desk = LogDesk(home.database, home.store, service.pool)
            with desk.ask(statement, within=within, by=auditor.id, at=now()) as answer:
                print_rows(answer.names, answer, as_json=as_json, as_csv=as_csv)


@click.command()
@period
@click.option("--fail", is_flag=True, help="End with 1 where something was found.")
@key_option
@json_option
def anomalies(from_: str | None, to: str | None, fail: bool, key: Path, as_json: bool) -> None:
    """Say what strikes: denials, exports, dormant licences, checkpoints late or refused; with --json, a line for each.

    Needs an auditor's key, and is itself logged. It ends with 0 whatever it found, unless --fail is given.

    \b
    Example: sluice log anomalies --from 2026-01-01 --to 2026-02-01 --fail --json --key auditor.key
    """
    from market.auditing import rules
    from market.auditing.anomalies import scan
    from market.auditing.reading import searched
    from market.parties.models import Role
    from policies.canonical import plain

    within, at = _filter(from_=from_, to=to), now()
    with opened() as home:
        _, auditor = acting(home, key, Role.AUDITOR)
        with home.database.writing() as session:
            searched(session, by=auditor.id, at=at, anomalies=True, **within.said())
        with home.database.reading() as session:
            alerts = list(scan(session, rules.load(), at=at, from_=within.from_, to=within.to))
    if alerts or as_json:
        names = ("rule", "from", "to", "actor", "firm", "dataset", "entries", "figures")
        rows = ({name.strip("_"): value for name, value in plain(alert).items()} for alert in alerts)
        print_rows(names, rows, as_json=as_json, as_csv=False)
    else:
        click.echo("Nothing strikes.")
    if fail and alerts:
        raise click.exceptions.Exit(1)


def _filter(**given: Any) -> "Filter":
    """Make the filter of the options; what is wrong with them is bad usage."""
    from market.auditing.filters import Filter, FilterError

    try:
        return Filter.parse(**given)
    except FilterError as error:
        raise click.UsageError(f"--{error.place}: {error.found}. {error.fix}") from error


def _export(home: "Home", entries: list[int], file: Path) -> None:
    """Write *entries* with their proofs in the tree as it is now."""
    from market.audit import checkpoint
    from market.audit.export import write_selection

    at = now()
    with home.database.writing() as session:
        checkpoint.take(session, home.notary.signer(session), origin=home.origin, at=at)
    with home.database.reading() as session, file.open("xb") as out:
        years = home.settings.log_retention_years
        number = write_selection(session, out, entries, home.notary, retention_years=years, at=at)
    progress(f"{number} entries with their proofs in {file}")
