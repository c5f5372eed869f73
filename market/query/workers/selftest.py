"""What sandbox this system offers, and whether it holds: tried through DuckDB itself, with its own lock-down off.

`sluice doctor` prints the findings. A layer that is present but lets a probe through counts as absent.
"""

import os
import socket
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq

from market.query.errors import QueryError
from market.query.workers import bwrap, kernel
from market.query.workers import layers as model
from market.query.workers.pool import WorkerPool

_UNLOCKED: Final = model.ALL_LAYERS - {model.Layer.ENGINE, model.Layer.LEAVES}
_CONTENT: Final = "another licence's value"


@dataclass(frozen=True, slots=True)
class Layer:
    """One finding: a layer, whether it is there and holds, and how we know."""

    name: str
    present: bool
    detail: str


def examine() -> list[Layer]:
    """Look at what the kernel offers, then try to break out of a real worker. Takes about a second."""
    abi = kernel.landlock_abi()
    program = bwrap.present()
    found = [
        Layer("landlock", abi > 0, f"ABI {abi}" if abi else "not in this kernel"),
        Layer("seccomp", kernel.seccomp_known(), "filter known" if kernel.seccomp_known() else "unknown machine"),
        Layer(
            "bubblewrap", program is not None, "installed" if program else "not installed; needed only as a fallback"
        ),
    ]
    with tempfile.TemporaryDirectory() as folder, _listeners() as (tcp, udp):
        return found + _try_all(Path(folder), tcp, udp)


def _try_all(folder: Path, tcp: int, udp: int) -> list[Layer]:
    ours, theirs, decoy = folder / "ours.parquet", folder / "theirs.parquet", folder / "decoy.txt"
    pq.write_table(pa.table({"value": [1, 2, 3]}), ours)
    pq.write_table(pa.table({"value": [_CONTENT] * 4096}), theirs, row_group_size=512)
    decoy.write_text("untouched", encoding="utf-8")
    files = {"ours": (ours,)}
    try:
        pool = WorkerPool(workers=1, allow_unsandboxed=True, layers=_UNLOCKED)
    except OSError as error:
        return [Layer("self-test", False, f"no worker could be started: {error.strerror}")]
    try:
        probe = pool.probe(files, tcp=tcp, udp=udp)
        wrote = _run(pool, files, f"COPY (SELECT 'overwritten') TO '{decoy}'")
        read = _run(pool, files, f"FROM read_parquet('{theirs}') ORDER BY value LIMIT 3")
        fetched = _run(pool, files, f"FROM read_csv('http://127.0.0.1:{tcp}/x.csv')")
    except QueryError as error:
        return [Layer("self-test", False, f"no worker could be started: {error.code}")]
    finally:
        pool.close()
    untouched = decoy.read_text(encoding="utf-8") == "untouched" and not wrote
    held = model.Layer.NAMESPACES in probe.layers
    return [
        Layer("namespaces", held, "a worker sees only its own files" if held else "not allowed here"),
        Layer("rlimits", model.Layer.RLIMITS in probe.layers, "memory, files and core dumps are limited"),
        Layer("self-test: write", untouched, "COPY over a decoy fails" if untouched else "COPY wrote a file"),
        Layer("self-test: read", not read, "another set's file fails" if not read else "another set's file was read"),
        Layer("self-test: tcp", not (probe.tcp or fetched), "no TCP" if not probe.tcp else "TCP goes out"),
        Layer("self-test: udp", not probe.udp, "no UDP" if not probe.udp else "UDP goes out"),
        Layer("sandbox", model.confined(probe.layers) and untouched and not read, ", ".join(sorted(probe.layers))),
    ]


def _run(pool: WorkerPool, files: Mapping[str, tuple[Path, ...]], sql: str) -> bool:
    """Say whether the statement reached its end."""
    try:
        with pool.run(files, sql, max_rows=10, timeout_s=5) as result:
            for _ in result:
                pass
    except QueryError:
        return False
    return True


@contextmanager
def _listeners() -> Iterator[tuple[int, int]]:
    with (
        socket.socket(socket.AF_INET, socket.SOCK_STREAM) as tcp,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp,
    ):
        for listener in (tcp, udp):
            listener.bind(("127.0.0.1", 0))
        tcp.listen(os.cpu_count() or 1)
        yield tcp.getsockname()[1], udp.getsockname()[1]
