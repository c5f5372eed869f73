"""One worker process as the service sees it: a socket, a way to kill it, and what it says of itself."""

import contextlib
import os
import signal
import socket
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from market.query.errors import Code, QueryFailed
from market.query.workers import wire
from market.query.workers.background import to_background
from market.query.workers.layers import Layer
from market.query.workers.wire import Kind

Files = tuple[tuple[str, tuple[Path, ...]], ...]


class NoNamespaces(Exception):
    """The system does not let a fork enter namespaces; the text says what failed."""


@dataclass(eq=False)
class Process:
    """A warm worker. *key* is its set of files; one query at a time. In the *background* it gives way to all others."""

    key: Files
    sock: socket.socket
    background: bool = False
    child: subprocess.Popen[bytes] | None = None
    layers: frozenset[Layer] = frozenset()
    pid: int = 0
    idle_since: float = field(default_factory=time.monotonic)
    _handle: int | None = None

    def greet(self, timeout_s: float) -> None:
        """Wait until the worker is locked and ready; raise what it could not do."""
        self.sock.settimeout(timeout_s)
        try:
            kind, said, handle = wire.receive_hello(self.sock)
            if kind is Kind.HELLO:
                self._handle, self.pid = handle, int(said["pid"])
                kind, buffer = wire.receive(self.sock)
                said = wire.decoded(buffer)
            elif self.child is not None:
                self.pid = self.child.pid
            if kind is Kind.ERROR and said["code"] == Layer.NAMESPACES:
                raise NoNamespaces(said["detail"])
            if kind is not Kind.READY:
                raise _not_ready(said.get("detail"))
        except wire.Lost as error:
            raise _not_ready("the worker ended while starting") from error
        self.layers = frozenset(map(Layer, said["layers"]))
        self.sock.settimeout(None)

    def cpu_s(self) -> float:
        """Processor time of all its threads so far; 0 when it is gone. The clock id is the kernel's own encoding."""
        try:
            return time.clock_gettime((~self.pid << 3) | 2)
        except OSError:
            return 0.0

    def give_way(self) -> None:
        """Put all its threads behind whatever else wants a processor; an ordinary user cannot take that back."""
        self.background = True
        with contextlib.suppress(OSError):
            for thread in os.listdir(f"/proc/{self.pid}/task"):
                to_background(int(thread))

    def interrupt(self) -> None:
        """Ask the engine to stop; repeated by the supervisor, since one sent too early is lost."""
        with contextlib.suppress(OSError):
            wire.send(self.sock, Kind.INTERRUPT)

    def run(self, order: Mapping[str, Any]) -> None:
        """Send a question."""
        try:
            wire.send(self.sock, Kind.RUN, dict(order))
        except OSError as error:
            raise wire.Lost from error

    def alive(self) -> bool:
        """Say whether the other side still holds its end; an idle worker says nothing."""
        try:
            return self.sock.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) != b""
        except BlockingIOError:
            return True
        except OSError:
            return False

    def kill(self) -> None:
        """SIGKILL, by handle and not by number, so that it can hit nobody else; safe to repeat."""
        with contextlib.suppress(OSError):
            if self._handle is not None:
                signal.pidfd_send_signal(self._handle, signal.SIGKILL)
        if self.child is not None:
            self.child.kill()
        with contextlib.suppress(OSError):
            self.sock.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Kill it and give back what we hold."""
        self.kill()
        self.sock.close()
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None
        if self.child is not None:
            self.child.wait()


def _not_ready(detail: str | None) -> QueryFailed:
    return QueryFailed(
        Code.WORKER_LOST,
        "A worker could not start over these files.",
        fix="Try again; if it stays, the operator finds the cause in the server log.",
        detail=detail,
    )
