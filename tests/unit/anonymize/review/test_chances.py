"""Intervals are the exact ones, and hold what they promise."""

import math

import pytest

from anonymize.review.chances import chapman, share
from anonymize.review.texts import Review


@pytest.mark.parametrize(
    ("hits", "of", "low", "high"),
    [(0, 10, 0.0, 0.3085), (10, 10, 0.6915, 1.0), (5, 10, 0.1871, 0.8129), (1, 400, 0.0001, 0.0138)],
)
def test_the_interval_of_a_share_is_that_of_clopper_and_pearson(hits, of, low, high):
    assert share(hits, of) == pytest.approx((low, high), abs=5e-5)


def test_at_each_end_what_was_seen_is_as_unlikely_as_said():
    def at_least(hits: int, of: int, p: float) -> float:
        return sum(math.comb(of, k) * p**k * (1 - p) ** (of - k) for k in range(hits, of + 1))

    for hits in (1, 7, 30):
        low, high = share(hits, 50)
        assert at_least(hits, 50, low) == pytest.approx(0.025)
        assert 1 - at_least(hits + 1, 50, high) == pytest.approx(0.025)


def test_of_nothing_anything_is_possible():
    assert share(0, 0) == (0.0, 1.0)


def test_two_captures_tell_how_many_there_are():
    assert chapman(100, 80, 80) == 100
    assert chapman(100, 50, 40) == pytest.approx(101 * 51 / 41 - 1)
    assert chapman(0, 0, 0) == 0


Kinds = list[tuple[float, float, float]]
"""Share of texts with an item of this kind, and the chances of both detectors to find it."""


def simulated(draw, texts: int, kinds: Kinds) -> tuple[Review, float]:
    """Let two detectors look at *texts* with at most one item each; gives the review, and the true share left."""
    left = compared = again = 0
    for _ in range(texts):
        at = draw.random()
        for part, first, second in kinds:
            at -= part
            if at < 0:
                one, two = draw.random() < first, draw.random() < second
                compared += one
                again += one and two
                left += two and not one
                break
    counts = {"findings": {}, "left": {"PERSON": left}, "texts_left": left, "compared": compared, "again": again}
    return Review(sampled=texts, seed=0, **counts), sum(part * (1 - first) for part, first, _ in kinds)


def test_the_estimate_is_true_where_the_detectors_are_independent(draw):
    reviews = [
        simulated(draw, 400, [(part, 0.9, second)]) for part in (0.2, 0.8) for second in (0.5, 0.8) for _ in "01234"
    ]
    assert all(review.interval.low <= review.estimate <= review.interval.high for review, _ in reviews)
    assert abs(sum(review.estimate - true for review, true in reviews) / len(reviews)) < 0.03


def test_the_interval_holds_the_true_share_even_where_what_is_hard_for_one_is_hard_for_the_other(draw):
    hard, easy = (0.1, 0.5, 0.22), (0.4, 0.97, 0.85)
    reviews = [simulated(draw, 400, kinds) for kinds in ([easy], [hard, easy]) for _ in "0123456789"]
    assert sum(review.interval.low <= true <= review.interval.high for review, true in reviews) >= 18


def test_where_nothing_is_found_nothing_is_known_of_what_both_miss():
    review = Review(sampled=400, seed=0, findings={}, left={}, texts_left=0, compared=0, again=0)
    assert review.estimate == 0
    assert review.interval == (0.0, 1.0)
    assert "nothing was found" in review.told()
