"""A cut that nobody uses is kept for a while, then collected: its bytes go, what is known of it stays."""

from datetime import timedelta
from threading import Event

import pytest

from catalog import withdrawal
from catalog.cuts import cut_files_of, find_cut
from catalog.errors import WrongState
from market.audit import log
from market.home import Home
from market.licensing import agreements, parts
from market.licensing.models import Agreement
from market.licensing.unused import KEPT, collect_unused
from market.operations import garbage
from market.operations.scrub import scrub
from policies.cut import Condition
from tests.common.market_fixtures import any_market, market, postgres_market
from tests.common.market_world import now
from tests.unit.market.licensing.test_parts import cut_of

__all__ = ["any_market", "market", "postgres_market"]

DAY = timedelta(days=1)


def collected(world, at):
    with world.writing() as session:
        return collect_unused(session, at=at)


def swept(world, at):
    with world.writing() as session:
        return withdrawal.sweep(session, world.store, at=at, older_than=timedelta(0))


def paths_of(world, cut):
    with world.reading() as session:
        return [world.store.path(file.sha256) for file in cut_files_of(session, cut)]


def agreed(world, release, cut, days):
    agreement = world.draw_up(world.request(world.offer(release, cut=cut, ends_at=world.now() + days * DAY)))
    world.sign(agreement)
    return agreement


def test_a_cut_is_collected_thirty_days_after_its_last_use(any_world):
    world = any_world
    release = world.published()
    cut = cut_of(world, world.edition(release))
    agreement = agreed(world, release, cut, 10)
    with world.reading() as session:
        end = agreements.terms_of(session.get_one(Agreement, agreement)).ends_at
    assert collected(world, end + KEPT - DAY) == []
    swept(world, end)
    assert all(path.is_file() for path in paths_of(world, cut))
    assert collected(world, end + KEPT) == [cut]
    assert collected(world, end + KEPT) == []
    with world.reading() as session:
        row = find_cut(session, cut)
        last = log.entry_body(session, log.size(session) - 1)
        assert (last["action"], last["subject"]) == ("cut:collected", cut)
        assert last["details"]["files"] == [path.name for path in paths_of(world, cut)]
        assert (row.collected_at, row.evidence != "") == (end + KEPT, True)
    assert all(path.is_file() for path in paths_of(world, cut))  # killed here, the next sweep erases them
    swept(world, now() + DAY)
    assert not any(path.exists() for path in paths_of(world, cut))
    with pytest.raises(WrongState, match="was collected"):
        world.offer(release, cut=cut)


def test_a_shared_cut_stays_while_any_agreement_uses_it(world):
    release = world.published()
    cut = cut_of(world, world.edition(release))
    first = agreed(world, release, cut, 10)
    agreed(world, release, cut, 300)
    with world.writing() as session:
        steward = world.people["steward"].id
        agreements.revoke(session, first, reason="over", by=steward, organisation=world.publisher, at=world.now())
    assert collected(world, world.now() + 290 * DAY) == []
    assert collected(world, world.now() + 331 * DAY) == [cut]


def test_an_offer_that_may_be_taken_keeps_its_cut(world):
    release = world.published()
    cut = cut_of(world, world.edition(release))
    world.offer(release, cut=cut, ends_at=world.now() + 100 * DAY)
    assert collected(world, world.now() + 120 * DAY) == []
    assert collected(world, world.now() + 131 * DAY) == [cut]


def test_a_collected_part_is_made_anew(world):
    release = world.published()
    edition = world.edition(release)
    cut = cut_of(world, edition)
    assert collected(world, world.now() + KEPT + DAY) == [cut]
    again = cut_of(world, edition)
    assert again != cut
    world.sign(world.draw_up(world.request(world.offer(release, cut=again))))


def test_of_a_withdrawn_release_nothing_is_collected(world):
    release = world.published()
    cut_of(world, world.edition(release))
    world.withdraw(release)
    assert collected(world, world.now() + KEPT + DAY) == []


def test_housekeeping_collects_and_a_crash_between_its_steps_is_made_good(any_market, monkeypatch):
    with any_market.open() as home:
        steward, edition = any_market.actor(home, "steward"), any_market.facts.edition
        part = parts.prepare(
            home.database,
            home.store,
            edition,
            columns=("sex", "size"),
            where=(Condition.parse("sex in 1"),),
            organisation=any_market.facts.publisher,
            by=steward,
            at=now(),
        )
        with home.database.writing() as session:
            cut = parts.enter(session, part, by=steward, at=now()).id
        any_market.agree(home, cut=cut, table="part", ends_at=now() + DAY)
        with home.database.reading() as session:
            paths = [home.store.path(file.sha256) for file in cut_files_of(session, cut)]
        later = now() + DAY + KEPT + DAY
        _crash_while_erasing(home, later, monkeypatch)
        assert all(path.is_file() for path in paths)
        assert garbage.sweep(home, at=later, older_than=timedelta(0)).collected == []
        assert not any(path.exists() for path in paths)
        assert [find.places for find in scrub(home, clock=now, stop=Event(), bytes_s=1e12).findings] == []
    assert any_market.faults() == []


def _crash_while_erasing(home: Home, at, monkeypatch):
    def killed(*blobs):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(type(home.store), "erase", lambda self, *blobs: killed())
        with pytest.raises(KeyboardInterrupt):
            garbage.sweep(home, at=at, older_than=timedelta(0))
