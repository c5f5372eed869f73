"""An audit counts what stands in the files, each distinct text once, and gives no text away."""

import json
import logging

import pyarrow as pa
import pyarrow.parquet as pq

from anonymize.residual import KnownBuilder, audit, texts_of

TEXTS = ["电话13800138000，张伟民", "无特殊", None, "电话13800138000，张伟民", "[PERSON]已复查"]


def test_each_distinct_text_of_all_files_is_looked_at_once(tmp_path):
    files = [tmp_path / f"part-{number}.parquet" for number in range(2)]
    for file in files:
        pq.write_table(pa.table({"备注": TEXTS, "n": range(5)}), file)
    builder = KnownBuilder()
    builder.add(["张伟民"])
    figures = audit(texts_of(files, "备注"), builder.done())
    distinct = {text for text in TEXTS if text}
    assert figures.texts == len(distinct)
    assert figures.characters == sum(map(len, distinct))
    assert figures.findings == {"MOBILE": 1, "PERSON": 1}
    assert figures.lengths == {"MOBILE": 11, "PERSON": 3}
    assert figures.per_million["MOBILE"] == 1_000_000 / figures.characters
    assert figures.known == {"KNOWN_NAME": 1}


def test_neither_figures_nor_progress_nor_logs_hold_a_text(caplog):
    told: list[str] = []
    with caplog.at_level(logging.DEBUG):
        figures = audit([[text for text in TEXTS if text]], progress=told.append)
    words = json.dumps([figures.to_dict(), told, caplog.text], ensure_ascii=False)
    assert told
    assert not any(part in words for part in ("张伟民", "13800138000", "特殊"))


def test_no_texts_give_no_rates():
    assert audit([]).to_dict()["per_million"] == {}


def test_a_token_is_nobodys_number():
    token = "[PERSON:" + "13800138000abcdef13912345678abcde"[:32] + "]"
    figures = audit([[f"{token}来电", "[PERSON:13800138000]来电"]])
    assert figures.findings == {"MOBILE": 1}
