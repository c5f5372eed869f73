"""What hides between the signs of a number or a name hides it from nobody; places are those of the text as given."""

from itertools import pairwise

import pytest
from hypothesis import given, settings

from anonymize.detect.analyzer import find_all
from anonymize.detect.visible import visible
from tests.common.strings import ANY

HIDERS = {
    "zero-width space": "\u200b",
    "zero-width joiner": "\u200d",
    "left-to-right mark": "\u200e",
    "end of an override": "\u202c",
    "isolate": "\u2066",
    "soft hyphen": "\u00ad",
    "byte order mark": "\ufeff",
    "variation selector": "\ufe0f",
    "combining mark": "\u0301",
    "tag character": "\U000e0020",
    "NUL": "\0",
    "bold": "<b>",
    "colour": '</span><span style="color: red">',
}


@pytest.mark.parametrize("hider", HIDERS.values(), ids=HIDERS)
@pytest.mark.parametrize(
    ("kind", "value"), [("PHONE", "13800138000"), ("CN_ID", "11010519491231002X"), ("PERSON", "张伟民")]
)
def test_what_hides_between_the_signs_of_a_finding_is_part_of_it(hider, kind, value):
    for hidden in (hider.join(value), value[:2] + hider + value[2:]):
        text = f"患者{hidden}，已复查"
        assert (2, 2 + len(hidden)) in [(f.start, f.end) for f in find_all([text])[0] if f.type == kind]


@pytest.mark.parametrize(
    ("written", "seen"),
    [
        ("&#49;&#51;800138000", "13800138000"),
        ("138&nbsp;0013&nbsp;8000", "138\xa00013\xa08000"),
        ("138\t0013\t8000", "138 0013 8000"),
        ("１３８00138000", "１３８00138000"),
        ("&unknown;&#1114112;", "&unknown;�"),
        ("a < b, c > d", "a < b, c > d"),
        ("<p>甲</p><p>乙</p>", "\n甲\n\n乙\n"),
        ('138<br/>0013<td style="color: #f00">8000', "138\n0013\n8000"),
        ('<a href="tel:1">拨打</a>', '<a href="tel:1">拨打'),
        ('<td title="张伟民">', '<td title="张伟民">'),
        ("<Li> 好", "<Li> 好"),
        ("John\u200bSmith", "John\u200bSmith"),
        ("", ""),
    ],
)
def test_entities_are_read_and_what_parts_words_stays(written, seen):
    assert visible(written)[0] == seen


def test_the_place_of_an_entity_is_all_of_it():
    text = "患者&#24352;&#20255;民，"
    seen, places = visible(text)
    assert seen == "患者张伟民，"
    assert places is not None
    assert text[slice(*places.back(2, 5))] == "&#24352;&#20255;民"


@settings(max_examples=300, deadline=None)
@given(ANY)
def test_every_part_that_is_seen_has_its_place(text):
    seen, places = visible(text)
    if places is None:
        assert seen == text
        return
    spans = [places.back(at, at + 1) for at in range(len(seen))]
    assert all(0 <= start < end <= len(text) for start, end in spans)
    assert all(before[1] <= after[0] for before, after in pairwise(spans))
    assert all(
        text[start] == char for (start, end), char in zip(spans, seen, strict=True) if end == start + 1 and char != " "
    )
