"""One question under several agreements: each allows it, each is paid, and all of them share its fate."""

import io
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel import select

from catalog.errors import NotFound
from catalog.events import Event, note
from market.auditing.replay import Verdict, replay
from market.auditing.trace import trace
from market.delivery.formats import Format
from market.home import Home
from market.ledger.models import Kind, Unit
from market.licensing import agreements
from market.query import receipts, runs
from market.query.answer import Delivery, QueryService
from market.query.asker import Asker
from market.query.models import QueryRun, RunState
from market.query.question import Question, Under, UnderError, read_under
from market.query.runs import REFUND_AFTER
from market.query.verdicts import Denied
from policies.errors import TermsError
from policies.pricing import Price
from policies.profile import Mode
from policies.terms import Action, Purpose, Quota
from tests.common.market_fixtures import any_market, market, postgres_market
from tests.common.market_world import PURPOSE, QUOTA, Market, now

__all__ = ["any_market", "market", "postgres_market"]

OTHERS = (Action.QUERY, Action.JOIN)
ANY = (*OTHERS, Action.JOIN_SUBJECTS)
JOINED = (
    "SELECT a.sex, count(*) AS n FROM tumor a JOIN rivals b ON a.sex = b.sex AND a.size = b.size GROUP BY 1 ORDER BY 1"
)
DEAR = Price(per_query_fen=100, per_gb_fen=7000)


@dataclass
class Pair:
    """A market whose licensee holds two agreements that allow joins: on tumours, and on the rivals' dataset."""

    market: Market
    service: QueryService
    asker: Asker
    home: Home
    tumors: str
    rivals: str

    def agree(self, **terms: Any) -> str:
        return self.market.agree(self.home, **terms)

    def question(self, sql: str = JOINED, key: str = "key", *under: str, purpose: str = PURPOSE) -> Question:
        named = under or (self.tumors, self.rivals)
        return Question.of(read_under(named), purpose=purpose, sql=sql, key=key)

    def answer(self, *asked: Any, sink: Any = None, keep_bytes: int = 0, **more: Any) -> tuple[Delivery, list[Any]]:
        sink = io.BytesIO() if sink is None else sink
        made = self.service.answer(self.question(*asked, **more), self.asker, sink, Format.JSON, keep_bytes=keep_bytes)
        return made, [json.loads(line) for line in sink.getvalue().splitlines()]

    def refused(self, *asked: Any, **more: Any) -> Denied:
        before = self.left()
        with pytest.raises(Denied) as denied:
            self.answer(*asked, **more)
        assert self.left() == before
        assert self.market.entries("query:refused")[-1]["details"]["reason"] == denied.value.reason
        assert self.market.faults() == []
        return denied.value

    def left(self) -> list[int]:
        """What the firm and each agreement still has."""
        quotas = [
            self.market.balance(agreement, Kind.QUOTA, unit)
            for agreement in (self.tumors, self.rivals)
            for unit in (Unit.BYTES, Unit.QUERIES, Unit.ROWS)
        ]
        return [self.market.balance(), *quotas]

    def states(self) -> list[tuple[str, str, bool]]:
        with self.home.database.reading() as session:
            rows = session.exec(select(QueryRun).order_by(QueryRun.id)).all()
            return [(row.agreement_id, row.state, row.part_of is None) for row in rows]

    def both(self, state: RunState) -> list[tuple[str, str, bool]]:
        return [(self.tumors, state, True), (self.rivals, state, False)]


@contextmanager
def paired(market: Market) -> Iterator[Pair]:
    with market.open() as home:
        tumors = market.agree(home, actions=OTHERS)
        edition = market.facts.rival_edition
        rivals = market.agree(home, edition=edition, table="rivals", actions=OTHERS, price=DEAR)
        with market.service() as service:
            yield Pair(market, service, market.asker(home), home, tumors, rivals)


@pytest.fixture
def pair(market: Market) -> Iterator[Pair]:
    with paired(market) as made:
        yield made


@pytest.fixture
def any_pair(any_market: Market) -> Iterator[Pair]:
    with paired(any_market) as made:
        yield made


