"""A build gives a gated, signed edition, or nothing at all."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from anonymize.edition import ROW_GROUP_ROWS
from anonymize.errors import GateFailed, InfeasibleError, SourceError
from anonymize.evidence import Evidence, verify
from anonymize.pipeline import build
from anonymize.sources import sha256_of
from anonymize.transform.keys import ReleaseSecret
from policies.errors import PlanError

from .world import AT, SECRET, built, columns, plan, registry, signer, write

PART = Path("out/enclave/part-00000.parquet")


def edition(folder: Path) -> pa.Table:
    return pq.read_table(folder / PART, partitioning=None)


def part(evidence: Evidence) -> dict[str, Any]:
    """Give the part of the one edition."""
    (found,) = evidence.body["editions"].values()
    return found


def left_behind(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.name not in ("source.csv", "steward.key"))


def test_an_edition_has_the_published_columns_in_their_types(tmp_path):
    evidence = built(tmp_path)
    table = edition(tmp_path)
    assert table.column_names == ["token", "sex", "dx", "age", "place", "site", "morph", "size"]
    assert table.schema.field("size").type == pa.float64()
    assert set(table["morph"].to_pylist()) == {"850_/3", "814_/3", "800_/1"}
    assert evidence == Evidence.read(tmp_path / "out")
    assert left_behind(tmp_path) == ["out"]


@pytest.mark.parametrize(("level", "kind"), [(0, pa.date32()), (2, pa.string()), (5, pa.string())])
def test_days_are_published_as_dates_and_coarser_ones_as_text(tmp_path, level, kind):
    """8,000 people of one true day: the shift spreads them over a year, and no true day is left."""
    rows = registry(8000)
    rows = rows.set_column(rows.column_names.index("dx"), "dx", pa.array(["2015-03-01"] * 8000))
    dropped = {name: {"role": "direct_identifier", "treatment": "drop"} for name in ("sex", "age", "place", "site")}
    built(tmp_path, rows, column=columns(dx={"level": level}, **dropped), sort_by=["dx"])
    assert edition(tmp_path).schema.field("dx").type == kind
    shown = {str(day) for day in edition(tmp_path)["dx"].to_pylist()}
    assert "2015-03-01" not in shown
    assert len(shown) > 300 if level == 0 else len(shown) <= 5


def test_the_file_is_laid_out_for_pruning_and_tells_nothing_else(tmp_path):
    built(tmp_path)
    meta = pq.read_metadata(tmp_path / PART)
    assert meta.metadata is None
    for place in range(meta.num_columns):
        column = meta.row_group(0).column(place)
        assert column.compression == "ZSTD"
        assert column.is_stats_set
        assert any("DICTIONARY" in encoding for encoding in column.encodings)
    assert ROW_GROUP_ROWS == 122_880


def test_rows_are_sorted_as_published(tmp_path):
    built(tmp_path, sort_by=["site", "sex"])
    rows = edition(tmp_path).select(["site", "sex"]).to_pylist()
    assert rows == sorted(rows, key=lambda row: (row["site"], row["sex"]))


def test_nothing_identifying_reaches_any_file(tmp_path):
    built(tmp_path)
    source = (tmp_path / "source.csv").read_bytes()
    shown = [(tmp_path / "out" / "evidence.json").read_bytes(), (tmp_path / PART).read_bytes()]
    shown.append(repr(edition(tmp_path).to_pydict()).encode())
    for planted in (b"Name000007", b"P000007", b"Name00"):
        assert planted in source
        assert not any(planted in text for text in shown)
    for born in registry()["born"].to_pylist()[:50]:
        assert not any(born.encode() in text for text in shown)


def test_a_suppressed_value_stays_in_no_dictionary_and_no_statistic(tmp_path):
    rows = registry()
    sites = rows["site"].to_pylist()
    sites[5] = "C80.9"
    rows = rows.set_column(rows.column_names.index("site"), "site", pa.array(sites))
    fixed = columns(site={"level": 0}, dx={"level": 5}, age={"level": 4})
    evidence = built(tmp_path, rows, column=fixed)
    assert part(evidence)["suppression"]["rows"] >= 1
    assert b"C80.9" not in (tmp_path / PART).read_bytes()
    column = pq.read_table(tmp_path / PART, partitioning=None, read_dictionary=["site"])["site"].combine_chunks()
    assert "C80.9" not in column.dictionary.to_pylist()


def test_the_same_secret_gives_the_same_bytes_and_another_other_tokens(tmp_path):
    tables = []
    for number, secret in enumerate((SECRET, SECRET, ReleaseSecret.draw())):
        folder = tmp_path / str(number)
        folder.mkdir()
        build(plan(), write(registry(), folder), folder / "out", signer=signer(tmp_path), at=AT, secret=secret)
        tables.append(folder / PART)
    assert tables[0].read_bytes() == tables[1].read_bytes()
    first, other = (set(pq.read_table(path, partitioning=None)["token"].to_pylist()) for path in tables[1:])
    assert not first & other


def test_a_level_that_the_plan_fixes_is_the_one_published(tmp_path):
    evidence = built(tmp_path, column=columns(site={"level": 2}))
    assert part(evidence)["node"]["site"] == 2
    assert set(edition(tmp_path)["site"].to_pylist()) <= {"C50-C50", "C30-C39", "C60-C63"}


def test_k_counts_people_where_they_own_several_rows_and_no_token_links_them(tmp_path):
    dropped = columns(id={"treatment": "drop"})
    evidence = built(tmp_path, registry(3000, subjects=900), column=dropped, profiles=["controlled"])
    after, alone = part(evidence)["risk"]["after"], part(evidence)["risk"]["from_parquet"]
    assert after["k"] >= 11
    assert after["subjects"] <= 900 < alone["subjects"]
    assert verify(tmp_path / "out").findings == ()


def test_rows_linked_by_a_token_are_measured_as_whole_sets(tmp_path):
    linked = built(tmp_path, registry(3000, subjects=2500), profiles=["controlled"])
    after = part(linked)["risk"]["after"]
    assert after["k"] >= 11
    assert after == part(linked)["risk"]["from_parquet"]
    other = tmp_path / "unlinked"
    other.mkdir()
    dropped = columns(id={"treatment": "drop"})
    unlinked = built(other, registry(3000, subjects=2500), column=dropped, profiles=["controlled"])
    assert part(unlinked)["search"]["loss"] < part(linked)["search"]["loss"]


def test_a_plan_for_another_source_names_the_columns_that_differ(tmp_path):
    with pytest.raises(SourceError, match="lacks 'size'; has 'extra', which the plan gives no role"):
        built(tmp_path, registry().rename_columns([*registry().column_names[:-1], "extra"]))
    assert left_behind(tmp_path) == []


def test_a_source_without_its_header_is_refused_and_nobodys_cells_are_quoted(tmp_path):
    source = tmp_path / "source.csv"
    table = registry(100).set_column(5, "age", pa.array(["61"] * 100))
    source.write_text(write(table, tmp_path).read_text("utf-8").split("\n", 1)[1].replace('"', ""), "utf-8")
    with pytest.raises(SourceError, match="has 10 columns, and none of the plan's 10") as caught:
        build(plan(), source, tmp_path / "out", signer=signer(tmp_path), at=AT, secret=SECRET)
    assert "P000000" in source.read_text("utf-8").split("\n", 1)[0]
    assert "P000000" not in str(caught.value)
    assert left_behind(tmp_path) == []


def test_a_column_without_a_role_stops_the_run(tmp_path):
    with pytest.raises(SourceError, match="has 'phone', which the plan gives no role"):
        built(tmp_path, registry().append_column("phone", pa.array(["1"] * 3000)))


def test_other_bytes_than_the_plan_pins_are_refused(tmp_path):
    source = write(registry(), tmp_path)
    pinned = replace(plan(), source=replace(plan().source, sha256="0" * 64))
    with pytest.raises(SourceError, match="hash"):
        build(pinned, source, tmp_path / "out", signer=signer(tmp_path), at=AT)
    assert left_behind(tmp_path) == []
    right = replace(plan(), source=replace(plan().source, sha256=sha256_of(source)))
    assert build(right, source, tmp_path / "out", signer=signer(tmp_path), at=AT).body["source"]["sha256"] == sha256_of(
        source
    )


def test_a_row_of_nobody_and_a_source_without_rows_are_refused(tmp_path):
    rows = registry(5)
    with pytest.raises(SourceError, match=r"row 2.*names no subject"):
        built(tmp_path, rows.set_column(0, "id", pa.array(["a", None, "b", "c", "d"])))
    with pytest.raises(SourceError, match="no rows"):
        built(tmp_path, rows.slice(0, 0))


def test_a_bad_cell_is_named_by_its_row_alone(tmp_path):
    rows = registry()
    sites = rows["site"].to_pylist()
    sites[41] = "SECRET"
    with pytest.raises(SourceError, match="column 'site', row 42") as caught:
        built(tmp_path, rows.set_column(rows.column_names.index("site"), "site", pa.array(sites)))
    assert "SECRET" not in str(caught.value)
    assert left_behind(tmp_path) == []


def test_a_gate_that_fails_leaves_nothing(tmp_path):
    """Without quasi-identifiers there is nothing to search; the one class shows a single sensitive value."""
    named = columns(
        **{name: {"role": "direct_identifier", "treatment": "drop"} for name in ("sex", "dx", "age", "place", "site")}
    )
    rows = registry().set_column(8, "morph", pa.array(["8500/3"] * 3000))
    with pytest.raises(GateFailed, match="minimum_l of morph is 1, limit 2") as caught:
        built(tmp_path, rows, column=named, sort_by=[])
    assert caught.value.failures[0].rule == "minimum_l of morph"
    assert left_behind(tmp_path) == []


def test_an_edition_without_quasi_identifiers_passes_when_it_is_diverse(tmp_path):
    named = columns(
        **{name: {"role": "direct_identifier", "treatment": "drop"} for name in ("sex", "dx", "age", "place", "site")}
    )
    assert part(built(tmp_path, column=named, sort_by=[]))["risk"]["after"]["k"] == 3000


def test_an_infeasible_profile_leaves_nothing_and_says_what_helps(tmp_path):
    with pytest.raises(InfeasibleError, match="'age', which splits most"):
        built(tmp_path, column=columns(age={"level": 0}, site={"level": 1}, dx={"level": 3}))
    assert left_behind(tmp_path) == []


def test_a_level_finer_than_the_profile_allows_stops_the_run(tmp_path):
    with pytest.raises(PlanError, match="level 0 is not allowed under profile 'controlled'"):
        built(tmp_path, column=columns(dx={"level": 0}), profiles=["controlled"])
    assert left_behind(tmp_path) == []


def test_the_text_of_a_row_loses_the_names_of_the_row(tmp_path):
    rows = registry(300)
    notes = [f"{name} came in" for name in rows["name"].to_pylist()]
    named = [*columns(name={"scrub": "name"}), {"name": "note", "role": "free_text", "treatment": "redact"}]
    evidence = built(tmp_path, rows.append_column("note", pa.array(notes)), column=named)
    published = edition(tmp_path)["note"].to_pylist()
    assert not any("Name0" in note for note in published)
    assert all("came in" in note for note in published)
    assert sum(part(evidence)["text_removals"].values()) >= 300


def test_a_few_removals_are_not_counted_out_and_an_edition_without_texts_tells_none(tmp_path):
    rows = registry(4000)
    notes = pa.array(["call 13812345678"] + ["came in"] * 3999)
    withheld = {"name": "note", "role": "free_text", "treatment": "redact", "withheld": ["controlled"]}
    evidence = built(
        tmp_path,
        rows.append_column("note", notes),
        column=[*columns(), withheld],
        profiles=["enclave", "controlled"],
    )
    told = evidence.body["editions"]["enclave"]["text_removals"]
    assert told
    assert set(told.values()) == {"fewer than 11"}
    assert evidence.body["editions"]["controlled"]["text_removals"] == {}


def test_progress_tells_each_step_and_no_cell(tmp_path):
    told: list[str] = []
    build(plan(), write(registry(), tmp_path), tmp_path / "out", signer=signer(tmp_path), at=AT, progress=told.append)
    assert [line.split()[0] for line in told if not line.startswith("checked")] == [
        "read", "transforming", "searching", "writing", "measuring", "measuring", "built",
    ]  # fmt: skip
    assert not any("Name0" in line or "P000" in line for line in told)


def test_a_moment_without_a_time_zone_is_refused(tmp_path):
    with pytest.raises(ValueError, match="time zone"):
        build(plan(), tmp_path / "none.csv", tmp_path / "out", signer=signer(tmp_path), at=AT.replace(tzinfo=None))


def test_values_are_put_into_their_code_system_first_and_rows_are_counted(tmp_path):
    sexes = ["male", "?", *registry()["sex"].to_pylist()[2:]]
    rows = registry().set_column(registry().column_names.index("sex"), "sex", pa.array(sexes))
    standard = {"standard": "gbt2261_sex", "mapping": {"male": "1"}}
    evidence = built(tmp_path, rows, column=columns(sex=standard))
    told = {"standard": "gbt2261_sex", "mapped": "all but fewer than 5", "unmapped": "fewer than 5"}
    assert evidence.body["standardised"] == {"sex": told}
    assert set(edition(tmp_path)["sex"].to_pylist()) <= {"1", "2", None}
    assert evidence.body["quality"]["rows"] == 3000


def test_more_files_than_one_are_written_and_measured(tmp_path, monkeypatch):
    monkeypatch.setattr("anonymize.edition.ROW_GROUP_ROWS", 200)
    evidence = built(tmp_path, registry(3000, subjects=2900), column=columns(id={"treatment": "drop"}))
    files = part(evidence)["files"]
    assert len(files) == 4
    assert sum(file["rows"] for file in files) == part(evidence)["risk"]["after"]["rows"]
    assert [file["rows"] for file in files[:-1]] == [800] * 3
    dates = [v for file in files for v in pq.read_table(tmp_path / "out" / file["path"])["dx"].to_pylist()]
    assert dates == sorted(dates)
    assert part(evidence)["risk"]["after"]["subjects"] < part(evidence)["risk"]["from_parquet"]["subjects"]
    assert verify(tmp_path / "out").findings == ()
