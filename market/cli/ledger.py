"""Money and quotas: top up, set limits, read, verify."""

from pathlib import Path

import click

from market.cli.common import acting, json_option, key_option, now, opened, show
from market.cli.statements import focus, statement
from market.parties.models import Role
from policies.pricing import yuan

FEN = click.IntRange(1, 10**15)


@click.group()
def ledger() -> None:
    """Money and quotas in double entry."""


ledger.add_command(statement)
ledger.add_command(focus)


@ledger.command()
@click.argument("firm_id")
@click.argument("amount_fen", type=FEN)
@click.option("--idempotency-key", help="The same key again is the same top-up, and no second one.")
@key_option
@json_option
def credit(firm_id: str, amount_fen: int, idempotency_key: str | None, key: Path, as_json: bool) -> None:
    """Top FIRM_ID's prepaid credit up by AMOUNT_FEN. Needs an administrator's key.

    \b
    Example: sluice ledger credit 01H… 100000 --idempotency-key payment-2026-0001 --key admin.key
    """
    from market.billing.purses import top_up

    with opened() as home:
        _, admin = acting(home, key, Role.ADMINISTRATOR)
        with home.database.writing() as session:
            paid = top_up(session, firm_id, amount_fen, key=idempotency_key, by=admin.id, at=now())
    value = {"transfer": paid.transfer, "balance_fen": paid.left_fen}
    show(value, f"{yuan(paid.left_fen)} CNY are available", as_json=as_json)


@ledger.command()
@click.argument("firm_id")
@click.argument("limit_fen", type=click.IntRange(0, 10**15))
@key_option
@json_option
def postpaid(firm_id: str, limit_fen: int, key: Path, as_json: bool) -> None:
    """Let FIRM_ID use up to LIMIT_FEN on account before it pays its invoices. Needs an administrator's key.

    It pays from its credit while that holds enough; 0 ends it.

    \b
    Example: sluice ledger postpaid 01H… 5000000 --key admin.key
    """
    from market.billing.purses import set_limit

    with opened() as home:
        _, admin = acting(home, key, Role.ADMINISTRATOR)
        with home.database.writing() as session:
            paid = set_limit(session, firm_id, limit_fen, by=admin.id, at=now())
    value = {"transfer": paid.transfer, "limit_fen": limit_fen, "balance_fen": paid.left_fen}
    show(value, f"{yuan(paid.left_fen)} CNY can be used on account", as_json=as_json)


@ledger.command()
@key_option
@json_option
def balance(key: Path, as_json: bool) -> None:
    """Say what your firm and its agreements have left, and what its vouchers and maxima leave to draw.

    \b
    Example: sluice ledger balance --key me.key
    """
    from sqlmodel import col, select

    from market.billing.models import Voucher
    from market.ledger.models import Account
    from market.licensing.models import Agreement
    from policies.calendar import Month

    with opened() as home:
        member, _ = acting(home, key, Role.LICENSEE)
        month = Month.of(now())
        with home.database.reading() as session:
            firm = member.organisation
            agreements = session.exec(select(Agreement.id).where(Agreement.firm_id == firm)).all()
            vouchers = session.exec(select(Voucher.id).where(Voucher.firm_id == firm)).all()
            owners = [firm, *agreements, *(f"{agreement}/{month}" for agreement in agreements)]
            owners += [f"{voucher}/{month.year}" for voucher in vouchers]
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
    words = "\n".join(f"{row['owner']}  {row['kind']:9} {row['left']:>16,} {row['unit']}" for row in value)
    show({"accounts": value}, words, as_json=as_json)


@ledger.command()
@json_option
def sweep(as_json: bool) -> None:
    """Resolve what is past its time: what dead processes left, what is pending too long, keys of before 30 days.

    Money, bytes, rows and queries that are pending are free again; privacy budget is posted in full.

    \b
    Example: sluice ledger sweep
    """
    from dataclasses import asdict

    from market.query import sweeping

    with opened() as home:
        swept = sweeping.sweep(home.database, is_alive=home.is_alive, at=now())
    resolved = swept.voided + swept.posted
    words = f"{swept.runs} queries finished, {resolved} transfers resolved, {swept.keys} keys forgotten"
    show(asdict(swept), words, as_json=as_json)


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
        at = now()
        faults = [*verify_accounts(session, at=at), *reconcile(session, at=at)]
    show({"ok": not faults, "faults": faults}, "\n".join(faults) or "The ledger holds.", as_json=as_json)
    if faults:
        raise click.exceptions.Exit(1)
