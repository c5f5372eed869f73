"""Real files of three departments go the whole way – inspected, planned, built, verified – and nobody in them is found.

They lie in ../shared/data, which a fresh clone may lack. The abstracts are of synthetic persons in the official
layout; the other two were published by cities.
"""

import csv
import gzip
import json
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from anonymize.detect.analyzer import find_all
from anonymize.evidence import verify
from anonymize.inspect import Inspection, inspect
from anonymize.pipeline import build
from anonymize.signing import Signer
from market.demo.canaries import Canary, search, seen
from policies.plan import Plan

DATA = Path(__file__).parents[3] / "shared/data"
PLANS = Path(__file__).parents[1] / "common/plans"
AT = datetime(2026, 1, 2, tzinfo=UTC)
DIRECT = frozenset({"PHONE", "CN_ID", "EMAIL", "BANK_CARD", "WECHAT", "QQ", "PASSPORT"})

Rows = list[dict[str, str]]


def needed(name: str) -> Path:
    path = DATA / name
    if not path.is_file():
        pytest.skip(f"needs ../shared/data: {name}")
    return path


def rows_of(path: Path) -> Rows:
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def write(path: Path, rows: Iterable[Mapping[str, str]]) -> Path:
    rows = list(rows)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def plan_of(name: str) -> dict[str, Any]:
    return tomllib.loads((PLANS / name).read_text("utf-8"))


@dataclass(frozen=True)
class Built:
    """One source, taken the whole way."""

    inspection: Inspection
    plan: Plan
    folder: Path
    body: Mapping[str, Any]

    def edition(self, profile: str) -> pa.Table:
        return pq.read_table(self.folder / profile)


def way(source: Path, out: Path, plan: Plan, inspection: Inspection) -> Built:
    signer = Signer.create(out.parent / f"{out.name}.key")
    body = build(plan, source, out, signer=signer, at=AT).body
    checked = verify(out, frozenset({signer.public}))
    assert checked.ok, checked.findings
    return Built(inspection, plan, out, body)


def edited(proposed: Plan, edits: Mapping[str, Any]) -> Plan:
    """Make the changes of *edits* in the *proposed* plan, as a steward would in its file."""
    changes = {change["name"]: change for change in edits["column"]}
    columns = tuple(replace(column, **changes.pop(column.name, {})) for column in proposed.columns)
    assert not changes, "the plan names a column that the source lacks"
    return replace(proposed, profiles=tuple(edits["profiles"]), sort_by=tuple(edits["sort_by"]), columns=columns)


@pytest.fixture(scope="module", params=["csv", "xml"])
def abstracts(request, tmp_path_factory) -> Built:
    """Build the abstracts as one table with notes that name the patient, and as the XML it was made from."""
    source = needed(f"tumor/naaccr_v250_abstract_1000.{request.param}.gz")
    folder = tmp_path_factory.mktemp("abstracts")
    if request.param == "csv":
        source = write(folder / "abstracts.csv", told(rows_of(source)))
    inspection = inspect(source)
    edits = plan_of("naaccr_abstracts.toml")
    plan = edited(inspection.to_plan(edits["dataset"], *edits["profiles"]), edits)
    return way(source, folder / "built", plan, inspection)


def told(rows: Rows) -> Rows:
    """Write into every third note whose it is: the notes of the file itself are filler."""
    for row in rows[::3]:
        row["textRemarks"] += (
            f" Pt {row['nameFirst']} {row['nameLast']} (SSN {row['socialSecurityNumber']}, born {row['dateOfBirth']}, "
            f"no. {row['patientIdNumber']}) called from {row['telephone']}; {row['nameLast'].upper()} will come back."
        )
    return rows


