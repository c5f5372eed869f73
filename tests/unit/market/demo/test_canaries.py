"""The search for canaries finds every one in the raw source, however it is packed, and nothing elsewhere."""

import csv
import gzip
import json
import sqlite3
import zipfile
from datetime import date

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from market.demo.canaries import Canary, Hit, search
from market.demo.sources.tumor import COLUMNS
from tests.unit.anonymize.sources.files import read

SAMPLE = [
    Canary("name", "㛃䶮"),
    Canary("date", "1903-05-07"),
    Canary("number", "138001380001"),
    Canary("address", "㵲阳巷"),
]


def numbers(hits: list[Hit]) -> set[int]:
    return {hit.number for hit in hits}


def test_sixty_and_more_unique_canaries_lie_in_every_identifying_column_and_the_notes(demo):
    assert len({canary.value for canary in demo.canaries}) == len(demo.canaries) >= 60
    assert {canary.kind for canary in demo.canaries} == {"name", "address", "date", "number"}
    table = read(demo.path)
    for name in ("patient_id", "name", "resident_id", "phone", "address", "birth_date", "note"):
        text = "\n".join(table[name].to_pylist())
        assert sum(canary.value in text for canary in demo.canaries) >= 6, name


def test_all_are_found_in_the_raw_source(demo):
    hits = search(demo.path.parent, demo.canaries)
    assert numbers(hits) == set(range(len(demo.canaries)))
    assert {hit.file for hit in hits} == {"raw.csv"}


@pytest.mark.parametrize("pack", ["gzip", "zip", "zstd", "parquet", "sqlite", "utf-16", "gb18030", "json", "arrow"])
def test_all_are_found_in_the_packed_source(demo, tmp_path, pack):
    raw, table = demo.path.read_bytes(), read(demo.path)
    target = tmp_path / "packed"
    match pack:
        case "gzip":
            target.write_bytes(gzip.compress(raw))
        case "zstd":
            target.write_bytes(pa.compress(raw, codec="zstd", asbytes=True))
        case "zip":
            with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
                archive.writestr("raw.csv", raw)
        case "parquet":
            pq.write_table(table, target, compression="zstd")
        case "arrow":
            with (
                pa.OSFile(str(target), "wb") as file,
                pa.ipc.new_file(file, table.schema, options=pa.ipc.IpcWriteOptions(compression="zstd")) as out,
            ):
                out.write_table(table)
        case "sqlite":
            connection = sqlite3.connect(target)
            connection.execute(f"CREATE TABLE raw ({', '.join(COLUMNS)})")
            with demo.path.open(encoding="utf-8", newline="") as file:
                lines = list(csv.reader(file))[1:]
            connection.executemany(f"INSERT INTO raw VALUES ({', '.join('?' * len(COLUMNS))})", lines)
            connection.commit()
            connection.close()
        case "json":
            target.write_text("\n".join(json.dumps(row) for row in table.to_pylist()), encoding="utf-8")
        case _:
            target.write_bytes(raw.decode().encode(pack))
    assert numbers(search(tmp_path, demo.canaries)) == set(range(len(demo.canaries)))


@pytest.mark.parametrize(
    "form", ["1903-05-07", "19030507", "1903年5月7日", "1903年05月07日", "1903/5/7", "１９０３年５月７日", "1903.05.07"]
)
def test_a_date_is_found_in_its_forms(tmp_path, form):
    (tmp_path / "log.txt").write_text(f"line {form}, end", encoding="utf-8")
    assert numbers(search(tmp_path, SAMPLE)) == {1}


@pytest.mark.parametrize(
    "form", ["138001380001", "138 0013 80001", "138-0013-80001", "１３８００１３８０００１", "x138001380001y"]
)
def test_a_number_is_found_in_its_forms(tmp_path, form):
    (tmp_path / "log.txt").write_text(f"line {form} end", encoding="utf-8")
    assert numbers(search(tmp_path, SAMPLE)) == {2}


def test_typed_columns_statistics_and_key_values_are_read(tmp_path):
    table = pa.table({"d": [date(1903, 5, 7), date(1990, 1, 1)], "n": [138001380001, 1]})
    pq.write_table(table.replace_schema_metadata({"who": "㛃䶮"}), tmp_path / "t.parquet")
    hits = search(tmp_path, SAMPLE)
    assert numbers(hits) == {0, 1, 2}
    assert {"parquet statistics", "parquet column", "parquet key-value"} <= {hit.where for hit in hits}


def test_a_deleted_row_and_the_write_ahead_log_are_searched(tmp_path):
    connection = sqlite3.connect(tmp_path / "home.db")
    connection.execute("PRAGMA secure_delete = OFF")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("CREATE TABLE t (a)")
    connection.execute("INSERT INTO t VALUES ('㛃䶮 lives')")
    connection.commit()
    assert {hit.file for hit in search(tmp_path, SAMPLE)} == {"home.db-wal"}
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.execute("DELETE FROM t")
    connection.commit()
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert {hit.file for hit in search(tmp_path, SAMPLE)} == {"home.db"}
    connection.close()


def test_file_and_folder_names_are_searched_but_not_repeated(tmp_path):
    (tmp_path / "㵲阳巷").mkdir()
    (tmp_path / "㵲阳巷" / "x.txt").write_text("nothing", encoding="utf-8")
    hits = search(tmp_path, SAMPLE)
    assert numbers(hits) == {3}
    assert "㵲" not in str(hits)


def test_escaped_text_and_packs_within_packs_are_opened(tmp_path):
    inner = gzip.compress(json.dumps({"a": "㛃䶮"}).encode())
    connection = sqlite3.connect(tmp_path / "home.db")
    connection.execute("CREATE TABLE t (a BLOB)")
    connection.execute("INSERT INTO t VALUES (?)", [inner])
    connection.commit()
    connection.close()
    assert numbers(search(tmp_path, SAMPLE)) == {0}


def test_nothing_is_found_where_nothing_is_and_broken_files_do_no_harm(tmp_path):
    (tmp_path / "a.txt").write_text("1903-05-08, 13800138000, 㛃 and far away 䶮", encoding="utf-8")
    (tmp_path / "b.gz").write_bytes(gzip.compress(b"x" * 99)[:20])
    (tmp_path / "c.parquet").write_bytes(b"PAR1 torn")
    (tmp_path / "d.db").write_bytes(b"SQLite format 3\0 torn")
    (tmp_path / "e.zip").write_bytes(b"PK\x03\x04 torn")
    assert search(tmp_path, SAMPLE) == []


def test_a_canary_does_not_print_its_value():
    assert "㛃" not in repr(SAMPLE[0])
