"""A worker: one engine over one set of files, locked before the first question, answering them one at a time."""

import contextlib
import json
import os
import queue
import socket
import threading
import time
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import Any, Final

import duckdb
import pyarrow as pa

from market.query.errors import Code
from market.query.statements import parameters as values
from market.query.statements.lineage import leaves, only_values, quoted
from market.query.statements.parameters import NONE, Parameters, for_engine
from market.query.workers import wire
from market.query.workers.binding import Shadows
from market.query.workers.layers import Layer, Limits
from market.query.workers.wire import Kind

BATCH_ROWS: Final = 122_880
MESSAGE_BYTES: Final = 16_000_000
AHEAD_MB: Final = 32
"""How far the engine may work ahead while a batch is on its way."""
_REMEMBERED: Final = 512
#: Operators that change something; none belongs in the plan of a SELECT, not even under a WITH.
_WRITERS: Final = (
    *("INSERT", "DELETE", "UPDATE", "MERGE", "COPY", "BATCH_", "CREATE", "DROP", "ALTER", "ATTACH", "DETACH"),
    *("EXPORT", "LOAD", "SET", "RESET", "PRAGMA", "VACUUM", "TRANSACTION"),
)
_WARM_UP: Final = "SELECT count(*), sum(range)::VARCHAR, json('{}') FROM range(10)"


class Refused(Exception):
    """The leaf check does not like the plan."""


class Engine:
    """DuckDB, locked in the order of the design: views, paths, spill, access, limits, deadline, lock."""

    def __init__(self, tables: Mapping[str, Sequence[str]], limits: Limits, layers: frozenset[Layer]) -> None:
        self._layers = layers
        self._checked: OrderedDict[str, None] = OrderedDict()
        self.shadows = Shadows()
        self.connection = duckdb.connect(
            ":memory:",
            config={
                "autoload_known_extensions": "false",
                "autoinstall_known_extensions": "false",
                "allow_community_extensions": "false",
                "python_enable_replacements": "false",
                "threads": str(limits.threads),
                "memory_limit": f"{limits.memory_mb}MB",
                "async_threads": str(limits.threads),
            },
        )
        run = self.connection.execute
        run("SET TimeZone = 'UTC'")
        run("SET parquet_metadata_cache = true")
        run(f"SET streaming_buffer_size = '{AHEAD_MB}MB'")
        run("SET enable_profiling = 'no_output'")
        # It reads a file twice to save memory for ORDER BY … LIMIT; the bill counts one reading.
        run("SET GLOBAL disabled_optimizers = 'late_materialization'")
        for name, paths in tables.items():
            listed = ", ".join(map(_text, paths))
            run(f"CREATE VIEW {quoted(name)} AS FROM read_parquet([{listed}])")
        self.connection.execute(_WARM_UP).fetchall()
        for name in tables:
            self._plan(f"FROM {quoted(name)}")  # reads the footers, once
        if Layer.ENGINE in layers:
            listed = ", ".join(_text(path) for paths in tables.values() for path in paths)
            for setting in (
                f"allowed_paths = [{listed}]",
                "temp_directory = ''",
                "enable_external_access = false",
                "allow_persistent_secrets = false",
            ):
                run(f"SET {setting}")
            run(f"SET GLOBAL max_execution_time = {int(limits.timeout_s * 1000) + 250}")
            run("SET lock_configuration = true")

    def reader(self, sql: str, parameters: Parameters = NONE) -> pa.RecordBatchReader:
        """Check the plan's leaves, once per text and types of its parameters, and start the statement."""
        asked = "\0".join([sql, *(type(value).__name__ for value in parameters.values())])
        if Layer.LEAVES in self._layers and asked not in self._checked:
            self.check_leaves(sql, parameters)
            self._checked[asked] = None
            if len(self._checked) > _REMEMBERED:
                self._checked.popitem(last=False)
        relation = self.connection.sql(sql, params=for_engine(parameters))
        if relation is None:
            raise Refused("no rows")
        return relation.to_arrow_reader(BATCH_ROWS)

    def check_leaves(self, sql: str, parameters: Parameters = NONE) -> None:
        """Raise `Refused` unless rows can come only from the set's files or from literals, and nothing is written."""
        statements = self.connection.extract_statements(sql)
        if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
            raise Refused("not one SELECT")
        for plan in self._plan(sql, parameters):
            self._check_writers(plan)
            for leaf in leaves(plan):
                name = str(leaf["name"]).strip()
                if not only_values(leaf) and not (name == leaf["extra_info"].get("Function") == "READ_PARQUET"):
                    raise Refused(name)

    def bytes_read(self) -> int | None:
        """Bytes the last statement read, by the engine's own account; None when it kept none."""
        try:
            profile = self.connection.get_profiling_information()
            found = json.loads(profile) if isinstance(profile, str) else profile
            return int(found["io"]["total_bytes_read"])
        except (duckdb.Error, KeyError, TypeError, ValueError):
            return None

    def _plan(self, sql: str, parameters: Parameters = NONE) -> list[dict[str, Any]]:
        rows = self.connection.execute(f"EXPLAIN (FORMAT json) {sql}", for_engine(parameters)).fetchall()
        plan: list[dict[str, Any]] = json.loads(rows[0][1])
        return plan

    def _check_writers(self, plan: Mapping[str, Any]) -> None:
        if str(plan["name"]).strip().startswith(_WRITERS):
            raise Refused(str(plan["name"]))
        for child in plan.get("children") or ():
            self._check_writers(child)


