"""An answer is priced before, paid once, delivered whole, and proved; a refusal costs nothing and says why."""

import contextlib
import hashlib
import io
import json
import os
import signal
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv as arrow_csv
import pyarrow.parquet as pq
import pytest

from anonymize.signing import Signer
from catalog import withdrawal
from catalog.errors import NotFound
from catalog.events import Event, note
from catalog.ids import MemberId
from market.delivery.formats import Format
from market.ledger import transfers
from market.ledger.models import Kind, Unit
from market.ledger.transfers import Move, open_account
from market.licensing import agreements
from market.query import receipts
from market.query.answer import Delivery, QueryService
from market.query.asker import Asker
from market.query.errors import Code, QueryFailed
from market.query.models import QueryRun
from market.query.runs import REFUND_AFTER, recover
from market.query.verdicts import Denied
from market.query.workers.layers import Layer
from market.query.workers.pool import WorkerPool
from market.query.workers.shadow import Shadow
from policies.decide import Reason
from policies.pricing import Price
from policies.terms import Quota
from tests.common.market_world import PRICE, QUOTA, ROWS, Market, copied, now

SMALL = "SELECT sex, count(*) AS n FROM tumor GROUP BY sex ORDER BY sex"
LARGE = "SELECT t.id, t.size, r.range AS n FROM tumor t, range(1500) r"
"""Many batches."""
ENDLESS = "SELECT count(*) AS n FROM range(10000000) a, range(10000000) b WHERE a.range * b.range % 7 = 3"
COST_FEN = 15


class Place:
    """A market and its service, for one test."""

    def __init__(self, market: Market, service: QueryService, asker: Asker) -> None:
        self.market, self.service, self.asker = market, service, asker
        self.before = market.balance()

    def answer(
        self,
        sql: str,
        key: str = "key",
        *,
        sink: Any = None,
        format: Format = Format.JSON,
        asker: Asker | None = None,
        **question: str,
    ) -> tuple[Delivery, bytes]:
        """Ask, and give what came."""
        sink = io.BytesIO() if sink is None else sink
        made = self.service.answer(self.market.question(sql, key, **question), asker or self.asker, sink, format)
        return made, sink.getvalue() if isinstance(sink, io.BytesIO) else b""

    def refused(self, sql: str = SMALL, key: str = "key", **question: Any) -> Denied:
        """Ask what must be refused: it costs nothing and is logged with its reason."""
        balance, logged = self.market.balance(), len(self.market.entries("query:refused"))
        with pytest.raises(Denied) as denied:
            self.answer(sql, key, **question)
        assert self.market.balance() == balance
        entries = self.market.entries("query:refused")
        assert len(entries) == logged + 1
        assert entries[-1]["details"]["reason"] == denied.value.reason
        assert denied.value.fix
        assert self.market.faults() == []
        return denied.value

    @property
    def spent(self) -> int:
        """What the firm has paid."""
        return self.before - self.market.balance()

    def left(self, unit: Unit, agreement: str | None = None) -> int:
        """What an agreement may still take."""
        return self.market.balance(agreement or self.market.facts.agreement, Kind.QUOTA, unit)

    def state(self, run_id: str) -> str:
        """How far a run got."""
        with self.market.open() as home, home.database.reading() as session:
            return session.get_one(QueryRun, run_id).state


@pytest.fixture
def market(tmp_path: Path) -> Market:
    return copied(tmp_path / "market")


@pytest.fixture
def place(market: Market) -> Iterator[Place]:
    with market.open() as home:
        asker = market.asker(home)
    with market.service() as service:
        yield Place(market, service, asker)


class Trap(io.RawIOBase):
    """A sink that does something when the first bytes arrive."""

    def __init__(self, spring: Any) -> None:
        super().__init__()
        self._spring, self._sprung, self.size = spring, False, 0

    def write(self, data: Any) -> int:
        if not self._sprung:
            self._sprung = True
            self._spring()
        size = memoryview(data).nbytes
        self.size += size
        return size


def test_the_quote_is_the_bill(place: Place) -> None:
    quoted = place.service.quote(place.market.question(SMALL, ""), place.asker).quote
    made, _ = place.answer(SMALL)
    assert made.quote == quoted
    assert place.spent == quoted.amount_fen == COST_FEN
    assert QUOTA.bytes - place.left(Unit.BYTES) == quoted.billed_bytes
    (entry,) = place.market.entries("query:answered")
    assert entry["details"]["amount_fen"] == quoted.amount_fen
    assert entry["details"]["columns"] == ["tumor.sex"]


