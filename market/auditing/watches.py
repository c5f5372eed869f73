"""The rules that watch entries as they pass, each with no more memory than it needs."""

from collections import OrderedDict, deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from math import exp, log
from statistics import median

from market.auditing.alerts import Alert, Bursts
from market.auditing.entries import FlatEntry, Outcome
from market.auditing.rules import Rules

SIGMA_OF_MAD = 1.4826
"""The standard deviation of a normal distribution, in its median absolute deviations."""

TOLD = 10_000
"""Actors of whom it is remembered that they were told of."""


@dataclass(slots=True)
class Denials:
    """Many refusals of one actor in a short time; refusals that were counted together count by their number.

    Remembered: for each actor who was refused of late, the refusals of one window; for the last who were told of, when
    that was, for what was counted together may be entered long after its minute.
    """

    rules: Rules
    _recent: OrderedDict[str, deque[tuple[datetime, FlatEntry]]] = field(default_factory=OrderedDict)
    _told: OrderedDict[str, datetime] = field(default_factory=OrderedDict)
    _bursts: Bursts = field(init=False)

    def __post_init__(self) -> None:
        self._bursts = Bursts("denials", self.rules.denials_within)

    def see(self, entry: FlatEntry, at: datetime) -> Iterator[Alert]:
        """Take an entry in; gives the bursts that are over."""
        yield from self._over(at)
        if entry.outcome is not Outcome.REFUSED:
            return
        within, moment = self.rules.denials_within, _when(entry, at)
        self._forget(at)
        recent = self._recent.setdefault(entry.actor, deque())
        self._recent.move_to_end(entry.actor)
        recent.append((moment, entry))
        while at - recent[0][0] > within and len(recent) > 1:
            recent.popleft()
        near = [(then, one) for then, one in recent if abs(moment - then) <= within]
        denials = sum(sum(refusals(one).values()) for _, one in near)
        known = self._bursts.last(entry.actor) < 0 and entry.actor in self._told
        if denials >= self.rules.denials and not (known and moment - self._told[entry.actor] <= within):
            self._tell(entry.actor, near, denials)

    def end(self) -> Iterator[Alert]:
        """Give the bursts that were still open."""
        yield from self._over()

    def _over(self, at: datetime | None = None) -> Iterator[Alert]:
        for one in self._bursts.over(at):
            self._told[str(one.actor)] = one.to
            while len(self._told) > TOLD:
                self._told.popitem(last=False)
            yield one

    def _tell(self, actor: str, near: Sequence[tuple[datetime, FlatEntry]], denials: int) -> None:
        """Put into the actor's burst what of the window is not in it yet."""
        told = self._bursts.last(actor)
        for moment, entry in near:
            if entry.seq > told:
                figures = self._bursts.grow(actor, entry, moment).figures
                reasons = figures.setdefault("reasons", {})
                for reason, count in refusals(entry).items():
                    figures["denials"] = figures.get("denials", 0) + count
                    reasons[reason] = reasons.get(reason, 0) + count
                figures["most_in_window"] = max(denials, figures.get("most_in_window", 0))

    def _forget(self, at: datetime) -> None:
        """Let go of whoever was not refused of late."""
        while self._recent:
            actor, recent = next(iter(self._recent.items()))
            if at - recent[-1][0] <= self.rules.denials_within:
                return
            del self._recent[actor]


def refusals(entry: FlatEntry) -> Mapping[str, int]:
    """Count the refusals that an entry speaks of, by reason."""
    counts = entry.details.get("reasons")
    if isinstance(counts, dict):
        return {str(reason): count for reason, count in counts.items() if type(count) is int and count > 0}
    return {entry.reason or "": 1}


def _when(entry: FlatEntry, at: datetime) -> datetime:
    """Say when refusals happened: those that were counted together, in their minute."""
    try:
        return min(at, datetime.fromisoformat(entry.details["minute"]))
    except (KeyError, TypeError, ValueError):
        return at


@dataclass(slots=True)
class Habit:
    """What a firm took so far: its last sizes, and when it took much more than usual."""

    sizes: deque[int]
    large: deque[tuple[datetime, int]]


