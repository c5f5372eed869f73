"""How a worker is born: forked from a warm zygote into namespaces, else by bubblewrap, else with what else holds."""

import json
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import asdict
from typing import Final, Literal

from market.query.errors import Code, QueryFailed
from market.query.workers import bwrap, wire
from market.query.workers.layers import Layer, Limits, confined
from market.query.workers.process import Files, NoNamespaces, Process
from market.query.workers.zygote import BOOT, ENVIRONMENT, import_paths

START_S: Final = 20.0
"""How long a worker may take to be ready."""


class Spawner:
    """Starts workers, and keeps the zygote that they are forked from."""

    def __init__(
        self,
        limits: Limits,
        layers: frozenset[Layer],
        sandbox: Literal["auto", "fork", "bubblewrap"],
        *,
        allow_unsandboxed: bool,
    ) -> None:
        self._limits, self._layers, self._sandbox = limits, layers, sandbox
        self._allow_unsandboxed = allow_unsandboxed
        self._zygote_lock = threading.Lock()
        self._zygote: subprocess.Popen[bytes] | None = None
        self._channel: socket.socket | None = None
        with self._zygote_lock:
            self._start_zygote()

    def close(self) -> None:
        """End the zygote; the workers are the pool's to end."""
        with self._zygote_lock:
            self._stop_zygote()

    def spawn(self, key: Files, *, background: bool = False, within_s: float = START_S) -> Process:
        """A new worker: by fork into namespaces, else by bubblewrap, else with what the kernel still offers.

        Raises `QueryFailed` when none is ready in time.
        """
        within_s = max(0.0, min(within_s, START_S))
        ways: list[Callable[[], Process]] = []
        if self._sandbox != "bubblewrap":
            ways.append(lambda: self._fork(key, self._layers, background, within_s))
        program = bwrap.present() if self._sandbox != "fork" and Layer.NAMESPACES in self._layers else None
        if program is not None:
            ways.append(lambda: self._bubblewrap(key, program, background, within_s))
        if Layer.NAMESPACES in self._layers:
            ways.append(lambda: self._fork(key, self._layers - {Layer.NAMESPACES}, background, within_s))
        failure: Exception = NoNamespaces("no way to start a worker")
        for way in ways:
            try:
                process = way()
            except NoNamespaces as error:
                failure = error
                self._sandbox = "bubblewrap" if program is not None else self._sandbox
                continue
            except QueryFailed as error:
                if self._sandbox != "bubblewrap":
                    raise
                failure = error
                continue
            if confined(process.layers) or self._allow_unsandboxed:
                return process
            process.close()
        raise QueryFailed(
            Code.SANDBOX_MISSING,
            "No sandbox holds on this system, so no query is run.",
            fix="See `sluice doctor`: allow user namespaces, install bubblewrap, or use a kernel with Landlock.",
            detail=str(failure),
        )

    def _order(self, key: Files, layers: frozenset[Layer], background: bool) -> dict[str, object]:
        tables = {name: [str(path.absolute()) for path in paths] for name, paths in key}
        return {
            "tables": tables, "limits": asdict(self._limits), "layers": sorted(layers), "background": background
        }  # fmt: skip

    def _fork(self, key: Files, layers: frozenset[Layer], background: bool, within_s: float) -> Process:
        ours, theirs = wire.pair()
        order = json.dumps(self._order(key, layers, background)).encode()
        with theirs, self._zygote_lock:
            for attempt in (1, 2):
                try:
                    assert self._channel is not None
                    socket.send_fds(self._channel, [order], [theirs.fileno()])
                    break
                except OSError:
                    self._stop_zygote()
                    self._start_zygote()
                    if attempt == 2:
                        raise
        return self._greeted(Process(key, ours, background), within_s)

    def _bubblewrap(self, key: Files, program: str, background: bool, within_s: float) -> Process:
        ours, theirs = wire.pair()
        order = self._order(key, self._layers, background)
        files = {name: [str(path.absolute()) for path in paths] for name, paths in key}
        with theirs:
            child = bwrap.start(program, order, files, theirs.fileno())
        return self._greeted(Process(key, ours, background, child), within_s)

    @staticmethod
    def _greeted(process: Process, within_s: float) -> Process:
        try:
            process.greet(within_s)
        except BaseException:
            process.close()
            raise
        return process

    def _start_zygote(self) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        python = [sys.executable, "-I", "-S", "-c", BOOT.format("zygote")]
        with theirs:
            self._zygote = subprocess.Popen(
                [*python, json.dumps(import_paths()), str(theirs.fileno())],
                pass_fds=(theirs.fileno(),), env=ENVIRONMENT, stdin=subprocess.DEVNULL, cwd="/", process_group=0,
            )  # fmt: skip
        self._channel = ours

    def _stop_zygote(self) -> None:
        if self._channel is not None:
            self._channel.close()
        if self._zygote is not None:
            self._zygote.send_signal(signal.SIGKILL)
            self._zygote.wait()