def test_a_join_is_priced_paid_proved_and_replayed_under_each_agreement(any_pair: Pair) -> None:
    before, question = any_pair.left(), any_pair.question()
    assessed = any_pair.service.quote(question, any_pair.asker)
    own, other = assessed.told()
    assert (own["agreement"], other["agreement"]) == (any_pair.tumors, any_pair.rivals)
    assert (own["columns"], other["columns"]) == (["tumor.sex", "tumor.size"], ["rivals.sex", "rivals.size"])
    assert assessed.quote.amount_fen == own["amount_fen"] + other["amount_fen"] > 110
    made, rows = any_pair.answer()
    assert [row["sex"] for row in rows]
    assert made.rows == len(rows)
    assert made.bill.net_fen == assessed.quote.amount_fen
    spent = [had - has for had, has in zip(before, any_pair.left(), strict=True)]
    counted = [[one["billed_bytes"], 1, made.rows] for one in (own, other)]
    assert spent == [assessed.quote.amount_fen, *counted[0], *counted[1]]
    assert any_pair.states() == any_pair.both(RunState.DELIVERED)
    assert any_pair.market.faults() == []
    with any_pair.home.database.reading() as session:
        proof = receipts.receipt(session, made.run_id, any_pair.home.notary)
    assert receipts.check(proof, any_pair.market.facts.log_key) == []
    assert proof["total_fen"] == assessed.quote.amount_fen
    assert proof["agreement"] == any_pair.tumors
    (joined,) = proof["joined"]
    assert (joined["agreement"], joined["columns"]) == (any_pair.rivals, other["columns"])
    charged = any_pair.market.entries("query:answered", subject=made.run_id)[0]["details"]
    assert charged["joined"][0]["agreement"] == any_pair.rivals
    lone = {**proof, "entries": [entry for entry in proof["entries"] if joined["query"] not in entry["body"]]}
    assert receipts.check({**proof, "total_fen": 1}, any_pair.market.facts.log_key) != []
    assert receipts.check(lone, any_pair.market.facts.log_key) != []


def test_terms_deny_joins_unless_each_grants_them(pair: Pair) -> None:
    plain = pair.agree()
    assert pair.refused(JOINED, "a", plain, pair.rivals).reason == "join-not-covered"
    denied = pair.refused(JOINED.replace("rivals", "tumor").replace("tumor a", "rivals a"), "b", pair.rivals, plain)
    assert denied.reason == "join-not-covered"
    assert plain in denied.message


def test_cuts_about_the_same_subjects_are_joined_only_where_both_say_so(pair: Pair) -> None:
    sql = "SELECT count(*) AS n FROM tumor JOIN again ON tumor.id = again.id"
    other = pair.agree(actions=OTHERS)
    assert pair.refused(sql, "a", pair.tumors, f"again={other}").reason == "join-not-covered"
    wide = pair.agree(actions=ANY)
    assert pair.refused(sql, "b", pair.tumors, f"again={wide}").reason == "join-not-covered"
    wider = pair.agree(actions=ANY)
    _, rows = pair.answer(sql, "c", wide, f"again={wider}")
    assert rows == [{"n": pair.answer("SELECT count(*) AS n FROM tumor", "d", wide)[1][0]["n"]}]
    assert pair.market.faults() == []


def test_a_series_is_one_space_of_subjects(pair: Pair) -> None:
    with pair.home.database.writing() as session:
        session.connection().execute(text("UPDATE dataset SET series = 'together'"))
        note(session, Event(action="dataset:changed", subject="tumours", by=pair.asker.id, at=now()))
    assert pair.refused().reason == "join-not-covered"


def test_each_agreement_must_stand_and_cover_the_purpose(pair: Pair) -> None:
    methods = pair.refused(JOINED, "a", purpose=Purpose.METHODS_DEVELOPMENT)
    assert methods.reason == "purpose-not-covered"
    with pytest.raises(NotFound):
        pair.answer(JOINED, "b", pair.tumors, pair.market.facts.rival_agreement)
    steward = pair.market.asker(pair.home, "steward")
    with pair.home.database.writing() as session:
        agreements.revoke(session, pair.rivals, reason="over", by=steward.id, organisation=steward.firm, at=now())
    denied = pair.refused(JOINED, "c")
    assert denied.reason == "agreement-not-active"
    assert pair.rivals in denied.message


def test_tables_that_share_a_name_are_told_apart_by_an_alias(pair: Pair) -> None:
    same = pair.agree(edition=pair.market.facts.rival_edition, table="Tumor", actions=OTHERS)
    sql = "SELECT count(*) AS n FROM tumor, b"
    denied = pair.refused(sql, "a", pair.tumors, same)
    assert denied.reason == "table-names-clash"
    assert "other_tumor=AGREEMENT" in denied.fix
    made, _ = pair.answer(sql, "b", pair.tumors, f"b={same}")
    entry = pair.market.entries("query:answered", subject=made.run_id)[0]["details"]
    assert (entry["table"], entry["joined"][0]["table"]) == ("tumor", "b")
    assert pair.refused("SELECT count(*) FROM tumor", "c", f"b={pair.tumors}").reason == "table_refused"
    _, rows = pair.answer("SELECT count(*) AS n FROM b", "d", f"b={pair.tumors}")
    assert rows[0]["n"] > 0
    assert pair.market.faults() == []


