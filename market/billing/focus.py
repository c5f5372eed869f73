"""Bills in the columns of FOCUS 1.2, the FinOps Open Cost and Usage Specification (focus.finops.org), as CSV.

A question is one usage line, a flat price one recurring purchase, and what each voucher pays of them a negative credit
line. What a monthly maximum takes off lowers the line itself. A refund repeats the lines of its charge with the
opposite sign; it is a correction where it gives back what an earlier month was billed.
"""

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import IO

from market.billing.charges import Charge
from policies.calendar import Month
from policies.pricing import yuan

MANDATORY = (
    "BilledCost",
    "BillingAccountId",
    "BillingAccountName",
    "BillingCurrency",
    "BillingPeriodEnd",
    "BillingPeriodStart",
    "ChargeCategory",
    "ChargeClass",
    "ChargeDescription",
    "ChargePeriodEnd",
    "ChargePeriodStart",
    "ContractedCost",
    "EffectiveCost",
    "InvoiceIssuerName",
    "ListCost",
    "PricingQuantity",
    "PricingUnit",
    "ProviderName",
    "PublisherName",
    "ServiceCategory",
    "ServiceName",
)
OPTIONAL = (
    "ChargeFrequency",
    "ConsumedQuantity",
    "ConsumedUnit",
    "ContractedUnitPrice",
    "InvoiceId",
    "ListUnitPrice",
    "PricingCategory",
    "ServiceSubcategory",
    "SkuId",
    "SkuPriceId",
    "SubAccountId",
)
"""Conditional and recommended columns that there is something to say in."""
OWN = (
    "x_AgreementId",
    "x_ReleaseId",
    "x_DatasetId",
    "x_Purpose",
    "x_ChargeId",
    "x_LogIndex",
    "x_PaidFrom",
    "x_MaximumDiscount",
    "x_ProgrammeId",
    "x_VoucherId",
)
COLUMNS = (*sorted(MANDATORY + OPTIONAL), *OWN)

PROVIDER = "Sluice"
CURRENCY = "CNY"

FORMULA = frozenset("=+-@\t\r\n＝＋－＠")
"""What a spreadsheet takes for the beginning of a formula."""

Row = Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class Names:
    """What people call the things that charges name by identifier, and the invoice of each firm and month."""

    firms: Mapping[str, str]
    datasets: Mapping[str, str]
    publishers: Mapping[str, str]
    """By dataset."""
    programmes: Mapping[str, str]
    invoices: Mapping[tuple[str, str], str]
    """By firm and month."""


def rows(charges: Iterable[Charge], names: Names) -> Iterator[Row]:
    """Give the lines of *charges*: a value of every column, None where there is nothing to say."""
    for charge in charges:
        common = dict.fromkeys(COLUMNS, None) | _common(charge, names)
        yield common | (_usage(charge) if charge.month is None else _flat(charge, charge.month))
        for part in charge.bill.vouchers:
            amount = yuan(part.amount_fen if charge.refund else -part.amount_fen)
            yield common | {
                "ChargeCategory": "Credit",
                "ChargeDescription": f"{'Taken back: v' if charge.refund else 'V'}oucher of "
                f"{names.programmes.get(part.programme, part.programme)}, for {_what(charge)}",
                **dict.fromkeys(("BilledCost", "EffectiveCost", "ListCost", "ContractedCost"), amount),
                "x_ProgrammeId": part.programme,
                "x_VoucherId": part.voucher,
            }


def write(lines: Iterable[Row], file: IO[str]) -> int:
    """Write *lines* as CSV and give their number. No cell of text begins as a formula does."""
    writer = csv.writer(file)
    writer.writerow(COLUMNS)
    count = 0
    for line in lines:
        writer.writerow([_cell(name, line[name]) for name in COLUMNS])
        count += 1
    return count


