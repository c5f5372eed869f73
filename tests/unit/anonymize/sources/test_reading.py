"""A source is read in a child: text comes out, or a named refusal, and no child stays."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pyarrow as pa
import pytest

from anonymize.errors import SourceError
from anonymize.sources import columns_of, open_source, sha256_of
from anonymize.vault import seal
from policies.source import Source
from tests.unit.anonymize.sources.files import read

ROWS = "".join(f"{n},值{n}\n" for n in range(200_000))


def children() -> set[int]:
    found = set()
    for entry in Path("/proc").iterdir():
        try:
            if (
                entry.name.isdecimal()
                and int((entry / "stat").read_text().rpartition(")")[2].split()[1]) == os.getpid()
            ):
                found.add(int(entry.name))
        except OSError:
            continue
    return found


@pytest.fixture
def path(tmp_path) -> Path:
    target = tmp_path / "source.csv"
    target.write_text("n,名\n" + ROWS, encoding="utf-8")
    return target


def test_rows_columns_and_hash_are_told_and_all_is_text(path):
    before = children()
    with open_source(path, Source()) as reading:
        assert reading.columns == columns_of(path, Source()) == ("n", "名")
        assert (reading.rows, reading.sha256) == (0, "")
        batches = list(reading)
    assert (reading.rows, reading.sha256) == (200_000, sha256_of(path))
    table = pa.Table.from_batches(batches)
    assert table["名"].to_pylist() == [f"值{n}" for n in range(200_000)]
    assert children() == before


def test_a_reading_given_up_leaves_no_child(path):
    before = children()
    with open_source(path, Source()) as reading:
        next(iter(reading))
        assert children() - before
    assert children() == before
    open_source(path, Source())  # dropped at once
    assert children() == before


def test_a_fault_ends_the_child(path):
    before = children()
    path.write_bytes(path.read_bytes() + b"1,2,3\n")
    with pytest.raises(SourceError, match=r"line 200002: the row has 3 columns"):
        read(path)
    assert children() == before


def test_a_child_that_dies_is_named_with_the_file_and_a_fix(path):
    before = children()
    with open_source(path, Source()) as reading:
        (child,) = children() - before
        os.kill(child, signal.SIGKILL)
        with pytest.raises(SourceError, match="status -9") as caught:
            list(reading)
    assert caught.value.place == str(path)
    assert "split it" in caught.value.fix
    assert children() == before


def test_a_child_that_needs_more_than_its_cap_is_refused(path):
    with pytest.raises(SourceError, match="MiB of memory"):
        read(path, memory_bytes=60 << 20)


def test_ctrl_c_ends_the_reading_and_its_child(path):
    program = (
        "import sys\nfrom pathlib import Path\nfrom anonymize.sources import open_source\n"
        "from policies.source import Source\n"
        "r = open_source(Path(sys.argv[1]), Source()); print(r._child._process.pid, flush=True)\n"
        "import time\nwith r:\n    for b in r: time.sleep(60)"
    )
    done = subprocess.Popen([sys.executable, "-c", program, str(path)], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert done.stdout is not None
    child = int(done.stdout.readline())
    time.sleep(0.5)
    done.send_signal(signal.SIGINT)
    assert b"KeyboardInterrupt" in done.communicate(timeout=20)[1]
    assert not Path(f"/proc/{child}").exists()


def test_the_child_dies_with_whoever_asked(path):
    program = (
        "import sys\nfrom pathlib import Path\nfrom anonymize.sources import open_source\n"
        "from policies.source import Source\n"
        "r = open_source(Path(sys.argv[1]), Source()); print(r._child._process.pid, flush=True)\n"
        "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"
    )
    done = subprocess.run([sys.executable, "-c", program, str(path)], capture_output=True, check=False)
    status = Path(f"/proc/{int(done.stdout)}")
    until = time.monotonic() + 10
    while status.exists() and ") Z" not in (status / "stat").read_text() and time.monotonic() < until:
        time.sleep(0.05)
    assert not status.exists() or ") Z" in (status / "stat").read_text()


def test_another_file_than_the_pinned_one_is_refused(path):
    assert read(path, Source(sha256=sha256_of(path).upper())).num_rows == 200_000
    with pytest.raises(SourceError, match="hash"):
        read(path, Source(sha256="0" * 64))


@pytest.mark.parametrize("restored", [False, True])
def test_a_source_that_changes_while_it_is_read_is_refused(path, restored):
    path.write_bytes(path.read_bytes() * 1 + ROWS.encode() * 20)  # more than the pipe and the blocks hold
    before = path.stat()
    with open_source(path, Source()) as reading:
        rows = iter(reading)
        next(rows)
        with path.open("r+b") as file:
            file.seek(-2, os.SEEK_END)
            file.write(b"X")
        if restored:
            os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
        with pytest.raises(SourceError, match="changed while it was read"):
            list(rows)
    assert reading.sha256 == ""


def test_progress_is_told_at_the_end(path):
    told: list[str] = []
    read(path, progress=told.append)
    assert told[-1] == "read 200,000 rows of 2 columns"


def test_what_is_not_there_or_no_file_is_refused(tmp_path):
    empty = tmp_path / "empty"
    empty.mkdir()
    for path in (tmp_path / "none.csv", empty, Path("/dev/null")):
        for ask in (lambda p: columns_of(p, Source()), sha256_of):
            with pytest.raises(SourceError) as caught:
                ask(path)
            assert caught.value.place == str(path)


def folder(tmp_path: Path, **files: str) -> Path:
    made = tmp_path / "folder"
    made.mkdir()
    for name, text in files.items():
        (made / f"{name}.csv").write_text(text)
    return made


def test_a_folder_is_one_stream_in_the_order_of_names(tmp_path):
    made = folder(tmp_path, b="a,b\n3,4\n", a="a,b\n1,2\n")
    (made / ".hidden").write_text("not this")
    with open_source(made, Source()) as reading:
        assert pa.Table.from_batches(list(reading)).to_pydict() == {"a": ["1", "3"], "b": ["2", "4"]}
    assert reading.sha256 == sha256_of(made)
    (made / "b.csv").rename(made / "0.csv")
    assert sha256_of(made) == reading.sha256


@pytest.mark.parametrize(("second", "found"), [("a,b,c\n1,2,3\n", "3 columns"), ("a,x\n1,2\n", "column 2 has another")])
def test_a_file_with_another_header_is_named(tmp_path, second, found):
    with pytest.raises(SourceError, match=found) as caught:
        read(folder(tmp_path, a="a,b\n1,2\n", b=second))
    assert caught.value.place.endswith("folder/b.csv")


def test_a_folder_in_a_folder_is_refused(tmp_path):
    made = folder(tmp_path, a="a\n1\n")
    (made / "inner").mkdir()
    with pytest.raises(SourceError, match="folder within"):
        read(made)


def test_a_sealed_source_is_read_through_the_vault(path, tmp_path):
    sealed = seal(path, tmp_path / "sealed", b"k" * 32)
    with open_source(tmp_path / "sealed", Source(), key=b"k" * 32) as reading:
        assert sum(batch.num_rows for batch in reading) == 200_000
    assert reading.sha256 == sealed.sha256 == sha256_of(path)
    with pytest.raises(SourceError, match="key is another"):
        read(tmp_path / "sealed", key=b"x" * 32)
