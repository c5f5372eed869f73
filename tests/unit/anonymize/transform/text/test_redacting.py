"""Redacted text holds placeholders for all that was found, and a second pass finds nothing."""

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anonymize.transform.text import redact

TEXT = "患者张伟民，68岁，电话13800138000，住民生路210号，张先生诉腹痛，于2019年3月4日入院。"
OWN = [("name", pa.array(["张伟民"])), ("address", pa.array(["重庆市渝中区民生路210号"]))]


def test_findings_become_typed_placeholders_and_are_counted():
    out, counts = redact(pa.array([TEXT]), OWN)
    assert out.to_pylist() == ["患者[PERSON]，[AGE]，电话[PHONE]，住[ADDRESS]，[PERSON]诉腹痛，于[DATE]入院。"]
    assert counts == {"ADDRESS": 1, "AGE": 1, "DATE": 1, "PERSON": 2, "PHONE": 1}


def test_a_row_is_searched_for_its_own_values_only():
    texts = pa.chunked_array([["立春那天来过", None], ["立春那天来过"]])
    out, counts = redact(texts, [("name", pa.chunked_array([["王立春", "王立春", "李四"]]))])
    assert out.to_pylist() == ["[PERSON]那天来过", None, "立春那天来过"]
    assert counts == {"PERSON": 1}


def test_no_texts_and_no_own_columns_are_fine():
    out, counts = redact(pa.array([], pa.string()), [])
    assert (out.to_pylist(), out.type, counts) == ([], pa.string(), {})
    assert redact(pa.array([None, ""], pa.string()), [])[0].to_pylist() == [None, ""]


def test_progress_is_told_without_text():
    told: list[str] = []
    redact(pa.array([TEXT, TEXT]), OWN[:0], progress=told.append)
    assert told == ["analysing 1 distinct texts"]


_PIECES = (
    "患者 家属 张伟 张先生 李建国 ： ， 。 [PERSON] [X] 13800138000 138 0013 8000 住院号 ZY12345 QQ 123456 "
    "微信 abc123 2019年 3月 4日 1903-05-07 500103191805109423 卡号 6222 0212 3456 7890 128 重庆市 渝中区 "
    "民生路 210号 岁 68 因 * 某 a@b.cn E12345678 出生 - +86 (023) 68681234"
)
PIECES = st.sampled_from(_PIECES.split())


@settings(max_examples=300, deadline=None)
@given(st.lists(PIECES, max_size=14), st.sampled_from(["张伟", "PERSON", "AB", "张伟民"]), st.sampled_from(["", " "]))
def test_a_second_pass_finds_nothing(pieces, name, joint):
    own = [
        ("name", pa.array([name])),
        ("value", pa.array(["138 0013"])),
        ("address", pa.array(["重庆市渝中区民生路210号"])),
    ]
    once, _ = redact(pa.array([joint.join(pieces)]), own)
    again, counts = redact(once, own)
    assert counts == {}
    assert again == once


def test_an_unknown_kind_of_own_column_is_an_error():
    with pytest.raises(KeyError):
        redact(pa.array(["x"]), [("colour", pa.array(["red"]))])
