"""A cut is the part that was asked for, gated on its own bytes, or refused with the rule and the column at fault."""

import json
from collections import Counter, defaultdict
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from anonymize.building.scratch import ScratchError
from anonymize.cut import CutRefused, check_cut, make_cut
from anonymize.cut.shuffle import shuffled
from anonymize.evidence import Evidence
from anonymize.signing import Signer
from anonymize.workplace import TargetError
from policies.cut import Asks, Condition, CutSpec
from tests.common import cuts

AT = datetime(2026, 11, 24, 9, tzinfo=UTC)
ALL = ("who", "sex", "age", "stage", "grade", "days")


@pytest.fixture(scope="module")
def signer(tmp_path_factory):
    return Signer.create(tmp_path_factory.mktemp("keys") / "steward.key")


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    rows = cuts.table()
    parent, files = cuts.edition(tmp_path_factory.mktemp("edition"), rows, parts=3)
    return rows, parent, files


def spec(*columns, where=()):
    return CutSpec(columns=columns, where=tuple(Condition.parse(words) for words in where))


def rows_of(folder):
    return pq.read_table(folder / "part-00000.parquet")


def as_a_set(table):
    """Give the rows of a table whose days are its own in one order."""
    return table.sort_by("days")


def test_a_cut_holds_the_filtered_rows_and_no_other_column(world, signer, tmp_path):
    rows, parent, files = world
    made = make_cut(
        spec("sex", "stage", "days", where=["age between 40-49 and 60-69"]),
        parent,
        files,
        tmp_path / "cut",
        signer=signer,
        at=AT,
    )
    wanted = rows.filter(pa.array([40 <= int(age[:2]) <= 60 for age in rows["age"].to_pylist()]))
    assert as_a_set(rows_of(tmp_path / "cut")).equals(as_a_set(wanted.select(["sex", "stage", "days"])))
    assert made.body["suppression"] == {
        "rows": 0,
        "filtered": wanted.num_rows,
        "classes": 0,
        "classes_kept": 2,
        "limit": 0.05,
    }
    assert [entry["name"] for entry in made.body["published"]] == ["sex", "stage", "days"]
    assert made.body["parent"] == parent.evidence_hash
    assert made.body["subjects"] == "tokens"
    assert sorted(path.name for path in (tmp_path / "cut").iterdir()) == ["evidence.json", "part-00000.parquet"]


CONDITIONS = [
    ("stage in III,IV", lambda row: row["stage"] in ("III", "IV")),
    ("stage is null", lambda row: row["stage"] is None),
    ("stage is not null", lambda row: row["stage"] is not None),
    ("grade in 1,3", lambda row: row["grade"] in (1, 3)),
    ("days between 100 and 999", lambda row: 100 <= row["days"] <= 999),
    ("sex in 1", lambda row: row["sex"] == "1"),
    ("sex in 1; days between 100 and 999", lambda row: row["sex"] == "1" and 100 <= row["days"] <= 999),
    ("stage between I and III", lambda row: row["stage"] in ("I", "II", "III")),
]


@pytest.mark.parametrize(("words", "holds"), CONDITIONS)
def test_conditions_choose_the_rows_they_say(world, signer, tmp_path, words, holds):
    rows, parent, files = world
    loose = replace(parent, profile=replace(parent.profile, minimum_class_size=1, minimum_l=1, maximum_t=1.0))
    loose = replace(
        loose, raw_profile={**parent.raw_profile, "minimum_class_size": 1, "minimum_l": 1, "maximum_t": 1.0}
    )
    make_cut(spec("sex", "days", where=words.split("; ")), loose, files, tmp_path / "cut", signer=signer, at=AT)
    wanted = [row["days"] for row in rows.to_pylist() if holds(row)]
    assert sorted(rows_of(tmp_path / "cut")["days"].to_pylist()) == sorted(wanted)


