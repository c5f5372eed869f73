"""Money and quotas: top up, read, verify."""

from pathlib import Path

import click

from market.cli.common import acting, json_option, key_option, now, opened, show
from market.parties.models import Role


@click.group()
def ledger() -> None:
    """Money and quotas in double entry."""


@ledger.command()
@click.argument("firm_id")
@click.argument("amount_fen", type=click.IntRange(1))
@key_option
@json_option
def credit(firm_id: str, amount_fen: int, key: Path, as_json: bool) -> None:
    """Top FIRM_ID's prepaid credit up by AMOUNT_FEN. Needs an administrator's key.

    \b
    Example: sluice ledger credit 01H… 100000 --key admin.key
    """
    from catalog.errors import NotFound
    from market.ledger.models import Kind, Unit
    from market.ledger.transfers import grant, left, open_account
    from market.parties.models import Firm

    with opened() as home:
        _, admin = acting(home, key, Role.ADMINISTRATOR)
        with home.database.writing() as session:
            if session.get(Firm, firm_id) is None:
                raise NotFound(f"firm {firm_id!r}", "there is none", fix="Enter it: sluice firm add.")
            at = now()
            account = open_account(session, owner=firm_id, kind=Kind.CREDIT, unit=Unit.FEN, at=at)
            transfer = grant(session, account, amount_fen, unit=Unit.FEN, cause="top-up", by=admin.id, at=at)
            balance = left(session, account)
        value = {"transfer": transfer, "balance_fen": balance}
        show(value, f"{balance / 100:.2f} CNY are available", as_json=as_json)


@ledger.command()
@key_option
@json_option
def balance(key: Path, as_json: bool) -> None:
    """Say what your firm and its agreements have left.

    \b
    Example: sluice ledger balance --key me.key
    """
    from sqlmodel import col, select

    from market.ledger.models import Account
    from market.licensing.models import Agreement

    with opened() as home:
        member, _ = acting(home, key, Role.LICENSEE)
        with home.database.reading() as session:
            owners = [member.organisation]
            owners += session.exec(select(Agreement.id).where(Agreement.firm_id == member.organisation)).all()
            rows = session.exec(select(Account).where(col(Account.owner).in_(owners), col(Account.capped))).all()
            value = [
                {
                    "owner": r.owner,
                    "kind": r.kind,
                    "unit": r.unit,
                    "left": r.balance - r.reserved,
                    "reserved": r.reserved,
                }
                for r in rows
            ]
    words = "\n".join(f"{row['owner']}  {row['kind']:7} {row['left']:>16,} {row['unit']}" for row in value)
    show({"accounts": value}, words, as_json=as_json)


@ledger.command()
@json_option
def verify(as_json: bool) -> None:
    """Derive every figure again from the transfers, and match each answer with its one payment.

    \b
    Example: sluice ledger verify --json
    """
    from market.ledger.verify import verify as verify_accounts
    from market.query.reconcile import reconcile

    with opened() as home, home.database.reading() as session:
        faults = [*verify_accounts(session), *reconcile(session)]
    show({"ok": not faults, "faults": faults}, "\n".join(faults) or "The ledger holds.", as_json=as_json)
    if faults:
        raise click.exceptions.Exit(1)
