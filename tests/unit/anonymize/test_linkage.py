"""What somebody learns who joins everything published is measured as defined, or refused with the column at fault."""

import json
from dataclasses import replace

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from anonymize.linkage import LinkageError, Rendering, by_token, finest, joined, joining
from tests.common.renderings import TREE, reference, rendered, write

PEOPLE = [{"qa": n % 8, "qb": (n // 8) % 8, "days": n} for n in range(64)]

number = st.integers(0, 7) | st.none()
people = st.lists(st.fixed_dictionaries({"qa": number, "qb": number, "c": st.integers(0, 2) | st.none()}), max_size=14)
levels = st.fixed_dictionaries({"qa": st.integers(0, 3)}, optional={"qb": st.integers(0, 3), "c": st.none()})


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(people, st.lists(st.tuples(levels, st.integers(0, 15)), min_size=2, max_size=3))
def test_sql_and_plain_python_agree_on_every_subset(tmp_path, rows, made):
    """Random levels, missing columns, nulls, suppressed rows and up to two other renderings."""
    renderings = [
        rendered(tmp_path / f"{place}.parquet", rows, shape, keep=lambda row, gone=gone: (row["qa"] or 0) != gone)
        for place, (shape, gone) in enumerate(made)
    ]
    plain = reference(renderings[0], renderings[1:])
    measured = joined(renderings[0], renderings[1:])
    assert measured.own == plain[()]
    for subset, k in measured.by_subset.items():
        assert k == plain[subset], subset
    assert measured.minimum == min(plain.values())


def test_a_unique_value_links_two_editions_of_the_same_rows(tmp_path):
    one = rendered(tmp_path / "one.parquet", PEOPLE, {"qa": 0, "qb": 3, "days": None})
    two = rendered(tmp_path / "two.parquet", PEOPLE, {"qa": 3, "qb": 0, "days": None})
    found = joined(one, [two])
    assert (found.own, found.k, found.minimum, found.refined) == (8, 1, 1, 64)
    assert found.weakest == ("days",)
    assert found.taught_by == ("two",)
    assert found.by_subset[("qa", "qb")] == 8
    assert json.loads(json.dumps(found.to_dict()))["weakest"] == ["days"]


def test_an_edition_that_is_nowhere_finer_teaches_nothing(tmp_path):
    one = rendered(tmp_path / "one.parquet", PEOPLE, {"qa": 0, "qb": 2, "days": None})
    two = rendered(tmp_path / "two.parquet", PEOPLE, {"qa": 1, "qb": 3, "days": None})
    found = joined(one, [two, one])
    assert (found.own, found.k, found.refined, found.by_subset, found.taught_by) == (4, 4, 0, {}, ())


def test_a_quasi_identifier_that_the_finest_lacks_is_learned(tmp_path):
    one = rendered(tmp_path / "one.parquet", PEOPLE, {"qa": 0, "days": None})
    two = rendered(tmp_path / "two.parquet", PEOPLE, {"qb": 2, "days": None})
    found = joined(one, [two])
    assert (found.own, found.k, found.refined) == (8, 4, 64)


def test_a_row_that_the_other_suppressed_learns_nothing(tmp_path):
    one = rendered(tmp_path / "one.parquet", PEOPLE, {"qa": 3, "days": None})
    two = rendered(tmp_path / "two.parquet", PEOPLE, {"qa": 2, "days": None}, keep=lambda row: row["days"] >= 10)
    found = joined(one, [two])
    assert found.refined == 54
    assert found.k == 10, "the ten suppressed rows are a class of their own"


def test_an_ambiguous_link_teaches_the_set_of_values(tmp_path):
    rows = [{"qa": n % 4, "c": n % 2} for n in range(40)]
    one = rendered(tmp_path / "one.parquet", rows, {"qa": 3, "c": None})
    two = rendered(tmp_path / "two.parquet", rows, {"qa": 0, "c": None})
    found = joined(one, [two])
    assert (found.own, found.k) == (40, 20)
    assert found.refined == 40


@pytest.mark.parametrize("values", [{0: [0, 1], 1: [0, 2], 2: [0, 3]}, {0: [0, None], 1: [0, 0], 2: [0, 1]}])
def test_sets_that_overlap_are_told_apart_and_null_is_a_value_of_them(tmp_path, values):
    """The least value of all sets is the same."""
    rows = [{"qa": values[n % 3][n // 3 % 2], "c": n % 3} for n in range(60)]
    one = rendered(tmp_path / "one.parquet", [{**row, "qb": 0} for row in rows], {"qb": 0, "c": None})
    two = rendered(tmp_path / "two.parquet", rows, {"qa": 0, "c": None})
    found = joined(one, [two])
    assert (found.own, found.k, found.refined) == (60, 20, 60)
    assert reference(one, [two])[("c",)] == 20


def test_links_through_quasi_identifiers_alone_split_no_class(tmp_path):
    one = rendered(tmp_path / "one.parquet", PEOPLE, {"qa": 2, "qb": 2})
    table = rendered(tmp_path / "classes.parquet", PEOPLE, {"qa": 0, "qb": 0})
    found = joined(one, [table])
    assert set(found.by_subset.values()) == {found.own} == {16}


def test_k_counts_subjects_where_their_numbers_or_tokens_are_known(tmp_path):
    rows = [{"qa": n // 8, "days": n} for n in range(64)]
    one = rendered(tmp_path / "one.parquet", rows, {"qa": 0, "days": None})
    pq.write_table(pa.table({"days": [n // 2 for n in range(64)]}), tmp_path / "numbers.parquet")
    assert joined(one, []).own == 8
    assert joined(one, [], subjects=tmp_path / "numbers.parquet").own == 4
    published = [
        {"name": "who", "role": "subject", "level": None},
        {"name": "qa", "role": "quasi_identifier", "level": 0},
    ]
    tokened = write(
        tmp_path / "tokened.parquet", [{"who": f"T{n // 4}", "qa": f"f{n // 8}"} for n in range(64)], published
    )
    assert joined(tokened, []).own == 2


def test_numbers_of_subjects_stand_beside_their_rows_whatever_is_joined(tmp_path):
    rows = [{"qa": n % 8, "days": n} for n in range(64)]
    one = rendered(tmp_path / "one.parquet", rows, {"qa": 0, "days": None})
    other = rendered(
        tmp_path / "other.parquet", [{**row, "qb": row["days"] % 2} for row in rows], {"qa": 2, "qb": 2, "days": None}
    )
    pq.write_table(pa.table({"n": [n % 8 * 2 + (n // 8) % 2 for n in range(64)]}), tmp_path / "numbers.parquet")
    found = joined(one, [other], subjects=tmp_path / "numbers.parquet")
    assert (found.own, found.k) == (2, 2)


def test_a_subjects_rows_seen_together_are_one_class(tmp_path):
    published = [
        {"name": "who", "role": "subject", "level": None},
        {"name": "qa", "role": "quasi_identifier", "level": 0},
    ]
    rows = [{"who": f"T{n}", "qa": "f0"} for n in range(9)] + [{"who": f"T{n}", "qa": "f1"} for n in range(4)]
    one = write(tmp_path / "one.parquet", rows, published)
    assert joined(one, []).own == 4
    assert joined(one, [], whole_sets=True).own == 4
    rows += [{"who": "T8", "qa": "f1"}]
    one = write(tmp_path / "two.parquet", rows, published)
    assert joined(one, []).own == 5
    assert joined(one, [], whole_sets=True).own == 4


def test_with_a_floor_the_walk_ends_at_the_first_subset_below(tmp_path):
    one = rendered(tmp_path / "one.parquet", PEOPLE, {"qa": 0, "qb": 3, "days": None})
    two = rendered(tmp_path / "two.parquet", PEOPLE, {"qa": 3, "qb": 0, "days": None})
    assert len(joined(one, [two]).by_subset) == 7
    assert joined(one, [two], floor=5).by_subset == {("qa", "qb", "days"): 1}


def test_many_columns_are_known_in_units(tmp_path, monkeypatch):
    monkeypatch.setattr(joining, "MOST_UNITS", 3)
    rows = [{**row, "e1": row["days"] % 3, "e2": row["days"] % 5} for row in PEOPLE]
    one = rendered(tmp_path / "one.parquet", rows, {"qa": 0, "qb": 3, "days": None, "e1": None, "e2": None})
    two = rendered(tmp_path / "two.parquet", rows, {"qa": 3, "qb": 0, "days": None, "e1": None, "e2": None})
    found = joined(one, [two])
    assert len(found.by_subset) == 7
    assert found.by_subset[("days", "e1", "e2")] == 1


def test_the_same_number_agrees_in_whatever_type_it_was_written(tmp_path):
    one = rendered(tmp_path / "one.parquet", PEOPLE, {"qa": 0, "qb": 3, "days": None})
    two = rendered(
        tmp_path / "two.parquet",
        [{**row, "days": float(row["days"])} for row in PEOPLE],
        {"qa": 3, "qb": 0, "days": None},
    )
    assert joined(one, [two]).k == 1


def test_a_label_with_two_parents_is_refused_by_its_column(tmp_path):
    one = rendered(tmp_path / "one.parquet", PEOPLE, {"qa": 0, "days": None})
    two = rendered(tmp_path / "two.parquet", PEOPLE, {"qa": 1, "days": None})
    torn = {**TREE, "parents": {**TREE["parents"], "0": {**TREE["parents"]["0"], "f3": "h0"}}}
    for trees in ({"qa": torn}, {"qa": {**TREE, "levels": 5}}):
        with pytest.raises(LinkageError, match=r"'qa'.*other hierarchies") as refusal:
            joined(one, [replace(two, trees=trees)])
        assert "f3" not in str(refusal.value)


def test_a_label_without_a_parent_is_refused_by_its_column(tmp_path):
    one = rendered(tmp_path / "one.parquet", PEOPLE, {"qa": 2, "days": None})
    two = rendered(tmp_path / "two.parquet", PEOPLE, {"qa": 0, "days": None})
    holes = {**TREE, "parents": {**TREE["parents"], "0": {"f0": "h0"}}}
    with pytest.raises(LinkageError, match="two, column 'qa': 7 published labels have no parent"):
        joined(replace(one, trees={"qa": holes}), [replace(two, trees={"qa": holes})])
    with pytest.raises(LinkageError, match="8 published labels have no parent"):
        joined(replace(one, trees={}), [replace(two, trees={})])


def test_what_cannot_be_compared_or_read_is_refused(tmp_path):
    one = rendered(tmp_path / "one.parquet", PEOPLE, {"qa": 1, "days": None})
    kept = write(
        tmp_path / "kept.parquet",
        [{"qa": "x", "days": 1}],
        [{"name": "qa", "role": "insensitive", "level": None}, {"name": "days", "role": "insensitive", "level": None}],
    )
    with pytest.raises(LinkageError, match=r"'qa'.*is generalised in one of one and kept"):
        joined(one, [kept])
    finer = rendered(tmp_path / "finer.parquet", PEOPLE, {"qa": 0, "days": None})
    with pytest.raises(LinkageError, match="finer: its files cannot be read") as refusal:
        joined(one, [replace(finer, files=(tmp_path / "gone.parquet",))])
    assert str(tmp_path) not in str(refusal.value)
    with pytest.raises(LinkageError, match="lacks column 'more'"):
        joined(
            one, [replace(finer, published=[*finer.published, {"name": "more", "role": "insensitive", "level": None}])]
        )
    pq.write_table(pa.table({"n": [1]}), tmp_path / "numbers.parquet")
    with pytest.raises(LinkageError, match="another number of rows than of subjects"):
        joined(one, [], subjects=tmp_path / "numbers.parquet")


def test_awkward_names_are_only_names(tmp_path):
    folder = tmp_path / "it's [a] b=1*"
    folder.mkdir()
    rows = [{"q'a\"": n % 8, "days": n, "q;b": n // 8} for n in range(64)]
    one = rendered(folder / "one.parquet", rows, {"q'a\"": 0, "q;b": 3, "days": None})
    two = rendered(folder / "two.parquet", rows, {"q'a\"": 3, "q;b": 0, "days": None})
    assert joined(one, [two]).k == 1


def test_the_finest_edition_asks_for_the_smallest_k_then_has_the_finest_levels_then_comes_first(tmp_path):
    def make(name: str, k: int, **levels: int) -> Rendering:
        return rendered(tmp_path / f"{name}.parquet", PEOPLE, levels, k=k)

    coarse, fine = make("coarse", 5, qa=1, qb=1), make("fine", 5, qa=1, qb=0)
    larger, fewer = make("larger", 11, qa=0, qb=0), make("fewer", 5, qa=1)
    assert finest([larger, coarse, fine, fewer]) is fine
    assert finest([fewer, coarse]) is coarse, "a column that is not carried counts as its root"
    assert finest([replace(coarse, name="x"), coarse]).name == "x"


TOKENED = [{"name": "who", "role": "subject", "level": None}, {"name": "qa", "role": "quasi_identifier", "level": 0}]


def test_in_a_series_a_class_is_all_that_its_datasets_say_of_a_subject(tmp_path):
    one = write(tmp_path / "one.parquet", [{"who": f"T{n}", "qa": f"f{n // 5}"} for n in range(20)], TOKENED)
    two = write(tmp_path / "two.parquet", [{"who": f"T{n}", "qa": f"f{n % 2}"} for n in range(20)], TOKENED)
    part = write(tmp_path / "part.parquet", [{"who": f"T{n}", "qa": None} for n in range(3)], TOKENED)
    assert by_token([one]).to_dict() == {"k": 5, "subjects": 20, "classes": 4}
    assert by_token([one, two]).to_dict() == {"k": 2, "subjects": 20, "classes": 8}
    assert by_token([one, part]).k == 2
    assert by_token([]).k == 0
    plain = rendered(tmp_path / "plain.parquet", PEOPLE, {"qa": 0})
    with pytest.raises(LinkageError, match="carries no token"):
        by_token([one, plain])
