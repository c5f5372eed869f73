"""Texts come out of every form as they went in, some at a time, and go back in the same form."""

import io
import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anonymize.errors import SourceError
from anonymize.texts import lines, searching
from anonymize.texts.forms import open_texts
from anonymize.texts.searching import search, together
from anonymize.texts.writing import appearing
from anonymize.workplace import TargetError

PIPE = io.BytesIO()


def copied(source, columns):
    """Write *source* again with nothing changed."""
    out = io.BytesIO()
    for batch in source.batches(columns):
        source.write(out, batch, {name: batch.column(name) for name in source.columns if name in columns})
    source.end(out)
    return out.getvalue()


@given(
    st.lists(st.text(st.characters(exclude_characters="\n", exclude_categories=["Cs"]), max_size=9), max_size=9),
    st.booleans(),
)
def test_a_plain_text_is_given_back_to_the_byte(texts, ended):
    raw = "\n".join([*texts, ""] if ended else texts).encode()
    for again in (False, True):
        with open_texts(None, io.BytesIO(raw), form="text", again=again) as source:
            assert copied(source, source.columns) == raw
            if again:
                assert copied(source, source.columns) == raw


IDS = st.one_of(st.none(), st.integers(), st.text(max_size=5), st.lists(st.integers(), max_size=2))


@given(st.lists(st.tuples(IDS, st.text(max_size=9)), min_size=1, max_size=6))
def test_json_lines_keep_ids_of_any_kind(rows):
    raw = "".join(json.dumps({"id": one, "text": text}) + "\n" for one, text in rows).encode()
    with open_texts(None, io.BytesIO(raw), again=True) as source:
        out = copied(source, ("text", "id"))
    found = [json.loads(line) for line in out.split(b"\n") if line]
    assert [line["id"] for line in found] == [json.loads(json.dumps(one)) for one, _ in rows]
    lone = dict.fromkeys(range(0xD800, 0xE000), "\ufffd")
    assert [line["text"] for line in found] == [text.translate(lone) for _, text in rows]


def test_the_first_line_of_a_pipe_tells_its_form():
    for raw, kind in ((b'{"id": 1, "text": ""}\n', lines.JsonLines), (b"{no\n", lines.Lines), (b"", lines.Lines)):
        with open_texts(None, io.BytesIO(raw)) as source:
            assert type(source) is kind


def test_batches_are_bounded_by_rows_and_by_bytes(monkeypatch):
    monkeypatch.setattr(lines, "BATCH_ROWS", 3)
    monkeypatch.setattr(lines, "BATCH_BYTES", 50)
    raw = b"a\n" * 7 + b"b" * 60 + b"\nc\n"
    with open_texts(None, io.BytesIO(raw)) as source:
        batches = list(source.batches(["text"]))
    assert [batch.num_rows for batch in batches] == [3, 3, 2, 1]
    monkeypatch.setattr(searching, "TOGETHER_BYTES", 1)
    assert [table.num_rows for table in together(iter(batches))] == [3, 3, 2, 1]
    monkeypatch.setattr(searching, "TOGETHER_BYTES", 1 << 30)
    assert [table.num_rows for table in together(iter(batches), 6)] == [6, 3]


def test_a_parquet_without_rows_or_texts_is_one_again(tmp_path):
    path = tmp_path / "a.parquet"
    for table in (pa.table({"n": pa.array([], pa.int8()), "t": pa.array([], pa.string())}), pa.table({"n": [1, 2]})):
        pq.write_table(table, path)
        with open_texts(path, PIPE) as source:
            raw = copied(source, source.columns)
        assert pq.read_table(io.BytesIO(raw)).equals(table)
    with open_texts(path, PIPE) as source, pytest.raises(SourceError, match="It has no column of texts"):
        list(source.batches(["n"]))


def test_a_damaged_parquet_is_said_to_be_one(tmp_path):
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"t": [f"{number}" * 50 for number in range(2000)]}), path)
    raw = bytearray(path.read_bytes())
    raw[200:900] = b"\xff" * 700
    path.write_bytes(raw)
    with open_texts(path, PIPE) as source, pytest.raises(SourceError, match="cannot be read as Parquet"):
        list(source.batches(["t"]))


def test_what_a_plan_reads_is_searched_and_not_written(tmp_path):
    for name in ("a.csv", "b.csv"):
        (tmp_path / name).write_text("id,note\n1,无\n2,张伟民来电\n", "utf-8")
    with open_texts(tmp_path, PIPE) as source:
        assert source.columns == ("id", "note")
        found = list(search(source, ["note", "id"], language="zh", recall="balanced", processes=1))
        assert [(one.row, one.column, one.findings[0].type) for one in found] == [
            (2, "note", "PERSON"),
            (4, "note", "PERSON"),
        ]
        with pytest.raises(SourceError, match="is not written again"):
            copied(source, ["note"])


def test_a_file_appears_whole_or_not_at_all(tmp_path):
    target = tmp_path / "out"
    with pytest.raises(KeyboardInterrupt), appearing(target) as file:
        _stopped(file)
    assert list(tmp_path.iterdir()) == []
    with appearing(target) as file:
        file.write(b"whole")
        assert not target.exists()
    assert target.read_bytes() == b"whole"
    with pytest.raises(TargetError, match="is there already"), appearing(target):
        pass
    other = tmp_path / "other"
    with pytest.raises(TargetError, match="is there already"), appearing(other) as file:
        other.write_bytes(b"somebody else's")
    assert other.read_bytes() == b"somebody else's"


def _stopped(file):
    file.write(b"half")
    raise KeyboardInterrupt
