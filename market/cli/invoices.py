"""Invoices for what firms used on account: issue, list, note as paid."""

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from market.cli.common import acting, json_option, key_option, now, opened, show
from market.parties.models import Role

if TYPE_CHECKING:
    from market.billing.models import Invoice


@click.group()
def invoice() -> None:
    """Monthly invoices for post-paid use."""


@invoice.command()
@click.option("--month", required=True, help="A month that is over, such as 2026-11.")
@click.option("--due-days", default=30, show_default=True, type=click.IntRange(0, 365), help="Days to pay in.")
@key_option
@json_option
def issue(month: str, due_days: int, key: Path, as_json: bool) -> None:
    """Invoice every firm that used something on account in the month. Needs an administrator's key.

    A firm that was invoiced for the month is not invoiced again: run it as often as you like.

    \b
    Example: sluice invoice issue --month 2026-11 --key admin.key
    """
    from market.billing.invoices import issue as issue_invoices
    from policies.calendar import Month, day_of

    with opened() as home:
        _, admin = acting(home, key, Role.ADMINISTRATOR)
        at = now()
        due_on = day_of(at) + timedelta(days=due_days)
        with home.database.writing() as session:
            rows = issue_invoices(session, Month.parse(month), due_on=due_on, by=admin.id, at=at)
        _show(rows, as_json=as_json)


@invoice.command("list")
@click.option("--month", help="Only of this month.")
@key_option
@json_option
def listed(month: str | None, key: Path, as_json: bool) -> None:
    """List invoices: a licensee those of their firm, administrators and auditors all.

    \b
    Example: sluice invoice list --key me.key
    """
    from market.billing.invoices import invoices
    from policies.calendar import Month

    with opened() as home:
        member, _ = acting(home, key, Role.LICENSEE, Role.ADMINISTRATOR, Role.AUDITOR)
        firm = member.organisation if member.role == Role.LICENSEE else None
        asked = None if month is None else Month.parse(month)
        with home.database.reading() as session:
            _show(list(invoices(session, firm=firm, month=asked)), as_json=as_json)


@invoice.command()
@click.argument("invoice_id")
@key_option
@json_option
def pay(invoice_id: str, key: Path, as_json: bool) -> None:
    """Note that INVOICE_ID was paid; the firm may use as much again. Needs an administrator's key.

    \b
    Example: sluice invoice pay 01H… --key admin.key
    """
    from market.billing.invoices import pay as pay_invoice

    with opened() as home:
        _, admin = acting(home, key, Role.ADMINISTRATOR)
        with home.database.writing() as session:
            row = pay_invoice(session, invoice_id, by=admin.id, at=now())
        show(_told(row), f"Invoice {row.id} is paid", as_json=as_json)


def _show(rows: "list[Invoice]", *, as_json: bool) -> None:
    from policies.pricing import yuan

    words = [
        f"{row.id}  {row.month}  firm {row.firm_id}: {yuan(row.amount_fen)} CNY, "
        + ("paid" if row.paid_at else f"due on {row.due_on}")
        for row in rows
    ]
    show({"invoices": [_told(row) for row in rows]}, "\n".join(words) or "None.", as_json=as_json)


def _told(row: "Invoice") -> dict[str, Any]:
    return {
        "invoice": row.id,
        "firm": row.firm_id,
        "month": row.month,
        "amount_fen": row.amount_fen,
        "lines": row.statement_hash,
        "issued_at": row.issued_at,
        "due_on": row.due_on,
        "paid_at": row.paid_at,
    }
