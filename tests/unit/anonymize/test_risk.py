"""Risk is what its definitions say, on small tables worked by hand and against the plain way."""

import math
from collections import Counter, defaultdict
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as arrow_csv
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anonymize.errors import SourceError
from anonymize.risk import measure

TABLE = pa.table(
    {
        "a": ["x", "x", "x", "y", "y", None],
        "s": ["flu", "flu", "gout", "flu", "gout", "flu"],
        "n": [1, 2, 3, 1, 2, 3],
        "who": ["A", "B", "B", "C", "D", "E"],
    }
)


def test_classes_sizes_and_risks_of_rows():
    risk = measure(TABLE, ["a"], ["s"])
    assert (risk.rows, risk.subjects, risk.classes, risk.k, risk.sample_uniques) == (6, 6, 3, 1, 1)
    assert risk.class_sizes == {1: 1, 2: 1, 3: 1}
    assert (risk.prosecutor, risk.journalist, risk.marketer) == (1, 1, 0.5)


def test_a_subject_counts_once_in_a_class():
    risk = measure(TABLE, ["a"], subject="who")
    assert (risk.rows, risk.subjects, risk.k) == (6, 5, 1)
    assert risk.class_sizes == {1: 1, 2: 2}


def test_a_subject_with_several_rows_is_known_by_its_whole_set():
    """A and B share a row's class, but only B also shows y: together they are no class of two."""
    table = pa.table({"who": ["A", "B", "B", "C", "D"], "a": ["x", "x", "y", "y", "x"]})
    assert measure(table, ["a"], subject="who").k == 1
    assert measure(table, ["a"], subject="who").class_sizes == {1: 2, 2: 1}
    assert measure(table, ["a"], subject="who", whole_sets=False).k == 2


def test_diversity_and_closeness_by_hand():
    table = TABLE.slice(0, 5)
    risk = measure(table, ["a"], ["s", "n"])
    assert risk.l_distinct == {"s": 2, "n": 2}
    p = (2 / 3, 1 / 3)
    assert risk.l_entropy["s"] == pytest.approx(math.exp(-sum(x * math.log(x) for x in p)))
    assert risk.t_equal["s"] == pytest.approx(0.1)
    assert risk.t_ordered["s"] is None
    assert risk.t_ordered["n"] == pytest.approx((abs(1 / 2 - 2 / 5) + abs(1 - 4 / 5)) / 2)


def test_a_risk_of_one_in_eleven_is_above_nine_hundredths():
    assert measure(pa.table({"a": ["x"] * 11}), ["a"]).prosecutor > 0.09


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 6)), min_size=1, max_size=40))
def test_measuring_agrees_with_the_plain_way(rows):
    domain = sorted({value for _, value in rows})
    whole = Counter(value for _, value in rows)
    classes = defaultdict(list)
    for group, value in rows:
        classes[group].append(value)
    equal = ordered = 0.0
    for members in classes.values():
        gaps = [members.count(value) / len(members) - whole[value] / len(rows) for value in domain]
        equal = max(equal, sum(map(abs, gaps)) / 2)
        running = [sum(gaps[: place + 1]) for place in range(len(gaps))]
        ordered = max(ordered, sum(map(abs, running)) / max(len(domain) - 1, 1))
    risk = measure(pa.table({"g": [g for g, _ in rows], "v": [v for _, v in rows]}), ["g"], ["v"])
    assert risk.k == min(map(len, classes.values()))
    assert risk.l_distinct["v"] == min(len(set(members)) for members in classes.values())
    assert risk.t_equal["v"] == pytest.approx(equal, abs=1e-9)
    assert risk.t_ordered["v"] == pytest.approx(ordered, abs=1e-9)


def test_files_give_the_figures_of_their_table(tmp_path: Path):
    pq.write_table(TABLE, tmp_path / "it's.parquet")
    arrow_csv.write_csv(TABLE, tmp_path / "t.csv")
    expected = measure(TABLE, ["a"], ["s", "n"], "who").to_dict()
    assert measure(tmp_path / "it's.parquet", ["a"], ["s", "n"], "who").to_dict() == expected
    assert measure(tmp_path / "t.csv", ["a"], ["s", "n"], "who").k == expected["k"]


def test_without_quasi_identifiers_all_rows_are_one_class():
    assert measure(TABLE, []).class_sizes == {6: 1}


def test_an_empty_table_has_no_class_and_full_risk():
    risk = measure(TABLE.slice(0, 0), ["a"], ["s", "n"])
    assert (risk.k, risk.prosecutor, risk.rows) == (0, 1.0, 0)
    assert risk.measured(suppressed_share=0).subjects == 0


