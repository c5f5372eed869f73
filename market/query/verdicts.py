"""A question that may not be answered, with rule and fix, whoever refused it: the terms, the gate or the ledger."""

from typing import Self

from market.query.errors import QueryRefused
from policies.decide import Refused


class Denied(Exception):
    """The question is refused: nothing ran, nothing is charged, and the refusal is in the log."""

    def __init__(self, reason: str, message: str, *, fix: str, position: int | None = None) -> None:
        self.reason, self.message, self.fix, self.position = reason, message, fix, position
        super().__init__(f"{message} {fix}".strip())

    @classmethod
    def by_terms(cls, verdict: Refused) -> Self:
        """The agreement does not cover the use."""
        return cls(verdict.reason, f"Refused: {verdict.reason.replace('-', ' ')}.", fix=verdict.fix)

    @classmethod
    def by_engine(cls, refusal: QueryRefused) -> Self:
        """The statement itself may not run."""
        return cls(refusal.code, refusal.message, fix=refusal.fix, position=refusal.position)
