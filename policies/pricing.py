"""What a question costs: integers all the way, the same number in the quote and on the bill."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Self

from policies.canonical import plain
from policies.errors import TermsError
from policies.purpose import Purpose

BYTES_PER_GB = 1_000_000_000
BYTES_PER_MB = 1_000_000


def check_count(place: str, value: object, *, fix: str) -> None:
    """Refuse what is no whole number from 0 up."""
    if type(value) is not int:
        raise TermsError(place, "is no whole number", fix=fix)
    if value < 0:
        raise TermsError(place, "is negative", fix=fix)


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """A price plan: per query, per GB of compressed column bytes that a query must read, and per calendar month.

    Months are the city's. Public-interest use may be free, after 发改价格〔2025〕65号.
    """

    per_query_fen: int = 0
    per_gb_fen: int = 0
    minimum_bytes: int = BYTES_PER_MB
    free_purposes: tuple[Purpose, ...] = ()
    """Purposes for which use is free of every price here."""
    flat_monthly_fen: int = 0
    """Due once for each month in which something is asked that is not free."""
    monthly_maximum_fen: int | None = None
    """The most that is charged in a month, the flat price included; None: no such limit."""

    def __post_init__(self) -> None:
        whole = "Prices and sizes are whole numbers from 0 up."
        for name in ("per_query_fen", "per_gb_fen", "minimum_bytes", "flat_monthly_fen"):
            check_count(f"price.{name}", getattr(self, name), fix=whole)
        if self.monthly_maximum_fen is not None:
            place, fix = "price.monthly_maximum_fen", "Give a maximum from 1 fen up, or none."
            check_count(place, self.monthly_maximum_fen, fix=fix)
            if self.monthly_maximum_fen == 0:
                raise TermsError(place, "leaves nothing to charge", fix=fix)
            if self.flat_monthly_fen > self.monthly_maximum_fen:
                fix = "Raise the maximum: it includes the flat price."
                raise TermsError("price.flat_monthly_fen", "is above the monthly maximum", fix=fix)

    def billed_bytes(self, footprint_bytes: int) -> int:
        """Round the bytes a query must read up to whole MB, and to the minimum."""
        megabytes = -(-footprint_bytes // BYTES_PER_MB)
        return max(megabytes * BYTES_PER_MB, self.minimum_bytes)

    def amount_fen(self, billed_bytes: int) -> int:
        """Price *billed_bytes*; a started fen is a whole one."""
        return self.per_query_fen - (-billed_bytes * self.per_gb_fen // BYTES_PER_GB)

    def flat_fen(self, purpose: Purpose) -> int:
        """Give the flat price of a month in which something is asked for *purpose*."""
        return 0 if purpose in self.free_purposes else self.flat_monthly_fen

    def to_dict(self) -> dict[str, Any]:
        """Give the JSON object that `from_dict` reads back to an equal price.

        Of what came later, what was not used is left out: so it is the object that was signed before.
        """
        value: dict[str, Any] = plain(self)
        for field in fields(self):
            if field.name in ADDED and getattr(self, field.name) == field.default:
                del value[field.name]
        return value

    @classmethod
    def from_dict(cls, raw: Mapping[str, Any]) -> Self:
        """Read a price.

        Raises:
            TypeError, ValueError: a key is unknown, or a purpose.
            TermsError: a number is not acceptable.
        """
        return cls(**{**raw, "free_purposes": tuple(Purpose(code) for code in raw.get("free_purposes", ()))})


ADDED = ("free_purposes", "flat_monthly_fen", "monthly_maximum_fen")
"""Parts of a price that terms signed before there were any do not name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """What a statement would touch and cost, known before it runs. The bill's list price is this very amount."""

    columns: tuple[str, ...]
    """`table.column`, sorted."""
    footprint_bytes: int
    billed_bytes: int
    amount_fen: int


def quote(price: Price, *, purpose: Purpose, columns: tuple[str, ...], footprint_bytes: int) -> Quote:
    """Price a statement that touches *columns* and must read *footprint_bytes*, asked for *purpose*."""
    billed = price.billed_bytes(footprint_bytes)
    return Quote(
        columns=tuple(sorted(columns)),
        footprint_bytes=footprint_bytes,
        billed_bytes=billed,
        amount_fen=0 if purpose in price.free_purposes else price.amount_fen(billed),
    )


def together(quotes: Sequence[Quote]) -> Quote:
    """Sum the quotes of one statement under several agreements."""
    if len(quotes) == 1:
        return quotes[0]
    return Quote(
        columns=tuple(sorted(column for one in quotes for column in one.columns)),
        footprint_bytes=sum(one.footprint_bytes for one in quotes),
        billed_bytes=sum(one.billed_bytes for one in quotes),
        amount_fen=sum(one.amount_fen for one in quotes),
    )


def yuan(fen: int) -> str:
    """Write an amount in yuan with two digits, by integers alone."""
    return f"{'-' if fen < 0 else ''}{abs(fen) // 100}.{abs(fen) % 100:02}"