def _common(charge: Charge, names: Names) -> dict[str, str | None]:
    month = Month.of(charge.booked_at)
    begins, ends = charge.incurred_at, charge.incurred_at + timedelta(seconds=1)
    if charge.month is not None:
        begins, ends = charge.month.begins_at, charge.month.ends_at
    dataset = charge.dataset or ""
    on_account = charge.bill.account == "postpaid"
    return {
        "BillingAccountId": charge.firm,
        "BillingAccountName": names.firms.get(charge.firm),
        "BillingCurrency": CURRENCY,
        "BillingPeriodStart": _moment(month.begins_at),
        "BillingPeriodEnd": _moment(month.ends_at),
        "ChargeClass": "Correction" if charge.refund and Month.of(charge.incurred_at) != month else None,
        "ChargeFrequency": "Usage-Based" if charge.month is None else "Recurring",
        "ChargePeriodStart": _moment(begins),
        "ChargePeriodEnd": _moment(ends),
        "InvoiceId": names.invoices.get((charge.firm, str(month))) if on_account else None,
        "InvoiceIssuerName": PROVIDER,
        "ProviderName": PROVIDER,
        "PublisherName": names.publishers.get(dataset, PROVIDER),
        "ServiceCategory": "Databases",
        "ServiceSubcategory": "Other (Databases)",
        "ServiceName": names.datasets.get(dataset, dataset or "Licensed data"),
        "SkuId": charge.edition,
        "SkuPriceId": f"{charge.edition}/{'query' if charge.month is None else 'month'}",
        "SubAccountId": charge.agreement,
        "x_AgreementId": charge.agreement,
        "x_ReleaseId": charge.release,
        "x_DatasetId": charge.dataset,
        "x_Purpose": charge.purpose,
        "x_ChargeId": charge.id,
        "x_LogIndex": str(charge.index),
        "x_PaidFrom": charge.bill.account,
    }


def _usage(charge: Charge) -> dict[str, str | None]:
    sign = -1 if charge.refund else 1
    return {
        "ChargeCategory": "Usage",
        "PricingUnit": "Requests",
        "ConsumedQuantity": None if charge.billed_bytes is None else str(sign * charge.billed_bytes),
        "ConsumedUnit": None if charge.billed_bytes is None else "B",
        **_priced(charge),
    }


def _flat(charge: Charge, month: Month) -> dict[str, str | None]:
    return {"ChargeCategory": "Purchase", "PricingUnit": "Months", **_priced(charge)}


def _priced(charge: Charge) -> dict[str, str | None]:
    sign, bill = -1 if charge.refund else 1, charge.bill
    what = _what(charge)
    return {
        "ChargeDescription": f"Refund of {what}" if charge.refund else f"{what[0].upper()}{what[1:]}",
        "ListCost": yuan(sign * bill.list_fen),
        "ContractedCost": yuan(sign * bill.list_fen),
        "BilledCost": yuan(sign * bill.charged_fen),
        "EffectiveCost": yuan(sign * bill.charged_fen),
        "ListUnitPrice": yuan(bill.list_fen),
        "ContractedUnitPrice": yuan(bill.list_fen),
        "PricingCategory": "Standard",
        "PricingQuantity": str(sign),
        "x_MaximumDiscount": yuan(sign * bill.discount_fen),
    }


def _what(charge: Charge) -> str:
    if charge.month is not None:
        return f"flat price of {charge.month} for agreement {charge.agreement}"
    return f"query {charge.id} for {charge.purpose}"


def _moment(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


NUMBERS = frozenset(
    name for name in COLUMNS if name.endswith(("Cost", "Quantity", "UnitPrice", "Discount", "LogIndex"))
)


def _cell(name: str, value: str | None) -> str:
    """Give what is written; text that a spreadsheet would take for a formula is quoted as it quotes text itself."""
    if value is None:
        return ""
    return f"'{value}" if value[:1] in FORMULA and name not in NUMBERS else value