def test_classes_below_k_fall_out_of_the_cut(signer, tmp_path):
    rows = cuts.table(600)
    few = pa.array([n % 100 == 0 for n in range(600)])
    ages = pa.chunked_array(
        [["80+" if f else a for f, a in zip(few.to_pylist(), rows["age"].to_pylist(), strict=True)]]
    )
    parent, files = cuts.edition(tmp_path, rows.set_column(2, "age", ages))
    made = make_cut(spec("age", "days", "who"), parent, files, tmp_path / "cut", signer=signer, at=AT)
    assert "80+" not in rows_of(tmp_path / "cut")["age"].to_pylist()
    assert (made.body["suppression"]["rows"], made.body["suppression"]["classes"]) == (6, 1)
    assert made.body["risk"]["from_parquet"]["k"] >= 11


@pytest.mark.parametrize(("people", "stay"), [(11, True), (10, False)])
def test_a_class_of_exactly_k_stays(signer, tmp_path, people, stay):
    rows = cuts.table(600)
    ages = ["80+" if place < people else "20-29" for place in range(600)]
    parent, files = cuts.edition(tmp_path, rows.set_column(2, "age", pa.chunked_array([ages])))
    make_cut(spec("age", "days"), parent, files, tmp_path / "cut", signer=signer, at=AT)
    assert ("80+" in rows_of(tmp_path / "cut")["age"].to_pylist()) is stay


def test_more_than_the_limit_below_k_names_the_column_that_splits_most(world, signer, tmp_path):
    _, parent, files = world
    with pytest.raises(CutRefused, match=r"classes below k = 11, 3 may") as refusal:
        make_cut(
            spec("sex", "age", where=["days between 0 and 59"]), parent, files, tmp_path / "cut", signer=signer, at=AT
        )
    assert (refusal.value.rule, refusal.value.column) == ("minimum_class_size", "age")
    assert "Drop 'age'" in refusal.value.fix
    assert not (tmp_path / "cut").exists()
    make_cut(spec("sex", where=["days between 0 and 59"]), parent, files, tmp_path / "cut", signer=signer, at=AT)


def test_too_few_people_in_all_asks_for_a_wider_filter(world, signer, tmp_path):
    _, parent, files = world
    for columns in (("sex", "days"), ("days",)):
        with pytest.raises(CutRefused, match="Widen the filter") as refusal:
            make_cut(
                spec(*columns, where=["days between 0 and 4"]), parent, files, tmp_path / "cut", signer=signer, at=AT
            )
        assert (refusal.value.rule, refusal.value.column) == ("minimum_class_size", None)
    with pytest.raises(CutRefused, match="no row fulfils"):
        make_cut(spec("sex", where=["stage in V"]), parent, files, tmp_path / "cut", signer=signer, at=AT)


def test_a_sensitive_column_that_a_class_shows_alike_is_named_with_its_rule(signer, tmp_path):
    rows = cuts.table(400)
    stage = pa.chunked_array(
        [
            [
                "I" if sex == "1" else value
                for sex, value in zip(rows["sex"].to_pylist(), rows["stage"].to_pylist(), strict=True)
            ]
        ]
    )
    parent, files = cuts.edition(tmp_path, rows.set_column(3, "stage", stage))
    with pytest.raises(CutRefused) as refusal:
        make_cut(spec("sex", "stage", "grade"), parent, files, tmp_path / "cut", signer=signer, at=AT)
    assert (refusal.value.rule, refusal.value.column) == ("minimum_l of stage", "stage")
    rng = np.random.default_rng(1)
    grade = pa.array(
        [
            int(rng.choice([1, 1, 1, 1, 1, 1, 1, 1, 3]) if sex == "1" else rng.choice([3, 3, 3, 3, 3, 3, 3, 3, 1]))
            for sex in rows["sex"].to_pylist()
        ]
    )
    parent, files = cuts.edition(tmp_path, rows.set_column(4, "grade", grade))
    with pytest.raises(CutRefused) as refusal:
        make_cut(spec("sex", "stage", "grade"), parent, files, tmp_path / "other", signer=signer, at=AT)
    assert (refusal.value.rule, refusal.value.column) == ("maximum_t of grade", "grade")
    assert "Drop 'grade'" in refusal.value.fix


