"""The zygote: a process that has imported everything and connected to nothing; each worker is a fork of it.

Importing pyarrow starts threads, so this process cannot enter a user namespace, but a fork of it has one thread
and can. It knows no secret: it starts with an empty environment and holds one socket.
"""

import array
import gc
import json
import os
import signal
import socket
import sys
from pathlib import Path
from typing import Any, Final, NoReturn

import duckdb
import numpy as np
import pyarrow as pa

from market.query.workers import kernel, sandbox, wire, worker
from market.query.workers.background import leave_terminal, to_background
from market.query.workers.layers import Layer, Limits
from market.query.workers.wire import Kind

_ORDER_BYTES: Final = 4 * 1024 * 1024
#: Run by ``python -I -S -c``: no site, no PYTHON* variables; the paths come as an argument.
BOOT: Final = (
    "import sys, json; sys.path[:] = json.loads(sys.argv[1]); from market.query.workers.{0} import main; main()"
)

#: All a child process is told. Arrow's own allocator reserves a gibibyte of address space at once, and glibc one arena
#: per thread; under RLIMIT_AS that is the room queries need, and the engine crashed for want of it.
ENVIRONMENT: Final = {"ARROW_DEFAULT_MEMORY_POOL": "system", "MALLOC_ARENA_MAX": "4"}


def import_paths() -> list[str]:
    """Where a child process finds our code and the two engines, whatever way they were installed."""
    ours = str(Path(__file__).resolve().parents[3])
    engines = [str(Path(module.__file__).parents[1]) for module in (duckdb, pa, np) if module.__file__]
    return list(dict.fromkeys([ours, *engines, *(path for path in sys.path if path)]))


def main() -> NoReturn:
    """Fork a worker for each order that arrives, until the service hangs up."""
    channel = socket.socket(fileno=int(sys.argv[2]))
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for workers here: their sockets tell the service
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    leave_terminal()
    gc.freeze()
    while True:
        data, fds, _, _ = socket.recv_fds(channel, _ORDER_BYTES, 1)
        if not data:
            os._exit(0)
        if os.fork() == 0:
            _become_worker(json.loads(data), fds[0])
        os.close(fds[0])


def _become_worker(order: dict[str, Any], descriptor: int) -> NoReturn:
    """The outer half: enter the namespaces, fork the worker proper, hand its process to the service, and wait."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    kernel.die_with_parent()
    if order["background"]:
        to_background()
    sandbox.keep_only(descriptor)
    sock = socket.socket(fileno=descriptor)
    layers = frozenset(map(Layer, order["layers"]))
    tables: dict[str, list[str]] = order["tables"]
    files = sorted({path for paths in tables.values() for path in paths})
    paths = files
    if Layer.NAMESPACES in layers:
        try:
            paths = sandbox.isolate(files)
        except OSError as error:
            wire.send(sock, Kind.ERROR, {"code": Layer.NAMESPACES, "detail": str(error), "fatal": True})
            os._exit(1)
        kernel.die_with_parent()  # entering a user namespace forgets it
    ready, go = os.pipe()
    inner = os.fork()
    if inner == 0:
        os.close(go)
        kernel.die_with_parent()
        os.read(ready, 1)
        os.close(ready)
        seen = dict(zip(files, paths, strict=True))
        run(sock, {name: [seen[path] for path in listed] for name, listed in tables.items()}, order)
    handle = os.pidfd_open(inner)
    hello = wire.frame(Kind.HELLO, {"pid": inner})
    sock.sendmsg([hello], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [handle]))])
    sock.close()
    os.write(go, b".")
    os.waitpid(inner, 0)
    os._exit(0)


def run(sock: socket.socket, tables: dict[str, list[str]], order: dict[str, Any]) -> NoReturn:
    """The inner half: confine this single-threaded process, then let it connect and serve."""
    code = 1
    try:
        layers = frozenset(map(Layer, order["layers"]))
        limits = Limits(**order["limits"])
        files = sorted({path for paths in tables.values() for path in paths})
        applied = sandbox.confine(files, limits, layers)
        worker.serve(sock, tables, limits, applied | (layers & {Layer.NAMESPACES, Layer.ENGINE, Layer.LEAVES}))
        code = 0
    except BaseException as error:
        wire.send(sock, Kind.ERROR, {"code": "engine_error", "detail": repr(error), "fatal": True})
    finally:
        os._exit(code)
