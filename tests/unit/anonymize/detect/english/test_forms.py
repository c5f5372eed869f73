"""Persons whom the form of an English text names, and those whose name stands elsewhere in it."""

import pytest

from anonymize.detect.analyzer import find_all


def found(text: str) -> list[str]:
    return [text[f.start : f.end] for f in find_all([text], language="en")[0] if f.type == "PERSON"]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Last name: Gong\nFirst name: Wei", ["Gong", "Wei"]),
        ("APPLICANT: APRIL MORROW\nDATE: May 2", ["APRIL MORROW"]),
        ("Attendees: Ola Nordqvist, Bea Quillfeldt", ["Ola Nordqvist", "Bea Quillfeldt"]),
        ("Hi Marcel,\n\nsee you soon.\n\nBest,\nGusty", ["Marcel", "Gusty"]),
        ("Dear Ms Song,\nthe lease has ended.", ["Song"]),
        ("See the file.\n\nKind regards\n\nM. V. Quillfeldt\nBranch Manager", ["M. V. Quillfeldt"]),
        ("Tao: are you coming?\nMei: no", ["Tao", "Mei"]),
        ("[10:32] Gerlinde: ok\n[10:33] Tao: on my way", ["Gerlinde", "Tao"]),
        ("YIN, XIA; Quillfeldt, Henriette; Vang, Mai", ["YIN, XIA", "Quillfeldt, Henriette", "Vang, Mai"]),
        ("Tao (née Quillfeldt) sends her regards.", ["Quillfeldt"]),
        ("Kevin Law III is buried here.", ["Kevin Law"]),
        ("Happy birthday Marcel!", ["Marcel"]),
        ("@gerlinde are you in?", ["gerlinde"]),
        ("On Monday Songül Quillfeldt wrote: yes", ["Songül Quillfeldt"]),
        ("Officer More and Mr Long came.", ["More", "Long"]),
        ("DEAR MR LEE, YOUR ORDER HAS SHIPPED", ["LEE"]),
        ("Created by rosalie schweitzer", ["rosalie schweitzer"]),
        ("Aoki Tanaka met Sun Tao.", ["Aoki Tanaka", "Sun Tao"]),
        ("Kevin Becker and Marcel are getting married.", ["Kevin Becker", "Marcel"]),
    ],
)
def test_whom_the_form_of_a_text_names_is_found(text, names):
    everything = found(text)
    assert all(any(name in one for one in everything) for name in names), everything


def test_a_part_of_a_full_name_is_found_where_it_stands_alone():
    assert found("Gerlinde Quillfeldt called. It was urgent, as Quillfeldt put it.").count("Quillfeldt") == 1


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Ask Gerlinde for the key.", "Gerlinde"),
        ("Is Kevin Quillfeldt there?", "Kevin Quillfeldt"),
        ("Hello Gerlinde, how are you?", "Gerlinde"),
        ("Kevin Quillfeldt et al. report the same.", "Kevin Quillfeldt"),
    ],
)
def test_what_leads_to_a_name_is_no_part_of_it(text, name):
    assert found(text) == [name]


@pytest.mark.parametrize(
    "text",
    [
        "Name: unknown\nDate of birth: unknown",
        "Dear Customer,\n\nyour account was renewed.\n\nYour Online Service Team",
        "Dear Sir or Madam,\nthe meeting is over.\nKind regards\nCustomer Service",
        "Phone: none\nEmail: none\nDate: today",
        "ALL VISITORS MUST REPORT TO THE FRONT DESK.",
    ],
)
def test_a_form_that_names_nobody_stays(text):
    assert found(text) == []