def test_for_a_sensitive_column_the_filter_uses_l_and_t_are_inherited_and_marked(world, signer, tmp_path):
    _, parent, files = world
    made = make_cut(
        spec("sex", "stage", "grade", where=["stage in III"]), parent, files, tmp_path / "cut", signer=signer, at=AT
    )
    assert set(made.body["risk"]["from_parquet"]["l"]) == {"grade"}
    told = parent.risk["from_parquet"]
    assert made.body["inherited"] == json.loads(
        json.dumps({"stage": {"l": told["l"]["stage"], "t": told["t"]["stage"]}})
    )
    assert check_cut(made, [tmp_path / "cut" / "part-00000.parquet"], frozenset({signer.public})).ok


def test_subjects_are_counted_by_the_editions_token_even_where_the_cut_lacks_it(signer, tmp_path):
    """Forty subjects own 600 rows: rows alone would say that every class is large."""
    rows = cuts.table(600, owners=40)
    parent, files = cuts.edition(tmp_path, rows, thresholds={"modes": ["aggregates"]})
    made = make_cut(spec("sex", "days"), parent, files, tmp_path / "cut", signer=signer, at=AT)
    assert (made.body["risk"]["after"]["subjects"], made.body["risk"]["from_parquet"]["subjects"]) == (40, 600)
    with pytest.raises(CutRefused) as refusal:
        make_cut(spec("sex", where=["days between 0 and 20"]), parent, files, tmp_path / "few", signer=signer, at=AT)
    assert refusal.value.rule == "minimum_class_size"
    loud = CutSpec(columns=("age", "days", "sex"), where=(Condition(column="age", test=Asks.IN, values=("20-29",)),))
    made = make_cut(loud, parent, files, tmp_path / "loud", signer=signer, at=AT)
    assert made.body["risk"]["after"]["k"] >= 11


def test_rows_that_show_their_token_are_one_class_of_their_subject(signer, tmp_path):
    rows = cuts.table(3000, owners=300)
    parent, files = cuts.edition(tmp_path, rows)
    with pytest.raises(CutRefused, match="below k = 11"):
        make_cut(spec("who", "sex", "age"), parent, files, tmp_path / "sets", signer=signer, at=AT)
    make_cut(spec("sex", "age"), parent, files, tmp_path / "rows", signer=signer, at=AT)


def test_where_nobody_can_tell_subjects_apart_nothing_is_cut(signer, tmp_path):
    columns = [name for name in ALL if name != "who"]
    parent, files = cuts.edition(tmp_path, cuts.table(600, owners=40), columns=columns)
    with pytest.raises(CutRefused, match="distinct subjects cannot be counted"):
        make_cut(spec("sex"), parent, files, tmp_path / "cut", signer=signer, at=AT)
    parent, files = cuts.edition(tmp_path, cuts.table(600), columns=columns)
    made = make_cut(spec("sex"), parent, files, tmp_path / "cut", signer=signer, at=AT)
    assert made.body["subjects"] == "rows"


REFUSED = [
    (("sex", "name"), (), "columns", "name"),
    (("sex",), ("name in x",), "where", "name"),
    (("sex",), ("who in T000001",), "where", "who"),
    (("sex",), ("grade in high",), "where", "grade"),
    (ALL, (), "columns", None),
]


@pytest.mark.parametrize(("columns", "where", "rule", "column"), REFUSED)
def test_what_is_no_part_of_the_edition_is_refused_with_its_place(
    world, signer, tmp_path, columns, where, rule, column
):
    _, parent, files = world
    with pytest.raises(CutRefused) as refusal:
        make_cut(spec(*columns, where=where), parent, files, tmp_path / "cut", signer=signer, at=AT)
    assert (refusal.value.rule, refusal.value.column) == (rule, column)
    assert "T000001" not in str(refusal.value)
    assert refusal.value.fix
    assert list(tmp_path.iterdir()) == []