def test_a_quote_costs_nothing_and_is_logged(place: Place) -> None:
    place.service.quote(place.market.question(SMALL, ""), place.asker)
    assert place.spent == 0
    (entry,) = place.market.entries("query:quoted")
    assert entry["details"]["amount_fen"] == COST_FEN


def test_an_answer_counts_its_rows_and_one_query(place: Place) -> None:
    made, rows = place.answer(SMALL)
    assert made.rows == len(rows.splitlines()) == 2
    assert sum(json.loads(line)["n"] for line in rows.splitlines()) == ROWS
    assert QUOTA.rows - place.left(Unit.ROWS) == 2
    assert QUOTA.queries - place.left(Unit.QUERIES) == 1
    assert place.market.balance(place.market.facts.publisher, Kind.INCOME) == 0, "income is a sum, not a cached row"
    assert place.market.faults() == []


@pytest.mark.parametrize("sql", ["SELECT * FROM read_text('/etc/passwd')", "DROP VIEW tumor", "SELECT name FROM tumor"])
def test_a_refused_query_costs_nothing_and_is_logged(place: Place, sql: str) -> None:
    place.refused(sql)
    assert place.left(Unit.QUERIES) == QUOTA.queries


def test_a_purpose_that_was_not_agreed_is_refused(place: Place) -> None:
    assert place.refused(purpose="DUO:0000042").reason == Reason.PURPOSE_NOT_COVERED
    assert place.refused(purpose="no code").reason == Reason.PURPOSE_NOT_COVERED


def test_before_its_start_and_after_its_end_an_agreement_gives_nothing(market: Market) -> None:
    with market.open() as home:
        asker = market.asker(home)
    for days, reason in ((-1, Reason.AGREEMENT_NOT_STARTED), (366, Reason.AGREEMENT_EXPIRED)):
        with market.service(clock=lambda days=days: now() + timedelta(days=days)) as service:
            assert Place(market, service, asker).refused().reason == reason


def test_a_revoked_agreement_gives_nothing_from_that_moment(place: Place) -> None:
    place.answer(SMALL)
    with place.market.open() as home:
        steward = place.market.asker(home, "steward")
        with home.database.writing() as session:
            agreements.revoke(
                session,
                place.market.facts.agreement,
                reason="A test",
                by=steward.id,
                organisation=steward.firm,
                at=now(),
            )
    assert place.refused(key="other").reason == Reason.AGREEMENT_NOT_ACTIVE


def test_another_firms_agreement_is_as_if_it_were_not_there(place: Place) -> None:
    theirs = place.market.facts.rival_agreement
    with pytest.raises(NotFound) as found:
        place.answer(SMALL, agreement=theirs)
    with pytest.raises(NotFound) as missing:
        place.answer(SMALL, agreement="0" * 26)
    assert str(found.value).replace(theirs, "") == str(missing.value).replace("0" * 26, "")
    assert len(place.market.entries("query:refused", reason="not-found")) == 2


def test_a_withdrawn_release_gives_nothing(place: Place) -> None:
    _withdraw(place.market)
    assert place.refused().reason == Reason.RELEASE_NOT_AVAILABLE


def test_credit_too_low_is_refused_before_anything_runs(place: Place) -> None:
    with place.market.open() as home:
        dear = place.market.agree(home, price=Price(per_query_fen=place.before + 1))
    denied = place.refused(agreement=dear)
    assert denied.reason == Reason.CREDIT_TOO_LOW
    assert place.left(Unit.QUERIES, dear) == QUOTA.queries


@pytest.mark.parametrize(
    ("quota", "unit"),
    [
        (Quota(bytes=1_999_999, rows=100, queries=100), Unit.BYTES),
        (Quota(bytes=10**9, rows=2, queries=100), Unit.ROWS),
        (Quota(bytes=10**9, rows=100, queries=1), Unit.QUERIES),
    ],
    ids=["bytes", "rows", "queries"],
)
def test_an_exhausted_quota_refuses_the_next_question(place: Place, quota: Quota, unit: Unit) -> None:
    with place.market.open() as home:
        agreement = place.market.agree(home, quota=quota)
    place.answer(SMALL, "first", agreement=agreement)
    left = place.left(unit, agreement)
    assert place.refused(key="second", agreement=agreement).reason == Reason.QUOTA_EXHAUSTED
    assert place.left(unit, agreement) == left
    assert place.spent == COST_FEN


