"""A dataset's registration, its price ceilings, and what was earned with it; commands of `sluice dataset`."""

from datetime import datetime
from pathlib import Path

import click

from market.cli.common import acting, json_option, key_option, now, opened, show
from market.parties.models import Role

DAY = click.DateTime(["%Y-%m-%d"])


@click.command()
@click.argument("id")
@click.option("--number", required=True, help="The number that the public register gave it.")
@key_option
@json_option
def register(id: str, number: str, key: Path, as_json: bool) -> None:
    """Enter the first registration of the dataset ID; without one, nothing of it can be published.

    \b
    Example: sluice dataset register tumor.breast --number 5001-2026-000123 --key steward.key
    """
    from catalog.registration import register as enter
    from market.cli.stewards import insist_on_own

    with opened() as home:
        member, steward = acting(home, key, Role.STEWARD)
        with home.database.writing() as session:
            insist_on_own(session, id, member)
            row = enter(session, id, number=number, by=steward.id, at=now())
        value = {"dataset": id, "number": row.number, "kind": row.kind}
        show(value, f"{id} is registered as {row.number}", as_json=as_json)


def _amend(id: str, act: str, reason: str, key: Path, *, as_json: bool) -> None:
    from catalog.registration import Act, amend
    from market.cli.stewards import insist_on_own

    with opened() as home:
        member, steward = acting(home, key, Role.STEWARD)
        with home.database.writing() as session:
            insist_on_own(session, id, member)
            row = amend(session, id, Act(act), reason=reason, by=steward.id, at=now())
        value = {"dataset": id, "number": row.number, "kind": row.kind}
        show(value, f"Entered for {row.number}: {row.kind}", as_json=as_json)


reason_option = click.option("--reason", required=True, help="What the register keeps.")


@click.command("register-change")
@click.argument("id")
@reason_option
@key_option
@json_option
def register_change(id: str, reason: str, key: Path, as_json: bool) -> None:
    """Enter a change of what is registered.

    \b
    Example: sluice dataset register-change tumor.breast --reason "Two more hospitals" --key steward.key
    """
    _amend(id, "change", reason, key, as_json=as_json)


@click.command("register-correct")
@click.argument("id")
@reason_option
@key_option
@json_option
def register_correct(id: str, reason: str, key: Path, as_json: bool) -> None:
    """Enter a correction of what was registered by mistake.

    \b
    Example: sluice dataset register-correct tumor.breast --reason "Wrong district" --key steward.key
    """
    _amend(id, "correction", reason, key, as_json=as_json)


@click.command("register-cancel")
@click.argument("id")
@reason_option
@key_option
@json_option
def register_cancel(id: str, reason: str, key: Path, as_json: bool) -> None:
    """Cancel the registration. Its releases must be withdrawn before; its history stays.

    \b
    Example: sluice dataset register-cancel tumor.breast --reason "The registry closed" --key steward.key
    """
    _amend(id, "cancellation", reason, key, as_json=as_json)


@click.command()
@click.argument("id")
@click.option("--from", "starts_on", required=True, type=DAY, help="The first day of the period, YYYY-MM-DD.")
@click.option("--to", "ends_on", required=True, type=DAY, help="The first day after it.")
@click.option("--revenue-fen", required=True, type=click.IntRange(min=0), help="What may be earned in it.")
@click.option("--per-query-fen", required=True, type=click.IntRange(min=0), help="The highest price of a query.")
@click.option("--per-gb-fen", required=True, type=click.IntRange(min=0), help="The highest price of a GB.")
@click.option(
    "--flat-monthly-fen",
    default=0,
    type=click.IntRange(min=0),
    help="The highest flat price of a month.",
)
@key_option
@json_option
def ceiling(
    id: str,
    starts_on: datetime,
    ends_on: datetime,
    revenue_fen: int,
    per_query_fen: int,
    per_gb_fen: int,
    flat_monthly_fen: int,
    key: Path,
    as_json: bool,
) -> None:
    """List the highest prices and the permitted revenue of a period. Needs an administrator's key.

    Offers above the ceiling are refused. What is earned beyond the permitted revenue is taken off the next period's.

    \b
    Example: sluice dataset ceiling tumor.breast --from 2027-01-01 --to 2028-01-01 --revenue-fen 50000000 \\
               --per-query-fen 20 --per-gb-fen 8000 --key admin.key
    """
    from catalog.ceilings import list_ceiling
    from policies.ceiling import Listed

    with opened() as home:
        _, admin = acting(home, key, Role.ADMINISTRATOR)
        with home.database.writing() as session:
            row = list_ceiling(
                session,
                id,
                Listed(per_query_fen=per_query_fen, per_gb_fen=per_gb_fen, flat_monthly_fen=flat_monthly_fen),
                starts_on=starts_on.date(),
                ends_on=ends_on.date(),
                revenue_fen=revenue_fen,
                by=admin.id,
                at=now(),
            )
        value = {"dataset": id, "from": row.starts_on.isoformat(), "to": row.ends_on.isoformat()}
        show(value, f"The ceiling of {id} from {row.starts_on} to {row.ends_on} is listed", as_json=as_json)


@click.command()
@click.argument("id")
@json_option
def revenue(id: str, as_json: bool) -> None:
    """Show what was earned with the dataset ID in each listed period, what is left, and what the next one bears.

    \b
    Example: sluice dataset revenue tumor.breast
    """
    from catalog.datasets import find_dataset
    from market.query.revenue import standings

    with opened() as home, home.database.reading() as session:
        find_dataset(session, id)
        periods = [
            {
                "from": row.starts_on.isoformat(),
                "to": row.ends_on.isoformat(),
                "ceiling_fen": stands.listed_fen,
                "deducted_fen": stands.deducted_fen,
                "permitted_fen": stands.permitted_fen,
                "earned_fen": stands.earned_fen,
                "left_fen": stands.left_fen,
                "excess_fen": stands.excess_fen,
            }
            for row, stands in standings(session, id)
        ]
    words = [
        f"{p['from']} to {p['to']}: earned {p['earned_fen']} of {p['permitted_fen']} fen, {p['left_fen']} left"
        + (f"; {p['excess_fen']} are taken off the next period" if p["excess_fen"] else "")
        for p in periods
    ]
    show({"dataset": id, "periods": periods}, "\n".join(words) or f"No ceiling is listed for {id}", as_json=as_json)


COMMANDS = (register, register_change, register_correct, register_cancel, ceiling, revenue)
