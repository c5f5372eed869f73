"""English text: who is named, and which numbers are a person's; what is nobody's stays."""

import pytest
from hypothesis import given, settings

from anonymize.detect.analyzer import find_all
from anonymize.detect.recall import LEVELS
from tests.accuracy.measure import Tally
from tests.common.corpus.english_sentences import english
from tests.common.strings import ANY


def found(text: str, *kinds: str) -> list[str]:
    return [text[f.start : f.end] for f in find_all([text], language="en")[0] if f.type in kinds]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Seen by Dr. Alvarez in clinic.", "Alvarez"),
        ("Patient JOHN A. SMITH was admitted.", "JOHN A. SMITH"),
        ("Smith, John is a 68-year-old male.", "Smith, John"),
        ("SMITH, MARY ANN presented with pain.", "SMITH, MARY ANN"),
        ("His wife Mary O'Connor called.", "Mary O'Connor"),
        ("follow up with patricia desrosiers in june", "patricia desrosiers"),
        ("Krisztián Szöllösy came alone.", "Krisztián Szöllösy"),
        ("Signed: R. K. Patel", "R. K. Patel"),
        ("We met Ludwig van der Berg there.", "Ludwig van der Berg"),
        ("患者John Smith来院", "John Smith"),
        ("my name is zoltan kovacs.", "zoltan kovacs"),
        ("Mr. Jean-Pierre Dubois's file", "Jean-Pierre Dubois"),
    ],
)
def test_a_person_is_found_whole(text, name):
    assert name in found(text, "PERSON")


@pytest.mark.parametrize(
    "text",
    [
        "History of Hodgkin lymphoma, now Paget disease of the nipple.",
        "Tamoxifen 20 mg daily, continued doxorubicin and cyclophosphamide.",
        "Barrett's esophagus. Foley catheter removed. Gleason score 7.",
        "Please repair the broken swing in the park near the library.",
        "No evidence of metastatic disease in the chest, abdomen or pelvis.",
        "INVASIVE DUCTAL CARCINOMA, GRADE 2, MARGINS NEGATIVE",
        "the elevator has been out of order for three weeks",
    ],
)
def test_what_names_nobody_stays(text):
    assert found(text, "PERSON") == []


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("EMAIL", "write to mary.s@example.org.", "mary.s@example.org"),
        ("EMAIL", "mail x@gov.cn", "x@gov.cn"),
        ("URL", "see https://www.example.org/a?b=1.", "https://www.example.org/a?b=1"),
        ("IP", "from 10.1.2.3, denied", "10.1.2.3"),
        ("PHONE", "call (555) 123-4567 x12", "(555) 123-4567 x12"),
        ("PHONE", "at 555.123.4567.", "555.123.4567"),
        ("PHONE", "reach me at +44 20 7946 0958", "+44 20 7946 0958"),
        ("PHONE", "电话+1 415 555 0132。", "+1 415 555 0132"),
        ("SSN", "SSN: 123-45-6789.", "123-45-6789"),
        ("SSN", "social security number 123456789", "123456789"),
        ("BANK_CARD", "card 4111 1111 1111 1111", "4111 1111 1111 1111"),
        ("BANK_CARD", "paid with 378282246310005", "378282246310005"),
        ("IBAN", "to GB82 WEST 1234 5698 7654 32 today", "GB82 WEST 1234 5698 7654 32"),
        ("DATE_OF_BIRTH", "DOB 03/12/1951", "03/12/1951"),
        ("DATE_OF_BIRTH", "born on March 3, 1960,", "March 3, 1960"),
        ("DATE", "seen 3 May 2019", "3 May 2019"),
        ("AGE", "a 68-year-old man", "68"),
        ("AGE", "aged 91.", "91"),
        ("MRN", "MRN 00123456", "00123456"),
        ("MRN", "medical record number: A-445566", "A-445566"),
        ("INSURANCE_NO", "Policy No. HX1234567", "HX1234567"),
        ("PASSPORT", "passport no. X1234567", "X1234567"),
        ("DRIVER_LICENSE", "driver's license number is S123-4567-8901", "S123-4567-8901"),
        ("ADDRESS", "at 123 Main St Apt 4, Springfield, IL 62704.", "123 Main St Apt 4, Springfield, IL 62704"),
        ("ADDRESS", "mail to PO Box 443 please", "PO Box 443"),
    ],
)
def test_an_identifier_is_found_whole_and_typed(kind, text, value):
    assert value in found(text, kind)


@pytest.mark.parametrize(
    "text",
    [
        "order number 123456789012 was shipped",
        "invoice #20231128001",
        "CPT 19301, ICD-10 C50.911, lot 123456789",
        "version 1.2.3.4 of the program",
        "SSN 000-12-3456 is none, nor 666-12-3456",
        "tumor 2.3 x 1.8 cm, Ki-67 20%, 0/3 nodes",
        "4111 1111 1111 1112",
    ],
)
def test_numbers_that_are_nobodys_stay(text):
    assert found(text, "PHONE", "BANK_CARD", "IP", "MRN", "IBAN", "NUMBER") == []


def test_a_number_that_was_never_given_out_is_no_social_security_number():
    assert found("000-12-3456 or 666-12-3456, 123-45-67890", "SSN") == []


@pytest.mark.parametrize("unseen", [False, True])
def test_persons_are_found_on_templates_nobody_read(unseen):
    made = list(english(3, 71, unseen=unseen))
    count = Tally()
    for sentence, findings in zip(made, find_all([s.text for s in made], language="en"), strict=True):
        count.add(sentence.text, sentence.spans, [(f.start, f.end, f.type) for f in findings], {"PERSON"})
    assert count.recall >= 96
    assert count.precision >= 90


def test_a_stricter_level_finds_less():
    texts = ["Ask Carolás for the key.", "Mary Jones came."]
    strict, high = (find_all(texts, language="en", recall=LEVELS[level]) for level in ("precise", "high"))
    assert not any(f.type == "PERSON" for f in strict[0])
    assert any(f.type == "PERSON" for f in high[0])
    assert any(f.type == "PERSON" for f in strict[1])


@settings(max_examples=150, deadline=None)
@given(ANY)
def test_findings_lie_inside_any_text(text):
    for finding in find_all([text], language="en")[0]:
        assert 0 <= finding.start < finding.end <= len(text)
        assert 0 < finding.score <= 1