def test_rows_beyond_the_quota_are_not_delivered_and_those_before_are_counted(place: Place) -> None:
    with place.market.open() as home:
        agreement = place.market.agree(home, quota=Quota(bytes=10**9, rows=100, queries=10))
    sink = io.BytesIO()
    with pytest.raises(QueryFailed) as failed:
        place.answer("SELECT id FROM tumor", agreement=agreement, sink=sink)
    assert failed.value.code == Code.ROW_LIMIT
    assert len(sink.getvalue().splitlines()) == 100
    assert place.left(Unit.ROWS, agreement) == 0
    (entry,) = place.market.entries("query:delivered")
    assert entry["details"]["status"] == Code.ROW_LIMIT
    assert entry["details"]["rows"] == 100
    assert entry["details"]["sha256"] == hashlib.sha256(sink.getvalue()).hexdigest()
    assert place.market.faults() == []


def test_a_question_sets_aside_no_more_rows_than_it_can_bring(place: Place) -> None:
    with place.market.open() as home:
        agreement = place.market.agree(home, quota=Quota(bytes=10**9, rows=5, queries=10))
    beside: list[int] = []

    class Asking(io.BytesIO):
        def write(self, data: Any, /) -> int:
            if not beside:
                beside.append(place.answer("SELECT id FROM tumor LIMIT 4", "beside", agreement=agreement)[0].rows)
            return super().write(data)

    made, _ = place.answer("SELECT count(*) AS n FROM tumor", agreement=agreement, sink=Asking())
    assert (made.rows, beside) == (1, [4])
    assert place.left(Unit.ROWS, agreement) == 0


def test_more_rows_than_one_answer_may_hold_end_it(market: Market) -> None:
    with market.open() as home:
        asker = market.asker(home)
    with market.service(SLUICE_QUERY_ROWS="50") as service:
        place, sink = Place(market, service, asker), io.BytesIO()
        with pytest.raises(QueryFailed) as failed:
            place.answer("SELECT id FROM tumor", sink=sink)
        assert failed.value.code == Code.ROW_LIMIT
        assert len(sink.getvalue().splitlines()) == 50
        assert place.spent == COST_FEN


def test_a_timeout_before_the_first_batch_costs_nothing(market: Market) -> None:
    with market.open() as home:
        asker = market.asker(home)
    with market.service(SLUICE_QUERY_TIMEOUT_S="1") as service:
        place, began = Place(market, service, asker), time.monotonic()
        with pytest.raises(QueryFailed) as failed:
            place.answer(ENDLESS)
        assert failed.value.code == Code.TIMEOUT
        assert time.monotonic() - began < 3
        assert place.spent == 0
        assert len(market.entries("query:failed", reason="timeout")) == 1
        assert market.faults() == []


def test_a_timeout_after_the_first_batch_pays_for_what_was_delivered(market: Market) -> None:
    with market.open() as home:
        asker = market.asker(home)
    with market.service(SLUICE_QUERY_TIMEOUT_S="1") as service:
        place, sink = Place(market, service, asker), Trap(lambda: time.sleep(1.5))
        with pytest.raises(QueryFailed) as failed:
            place.answer("SELECT a.id FROM tumor a, tumor b, range(1000)", sink=sink)
        assert failed.value.code == Code.TIMEOUT
        assert place.spent == COST_FEN
        (entry,) = market.entries("query:delivered")
        assert entry["details"]["status"] == Code.TIMEOUT
        assert entry["details"]["bytes"] == sink.size
        assert QUOTA.rows - place.left(Unit.ROWS) == entry["details"]["rows"] > 0
        assert market.faults() == []


def test_withdrawn_while_it_streams_an_answer_ends_within_five_seconds(place: Place) -> None:
    withdrawn: list[float] = []

    def spring() -> None:
        _withdraw(place.market)
        withdrawn.append(time.monotonic())

    class Slow(Trap):
        def write(self, data: Any) -> int:
            time.sleep(0.3)  # a batch leaves in one piece
            return super().write(data)

    with pytest.raises(QueryFailed) as failed:
        place.answer("SELECT a.id FROM tumor a, tumor b, range(25)", sink=Slow(spring), format=Format.ARROW)
    assert time.monotonic() - withdrawn[0] < 5
    assert failed.value.code == Code.CANCELLED
    (entry,) = place.market.entries("query:delivered")
    assert entry["details"]["status"] == Code.CANCELLED
    assert place.spent == COST_FEN
    assert place.market.faults() == []


