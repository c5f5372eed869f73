"""Privacy budget that was set aside is spent, whatever becomes of its run; all else that is given up is free again."""

import pytest

from market.ledger.giving_up import GivenUp
from market.ledger.models import TransferState
from market.ledger.transfers import BudgetSpent, Move, StaleTransfer


@pytest.fixture
def run(ledger):
    """Set money and budget aside for one run; gives the ids of both, and the budget's account."""
    budget, used = ledger.budget(1000)
    money, spent = ledger.reserve(Move(ledger.credit, ledger.income, 30), Move(budget, used, 400))
    return money, spent, budget


def test_no_void_gives_budget_back(ledger, run):
    money, spent, budget = run
    for ids in ([spent], [money, spent]):
        with pytest.raises(BudgetSpent, match=spent):
            ledger.void(ids)
    assert ledger.row(budget) == (1000, 400)
    assert ledger.row() == (100, 30)
    assert ledger.states() == [TransferState.PENDING] * 2


def test_budget_is_spent_in_full_when_its_run_is_given_up_and_money_is_free(ledger, run):
    money, spent, budget = run
    assert ledger.give_up() == GivenUp(voided=(money,), posted=(spent,))
    assert ledger.row(budget) == (600, 0)
    assert ledger.row() == (100, 0)


def test_budget_is_free_where_its_own_process_says_that_the_run_never_began(ledger, run):
    money, spent, budget = run
    assert set(ledger.void_unbegun().voided) == {money, spent}
    assert ledger.row(budget) == (1000, 0)
    assert ledger.row() == (100, 0)


def test_nobody_else_gives_up_what_a_process_may_still_post(ledger, run):
    for step in (ledger.give_up, ledger.void_unbegun):
        with pytest.raises(StaleTransfer):
            step(epoch="another-process")
    assert ledger.states() == [TransferState.PENDING] * 2


def test_budget_that_was_posted_is_not_given_back_with_the_money(ledger, run):
    _, _, budget = run
    ledger.post_of()
    assert ledger.row(budget) == (600, 0)
    assert len(ledger.reverse()) == 1
    assert ledger.row() == (100, 0)
    assert ledger.row(budget) == (600, 0)


def test_a_cause_with_nothing_pending_is_given_up_at_no_cost(ledger):
    assert ledger.give_up() == GivenUp()
    assert ledger.void_unbegun() == GivenUp()
