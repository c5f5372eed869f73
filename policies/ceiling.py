"""What a listed ceiling permits: prices below it, and revenue whose excess is taken off the next period.

After 发改价格〔2025〕65号: public-interest use may be free; for the rest, prices stay below the listed ones, and
what is earned beyond the permitted revenue lowers that of the period after it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from policies.pricing import BYTES_PER_MB, Price, check_count

WHOLE = "A ceiling is a whole number of fen from 0 up."
PARTS = ("per_query_fen", "per_gb_fen", "flat_monthly_fen")
"""Of a price, each held to its own ceiling; a monthly maximum and free purposes only ever make it lower."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """The highest prices of a period."""

    per_query_fen: int
    per_gb_fen: int
    flat_monthly_fen: int = 0
    """0: no flat price is listed, so none may be asked."""

    def __post_init__(self) -> None:
        for name in PARTS:
            check_count(f"ceiling.{name}", getattr(self, name), fix=WHOLE)

    def exceeded_by(self, price: Price) -> str | None:
        """Say in which part *price* asks for more; none where it does not.

        A minimum of bytes is a price per query by another name: the least that a query costs is held to the ceiling.
        """
        for name in PARTS:
            if getattr(price, name) > getattr(self, name):
                return name
        least = Price(per_query_fen=self.per_query_fen, per_gb_fen=self.per_gb_fen).amount_fen(BYTES_PER_MB)
        return "minimum_bytes" if price.amount_fen(price.billed_bytes(0)) > least else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """A period's permitted revenue as listed, and what was earned in it."""

    listed_fen: int
    earned_fen: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a period stands once the excess of those before it is taken off."""

    listed_fen: int
    deducted_fen: int
    """Of its own permitted revenue, for the excess of earlier periods."""
    earned_fen: int
    excess_fen: int
    """What is taken off the next period."""

    @property
    def permitted_fen(self) -> int:
        """What may be earned in this period."""
        return self.listed_fen - self.deducted_fen

    @property
    def left_fen(self) -> int:
        """What may still be earned in this period."""
        return max(0, self.permitted_fen - self.earned_fen)


def settle(periods: Iterable[Period]) -> Iterator[Standing]:
    """Carry each period's excess into the next, and what is too large for that one into the one after."""
    excess = 0
    for period in periods:
        deducted = min(excess, period.listed_fen)
        beyond = max(0, period.earned_fen - (period.listed_fen - deducted))
        excess = excess - deducted + beyond
        yield Standing(
            listed_fen=period.listed_fen, deducted_fen=deducted, earned_fen=period.earned_fen, excess_fen=excess
        )
