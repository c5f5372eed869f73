"""Capitalised words that name a place, a firm or a thing by where they stand, and persons who stand there too."""

import pytest

from anonymize.detect.analyzer import find_all


def found(text: str) -> list[str]:
    return [text[f.start : f.end] for f in find_all([text], language="en")[0] if f.type == "PERSON"]


@pytest.mark.parametrize(
    "text",
    [
        "The shop on Wilson Street is shut.",
        "Turn left at Martin Luther King Boulevard.",
        "Parcels left at Jackson Hall are collected daily.",
        "Invoices of Northgate Timber Ltd. are due.",
        "Smith & Smith sells hats.",
        "Prices in Ibadan and Lagos went up.",
        "The water of Lake Victoria is warm.",
        "Swindon SN1 4QP",
        "The letter of Monday counts from January.",
        "Bill of Lading number 8 is missing.",
        "We pay once the Bill is checked.",
        "Merry Christmas to all of you!",
    ],
)
def test_what_is_a_thing_by_where_it_stands_stays(text):
    assert found(text) == []


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("We all believe in Gerlinde.", "Gerlinde"),
        ("He shouted at Kevin Quillfeldt.", "Kevin Quillfeldt"),
        ("The bag is in Kevin's car.", "Kevin"),
        ("See the results in Quillfeldt et al.", "Quillfeldt"),
        ("Mutation of the gene in Gerlinde.", "Gerlinde"),
        ("Mr Hall and Emma Hall came.", "Emma Hall"),
        ("Contact: Kevin Park", "Kevin Park"),
        ("Kind regards\nKevin Law\nBranch Manager", "Kevin Law"),
        ("Ask the Quillfeldt family.", "Quillfeldt"),
        ("I sat near Kevin at the wedding.", "Kevin"),
        ("Winners: Rose; April; Kevin Long", "April"),
    ],
)
def test_a_person_who_stands_where_things_do_is_found(text, name):
    assert any(name in one for one in found(text)), found(text)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Plaintiff Kevin Quillfeldt seeks damages.", "Kevin Quillfeldt"),
        ("Policyholder Gerlinde Hall reported a leak.", "Gerlinde Hall"),
        ("THE ESTATE OF Kevin Quillfeldt, deceased", "Kevin Quillfeldt"),
        ("Present: Kevin Quillfeldt. Apologies: none", "Kevin Quillfeldt"),
        ("Payee: Kevin Quillfeldt; Sort code 20-00-00", "Kevin Quillfeldt"),
    ],
)
def test_only_the_name_is_taken(text, name):
    assert found(text) == [name]
