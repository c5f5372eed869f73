"""Columns of known layouts and of usual English names get roles and treatments a steward can start from."""

import csv
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from anonymize.inspect import inspect
from anonymize.proposals import Proposal
from anonymize.proposals.naaccr import items
from anonymize.proposals.propose import MOST
from policies.plan import Plan, Role, Treatment

ROWS = 120


def proposed(columns: Mapping[str, list[str | None]]) -> dict[str, Proposal]:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "source.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(columns)
            writer.writerows(zip(*columns.values(), strict=True))
        return {column.name: column.proposal for column in inspect(path).columns}


def says(proposal: Proposal) -> tuple[str, str]:
    return proposal.column.role.value, proposal.column.treatment.value


def cycle(*values: str | None) -> list[str | None]:
    return [values[row % len(values)] for row in range(ROWS)]


STOPS = {
    "stop_id": [f"17-{row:06}" for row in range(ROWS)],
    "stopped_at": [f"2017-01-{row % 28 + 1:02} {row % 24:02}:00:42" for row in range(ROWS)],
    "reason": cycle("suspicious", "traffic"),
    "race": cycle("White", "Black", "Unknown"),
    "gender": cycle("Male", "Female"),
    "latitude": [f"44.{9000 + row * 7}" for row in range(ROWS)],
    "longitude": [f"-93.{2000 + row * 7}" for row in range(ROWS)],
    "neighborhood": cycle(*(f"Quarter {place}" for place in "ABCDEFGHIJKLMNO")),
}


def test_stops_by_the_police_are_read_by_their_english_names():
    assert {name: says(p) for name, p in proposed(STOPS).items()} == {
        "stop_id": ("subject", "token"),
        "stopped_at": ("quasi_identifier", "time"),
        "reason": ("sensitive_attribute", "keep"),
        "race": ("quasi_identifier", "group"),
        "gender": ("quasi_identifier", "group"),
        "latitude": ("quasi_identifier", "grid"),
        "longitude": ("quasi_identifier", "grid"),
        "neighborhood": ("quasi_identifier", "group"),
    }


def test_an_index_of_images_is_read_by_the_names_of_its_attributes():
    found = proposed(
        {
            "PatientID": [f"CASE-{row // 3:04}" for row in range(ROWS)],
            "StudyInstanceUID": [f"1.3.6.1.4.1.{row // 2}.7" for row in range(ROWS)],
            "SeriesInstanceUID": [f"1.3.6.1.4.1.{row}.8" for row in range(ROWS)],
            "SOPClassUID": cycle("1.2.840.10008.5.1.4.1.1.4", "1.2.840.10008.5.1.4.1.1.2"),
            "PatientSex": cycle("F", "M", None),
            "PatientAge": cycle("066Y", "041Y", None),
            "StudyDate": cycle("1999-12-31", "2001-05-06"),
            "Modality": cycle("MR", "CT", "PT"),
            "Manufacturer": cycle("A Medical Systems", "B Healthcare"),
            "BodyPartExamined": cycle("BREAST", "CHEST"),
        }
    )
    assert says(found["PatientID"]) == ("subject", "token")
    for name in ("StudyInstanceUID", "SeriesInstanceUID"):
        assert says(found[name]) == ("direct_identifier", "drop")
    assert found["SOPClassUID"].column.role is not Role.DIRECT_IDENTIFIER
    for name in ("PatientSex", "PatientAge", "Modality", "Manufacturer", "BodyPartExamined"):
        assert says(found[name]) == ("quasi_identifier", "group")
    assert says(found["StudyDate"]) == ("quasi_identifier", "date")


def test_a_constant_of_some_rows_only_is_not_taken_for_harmless():
    found = proposed({"id": [str(row) for row in range(ROWS)], "flag": ["9", *[None] * (ROWS - 1)]})
    assert found["flag"].column.role is not Role.INSENSITIVE


def test_no_more_quasi_identifiers_are_proposed_than_can_be_searched():
    many = {f"marital_{number}": cycle("a", "b") for number in range(2 * MOST)}
    found = proposed({"id": [f"P{row}" for row in range(ROWS)], **many, "age": cycle("40", "50", "60")})
    kept = [name for name, p in found.items() if says(p)[0] == "quasi_identifier" and says(p)[1] != "drop"]
    assert len(kept) == MOST
    assert "age" in kept
    left = [p for name, p in found.items() if name not in (*kept, "id")]
    assert all(p.column.role is Role.QUASI_IDENTIFIER and "Left out" in p.reason for p in left)


