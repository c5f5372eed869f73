"""Each rule fires at its edge and not before it, once for a burst, and remembers no more than it needs."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from market.auditing import rules
from market.auditing.alerts import SHOWN, Alert
from market.auditing.entries import OUTCOMES, FlatEntry
from market.auditing.watches import Denials, Dormant, Exports, Witnesses
from tests.common.clock import BEGIN
from tests.unit.market.auditing.writing import DAY, MINUTE

SECOND = timedelta(seconds=1)
RULES = rules.load()


def entry(seq: int, at: datetime, action: str, actor: str = "m", **said: Any) -> FlatEntry:
    """Make a flat entry."""
    details = said.pop("details", {})
    values: dict[str, Any] = dict.fromkeys(FlatEntry._fields)
    values |= {"seq": seq, "at": at, "action": action, "subject": "s", "actor": actor, "details": details}
    return FlatEntry(**{**values, "outcome": OUTCOMES.get(action), **said})


def watched(watch: Any, entries: list[FlatEntry]) -> list[Alert]:
    """Let entries pass."""

    def alerts() -> Iterator[Alert]:
        for one in entries:
            assert one.at is not None
            yield from watch.see(one, one.at)
        yield from watch.end()

    return list(alerts())


def refusals(number: int, apart: timedelta, *, begin: datetime = BEGIN, first: int = 0) -> list[FlatEntry]:
    return [entry(first + n, begin + n * apart, "query:refused", reason="syntax") for n in range(number)]


def deliveries(*sizes: int, firm: str = "f", begin: datetime = BEGIN, first: int = 0) -> list[FlatEntry]:
    return [entry(first + n, begin + n * DAY, "query:delivered", firm=firm, bytes=size) for n, size in enumerate(sizes)]


def test_twenty_refusals_in_ten_minutes_are_told_of_and_nineteen_are_not():
    assert watched(Denials(RULES), refusals(19, SECOND)) == []
    (alert,) = watched(Denials(RULES), refusals(20, 31 * SECOND))
    assert (alert.rule, alert.actor, alert.entries) == ("denials", "m", tuple(range(20)))
    assert alert.figures == {"denials": 20, "reasons": {"syntax": 20}, "most_in_window": 20}


def test_twenty_refusals_in_more_than_ten_minutes_are_not_told_of():
    assert watched(Denials(RULES), refusals(40, 32 * SECOND)) == []


def test_refusals_of_many_are_not_those_of_one():
    mixed = [one._replace(actor=f"m{one.seq % 2}") for one in refusals(38, SECOND)]
    assert watched(Denials(RULES), mixed) == []


def test_a_burst_is_told_of_once_and_the_next_one_again():
    burst = refusals(500, 2 * SECOND)
    later = refusals(20, SECOND, begin=BEGIN + DAY, first=500)
    first, second = watched(Denials(RULES), burst + later)
    assert (first.figures["denials"], second.figures["denials"]) == (500, 20)
    assert (first.entries[0], first.entries[-1], len(first.entries)) == (0, 499, SHOWN)
    assert (first.to, second.from_) == (BEGIN + 998 * SECOND, BEGIN + DAY)


def counted(seq: int, at: datetime, minute: datetime, **reasons: int) -> FlatEntry:
    details = {"minute": minute.isoformat(), "count": sum(reasons.values()), "reasons": reasons}
    return entry(seq, at, "query:refusals", details=details)


def test_refusals_that_were_counted_together_count_by_their_number():
    assert watched(Denials(RULES), [counted(0, BEGIN + MINUTE, BEGIN, syntax=19)]) == []
    (alert,) = watched(Denials(RULES), [counted(0, BEGIN + MINUTE, BEGIN, syntax=12, table_refused=8)])
    assert alert.figures["reasons"] == {"syntax": 12, "table_refused": 8}
    assert alert.from_ == BEGIN


@pytest.mark.parametrize("late", [MINUTE, timedelta(hours=9)])
def test_what_is_counted_together_belongs_to_its_burst_however_late_it_is_entered(late):
    """A hundred have entries of their own; those beyond come when their minute is over, or when the next one asks."""
    burst = refusals(100, timedelta(milliseconds=300))
    others = [entry(100, BEGIN + late - SECOND, "query:refused", "someone")]
    alerts = watched(Denials(RULES), [*burst, *others, counted(101, BEGIN + late, BEGIN, syntax=900)])
    assert [alert.actor for alert in alerts] == ["m"]
    assert alerts[0].figures["denials"] == (1000 if late == MINUTE else 100)


def test_denials_remember_only_who_was_refused_of_late():
    watch = Denials(RULES)
    everyone = [entry(n, BEGIN + n * MINUTE, "query:refused", f"m{n}") for n in range(1000)]
    assert watched(watch, everyone) == []
    assert len(watch._recent) <= 11


def test_an_export_beyond_ten_times_the_median_is_told_of_and_ten_times_is_not():
    assert watched(Exports(RULES), deliveries(*[100] * 10, 1000)) == []
    (alert,) = watched(Exports(RULES), deliveries(*[100] * 10, 1001))
    assert (alert.rule, alert.firm, alert.entries) == ("export", "f", (10,))
    assert alert.figures == {"median_bytes": 100, "bytes": 1001, "deliveries": 1}


def test_a_firm_with_fewer_than_ten_deliveries_has_no_habit_yet():
    assert watched(Exports(RULES), deliveries(*[100] * 9, 10**9)) == []


def test_each_firm_is_held_against_itself():
    large = deliveries(*[10**6] * 12, firm="large", first=100)
    small = deliveries(*[100] * 10, 5000, firm="small")
    (alert,) = watched(Exports(RULES), sorted(large + small, key=lambda one: (one.at, one.seq)))
    assert alert.firm == "small"


def test_exports_within_an_hour_are_one_alert():
    usual = deliveries(*[100] * 10)
    night = [
        entry(20 + n, BEGIN + 20 * DAY + n * 30 * MINUTE, "query:delivered", firm="f", bytes=3**n * 2000)
        for n in range(4)
    ]
    (alert,) = watched(Exports(RULES), usual + night)
    assert (alert.entries, alert.figures["deliveries"], alert.figures["bytes"]) == ((20, 21, 22, 23), 4, 54_000)


def test_a_copy_each_month_is_told_of_once_and_a_larger_one_again():
    months = [
        entry(100 + n, BEGIN + n * 30 * DAY, "query:delivered", firm="f", bytes=size)
        for n, size in enumerate([50_000, 50_000, 60_000, 200_000], 2)
    ]
    usual = deliveries(*[100] * 150)
    alerts = watched(Exports(RULES), sorted(usual + months, key=lambda one: (one.at, one.seq)))
    assert [alert.figures["bytes"] for alert in alerts] == [50_000, 200_000]


def test_a_firm_whose_sizes_scatter_is_told_of_only_beyond_its_scatter():
    scattered = [10, 1000, 100, 10_000, 30, 3000, 300, 100, 1000, 50, 2000, 100, 700, 20, 9000, 400] * 3
    assert watched(Exports(RULES), deliveries(*scattered, 30_000)) == []
    (alert,) = watched(Exports(RULES), deliveries(*scattered, 30_000_000))
    assert alert.figures["bytes"] == 30_000_000


def test_a_stopped_delivery_counts_as_one():
    stopped = entry(11, BEGIN + 11 * DAY, "query:delivered", firm="f", bytes=5000, outcome="partial")
    (alert,) = watched(Exports(RULES), [*deliveries(*[100] * 10), stopped])
    assert alert.entries == (11,)


def asked(seq: int, at: datetime, firm: str = "f", dataset: str = "d", action: str = "query:answered") -> FlatEntry:
    return entry(seq, at, action, firm=firm, dataset=dataset)


def test_a_dataset_used_again_after_more_than_ninety_days_is_told_of():
    assert watched(Dormant(RULES), [asked(0, BEGIN), asked(1, BEGIN + 90 * DAY)]) == []
    again = BEGIN + 90 * DAY + SECOND
    (alert,) = watched(Dormant(RULES), [asked(0, BEGIN), asked(1, again), asked(2, again + SECOND)])
    assert (alert.rule, alert.entries, alert.firm, alert.dataset) == ("dormant", (1,), "f", "d")
    assert alert.figures == {"days": 90, "last": BEGIN}


def test_the_first_use_of_an_old_agreement_counts_from_its_signing():
    signed = asked(0, BEGIN, action="agreement:signed")
    assert watched(Dormant(RULES), [signed, asked(1, BEGIN + DAY)]) == []
    assert len(watched(Dormant(RULES), [signed, asked(1, BEGIN + 91 * DAY)])) == 1
    assert watched(Dormant(RULES), [asked(1, BEGIN + 91 * DAY)]) == []


def test_another_dataset_or_firm_wakes_nothing():
    others = [asked(1, BEGIN + 91 * DAY, dataset="e"), asked(2, BEGIN + 91 * DAY, firm="g")]
    assert watched(Dormant(RULES), [asked(0, BEGIN), *others]) == []


def test_a_refused_question_is_no_use():
    refused = asked(1, BEGIN + 91 * DAY, action="query:refused")
    assert watched(Dormant(RULES), [asked(0, BEGIN), refused]) == []


def test_a_witness_that_refuses_is_told_of_once_an_hour():
    said = [
        entry(n, BEGIN + minutes * MINUTE, "witness:refused", subject="w1") for n, minutes in enumerate((0, 30, 200))
    ]
    first, second = watched(Witnesses(RULES), said)
    assert (first.entries, second.entries) == ((0, 1), (2,))
    assert first.figures == {"witness": "w1", "refusals": 2}


def test_every_threshold_has_its_reason():
    import tomllib

    raw = tomllib.loads(rules.FILE.read_text("utf-8"))
    assert set(raw) == {"denials", "export", "dormant", "checkpoint", "witness"}
    assert all(len(section["reason"]) > 40 for section in raw.values())
