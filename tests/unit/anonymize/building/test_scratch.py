"""Rows that do not fit into memory rest in files that tell nothing, and errors of the engine quote nothing."""

import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as arrow_csv
import pytest

from anonymize.building.scratch import Scratch, ScratchError
from tests.unit.anonymize.world import built, registry, signer

CANARY = "CANARY-OF-A-NAME"
PROJECT = Path(__file__).parents[4]
CHILD = """
import sys, time
from pathlib import Path
from tests.unit.anonymize.world import AT, columns, plan, signer
from anonymize.pipeline import build

def tell(line):
    if line.startswith("transforming"):
        print("here", flush=True)
        time.sleep(60)

folder = Path(sys.argv[1])
named = [*columns(), {"name": "remark", "role": "insensitive", "treatment": "keep"}]
limits = {"progress": tell, "memory_mb": 128}
build(plan(column=named), folder / "source.csv", folder / "out", signer=signer(folder), at=AT, **limits)
"""


def test_a_killed_build_leaves_no_text_of_the_source_in_clear_and_the_next_one_cleans_up(tmp_path):
    rows = 60_000
    rng = np.random.default_rng(5)
    remarks = pa.array([f"{CANARY} {rng.bytes(1200).hex()}" for _ in range(rows)])
    arrow_csv.write_csv(registry(rows).append_column("remark", remarks), tmp_path / "source.csv")
    signer(tmp_path)
    process = subprocess.Popen(
        [sys.executable, "-c", CHILD, str(tmp_path)], cwd=PROJECT, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "here\n"
    process.send_signal(signal.SIGKILL)
    process.communicate()
    (left,) = tmp_path.glob(".out.building-*")
    files = [path for path in left.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) > 10_000_000, "nothing was spilled: the test shows nothing"
    assert CANARY.encode() in (tmp_path / "source.csv").read_bytes()
    for path in files:
        assert CANARY.encode() not in path.read_bytes()
    assert left.stat().st_mode & 0o077 == 0
    built(tmp_path)
    assert not list(tmp_path.glob(".out.building-*"))


def test_errors_of_the_engine_quote_nothing(tmp_path):
    with Scratch(tmp_path / "s") as scratch, pytest.raises(ScratchError, match="the engine stopped") as caught:
        scratch.rows("SELECT 'SECRET'::INTEGER")
    assert "SECRET" not in f"{caught.value} {caught.value.__cause__}"
    assert caught.value.__suppress_context__


def test_too_little_memory_is_refused(tmp_path):
    with pytest.raises(ScratchError, match="too few"):
        Scratch(tmp_path / "s", 64)


def test_rows_larger_than_memory_are_held(tmp_path):
    sql = "CREATE TABLE t AS SELECT range AS n, repeat(md5(range::VARCHAR), 2) AS x FROM range(4000000)"
    with Scratch(tmp_path / "s", 128) as scratch:
        scratch.run(sql)
        assert scratch.one("SELECT count(DISTINCT n) FROM t") == 4_000_000


def test_an_error_of_the_stream_stays_what_it_is(tmp_path):
    def failing():
        yield pa.record_batch([pa.array([1])], names=["a"])
        raise KeyboardInterrupt

    with Scratch(tmp_path / "s") as scratch, pytest.raises(KeyboardInterrupt):
        scratch.fill("CREATE TABLE t AS FROM stream", pa.schema([("a", pa.int64())]), failing(), {})
