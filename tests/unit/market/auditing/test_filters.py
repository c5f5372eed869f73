"""A filter finds what its options describe, all of it and nothing else; what is no filter is refused with a fix."""

from dataclasses import fields
from datetime import UTC, datetime, timedelta

import pytest

from market.auditing.entries import FlatEntry, Outcome
from market.auditing.filters import Filter, FilterError, find, moment
from tests.common.clock import BEGIN
from tests.unit.market.auditing.writing import DAY, append, event, read

CHARGE = {"agreement": "a1", "firm": "f1", "edition": "e", "release": "r1", "dataset": "d1", "purpose": "DUO:0000006"}
OTHER = {"agreement": "a2", "firm": "f2", "edition": "e", "release": "r2", "dataset": "d2", "purpose": "DUO:0000042"}


@pytest.fixture
def told(any_database):
    """Two firms ask: one is delivered much, the other is stopped, refused, and refunded."""
    append(
        any_database,
        event("query:quoted", "a1", "m1", BEGIN, amount_fen=10),
        event("query:answered", "q1", "m1", BEGIN + DAY, **CHARGE, amount_fen=10),
        event("query:delivered", "q1", "m1", BEGIN + DAY, rows=100, bytes=9000, status="complete"),
        event("query:answered", "q2", "m2", BEGIN + 2 * DAY, **OTHER, amount_fen=20),
        event("query:delivered", "q2", "m2", BEGIN + 2 * DAY, rows=5, bytes=50, status="row_limit"),
        event("query:refused", "a2", "m2", BEGIN + 3 * DAY, reason="syntax", purpose="DUO:0000042"),
        event("query:refusals", "m2", "m2", BEGIN + 3 * DAY, count=7, reasons={"syntax": 7}),
        event("query:refunded", "q2", "m2", BEGIN + 4 * DAY, reason="not fetched in time"),
        event("release:published", "r1", "s", BEGIN + 5 * DAY, dataset="d1"),
    )
    return any_database


FOUND = [
    ({"action": "query:answered"}, [1, 3]),
    ({"subject": "q2"}, [3, 4, 7]),
    ({"actor": "m1"}, [0, 1, 2]),
    ({"firm": "f2"}, [3, 4, 7]),
    ({"dataset": "d1"}, [1, 2, 8]),
    ({"release": "r1"}, [1, 2, 8]),
    ({"agreement": "a2"}, [3, 4, 5, 7]),
    ({"purpose": "DUO:0000042"}, [3, 4, 5, 7]),
    ({"outcome": "delivered"}, [2]),
    ({"outcome": "partial"}, [4]),
    ({"outcome": "refused"}, [5, 6]),
    ({"outcome": "refunded"}, [7]),
    ({"outcome": "failed"}, []),
    ({"from_seq": 6}, [6, 7, 8]),
    ({"from_": "2026-01-03T00:00:00Z", "to": "2026-01-04T00:00:00Z"}, None),
    ({"min_bytes": 50}, [2, 4]),
    ({"max_bytes": 50}, [4]),
    ({"min_rows": 6}, [2]),
    ({"min_rows": 5, "max_rows": 5}, [4]),
    ({"min_fen": 20}, [3]),
    ({"max_fen": 10}, [0, 1]),
    ({"firm": "f1", "outcome": "delivered", "min_bytes": 9000, "dataset": "d1"}, [2]),
    ({"firm": "f1", "dataset": "d2"}, []),
    ({"firm": "' OR 1=1 --"}, []),
    ({}, list(range(9))),
]


def test_a_filter_finds_all_it_describes_and_nothing_else(told):
    everything = read(told)
    for given, numbers in FOUND:
        with told.reading() as session:
            found = [entry.seq for batch in find(session, Filter.parse(**given)) for entry in batch]
        assert found == [entry.seq for entry in everything if describes(given, entry)], given
        assert numbers is None or found == numbers, given


def describes(given: dict[str, object], entry: FlatEntry) -> bool:
    """The plain way: every condition on every entry, none left to the database."""
    for name, value in given.items():
        match name:
            case "from_seq":
                held = entry.seq >= value
            case "from_":
                held = entry.at >= datetime.fromisoformat(value)
            case "to":
                held = entry.at < datetime.fromisoformat(value)
            case _ if name.startswith(("min_", "max_")):
                figure = getattr(entry, {"fen": "amount_fen"}.get(name[4:], name[4:]))
                held = figure is not None and (figure >= value if name.startswith("min_") else figure <= value)
            case _:
                held = getattr(entry, name) == value
        if not held:
            return False
    return True


def test_every_option_is_tried():
    assert {name for given, _ in FOUND for name in given} == {field.name for field in fields(Filter)}


WRONG = [
    ({"action": "published"}, "action", "release:published"),
    ({"outcome": "eaten"}, "outcome", "delivered, partial"),
    ({"outcome": "refused", "action": "query:delivered"}, "outcome", "another outcome"),
    ({"firm": ""}, "firm", "name one"),
    ({"from_": "yesterday"}, "from", "2026-01-31"),
    ({"from_": "2026-01-31T08:00:00"}, "from", "time zone"),
    ({"from_": "2026-13-31"}, "from", "2026-01-31"),
    ({"from_": "2026-02-01", "to": "2026-02-01"}, "to", "later moment"),
    ({"from_seq": -1}, "from-seq", "from 0"),
    ({"min_rows": 3, "max_rows": 2}, "max-rows", "both"),
]


@pytest.mark.parametrize(("given", "place", "fix"), WRONG, ids=[str(given) for given, *_ in WRONG])
def test_what_is_no_filter_is_refused_with_place_and_fix(given, place, fix):
    with pytest.raises(FilterError) as refused:
        Filter.parse(**given)
    assert refused.value.place == place
    assert fix in refused.value.fix


def test_a_partial_delivery_may_be_asked_for_with_its_action():
    assert Filter.parse(action="query:delivered", outcome="partial").outcome is Outcome.PARTIAL


def test_a_day_begins_at_midnight_utc_and_a_moment_keeps_its_zone():
    assert moment("from", "2026-01-31") == datetime(2026, 1, 31, tzinfo=UTC)
    assert moment("from", "2026-01-31T08:00:00+08:00") == datetime(2026, 1, 31, tzinfo=UTC)


def test_what_was_asked_for_is_said_as_the_log_keeps_it():
    wanted = Filter.parse(firm="f", from_="2026-01-31", min_rows=0)
    assert wanted.said() == {"firm": "f", "from": datetime(2026, 1, 31, tzinfo=UTC), "min_rows": 0}


def test_limits_include_their_own_value_but_the_end(any_database):
    append(any_database, event("query:quoted", at=BEGIN), event("query:quoted", at=BEGIN + timedelta(seconds=1)))
    wanted = Filter(from_=BEGIN, to=BEGIN + timedelta(seconds=1))
    with any_database.reading() as session:
        assert [entry.seq for batch in find(session, wanted) for entry in batch] == [0]
