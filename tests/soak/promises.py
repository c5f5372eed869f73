"""What must hold after a command was killed at any moment."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta

from sqlmodel import select

from catalog.lifecycle import State
from catalog.models import Release, Tombstone
from catalog.publishing import check_approval
from catalog.releases import editions_of, files_of
from market.operations import garbage
from market.query import sweeping
from tests.common.market_world import Market, now


@dataclass
class Tally:
    """What the blows of one series hit."""

    seed: int
    blows: int = 0
    states: Counter[str] = field(default_factory=Counter)

    def __str__(self) -> str:
        found = ", ".join(f"{count} {state}" for state, count in sorted(self.states.items()))
        return f"seed {self.seed}: {self.blows} blows: {found}"


def landing(tally: Tally, blows: int) -> Iterator[int]:
    """Count trials until *blows* have hit a living process; one that comes after the end is no blow."""
    for number in range(10 * blows):
        if tally.blows == blows:
            return
        yield number
    assert tally.blows == blows, "most blows came too late"


def check_release(market: Market, release: str, acknowledged: State | None) -> State:
    """Insist that a release is published whole, with approval and entry, or not at all; gives its state."""
    assert market.faults() == []
    with market.open() as home, home.database.reading() as session:
        row = session.get_one(Release, release)
        state = State(row.state)
        assert acknowledged in (None, state), f"{release} was said to be {acknowledged}, and is {state}"
        current = session.exec(
            select(Release).where(Release.dataset_id == row.dataset_id, Release.state == State.PUBLISHED)
        ).all()
        assert len(current) <= 1
        if state in (State.PUBLISHED, State.SUPERSEDED):
            check_approval(row)
            for edition in editions_of(session, release):
                home.store.check(edition.manifest)
                for file in files_of(session, edition.id):
                    home.store.check(file.sha256)
    entries = market.entries("release:published", subject=release)
    assert len(entries) == (state in (State.PUBLISHED, State.SUPERSEDED, State.WITHDRAWN))
    return state


def assert_erased(market: Market, release: str) -> None:
    """Insist that nothing but the tombstone is left of a release."""
    with market.open() as home, home.database.reading() as session:
        assert session.get_one(Tombstone, release).erased_at is not None
        for edition in editions_of(session, release):
            assert not [file for file in files_of(session, edition.id) if home.store.path(file.sha256).exists()]
    assert market.faults() == []


def sweep(market: Market) -> None:
    """Insist that one sweep removes every leftover, and that nothing needed goes with it."""
    with market.open() as home:
        garbage.sweep(home, at=now(), older_than=timedelta(0))
        sweeping.sweep(home.database, is_alive=home.is_alive, at=now())
        assert_needed_bytes(market)
        assert list((market.root / "blobs" / "tmp").glob("*")) == []
        assert list((market.root / "run").glob("*.epoch")) == []
        assert garbage.sweep(home, at=now(), older_than=timedelta(0)).removed == 0
    assert market.faults() == []


def assert_needed_bytes(market: Market) -> None:
    """Insist that every blob of every release that is not withdrawn is there, unchanged."""
    with market.open() as home, home.database.reading() as session:
        for row in session.exec(select(Release).where(Release.state != State.WITHDRAWN)):
            for edition in editions_of(session, row.id):
                for sha256 in (edition.manifest, *(file.sha256 for file in files_of(session, edition.id))):
                    home.store.check(sha256)
