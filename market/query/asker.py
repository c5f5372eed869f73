"""Who asks a question."""

from dataclasses import dataclass

from catalog.ids import MemberId


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks: a member, for a firm."""

    id: MemberId
    firm: str | None