def serve(sock: socket.socket, tables: Mapping[str, Sequence[str]], limits: Limits, layers: frozenset[Layer]) -> None:
    """Connect, lock, say READY, and answer questions until the service hangs up."""
    try:
        engine = Engine(tables, limits, layers)
    except Exception as error:
        wire.send(sock, Kind.ERROR, {"code": Code.ENGINE_ERROR, "detail": _detail(error), "fatal": True})
        return
    orders: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(sock, engine, orders), daemon=True).start()
    wire.send(sock, Kind.READY, {"layers": sorted(layers)})
    while (order := orders.get()) is not None:
        _answer(sock, engine, order)


def _listen(sock: socket.socket, engine: Engine, orders: "queue.SimpleQueue[dict[str, Any] | None]") -> None:
    while True:
        try:
            kind, payload = wire.receive(sock)
        except wire.Lost:
            os._exit(0)  # the service is gone: end at once, whatever runs
        if kind is Kind.INTERRUPT:
            engine.connection.interrupt()
        elif kind is Kind.RUN:
            orders.put(wire.decoded(payload))


def _reach(ports: Mapping[str, int]) -> dict[str, bool]:
    """Which of the service's own listeners this process can reach; in a sandbox that holds, none."""
    found = dict.fromkeys(ports, False)
    for name, kind in (("tcp", socket.SOCK_STREAM), ("udp", socket.SOCK_DGRAM)):
        with contextlib.suppress(OSError), socket.socket(socket.AF_INET, kind) as probe:
            probe.settimeout(1.0)
            probe.connect(("127.0.0.1", ports[name]))
            probe.send(b"probe")
            found[name] = True
    return found


def _answer(sock: socket.socket, engine: Engine, order: Mapping[str, Any]) -> None:
    if "reach" in order:
        wire.send(sock, Kind.DONE, _reach(order["reach"]))
        return
    if "tables" in order:
        _bind(sock, engine, order)
        return
    wall, cpu = time.perf_counter(), time.process_time()
    rows, most = 0, int(order["max_rows"])
    try:
        reader = engine.reader(order["sql"], values.read(order["parameters"]))
        wire.send(sock, Kind.SCHEMA, _plain(reader.schema).serialize())
        for batch in reader:
            left = most - rows
            if batch.num_rows > left:
                if left:
                    _send(sock, batch.slice(0, left))
                reader.close()
                wire.send(sock, Kind.ERROR, {"code": Code.ROW_LIMIT, "detail": "", "fatal": False})
                return
            rows += batch.num_rows
            _send(sock, batch)
        usage = {
            "rows": rows,
            "engine_bytes_read": engine.bytes_read(),
            "cpu_s": time.process_time() - cpu,
            "wall_s": time.perf_counter() - wall,
        }
        wire.send(sock, Kind.DONE, usage)
    except BrokenPipeError:
        os._exit(0)
    except Exception as error:
        code, fatal = _meaning(error)
        wire.send(sock, Kind.ERROR, {"code": code, "detail": _detail(error), "fatal": fatal})


