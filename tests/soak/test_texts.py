"""A column of ten million texts is searched, and written again, in the memory of some of its rows."""

import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

ROWS, DISTINCT, EVERY = 10_000_000, 12_000, 1_000
MEMORY_MB = 1_500
MEASURED = """
import resource, sys
from market.cli.main import sluice
sluice.main(sys.argv[1:], standalone_mode=False)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024, file=sys.stderr)
"""


def run(*words: str | Path) -> tuple[list[bytes], int]:
    """Run `sluice`; give the lines it printed, and the most memory it held, in MiB."""
    done = subprocess.run([sys.executable, "-c", MEASURED, *map(str, words)], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:].decode()
    return done.stdout.splitlines(), int(done.stderr.splitlines()[-1])


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_ten_million_rows_need_the_memory_of_some(tmp_path: Path) -> None:
    source, out = tmp_path / "source.parquet", tmp_path / "out.parquet"
    texts = [f"第{n}号路灯不亮，请派人检修，谢谢，这里每天晚上都很黑" for n in range(DISTINCT - 1)]
    texts.append("患者张伟民来电，电话13800138000")
    with pq.ParquetWriter(source, pa.schema([("n", pa.int64()), ("note", pa.string())])) as writer:
        for first in range(0, ROWS, 500_000):
            rows = range(first, first + 500_000)
            codes = pa.array([DISTINCT - 1 if n % EVERY == 0 else n % (DISTINCT - 1) for n in rows], pa.int32())
            notes = pa.DictionaryArray.from_arrays(codes, pa.array(texts)).cast(pa.string())
            writer.write_table(pa.table({"n": pa.array(rows, pa.int64()), "note": notes}))
    found, used_mb = run("detect", source, "--column", "note", "--language", "zh", "--types", "PERSON,PHONE", "--json")
    assert len(found) >= ROWS // EVERY
    assert used_mb < MEMORY_MB
    _, used_mb = run("scrub", source, "-o", out, "--column", "note", "--language", "zh", "--mode", "mask")
    assert used_mb < MEMORY_MB
    assert pq.ParquetFile(out).metadata.num_rows == ROWS
