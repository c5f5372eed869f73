"""Hierarchies are trees over their whole domain, or they are refused before any search."""

from pathlib import Path

import pyarrow as pa
import pytest

from anonymize.errors import HierarchyError
from anonymize.kanonymity.hierarchies import from_paths, read, read_folder

AGES = [("1", "0-4", "*"), ("2", "0-4", "*"), ("7", "5-9", "*")]


def made(rows: list[tuple[str, ...]]):
    return from_paths("age", [row[0] for row in rows], rows)


def test_a_tree_gives_each_value_at_each_level():
    tree = made(AGES)
    leaf = tree.encode(pa.array(["7", "1", "7"]))
    assert tree.published(0, leaf).to_pylist() == ["7", "1", "7"]
    assert tree.published(1, leaf).to_pylist() == ["5-9", "0-4", "5-9"]
    assert tree.published(2, leaf).to_pylist() == ["*", "*", "*"]


def test_loss_is_the_share_of_leaves_under_a_value():
    tree = made(AGES)
    assert [tree.loss(1, node) for node in range(2)] == pytest.approx([2 / 3, 1 / 3])
    assert tree.loss(2, 0) == 1


def test_a_node_with_two_parents_is_refused_with_its_place():
    torn = [("80", "80+", "80-89", "*"), ("90", "80+", "90-99", "*")]
    with pytest.raises(HierarchyError, match=r"hierarchy 'age'.*1 nodes of level 1.*line 1"):
        made(torn)


def test_a_leaf_that_skips_a_level_is_refused_with_its_line():
    with pytest.raises(HierarchyError, match=r"line 2 has 2 levels, line 1 has 3"):
        made([("1", "0-4", "*"), ("2", "*")])


def test_a_leaf_twice_is_refused():
    with pytest.raises(HierarchyError, match="1 leaves are there twice"):
        made([("1", "0-4", "*"), ("1", "0-4", "*")])


def test_more_than_one_root_is_refused():
    with pytest.raises(HierarchyError, match="top level has 2 nodes"):
        made([("1", "a"), ("2", "b")])


def test_an_empty_hierarchy_is_refused():
    with pytest.raises(HierarchyError, match="no leaf"):
        made([])


def test_a_value_without_a_leaf_names_its_row_and_not_the_value():
    with pytest.raises(HierarchyError, match="row 3") as caught:
        made(AGES).encode(pa.array(["1", "2", "secret", "7"]))
    assert "secret" not in str(caught.value)


def test_a_null_stays_null_until_the_root():
    tree = from_paths("sex", ["m", None], [("m", "*"), (None, "*")])
    leaf = tree.encode(pa.array([None, "m"]))
    assert tree.published(0, leaf).to_pylist() == [None, "m"]
    assert tree.published(1, leaf).to_pylist() == ["*", "*"]


def test_files_are_found_by_column_and_read_leaf_first(tmp_path: Path):
    (tmp_path / "adult_hierarchy_age.csv").write_text("1;0-4;*\n2;0-4;*\n")
    (tmp_path / "adult_hierarchy_sex.csv").write_text("m;*\nf;*\n")
    sex, age = read_folder(tmp_path, ["sex", "age"])
    assert (sex.leaves, sex.levels) == (("m", "f"), 2)
    assert (age.leaves, age.levels) == (("1", "2"), 3)


def test_a_column_without_a_file_says_which_name_it_needs(tmp_path: Path):
    with pytest.raises(HierarchyError, match=r"\*_hierarchy_age\.csv"):
        read_folder(tmp_path, ["age"])
    with pytest.raises(HierarchyError, match="cannot be read"):
        read(tmp_path / "none.csv", "age")