def test_a_cut_that_is_there_is_not_overwritten(world, signer, tmp_path):
    _, parent, files = world
    (tmp_path / "cut").mkdir()
    with pytest.raises(TargetError):
        make_cut(spec("sex"), parent, files, tmp_path / "cut", signer=signer, at=AT)
    with pytest.raises(ValueError, match="time zone"):
        make_cut(spec("sex"), parent, files, tmp_path / "new", signer=signer, at=datetime(2026, 1, 1))  # the point


def test_large_cuts_are_written_in_row_groups_of_an_edition(signer, tmp_path):
    rows = cuts.table(300_000)
    parent, files = cuts.edition(tmp_path, rows, parts=2)
    make_cut(spec("sex", "days", where=["sex in 1,2"]), parent, files, tmp_path / "cut", signer=signer, at=AT)
    meta = pq.read_metadata(tmp_path / "cut" / "part-00000.parquet")
    assert [meta.row_group(n).num_rows for n in range(meta.num_row_groups)] == [122_880, 122_880, 54_240]
    assert meta.metadata is None
    assert as_a_set(rows_of(tmp_path / "cut")).equals(as_a_set(rows.select(["sex", "days"])))


def test_rows_are_sorted_by_the_sort_keys_the_cut_carries_null_last_and_drawn_where_alike(signer, tmp_path):
    rows = cuts.table(2000)
    parent, files = cuts.edition(tmp_path, rows, parts=2, sort_by=("stage", "age", "grade"))
    asked, told = spec("sex", "stage", "grade", "days"), {"signer": signer, "at": AT}
    for name, secret in {"one": bytes(32), "again": bytes(32), "other": bytes(31) + b"1"}.items():
        made = make_cut(asked, parent, files, tmp_path / name, secret=secret, **told)
        assert made.body["suppression"]["rows"] == 0
    one, again, other = (rows_of(tmp_path / name) for name in ("one", "again", "other"))
    keys = [(row["stage"] is None, row["stage"], row["grade"]) for row in one.to_pylist()]
    assert keys == sorted(keys)
    assert keys[-1][0]
    assert one.equals(again)
    assert other.select(["stage", "grade"]).equals(one.select(["stage", "grade"]))
    assert not other.equals(one)
    assert as_a_set(other).equals(as_a_set(one))
    for name in ("drawn", "anew"):
        make_cut(asked, parent, files, tmp_path / name, **told)
    assert not rows_of(tmp_path / "drawn").equals(rows_of(tmp_path / "anew"))
    with pytest.raises(ValueError, match="32 bytes"):
        make_cut(asked, parent, files, tmp_path / "short", secret=b"", **told)
    assert not [path.name for path in tmp_path.iterdir() if path.name.startswith(".")]


def test_a_disk_that_does_not_suffice_is_told_with_what_helps_a_cut(tmp_path):
    table = cuts.table(10)
    given = {"sort_by": (), "secret": bytes(32), "folder": tmp_path}
    with (
        pytest.raises(ScratchError, match="Free space") as refusal,
        shuffled(table.to_batches(), table.schema, **given),
    ):
        raise ScratchError("scratch", "the rows do not fit", fix="--memory-mb")
    assert "memory-mb" not in str(refusal.value)


def test_owners_follow_their_rows_into_the_order_of_the_cut(signer, tmp_path):
    """Twelve people own all rows of a class: laid to other rows, many more would seem to be in it."""
    rows = cuts.table(2000)
    ages, sexes = rows["age"].to_pylist(), rows["sex"].to_pylist()
    whose = [f"T{age[0]}{sex}{number % 12:02}" for number, (age, sex) in enumerate(zip(ages, sexes, strict=True))]
    parent, files = cuts.edition(
        tmp_path, rows.set_column(0, "who", pa.array(whose)), thresholds={"modes": ["aggregates"]}
    )
    made = make_cut(spec("sex", "age", "days"), parent, files, tmp_path / "cut", signer=signer, at=AT)
    told = made.body["risk"]["after"]
    assert (told["k"], told["subjects"], told["classes"]) == (12, 144, 12)


def altered(made, **changes):
    body = json.loads(json.dumps(dict(made.body)))
    body.update(changes)
    return body


