"""What a witness's reply means: a cosignature, a refusal, nothing at all, or a better question."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from market.audit import notes
from market.audit.notes import Key, Note
from market.audit.submitting import SIZE_TYPE, Reply

SKEW = timedelta(minutes=5)
"""How far a witness's clock may be from ours."""
LATER = frozenset({429, 500, 502, 503, 504})
"""Codes of a witness that cannot answer now; any other is an answer."""


class Outcome(StrEnum):
    """What came of asking a witness."""

    COSIGNED = "cosigned"
    REFUSED = "refused"
    UNREACHABLE = "unreachable"
    OVERTAKEN = "overtaken"
    """Meanwhile another process had it cosign something later."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A witness, and what came of asking it."""

    witness: str
    size: int
    """The checkpoint it was asked to cosign."""
    outcome: Outcome
    status: int | None = None
    """The code of its answer; none where it gave none."""
    known: int | None = None
    """The size of the tree that it knows, where it named one."""
    at: datetime | None = None
    """The moment it signed."""
    line: str | None = None
    """Its cosignature."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of one witness."""

    key: Key
    url: str
    note: str
    size: int
    taken_at: datetime
    old: int
    """The size of the tree that the witness is believed to know."""

    def answered(self, outcome: Outcome, status: int | None = None, known: int | None = None) -> Asked:
        """Say what came of it."""
        return Asked(self.key.name, self.size, outcome, status, known)


def judge(question: Question, reply: Reply | None, at: datetime) -> Asked | int:
    """Say what a reply means; a number is the size to ask with once more."""
    if reply is None or reply.status in LATER:
        return question.answered(Outcome.UNREACHABLE, reply.status if reply else None)
    if reply.status == 200:
        return _cosigned(question, reply.text, at) or question.answered(Outcome.REFUSED, 200)
    known = _known(reply)
    if known is not None and known != question.old and known <= question.size:
        return known
    return question.answered(Outcome.REFUSED, reply.status, known)


def _known(reply: Reply) -> int | None:
    """Read the size that a witness names in a conflict."""
    if reply.status != 409 or reply.content_type != SIZE_TYPE or not reply.text.endswith("\n"):
        return None
    try:
        return notes.size(reply.text[:-1])
    except ValueError:
        return None


def _cosigned(question: Question, lines: str, at: datetime) -> Asked | None:
    """Take the witness's own signature over the very checkpoint, at a moment between its taking and now."""
    try:
        signed = Note.read(question.note + lines)
        moment = datetime.fromtimestamp(signed.verified([question.key])[question.key], UTC)
    except (ValueError, KeyError, OverflowError, OSError):
        return None
    if not question.taken_at - SKEW <= moment <= at + SKEW:
        return None
    *_, line = (line for line in signed.lines if line.by(question.key))
    return replace(question.answered(Outcome.COSIGNED, 200), at=moment, line=str(line))