ABSTRACT = {
    "patientIdNumber": [f"{row // 2:08}" for row in range(ROWS)],
    "sex": cycle("1", "2"),
    "race1": cycle("01", "02"),
    "race2": cycle("88"),
    "nameLast": [f"Surname{row}" for row in range(ROWS)],
    "socialSecurityNumber": [f"{row:09}" for row in range(ROWS)],
    "dateOfBirth": [f"19{row % 90 + 10}0308" for row in range(ROWS)],
    "dateOfLastContact": cycle("20200222", "20190101"),
    "addrAtDxNoStreet": [f"{row} Main St" for row in range(ROWS)],
    "countyAtDx": cycle("001", "003"),
    "censusTract2010": cycle("999999"),
    "physicianManaging": cycle("12345678", "23456789"),
    "reportingFacility": cycle("0000123456", "0000234567"),
    "medicalRecordNumber": [f"{row:011}" for row in range(ROWS)],
    "primarySite": cycle("C509", "C619"),
    "histologicTypeIcdO3": cycle("8520", "8500"),
    "behaviorCodeIcdO3": cycle("3", "2"),
    "ageAtDiagnosis": cycle("043", "061", "077"),
    "dateOfDiagnosis": cycle("20011209", "20100506"),
    "grade": cycle("9"),
    "summaryStage2018": cycle("1", "2", None),
    "textRemarks": cycle("Lorem ipsum dolor sit amet, consectetur."),
    "myOwnItem": cycle("x", "y"),
}


@pytest.fixture(scope="module")
def abstract() -> dict[str, Proposal]:
    return proposed(ABSTRACT)


def test_an_abstract_is_read_by_the_items_of_its_dictionary(abstract):
    assert {name: says(p) for name, p in abstract.items()} == {
        "patientIdNumber": ("subject", "drop"),
        "sex": ("quasi_identifier", "group"),
        "race1": ("quasi_identifier", "group"),
        "race2": ("quasi_identifier", "drop"),
        **dict.fromkeys(
            ("nameLast", "socialSecurityNumber", "dateOfBirth", "addrAtDxNoStreet", "censusTract2010"),
            ("direct_identifier", "drop"),
        ),
        **dict.fromkeys(
            ("physicianManaging", "reportingFacility", "medicalRecordNumber"), ("direct_identifier", "drop")
        ),
        "dateOfLastContact": ("quasi_identifier", "drop"),
        "countyAtDx": ("quasi_identifier", "drop"),
        "primarySite": ("quasi_identifier", "icdo3_topography"),
        "histologicTypeIcdO3": ("quasi_identifier", "icdo3_morphology"),
        "behaviorCodeIcdO3": ("sensitive_attribute", "keep"),
        "ageAtDiagnosis": ("quasi_identifier", "age"),
        "dateOfDiagnosis": ("quasi_identifier", "date"),
        "grade": ("insensitive", "keep"),
        "summaryStage2018": ("sensitive_attribute", "drop"),
        "textRemarks": ("free_text", "redact"),
        "myOwnItem": ("sensitive_attribute", "keep"),
    }


def test_an_attribute_that_hardly_varies_is_left_out_for_no_class_could_show_two_values():
    rare = proposed({**ABSTRACT, "behaviorCodeIcdO3": ["2", *["3"] * (ROWS - 1)]})
    assert says(rare["behaviorCodeIcdO3"]) == ("sensitive_attribute", "drop")


def test_what_identifies_in_an_abstract_is_scrubbed_from_its_texts(abstract):
    scrub = {name: p.column.scrub for name, p in abstract.items() if p.column.scrub}
    assert scrub["nameLast"] == "name"
    assert scrub["addrAtDxNoStreet"] == "address"
    assert {scrub[n] for n in ("patientIdNumber", "socialSecurityNumber", "dateOfBirth")} == {"value"}


def test_a_person_with_several_tumours_is_not_linked_across_them(abstract):
    assert abstract["patientIdNumber"].column.treatment is Treatment.DROP
    alone = proposed({**ABSTRACT, "patientIdNumber": [f"{row:08}" for row in range(ROWS)]})
    assert alone["patientIdNumber"].column.treatment is Treatment.TOKEN


def test_codes_of_an_abstract_are_standardised_before_their_treatment(abstract):
    standard = {name: p.column.standard for name, p in abstract.items() if p.column.standard}
    assert standard == {
        "primarySite": "icdo3_topography",
        "histologicTypeIcdO3": "icdo3_morphology",
        "dateOfDiagnosis": "iso_date",
    }


def test_the_proposals_for_an_abstract_are_a_plan_and_each_has_a_reason(abstract):
    columns = tuple(p.column for p in abstract.values())
    plan = Plan(dataset="registry", profiles=("controlled",), columns=columns)
    assert Plan.from_dict(plan.to_dict()) == plan
    assert all(p.reason for p in abstract.values())


def test_every_item_of_the_dictionary_that_names_somebody_is_a_direct_identifier():
    named = [n for n in items() if n.startswith(("name", "addrAtDxNo", "addrCurrentNo", "social", "telephone"))]
    named += [n for n in items() if "hysician" in n and not n.startswith("overRide")]
    assert len(named) > 20
    columns = {name: [f"{name}{row}" for row in range(40)] for name in named}
    found = proposed({**columns, "patientIdNumber": [f"{row:08}" for row in range(40)]})
    assert {name for name in named if says(found[name]) != ("direct_identifier", "drop")} == set()


def test_a_few_item_names_alone_do_not_make_an_abstract():
    found = proposed(
        {"patientIdNumber": [f"P{row}" for row in range(ROWS)], "sex": cycle("1", "2"), "other": cycle("a", "b")}
    )
    assert not any("NAACCR" in p.reason for p in found.values())
