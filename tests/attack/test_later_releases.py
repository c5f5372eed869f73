"""Two releases of one dataset in the hands of an attacker who lacks neither: joined, subtracted, and laid side by side.

The attacker is plain Python over the published rows. The positive controls are second releases built as if there had
been no first: each holds its own gate, and the two together fall.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from anonymize.building.joining import pass_join
from anonymize.building.nesting import Edition
from anonymize.building.rendering import Rendered
from anonymize.errors import GateFailed
from anonymize.evidence import Evidence
from anonymize.kanonymity.optimum import Optimum
from anonymize.linkage import Rendering, finest, joined
from anonymize.transform.keys import ReleaseSecret
from policies.profile import load
from tests.common.successive import ALL, Successive, changed, columns, people, without

PEOPLE = 3000
ADDED, REMOVED = 50, 5
K = {name: load(name).minimum_class_size for name in ALL}
SECOND = pa.concat_tables([people(REMOVED, PEOPLE - REMOVED), people(PEOPLE, ADDED)])


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Successive:
    made = Successive(tmp_path_factory.mktemp("releases"))
    first = made.build("first", people(0, PEOPLE)).body["editions"]
    made.build("second", SECOND, "first")
    kept = {name: first["enclave"]["node"][name] for name in ("sex", "age", "place")}
    made.build(
        "naive", SECOND, column=columns(**{name: {"levels": {"enclave": level}} for name, level in kept.items()})
    )
    return made


def renderings(made: Successive, name: str) -> list[Rendering]:
    """Give the editions of a release."""
    body = Evidence.read(made.folder / name).body
    return [
        Rendering(
            name=f"{name} {profile}",
            files=tuple(made.folder / name / file["path"] for file in told["files"]),
            published=told["published"],
            trees=body["trees"],
            minimum_class_size=told["profile"]["minimum_class_size"],
        )
        for profile, told in body["editions"].items()
    ]


def lift(trees: Mapping[str, Any], name: str, label: Any, level: int | None, to: int | None) -> Any:
    if level is None or to is None:
        return label
    for step in range(level, to):
        label = "*" if step == trees[name]["levels"] - 2 else trees[name]["parents"][str(step)][label]
    return label


def attack(made: Successive, view: Rendering, others: list[Rendering]) -> Iterator[int]:
    """Give k of every subset of columns known, by comparing rows; see `anonymize.linkage` for what is learned."""
    trees = defaultdict(lambda: {"levels": 0, "parents": defaultdict(dict)})
    for one in (view, *others):
        for name, tree in one.trees.items():
            trees[name]["levels"] = tree["levels"]
            for level, pairs in tree["parents"].items():
                trees[name]["parents"][level] |= pairs
    rows = {one.name: made.rows(*one.name.split()) for one in (view, *others)}
    here, quasi = view.levels(), view.quasi_identifiers()
    for size in range(len(here) + 1):
        for subset in combinations(here, size):
            learned: list[list[Any]] = [[row[q] for q in quasi] for row in rows[view.name]]
            for other in others:
                there = other.levels()
                finer = [q for q in quasi if there[q] is not None and there[q] < here[q]]
                if not finer:
                    continue  # it says nothing that the row does not say itself
                both = {name: max(here[name] or 0, there[name] or 0) for name in subset}
                shown: dict[Any, set[Any]] = defaultdict(set)
                for row in rows[other.name]:
                    key = tuple(lift(trees, n, row[n], there[n], to) for n, to in both.items())
                    shown[key].add(tuple(row[q] for q in finer))
                for row, known in zip(rows[view.name], learned, strict=True):
                    key = tuple(lift(trees, n, row[n], here[n], to) for n, to in both.items())
                    known.append(frozenset(shown.get(key, ())))
            groups: dict[Any, int] = defaultdict(int)
            for known in learned:
                groups[tuple(known)] += 1
            yield min(groups.values())


def test_the_join_of_both_releases_keeps_k_for_every_subset(made: Successive) -> None:
    everything = [*renderings(made, "first"), *renderings(made, "second")]
    view = finest(everything)
    others = [one for one in everything if one is not view]
    assert view.minimum_class_size == K["enclave"]
    assert min(attack(made, view, others)) >= K["enclave"]
    assert joined(view, others).minimum >= K["enclave"]
    told = Evidence.read(made.folder / "second").body
    assert told["previous"]["joined"] == [f"{name}, release before" for name in sorted(ALL)]
    assert told["join"]["minimum"] >= K["enclave"]


def test_a_second_search_of_its_own_is_caught_by_the_join(made: Successive) -> None:
    """The positive control: a number that is no quasi-identifier joins two nodes of which neither is the finer."""
    one = {"age": {"level": 1}, "place": {"level": 2}}
    two = {"age": {"level": 4}, "place": {"level": 0}}
    made.build("apart1", people(0, PEOPLE), column=columns(**one), profiles=["controlled"])
    made.build("apart2", SECOND, column=columns(**two), profiles=["controlled"])
    (view,), (other,) = renderings(made, "apart1"), renderings(made, "apart2")
    assert min(attack(made, view, [other])) < K["controlled"]
    assert joined(view, [other]).minimum < K["controlled"]


def lifted(found: dict[Any, set[str]], place: int) -> dict[Any, set[str]]:
    """Merge classes that differ in one column only: what an attacker sees who does not know it."""
    out: dict[Any, set[str]] = defaultdict(set)
    for group, members in found.items():
        out[frozenset((*each[:place], *each[place + 1 :]) for each in group)] |= members
    return dict(out)


def isolated(made: Successive, after: str, profile: str) -> list[int]:
    """List the groups of added subjects that subtracting the releases leaves, in each class and each sum of classes."""
    then, now = made.classes("first", profile, after), made.classes(after, profile)
    views = [(then, now), *((lifted(then, place), lifted(now, place)) for place in range(3))]
    return [added for one, two in views for _, _, added, _ in changed(one, two).values() if added]


@pytest.mark.parametrize("profile", ALL)
def test_subtracting_the_releases_isolates_no_few_added_subjects(made: Successive, profile: str) -> None:
    assert all(added >= K[profile] for added in isolated(made, "second", profile))


def test_subtracting_a_release_that_knew_of_none_before_isolates_single_people(made: Successive) -> None:
    """The positive control: the same node, all who came let in at once."""
    assert min(isolated(made, "naive", "enclave")) == 1


def test_fifty_added_and_five_removed_pass_by_the_rules(made: Successive) -> None:
    told = Evidence.read(made.folder / "second").body
    for profile, figures in told["previous"]["editions"].items():
        assert figures["removed"] >= REMOVED - 1 or profile != "enclave"
        assert figures["residual_classes"] >= 1
        assert told["editions"][profile]["risk"]["after"]["k"] >= K[profile]
    enclave = told["previous"]["editions"]["enclave"]
    assert enclave["waiting"] + enclave["added"] >= ADDED
    for profile in ALL:
        assert not {f"P{n}" for n in range(REMOVED)} & made.subjects("second", profile)


def test_the_gate_of_a_build_counts_the_release_before_among_what_is_held(made: Successive) -> None:
    """By the rules no build comes to this; the gate does not rely on them."""
    one = {"age": {"level": 1}, "place": {"level": 2}}
    two = {"age": {"level": 4}, "place": {"level": 0}}
    made.build("gate1", people(0, PEOPLE), column=columns(**one), profiles=["controlled"])
    body = made.build("gate2", SECOND, column=columns(**two), profiles=["controlled"]).body
    told, (own,) = body["editions"]["controlled"], renderings(made, "gate2")
    stay = np.ones(1, np.bool_)
    edition = Edition(
        profile=load("controlled"),
        columns=(),
        spans={},
        levels={},
        linked=False,
        optimum=Optimum((), 0, 0, 1, 0.0, 0, 0.0, stay, 1),
        rows="work",
        suppressed=0,
    )
    written = [(edition, Rendered(files=own.files, subjects=None, shown={}), told)]
    assert pass_join(written, body["trees"])["minimum"] >= K["controlled"]
    with pytest.raises(GateFailed, match="joined_class_size"):
        pass_join(written, body["trees"], renderings(made, "gate1"))


def test_who_objected_stands_in_no_cell_of_the_next_release(made: Successive) -> None:
    person = "P777"
    made.custody.note_objections([person])
    try:
        made.build("without", SECOND, "second")
    finally:
        (made.custody.folder / "objections").unlink()
    for profile in ALL:
        assert person in made.subjects("first", profile)
        assert person not in made.subjects("without", profile)
        assert 777 not in {row["serial"] for row in made.rows("without", profile)}
    naive = without(SECOND, person)
    assert naive.num_rows == Evidence.read(made.folder / "without").body["source"]["rows"]


def places(made: Successive, name: str, profile: str) -> dict[int, int]:
    return {row["serial"]: place for place, row in enumerate(made.rows(name, profile))}


def correlation(one: dict[int, int], two: dict[int, int]) -> float:
    both = sorted(one.keys() & two.keys())
    return float(np.corrcoef([one[row] for row in both], [two[row] for row in both])[0, 1])


@pytest.mark.parametrize("profile", ALL)
def test_the_places_of_a_row_in_two_releases_do_not_follow_each_other(made: Successive, profile: str) -> None:
    found = correlation(places(made, "first", profile), places(made, "second", profile))
    assert abs(found) < 4 / np.sqrt(PEOPLE * 0.9)


def test_one_secret_for_two_releases_would_show(made: Successive) -> None:
    """The positive control: the same draws stand in the same order."""
    for name in ("same1", "same2"):
        made.build(name, people(0, PEOPLE), secret=ReleaseSecret(bytes(range(32))), profiles=["enclave"])
    assert correlation(places(made, "same1", "enclave"), places(made, "same2", "enclave")) > 0.99
