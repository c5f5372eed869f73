"""Cells that say too much of a few people are withheld; the others are moved by noise that its people determine."""

from statistics import fmean, pstdev

import pytest

from policies import profile
from policies.cells import Contribution, Guard, dominated, guard_of, noisy_count, noisy_sum, probabilities
from policies.errors import PolicyError

SECRET = b"s" * 32
GUARD = guard_of("enclave")
NONE = Contribution(subjects=0, total=0.0, absolute=0.0, largest=())


def contribution(*values: float) -> Contribution:
    """Let one person contribute each of *values*."""
    sizes = sorted(map(abs, values), reverse=True)
    return Contribution(subjects=len(values), total=sum(values), absolute=sum(sizes), largest=tuple(sizes[:5]))


@pytest.mark.parametrize("name", profile.names())
def test_every_profile_has_a_guard_at_least_as_strict_as_its_classes(name: str) -> None:
    assert guard_of(name).minimum_subjects >= profile.load(name).minimum_class_size


def test_a_profile_without_a_guard_is_refused() -> None:
    for name in ("none", "source"):
        with pytest.raises(PolicyError, match="has none"):
            guard_of(name)


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"minimum_subjects": 1}, "minimum_subjects"),
        ({"dominance_subjects": 0}, "dominance"),
        ({"dominance_share": 0.0}, "dominance"),
        ({"dominance_share": 1.1}, "dominance"),
        ({"noise_deviation": 0.0}, "noise"),
        ({"noise_maximum": 0}, "noise"),
    ],
)
def test_a_guard_that_guards_nothing_is_refused(changes: dict[str, float], place: str) -> None:
    values = {
        "minimum_subjects": 11,
        "dominance_subjects": 2,
        "dominance_share": 0.85,
        "noise_deviation": 2.0,
        "noise_maximum": 5,
    }
    with pytest.raises(PolicyError, match=place):
        Guard(**{**values, **changes})  # type: ignore[arg-type]


def test_a_cell_of_too_few_people_is_withheld_whatever_its_noise() -> None:
    for subjects in range(GUARD.minimum_subjects):
        assert all(noisy_count(subjects, key, GUARD, SECRET) is None for key in range(200))


def test_no_published_count_is_below_the_minimum() -> None:
    shown = [noisy_count(GUARD.minimum_subjects, key, GUARD, SECRET) for key in range(500)]
    assert None in shown
    assert min(count for count in shown if count is not None) >= GUARD.minimum_subjects


def test_the_noise_of_counts_is_bounded_even_and_as_wide_as_stated() -> None:
    noise = [(noisy_count(1000, key, GUARD, SECRET) or 0) - 1000 for key in range(20_000)]
    assert max(map(abs, noise)) <= GUARD.noise_maximum
    assert abs(fmean(noise)) < 0.1
    stated = sum(step**2 * share for step, share in probabilities(GUARD).items()) ** 0.5
    assert pstdev(noise) == pytest.approx(stated, rel=0.05)
    assert sum(probabilities(GUARD).values()) == pytest.approx(1)


def test_the_same_people_get_the_same_noise_and_others_their_own() -> None:
    assert noisy_count(500, 7, GUARD, SECRET) == noisy_count(500, 7 + (1 << 64), GUARD, SECRET)
    assert len({noisy_count(500, key, GUARD, SECRET) for key in range(100)}) > 5
    assert [noisy_count(500, key, GUARD, SECRET) for key in range(50)] != [
        noisy_count(500, key, GUARD, b"another secret") for key in range(50)
    ]


def test_a_sum_that_two_people_make_up_is_withheld() -> None:
    spread = contribution(*[10.0] * 20)
    assert not dominated(spread, GUARD)
    assert dominated(contribution(*[1.0] * 20, 500.0, -500.0), GUARD)
    assert noisy_sum(contribution(*[1.0] * 20, 500.0, -500.0), "x", 3, GUARD, SECRET) is None
    assert noisy_sum(spread, "x", 3, GUARD, SECRET) is not None


def test_a_sum_over_too_few_people_is_withheld_and_one_of_nothing_is_nothing() -> None:
    assert noisy_sum(contribution(*[10.0] * 10), "x", 3, GUARD, SECRET) is None
    assert not dominated(NONE, GUARD)
    empty = Contribution(subjects=20, total=0.0, absolute=0.0, largest=())
    assert noisy_sum(empty, "x", 3, GUARD, SECRET) == 0.0


def test_the_noise_of_a_sum_covers_the_largest_contribution() -> None:
    found = contribution(*[1.0] * 50, 4.0)
    moved = {round(((noisy_sum(found, "x", key, GUARD, SECRET) or 0.0) - found.total) / 4.0, 9) for key in range(500)}
    assert moved <= {float(step) for step in range(-GUARD.noise_maximum, GUARD.noise_maximum + 1)}
    assert len(moved) == 2 * GUARD.noise_maximum + 1