def test_columns_named_like_our_own_do_not_confuse():
    table = pa.table({"class": ["x", "x"], "owner": ["y", "y"], "tuple": [1, 2], 'we"ird': [1, 1]})
    risk = measure(table, ["class", 'we"ird'], ["owner", "tuple"])
    assert (risk.k, risk.l_distinct) == (2, {"owner": 1, "tuple": 2})


def test_a_missing_column_or_file_is_named(tmp_path: Path):
    with pytest.raises(SourceError, match="no column 'b'"):
        measure(TABLE, ["b"])
    with pytest.raises(SourceError, match="cannot be read"):
        measure(tmp_path / "none.parquet", ["a"])
    (tmp_path / "bad.parquet").write_bytes(b"SECRET")
    with pytest.raises(SourceError, match="cannot be read") as caught:
        measure(tmp_path / "bad.parquet", ["a"])
    assert "SECRET" not in str(caught.value)


@pytest.mark.parametrize("name", ["a[1]*", "a=1/b", "a?", "it's"])
def test_the_name_of_a_file_is_neither_a_pattern_nor_a_column(tmp_path: Path, name):
    path = tmp_path / f"{name}.parquet"
    path.parent.mkdir(exist_ok=True)
    pq.write_table(TABLE, tmp_path / "a1.parquet")
    pq.write_table(TABLE.slice(0, 3).rename_columns(["b", "s", "n", "who"]), path)
    assert measure(path, ["b"]).rows == 3
    with pytest.raises(SourceError, match="no column 'a'"):
        measure(path, ["a"])


@settings(max_examples=80, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3), st.integers(0, 8)), min_size=1, max_size=30),
    st.booleans(),
    st.booleans(),
)
def test_counting_subjects_agrees_with_the_plain_way(tmp_path_factory, rows, whole_sets, aside):
    """Also where the subjects stand in a file of their own beside several files of rows."""
    sets = defaultdict(set)
    for group, _, owner in rows:
        sets[owner].add(group)
    classes, people = defaultdict(list), defaultdict(set)
    for group, value, owner in rows:
        key = frozenset(sets[owner]) if whole_sets else group
        classes[key].append(value)
        people[key].add(owner)
    whole = Counter(value for _, value, _ in rows)
    equal = max(
        sum(abs(members.count(value) / len(members) - whole[value] / len(rows)) for value in whole) / 2
        for members in classes.values()
    )
    entropy = min(
        math.exp(-sum(n / len(members) * math.log(n / len(members)) for n in Counter(members).values()))
        for members in classes.values()
    )
    table = pa.table({"g": [r[0] for r in rows], "v": [r[1] for r in rows], "who": [r[2] for r in rows]})
    if aside:
        folder = tmp_path_factory.mktemp("aside")
        half = len(rows) // 2
        parts = [folder / "0.parquet", folder / "1.parquet"]
        pq.write_table(table.select(["g", "v"]).slice(0, half), parts[0])
        pq.write_table(table.select(["g", "v"]).slice(half), parts[1])
        pq.write_table(table.select(["who"]), folder / "who.parquet")
        risk = measure(parts, ["g"], ["v"], subjects=folder / "who.parquet", whole_sets=whole_sets)
    else:
        risk = measure(table, ["g"], ["v"], "who", whole_sets=whole_sets)
    assert risk.k == min(map(len, people.values()))
    assert risk.class_sizes == Counter(map(len, people.values()))
    assert (risk.subjects, risk.rows, risk.classes) == (len(sets), len(rows), len(classes))
    assert risk.l_distinct["v"] == min(len(set(members)) for members in classes.values())
    assert risk.l_entropy["v"] == pytest.approx(entropy, abs=1e-9)
    assert risk.t_equal["v"] == pytest.approx(equal, abs=1e-9)


def test_too_little_memory_is_an_error_that_says_so(tmp_path):
    table = pa.table({"g": [f"group {number}" for number in range(200_000)], "who": list(range(200_000))})
    pq.write_table(table, tmp_path / "t.parquet")
    with pytest.raises(SourceError, match="do not fit into 1 MB"):
        measure(tmp_path / "t.parquet", ["g"], subject="who", memory_mb=1)


def test_a_subject_given_by_place_may_be_missing_or_alone(tmp_path):
    pq.write_table(pa.table({"g": ["a", "a", "b", "b", "b"], "owner": list("vwxyz")}), tmp_path / "part.parquet")
    pq.write_table(pa.table({"subject": pa.array([None, None, 1, 1, 2], pa.int64())}), tmp_path / "who.parquet")
    risk = measure([tmp_path / "part.parquet"], ["g"], ["owner"], subjects=tmp_path / "who.parquet", whole_sets=False)
    plain = measure(
        pa.table({"g": list("aabbb"), "owner": list("vwxyz"), "who": pa.array([None, None, 1, 1, 2])}),
        ["g"],
        ["owner"],
        "who",
        whole_sets=False,
    )
    assert risk == plain
