"""What a worker can see and do from inside, asked through DuckDB with its own lock-down off."""

import socket
from pathlib import Path

import pytest

from market.query.errors import QueryError, QueryFailed
from market.query.workers import bwrap
from market.query.workers.layers import ALL_LAYERS, Layer
from market.query.workers.pool import WorkerPool
from market.query.workers.selftest import examine
from tests.unit.market.query.world import ask

UNLOCKED = ALL_LAYERS - {Layer.ENGINE, Layer.LEAVES}
WAYS = [
    pytest.param("fork", UNLOCKED, id="namespaces and landlock"),
    pytest.param("fork", UNLOCKED - {Layer.LANDLOCK, Layer.SECCOMP}, id="namespaces alone"),
    pytest.param("fork", UNLOCKED - {Layer.NAMESPACES}, id="landlock and seccomp alone"),
    pytest.param(
        "bubblewrap",
        UNLOCKED,
        id="bubblewrap",
        marks=pytest.mark.skipif(
            not bwrap.present(), reason="needs the system package bubblewrap: the fallback sandbox"
        ),
    ),
]


@pytest.mark.parametrize(("sandbox", "layers"), WAYS)
def test_only_the_files_of_the_set_can_be_read_and_nothing_written(
    sandbox: str, layers: frozenset[Layer], files: dict[str, tuple[Path, ...]], tmp_path: Path
) -> None:
    decoy, out = tmp_path / "decoy.txt", tmp_path / "out.csv"
    decoy.write_text("CANARY-FILE")
    pool = WorkerPool(workers=1, layers=layers, sandbox=sandbox)  # type: ignore[arg-type]  # a literal from the list
    try:
        assert ask(pool, files, "SELECT count(*) FROM registry").num_rows == 1
        for sql in (
            f"FROM read_text('{decoy}')",
            "FROM read_text('/etc/hostname')",
            f"COPY (SELECT 1) TO '{decoy}'",
            f"COPY (SELECT 1) TO '{out}'",
            "COPY (SELECT 1) TO '/data/0.parquet'",
        ):
            assert _rows(pool, files, sql) == 0, sql
    finally:
        pool.close()
    assert decoy.read_text() == "CANARY-FILE"
    assert not out.exists()


@pytest.mark.parametrize(("sandbox", "layers"), WAYS)
def test_no_packet_leaves(sandbox: str, layers: frozenset[Layer], files: dict[str, tuple[Path, ...]]) -> None:
    with socket.socket() as tcp, socket.socket(type=socket.SOCK_DGRAM) as udp:
        for listener in (tcp, udp):
            listener.bind(("127.0.0.1", 0))
        tcp.listen()
        pool = WorkerPool(workers=1, layers=layers, sandbox=sandbox)  # type: ignore[arg-type]  # a literal from the list
        try:
            probe = pool.probe(files, tcp=tcp.getsockname()[1], udp=udp.getsockname()[1])
        finally:
            pool.close()
    assert not probe.tcp
    assert not probe.udp


def test_the_probes_reach_out_when_nothing_holds_them(files: dict[str, tuple[Path, ...]], tmp_path: Path) -> None:
    """The positive control: without layers the same probes succeed, so their failure above means something."""
    decoy = tmp_path / "decoy.txt"
    decoy.write_text("CANARY-FILE")
    with socket.socket() as tcp, socket.socket(type=socket.SOCK_DGRAM) as udp:
        for listener in (tcp, udp):
            listener.bind(("127.0.0.1", 0))
        tcp.listen()
        pool = WorkerPool(workers=1, layers=frozenset(), allow_unsandboxed=True)
        try:
            probe = pool.probe(files, tcp=tcp.getsockname()[1], udp=udp.getsockname()[1])
            read = ask(pool, files, f"SELECT content FROM read_text('{decoy}')")
        finally:
            pool.close()
    assert probe.tcp
    assert probe.udp
    assert read["content"].to_pylist() == ["CANARY-FILE"]


def test_a_worker_does_not_know_where_its_files_came_from(pool: WorkerPool, files: dict[str, tuple[Path, ...]]) -> None:
    with pytest.raises(QueryFailed) as failed:
        ask(pool, files, "SELECT no_such_column FROM registry")
    assert str(files["registry"][0].parent) not in (failed.value.detail or "")


def test_the_self_test_finds_a_sandbox_that_holds() -> None:
    found = {layer.name: layer for layer in examine()}
    assert found["sandbox"].present, found
    assert all(found[name].present for name in found if name.startswith("self-test"))


def _rows(pool: WorkerPool, files: dict[str, tuple[Path, ...]], sql: str) -> int:
    """Rows of *sql*; an error is none. Reading a file that is not there is, to DuckDB, no row and no error."""
    try:
        return ask(pool, files, sql).num_rows
    except QueryError:
        return 0
