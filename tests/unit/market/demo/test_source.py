"""The demo's source: real clinical values, consistent invented identities, the same bytes each time."""

import csv
import tomllib
from collections import Counter
from datetime import date, timedelta
from importlib.resources import files

import stdnum.cn.ric

from anonymize.data import facts
from anonymize.detect.analyzer import find_all
from anonymize.detect.identifiers.checksums import is_resident_id
from anonymize.sources import sha256_of
from anonymize.transform.text import redact
from market.demo.canaries import seen
from market.demo.sources import stories
from market.demo.sources.people import Inventor
from market.demo.sources.places import PLACES
from market.demo.sources.tumor import CLINICAL, COLUMNS, clinical_records, write_source
from policies.plan import Plan
from tests.unit.anonymize.sources.files import read


def rows(demo) -> list[dict[str, str]]:
    with demo.path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def plan() -> Plan:
    return Plan.from_dict(tomllib.loads((files("market.demo") / "plans" / "tumor.toml").read_text("utf-8")))


def test_the_same_bytes_come_out_each_time(demo, tmp_path):
    again = write_source(tmp_path / "again.csv", tmp_path / "again.jsonl")
    assert sha256_of(again.path) == sha256_of(demo.path)
    assert again.rows == 2982


def test_the_clinical_values_are_the_real_ones(demo):
    for row, record in zip(rows(demo), clinical_records(), strict=True):
        assert {name: row[name] for name in (*CLINICAL, "age")} == {
            name: str(record[name]) for name in (*CLINICAL, "age")
        }


def test_identities_agree_with_the_real_values_and_each_other(demo):
    for row in rows(demo):
        born, surgery = date.fromisoformat(row["birth_date"]), date.fromisoformat(row["surgery_date"])
        assert surgery.year == int(row["year"])
        assert surgery.year - born.year - ((surgery.month, surgery.day) < (born.month, born.day)) == int(row["age"])
        assert is_resident_id(row["resident_id"])
        assert stdnum.cn.ric.calc_check_digit(row["resident_id"]) == row["resident_id"][-1]
        assert row["resident_id"][:14] == row["residence"] + f"{born:%Y%m%d}"
        assert row["address"].startswith(PLACES[row["residence"]][0])
        relapse = surgery + timedelta(days=int(row["rtime"]))
        assert row["relapse_date"] == (relapse.isoformat() if row["recur"] == "1" else "")
        assert row["last_contact_date"] == (surgery + timedelta(days=int(row["dtime"]))).isoformat()


def test_numbers_belong_to_one_person_and_provinces_are_large(demo):
    for name in ("patient_id", "resident_id", "phone", "note"):
        assert len({row[name] for row in rows(demo)}) == 2982
    assert min(Counter(row["residence"][:2] for row in rows(demo)).values()) > 150


def test_places_are_those_of_the_standard():
    known = {row["code"]: row["name"] for row in facts("gbt2260.csv")}
    for code, (area, _) in PLACES.items():
        assert area.endswith(known[code])
        assert area.startswith(known[code[:2]])


def test_the_plan_loads_and_names_every_column(demo):
    loaded = plan()
    assert {column.name for column in loaded.columns} == set(COLUMNS) == set(demo.facts.columns)
    assert {column.name for column in loaded.quasi_identifiers} == {"residence", "age", "surgery_date", "meno", "site"}
    assert Plan.from_dict(loaded.to_dict()) == loaded


def test_after_redaction_the_notes_hold_no_canary_and_no_own_value(demo):
    table = read(demo.path)
    own = [(column.scrub, table[column.name]) for column in plan().columns if column.scrub]
    before = seen("\n".join(table["note"].to_pylist()), demo.canaries)
    notes, counts = redact(table["note"], own)
    text = "\n".join(notes.to_pylist())
    assert len(before) > 60
    assert not seen(text, demo.canaries)
    assert redact(notes, own)[1] == {}
    assert counts["PERSON"] > 2982
    for note, row in zip(notes.to_pylist(), rows(demo), strict=True):
        for name in ("name", "phone", "resident_id", "address", "patient_id", "birth_date", "surgery_date"):
            assert row[name] not in note


def test_who_stands_in_the_notes_is_found_without_the_columns_beside_them():
    inventor, missed = Inventor(), []
    persons = [(record, inventor.person(record)) for record in clinical_records()]
    told = [(stories.note(record, person), person) for record, person in persons[::3]]
    for (text, person), found in zip(told, find_all([text for text, _ in told]), strict=True):
        covered = {at for f in found for at in range(f.start, f.end)}
        for name in (person.name, person.relative, person.doctor):
            if name in text and not covered.issuperset(range(text.index(name), text.index(name) + len(name))):
                missed.append(name)
    assert len(told) == 994
    assert missed == []
