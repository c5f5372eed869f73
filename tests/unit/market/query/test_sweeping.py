"""One sweep for runs and transfers: nothing is resolved twice, nothing of a living answer is taken, nothing is left."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select

from market.ledger import transfers
from market.ledger.models import Kind, Unit
from market.ledger.transfers import Move, StaleTransfer
from market.ledger.verify import verify
from market.query.models import RunState
from market.query.reconcile import reconcile
from market.query.runs import RESERVATION, RUNS
from market.query.sweeping import Swept, sweep
from market.query.verdicts import Denied
from tests.common import questions

NOTHING = Swept(runs=0, voided=0, posted=0, keys=0)


@pytest.fixture
def asked(any_world):
    """Give a world and the question of a firm that can pay for it."""
    agreement = any_world.agreement(any_world.published())
    any_world.account(amount=10_000)
    yield any_world, questions.assessed(any_world, agreement)
    with any_world.reading() as session:
        assert [*verify(session), *reconcile(session)] == []


def swept(world, *, alive, after=timedelta()):
    return sweep(world.database, is_alive=lambda epoch: alive, at=world.now() + after)


def state(world, run):
    with world.reading() as session:
        return session.connection().execute(select(RUNS.c.state, RUNS.c.failure).where(RUNS.c.id == run)).one()


def pending(world, run):
    with world.reading() as session:
        return [row.unit for row in transfers.pending_of(session, run)]


def test_what_lives_and_is_in_time_is_left(asked):
    world, question = asked
    run = questions.reserve(world, question)
    assert swept(world, alive=True) == NOTHING
    assert state(world, run).state == RunState.RESERVED
    assert len(pending(world, run)) == 4


def test_a_run_whose_process_died_is_resolved_with_its_transfers_and_once(asked):
    world, question = asked
    run = questions.reserve(world, question)
    assert swept(world, alive=False) == Swept(runs=1, voided=0, posted=0, keys=0)
    assert tuple(state(world, run)) == (RunState.FAILED, "process died")
    assert pending(world, run) == []
    assert swept(world, alive=False, after=RESERVATION) == NOTHING


def test_a_run_past_its_reservation_is_given_up_and_its_process_cannot_post_it(asked):
    world, question = asked
    run = questions.reserve(world, question)
    assert swept(world, alive=True, after=RESERVATION).runs == 1
    assert tuple(state(world, run)) == (RunState.FAILED, "took too long")
    with pytest.raises(StaleTransfer):
        questions.post(world, run, question)


def test_a_paid_run_is_its_living_process_s_however_long_it_streams(asked):
    world, question = asked
    run = questions.reserve(world, question)
    questions.post(world, run, question)
    assert swept(world, alive=True, after=10 * RESERVATION) == NOTHING
    assert pending(world, run) == [Unit.ROWS]
    questions.settle(world, run)
    assert state(world, run).state == RunState.DELIVERED


def test_a_paid_run_whose_process_died_is_unknown_and_keeps_nothing_pending(asked):
    world, question = asked
    run = questions.reserve(world, question)
    questions.post(world, run, question)
    assert swept(world, alive=False, after=RESERVATION) == Swept(runs=1, voided=0, posted=0, keys=0)
    assert state(world, run).state == RunState.UNKNOWN
    assert pending(world, run) == []


def test_what_belongs_to_no_run_is_swept_by_its_time_alone(asked):
    world, _ = asked
    giver, taker = world.account(), world.account(owner=world.publisher, kind=Kind.INCOME)
    with world.writing() as session:
        at = world.now()
        transfers.reserve(
            session, [Move(giver, taker, 5)], cause="stray", epoch="e", at=at, expires_at=at + RESERVATION
        )
    assert swept(world, alive=False) == NOTHING
    assert swept(world, alive=True, after=RESERVATION) == Swept(runs=0, voided=1, posted=0, keys=0)


def attempts(world, question, count):
    """Ask with the same key many times at once; gives the runs that began and the reasons of the others."""

    def ask(_):
        try:
            return questions.reserve(world, question)
        except Denied as denied:
            return str(denied.reason)

    with ThreadPoolExecutor(count) as pool:
        told = list(pool.map(ask, range(count)))
    return [word for word in told if word != "in-progress"], told.count("in-progress")


def test_fifty_replays_at_once_are_one_run_and_forty_nine_in_progress(asked):
    world, question = asked
    runs, waiting = attempts(world, question, 50)
    assert (len(runs), waiting) == (1, 49)
    assert len(pending(world, runs[0])) == 4


def test_a_failed_run_is_taken_up_again_by_one_of_many(asked):
    world, question = asked
    run = questions.reserve(world, question)
    swept(world, alive=False)
    runs, waiting = attempts(world, question, 12)
    assert (runs, waiting) == ([run], 11)
    assert len(pending(world, run)) == 4
