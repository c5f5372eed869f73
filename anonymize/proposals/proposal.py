"""A proposed column and the reason for it, and the short ways to make one."""

from collections.abc import Callable
from dataclasses import dataclass

from anonymize.shapes import Shape
from policies.plan import Column, Role, Treatment


@dataclass(frozen=True, slots=True)
class Proposal:
    """A column of the proposed plan, and the reason in words."""

    column: Column
    reason: str


Rule = Callable[[Shape], Proposal | None]


def direct(shape: Shape, reason: str, scrub: str = "value") -> Proposal:
    """Propose to drop *shape* as a direct identifier, and to remove its values from the notes."""
    return Proposal(Column(name=shape.name, role=Role.DIRECT_IDENTIFIER, treatment=Treatment.DROP, scrub=scrub), reason)


def quasi(shape: Shape, treatment: Treatment, reason: str, *, standard: str | None = None) -> Proposal:
    """Propose *shape* as a quasi-identifier."""
    return Proposal(Column(name=shape.name, role=Role.QUASI_IDENTIFIER, treatment=treatment, standard=standard), reason)


def dropped(shape: Shape, role: Role, reason: str) -> Proposal:
    """Propose to leave *shape* out."""
    return Proposal(Column(name=shape.name, role=role, treatment=Treatment.DROP), reason)


def kind(shape: Shape) -> str:
    """Say how kept values are typed."""
    return shape.type if shape.type in ("integer", "number") else "text"