@cache
def people() -> tuple[Canary, ...]:
    """List what names or reaches the persons of the abstracts."""
    rows = rows_of(needed("tumor/naaccr_v250_abstract_1000.csv.gz"))
    found = set()
    for row in rows:
        born = row["dateOfBirth"]
        found |= {
            *(Canary("number", row[name]) for name in ("socialSecurityNumber", "telephone", "patientIdNumber")),
            Canary("date", f"{born[:4]}-{born[4:6]}-{born[6:]}") if born < "2000" else Canary("number", born),
            Canary("name", row["nameLast"] + row["nameMiddle"] + row["nameFirst"]),
            # A short name is part of many words; whole cells and words of them are looked for below.
            *(Canary("name", row[name]) for name in ("nameLast", "nameFirst") if len(row[name]) > 6),
        }
    return tuple(sorted(found, key=lambda canary: (canary.kind, canary.value)))


def test_the_search_finds_every_person_in_the_raw_abstracts(tmp_path):
    """The positive control: what is not found below could have been found."""
    raw = needed("tumor/naaccr_v250_abstract_1000.csv.gz")
    (tmp_path / "raw.csv.gz").write_bytes(raw.read_bytes())
    assert len(people()) > 4000
    assert {hit.number for hit in search(tmp_path, people())} == set(range(len(people())))


def test_no_person_of_the_abstracts_is_found_in_what_was_built(abstracts):
    assert search(abstracts.folder, people()) == []


def test_no_cell_of_an_edition_is_a_name(abstracts):
    rows = rows_of(needed("tumor/naaccr_v250_abstract_1000.csv.gz"))
    names = {row[name] for row in rows for name in ("nameLast", "nameFirst", "nameMiddle")}
    words = {word for row in rows for name in row if "ext" in name for word in re.findall(r"\w+", row[name])}
    for profile in abstracts.plan.profiles:
        table = abstracts.edition(profile)
        cells = {value for name in table.column_names for value in table[name].unique().to_pylist()}
        assert not cells & (names - words)
        told = {word for cell in cells if isinstance(cell, str) for word in re.findall(r"\w+", cell)}
        assert not told & {name for name in names - words if len(name) > 3}


def test_whose_note_it_is_was_taken_out_of_the_note(abstracts):
    notes = [note for name in abstracts.plan.profiles for note in abstracts.edition(name)["textRemarks"].to_pylist()]
    told_of = [note for note in notes if "called from" in note]
    if abstracts.plan.source.format == "csv":
        assert len(told_of) > 600
        assert abstracts.body["editions"]["controlled"]["text_removals"]
    assert all(note.count("will come back") == 1 for note in told_of)


def test_the_plan_proposed_for_the_abstracts_can_be_built_as_it_is(tmp_path):
    source = needed("tumor/naaccr_v250_abstract_1000.csv.gz")
    inspection = inspect(source)
    built = way(source, tmp_path / "built", inspection.to_plan("abstracts", "controlled"), inspection)
    assert built.edition("controlled").num_rows >= 950


def test_the_abstracts_keep_most_rows_and_their_classes_are_large_enough(abstracts):
    for profile in abstracts.plan.profiles:
        edition = abstracts.body["editions"][profile]
        assert edition["suppression"]["rows"] <= 0.05 * 1000
        assert edition["risk"]["after"]["k"] >= edition["profile"]["minimum_class_size"]
        assert abstracts.edition(profile).num_rows >= 950


def test_the_abstracts_bring_a_quality_report_that_tells_no_cell(abstracts):
    quality = abstracts.body["quality"]
    assert quality["rows"] == 1000
    assert quality["columns"]["primarySite"]["valid"] == {"as": "icdo3_topography", "invalid": 0}
    assert quality["columns"]["dateOfDiagnosis"]["order"]["not_before"] == "dateOfBirth"
    assert seen(json.dumps(quality), people()) == set()


def test_the_codes_of_the_abstracts_are_put_into_their_systems(abstracts):
    done = abstracts.body["standardised"]
    assert done["primarySite"] == {"standard": "icdo3_topography", "mapped": 1000, "unmapped": 0}
    assert done["dateOfDiagnosis"]["unmapped"] == 0


