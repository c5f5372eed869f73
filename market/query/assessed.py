"""What agreements give access to, and a question that may be answered under them, at a price."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from market.query.aggregates.guarded import Guarded, Rules
from market.query.question import Question
from market.query.statements.lineage import Binder, Files
from policies import pricing
from policies.pricing import Quote
from policies.terms import Purpose, Terms


@dataclass(frozen=True, slots=True)
class Grant:
    """What an agreement gives access to; it never changes once signed."""

    agreement_id: str
    firm_id: str
    publisher_id: str
    edition_id: str
    release_id: str
    dataset_id: str
    terms: Terms
    files: Mapping[str, tuple[Path, ...]]
    lineage: Binder
    rules: Rules | None
    """By what aggregates are guarded; none where rows may be asked for."""

    @property
    def named(self) -> dict[str, str]:
        """What is licensed and to whom, as entries of the log name it."""
        return {
            "agreement": self.agreement_id,
            "firm": self.firm_id,
            "edition": self.edition_id,
            "release": self.release_id,
            "dataset": self.dataset_id,
        }


@dataclass(frozen=True, slots=True)
class Share:
    """What a question reads under one of its agreements, and what that costs."""

    grant: Grant
    table: str
    """The name that the agreement's table has in the statement."""
    quote: Quote
    monthly_fen_due: int
    """The flat price of this month, which is charged before its first question; 0: none, or charged."""


@dataclass(frozen=True, slots=True)
class Assessed:
    """A question that may be answered, and its price."""

    question: Question
    purpose: Purpose
    shares: tuple[Share, ...]
    """One for each agreement; the first leads."""
    files: Files
    """All that is read, by the names that the statement uses."""
    guarded: Guarded | None
    """What is run instead, where the agreement is for aggregates."""
    rows_at_most: int | None
    """How many rows the answer cannot exceed, where that is known before."""

    @property
    def grant(self) -> Grant:
        """What the leading agreement gives access to."""
        return self.shares[0].grant

    @property
    def quote(self) -> Quote:
        """The price under all agreements together."""
        return pricing.together([share.quote for share in self.shares])

    @property
    def monthly_fen_due(self) -> int:
        """The flat prices of this month that are charged before."""
        return sum(share.monthly_fen_due for share in self.shares)

    def told(self) -> list[dict[str, Any]]:
        """Say what is read under each agreement, and its price."""
        return [
            {
                "agreement": share.grant.agreement_id,
                "table": share.table,
                "columns": list(share.quote.columns),
                "billed_bytes": share.quote.billed_bytes,
                "amount_fen": share.quote.amount_fen,
                "monthly_fen_due": share.monthly_fen_due,
            }
            for share in self.shares
        ]
