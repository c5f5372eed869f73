"""What was paid and earned, told again: statements of accounts, and bills in the columns of FOCUS."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from market.cli.common import acting, json_option, key_option, now, opened, show
from market.parties.models import Role

if TYPE_CHECKING:
    from sqlmodel import Session

    from catalog.ids import MemberId
    from market.billing.statements import Statement
    from market.home import Home
    from market.ledger.models import Kind

OVERSEERS = (Role.ADMINISTRATOR, Role.AUDITOR)


@click.command()
@click.option("--month", required=True, help="Such as 2026-11, in the city's time.")
@click.option("--of", "owner", help="A firm, a publisher or a programme; for administrators and auditors.")
@key_option
@json_option
def statement(month: str, owner: str | None, key: Path, as_json: bool) -> None:
    """Tell what moved in a month on the accounts of your firm or publisher, and why. It is logged that it was read.

    \b
    Example: sluice ledger statement --month 2026-11 --key me.key
    """
    from market.billing.statements import statement as told
    from policies.calendar import Month

    asked = Month.parse(month)
    with opened() as home:
        member, actor = acting(home, key, Role.LICENSEE, Role.STEWARD, *OVERSEERS)
        whose = owner if member.role in OVERSEERS else member.organisation
        if whose is None:
            raise click.UsageError("Name with --of whose statement you want.")
        if owner not in (None, whose):
            raise click.UsageError("Leave --of out: you see your own statement.")
        with home.database.reading() as session:
            kinds = _kinds(session, whose)
        _log_reading(home, actor.id, "statement", month=str(asked), of=whose)
        with home.database.reading() as session:
            value = [told(session, whose, kind, asked) for kind in kinds]
    show({"statements": value}, "\n\n".join(_words(item) for item in value), as_json=as_json)


@click.command()
@click.option("--month", required=True, help="Such as 2026-11, in the city's time.")
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path, dir_okay=False), help="A new file.")
@click.option("--firm", help="Only this firm; for administrators and auditors.")
@key_option
@json_option
def focus(month: str, output: Path, firm: str | None, key: Path, as_json: bool) -> None:
    """Write the bill of a month as CSV in the columns of FOCUS 1.2; a licensee that of their firm.

    It is logged that it was read.

    \b
    Example: sluice ledger focus --month 2026-11 -o bill.csv --key me.key
    """
    from market.billing import naming
    from market.billing.charges import charges
    from market.billing.focus import rows, write
    from policies.calendar import Month

    asked, partial = Month.parse(month), output.with_name(f"{output.name}.partial")
    with opened() as home:
        member, actor = acting(home, key, Role.LICENSEE, *OVERSEERS)
        whose = firm if member.role in OVERSEERS else member.organisation
        if firm not in (None, whose):
            raise click.UsageError("Leave --firm out: you see the bill of your own firm.")
        if output.exists():
            raise click.UsageError(f"{output} is there already: name a new file.")
        _log_reading(home, actor.id, "focus", month=str(asked), of=whose or "all firms")
        try:
            with home.database.reading() as session, partial.open("x", encoding="utf-8", newline="") as file:
                booked = charges(session, asked.begins_at, asked.ends_at, firm=whose)
                count = write(rows(booked, naming.names(session, asked)), file)
            partial.rename(output)
        finally:
            partial.unlink(missing_ok=True)
        show({"lines": count, "file": str(output)}, f"{count} lines in {output}", as_json=as_json)


def _kinds(session: "Session", owner: str) -> "tuple[Kind, ...]":
    """Say which accounts a statement is of: those of a firm, a publisher or a programme."""
    from catalog.errors import NotFound
    from catalog.models import Publisher
    from market.billing.models import Programme
    from market.ledger.models import Kind
    from market.parties.models import Firm

    if session.get(Firm, owner) is not None:
        return (Kind.CREDIT, Kind.POSTPAID)
    if session.get(Publisher, owner) is not None:
        return (Kind.INCOME,)
    if session.get(Programme, owner) is not None:
        return (Kind.FUND,)
    raise NotFound(f"{owner!r}", "is no firm, publisher or programme", fix="Check the identifier.")


def _log_reading(home: "Home", by: "MemberId", what: str, *, month: str, of: str) -> None:
    """What others owe and earn is read in the sight of the log."""
    from catalog.events import Event, note

    with home.database.writing() as session:
        note(session, Event(action="bill:read", subject=of, by=by, at=now(), details={"as": what, "month": month}))


def _words(told: "Statement") -> str:
    from policies.calendar import day_of
    from policies.pricing import yuan

    lines = [f"{told.account} of {told.owner}, {told.month}", f"{'':10}  {yuan(told.opening_fen):>16}  opening"]
    lines += [f"{day_of(line.at)}  {yuan(line.amount_fen):>16}  {line.words}" for line in told.lines]
    return "\n".join([*lines, f"{'':10}  {yuan(told.closing_fen):>16}  closing"])