def test_an_agreement_that_is_not_read_is_not_charged_for(pair: Pair) -> None:
    assert pair.refused("SELECT count(*) AS n FROM tumor").reason == "agreement-not-used"


def test_other_tables_are_as_if_they_were_not_there(pair: Pair) -> None:
    assert pair.refused("SELECT a.remark FROM tumor, works a, rivals", "a").reason == "table_refused"
    assert pair.refused("SELECT tumor.remark FROM rivals, (SELECT id FROM tumor) AS tumor", "b").reason
    assert pair.refused("FROM tumor, rivals, read_parquet('/etc/passwd')", "c").reason == "table_function_refused"


def test_aggregates_are_asked_alone(pair: Pair) -> None:
    aggregates = pair.agree(mode=Mode.AGGREGATES)
    denied = pair.refused("SELECT count(*) FROM tumor, rivals", "a", aggregates, pair.rivals)
    assert denied.reason == "mode-not-served"
    assert pair.refused("SELECT count(*) FROM t", "b", f"t={aggregates}").reason == "mode-not-served"
    with pytest.raises(TermsError, match="allow joins"):
        pair.agree(mode=Mode.AGGREGATES, actions=OTHERS)


def test_nothing_is_set_aside_where_one_quota_is_too_small(pair: Pair) -> None:
    none = pair.agree(
        edition=pair.market.facts.rival_edition, table="rivals", actions=OTHERS, quota=replace(QUOTA, queries=0)
    )
    denied = pair.refused(JOINED, "a", pair.tumors, none)
    assert denied.reason == "quota-exhausted"
    assert none in denied.message
    few = pair.agree(
        edition=pair.market.facts.rival_edition,
        table="rivals",
        actions=OTHERS,
        quota=Quota(bytes=10**9, rows=7, queries=9),
    )
    assert pair.states() == []
    sql = "SELECT a.size FROM tumor a, (FROM rivals LIMIT 1) b LIMIT 7"
    made, _ = pair.answer(sql, "b", pair.tumors, few)
    assert (made.rows, pair.market.balance(few, Kind.QUOTA, Unit.ROWS)) == (7, 0)
    assert pair.market.faults() == []


def test_a_key_stands_for_the_agreements_as_well(pair: Pair) -> None:
    made, rows = pair.answer(JOINED, "k", keep_bytes=10**6)
    paid = pair.left()
    again, same = pair.answer(JOINED, "k", keep_bytes=10**6)
    assert (again.run_id, again.bill, same) == (made.run_id, made.bill, rows)
    assert pair.left() == paid
    alone = pair.agree(actions=OTHERS, edition=pair.market.facts.rival_edition, table="rivals")
    assert pair.refused(JOINED, "k", pair.tumors, alone).reason == "key-reused"


def test_a_failure_of_ours_gives_all_of_it_back(any_pair: Pair) -> None:
    class Broken(io.RawIOBase):
        def writable(self) -> bool:
            return True

        def write(self, data: Any) -> int:
            raise RuntimeError("a fault of ours")

    before = any_pair.left()
    with pytest.raises(RuntimeError):
        any_pair.answer(JOINED, "k", sink=Broken())
    assert any_pair.left() == before
    assert any_pair.states() == any_pair.both(RunState.REFUNDED)
    assert any_pair.market.faults() == []
    made, _ = any_pair.answer(JOINED, "k")
    assert any_pair.states() == any_pair.both(RunState.DELIVERED)
    assert any_pair.left()[0] == before[0] - made.bill.net_fen
    assert any_pair.market.faults() == []


@pytest.mark.parametrize("posted", [False, True])
def test_what_a_process_left_open_is_finished_under_each_agreement(any_pair: Pair, posted: bool) -> None:
    """Reserved: void. Charged: the same key runs it at no charge, or it is refunded."""
    before, service = any_pair.left(), any_pair.service
    assessed = service.assess(any_pair.question(), any_pair.asker)
    run, _ = service.steps.reserve(assessed, any_pair.asker)
    if posted:
        service.steps.post(run, assessed, any_pair.asker)
    with any_pair.home.database.writing() as session:
        assert runs.recover(session, is_alive=lambda epoch: False, at=now()) == 1
    assert any_pair.states() == any_pair.both(RunState.UNKNOWN if posted else RunState.FAILED)
    assert any_pair.market.faults() == []
    if not posted:
        assert any_pair.left() == before
        return
    paid = any_pair.left()
    made, _ = any_pair.answer()
    assert made.run_id == run
    assert any_pair.states() == any_pair.both(RunState.DELIVERED)
    assert any_pair.left() == [
        *paid[:3],
        paid[3] - made.rows,
        *paid[4:6],
        paid[6] - made.rows,
    ]
    assert any_pair.market.faults() == []


