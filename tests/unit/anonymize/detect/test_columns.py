"""A column searched as a whole gives what each of its texts gives: in parts, in processes, past the filter."""

import random

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from anonymize.detect import columns
from anonymize.detect.analyzer import find_all
from anonymize.detect.columns import find_in_column
from anonymize.detect.english import patterns as english
from anonymize.detect.findings import Finding, outside
from anonymize.detect.identifiers.patterns import PATTERNS
from anonymize.detect.prefilter import worth_a_look
from tests.common.corpus.sentences import sentences

TEXTS = [sentence.text for sentence in sentences(1, 23, unseen=False)][:60]
IDENTIFIERS = {pattern.type for pattern in english.PATTERNS}
STRUCTURED = sorted({pattern.type for pattern in PATTERNS})


def by_row(chunks, count) -> list:
    rows = []
    for chunk in chunks:
        rows += [[] if at is None else chunk.found.get(at, []) for at in chunk.rows.to_pylist()]
    assert len(rows) == count
    return rows


def test_each_row_has_what_its_text_has():
    values = [*TEXTS, None, "", "12.5", "abc", *TEXTS[:9], "电话13800138000"]
    random.Random(5).shuffle(values)
    expected = find_all([value or "" for value in values])
    whole = pa.array(values, pa.string())
    parted = pa.chunked_array([whole.slice(0, 7), whole.slice(7, 0), whole.slice(7)])
    for column in (whole, parted, whole.cast(pa.large_string())):
        assert by_row(find_in_column(column, processes=1), len(values)) == expected
    assert by_row(find_in_column(whole.slice(3, 20), processes=1), 20) == expected[3:23]


def test_a_column_is_searched_some_rows_at_a_time(monkeypatch):
    monkeypatch.setattr(columns, "ROWS", 10)
    told: list[str] = []
    column = pa.array(TEXTS[:25])
    chunks = list(find_in_column(column, processes=1, progress=told.append))
    assert [len(chunk.rows) for chunk in chunks] == [10, 10, 5]
    assert by_row(chunks, 25) == find_all(TEXTS[:25])
    assert len(told) == 3
    assert not any(text in line for text in TEXTS for line in told)


def test_processes_find_the_same(monkeypatch):
    monkeypatch.setattr(columns, "WORTH_A_WORKER", 20)
    monkeypatch.setattr(columns, "TOGETHER", 16)
    assert by_row(find_in_column(pa.array(TEXTS), processes=2), len(TEXTS)) == find_all(TEXTS)


def test_only_the_types_asked_for_are_found():
    chunk = next(find_in_column(pa.array(["张伟民电话13800138000，2019年3月4日"]), types={"PHONE"}, processes=1))
    assert [finding.type for finding in chunk.found[0]] == ["PHONE"]


_PIECES = (
    "张 伟 ： ， 。 1 0 9 12 138 0013 8000 13800138000 500103191805109423 6222 0212 3456 7890 128 年 月 日 岁 号 "
    "码 卡 证 出生 生日  二〇一九 一九〇三 微信 威信 wechat VX wx QQ qq 扣扣 abc_def a@b.cn @ - / . # : ＠ ｗｘ "
    "１３８ ００１３ ٣ 渝 A B1 D E EA H MRN ID 护照 passport  尾号 信用代码 91500103 住院号 门诊 医保 电话 tel 86 "
    "+86 (023) http:// www. .com example.cn aa:bb:cc:dd:ee:ff AA-BB-CC-DD- 2001:db8::1 10.0.0.1 30.12345 106.5512 , ° "
    "′ 东经 北纬 N 军 字第 快递 单号 SF 社保卡 DOB :: fe80: ～ \u200b \u00a0 \u3000 \u00ad "
    "一三八零零一三八零零零 零零一 壹叁捌 幺 ① _ * | · 、 138OO138OOO l38 OOO (at) 艾特 #qq. <br> "
    "薇❤ zyh= bah: inp_no PID| csrq= VALUES ( ) | ; 12345 (138) × 薇信 加薇 加v +v 企鹅号 １ ３ ／ 0 ，"
)
PIECES = st.lists(st.sampled_from([*_PIECES.split(), " ", "\n"]), max_size=14)


@settings(max_examples=400, deadline=None)
@given(PIECES)
def test_the_filter_stops_nothing_that_is_found(parts):
    text = "".join(parts)
    found = find_all([text])[0]
    assert worth_a_look(pa.array([text]))[0] or not found
    identifiers = [finding for finding in found if finding.type in STRUCTURED]
    assert worth_a_look(pa.array([text]), names=False)[0] or not identifiers, identifiers


@settings(max_examples=100, deadline=None)
@example(["１３８"] * 3)
@given(PIECES)
def test_the_filter_of_english_stops_nothing_either(parts):
    text = "".join(parts)
    found = find_all([text], language="en")[0]
    assert worth_a_look(pa.array([text]), language="en")[0] or not found
    structured = [finding for finding in found if finding.type in IDENTIFIERS]
    assert worth_a_look(pa.array([text]), names=False, language="en")[0] or not structured, structured


def test_the_filter_stops_labels_measures_and_words():
    values = pa.array(["12.5", "male", "", None, "C50.9", "II", "carcinoma in situ", "-3", "7,5 mm"])
    assert worth_a_look(values).tolist() == [False] * 9
    assert worth_a_look(pa.array([], pa.string())).tolist() == []
    plain = pa.array(["道路两侧绿化带需要修剪", "请尽快处理，谢谢！"])
    assert worth_a_look(plain).tolist() == [True, True]
    assert worth_a_look(plain, names=False).tolist() == [False, False]


@given(
    st.lists(st.tuples(st.integers(0, 30), st.integers(1, 5))),
    st.lists(st.tuples(st.integers(0, 30), st.integers(1, 5))),
)
def test_outside_leaves_what_touches_nothing(one, other):
    made = [[Finding(start, start + size, "A", 1.0) for start, size in spans] for spans in (one, other)]
    kept = [f for f in made[0] if not any(o.start < f.end and f.start < o.end for o in made[1])]
    assert outside(*made) == kept


@pytest.mark.parametrize("type_", [pa.string(), pa.large_string()])
def test_empty_values_at_the_end_are_no_trouble(type_):
    assert worth_a_look(pa.array(["张", "", "9" * 9, "", ""], type_)).tolist() == [True, False, True, False, False]
    assert pc.sum(pa.array(worth_a_look(pa.array(["", ""], type_)))).as_py() == 0
