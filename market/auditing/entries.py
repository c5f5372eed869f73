"""The log as flat entries: what each says of firm, dataset, release, agreement, purpose, outcome and amounts.

What an entry itself says wins. What it leaves to others is looked up: `query:delivered` names its question alone, and
the entry that charged the question names the rest; from agreement to edition, release and dataset the catalogue leads.
The log outlives both, so what nothing tells any more is none.
"""

import json
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, select
from sqlmodel import Session, SQLModel

from catalog.models import Edition, Release
from market.audit import log
from market.licensing.models import Agreement
from market.parties.models import Member, Role
from market.query.models import QueryRun

BATCH = 5_000
"""Entries read at a time; one batch, the questions remembered, and the catalogue's identifiers bound the memory."""

QUESTIONS = 50_000
"""Questions whose charge is remembered while the log is read; older ones are looked up again."""

LOOKED_UP = 500
"""Identifiers in one statement: below what any database takes."""


class Outcome(StrEnum):
    """What became of a question."""

    QUOTED = "quoted"
    REFUSED = "refused"
    ANSWERED = "answered"
    """Charged, and being answered."""
    DELIVERED = "delivered"
    PARTIAL = "partial"
    """Delivered in part: it was stopped, or reached a limit."""
    FAILED = "failed"
    REFUNDED = "refunded"
    UNKNOWN = "unknown"
    """Charged, and the process died before it could say that all was delivered."""
    RESUMED = "resumed"


OUTCOMES = {
    "query:quoted": Outcome.QUOTED,
    "query:refused": Outcome.REFUSED,
    "query:refusals": Outcome.REFUSED,
    "query:answered": Outcome.ANSWERED,
    "query:delivered": Outcome.DELIVERED,
    "query:failed": Outcome.FAILED,
    "query:refunded": Outcome.REFUNDED,
    "query:delivery-unknown": Outcome.UNKNOWN,
    "query:resumed": Outcome.RESUMED,
}

UNREADABLE = "unreadable"
"""Stands for the action of an entry that is no readable JSON; `sluice log verify` tells of it."""

_OF_AGREEMENT = frozenset(
    {"query:quoted", "query:refused", "agreement:approved", "agreement:signed", "agreement:revoked"}
)
"""Actions whose subject is an agreement."""

_NEVER_BEGAN = frozenset({"query:quoted", "query:refused", "query:refusals"})
"""Actions whose subject is no question."""

_MOST = 2**63


class FlatEntry(NamedTuple):
    """One entry as a row."""

    seq: int
    at: datetime | None
    action: str
    subject: str
    actor: str
    firm: str | None
    dataset: str | None
    release: str | None
    agreement: str | None
    purpose: str | None
    outcome: str | None
    reason: str | None
    bytes: int | None
    rows: int | None
    amount_fen: int | None
    details: Mapping[str, Any]


class Charge(NamedTuple):
    """What the entry that charged a question says of it."""

    agreement: str | None
    firm: str | None
    edition: str | None
    release: str | None
    dataset: str | None
    purpose: str | None


NOTHING = Charge(None, None, None, None, None, None)
_TEXTS = (*Charge._fields, "reason", "status")
_COUNTS = ("bytes", "rows", "amount_fen", "amount")


@dataclass(slots=True)
class Directory:
    """Who acts for which firm, and what leads from an agreement to its dataset."""

    firms: Mapping[str, str]
    """Licensee → firm."""
    agreements: Mapping[str, tuple[str, str]]
    """Agreement → firm, edition."""
    editions: Mapping[str, str]
    """Edition → release."""
    releases: Mapping[str, str]
    """Release → dataset."""

    @classmethod
    def read(cls, session: Session) -> "Directory":
        """Read it as it is now."""
        connection = session.connection()
        member, agreement, edition, release = (_columns(model) for model in (Member, Agreement, Edition, Release))
        licensees = select(member.id, member.organisation).where(member.role == Role.LICENSEE)
        signed = connection.execute(select(agreement.id, agreement.firm_id, agreement.edition_id))
        return cls(
            {row.id: row.organisation for row in connection.execute(licensees)},
            {row.id: (row.firm_id, row.edition_id) for row in signed},
            {row.id: row.release_id for row in connection.execute(select(edition.id, edition.release_id))},
            {row.id: row.dataset_id for row in connection.execute(select(release.id, release.dataset_id))},
        )


