"""What a steward hands in, between its bytes and its rows: risk measured with everything published, a preview made.

`prepare` works outside any transaction, for it reads and writes bytes; `submit` enters its result in one.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session

from catalog import assessment
from catalog.actors import Actor
from catalog.assessment import Gathered
from catalog.models import Release
from catalog.previews import PreviewBytes, enter_preview, make_preview
from catalog.proposing import Proposal, propose


@dataclass(frozen=True, slots=True)
class Prepared:
    """A proposal at rest, with all that was measured and made of it."""

    proposal: Proposal
    joined: dict[str, Any]
    preview: PreviewBytes


def prepare(proposal: Proposal, gathered: Gathered) -> Prepared:
    """Measure *proposal* with all that was *gathered*, and make its preview.

    Raises:
        GateFailed: together with what is published of its dataset, somebody would stand out.
    """
    joined = assessment.measure(gathered)
    assessment.check(joined)
    files = {
        profile: [proposal.store.open_path(file["sha256"]) for file in made.files]
        for profile, made in proposal.editions.items()
    }
    return Prepared(proposal, joined, make_preview(proposal.store, proposal.document["body"], files))


def submit(session: Session, prepared: Prepared, *, by: Actor, at: datetime) -> Release:
    """Enter the release and its preview; see `propose`."""
    release = propose(session, prepared.proposal, by=by, at=at, joined=prepared.joined)
    session.flush()
    enter_preview(session, release.id, prepared.preview, at=at, by=by.id)
    return release
