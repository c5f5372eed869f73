"""Which part of an edition is to be offered: made and gated before the transaction that offers it, if it is new."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from catalog.actors import Actor
from catalog.cuts import CutSource, MadeCut, enter_cut, make_cut, same_cut, source_of
from catalog.datasets import find_dataset
from catalog.errors import NotPermitted, WrongState
from catalog.models import Cut
from catalog.store import BlobStore
from market.db import Database
from policies.cut import Condition, CutSpec


@dataclass(frozen=True, slots=True)
class Part:
    """A part of an edition, and its bytes where no such cut was there."""

    edition_id: str
    spec: CutSpec
    made: MadeCut | None


def prepare(
    database: Database,
    store: BlobStore,
    edition_id: str,
    *,
    columns: Sequence[str],
    where: Sequence[Condition],
    organisation: str | None,
    by: Actor,
    at: datetime,
) -> Part:
    """Make the bytes of a part, all columns where none are named; a part that was made before is not made again.

    Raises:
        NotPermitted: the edition is another publisher's.
        CutRefused, GateFailed: the part does not pass its gate; nothing is entered.
    """
    with database.reading() as session:
        source = source_of(session, store, edition_id)
        if find_dataset(session, source.together.dataset).publisher_id != organisation:
            raise NotPermitted("publisher", "you do not act for it", fix="Ask one of its stewards.")
        spec = CutSpec(columns=tuple(columns) or _all_columns(source), where=tuple(where))
        known = same_cut(session, edition_id, spec)
    made = None if known else make_cut(store, source, spec, signer=by.signer, at=at)
    return Part(edition_id, spec, made)


def enter(session: Session, part: Part, *, by: Actor, at: datetime) -> Cut:
    """Give the cut that is this part, entered now if it is new."""
    if part.made is not None:
        return enter_cut(session, part.made, by=by, at=at)
    known = same_cut(session, part.edition_id, part.spec)
    if known is None:
        raise WrongState("cut", "went while it was to be offered", fix="Offer it again.")
    return known


def _all_columns(source: CutSource) -> tuple[str, ...]:
    return tuple(entry["name"] for entry in source.parent.published)