def test_withdrawn_before_the_first_batch_an_answer_is_refused_and_free(place: Place) -> None:
    """The states are looked at again in the transaction that charges."""
    assessed = place.service.assess(place.market.question(SMALL, "key"), place.asker)
    place.service.steps.reserve(assessed, place.asker)
    _withdraw(place.market)
    with pytest.raises(Denied) as denied:
        place.service.steps.post("no run", assessed, place.asker)
    assert denied.value.reason == Reason.RELEASE_NOT_AVAILABLE
    assert place.spent == COST_FEN, "still set aside"
    assert place.market.entries("query:answered") == []


@pytest.mark.parametrize("format", Format)
def test_every_format_brings_the_same_rows_and_the_hash_of_its_bytes(place: Place, format: Format) -> None:
    made, data = place.answer("SELECT id, size FROM tumor ORDER BY id", format=format)
    read = {
        Format.ARROW: lambda: pa.ipc.open_stream(data).read_all(),
        Format.CSV: lambda: arrow_csv.read_csv(io.BytesIO(data)),
        Format.JSON: lambda: pa.Table.from_pylist([json.loads(line) for line in data.splitlines()]),
        Format.PARQUET: lambda: pq.read_table(io.BytesIO(data)),
    }[format]()
    edition = pq.read_table(next(place.market.built.rglob("*.parquet"))).sort_by("id")
    assert read["id"].to_pylist() == edition["id"].to_pylist()
    assert read["size"].to_pylist() == edition["size"].to_pylist()
    assert made.sha256 == hashlib.sha256(data).hexdigest()
    receipt = _receipt(place.market, made)
    assert receipt["sha256"] == made.sha256
    assert json.loads(receipt["entries"][-1]["body"])["details"]["format"] == format


def test_a_format_that_cannot_hold_the_columns_is_refused_before_it_is_paid(place: Place) -> None:
    denied = place.refused("SELECT [1, 2] AS a", format=Format.CSV)
    assert denied.reason == "format"
    made, data = place.answer("SELECT [1, 2] AS a", "key", format=Format.JSON)
    assert json.loads(data) == {"a": [1, 2]}
    assert made.rows == 1


def test_a_receipt_convinces_whoever_knows_the_logs_key_alone(place: Place) -> None:
    made, _ = place.answer(SMALL)
    receipt = json.loads(json.dumps(_receipt(place.market, made)))
    public = place.market.facts.log_key
    assert receipts.check(receipt, public) == []
    actions = [json.loads(entry["body"])["action"] for entry in receipt["entries"]]
    assert actions == ["query:answered", "query:delivered"]


def test_the_same_receipt_is_derived_later(place: Place) -> None:
    made, _ = place.answer(SMALL)
    early = _receipt(place.market, made)
    place.answer(SMALL, "another")
    late = _receipt(place.market, made)
    assert [entry["body"] for entry in early["entries"]] == [entry["body"] for entry in late["entries"]]
    assert receipts.check(late, place.market.facts.log_key) == []


@pytest.mark.parametrize(
    "place_of_change",
    ["body", "index", "proof", "checkpoint", "query", "rows", "sha256", "amount_fen", "extra", "key", "entries"],
)
def test_an_altered_receipt_fails(place: Place, place_of_change: str, tmp_path: Path) -> None:
    made, _ = place.answer(SMALL)
    receipt, public = _receipt(place.market, made), place.market.facts.log_key
    match place_of_change:
        case "body":
            receipt["entries"][0]["body"] = receipt["entries"][0]["body"].replace('"amount_fen":15', '"amount_fen":14')
        case "index":
            receipt["entries"][0]["index"] += 1
        case "proof":
            receipt["entries"][0]["proof"].reverse()
        case "checkpoint":
            lines = receipt["checkpoint"].split("\n")
            lines[1] = str(int(lines[1]) - 1)
            receipt["checkpoint"] = "\n".join(lines)
        case "query":
            receipt["query"] = "0" * 26
        case "rows" | "amount_fen":
            receipt[place_of_change] += 1
        case "sha256" | "extra":
            receipt[place_of_change] = "0" * 64
        case "key":
            public = Signer.create(tmp_path / "stranger.key").public
        case "entries":
            receipt["entries"] = []
    assert receipts.check(receipt, public) != []


