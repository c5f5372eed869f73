"""The source's own identifiers are found in any text, in any width and grouping, and nothing of them is kept."""

import random

import pytest

from anonymize.residual.known import KnownBuilder, kind_of, squeezed


def known(*values: str):
    builder = KnownBuilder()
    builder.add(values)
    return builder.done()


@pytest.mark.parametrize(
    ("value", "text", "kind"),
    [
        ("张伟民", "昨日张伟民来院", "KNOWN_NAME"),
        ("张伟民", "昨日张 伟\u200b民来院", "KNOWN_NAME"),
        ("Fake Person", "told by FAKE-PERSON today", "KNOWN_NAME"),
        ("ZY000123", "号ｚｙ000123。", "KNOWN_VALUE"),
        ("13800138000", "电话138-0013-8000", "KNOWN_VALUE"),
        ("重庆市渝中区民生路210号3栋", "住民生路210号3栋附近", "KNOWN_ADDRESS"),
    ],
)
def test_a_value_of_the_source_is_found(value, text, kind):
    assert known(value).count([text]) == {kind: 1}


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("000123", "号1000123"),
        ("faker", "a faker came"),
        ("personal", "personality"),
        ("19900101", "1990-01-01复查"),
        ("时间", "时间不早"),
        ("张伟民", "张伟\uffff民"),
        ("", ""),
    ],
)
def test_parts_of_longer_words_days_and_ordinary_words_are_not(value, text):
    assert known(value).count([text]) == {}


def test_no_value_spans_two_texts():
    assert known("张伟民").count(["张伟", "民来"]) == {}


def test_it_finds_what_a_plain_search_finds():
    """Against the plain way: every n-gram of every text looked up in a set."""
    seed = random.randrange(2**32)
    print("seed", seed)
    draw = random.Random(seed)
    values = ["".join(draw.choices("天地玄黄宇宙洪荒", k=draw.randint(3, 12))) for _ in range(60)]
    texts = ["".join(draw.choices("天地玄黄宇宙洪荒，", k=draw.randint(0, 200))) for _ in range(60)]
    keys = {squeezed(value)[-8:] if len(value) > 4 else value for value in values}
    plain = sum(
        text_squeezed[at : at + length] in keys
        for text_squeezed in map(squeezed, texts)
        for length in {len(key) for key in keys}
        for at in range(len(text_squeezed) - length + 1)
    )
    assert known(*values).count(texts).total() == plain


def test_only_hashes_are_kept():
    held = known("张伟民", "ZY000123")
    assert held.values == {"KNOWN_NAME": 1, "KNOWN_VALUE": 1}
    assert "张伟民" not in repr(held)
    assert known("张伟民").hashes != held.hashes, "each search takes its own point"


@pytest.mark.parametrize("value", ["\ud800张伟民\udfff", "\uffff" * 9, "𠮷野家" * 9, "\0", "ﷺ" * 20, "İstanbul12"])
def test_any_value_can_be_looked_for(value):
    assert known(value).count([value, f"x{value}x"]) is not None
    assert kind_of(squeezed(value)) in ("", "KNOWN_NAME", "KNOWN_ADDRESS", "KNOWN_VALUE")