def test_what_nobody_fetched_is_refunded_under_each_agreement(any_pair: Pair) -> None:
    before, service = any_pair.left(), any_pair.service
    assessed = service.assess(any_pair.question(), any_pair.asker)
    run, _ = service.steps.reserve(assessed, any_pair.asker)
    service.steps.post(run, assessed, any_pair.asker)
    for later in (timedelta(0), REFUND_AFTER + timedelta(days=1)):
        with any_pair.home.database.writing() as session:
            assert runs.recover(session, is_alive=lambda epoch: False, at=now() + later) == 1
    assert any_pair.states() == any_pair.both(RunState.REFUNDED)
    assert any_pair.left() == before
    assert any_pair.market.faults() == []


def test_parts_that_differ_from_their_lead_are_a_fault(pair: Pair) -> None:
    made, _ = pair.answer()
    with pair.home.database.writing() as session:
        changed = text("UPDATE query_run SET state = 'refunded' WHERE part_of = :run")
        session.connection().execute(changed, {"run": made.run_id})
        note(session, Event(action="test:told", subject=made.run_id, by=pair.asker.id, at=now()))
    assert any("part of" in fault for fault in pair.market.faults())


def test_agreements_are_named_plainly() -> None:
    assert read_under(["A", "b=B"]) == (Under("A"), Under("B", "b"))
    for wrong in ([], ["A", "A"], ["A", "b=A"], ["=A"], ["b="], ["1=A"], ["a b=C"], [f"A{n}" for n in range(9)]):
        with pytest.raises(UnderError):
            read_under(wrong)


def test_the_publisher_signs_whether_joins_are_allowed(pair: Pair) -> None:
    with pair.home.database.reading() as session:
        texts = [
            agreements.find(session, one, firm=pair.asker.firm).text
            for one in (pair.tumors, pair.market.facts.agreement)
        ]
    assert "联接 / Joins: with tables of other agreements that allow it, about other subjects" in texts[0]
    assert '"sluice:join"' in texts[0]
    assert "联接 / Joins: none" in texts[1]


def test_a_join_is_replayed_on_the_bytes_of_both(pair: Pair) -> None:
    made, _ = pair.answer()
    part = pair.market.entries("query:answered", part_of=made.run_id)[0]["subject"]
    auditor = pair.market.asker(pair.home, "auditor").id
    with pair.home.database.reading() as session:
        leading, other = trace(session, made.run_id), trace(session, part)
    assert leading[0].facts["joined"] == [part]
    assert other[0].facts["part_of"] == made.run_id
    assert [step.id for step in (leading[3], other[3])] == [pair.tumors, pair.rivals]
    assert [fault for step in (*leading, *other) for fault in step.faults] == []
    for run in (made.run_id, part):
        found = replay(pair.service, run, by=auditor)
        assert (found.query, found.verdict, len(found.files)) == (made.run_id, Verdict.SAME_BYTES, 2)


def test_joins_the_other_way_round_at_once_all_come_to_their_end(any_pair: Pair) -> None:
    """Accounts are locked in one order whatever the order of the agreements, so nobody waits in a ring."""
    pairs = [(any_pair.tumors, any_pair.rivals), (any_pair.rivals, any_pair.tumors)] * 4
    before = any_pair.left()
    with ThreadPoolExecutor(4) as crew:
        asked = [crew.submit(any_pair.answer, JOINED, f"k{number}", *under) for number, under in enumerate(pairs)]
        fen = [one.result()[0].bill.net_fen for one in asked]
    assert any_pair.left()[0] == before[0] - sum(fen)
    assert any_pair.market.faults() == []


def test_the_flat_price_of_each_agreement_is_charged_once(pair: Pair) -> None:
    flat = {"edition": pair.market.facts.rival_edition, "actions": OTHERS}
    one = pair.agree(table="one", price=Price(flat_monthly_fen=300), **flat)
    sql = "SELECT count(*) AS n FROM tumor JOIN one ON tumor.size = one.size"
    assessed = pair.service.quote(pair.question(sql, "a", pair.tumors, one), pair.asker)
    assert [share["monthly_fen_due"] for share in assessed.told()] == [0, 300]
    before = pair.left()[0]
    paid = [pair.answer(sql, key, pair.tumors, one)[0].bill.net_fen for key in ("a", "b")]
    assert before - pair.left()[0] == 300 + sum(paid)
    assert len(pair.market.entries("subscription:charged")) == 1
    assert pair.market.faults() == []
