"""Subsidy programmes: open, fund, admit firms, revoke, close, list."""

from datetime import datetime
from pathlib import Path

import click

from market.cli.common import acting, json_option, key_option, now, opened, show
from market.parties.models import Role

DAY = click.DateTime(formats=["%Y-%m-%d"])


@click.group()
def programme() -> None:
    """Programmes that pay a share of firms' bills by vouchers."""


@programme.command("open")
@click.option("--zh", required=True, help="Its Chinese name.")
@click.option("--en", required=True, help="Its English name.")
@click.option("--level", default="city", show_default=True, type=click.Choice(["city", "district", "partner"]))
@click.option("--position", default=1, show_default=True, type=click.IntRange(1, 1000), help="Its place in its level.")
@click.option(
    "--share-bp", default=2000, show_default=True, type=click.IntRange(1, 10_000), help="Basis points of a bill."
)
@click.option(
    "--firm-year-cap-fen",
    default=100_000_000,
    show_default=True,
    type=click.IntRange(1, 10**15),
    help="The most for one firm in one calendar year.",
)
@click.option("--from", "starts_on", required=True, type=DAY, help="Its first day, YYYY-MM-DD.")
@click.option("--to", "ends_on", required=True, type=DAY, help="The first day on which it pays no more.")
@key_option
@json_option
def open_(
    zh: str,
    en: str,
    level: str,
    position: int,
    share_bp: int,
    firm_year_cap_fen: int,
    starts_on: datetime,
    ends_on: datetime,
    key: Path,
    as_json: bool,
) -> None:
    """Open a programme; it pays once it is funded. Needs an administrator's key.

    \b
    Example: sluice programme open --zh 数据券 --en "Data vouchers" --from 2027-01-01 --to 2028-01-01 --key admin.key
    """
    from market.billing.models import Level
    from market.billing.programmes import Subsidy, open_programme

    subsidy = Subsidy(
        level=Level(level),
        position=position,
        share_bp=share_bp,
        firm_year_cap_fen=firm_year_cap_fen,
        starts_on=starts_on.date(),
        ends_on=ends_on.date(),
    )
    with opened() as home:
        _, admin = acting(home, key, Role.ADMINISTRATOR)
        with home.database.writing() as session:
            row = open_programme(session, subsidy, name_zh=zh, name_en=en, by=admin.id, at=now())
        show({"programme": row.id}, f"{en} is programme {row.id}; fund it next", as_json=as_json)


@programme.command()
@click.argument("programme_id")
@click.argument("amount_fen", type=click.IntRange(1, 10**15))
@key_option
@json_option
def fund(programme_id: str, amount_fen: int, key: Path, as_json: bool) -> None:
    """Give PROGRAMME_ID another AMOUNT_FEN to pay vouchers from. Needs an administrator's key.

    When it runs dry it pays what is left, and then nothing.

    \b
    Example: sluice programme fund 01H… 500000000 --key admin.key
    """
    from market.billing.programmes import fund as fund_programme

    with opened() as home:
        _, admin = acting(home, key, Role.ADMINISTRATOR)
        with home.database.writing() as session:
            transfer = fund_programme(session, programme_id, amount_fen, by=admin.id, at=now())
        show({"transfer": transfer}, f"{programme_id} has {amount_fen:,} fen more", as_json=as_json)


@programme.command()
@click.argument("programme_id")
@click.argument("firm_id")
@key_option
@json_option
def admit(programme_id: str, firm_id: str, key: Path, as_json: bool) -> None:
    """Give FIRM_ID the voucher of PROGRAMME_ID. Needs an administrator's key.

    \b
    Example: sluice programme admit 01H… 01H… --key admin.key
    """
    from market.billing.programmes import admit as admit_firm

    with opened() as home:
        _, admin = acting(home, key, Role.ADMINISTRATOR)
        with home.database.writing() as session:
            row = admit_firm(session, programme_id, firm_id, by=admin.id, at=now())
        show({"voucher": row.id}, f"Firm {firm_id} holds voucher {row.id}", as_json=as_json)


@programme.command()
@click.argument("voucher_id")
@key_option
@json_option
def revoke(voucher_id: str, key: Path, as_json: bool) -> None:
    """End VOUCHER_ID; what it paid stays paid. Needs an administrator's key.

    \b
    Example: sluice programme revoke 01H… --key admin.key
    """
    from market.billing.programmes import revoke as revoke_voucher

    with opened() as home:
        _, admin = acting(home, key, Role.ADMINISTRATOR)
        with home.database.writing() as session:
            row = revoke_voucher(session, voucher_id, by=admin.id, at=now())
        show({"voucher": row.id}, f"Voucher {row.id} is revoked", as_json=as_json)


@programme.command()
@click.argument("programme_id")
@key_option
@json_option
def close(programme_id: str, key: Path, as_json: bool) -> None:
    """End PROGRAMME_ID for all firms, early. Needs an administrator's key.

    \b
    Example: sluice programme close 01H… --key admin.key
    """
    from market.billing.programmes import close as close_programme

    with opened() as home:
        _, admin = acting(home, key, Role.ADMINISTRATOR)
        with home.database.writing() as session:
            row = close_programme(session, programme_id, by=admin.id, at=now())
        show({"programme": row.id}, f"Programme {row.id} is closed", as_json=as_json)


@programme.command("list")
@key_option
@json_option
def listed(key: Path, as_json: bool) -> None:
    """List the programmes in the order in which they pay. A licensee sees the vouchers of their own firm alone.

    \b
    Example: sluice programme list --key me.key
    """
    from market.billing.overview import overview

    with opened() as home:
        member, _ = acting(home, key, Role.ADMINISTRATOR, Role.AUDITOR, Role.LICENSEE)
        firm = member.organisation if member.role == Role.LICENSEE else None
        with home.database.reading() as session:
            value = overview(session, firm=firm, at=now())
    words = [
        f"{told['programme']}  {told['name_en']}: {told['level']}, {told['share_bp'] / 100:g} % up to "
        f"{told['firm_year_cap_fen']:,} fen a firm and year, {told['from']} to {told['to']}"
        + ("; closed" if told["closed"] else "")
        + "".join(
            f"\n  {voucher['voucher']}  firm {voucher['firm']}: {voucher['drawn_fen']:,} fen drawn this year"
            + ("; revoked" if voucher["revoked"] else "")
            for voucher in told["vouchers"]
        )
        for told in value
    ]
    show({"programmes": value}, "\n".join(words) or "None.", as_json=as_json)
