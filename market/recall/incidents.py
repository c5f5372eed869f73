"""Incidents: anybody reports, the publisher's stewards and the administrator decide, and the words can be erased."""

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlmodel import Session, select

from catalog.errors import CatalogError, NotFound, NotPermitted, WrongState
from catalog.events import Event, note
from catalog.ids import new_id
from catalog.lifecycle import State
from catalog.models import Dataset, Release
from market.audit.commitments import SALT_BYTES, commit
from market.parties.models import Role
from market.recall.models import Incident, IncidentKind, IncidentState, IncidentStep
from market.recall.viewers import Viewer, publisher_of

LONGEST = 100_000

NEXT: Mapping[IncidentState, frozenset[IncidentState]] = {
    IncidentState.REPORTED: frozenset({IncidentState.TRIAGED}),
    IncidentState.TRIAGED: frozenset({IncidentState.CONTAINED, IncidentState.CLOSED}),
    IncidentState.CONTAINED: frozenset({IncidentState.CLOSED}),
    IncidentState.CLOSED: frozenset(),
}
"""A false alarm is closed after triage: there was nothing to contain."""


def report(
    session: Session,
    *,
    dataset_id: str,
    release_id: str | None = None,
    kind: IncidentKind,
    text: str,
    by: Viewer,
    at: datetime,
    salt: bytes | None = None,
) -> Incident:
    """Report an incident. The log carries a commitment to the words, never the words."""
    if session.get(Dataset, dataset_id) is None:
        raise NotFound(f"dataset {dataset_id!r}", "there is none", fix="Check its identifier.")
    if release_id is not None:
        release = session.get(Release, release_id)
        if release is None or release.dataset_id != dataset_id:
            raise NotFound(f"release {release_id!r}", f"is none of dataset {dataset_id!r}", fix="List its releases.")
    incident = Incident(
        id=new_id(at),
        dataset_id=dataset_id,
        release_id=release_id,
        kind=kind,
        state=IncidentState.REPORTED,
        reported_by=by.id,
        reported_at=at,
    )
    step = _step(incident, IncidentState.REPORTED, text, by=by, at=at, salt=salt)
    session.add(incident)
    session.flush()
    session.add(step)
    details = {"dataset": dataset_id, "release": release_id, "kind": kind, "commitment": step.commitment}
    note(session, Event(action="incident:reported", subject=incident.id, by=by.id, at=at, details=details))
    return incident


def decide(
    session: Session,
    incident_id: str,
    *,
    to: IncidentState,
    text: str,
    by: Viewer,
    at: datetime,
    withdrawn_id: str | None = None,
    salt: bytes | None = None,
) -> Incident:
    """Take an incident a step further, with the decision in words, and the release that was withdrawn for it.

    Raises:
        NotFound: it is not the viewer's to see.
        NotPermitted: they see it, but others decide.
        WrongState: another step comes first, or the release named is not withdrawn.
    """
    incident = find(session, incident_id, viewer=by)
    session.refresh(incident, with_for_update=True)
    if by.role is not Role.ADMINISTRATOR and not by.stewards(publisher_of(session, incident.dataset_id)):
        fix = "Ask a steward of the dataset's publisher, or an administrator."
        raise NotPermitted(f"incident {incident_id}", "others decide on it", fix=fix)
    state = IncidentState(incident.state)
    if to not in NEXT[state]:
        steps = " or ".join(sorted(NEXT[state]))
        fix = f"It may become {steps} next." if steps else "It is done; report a new one."
        raise WrongState(f"incident {incident_id}", f"is {state}, so it cannot become {to}", fix=fix)
    if withdrawn_id is not None:
        release = session.get(Release, withdrawn_id)
        if release is None or release.dataset_id != incident.dataset_id or release.state != State.WITHDRAWN:
            found = f"is no withdrawn release of dataset {incident.dataset_id!r}"
            raise WrongState(f"release {withdrawn_id!r}", found, fix="Withdraw it first: sluice release withdraw.")
    step = _step(incident, to, text, by=by, at=at, salt=salt)
    step.withdrawn_id = withdrawn_id
    incident.state = to
    session.add(step)
    details = {"state": to, "commitment": step.commitment, "withdrawn": withdrawn_id}
    note(session, Event(action="incident:decided", subject=incident.id, by=by.id, at=at, details=details))
    return incident


def erase(session: Session, incident_id: str, *, by: Viewer, at: datetime) -> int:
    """Erase the words of an incident and their salts; the commitments in the log stay. Gives how many had words."""
    incident = find(session, incident_id, viewer=by)
    session.refresh(incident, with_for_update=True)
    if by.role is not Role.ADMINISTRATOR:
        raise NotPermitted(f"incident {incident_id}", "an administrator erases words", fix="Ask one.")
    kept = [step for step in steps_of(session, incident_id) if step.text is not None]
    if not kept:
        raise WrongState(f"incident {incident_id}", "has no words left", fix="Nothing is left to do.")
    for step in kept:
        step.text = step.salt = None
    details = {"commitments": [step.commitment for step in kept]}
    note(session, Event(action="incident:erased", subject=incident_id, by=by.id, at=at, details=details))
    return len(kept)


def find(session: Session, incident_id: str, *, viewer: Viewer) -> Incident:
    """Load an incident that *viewer* may see; another does not exist for them."""
    incident = session.get(Incident, incident_id)
    if incident is None or not _sees(session, incident, viewer):
        raise NotFound(f"incident {incident_id!r}", "there is none", fix="List yours with: sluice incident list.")
    return incident


def incidents(session: Session, viewer: Viewer) -> list[Incident]:
    """List what *viewer* may see, oldest first."""
    return [row for row in session.exec(select(Incident).order_by(Incident.id)) if _sees(session, row, viewer)]


def steps_of(session: Session, incident_id: str) -> Sequence[IncidentStep]:
    """List the report and the decisions on it, in the order of their states."""
    order = list(IncidentState)
    found = session.exec(select(IncidentStep).where(IncidentStep.incident_id == incident_id)).all()
    return sorted(found, key=lambda step: order.index(IncidentState(step.state)))


def _sees(session: Session, incident: Incident, viewer: Viewer) -> bool:
    if viewer.sees_all or incident.reported_by == viewer.id:
        return True
    return viewer.stewards(publisher_of(session, incident.dataset_id))


def _step(
    incident: Incident, state: IncidentState, text: str, *, by: Viewer, at: datetime, salt: bytes | None
) -> IncidentStep:
    if not text.strip():
        raise CatalogError("text", "is empty", fix="Say in words what happened, or what was decided.")
    if len(text) > LONGEST or "\0" in text:
        found = f"is longer than {LONGEST} characters, or holds a NUL character"
        raise CatalogError("text", found, fix="Say what matters; files are not needed.")
    drawn = secrets.token_bytes(SALT_BYTES) if salt is None else salt
    return IncidentStep(
        incident_id=incident.id,
        state=state,
        text=text,
        salt=drawn.hex(),
        commitment=commit(text, drawn),
        by=by.id,
        at=at,
    )
