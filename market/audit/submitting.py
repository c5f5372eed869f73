"""Ask witnesses over HTTP (C2SP tlog-witness), or anybody for a note, and trust nothing of what comes back.

Only the given addresses are asked: no redirect is followed, no proxy taken from the environment. All are asked at once,
and whoever has not answered in time is as good as gone.
"""

import base64
import contextlib
import http.client
import socket
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

SIZE_TYPE = "text/x.tlog.size"
MAX_ANSWER_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Submission:
    """What goes to one witness."""

    url: str
    """Its submission prefix."""
    old: int
    """The size of the tree that the witness is believed to know."""
    proof: Sequence[bytes]
    note: str

    @property
    def body(self) -> bytes:
        """The request's body."""
        hashes = "".join(f"{base64.b64encode(digest).decode()}\n" for digest in self.proof)
        return f"old {self.old}\n{hashes}\n{self.note}".encode()


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back."""

    status: int
    content_type: str
    text: str


def send_all(submissions: Sequence[Submission], timeout_s: float) -> list[Reply | None]:
    """Send each, all at the same time; gives their replies in order, none where a witness did not answer in time."""
    return _ask_all([(f"{one.url}/add-checkpoint", one.body) for one in submissions], timeout_s)


def fetch(url: str, timeout_s: float) -> Reply | None:
    """Get what is at *url*; nothing where it did not come in time."""
    return _ask_all([(url, None)], timeout_s)[0]


def _ask_all(requests: Sequence[tuple[str, bytes | None]], timeout_s: float) -> list[Reply | None]:
    replies: list[Reply | None] = [None] * len(requests)
    connections = [_connection(url, timeout_s) for url, _ in requests]

    def send(number: int) -> None:
        with contextlib.suppress(OSError, http.client.HTTPException, ValueError):
            replies[number] = _exchange(connections[number], *requests[number])

    threads = [threading.Thread(target=send, args=(number,), daemon=True) for number in range(len(requests))]
    until = time.monotonic() + timeout_s
    for thread in threads:
        thread.start()
    for thread, connection in zip(threads, connections, strict=True):
        thread.join(max(0.0, until - time.monotonic()))
        if thread.is_alive() and connection.sock is not None:
            with contextlib.suppress(OSError):
                connection.sock.shutdown(socket.SHUT_RDWR)  # wakes a thread that is fed byte by byte
    return list(replies)


def _connection(url: str, timeout_s: float) -> http.client.HTTPConnection:
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    return kind(parts.hostname or "", parts.port, timeout=timeout_s)


def _exchange(connection: http.client.HTTPConnection, url: str, body: bytes | None) -> Reply:
    parts, headers = urlsplit(url), {"User-Agent": "sluice", "Connection": "close"}
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    if body is not None:
        headers["Content-Type"] = "text/plain; charset=utf-8"
    try:
        connection.request("GET" if body is None else "POST", target, body, headers)
        answer = connection.getresponse()
        text = answer.read(MAX_ANSWER_BYTES + 1)
    finally:
        connection.close()
    if len(text) > MAX_ANSWER_BYTES:
        raise ValueError("an answer is longer than any that a witness has to give")
    return Reply(answer.status, answer.headers.get("Content-Type", ""), text.decode())
