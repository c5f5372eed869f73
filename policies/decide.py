"""Whether terms cover a use. Deny by default: what is not granted in so many words is refused."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from policies.profile import Mode
from policies.terms import Action, Duty, Purpose, Terms


class Reason(StrEnum):
    """Why a use is refused."""

    AGREEMENT_NOT_ACTIVE = "agreement-not-active"
    AGREEMENT_NOT_STARTED = "agreement-not-started"
    AGREEMENT_EXPIRED = "agreement-expired"
    RELEASE_NOT_AVAILABLE = "release-not-available"
    UNDER_EMBARGO = "under-embargo"
    PURPOSE_NOT_COVERED = "purpose-not-covered"
    ACTION_NOT_COVERED = "action-not-covered"
    MODE_NOT_SERVED = "mode-not-served"
    JOIN_NOT_COVERED = "join-not-covered"
    QUOTA_EXHAUSTED = "quota-exhausted"
    TOO_MANY_AT_ONCE = "too-many-at-once"
    CREDIT_TOO_LOW = "credit-too-low"


@dataclass(frozen=True, slots=True)
class Permitted:
    """The use is covered; these duties come with it."""

    duties: tuple[Duty, ...]


@dataclass(frozen=True, slots=True)
class Refused:
    """The use is not covered: why, and what would make it so."""

    reason: Reason
    fix: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """What somebody wants to do, and why they say they do."""

    purpose: Purpose | None
    action: Action


SERVED = (Mode.RECORDS, Mode.AGGREGATES)
"""The modes that the engine answers."""


def decide(terms: Terms, use: Use, *, at: datetime) -> Permitted | Refused:
    """Say whether *terms* cover *use* at the moment *at*."""
    if at < terms.starts_at:
        return Refused(Reason.AGREEMENT_NOT_STARTED, f"Wait until {terms.starts_at.isoformat()}.")
    if at >= terms.ends_at:
        return Refused(Reason.AGREEMENT_EXPIRED, "Request a new agreement for this dataset.")
    if use.purpose is None or use.purpose not in terms.purposes:
        return Refused(Reason.PURPOSE_NOT_COVERED, _one_of("State a purpose of the agreement", terms.purposes))
    if use.action not in terms.actions:
        return Refused(Reason.ACTION_NOT_COVERED, _one_of("Use an action of the agreement", terms.actions))
    if terms.mode not in SERVED:
        return Refused(Reason.MODE_NOT_SERVED, _one_of("Ask for an offer in a served mode", SERVED))
    return Permitted(terms.duties)


def decide_join(terms: Terms, *, same_subjects: bool) -> Permitted | Refused:
    """Say whether *terms* let their rows be asked together with those of another agreement, about the *same subjects*.

    Joined, two cuts about the same people tell more of each than either was measured for alone.
    """
    if terms.mode is not Mode.RECORDS:
        return Refused(Reason.MODE_NOT_SERVED, "Ask for aggregates under one agreement at a time.")
    if (Action.JOIN_SUBJECTS if same_subjects else Action.JOIN) in terms.actions:
        return Permitted(terms.duties)
    what = "with others about the same subjects" if same_subjects else "with those of other agreements"
    return Refused(Reason.JOIN_NOT_COVERED, f"It does not grant joins {what}: ask for an offer that does.")


def _one_of(advice: str, allowed: tuple[Purpose, ...] | tuple[Action, ...] | tuple[Mode, ...]) -> str:
    return f"{advice}: {', '.join(allowed) if allowed else 'it grants none'}."
