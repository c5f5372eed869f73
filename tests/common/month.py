"""A month of normal life in the log after a quieter quarter, drawn from a seed, and what may be planted in it.

Analysts work by day in sessions, mistype in bursts, and now and then take more; jobs run by night and retry; dashboards
ask the same all day; a few firms come once a month. On holidays nearly nobody is there. What finds a checkpoint of a
minute ago is signed at once.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import insert, update

from catalog.events import Event
from catalog.ids import MemberId, new_id
from market.audit import log
from market.audit.models import LogCheckpoint
from market.db import Database

QUARTER, MONTH = timedelta(days=100), timedelta(days=31)
BEGIN = datetime(2026, 6, 22, 16, tzinfo=UTC)
"""Midnight in Chongqing."""
FIRST = BEGIN + QUARTER
"""The first day of the month: it begins with a week of holidays."""
END = FIRST + MONTH
HOLIDAYS = timedelta(days=7)
BATCH = 10_000
DATASETS = tuple(f"dataset-{number}" for number in range(12))
KINDS = ("analyst",) * 18 + ("job",) * 10 + ("dashboard",) * 5 + ("occasional",) * 6
TYPOS = ("unknown_column", "syntax", "does_not_bind", "table_refused", "function_refused")


@dataclass(slots=True)
class Firm:
    """A firm with habits of its own."""

    id: str
    kind: str
    members: list[MemberId]
    agreements: dict[str, str]
    """Dataset → agreement."""
    signed_at: datetime
    median_bytes: int
    sigma: float
    """Of the logarithm of what its questions bring."""
    weekly_pull: bool
    returns_at: datetime
    """When a firm that comes now and then comes next."""


@dataclass(slots=True)
class Life:
    """What happened: events in the order of time, and when checkpoints were signed."""

    seed: int
    firms: list[Firm] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    outages: list[tuple[datetime, datetime]] = field(default_factory=list)
    sizes: dict[str, list[int]] = field(default_factory=dict)
    """What each firm took."""
    rng: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self.rng = random.Random(self.seed)

    @classmethod
    def lived(cls, seed: int) -> "Life":
        """Draw a quarter and a month."""
        life = cls(seed)
        for number, kind in enumerate(KINDS):
            begins = BEGIN + timedelta(days=life.rng.uniform(60, 110) if number % 7 == 3 else life.rng.uniform(0, 2))
            life.firms.append(life.firm(kind, *life.rng.sample(DATASETS, life.rng.randint(1, 3)), begins=begins))
        for firm in life.firms:
            for dataset, agreement in firm.agreements.items():
                life.note("agreement:signed", agreement, firm.members[0], firm.signed_at, firm=firm.id, dataset=dataset)
            for day in range((END - BEGIN).days):
                life._day(firm, BEGIN + timedelta(days=day))
        life._staff()
        return life

    def note(self, action: str, subject: str, by: str, at: datetime, **details: Any) -> None:
        """Let something happen."""
        self.events.append(Event(action=action, subject=subject, by=MemberId(by), at=at, details=details))

    def answered(self, firm: Firm, member: str, at: datetime, size: int, *, dataset: str | None = None) -> None:
        """Let a question be answered."""
        rng, run = self.rng, new_id(at)
        dataset = dataset or rng.choice(sorted(firm.agreements))
        said = {"agreement": firm.agreements[dataset], "firm": firm.id, "dataset": dataset, "purpose": "DUO:0000006"}
        if rng.random() < 0.2:
            self.note("query:quoted", said["agreement"], member, at - timedelta(seconds=20), amount_fen=15)
        self.note("query:answered", run, member, at, **said, release=f"{dataset}-1", amount_fen=15)
        ended = at + timedelta(milliseconds=rng.randint(40, 4000))
        status = "complete" if rng.random() > 0.015 else rng.choice(["row_limit", "timeout", "cancelled"])
        self.sizes.setdefault(firm.id, []).append(size)
        self.note("query:delivered", run, member, ended, bytes=size, rows=max(1, size // 80), status=status)

    def refused(self, firm: Firm, member: str, at: datetime, reason: str) -> None:
        """Let a question be refused."""
        self.note("query:refused", self.rng.choice(sorted(firm.agreements.values())), member, at, reason=reason)

    def enter(self, database: Database) -> int:
        """Enter everything into an empty log, with its checkpoints; gives the number of entries of the month.

        The tree is left out: whoever reads these entries does not hash them, and it would take most of the time.
        """
        self.events.sort(key=lambda event: event.at)
        for start in range(0, len(self.events), BATCH):
            rows = [
                {
                    **{"seq": seq, "at": event.at, "action": event.action, "subject": event.subject, "by": event.by},
                    "body": log.body_of(event, {}),
                }
                for seq, event in enumerate(self.events[start : start + BATCH], start)
            ]
            with database.writing() as session:
                session.connection().execute(insert(log.ENTRIES), rows)
                session.connection().execute(update(log.HEAD).values(size=start + len(rows)))
        with database.writing() as session:
            session.add_all(LogCheckpoint(size=size, at=at, note="") for size, at in self._checkpoints())
        return sum(event.at >= FIRST for event in self.events)

    def _checkpoints(self) -> Iterator[tuple[int, datetime]]:
        """Sign with an entry where the newest checkpoint is a minute old, but in an outage."""
        signed_at = BEGIN - timedelta(days=1)
        for number, event in enumerate(self.events, 1):
            out = any(begins <= event.at < ends for begins, ends in self.outages)
            if event.at - signed_at >= timedelta(seconds=60) and not out:
                signed_at = event.at
                yield number, event.at

    def firm(self, kind: str, *datasets: str, begins: datetime = BEGIN) -> Firm:
        """Draw a firm that signs for *datasets*."""
        rng = self.rng
        return Firm(
            id=new_id(begins),
            kind=kind,
            members=[MemberId(new_id(begins)) for _ in range(rng.randint(1, 4))],
            agreements={dataset: new_id(begins) for dataset in datasets},
            signed_at=begins,
            median_bytes=int(2_000 * 10 ** rng.uniform(0, 2)),
            sigma={"analyst": rng.uniform(0.4, 1.1), "job": 0.02, "dashboard": 0.1, "occasional": 0.6}[kind],
            weekly_pull=kind == "analyst" and rng.random() < 0.3,
            returns_at=begins + timedelta(days=rng.uniform(0, 20)),
        )

    def _size(self, firm: Firm) -> int:
        return max(40, int(firm.median_bytes * self.rng.lognormvariate(0, firm.sigma)))

    def _day(self, firm: Firm, midnight: datetime) -> None:
        """Live a firm's day; before the month a tenth of it."""
        if midnight < firm.signed_at:
            return
        rng, busy = self.rng, midnight >= FIRST
        holiday = FIRST <= midnight < FIRST + HOLIDAYS or (midnight + timedelta(hours=8)).weekday() >= 5
        share = (1.0 if busy else 0.1) * (0.05 if holiday else 1.0)
        match firm.kind:
            case "analyst":
                for member in firm.members:
                    for _ in range(2):
                        if rng.random() < 0.5 * share:
                            self._session(firm, member, midnight + timedelta(hours=_hour(rng)), rng.randint(3, 25))
                if firm.weekly_pull and (midnight + timedelta(hours=8)).weekday() == 4:
                    at = midnight + timedelta(hours=rng.uniform(16, 18))
                    self.answered(firm, firm.members[0], at, int(firm.median_bytes * rng.uniform(30, 60)))
            case "job":
                self._night(firm, midnight, rng.randint(3, 8) if busy else 2)
            case "dashboard":
                for half_hour in range(16, 40):
                    if rng.random() < (1.0 if busy else 0.1):
                        at = midnight + timedelta(minutes=30 * half_hour + rng.uniform(0, 2))
                        self.answered(firm, firm.members[0], at, self._size(firm))
            case _ if midnight >= firm.returns_at:
                firm.returns_at += timedelta(days=rng.uniform(20, 45))
                at = midnight + timedelta(hours=_hour(rng))
                self._session(firm, rng.choice(firm.members), at, rng.randint(5, 20))

    def _session(self, firm: Firm, member: str, at: datetime, questions: int) -> None:
        """Ask for a while; who mistypes once is likely to mistype again."""
        rng, mistyped = self.rng, False
        for _ in range(questions):
            at += timedelta(seconds=10 + rng.expovariate(1 / 80))
            mistyped = rng.random() < (0.4 if mistyped else 0.06)
            if mistyped:
                self.refused(firm, member, at, rng.choice(TYPOS))
            elif rng.random() < 0.004:
                self.note("query:failed", new_id(at), member, at, reason="worker_lost")
            else:
                more = rng.uniform(2, 5) if rng.random() < 0.03 else 1.0
                self.answered(firm, member, at, int(self._size(firm) * more))

    def _night(self, firm: Firm, midnight: datetime, questions: int) -> None:
        at = midnight + timedelta(hours=self.rng.uniform(1, 4))
        if self.rng.random() < 0.02:  # the credit ran out, or the release was replaced: it retries, and gives up
            for minutes in (0, 1, 5, 15, 30):
                self.refused(firm, firm.members[0], at + timedelta(minutes=minutes), "credit-too-low")
            return
        grown = 1 + 0.002 * (midnight - BEGIN).days
        for _ in range(questions):
            at += timedelta(seconds=self.rng.uniform(5, 60))
            self.answered(firm, firm.members[0], at, int(self._size(firm) * grown))

    def _staff(self) -> None:
        """Let auditors read and stewards publish."""
        auditor, steward = new_id(BEGIN), new_id(BEGIN)
        for day in range((END - BEGIN).days):
            midnight = BEGIN + timedelta(days=day)
            self.note("log:searched", "log", auditor, midnight + timedelta(hours=self.rng.uniform(9, 17)))
            if day % 7 == 2:
                at = midnight + timedelta(hours=self.rng.uniform(10, 16))
                for number, action in enumerate(("release:proposed", "release:approved", "release:published")):
                    self.note(action, new_id(at), steward, at + timedelta(minutes=7 * number))


def _hour(rng: random.Random) -> float:
    """Draw an hour at which people work: mornings, afternoons, and now and then the evening."""
    begins, ends = rng.choices([(9, 11.5), (13.5, 17), (19, 22)], [0.45, 0.45, 0.1])[0]
    return rng.uniform(begins, ends)
