"""Who asks a question."""

from dataclasses import dataclass

from catalog.ids import MemberId


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks: a member, for a firm."""

    id: MemberId
    firm: str | None

    @property
    def party(self) -> str:
        """Among whom places and processors are dealt: the firm, or a member who is of none."""
        return self.firm or self.id
