"""A tree of the evidence is walked up by its parents and down by chance."""

import numpy as np
import pyarrow as pa

from anonymize.previews.trees import Tree
from tests.unit.anonymize.previews.world import TREES

TREE = Tree.of(TREES["month"])


def test_a_label_is_lifted_level_by_level_to_the_root():
    lifted = [TREE.lifted("2019-05", 1, level) for level in range(1, 6)]
    assert lifted == ["2019-05", "2019-Q2", "2019", "2015-2019", "*"]


def test_a_label_that_the_tree_does_not_know_is_lifted_nowhere():
    assert TREE.lifted("2030-01", 1, 2) is None
    assert TREE.lifted("2030-01", 1, 5) is None


def test_what_is_drawn_below_a_label_lifts_back_to_it_and_null_stays_null():
    labels = ["2019", None, "2020"] * 50
    drawn = TREE.descended(labels, 3, 1, pa.string(), np.random.default_rng(1)).to_pylist()
    assert [label and TREE.lifted(label, 1, 3) for label in drawn] == labels
    assert len(set(drawn)) == 25


def test_below_an_unknown_label_nothing_is_drawn():
    rng = np.random.default_rng(1)
    assert TREE.descended(["2030"], 3, 1, pa.string(), rng) is None
    assert TREE.descended(["2019"], 3, 1, pa.date32(), rng) is None