def _bind(sock: socket.socket, engine: Engine, order: Mapping[str, Any]) -> None:
    """Say what a statement would read, or why it does not bind."""
    try:
        wire.send(sock, Kind.DONE, engine.shadows.bind(order))
    except BrokenPipeError:
        os._exit(0)
    except Exception as error:
        code, _ = _meaning(error)
        wire.send(sock, Kind.ERROR, {"code": code, "detail": _detail(error), "fatal": True})


_BY_VALUES = (duckdb.DataError, duckdb.InvalidInputException, duckdb.NotSupportedError, duckdb.SyntaxException)
"""What a value of a row can bring about: a part of a date that there is none of, an ESCAPE of two letters, …"""
_TOLD_BY_VALUES = (
    "Conversion Error:",
    "Out of Range Error:",
    "Invalid Input Error:",
    "Not implemented Error:",
    "Syntax Error:",
    "Mismatch Type Error:",
)
"""The same once batches are under way: Arrow passes an error of the engine on as its text alone."""
_TOLD_FATAL = ("INTERNAL Error:", "FATAL Error:", "IO Error:")


def _meaning(error: Exception) -> tuple[Code, bool]:
    """Our code for an engine error, and whether the worker had better be replaced."""
    text = str(error)
    if isinstance(error, Refused):
        return Code.PLAN_REFUSED, False
    if isinstance(error, _BY_VALUES) or text.startswith(_TOLD_BY_VALUES):
        return Code.VALUE_ERROR, False
    if isinstance(error, duckdb.InterruptException) or "INTERRUPT" in text[:20] or "max_execution_time" in text:
        return Code.TIMEOUT, False
    if (
        isinstance(error, (duckdb.OutOfMemoryException, MemoryError))
        or text.startswith("Out of Memory Error:")
        or "bad_alloc" in text
        or "malloc of" in text
    ):
        return Code.OUT_OF_MEMORY, True
    fatal = isinstance(error, (duckdb.FatalException, duckdb.InternalException, duckdb.IOException))
    return Code.ENGINE_ERROR, fatal or text.startswith(_TOLD_FATAL)


def _detail(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:4000]


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _plain(schema: pa.Schema) -> pa.Schema:
    """The schema without dictionaries: a batch that travels alone cannot bring one."""
    return pa.schema([
        pa.field(field.name, field.type.value_type if pa.types.is_dictionary(field.type) else field.type)
        for field in schema
    ])  # fmt: skip


def _send(sock: socket.socket, batch: pa.RecordBatch) -> None:
    """Send a batch in parts of about `MESSAGE_BYTES`: whoever passes it on holds one of them, however wide its rows."""
    rows = max(1, batch.num_rows * MESSAGE_BYTES // max(batch.nbytes, MESSAGE_BYTES))
    for first in range(0, batch.num_rows, rows):
        wire.send(sock, Kind.BATCH, _flat(batch.slice(first, rows)).serialize())


def _flat(batch: pa.RecordBatch) -> pa.RecordBatch:
    if not any(pa.types.is_dictionary(field.type) for field in batch.schema):
        return batch
    columns = [c.dictionary_decode() if pa.types.is_dictionary(c.type) else c for c in batch.columns]
    return pa.RecordBatch.from_arrays(columns, schema=_plain(batch.schema))