@dataclass(slots=True)
class Reader:
    """Flattens entries in their order, and remembers the questions it met last."""

    session: Session
    directory: Directory
    _charges: OrderedDict[str, Charge] = field(default_factory=OrderedDict)

    @classmethod
    def begin(cls, session: Session) -> "Reader":
        """Begin to read the log of *session*."""
        return cls(session, Directory.read(session))

    def batches(
        self, *where: ColumnElement[bool], first: int = 0, before: int | None = None, batch: int = BATCH
    ) -> Iterator[list[FlatEntry]]:
        """Give the entries from *first* to the one before *before* for which *where* holds, a batch at a time."""
        columns = log.ENTRIES.c
        end = log.size(self.session) if before is None else before
        while True:
            wanted = select(columns.seq, columns.body).where(columns.seq >= first, columns.seq < end, *where)
            found = self.session.connection().execute(wanted.order_by(columns.seq).limit(batch)).all()
            if found:
                yield self.flat([(seq, body) for seq, body in found])
                first = found[-1][0] + 1
            if len(found) < batch:
                return

    def flat(self, entries: Sequence[tuple[int, bytes]]) -> list[FlatEntry]:
        """Flatten *entries*, given by their number and body."""
        read = [(seq, parsed(body)) for seq, body in entries]
        unknown = []
        for _, body in read:
            action, subject = body["action"], body["subject"]
            if action == "query:answered":
                self._remember(subject, _charge(body["details"]))
            elif action.startswith("query:") and action not in _NEVER_BEGAN and subject not in self._charges:
                unknown.append(subject)
        if unknown:
            self._look_up(unknown)
        return [self._entry(seq, body) for seq, body in read]

    def _entry(self, seq: int, body: Mapping[str, Any]) -> FlatEntry:
        action, subject, actor, details = body["action"], body["subject"], body["by"], body["details"]
        kind, _, _ = action.partition(":")
        known, charge = self.directory, NOTHING
        agreement, firm, edition, release, dataset, purpose, reason, status = _texts(details)
        if action in _OF_AGREEMENT:
            agreement = agreement or subject
        elif kind == "query":
            charge = self._charges.get(subject, NOTHING)
            agreement = agreement or charge.agreement
        firm_of, edition_of = known.agreements.get(agreement or "", (None, None))
        firm = firm or (subject if kind == "firm" else charge.firm) or known.firms.get(actor) or firm_of
        edition = edition or charge.edition or edition_of
        release = release or (subject if kind in ("release", "preview") else charge.release)
        release = release or known.editions.get(edition or "")
        dataset = dataset or (subject if kind in ("dataset", "registration", "ceiling") else charge.dataset)
        dataset = dataset or known.releases.get(release or "")
        outcome = OUTCOMES.get(action)
        if action == "query:delivered" and status != "complete":
            outcome, reason = Outcome.PARTIAL, status
        size, rows, amount_fen, amount = [
            value if type(value) is int and -_MOST <= value < _MOST else None for value in map(details.get, _COUNTS)
        ]
        if amount_fen is None and details.get("unit") == "fen":
            amount_fen = amount
        purpose = purpose or charge.purpose
        at = body["at"]
        return FlatEntry(
            *(seq, at, action, subject, actor, firm, dataset, release, agreement, purpose, outcome, reason),
            *(size, rows, amount_fen, details),
        )

    def _look_up(self, runs: Sequence[str]) -> None:
        """Find what charged *runs*, in the log; a question that was never charged is known by its row alone."""
        columns, run = log.ENTRIES.c, _columns(QueryRun)
        connection = self.session.connection()
        wanted = list(dict.fromkeys(runs))
        for some in (wanted[start : start + LOOKED_UP] for start in range(0, len(wanted), LOOKED_UP)):
            charged = columns.subject.in_(some) & (columns.action == "query:answered")
            for (raw,) in connection.execute(select(columns.body).where(charged)):
                body = parsed(raw)
                self._remember(body["subject"], _charge(body["details"]))
            missing = [id for id in some if id not in self._charges]
            uncharged = select(run.id, run.agreement_id, run.edition_id, run.purpose).where(run.id.in_(missing))
            for id, agreement, edition, purpose in connection.execute(uncharged):
                self._remember(id, NOTHING._replace(agreement=agreement, edition=edition, purpose=purpose))

    def _remember(self, run: str, charge: Charge) -> None:
        self._charges[run] = charge
        while len(self._charges) > QUESTIONS:
            self._charges.popitem(last=False)


def _columns(model: type[SQLModel]) -> Any:
    return model.metadata.tables[str(model.__tablename__)].c


def parsed(raw: bytes) -> dict[str, Any]:
    """Read an entry's body; one that cannot be read is told as such, for it must not hide the others."""
    try:
        body: dict[str, Any] = json.loads(raw.decode())
        body["at"] = datetime.fromisoformat(body["at"])
        if not type(body["action"]) is type(body["subject"]) is type(body["by"]) is str:
            raise TypeError
        if type(body["details"]) is not dict:
            raise TypeError
    except (ValueError, KeyError, TypeError):
        return {"at": None, "action": UNREADABLE, "subject": "", "by": "", "details": {}}
    return body


def _charge(details: Mapping[str, Any]) -> Charge:
    return Charge(*_texts(details)[: len(Charge._fields)])


def _texts(details: Mapping[str, Any]) -> list[str | None]:
    """Give what *details* say in words; a value of another type is none."""
    return [value if type(value) is str else None for value in map(details.get, _TEXTS)]
