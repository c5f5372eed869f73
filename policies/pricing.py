"""What a question costs: integers all the way, the same number in the quote and on the bill."""

from dataclasses import dataclass

from policies.errors import TermsError

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
    """A price list: a sum per query and a sum per GB of compressed column bytes that the query must read."""

    per_query_fen: int = 0
    per_gb_fen: int = 0
    minimum_bytes: int = BYTES_PER_MB

    def __post_init__(self) -> None:
        for name in ("per_query_fen", "per_gb_fen", "minimum_bytes"):
            check_count(f"price.{name}", getattr(self, name), fix="Prices and sizes are whole numbers from 0 up.")

    def billed_bytes(self, footprint_bytes: int) -> int:
        """Round the bytes a query must read up to whole MB, and to the minimum."""
        megabytes = -(-footprint_bytes // BYTES_PER_MB)
        return max(megabytes * BYTES_PER_MB, self.minimum_bytes)

    def amount_fen(self, billed_bytes: int) -> int:
        """Price *billed_bytes*; a started fen is a whole one."""
        return self.per_query_fen - (-billed_bytes * self.per_gb_fen // BYTES_PER_GB)


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """What a statement would touch and cost, known before it runs. The bill is this very value."""

    columns: tuple[str, ...]
    """`table.column`, sorted."""
    footprint_bytes: int
    billed_bytes: int
    amount_fen: int


def quote(price: Price, *, columns: tuple[str, ...], footprint_bytes: int) -> Quote:
    """Price a statement that touches *columns* and must read *footprint_bytes*."""
    billed = price.billed_bytes(footprint_bytes)
    return Quote(
        columns=tuple(sorted(columns)),
        footprint_bytes=footprint_bytes,
        billed_bytes=billed,
        amount_fen=price.amount_fen(billed),
    )
