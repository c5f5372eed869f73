"""An agreement may say how many of its questions are answered at the same time."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from market.licensing.models import Agreement
from market.query.usage import usage_of, warning_of
from market.query.verdicts import Denied
from policies.errors import TermsError
from policies.terms import Quota, Terms
from tests.common.questions import assessed, post, reserve, settle

QUOTA = Quota(bytes=10_000_000, rows=1_000, queries=10, at_once=1)


@pytest.fixture
def agreement(any_world):
    any_world.account(amount=1_000)
    agreement = any_world.draw_up(any_world.request(any_world.offer(any_world.published(), quota=QUOTA)))
    any_world.sign(agreement)
    return agreement


def used(world, agreement):
    with world.reading() as session:
        (one,) = (one for one in usage_of(session, world.firm) if one["unit"] == "at_once")
        assert "at_once" not in (warning_of(session, [agreement]) or "")
        return one["used"], one["left"], one["warning"]


def test_one_more_than_the_agreement_allows_is_refused_until_one_has_ended(any_world, agreement):
    first, second = assessed(any_world, agreement, "k1"), assessed(any_world, agreement, "k2")
    run = reserve(any_world, first)
    with pytest.raises(Denied, match="allows 1 at the same time") as denied:
        reserve(any_world, second)
    assert denied.value.reason == "too-many-at-once"
    assert used(any_world, agreement) == (1, 0, 100)
    post(any_world, run, first)
    with pytest.raises(Denied):
        reserve(any_world, second)
    settle(any_world, run)
    assert used(any_world, agreement) == (0, 1, None)
    reserve(any_world, second)


def test_of_many_at_the_same_moment_just_as_many_as_allowed_begin(any_world, agreement):
    asked = [assessed(any_world, agreement, f"k{number}") for number in range(4)]

    def attempt(question):
        try:
            return reserve(any_world, question)
        except Denied as denied:
            return denied.reason

    with ThreadPoolExecutor(4) as crew:
        ends = list(crew.map(attempt, asked))
    assert ends.count("too-many-at-once") == 3


def test_without_a_limit_the_terms_are_those_that_were_signed_before(any_world, agreement):
    release = any_world.published()
    plain = any_world.terms(any_world.edition(release))
    assert "at_once" not in plain.to_dict()["quota"]
    assert Terms.from_dict(plain.to_dict()) == plain
    with any_world.reading() as session:
        row = session.get_one(Agreement, agreement)
        assert "at most 1 queries at once" in row.text
        assert '"sluice:atOnce"' in row.text


def test_a_limit_of_nothing_is_no_limit_but_a_mistake():
    for wrong in (0, -1, 1.5):
        with pytest.raises(TermsError, match="at_once"):
            Quota(bytes=1, rows=1, queries=1, at_once=wrong)