@dataclass(slots=True)
class Exports:
    """A delivery far beyond what its firm usually takes. Remembered: some hundred sizes for each firm."""

    rules: Rules
    _habits: dict[str, Habit] = field(default_factory=dict)
    _bursts: Bursts = field(init=False)

    def __post_init__(self) -> None:
        self._bursts = Bursts("export", self.rules.export_burst)

    def see(self, entry: FlatEntry, at: datetime) -> Iterator[Alert]:
        """Take an entry in; gives the bursts that are over."""
        yield from self._bursts.over(at)
        if entry.outcome not in (Outcome.DELIVERED, Outcome.PARTIAL) or entry.bytes is None:
            return
        if "part_of" in entry.details:  # one delivery under several agreements: it was seen with the one that leads
            return
        key = entry.firm or entry.actor
        habit = self._habits.get(key)
        if habit is None:
            habit = Habit(deque(maxlen=self.rules.export_remembered), deque(maxlen=self.rules.export_remembered))
            self._habits[key] = habit
        if len(habit.sizes) >= self.rules.export_history:
            usual = median(habit.sizes)
            if entry.bytes > self.rules.export_factor * usual and self._strikes(habit, usual, entry.bytes, at):
                figures = self._bursts.grow(key, entry, at).figures
                figures["median_bytes"] = int(usual)
                figures["bytes"] = max(entry.bytes, figures.get("bytes", 0))
                figures["deliveries"] = figures.get("deliveries", 0) + 1
            if 2 * entry.bytes > self.rules.export_factor * usual:
                habit.large.append((at, entry.bytes))
        habit.sizes.append(entry.bytes)

    def end(self) -> Iterator[Alert]:
        """Give the bursts that were still open."""
        yield from self._bursts.over()

    def _strikes(self, habit: Habit, usual: float, size: int, at: datetime) -> bool:
        """Say whether a size is beyond how the firm's sizes scatter, and twice what it took of late."""
        logs = [log(max(1, one)) for one in habit.sizes]
        middle = log(max(1.0, usual))
        scatter = SIGMA_OF_MAD * median(abs(one - middle) for one in logs)
        known = any(2 * one >= size and at - then <= self.rules.export_twice_within for then, one in habit.large)
        excused = min(exp(middle + self.rules.export_spread * scatter), self.rules.export_at_most * usual)
        return size > excused and not known


@dataclass(slots=True)
class Dormant:
    """A firm that uses a dataset again after a long time without. Remembered: a moment for each firm and dataset.

    The time counts from the last answer, or from the signing of an agreement that was never used.
    """

    rules: Rules
    _last: dict[tuple[str, str], datetime] = field(default_factory=dict)

    def see(self, entry: FlatEntry, at: datetime) -> Iterator[Alert]:
        """Take an entry in; gives an alert where it wakes a licence."""
        if entry.firm is None or entry.dataset is None:
            return
        pair = entry.firm, entry.dataset
        if entry.action == "agreement:signed":
            self._last.setdefault(pair, at)
        elif entry.outcome is Outcome.ANSWERED:
            last = self._last.get(pair, at)
            self._last[pair] = max(last, at)
            if at - last > self.rules.dormant:
                yield Alert(
                    rule="dormant",
                    entries=(entry.seq,),
                    from_=at,
                    to=at,
                    actor=entry.actor,
                    firm=entry.firm,
                    dataset=entry.dataset,
                    figures={"days": (at - last).days, "last": last},
                )

    def end(self) -> Iterator[Alert]:
        """Give nothing: each alert was given at once."""
        yield from ()


@dataclass(slots=True)
class Witnesses:
    """A witness that refuses what it is shown."""

    rules: Rules
    _bursts: Bursts = field(init=False)

    def __post_init__(self) -> None:
        self._bursts = Bursts("witness", self.rules.witness_burst)

    def see(self, entry: FlatEntry, at: datetime) -> Iterator[Alert]:
        """Take an entry in; gives the bursts that are over."""
        yield from self._bursts.over(at)
        if entry.action == "witness:refused":
            figures = self._bursts.grow(entry.subject, entry, at).figures
            figures["witness"] = entry.subject
            figures["refusals"] = figures.get("refusals", 0) + 1

    def end(self) -> Iterator[Alert]:
        """Give the bursts that were still open."""
        yield from self._bursts.over()
