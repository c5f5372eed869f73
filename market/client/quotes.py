"""A price, as the service gives it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Quote:
    """What a statement would touch and cost, in fen; the bill is this very value."""

    columns: tuple[str, ...]
    billed_bytes: int
    amount_fen: int
    monthly_fen_due: int
    """The flat price of this month, where it is not paid yet."""
    agreements: tuple[Mapping[str, Any], ...] = ()
    """Under several agreements: what is read under each, and its price."""
