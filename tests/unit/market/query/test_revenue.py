"""What was earned with a dataset is the sum of its posted transfers, and nothing beside."""

from datetime import date, timedelta

from catalog.ceilings import list_ceiling
from catalog.events import Event, note
from catalog.ids import MemberId
from market.ledger import transfers
from market.query.revenue import earned, standings
from policies.ceiling import Listed
from policies.pricing import Price
from tests.common import editions, questions
from tests.common.books import Books
from tests.common.clock import BEGIN

LONG = (BEGIN - timedelta(days=1), BEGIN + timedelta(days=1))


def asked(world, agreement, key):
    question = questions.assessed(world, agreement, key=key)
    run = questions.reserve(world, question)
    return question, run


def paid(world, agreement, key="k1"):
    question, run = asked(world, agreement, key)
    questions.post(world, run, question)
    return question.quote.amount_fen, run


def sum_of(world, *moments, dataset=editions.DATASET):
    with world.reading() as session:
        return earned(session, dataset, *(moments or LONG))


def test_what_is_paid_for_a_datasets_questions_is_earned_with_it_alone(any_world):
    agreement = any_world.agreement(any_world.published())
    any_world.account(amount=1000)
    any_world.register("other")
    assert sum_of(any_world) == 0
    amount, _ = paid(any_world, agreement)
    again, _ = paid(any_world, agreement, "k2")
    asked(any_world, agreement, "only reserved")
    assert amount > 0
    assert sum_of(any_world) == amount + again
    assert sum_of(any_world, dataset="other") == 0
    assert sum_of(any_world, LONG[1], LONG[1] + timedelta(days=9)) == 0


def test_what_is_given_back_was_not_earned(any_world):
    agreement = any_world.agreement(any_world.published())
    any_world.account(amount=1000)
    _, run = paid(any_world, agreement)
    with any_world.writing() as session:
        transfers.reverse(session, run, epoch=questions.EPOCH, at=any_world.now())
        note(session, Event(action="test:refunded", subject=run, by=MemberId("m"), at=any_world.now()))
    assert sum_of(any_world) == 0


def test_what_was_earned_beyond_a_period_is_taken_off_the_next(any_world):
    agreement = any_world.agreement(any_world.published())
    any_world.account(amount=1000)
    amount, _ = paid(any_world, agreement)
    year = BEGIN.year
    with any_world.writing() as session:
        for start, listed in ((year, amount - 4), (year + 1, 100)):
            list_ceiling(
                session,
                editions.DATASET,
                Listed(per_query_fen=10, per_gb_fen=5000),
                starts_on=date(start, 1, 1),
                ends_on=date(start + 1, 1, 1),
                revenue_fen=listed,
                by=MemberId("m"),
                at=any_world.now(),
            )
    with any_world.reading() as session:
        found = [
            (stands.permitted_fen, stands.earned_fen, stands.left_fen)
            for _, stands in standings(session, editions.DATASET)
        ]
    assert found == [(amount - 4, amount, 0), (96, 0, 96)]


def test_flat_prices_and_what_vouchers_pay_are_earned_too(any_world):
    books = Books.begin(any_world)
    agreement = books.agree(Price(per_query_fen=100, flat_monthly_fen=3000))
    books.credit(10_000)
    books.admit(books.programme(fund_fen=5000))
    books.ask(agreement, "k1")
    assert sum_of(any_world) == 3100
