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


def simulated(draw, texts: int, personal: float, first: float, second: float) -> tuple[Review, float]:
    """Two detectors that miss independently of each other; gives the review, and the true share of texts left."""
    kept = left = compared = again = 0
    for _ in range(texts):
        if draw.random() < personal:
            one, two = draw.random() < first, draw.random() < second
            compared += one
            again += one and two
            left += two and not one
    kept = personal * (1 - first)
    counts = {"findings": {}, "left": {"PERSON": left}, "texts_left": left, "compared": compared, "again": again}
    return Review(sampled=texts, seed=0, **counts), kept


def test_the_interval_holds_the_true_share_where_the_detectors_are_independent(draw):
    reviews = [
        simulated(draw, 400, personal, 0.9, second)
        for personal in (0.2, 0.8)
        for second in (0.5, 0.8)
        for _ in "0123456789"
    ]
    inside = sum(review.interval.low <= true <= review.interval.high for review, true in reviews)
    assert inside >= 0.9 * len(reviews)
    mean = sum(review.estimate - true for review, true in reviews) / len(reviews)
    assert abs(mean) < 0.02
    assert all(review.interval.low <= review.estimate <= review.interval.high for review, _ in reviews)


def test_where_nothing_is_found_nothing_is_known_of_what_both_miss():
    review = Review(sampled=400, seed=0, findings={}, left={}, texts_left=0, compared=0, again=0)
    assert review.estimate == 0
    assert review.interval == (0.0, 1.0)
    assert "nothing was found" in review.told()
