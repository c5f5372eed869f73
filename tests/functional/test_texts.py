"""`sluice detect` and `sluice scrub`: in pipes, on files, on a terminal, without a network.

Most are called within this process, so that the models are loaded once; those whose promise is one of the process,
in one of their own.
"""

import csv
import json
import os
import pty
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from anonymize.errors import AnonymizeError
from market.cli.main import sluice as group
from policies.errors import PolicyError
from tests.common.market_world import command

NAME, PHONE = "张伟民", "13800138000"
MESSAGE = f"患者{NAME}来电，电话{PHONE}，2021年3月4日"
PLAIN = "请尽快处理，谢谢！"


@dataclass
class Done:
    """How a command ended, and what it said."""

    returncode: int
    stdout: bytes
    stderr: bytes


def sluice(*words: str | Path, given: str | bytes = b"") -> Done:
    raw = given.encode() if isinstance(given, str) else given
    done = CliRunner().invoke(group, [str(word) for word in words], input=raw)
    said = done.stderr
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        assert isinstance(done.exception, AnonymizeError | PolicyError), repr(done.exception)
        said += str(done.exception)
    return Done(done.exit_code, done.stdout_bytes, said.encode())


def lines(done: Done) -> list[dict[str, Any]]:
    assert done.returncode == 0, done.stderr.decode()
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "messages.csv"
    rows = [["1", NAME, MESSAGE], ["2", "", PLAIN], ["3", NAME, f'张先生说"{NAME}", 又说, 再说']]
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([["id", "caller", "message"], *rows])
    return path


def test_json_lines_are_answered_one_for_one_with_offsets_of_characters() -> None:
    given = [{"id": 7, "text": f"😀{MESSAGE}"}, {"id": "b", "text": PLAIN}, {"id": None, "text": ""}]
    found = lines(sluice("detect", "--language", "zh", given="".join(f"{json.dumps(line)}\n" for line in given)))
    assert [line["id"] for line in found] == [7, "b", None]
    spans = {f["type"]: given[0]["text"][f["start"] : f["end"]] for f in found[0]["findings"]}  # type: ignore[index]
    assert spans == {"PERSON": NAME, "PHONE": PHONE, "DATE": "2021年3月4日"}
    assert all(0 < f["score"] <= 1 for f in found[0]["findings"])
    assert [line["findings"] for line in found[1:]] == [[], []]


@pytest.mark.parametrize("mode", ["mask", "surrogate", "token"])
def test_json_lines_are_written_again_in_each_mode(mode: str) -> None:
    given = "".join(json.dumps({"id": n, "text": MESSAGE, "more": NAME}) + "\n" for n in range(3))
    done = lines(sluice("scrub", "--language", "zh", "--mode", mode, given=given))
    assert [set(line) for line in done] == [{"id", "text"}] * 3
    assert len({line["text"] for line in done}) == 1
    assert not any(part in str(done) for part in (NAME, PHONE, "3月4日"))
    if mode == "mask":
        assert len(done[0]["text"]) == len(MESSAGE)


def test_findings_are_told_by_place_and_never_shown_in_a_pipe(table: Path) -> None:
    done = sluice("detect", table, "--column", "message", "--language", "zh", "--fail")
    assert done.returncode == 1
    told = done.stdout.decode().splitlines()
    assert told[0].startswith("row 1, column message, 2-5: PERSON ")
    assert {line.split(",")[0] for line in told} == {"row 1", "row 3"}
    assert b"found: 1 DATE" in done.stderr
    assert NAME.encode() not in done.stdout + done.stderr
    refused = sluice("detect", table, "--show")
    assert refused.returncode == 2
    assert NAME.encode() not in refused.stdout + refused.stderr
    json_lines = lines(sluice("detect", table, "--column", "message", "--types", "PHONE", "--json"))
    assert json_lines == [
        {"row": 1, "column": "message", "findings": [{"start": 10, "end": 21, "type": "PHONE", "score": 0.9}]}
    ]
    assert sluice("detect", "--fail", "--language", "zh", given=PLAIN).returncode == 0


def test_on_a_terminal_what_was_found_can_be_shown(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(f"第一行\n{NAME}来电\u001b[2J\n", "utf-8")
    outer, inner = pty.openpty()
    words = command("detect", tmp_path / "a.txt", "--language", "zh", "--show")
    done = subprocess.run(words, stdin=inner, stdout=inner, stderr=subprocess.PIPE, check=False, timeout=120)
    os.close(inner)
    shown = os.read(outer, 4096).decode()
    os.close(outer)
    assert done.returncode == 0
    assert shown.startswith("line 2, 0-3: PERSON ")
    assert NAME in shown
    assert "\u001b" not in shown


def test_a_csv_keeps_its_form_and_loses_the_person_of_each_row(table: Path, tmp_path: Path) -> None:
    out = tmp_path / "clean.csv"
    done = sluice(
        "scrub", table, "-o", out, "--column", "message", "--own", "caller=name", "--language", "zh", "--json"
    )
    (report,) = lines(done)
    assert report["rows"] == 3
    assert report["removed"] == {"DATE": 1, "PERSON": 3, "PHONE": 1}
    assert b"written as they are: id, caller" in done.stderr
    with out.open(newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file))
    assert rows[1:] == [
        ["1", NAME, "患者[PERSON]来电，电话[PHONE]，[DATE]"],
        ["2", "", PLAIN],
        ["3", NAME, '[PERSON]说"[PERSON]", 又说, 再说'],
    ]


