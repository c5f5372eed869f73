"""Texts are cut so that nothing is lost and every piece stands where it stood."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anonymize.detect import pieces as module
from anonymize.detect.pieces import LONGEST, pieces, windows

TEXT = st.text(st.sampled_from("张伟ab01 ,，。！\n\r;；?？\u2028\0\ud800😀"), max_size=200)


@given(TEXT)
def test_every_hanzi_is_in_one_piece_at_its_place(text):
    seen = [False] * len(text)
    for start, piece in pieces(text):
        assert len(piece) <= 2 * LONGEST + len(text)
        for at, char in enumerate(piece, start):
            assert not seen[at]
            seen[at] = True
            assert text[at] == char or (text[at].isdigit() and char == "0") or (text[at] == "\n" and char == " ")
    assert all(seen[at] for at, char in enumerate(text) if char in "张伟")


def test_pieces_end_at_stops_and_differ_by_no_digit():
    assert list(pieces("患者张伟，男，68岁，因咳嗽3天，无明显诱因入院，既往体健。余无殊。")) == [
        (0, "患者张伟，男，00岁，因咳嗽0天，无明显诱因入院，"),
        (25, "既往体健。"),
        (30, "余无殊。"),
    ]


@given(TEXT)
def test_windows_join_to_the_text(text):
    original = module.WINDOW, module.LAST
    module.WINDOW, module.LAST = 20, 7
    try:
        cut = list(windows(text))
    finally:
        module.WINDOW, module.LAST = original
    assert "".join(part for _, part in cut) == text
    assert all(text.startswith(part, at) and len(part) <= 20 for at, part in cut)


@pytest.mark.parametrize("stop", ["\n", "。", "，"])
def test_a_window_ends_at_the_last_stop_near_its_end(stop):
    text = "甲" * (module.WINDOW - 10) + stop + "乙" * module.WINDOW
    assert next(windows(text))[1].endswith(stop)
