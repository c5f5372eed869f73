"""One proposal per column: by a known layout or by the rules, with no more quasi-identifiers than can be searched."""

from collections.abc import Sequence
from dataclasses import replace

from anonymize.proposals import naaccr, rules
from anonymize.proposals.proposal import Proposal
from anonymize.shapes import Shape
from policies.plan import Role, Treatment

MOST = 9
"""Quasi-identifiers proposed at most: the lattice is the product of their levels, and every one thins the classes."""
_FIRST = (
    Treatment.AGE,
    Treatment.PLACE,
    Treatment.TIME,
    Treatment.GRID,
    Treatment.TOPOGRAPHY,
    Treatment.MORPHOLOGY,
    Treatment.GROUP,
    Treatment.DATE,
    Treatment.BAND,
)
"""Which treatments are kept first; of one kind, the first in the source. A second date says little that is new."""


def propose(shapes: Sequence[Shape]) -> list[Proposal]:
    """Propose a role and a treatment for every column; exactly one is the subject."""
    if naaccr.looks_like([shape.name for shape in shapes]):
        return [naaccr.proposal(shape) or rules.proposal(shape) for shape in shapes]
    subject = rules.subject(shapes)
    return _searchable([rules.as_subject(s) if s is subject else rules.proposal(s) for s in shapes])


def _searchable(proposals: list[Proposal]) -> list[Proposal]:
    """Leave out the quasi-identifiers beyond `MOST`, and say so."""
    found = [p for p in proposals if p.column.role is Role.QUASI_IDENTIFIER and p.column.treatment in _FIRST]
    dates = [p for p in found if p.column.treatment is Treatment.DATE]
    ranked = sorted(found, key=lambda p: 0 if dates[:1] == [p] else 1 + _FIRST.index(p.column.treatment))
    beyond = {p.column.name for p in ranked[MOST:]}
    return [_left_out(p) if p.column.name in beyond else p for p in proposals]


def _left_out(proposal: Proposal) -> Proposal:
    column = replace(proposal.column, treatment=Treatment.DROP, standard=None, widths=(), lower=None, upper=None)
    return Proposal(
        column,
        f"{proposal.reason} Left out: more than {MOST} such columns leave no classes of enough people. "
        "Swap it with another if it matters more.",
    )
