"""Every blob is read; what is damaged is named with its place, served no more, and mended from a copy."""

import shutil
import threading

import pytest

from catalog.errors import NotFound
from catalog.holdings import due
from market.operations import scrub as scrubbing
from market.operations.files import Busy, only_one
from market.operations.scrub import Pace, Stopped, scrub
from tests.common.damage import files_of, flip
from tests.common.market_world import now

FAST = 1e12


def scrubbed(home, **how):
    return scrub(home, clock=now, stop=threading.Event(), bytes_s=FAST, **how)


def expected(home):
    with home.database.reading() as session:
        return due(session)


def test_an_intact_store_is_read_whole_and_the_log_says_so(any_market):
    with any_market.open() as home:
        wanted = expected(home)
        done = scrubbed(home)
        sizes = sum(home.store.path(sha256).stat().st_size for sha256 in wanted)
    assert (done.blobs, done.size_bytes, done.findings) == (len(wanted), sizes, [])
    (entry,) = any_market.entries("store:scrubbed")
    assert (entry["by"], entry["details"]["blobs"], entry["details"]["damaged"]) == ("operator", len(wanted), [])


def test_a_flipped_bit_and_a_missing_blob_are_named_with_their_places_and_not_served(any_market, tmp_path):
    with any_market.open() as home:
        shutil.copytree(home.store.root, tmp_path / "blobs")
        (file,) = files_of(any_market, home)
        with home.database.reading() as session:
            (gone,) = {
                h.sha256
                for held in due(session).values()
                for h in held
                if h.kind == "manifest" and h.release == any_market.facts.rival_release
            }
        flip(home, file)
        home.store.erase(gone)
        done = scrubbed(home)
        found = {finding.sha256: (finding.found, finding.places) for finding in done.findings}
        release = any_market.facts.release
        assert found[file] == ("damaged", [f"file of tumours #1 (release {release}, edition controlled)"])
        assert found[gone][0] == "missing"
        with pytest.raises(NotFound):
            home.store.open_path(file)
        assert scrubbed(home).findings == done.findings
        mended = scrubbed(home, copies=tmp_path / "blobs")
        assert [finding.mended for finding in mended.findings] == [True, True]
        home.store.check(file)
        assert scrubbed(home).findings == []
    last = any_market.entries("store:scrubbed")
    assert [
        (len(e["details"]["damaged"]), len(e["details"]["missing"]), len(e["details"]["mended"])) for e in last
    ] == [(1, 1, 0), (1, 1, 0), (0, 0, 2), (0, 0, 0)]


def test_a_copy_that_is_damaged_as_well_mends_nothing(market, tmp_path):
    with market.open() as home:
        (file,) = files_of(market, home)
        flip(home, file)
        shutil.copytree(home.store.root, tmp_path / "blobs")
        (finding,) = scrubbed(home, copies=tmp_path / "blobs").findings
        assert not finding.mended
        assert home.store.is_aside(file)


def test_an_interrupted_scrub_goes_on_where_it_stopped(market, monkeypatch):
    read = []
    with market.open() as home:
        verified, wanted = type(home.store).verified, expected(home)

        def counted(store, sha256, **how):
            read.append(sha256)
            if len(read) == 3:
                stop.set()
            return verified(store, sha256, **how)

        stop = threading.Event()
        monkeypatch.setattr(type(home.store), "verified", counted)
        with pytest.raises(Stopped):
            scrub(home, clock=now, stop=stop, bytes_s=FAST)
        assert market.entries("store:scrubbed") == []
        done = scrubbed(home)
        assert read == [*sorted(wanted)[:3], *sorted(wanted)[2:]]
        assert done.blobs == len(wanted)
        scrubbed(home)
        assert len(read) == 1 + 2 * len(wanted)


def test_beginning_again_reads_all(market):
    with market.open() as home:
        position = scrubbing.Position(now().isoformat(), after="f" * 64, blobs=7)
        position.keep(home.settings.home / "run" / "scrub.json")
        assert scrubbed(home, again=True).blobs == len(expected(home))


def test_what_is_withdrawn_while_it_is_read_is_not_missed(market, monkeypatch):
    from tests.common.market_world import output_of

    with market.open() as home:
        (file,) = files_of(market, home)
        verified = type(home.store).verified

        def late(store, sha256, **how):
            if sha256 == file and store.path(sha256).exists():
                words = ("release", "withdraw", market.facts.release, "--reason", "A test", "--json")
                assert output_of(market.sluice(*words, by="steward"))["erased"]
            return verified(store, sha256, **how)

        monkeypatch.setattr(type(home.store), "verified", late)
        assert scrubbed(home).findings == []


def test_two_scrubs_at_once_are_one_too_many(market):
    with market.open() as home, only_one(home.settings.home / "run" / "scrub.lock", "x"), pytest.raises(Busy):
        scrubbed(home)


def test_a_scrub_reads_no_faster_than_told(monkeypatch):
    waited = []
    stop = threading.Event()
    monkeypatch.setattr(stop, "wait", lambda seconds: waited.append(seconds))
    pace = Pace(1000.0, stop)
    pace(500)
    pace(500)
    assert waited == pytest.approx([0.5, 1.0], abs=0.1)  # nothing waited in truth, so the second is counted anew
