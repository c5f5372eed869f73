"""Two transactions at once come to what one after the other would: SQLite queues them, PostgreSQL locks their rows."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlmodel import Session

from catalog import proposing, publishing, withdrawal
from catalog.datasets import change_dataset
from catalog.errors import CatalogError, WrongState
from catalog.lifecycle import State
from catalog.registration import Act, amend, register
from market.audit.verify import verify as verify_log
from market.ledger.models import Kind, Unit
from market.ledger.transfers import left, open_account
from market.ledger.verify import verify as verify_ledger
from market.licensing import agreements
from market.licensing.models import Agreement, AgreementState
from market.query import runs
from market.query.reconcile import reconcile
from policies.terms import Quota
from tests.common import editions, questions
from tests.common.clock import BEGIN
from tests.common.world import World


def meanwhile(world: World, first: Callable[[Session], Any], second: Callable[[Session], Any]) -> Any:
    """Run *second* while the transaction of *first* is not committed yet; gives what it gave, or its error."""
    came: list[Any] = []

    def run() -> None:
        try:
            with world.database.writing() as session:
                came.append(second(session))
        except CatalogError as error:
            came.append(error)
        except IntegrityError as error:
            came.append(error)

    thread = threading.Thread(target=run)
    with world.database.writing() as session:
        first(session)
        session.flush()
        thread.start()
        time.sleep(0.2)
    thread.join()
    return came[0]


def healthy(world: World) -> None:
    with world.reading() as session:
        assert verify_log(session, "") == []
        assert verify_ledger(session) == []


def withdraw(world: World, release: str) -> Callable[[Session], Any]:
    by = world.people["steward"].id
    return lambda session: withdrawal.withdraw(session, release, reason="r", by=by, at=world.now())


def publish(world: World, release: str) -> Callable[[Session], Any]:
    by = world.people["steward"].id
    return lambda session: publishing.publish(session, world.store, release, by=by, at=world.now())


def test_a_release_withdrawn_while_it_is_superseded_stays_withdrawn(any_world):
    old, new = any_world.published(1), any_world.propose(2)
    any_world.approve(new)
    meanwhile(any_world, withdraw(any_world, old), publish(any_world, new))
    assert any_world.release(old).state == State.WITHDRAWN
    assert any_world.release(new).state == State.PUBLISHED
    healthy(any_world)


def test_a_release_superseded_while_it_is_withdrawn_is_withdrawn(any_world):
    old, new = any_world.published(1), any_world.propose(2)
    any_world.approve(new)
    meanwhile(any_world, publish(any_world, new), withdraw(any_world, old))
    assert any_world.release(old).state == State.WITHDRAWN
    healthy(any_world)


def test_a_release_is_published_and_withdrawn_once(any_world):
    release = any_world.propose()
    any_world.approve(release)
    assert isinstance(meanwhile(any_world, publish(any_world, release), publish(any_world, release)), WrongState)
    assert isinstance(meanwhile(any_world, withdraw(any_world, release), withdraw(any_world, release)), WrongState)
    healthy(any_world)


def sign(world: World, agreement: str) -> Callable[[Session], Any]:
    return lambda session: agreements.sign(
        session, agreement, by=world.people["licensee"], firm=world.firm, at=world.now()
    )


def revoke(world: World, agreement: str) -> Callable[[Session], Any]:
    return lambda session: agreements.revoke(
        session, agreement, reason="r", by=world.people["steward"].id, organisation=world.publisher, at=world.now()
    )


def test_quotas_open_once_however_often_an_agreement_is_signed_at_once(any_world):
    agreement = any_world.draw_up(any_world.request(any_world.offer(any_world.published())))
    assert isinstance(meanwhile(any_world, sign(any_world, agreement), sign(any_world, agreement)), WrongState)
    with any_world.writing() as session:
        account = open_account(session, owner=agreement, kind=Kind.QUOTA, unit=Unit.QUERIES, at=BEGIN)
        assert left(session, account) == 10
    healthy(any_world)


def test_an_agreement_revoked_while_it_is_signed_stays_revoked(any_world):
    offer = any_world.offer(any_world.published())
    one, other = (any_world.draw_up(any_world.request(offer)) for _ in range(2))
    assert isinstance(meanwhile(any_world, revoke(any_world, one), sign(any_world, one)), WrongState)
    meanwhile(any_world, sign(any_world, other), revoke(any_world, other))
    with any_world.reading() as session:
        for agreement in (one, other):
            assert session.get_one(Agreement, agreement).state == AgreementState.REVOKED
    healthy(any_world)


def test_a_request_granted_twice_at_once_becomes_one_agreement(any_world):
    request = any_world.request(any_world.offer(any_world.published()))

    def approve(session: Session) -> Any:
        return agreements.approve(
            session, request, by=any_world.people["steward"], organisation=any_world.publisher, at=any_world.now()
        )

    assert isinstance(meanwhile(any_world, approve, approve), WrongState)
    healthy(any_world)


@pytest.fixture
def busy(any_world):
    """Give a world with an agreement that allows many questions, and money for them."""
    offer = any_world.offer(any_world.published(), quota=Quota(bytes=10**12, rows=10**9, queries=10**6))
    agreement = any_world.draw_up(any_world.request(offer))
    any_world.sign(agreement)
    any_world.account(amount=10**6)
    return any_world, agreement


def test_questions_of_one_agreement_answered_failed_and_refunded_at_once_all_balance(busy):
    world, agreement = busy
    assessed = [questions.assessed(world, agreement, key=f"k{number}") for number in range(48)]

    def ask(number: int) -> None:
        question = assessed[number]
        run = questions.reserve(world, question)
        if number % 3 == 0:
            give_up(run)
            return
        questions.post(world, run, question)
        if number % 3 == 1:
            give_up(run)
        else:
            questions.settle(world, run)

    def give_up(run: str) -> None:
        with world.writing() as session:
            by = world.people["licensee"].id
            runs.give_up(session, run, reason="test", by=by, epoch=questions.EPOCH, at=world.now())

    with ThreadPoolExecutor(6) as pool:
        for task in [pool.submit(ask, number) for number in range(48)]:
            task.result()
    healthy(world)
    with world.reading() as session:
        assert reconcile(session) == []
        credit = 10**6 - 16 * assessed[0].quote.amount_fen
    with world.writing() as session:
        account = open_account(session, owner=world.firm, kind=Kind.CREDIT, unit=Unit.FEN, at=BEGIN)
        assert left(session, account) == credit


@pytest.mark.parametrize("end", ["settle", "give up"])
def test_a_run_that_ends_and_a_recovery_of_another_do_not_wait_for_each_other(busy, monkeypatch, end):
    """Both take runs first and accounts then: the other way round, PostgreSQL would break one of them off."""
    world, agreement = busy
    ours, left_over = (questions.assessed(world, agreement, key=key) for key in ("ours", "left over"))
    living, dead = questions.reserve(world, ours), questions.reserve(world, left_over, epoch="dead")
    questions.post(world, living, ours)
    questions.post(world, dead, left_over, epoch="dead")
    recovered: list[int] = []

    def recover() -> None:
        with world.database.writing() as session:
            alive = questions.EPOCH.__eq__
            recovered.append(runs.recover(session, is_alive=alive, at=world.now()))

    other = threading.Thread(target=recover)
    deliver, reverse = runs._DELIVER.change, runs.transfers.reverse

    def once_accounts_are_held(step: Callable[..., Any], session: Session, *given: Any, **named: Any) -> Any:
        other.start()
        time.sleep(0.5)
        return step(session, *given, **named)

    def refund(session: Session, *given: Any, **named: Any) -> Any:
        ids = reverse(session, *given, **named)
        return once_accounts_are_held(lambda _: ids, session) if not other.ident else ids

    if end == "settle":
        monkeypatch.setattr(runs, "_DELIVER", SimpleNamespace(change=partial(once_accounts_are_held, deliver)))
        questions.settle(world, living)
    else:
        monkeypatch.setattr(runs.transfers, "reverse", refund)
        with world.writing() as session:
            by = world.people["licensee"].id
            runs.give_up(session, living, reason="test", by=by, epoch=questions.EPOCH, at=world.now())
    other.join()
    assert recovered == [1]
    healthy(world)


def test_a_paid_answer_that_nobody_fetched_is_refunded_once_by_whoever_comes_first(busy):
    world, agreement = busy
    question = questions.assessed(world, agreement)
    questions.post(world, questions.reserve(world, question), question)

    def recover(at: datetime) -> Callable[[Session], Any]:
        return lambda session: runs.recover(session, is_alive=lambda _: False, at=at)

    with world.writing() as session:
        assert recover(BEGIN + timedelta(hours=1))(session) == 1
    late = BEGIN + timedelta(days=31)
    assert meanwhile(world, recover(late), recover(late)) == 0
    healthy(world)
    with world.writing() as session:
        assert reconcile(session) == []
        account = open_account(session, owner=world.firm, kind=Kind.CREDIT, unit=Unit.FEN, at=BEGIN)
        assert left(session, account) == 10**6


def test_two_datasets_are_not_registered_under_one_number_at_once(any_world):
    steps, by = [], any_world.people["steward"].id
    for name in ("one", "two"):
        any_world.register(name)
        with any_world.writing() as session:
            amend(session, name, Act.CANCELLATION, reason="r", by=by, at=any_world.now())
        steps.append(partial(register, dataset_id=name, number="BOTH", by=by, at=any_world.now()))
    assert isinstance(meanwhile(any_world, *steps), CatalogError)
    healthy(any_world)


def test_a_sweep_leaves_the_bytes_of_what_is_being_proposed(any_world):
    """They are at rest before a row speaks of them, and the row is not committed yet."""
    folder, _ = editions.built(1)
    steward = any_world.people["steward"]
    proposal = proposing.store_proposal(any_world.store, folder, steward.signer.public)

    def propose(session: Session) -> Any:
        return proposing.propose(session, proposal, by=steward, at=any_world.now())

    def sweep(session: Session) -> Any:
        return withdrawal.sweep(session, any_world.store, at=datetime.now(UTC), older_than=timedelta(0))

    assert meanwhile(any_world, propose, sweep) == 0
    for rendering in proposal.editions.values():
        assert all(any_world.store.path(file["sha256"]).is_file() for file in rendering.files)


def test_whoever_publishes_holds_all_of_the_series(any_world):
    """Else two of its datasets could be published at once, neither measured with the other."""
    if any_world.database.queue is not None:
        pytest.skip("SQLite's writers queue")
    any_world.register("other", series="crossings")
    with any_world.writing() as session:
        by = any_world.people["steward"].id
        change_dataset(session, editions.DATASET, {"series": "crossings"}, by=by, at=any_world.now())
    release = any_world.propose()
    any_world.approve(release)
    with any_world.writing() as session:
        publish(any_world, release)(session)
        with pytest.raises(OperationalError, match="could not obtain lock"), any_world.writing() as another:
            another.connection().execute(text("SELECT id FROM dataset WHERE id = 'other' FOR UPDATE NOWAIT"))