def test_the_same_key_is_answered_once(place: Place) -> None:
    made, _ = place.answer(SMALL, "key")
    denied = place.refused(SMALL, "key")
    assert denied.reason == "already-delivered"
    assert made.run_id in denied.fix
    assert place.spent == COST_FEN


def test_a_key_stands_for_one_question(place: Place) -> None:
    place.answer(SMALL, "key")
    assert place.refused("SELECT count(*) AS n FROM tumor", "key").reason == "key-reused"


def test_a_key_whose_question_is_being_answered_waits(place: Place) -> None:
    refusals: list[Denied] = []

    def spring() -> None:
        with pytest.raises(Denied) as denied:
            place.answer(LARGE, "key")
        refusals.append(denied.value)

    place.answer(LARGE, "key", sink=Trap(spring))
    assert [denied.reason for denied in refusals] == ["in-progress"]
    assert place.spent == COST_FEN


def test_a_key_may_be_used_again_after_a_refusal_or_a_failure(place: Place) -> None:
    with pytest.raises(QueryFailed) as failed:
        place.answer("SELECT remark::INTEGER AS n FROM tumor", "failing")
    assert failed.value.code == Code.VALUE_ERROR
    with pytest.raises(QueryFailed):
        place.answer("SELECT remark::INTEGER AS n FROM tumor", "failing")
    place.refused("SELECT name FROM tumor", "key")
    place.answer(SMALL, "key")
    assert place.spent == COST_FEN
    assert place.market.faults() == []


def test_what_fails_by_our_fault_after_the_first_batch_is_refunded(place: Place) -> None:
    """A lost worker twice under one key: each time all is given back, whatever the order of the accounts."""
    for _ in range(3):
        with pytest.raises(QueryFailed) as failed:
            place.answer("SELECT a.id FROM tumor a, tumor b, range(25)", "key", sink=Trap(lambda: _kill_workers(place)))
        assert failed.value.code == Code.WORKER_LOST
        assert place.spent == 0
        assert place.left(Unit.QUERIES) == QUOTA.queries
        assert place.left(Unit.BYTES) == QUOTA.bytes
        assert place.market.faults() == []
    assert len(place.market.entries("query:refunded")) == 3
    place.answer(SMALL, "after")
    assert place.spent == COST_FEN


def test_a_refund_under_a_key_used_again_needs_no_credit_of_its_own(market: Market) -> None:
    """All the firm has goes into the question; what comes back is what was paid, not the history of it."""
    with market.open() as home:
        asker = market.asker(home)
        whole = market.balance()
        agreement = market.agree(home, price=Price(per_query_fen=whole))
    with market.service() as service:
        place = Place(market, service, asker)
        for _ in range(3):
            with pytest.raises(QueryFailed) as failed:
                place.answer(
                    "SELECT a.id FROM tumor a, tumor b, range(25)",
                    "key",
                    agreement=agreement,
                    sink=Trap(lambda: _kill_workers(place)),
                )
            assert failed.value.code == Code.WORKER_LOST
            assert market.balance() == whole


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()], ids=["disk", "ctrl-c"])
def test_what_the_asker_breaks_off_is_paid_and_settled(place: Place, error: BaseException) -> None:
    def spring() -> None:
        raise error

    with pytest.raises(type(error)):
        place.answer(LARGE, sink=Trap(spring))
    (entry,) = place.market.entries("query:delivered")
    assert entry["details"]["status"] == Code.CANCELLED
    assert place.spent == COST_FEN
    assert place.market.faults() == []


def test_a_paid_answer_whose_process_died_is_given_again_free(market: Market) -> None:
    with market.open() as home:
        asker = market.asker(home)
    with market.service() as service:
        assessed = service.assess(market.question(SMALL, "key"), asker)
        run_id, _ = service.steps.reserve(assessed, asker)
        service.steps.post(run_id, assessed, asker)
    with market.service() as service:
        place = Place(market, service, asker)
        assert place.state(run_id) == "unknown"
        assert len(market.entries("query:delivery-unknown", subject=run_id)) == 1
        assert place.refused("SELECT 1 AS a", "key").reason == "key-reused"
        made, rows = place.answer(SMALL, "key")
        assert made.run_id == run_id
        assert len(rows.splitlines()) == 2
        assert place.spent == 0
        assert QUOTA.queries - place.left(Unit.QUERIES) == 1
        assert receipts.check(_receipt(market, made), market.facts.log_key) == []
        assert market.faults() == []