@pytest.fixture(scope="module")
def breaks(tmp_path_factory) -> Built:
    """Join each break with the main it happened on, as a department would before it hands the file over."""
    mains = {row["WATMAINID"]: row for row in rows_of(needed("urban/water_mains.csv.gz"))}
    joined = [
        {
            "incident": row["WATBREAKINCIDENTID"],
            "happened": row["INCIDENT_DATE"],
            "latitude": row["Y"],
            "longitude": row["X"],
            "street": row["STREET"],
            "civic_number": row["CIVIC_NUMBER"],
            "material": main["MATERIAL"],
            "size": main["PIPE_SIZE"],
            "installed": main["INSTALLATION_DATE"],
            "cause": row["BREAK_APPARENT_CAUSE"],
            "condition": main["CONDITION_SCORE"],
        }
        for row in rows_of(needed("urban/water_main_breaks.csv.gz"))
        if (main := mains.get(row["ASSETID"].partition(".")[0])) is not None
    ]
    folder = tmp_path_factory.mktemp("breaks")
    source = write(folder / "breaks.csv", joined)
    return way(source, folder / "built", Plan.from_dict(plan_of("water_mains.toml")), inspect(source))


def test_most_breaks_are_joined_with_their_main_and_released(breaks):
    assert breaks.body["source"]["rows"] == 2339
    assert breaks.edition("controlled").num_rows >= 0.95 * 2339


def test_no_house_of_a_break_is_found_in_what_was_built(breaks):
    rows = rows_of(needed("urban/water_main_breaks.csv.gz"))
    exact = [Canary("number", row[axis]) for row in rows for axis in ("X", "Y")]
    streets = sorted({row["STREET"] for row in rows if len(row["STREET"]) > 8})
    canaries = [*exact, *(Canary("address", street) for street in streets)]
    assert search(breaks.folder, canaries) == []
    with gzip.open(DATA / "urban/water_main_breaks.csv.gz", "rt", encoding="utf-8") as file:
        assert len(seen(file.read(), canaries)) == len(canaries)


def test_the_quality_of_the_breaks_tells_what_is_wrong_with_them(breaks):
    columns = breaks.body["quality"]["columns"]
    assert breaks.body["quality"]["scores"]["consistency"] < 1
    assert columns["happened"]["order"]["not_before"] == "installed"
    assert columns["size"]["range"]["unit"] == "mm"


def test_the_proposal_for_the_breaks_knows_coordinates_and_moments(breaks):
    treatment = {c.name: c.proposal.column.treatment.value for c in breaks.inspection.columns}
    assert treatment["happened"] == "time"
    assert (treatment["latitude"], treatment["longitude"]) == ("grid", "grid")


@pytest.fixture(scope="module")
def messages(tmp_path_factory) -> Built:
    source = needed("urban/gov_messages_replies.csv.gz")
    plan = Plan.from_dict(plan_of("citizen_messages.toml"))
    return way(source, tmp_path_factory.mktemp("messages") / "built", plan, inspect(source))


def test_what_reaches_somebody_is_gone_from_the_messages_and_replies(messages):
    rows = rows_of(needed("urban/gov_messages_replies.csv.gz"))
    texts = [row[name] for row in rows for name in ("留言主题", "留言详情", "答复意见")]
    reached = {
        text[finding.start : finding.end]
        for text, found in zip(texts, find_all(texts), strict=True)
        for finding in found
        if finding.type in DIRECT
    }
    canaries = [Canary("number", value) for value in sorted(reached) if sum(map(str.isdigit, value)) >= 8]
    canaries += [Canary("name", row["留言用户"]) for row in rows if re.fullmatch(r"A0\d{7}", row["留言用户"])]
    assert len(canaries) > 100
    assert search(messages.folder, canaries) == []
    assert len(seen("\n".join([*texts, *(row["留言用户"] for row in rows)]), canaries)) == len(canaries)


def test_the_messages_stay_readable(messages):
    table = messages.edition("controlled")
    assert table.num_rows >= 0.95 * 2816
    kept = sum(len(text or "") for text in table["留言详情"].to_pylist())
    whole = sum(len(row["留言详情"]) for row in rows_of(needed("urban/gov_messages_replies.csv.gz")))
    assert kept > 0.6 * whole
