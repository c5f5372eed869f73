"""Which agreements may be asked together, and by which names: deny by default.

Each of them must allow it in its terms. Two cuts about the same subjects – of one dataset, or of one series – tell more
of a person together than each was measured for alone: for these there is a term of its own, which both must hold.
"""

from collections import Counter
from collections.abc import Sequence

from sqlalchemy import select
from sqlmodel import Session

from catalog.models import Dataset
from market.query.question import Under
from market.query.verdicts import Denied
from policies.decide import Refused, decide_join
from policies.terms import Terms

_DATASETS = Dataset.metadata.tables["dataset"]

Licensed = tuple[str, str, Terms]
"""An agreement, its dataset, and its terms."""


def names_of(under: Sequence[Under], licensed: Sequence[Licensed]) -> tuple[str, ...]:
    """Give the name that each agreement's table has in the statement.

    Raises:
        Denied: two have the same; SQL does not tell capitals from small letters.
    """
    names = tuple(one.alias or terms.table for one, (_, _, terms) in zip(under, licensed, strict=True))
    twice = [name for name, times in Counter(name.lower() for name in names).items() if times > 1]
    if twice:
        fix = f"Give one another name with its agreement: other_{twice[0]}=AGREEMENT."
        raise Denied("table-names-clash", f"Two agreements name their table {twice[0]}.", fix=fix)
    return names


def check_joins(session: Session, licensed: Sequence[Licensed]) -> None:
    """Insist that each of several agreements may be asked together with every other.

    Raises:
        Denied: the terms of one do not allow it; it is named.
    """
    spaces = subject_spaces(session, [dataset for _, dataset, _ in licensed])
    shared = Counter(spaces)
    for (agreement, _, terms), space in zip(licensed, spaces, strict=True):
        for same_subjects, asked in ((True, shared[space] > 1), (False, shared[space] < len(spaces))):
            verdict = decide_join(terms, same_subjects=same_subjects)
            if asked and isinstance(verdict, Refused):
                raise under(agreement, Denied.by_terms(verdict))


def subject_spaces(session: Session, datasets: Sequence[str]) -> list[str]:
    """Say about whom each dataset is: datasets of one series are about the same subjects, as one dataset is."""
    wanted = select(_DATASETS.c.id, _DATASETS.c.series).where(_DATASETS.c.id.in_(datasets))
    series = {row.id: row.series for row in session.connection().execute(wanted)}
    return [f"dataset/{one}" if series.get(one) is None else f"series/{series[one]}" for one in datasets]


def under(agreement: str, denied: Denied) -> Denied:
    """Say of a refusal which of several agreements it is about."""
    message = f"Under agreement {agreement}: {denied.message}"
    return Denied(denied.reason, message, fix=denied.fix, position=denied.position)
