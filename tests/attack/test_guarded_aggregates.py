"""Whoever asks for guarded aggregates learns no more of one person than the release was measured for (its t).

A sample of the attacks that `make soak` makes by the ten thousand, with controls that show they bite.
"""

import random
from collections import defaultdict
from statistics import mean

import pytest

from policies import profile
from policies.cells import Guard, guard_of
from tests.common.tracing import Attack, Attacker, Door, people

SECRET = b"a secret of the tests, 32 bytes."
BARE = Guard(minimum_subjects=2, dominance_subjects=1, dominance_share=1.0, noise_deviation=0.05, noise_maximum=1)
"""As good as no guard at all."""


def made(door: Door, chance: random.Random, count: int, *, minimum_l: int = 2) -> dict[str, list[Attack]]:
    by_kind = defaultdict(list)
    for attack in Attacker(door, chance, minimum_l=minimum_l).attacks(count):
        by_kind[attack.kind].append(attack)
    for kind, found in by_kind.items():
        gains = [attack.gain for attack in found]
        print(f"{kind}: {len(found)} attacks, gain {mean(gains):+.3f} on average, {max(gains):.3f} at most")
    return by_kind


@pytest.fixture
def chance() -> random.Random:
    seed = random.SystemRandom().randrange(10**6)
    print(f"seed {seed}")
    return random.Random(seed)


@pytest.mark.parametrize(("count", "classes"), [(60, 120), pytest.param(10_000, 300, marks=pytest.mark.soak)])
@pytest.mark.timeout(7200)
def test_no_attack_gains_more_than_the_profile_states(chance: random.Random, count: int, classes: int) -> None:
    stated = profile.load("enclave").maximum_t
    door = Door(people(chance, classes=classes, farthest=stated), guard_of("enclave"), SECRET, chance.getrandbits(64))
    by_kind = made(door, chance, count)
    assert door.asked["answered"] > count
    assert max(attack.gain for found in by_kind.values() for attack in found) <= stated


def test_the_same_attacks_read_the_bit_of_people_alone_in_their_class_where_there_is_no_guard(
    chance: random.Random,
) -> None:
    """The control: a release of no k and no l, asked without noise."""
    rows = people(chance, classes=80, smallest=1, farthest=1.0, minimum_l=1)
    stated = profile.load("enclave").maximum_t
    door = Door(rows, BARE, SECRET, chance.getrandbits(64))
    gains: list[float] = []
    for _ in range(5):  # few people bear the bit: ninety attacks may meet none of them
        gains += [attack.gain for found in made(door, chance, 90, minimum_l=1).values() for attack in found]
        if max(gains) > stated:
            break
    assert max(gains) > stated
    guarded = Door(rows, guard_of("enclave"), SECRET, door.seed)
    covered = [attack.gain for found in made(guarded, chance, 90, minimum_l=1).values() for attack in found]
    assert mean(gains) > 2 * mean(covered)


def test_what_is_known_of_a_person_besides_the_class_has_no_place_in_a_question(chance: random.Random) -> None:
    door = Door(people(chance, classes=120), guard_of("enclave"), SECRET, 1)
    attacker = Attacker(door, chance)
    for _ in range(120):
        assert attacker.singling_out(chance.choice(door.rows)) is None
    assert door.asked["answered"] == 0


def test_asking_again_or_in_other_words_gives_the_same_answer(chance: random.Random) -> None:
    """So nothing is averaged away."""
    door = Door(people(chance, classes=120), guard_of("enclave"), SECRET, 1)
    same = [
        "SELECT bit, COUNT(*) AS n FROM people WHERE region IN ('R01', 'R02') GROUP BY bit ORDER BY bit",
        "SELECT bit, COUNT(*) AS n FROM people WHERE region = 'R02' OR region = 'R01' GROUP BY ALL ORDER BY 1",
        "SELECT p.bit, COUNT(DISTINCT id) AS n FROM people p WHERE NOT (region < 'R01' OR region > 'R02') GROUP BY 1"
        " ORDER BY bit",
    ]
    answers = [door.ask(sql) for sql in same]
    assert answers[0]
    assert answers.count(answers[0]) == len(answers)
