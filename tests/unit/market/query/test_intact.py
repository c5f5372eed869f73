"""A damaged blob is never served: the question is refused, nothing is charged, and the refusal is in the log."""

import io
import os
import shutil

import pytest

from market.delivery.formats import Format
from market.query.verdicts import Denied
from tests.common.damage import files_of, flip
from tests.common.market_fixtures import market
from tests.common.market_world import Market

__all__ = ["market"]

SQL = "SELECT count(*) AS n, max(size) AS largest FROM tumor"


@pytest.fixture
def asked(market: Market):
    """Give a way to ask, and the file that is asked, in one long-lived process."""
    with market.open() as home, market.service() as service:
        asker = market.asker(home)
        (file,) = files_of(market, home)

        def ask(key: str) -> bytes:
            sink = io.BytesIO()
            service.answer(market.question(SQL, key), asker, sink, Format.CSV)
            return sink.getvalue()

        yield ask, home, file


def test_a_flipped_bit_is_refused_costs_nothing_and_is_logged(market: Market, asked) -> None:
    ask, home, file = asked
    before = market.balance()
    flip(home, file)
    with pytest.raises(Denied) as refused:
        ask("one")
    assert refused.value.reason == "bytes-damaged"
    assert market.balance() == before
    assert len(market.entries("query:refused", reason="bytes-damaged")) == 1
    assert market.entries("query:answered") == []


def test_a_bit_that_flips_while_the_service_runs_is_refused_whatever_size_and_time_say(market: Market, asked) -> None:
    ask, home, file = asked
    first = ask("one")
    path = home.store.path(file)
    shutil.copyfile(path, market.folder / "copy")
    before = path.stat()
    flip(home, file)
    after = path.stat()
    assert (before.st_size, before.st_mtime_ns) == (after.st_size, after.st_mtime_ns)
    for key in ("two", "three"):
        with pytest.raises(Denied, match="damaged or missing"):
            ask(key)
    home.store.take(file, market.folder / "copy")
    assert ask("four") == first


def test_a_worker_that_still_holds_the_damaged_file_is_not_asked_again(market: Market, asked) -> None:
    """The file is changed, and mended, between two questions; a warm worker would answer from what it has open."""
    ask, home, file = asked
    path = home.store.path(file)
    first = ask("one")
    shutil.copyfile(path, market.folder / "copy")
    path.chmod(0o644)
    os.truncate(path, 0)
    home.store.take(file, market.folder / "copy")
    assert ask("two") == first


def test_a_file_that_is_gone_is_refused(asked) -> None:
    ask, home, file = asked
    home.store.set_aside(file)
    with pytest.raises(Denied, match="damaged or missing"):
        ask("one")


def test_touching_a_file_hashes_it_again_and_hurts_nobody(asked) -> None:
    ask, home, file = asked
    first = ask("one")
    os.utime(home.store.path(file))
    assert ask("two") == first
