"""Tokens: pairs of characters, folded words, whole codes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.search.lexemes import MOST_BYTES, Fields, lexemes, name_of
from catalog.search.stored import Group
from catalog.search.tokens import pieces, sequence, singular, tokens


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("肿瘤登记", ["肿瘤", "瘤登", "登记", "记"]),
        ("癌", ["癌"]),
        ("CT影像2024", ["ct", "影像", "像", "2024"]),
        ("𠀀𠀁𬺰", ["𠀀𠀁", "𠀁𬺰", "𬺰"]),
        ("㐀㐁", ["㐀㐁", "㐁"]),
        ("Breast cancers", ["breast", "cancer"]),
        ("Ｃ５０．９", ["c50.9", "c50", "9"]),
        ("naïve Café", ["naive", "cafe"]),
        ("age_at_diagnosis", ["age_at_diagnosis", "age", "diagnosis"]),
        ("PatientAge", ["patientage", "patient", "age"]),
        ("ICDOCode", ["icdocode", "icdo", "code"]),
        ("", []),
        ("*** '\" --", []),
    ],
)
def test_a_text_gives_these_tokens(text, found):
    assert tokens(text) == found


@pytest.mark.parametrize(
    ("plural", "one"),
    [
        ("registries", "registry"),
        ("boxes", "box"),
        ("classes", "class"),
        ("branches", "branch"),
        ("roads", "road"),
        ("status", "status"),
        ("analysis", "analysis"),
        ("bus", "bus"),
        ("c50s", "c50s"),
        ("straßen", "straßen"),
    ],
)
def test_an_english_plural_is_cut_by_rule(plural, one):
    assert singular(plural) == one


@given(st.text(max_size=60))
def test_every_token_can_stand_in_a_query(text):
    """No token holds what either database would take for syntax, whatever was typed."""
    for token in (*tokens(text), *sequence(text), name_of(text)):
        if token:
            assert Group((token,)).fts5() == f'("{token}")'
            assert Group((token,), starts=True).tsquery() == f"('{token}':*)"
            assert all(letter.isalnum() or letter in "._-" or not letter.isascii() for letter in token)


@given(st.text(alphabet="肿瘤登记ab 1.", max_size=20), st.integers(0, 20), st.integers(1, 20))
def test_any_stretch_of_a_chinese_run_shares_its_tokens(text, start, size):
    for piece in pieces(text):
        part = piece.text[start : start + size]
        if piece.chinese and len(part) > 1:
            assert set(sequence(part)) <= set(tokens(text))


def test_no_token_of_ours_is_a_quote_or_an_operator():
    for lexeme in ("", "a b", "a'b", 'a"b', "a\\b", "a\0b"):
        with pytest.raises(ValueError, match="no lexeme"):
            Group((lexeme,)).fts5()


def test_a_document_of_any_length_has_an_index_entry_of_bounded_length():
    words = " ".join(f"word{number}" for number in range(200_000))
    fields = Fields(titles=("zebra",), keywords=(words,), columns=(words,), descriptions=(words,))
    found = lexemes(fields, fields.tokenised())
    assert "t=zebra" in found
    assert sum(len(lexeme) + 1 for lexeme in found) <= MOST_BYTES
