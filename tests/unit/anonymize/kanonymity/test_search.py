"""The search finds what trying every node would find."""

import itertools
from collections import defaultdict
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anonymize.errors import HierarchyError, InfeasibleError, SourceError
from anonymize.kanonymity.files import search_files
from anonymize.kanonymity.hierarchies import Hierarchy, from_paths
from anonymize.kanonymity.lattice import Lattice
from anonymize.kanonymity.search import allowed, search
from anonymize.kanonymity.sensitive import Sensitive, accept

BENCHMARK = Path(__file__).parents[5] / "shared" / "data" / "benchmark"
ADULT = ("sex", "age", "race", "marital-status", "education", "native-country", "workclass", "occupation")


def tree(name: str, leaves: int, fan: int) -> Hierarchy:
    """A tree whose nodes join *fan* neighbours each, until one is left."""
    paths = []
    for leaf in range(leaves):
        path, node, count, level = [f"{leaf}"], leaf, leaves, 0
        while count > fan:
            node, count, level = node // fan, -(-count // fan), level + 1
            path.append(f"{level}:{node}")
        paths.append((*path, "*"))
    return from_paths(name, [path[0] for path in paths], paths)


def brute(columns, trees, k, limit, subjects=None, linked=False, judge=None):
    """Try every node with plain loops; give (loss, suppressed, node) of the best, or nothing."""
    rows = len(columns[0])
    owners = list(range(rows)) if subjects is None else list(subjects)
    best = None
    for node in itertools.product(*(range(t.levels) for t in trees)):
        tuples = [
            tuple(int(t.codes[n][c[r]]) for t, n, c in zip(trees, node, columns, strict=True)) for r in range(rows)
        ]
        if linked:
            sets = defaultdict(set)
            for owner, seen in zip(owners, tuples, strict=True):
                sets[owner].add(seen)
            classes = [frozenset(sets[owner]) for owner in owners]
        else:
            classes = tuples
        people = defaultdict(set)
        for owner, cls in zip(owners, classes, strict=True):
            people[cls].add(owner)
        stands = {cls for cls, who in people.items() if len(who) >= k}
        if judge:
            stands = judge(classes, stands)
        loss = Fraction(0)
        for r in range(rows):
            for t, n, c in zip(trees, node, columns, strict=True):
                under = int(t.leaves_under[n][t.codes[n][c[r]]])
                loss += Fraction(under, len(t.leaves)) if classes[r] in stands else 1
        suppressed = sum(cls not in stands for cls in classes)
        if suppressed <= limit * rows:
            found = (loss / rows / len(trees), suppressed, node)
            best = found if best is None else min(best, found)
    return best


@st.composite
def tables(draw):
    trees = [tree(f"q{n}", draw(st.integers(2, 6)), draw(st.integers(2, 3))) for n in range(draw(st.integers(1, 3)))]
    rows = draw(st.integers(1, 25))
    columns = [
        np.array(draw(st.lists(st.integers(0, len(t.leaves) - 1), min_size=rows, max_size=rows)), dtype=np.int32)
        for t in trees
    ]
    subjects = np.array(draw(st.lists(st.integers(0, 12), min_size=rows, max_size=rows)), dtype=np.int64)
    values = np.array(draw(st.lists(st.integers(0, 3), min_size=rows, max_size=rows)), dtype=np.int64)
    return columns, trees, subjects, values


def agree(found, expected):
    assert found.node == expected[2]
    assert found.suppressed == expected[1] == int((~found.kept).sum())
    assert found.loss == pytest.approx(float(expected[0]), abs=1e-12)


@settings(max_examples=80, deadline=None)
@given(tables(), st.integers(1, 4), st.sampled_from([0.0, 0.1, 0.3]), st.sampled_from(["rows", "subjects", "linked"]))
def test_the_optimum_is_that_of_trying_every_node(table, k, limit, count):
    columns, trees, subjects, _ = table
    owners = None if count == "rows" else subjects
    expected = brute(columns, trees, k, Fraction(str(limit)), owners, count == "linked")
    if expected is None:
        with pytest.raises(InfeasibleError):
            search(columns, trees, k=k, suppression=limit, subjects=owners, linked=count == "linked")
    else:
        agree(search(columns, trees, k=k, suppression=limit, subjects=owners, linked=count == "linked"), expected)


@settings(max_examples=60, deadline=None)
@given(tables(), st.integers(1, 3), st.booleans(), st.sampled_from([0.2, 0.5]))
def test_the_optimum_is_that_of_trying_every_node_when_classes_must_be_diverse_and_close(table, k, ordered, t):
    """The predicate is not monotone; the plain way repeats it until nothing more falls, as the definition says."""
    columns, trees, _, values = table
    limit = Fraction(3, 10)

    def judge(classes, stands):
        while True:
            whole = [int(v) for v, cls in zip(values, classes, strict=True) if cls in stands]
            domain, kept = sorted(set(whole)), set()
            for cls in stands:
                mine = [int(v) for v, c in zip(values, classes, strict=True) if c == cls]
                gaps = [Fraction(mine.count(v), len(mine)) - Fraction(whole.count(v), len(whole)) for v in domain]
                far = sum(map(abs, gaps)) / 2
                if ordered:
                    far = sum(map(abs, itertools.accumulate(gaps))) / max(len(domain) - 1, 1)
                if len(set(mine)) >= 2 and far <= Fraction(str(t)) + Fraction(1, 10**9):
                    kept.add(cls)
            if kept == stands:
                return stands
            stands = kept

    sensitive = Sensitive(np.unique(values, return_inverse=True)[1], len(set(values.tolist())), ordered)
    predicate = accept([sensitive], minimum_l=2, maximum_t=t + 1e-9)
    expected = brute(columns, trees, k, limit, judge=judge)
    if expected is None:
        with pytest.raises(InfeasibleError):
            search(columns, trees, k=k, suppression=0.3, accept=predicate)
    else:
        agree(search(columns, trees, k=k, suppression=0.3, accept=predicate), expected)