def test_a_table_in_gb18030_with_semicolons_stays_one(tmp_path: Path) -> None:
    path, out = tmp_path / "a.csv", tmp_path / "b.csv"
    path.write_bytes(
        "".join(f"{n};{MESSAGE}\n" for n in ("id", 1, 2)).replace(f"id;{MESSAGE}", "id;note").encode("gb18030")
    )
    done = sluice("scrub", path, "-o", out, "--column", "note", "--mode", "mask", "--encoding", "gb18030")
    assert done.returncode == 0, done.stderr.decode()
    first, *rest = out.read_bytes().decode("gb18030").splitlines()
    assert first == "id;note"
    assert [row.partition(";")[0] for row in rest] == ["1", "2"]
    assert NAME not in "".join(rest)


def test_parquet_keeps_the_types_of_its_other_columns_and_nothing_of_its_metadata(tmp_path: Path) -> None:
    path, out = tmp_path / "a.parquet", tmp_path / "b.parquet"
    table = pa.table({"n": pa.array([1, 2], pa.int16()), "note": pa.array([MESSAGE, None]).dictionary_encode()})
    pq.write_table(table.replace_schema_metadata({"who": NAME}), path)
    done = sluice("scrub", path, "-o", out, "--column", "note", "--language", "zh")
    assert done.returncode == 0, done.stderr.decode()
    written = pq.read_table(out)
    assert written.schema.field("n").type == pa.int16()
    assert written.column("note").to_pylist() == ["患者[PERSON]来电，电话[PHONE]，[DATE]", None]
    assert NAME.encode() not in out.read_bytes()


def test_one_key_gives_the_same_person_to_the_same_subject_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    given = [{"id": n, "who": who, "text": f"{NAME}于2021年3月4日来电"} for n, who in enumerate("aab")]
    path.write_text("".join(f"{json.dumps(line)}\n" for line in given), "utf-8")
    words = ("--subject", "who", "--operator", "PERSON=surrogate", "--operator", "DATE=shift", "--language", "zh")
    runs = [lines(sluice("scrub", path, "--key", tmp_path / "key", *words)) for _ in range(2)]
    assert runs[0] == runs[1]
    first, second, other = (line["text"] for line in runs[0])
    assert first == second != other
    assert "年" in first
    assert "2021年3月4日" not in str(runs)
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600
    assert lines(sluice("scrub", path, *words)) != runs[0]


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("scrub", "TABLE", "-o", "x.csv"), 2, "--column NAME"),
        (("scrub", "TABLE", "--column", "message"), 2, "-o FILE"),
        (("scrub", "TABLE", "-o", "x.csv", "--column", "nothing"), 1, "Texts are in: id, caller, message"),
        (("scrub", "TABLE", "-o", "TABLE", "--column", "message"), 1, "is there already"),
        (("scrub", "TABLE", "-o", "none/x.csv", "--column", "message"), 1, "Make the folder first"),
        (("scrub", "-", "--operator", "PERSON"), 2, "TYPE=KIND"),
        (("scrub", "-", "--operator", "PERSON=shift"), 2, "for DATE alone"),
        (("scrub", "-", "--operator", "PERSON=hide"), 2, "surrogate"),
        (("scrub", "-", "--operator", "SHOE=mask"), 1, "nothing finds SHOE"),
        (("scrub", "-", "--operator", "DATE=shift"), 2, "--subject COLUMN"),
        (("scrub", "-", "--own", "caller"), 2, "COLUMN=KIND"),
        (("scrub", "-", "--own", "caller=name"), 1, "no column 'caller'"),
        (("scrub", "-", "--json"), 2, "-o"),
        (("detect", "-", "--types", "SHOE"), 2, "there are: ADDRESS"),
        (("detect", "-", "--types", ","), 2, "no type is named"),
        (("detect", "-", "--format", "csv"), 1, "by its name"),
        (("detect", "TABLE", "--format", "parquet"), 1, "as Parquet"),
        (("detect", "TABLE", "--format", "jsonl"), 1, "line 1"),
    ],
)
def test_what_cannot_be_done_is_refused_in_words_without_the_text(
    words: tuple[str, ...], code: int, said: str, table: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    before = table.read_bytes()
    placed = [str(table) if word == "TABLE" else word for word in words]
    done = sluice(*placed, given=MESSAGE)
    assert done.returncode == code, done.stderr.decode()
    assert said in done.stderr.decode()
    assert NAME.encode() not in done.stderr
    assert table.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == [table.name]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (b'{"id": 1, "text": "x"}\n{"id": 2}\n', "line 2"),
        (b'{"id": 1, "text": "x"}\nno json\n', "line 2"),
        (b'{"id": 1, "text": 7}\n', "line 1"),
        (b"fine\n\xff\xfe\n", "line 2"),
        (b'{"id": 1, "text": "x"}\n' + b"[" * 100_000 + b"\n", "line 2"),
    ],
)
def test_a_bad_line_is_named_by_its_number(given: bytes, said: str) -> None:
    for words in (("detect",), ("scrub", "--mode", "surrogate")):
        done = sluice(*words, given=given)
        assert done.returncode == 1
        assert said in done.stderr.decode()