def test_a_paid_answer_that_nobody_fetches_is_refunded_in_the_end(market: Market) -> None:
    with market.open() as home:
        asker = market.asker(home)
    before = market.balance()
    with market.service() as service:
        assessed = service.assess(market.question(SMALL, "key"), asker)
        run_id, _ = service.steps.reserve(assessed, asker)
        service.steps.post(run_id, assessed, asker)
    assert market.balance() == before - COST_FEN
    for at in (now(), now() + REFUND_AFTER + timedelta(minutes=1)):
        with market.open() as home, home.database.writing() as session:
            assert recover(session, is_alive=home.is_alive, at=at) == 1
    assert market.balance() == before
    assert len(market.entries("query:refunded", subject=run_id)) == 1
    assert market.faults() == []


def test_a_reserved_question_whose_process_died_gives_its_money_back(market: Market) -> None:
    with market.open() as home:
        asker = market.asker(home)
    before = market.balance()
    with market.service() as service:
        service.steps.reserve(service.assess(market.question(SMALL, "key"), asker), asker)
        assert market.balance() == before - COST_FEN
    with market.service() as service:
        assert market.balance() == before
        place = Place(market, service, asker)
        place.answer(SMALL, "key")
        assert place.spent == COST_FEN
        assert market.faults() == []


def test_the_work_of_a_living_process_is_left_alone(place: Place) -> None:
    assessed = place.service.assess(place.market.question(SMALL, "key"), place.asker)
    run_id, _ = place.service.steps.reserve(assessed, place.asker)
    with place.market.service():
        assert place.state(run_id) == "reserved"
    place.service.steps.post(run_id, assessed, place.asker)
    assert place.state(run_id) == "posted"


def test_many_at_once_pay_exactly_what_they_asked(place: Place) -> None:
    failures: list[BaseException] = []

    def work(number: int) -> None:
        try:
            for step in range(4):
                place.answer(f"SELECT count(*) AS n FROM tumor WHERE size > {step}", f"{number}-{step}")
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    assert place.spent == 8 * COST_FEN == 8 * (PRICE.per_query_fen + 5)
    assert place.market.faults() == []


def test_without_a_sandbox_the_refusal_says_what_to_do_and_costs_nothing(market: Market) -> None:
    with market.open() as home:
        asker = market.asker(home)
    bare = WorkerPool(workers=1, layers=frozenset({Layer.RLIMITS, Layer.ENGINE, Layer.LEAVES}))
    try:
        with market.service() as service:
            service.pool.close()
            service.pool, service.assessor.binder = bare, partial(Shadow, bare)
            place = Place(market, service, asker)
            with pytest.raises(QueryFailed) as failed:
                place.answer(SMALL)
            assert failed.value.code == Code.SANDBOX_MISSING
            assert "sluice doctor" in str(failed.value)
            assert place.spent == 0
    finally:
        bare.close()


def _withdraw(market: Market) -> None:
    with market.open() as home:
        steward = market.asker(home, "steward")
        with home.database.writing() as session:
            withdrawal.withdraw(session, market.facts.release, reason="A test", by=steward.id, at=now())


def _kill_workers(place: Place) -> None:
    for pid in place.service.pool.pids():
        with contextlib.suppress(ProcessLookupError):  # one that was killed before, and is not missed yet
            os.kill(pid, signal.SIGKILL)


def _receipt(market: Market, made: Delivery) -> dict[str, Any]:
    with market.open() as home, home.database.reading() as session:
        return receipts.receipt(session, made.run_id, home.notary)


def test_money_that_moved_past_the_log_is_found(place: Place) -> None:
    place.answer(SMALL)
    market = place.market
    assert market.faults() == []
    with market.open() as home, home.database.writing() as session:
        account = open_account(session, owner=market.facts.firm, kind=Kind.CREDIT, unit=Unit.FEN, at=now())
        source = open_account(session, owner="operator", kind=Kind.ISSUED, unit=Unit.FEN, at=now())
        moves = [Move(source, account, 500)]
        late = now() + timedelta(minutes=1)
        (id,) = transfers.reserve(session, moves, cause="a favour", epoch="-", at=now(), expires_at=late)
        transfers.post(session, [id], epoch="-", at=now())
        note(session, Event(action="query:quoted", subject="something else", by=MemberId("m"), at=now()))
    assert market.faults() == [f"transfer {id}: posted, and no log entry names it"]