def test_a_fixed_level_narrows_the_lattice():
    columns = [np.array([0, 1, 2, 3], np.int32), np.array([0, 0, 1, 1], np.int32)]
    trees = [tree("a", 4, 2), tree("b", 2, 2)]
    found = search(columns, trees, k=1, suppression=0, lattice=Lattice((1, 0), (1, 1)))
    assert found.node == (1, 0)


def test_an_infeasible_search_names_the_column_that_splits_most():
    columns = [np.arange(8, dtype=np.int32), np.array([0, 1] * 4, np.int32)]
    trees = [tree("many", 8, 8), tree("few", 2, 2)]
    with pytest.raises(InfeasibleError, match="'many', which splits most"):
        search(columns, trees, k=2, suppression=0, lattice=Lattice((0, 0), (0, 0)))


def test_fewer_people_than_k_is_infeasible():
    with pytest.raises(InfeasibleError, match="bring more subjects"):
        search([np.zeros(3, np.int32)], [tree("a", 2, 2)], k=4, suppression=0.5)


def test_no_rows_is_infeasible():
    with pytest.raises(InfeasibleError, match="no rows"):
        search([], [], k=2, suppression=0)


@pytest.mark.parametrize(("rows", "limit", "expected"), [(100, 0.29, 29), (30162, 0.02, 603), (7, 0.5, 3), (9, 0, 0)])
def test_the_limit_is_the_floor_of_the_share_as_written(rows, limit, expected):
    assert allowed(rows, limit) == expected


def test_progress_counts_checks():
    told = []
    found = search(
        [np.array([0, 1, 2, 3], np.int32)], [tree("a", 4, 2)], k=2, suppression=0, progress=lambda *x: told.append(x)
    )
    assert [checks for checks, _ in told] == list(range(1, found.checks + 1))


@pytest.mark.parametrize(
    ("limit", "node", "suppressed", "loss"),
    [
        (0, (1, 2, 1, 1, 3, 2, 2, 1), 0, 0.743977),
        (0.02, (0, 3, 0, 1, 2, 1, 1, 2), 552, 0.446253),
        (0.05, (0, 3, 0, 1, 2, 1, 1, 1), 1248, 0.379976),
    ],
)
def test_adult_has_its_known_optimum(limit, node, suppressed, loss):
    if not BENCHMARK.is_dir():
        pytest.skip("the benchmark data are not beside the project (../shared/data/benchmark)")
    found = search_files(BENCHMARK / "adult.csv.gz", BENCHMARK, ADULT, 5, limit)
    assert (found.node, found.suppressed) == (node, suppressed)
    assert found.loss == pytest.approx(loss, abs=1e-6)
    assert found.checks < 1000


def test_files_are_sniffed_and_bad_ones_named(tmp_path: Path):
    (tmp_path / "x_hierarchy_a.csv").write_text("1;*\n2;*\n")
    (tmp_path / "comma.csv").write_text("b,a\nx,1\ny,2\nz,1\nz,2\n")
    (tmp_path / "ragged.csv").write_text("a;b\n1;x\nSECRET\n")
    (tmp_path / "unknown.csv").write_text("a\n1\nSECRET\n")
    assert search_files(tmp_path / "comma.csv", tmp_path, ["a"], 2, 0).node == (0,)
    with pytest.raises(SourceError, match="no column 'c'"):
        search_files(tmp_path / "comma.csv", tmp_path, ["c"], 2, 0)
    with pytest.raises(SourceError, match="no regular table") as ragged:
        search_files(tmp_path / "ragged.csv", tmp_path, ["a"], 2, 0)
    with pytest.raises(HierarchyError, match="row 2") as unknown:
        search_files(tmp_path / "unknown.csv", tmp_path, ["a"], 2, 0)
    with pytest.raises(SourceError, match="cannot be read"):
        search_files(tmp_path / "none.csv", tmp_path, ["a"], 2, 0)
    for error in (ragged.value, unknown.value):
        assert "SECRET" not in f"{error} {error.__cause__}"


def test_a_node_that_only_the_predicate_refuses_condemns_no_finer_one():
    """The predicate wants three classes, so the coarser nodes fail it; the finest, which has k, must still be found."""
    found = search(
        [np.array([0, 1, 2, 3] * 2, np.int32)],
        [tree("a", 4, 2)],
        k=2,
        suppression=0,
        accept=lambda unit: lambda class_of_unit, stands: stands & (len(stands) >= 3),
    )
    assert (found.node, found.suppressed, found.suppressed_classes, found.classes) == ((0,), 0, 0, 4)


def test_a_node_whose_bound_equals_the_best_loss_is_still_tried():
    """Both nodes lose two thirds; the smaller one in the order of the columns wins."""
    columns = [np.array([2, 0, 0], np.int32), np.array([2, 2, 2], np.int32)]
    assert search(columns, [tree("a", 4, 2), tree("b", 3, 2)], k=2, suppression=0.3).node == (2, 0)


def test_a_lattice_too_large_for_an_exact_search_is_refused_at_once():
    trees = [tree(f"q{place}", 100, 2) for place in range(9)]
    with pytest.raises(InfeasibleError, match="too many for an exact search"):
        search([np.zeros(4, np.int32) for _ in trees], trees, k=2, suppression=0)