def test_json_lines_may_begin_with_a_byte_order_mark_and_hold_blank_lines() -> None:
    given = '\ufeff{"id": 1, "text": "x"}\r\n\r\n{"id": "\\ud800", "text": "y"}\n\n'
    for words in (("detect",), ("scrub",)):
        done = sluice(*words, given=given)
        assert done.stdout.splitlines()[1].startswith(b'{"id": "\\ud800"')
        assert [line["id"] for line in lines(done)] == [1, "\ud800"]


def test_what_nests_too_deep_is_refused_as_a_line_of_json() -> None:
    done = sluice("detect", given='{"id": ' + "[" * 100_000 + "]" * 100_000 + ', "text": "x"}\n')
    assert done.returncode == 1
    assert b"line 1" in done.stderr


def test_a_closed_standard_output_is_told_in_words() -> None:
    words = [*command("scrub"), "-"]
    shut = "import os, sys; os.close(1); os.execv(sys.argv[1], sys.argv[1:])"
    done = subprocess.run(
        [sys.executable, "-c", shut, *words], input=MESSAGE.encode(), capture_output=True, check=False, timeout=120
    )
    assert done.returncode == 2
    assert b"standard output is closed" in done.stderr


@pytest.mark.parametrize(
    "text",
    ["", "\u0000a\u0000", "\u202e张伟民\u202c", "\ud800张伟民", "<b>张伟民</b>", "ｗｗｗ　１２３", "a" * 300_000],
)
def test_any_unicode_comes_through(text: str) -> None:
    given = json.dumps({"id": 1, "text": text})
    (found,) = lines(sluice("detect", "--language", "zh", given=given))
    assert all(0 <= f["start"] < f["end"] <= len(text) for f in found["findings"])
    (done,) = lines(sluice("scrub", "--language", "zh", given=given))
    assert "张伟民" not in done["text"]


def test_plain_texts_keep_their_lines_and_how_they_end(tmp_path: Path) -> None:
    text = f"{PLAIN}\r\n{NAME}来电\n\n末行"
    done = sluice("scrub", "--language", "zh", given=text)
    assert done.stdout.decode() == text.replace(NAME, "[PERSON]")
    path = tmp_path / "a.txt"
    path.write_bytes(text.encode("gb18030"))
    again = sluice("scrub", path, "--encoding", "gb18030", "--language", "zh")
    assert again.stdout.decode("gb18030") == text.replace(NAME, "[PERSON]")


ALONE = """
import socket, sys
def refuse(*_, **__):
    raise AssertionError("the network was tried")
socket.socket.connect = socket.socket.connect_ex = socket.getaddrinfo = refuse
from market.cli.main import sluice
for words in (["detect", {path!r}, "--column", "message"],
              ["scrub", {path!r}, "-o", {out!r}, "--column", "message", "--mode", "surrogate"]):
    sluice.main(words, standalone_mode=False)
heavy = {{"flask", "sqlmodel", "sqlalchemy"}} & set(sys.modules)
assert not heavy, heavy
"""


def test_neither_command_tries_the_network_nor_imports_flask_or_sqlmodel(table: Path, tmp_path: Path) -> None:
    code = ALONE.format(path=str(table), out=str(tmp_path / "out.csv"))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out.csv").exists()


def test_stopped_in_the_middle_nothing_is_left(tmp_path: Path) -> None:
    path, out = tmp_path / "many.txt", tmp_path / "out.txt"
    path.write_text("".join(f"{number}号患者{NAME}，来电{number}次\n" for number in range(400_000)), "utf-8")
    process = subprocess.Popen(
        command("scrub", path, "-o", out, "--language", "zh"), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    until = time.monotonic() + 60
    while not list(tmp_path.glob(".out.txt.*")) and time.monotonic() < until:
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=120)
    assert process.returncode == 130, said.decode()
    assert "Nothing half-done was kept" in said.decode()
    assert NAME not in said.decode()
    assert [found.name for found in tmp_path.iterdir()] == ["many.txt"]
