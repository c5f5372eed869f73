"""Frames between the service and a worker: one byte of kind, eight of length, then JSON or Arrow bytes.

Batches travel as Arrow IPC messages and are read without a copy from the buffer they arrived in.
"""

import json
import socket
import struct
from enum import IntEnum
from typing import Any, Final

import pyarrow as pa

_HEAD: Final = struct.Struct("=BQ")
MAX_JSON_BYTES: Final = 1_000_000
BUFFER_BYTES: Final = 4 * 1024 * 1024


class Kind(IntEnum):
    """What a frame carries."""

    HELLO = 1
    READY = 2
    RUN = 3
    INTERRUPT = 4
    SCHEMA = 5
    BATCH = 6
    DONE = 7
    ERROR = 8


class Lost(Exception):
    """The other side is gone, or speaks nonsense."""


def pair() -> tuple[socket.socket, socket.socket]:
    """A socket pair with buffers as large as the system allows."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
    for end in (ours, theirs):
        for option in (socket.SO_SNDBUF, socket.SO_RCVBUF):
            end.setsockopt(socket.SOL_SOCKET, option, BUFFER_BYTES)
    return ours, theirs


def frame(kind: Kind, payload: dict[str, Any]) -> bytes:
    """One small frame as bytes."""
    data = json.dumps(payload).encode()
    return _HEAD.pack(kind, len(data)) + data


def receive_hello(sock: socket.socket) -> tuple[Kind, dict[str, Any], int | None]:
    """The first frame of a worker, and the descriptor of its process that comes along."""
    try:
        head, fds, _, _ = socket.recv_fds(sock, _HEAD.size, 1)
        if not head:
            raise Lost
        head += _exactly(sock, _HEAD.size - len(head))
        kind, length = _HEAD.unpack(head)
        if length > MAX_JSON_BYTES:
            raise Lost
        return Kind(kind), decoded(_exactly(sock, length)), fds[0] if fds else None
    except (OSError, ValueError) as error:
        raise Lost from error


def send(sock: socket.socket, kind: Kind, payload: Any = b"") -> None:
    """Send one frame; anything that is not a buffer goes as JSON."""
    data = payload if isinstance(payload, (bytes, pa.Buffer)) else json.dumps(payload).encode()
    view = memoryview(data)
    head = _HEAD.pack(kind, view.nbytes)
    if view.nbytes < 65536:
        sock.sendall(head + bytes(view))
    else:
        sock.sendall(head)
        sock.sendall(view)


def receive(sock: socket.socket) -> tuple[Kind, bytes]:
    """The next frame, or `Lost`."""
    try:
        head = _exactly(sock, _HEAD.size)
        kind, length = _HEAD.unpack(head)
        if kind not in (Kind.BATCH, Kind.SCHEMA) and length > MAX_JSON_BYTES:
            raise Lost
        return Kind(kind), _exactly(sock, length)
    except (OSError, ValueError, OverflowError, MemoryError, pa.ArrowException) as error:
        raise Lost from error


def decoded(data: bytes) -> dict[str, Any]:
    """The JSON object a frame holds."""
    try:
        value = json.loads(data)
    except ValueError as error:
        raise Lost from error
    if not isinstance(value, dict):
        raise Lost
    return value


def _exactly(sock: socket.socket, length: int) -> bytes:
    """Receive so many bytes, in one piece where the system gives them so: they are passed on as they are."""
    parts: list[bytes] = []
    while length:
        part = sock.recv(length, socket.MSG_WAITALL)
        if not part:
            raise Lost
        parts.append(part)
        length -= len(part)
    return parts[0] if len(parts) == 1 else b"".join(parts)
