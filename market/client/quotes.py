"""A price, as the service gives it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Quote:
    """What a statement would touch and cost, in fen; the bill is this very value."""

    columns: tuple[str, ...]
    billed_bytes: int
    amount_fen: int
    monthly_fen_due: int
    """The flat price of this month, where it is not paid yet."""