def test_the_proof_of_a_cut_holds_and_every_change_is_found(world, signer, tmp_path):
    rows, parent, files = world
    made = make_cut(
        spec("sex", "stage", "days", where=["sex in 1"]), parent, files, tmp_path / "cut", signer=signer, at=AT
    )
    path, trusted = tmp_path / "cut" / "part-00000.parquet", frozenset({signer.public})
    assert Evidence.read(tmp_path / "cut") == made
    assert check_cut(made, [path], trusted).ok
    assert not check_cut(made, [path]).ok, "nobody said whom to trust"
    assert not check_cut(made, [path], frozenset({"other"})).ok
    assert {f.place for f in check_cut(replace(made, signature="AAAA"), [path], trusted).findings} == {"signature"}
    changes = [
        ({"spec_hash": "0"}, "spec"),
        ({"kind": "edition"}, "spec"),
        ({"published": made.body["published"][:2]}, "published"),
        ({"spec": {**made.body["spec"], "columns": ["days", "sex"]}}, "published"),
        ({"risk": {"from_parquet": {**made.body["risk"]["from_parquet"], "k": 999}}}, "risk.from_parquet.k"),
        ({"profile": {**made.body["profile"], "minimum_class_size": 10_000}}, "gate: minimum_class_size"),
        ({"suppression": {**made.body["suppression"], "rows": 500}}, "gate: suppression_limit"),
        ({"files": [{**made.body["files"][0], "rows": 1}]}, "files.rows"),
        ({"files": []}, "files"),
        ({"profile": 7}, "body"),
    ]
    for change, place in changes:
        findings = check_cut(Evidence.sign(altered(made, **change), signer), [path], trusted).findings
        assert place in {finding.place for finding in findings}, change
    other = tmp_path / "other.parquet"
    pq.write_table(rows.select(["sex", "stage", "days"]), other)
    assert "files.sha256" in {finding.place for finding in check_cut(made, [other], trusted).findings}
    lying = make_cut(
        spec("sex", "stage", "days", where=["stage in I,II,III"]),
        parent,
        files,
        tmp_path / "lying",
        signer=signer,
        at=AT,
    )
    where = [{"column": "sex", "test": "in", "values": ["2"]}]
    told = CutSpec.from_dict({**lying.body["spec"], "where": where})
    body = altered(lying, spec=told.to_dict(), spec_hash=told.digest)
    findings = check_cut(Evidence.sign(body, signer), [tmp_path / "lying" / "part-00000.parquet"], trusted).findings
    assert "where" in {finding.place for finding in findings}


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sets(st.sampled_from(ALL), min_size=1, max_size=5),
    st.sampled_from([(), ("stage in I,IV",), ("age between 30-39 and 50-59",), ("days between 0 and 700", "sex in 2")]),
    st.integers(0, 3),
)
def test_what_leaves_keeps_k_and_is_part_of_the_edition(world, signer, tmp_path_factory, columns, where, seed):
    """Counted in plain Python, by subject."""
    folder = tmp_path_factory.mktemp("random")
    rows = cuts.table(900, seed=seed, owners=None if seed % 2 else 450)
    parent, files = cuts.edition(folder, rows)
    asked = spec(*columns, where=where)
    try:
        made = make_cut(asked, parent, files, folder / "cut", signer=signer, at=AT)
    except CutRefused:
        return
    out = rows_of(folder / "cut").to_pylist()
    source = Counter(tuple(sorted((n, str(row[n])) for n in columns)) for row in rows.to_pylist())
    assert not Counter(tuple(sorted((n, str(v)) for n, v in row.items())) for row in out) - source
    assert len(out) == made.body["suppression"]["filtered"] - made.body["suppression"]["rows"]
    quasi = [name for name in ("sex", "age") if name in columns]
    if "who" in columns:
        said = defaultdict(set)
        for row in out:
            said[row["who"]].add(tuple(row[name] for name in quasi))
        sizes = Counter(frozenset(tuples) for tuples in said.values())
    else:
        sizes = Counter(tuple(row[name] for name in quasi) for row in out)
    assert min(sizes.values()) >= 11
