"""Servers of tables that people use today, in an environment of their own: pinned, on the loopback address."""

import json
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa

PINNED = ("roapi==0.12.7", "datasette==0.65.5", "datasette-parquet==0.6.1", "duckdb==2.0.1")
READY_S = 60
ARROW = "application/vnd.apache.arrow.stream"

Ask = Callable[[str], int]
"""Sends a statement, reads the whole answer, and gives its rows."""


class NoPeers(Exception):
    """The peers cannot be installed here."""


def environment(folder: Path) -> Path:
    """Install the peers, once, into a virtual environment in *folder*; gives its programs.

    Raises:
        NoPeers: the package index cannot be reached, or has them no more.
    """
    programs = folder / "peers" / "bin"
    if not (programs / "roapi").exists():
        subprocess.run([sys.executable, "-m", "venv", folder / "peers"], check=True)
        install = [programs / "python", "-m", "pip", "install", "--quiet", "--only-binary", ":all:", *PINNED]
        done = subprocess.run(install, capture_output=True, text=True, check=False)
        if done.returncode:
            raise NoPeers(done.stderr.strip().splitlines()[-1])
    return programs


@contextmanager
def roapi(programs: Path, path: Path, folder: Path) -> Iterator[Ask]:
    """Serve the Parquet file at *path* as the table `registry` by roapi (DataFusion); it answers in Arrow."""
    port = _free_port()
    table = f"registry={path},format=parquet"
    with _serving([programs / "roapi", "--addr-http", f"127.0.0.1:{port}", "--table", table], port, folder / "roapi"):

        def ask(sql: str) -> int:
            request = urllib.request.Request(f"http://127.0.0.1:{port}/api/sql", sql.encode(), {"Accept": ARROW})
            with urllib.request.urlopen(request, timeout=60) as response:
                return int(pa.ipc.open_stream(response).read_all().num_rows)

        yield ask


@contextmanager
def datasette(programs: Path, path: Path, folder: Path) -> Iterator[Ask]:
    """Serve it by Datasette with its plugin for Parquet (DuckDB), which answers in JSON."""
    port, tables = _free_port(), folder / "tables"
    tables.mkdir()
    (tables / "registry.parquet").symlink_to(path)
    told = folder / "datasette.json"
    told.write_text(json.dumps({"plugins": {"datasette-parquet": {"city": {"directory": str(tables)}}}}))
    limits = ["--setting", "sql_time_limit_ms", "60000", "--setting", "max_returned_rows", "100000"]
    words = [programs / "datasette", "serve", "--metadata", told, "-h", "127.0.0.1", "-p", str(port), *limits]
    with _serving(words, port, folder / "datasette"):

        def ask(sql: str) -> int:
            asked = urllib.parse.urlencode({"sql": sql, "_shape": "array"})
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/city.json?{asked}", timeout=60) as response:
                return len(json.load(response))

        yield ask


@contextmanager
def _serving(words: list[str | Path], port: int, log: Path) -> Iterator[None]:
    """Run a server until the block ends; begin when it answers."""
    with log.open("wb") as out:
        process = subprocess.Popen(list(map(str, words)), stdout=out, stderr=out, stdin=subprocess.DEVNULL)
    try:
        end = time.monotonic() + READY_S
        while not _answers(port):
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < end, log.read_text()
            time.sleep(0.1)
        yield
    finally:
        process.terminate()
        process.wait()


def _answers(port: int) -> bool:
    try:
        urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=10).close()
    except urllib.error.HTTPError:
        return True  # whatever it says, it is there
    except OSError:
        return False
    return True


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
