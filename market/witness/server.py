"""The witness's door: HTTP on the loopback address, by the standard library alone.

    POST /add-checkpoint        a submission; answered as C2SP tlog-witness says
    GET  /HASH/checkpoint       the newest cosigned note of the log whose origin has this SHA-256, in hex

Whoever is slow holds up nobody: each request must be whole within `PATIENCE_S`, and of more than `MOST_OPEN`
connections the one that keeps us waiting longest is closed.
"""

import re
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from http import HTTPStatus
from http.client import HTTPException
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import ThreadingTCPServer
from typing import IO, Any

from market.witness.cosigning import Answer, Witness
from market.witness.folder import Folder
from market.witness.submission import MAX_BODY_BYTES

PATIENCE_S = 10.0
MOST_OPEN = 64
MAX_HEAD_BYTES = 16 * 1024
SUBMIT = "/add-checkpoint"
LATEST = re.compile(r"/([0-9a-f]{64})/checkpoint")


class Bounded:
    """A connection's incoming bytes, of which one request may take so many and no more."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file, self.left = file, MAX_HEAD_BYTES

    def readline(self, limit: int) -> bytes:
        """Read a line.

        Raises:
            HTTPException: the request has had its share.
        """
        if self.left == 0:
            raise HTTPException("too long")
        line = self._file.readline(min(limit, self.left))
        self.left -= len(line)
        return line

    def read(self, count: int) -> bytes:
        """Read the body, which is bounded by its announced length."""
        return self._file.read(count)

    def close(self) -> None:
        """Close the connection's incoming side."""
        self._file.close()


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    server: "Server"
    rfile: Any
    protocol_version, default_request_version = "HTTP/1.1", "HTTP/1.0"
    server_version, sys_version = "sluice-witness", ""
    wbufsize = -1  # an answer leaves in one piece

    def setup(self) -> None:
        """Begin to count what comes in."""
        super().setup()
        self.rfile = Bounded(self.rfile)

    def handle(self) -> None:
        """Answer until the connection closes; then let the other side finish, or it might never read the answer."""
        super().handle()
        self.request.shutdown(socket.SHUT_WR)
        while self.request.recv(MAX_HEAD_BYTES):
            pass

    def handle_one_request(self) -> None:
        """Answer one request."""
        self.rfile.left = MAX_HEAD_BYTES
        super().handle_one_request()
        self.server.awaits(self.request)

    def do_POST(self) -> None:
        """Take a submission."""
        lengths = self.headers.get_all("Content-Length", [])
        if self.path != SUBMIT:
            self.send_error(HTTPStatus.NOT_FOUND)
        elif len(lengths) != 1 or "Transfer-Encoding" in self.headers:
            self.send_error(HTTPStatus.LENGTH_REQUIRED)
        elif not re.fullmatch(r"[0-9]{1,18}", lengths[0]):
            self.send_error(HTTPStatus.BAD_REQUEST)
        elif int(lengths[0]) > MAX_BODY_BYTES:
            self.send_error(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        else:
            body = self.rfile.read(int(lengths[0]))
            self.server.serves(self.request)
            if len(body) == int(lengths[0]):
                self._say(self._submitted(body))
            else:
                self.close_connection = True

    def do_GET(self) -> None:
        """Give the newest cosigned note of a log."""
        asked = LATEST.fullmatch(self.path)
        note = None if asked is None else self.server.witness.latest(asked[1])
        if self.path == SUBMIT:
            self.send_error(HTTPStatus.METHOD_NOT_ALLOWED)
        elif note is None:
            self._say(Answer(HTTPStatus.NOT_FOUND, "there is no such note\n"))
        else:
            self._say(Answer(HTTPStatus.OK, note))

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Say in the code's own words what is wrong, and quote nothing of what came."""
        self.close_connection = True
        status = HTTPStatus(code)
        self._say(Answer(status, f"{status.phrase}\n"))

    def log_message(self, format: str, *args: Any) -> None:
        """Tell nothing of the library's own; the operator reads what `_submitted` tells."""

    def _submitted(self, body: bytes) -> Answer:
        try:
            answer = self.server.witness.add_checkpoint(body)
        except OSError as error:
            why = "this witness cannot keep what it sees, and signs nothing\n"
            answer = Answer(HTTPStatus.SERVICE_UNAVAILABLE, why)
            self.server.tell(f"cannot write: {error.strerror}")
        if answer.origin is not None:
            self.server.tell(f"{answer.status.value} {answer.origin}")
        return answer

    def _say(self, answer: Answer) -> None:
        text = answer.text.encode()
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.content_type)
        self.send_header("Content-Length", str(len(text)))
        self.send_header("X-Content-Type-Options", "nosniff")
        if answer.status == HTTPStatus.METHOD_NOT_ALLOWED:
            self.send_header("Allow", "POST")
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(text)
        self.wfile.flush()


class Server(ThreadingTCPServer):
    """The listening socket, and the connections that are waited for."""

    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = MOST_OPEN

    def __init__(
        self, witness: Witness, port: int, tell: Callable[[str], None], *, patience_s: float = PATIENCE_S
    ) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.witness, self._tell, self._patience_s = witness, tell, patience_s
        self._guard = threading.Lock()
        self._awaited: dict[socket.socket, float] = {}

    def tell(self, line: str) -> None:
        """Tell the operator; where nobody listens any more, the witness goes on."""
        with suppress(OSError):
            self._tell(line)

    def awaits(self, request: socket.socket) -> None:
        """Begin to wait for the next request on this connection."""
        with self._guard:
            self._awaited[request] = time.monotonic()

    def serves(self, request: socket.socket) -> None:
        """Have a whole request in hand."""
        with self._guard:
            self._awaited.pop(request, None)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Take a connection; where there are too many, part with the one that was waited for longest."""
        with self._guard:
            if len(self._awaited) >= MOST_OPEN:
                _end(min(self._awaited, key=lambda waiting: self._awaited[waiting]), self._awaited)
        self.awaits(request)
        super().process_request(request, client_address)

    def service_actions(self) -> None:
        """Part with connections whose request does not come."""
        with self._guard:
            late = time.monotonic() - self._patience_s
            for request in [request for request, since in self._awaited.items() if since < late]:
                _end(request, self._awaited)

    def shutdown_request(self, request: Any) -> None:
        """Close a connection."""
        self.serves(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Let go of a client that went away; tell of anything else by its kind."""
        error = sys.exc_info()[1]
        if not isinstance(error, OSError):
            self.tell(f"fault: {type(error).__name__}")


def serve(path: Path, port: int, *, ready: Callable[[str, str], None], tell: Callable[[str], None]) -> None:
    """Answer for the witness in *path* until told to stop; *ready* is called with its address and name once it listens.

    Raises:
        WitnessError: the folder is none, is damaged, or is in use.
        OSError: the port is taken.
    """
    folder = Folder.open(path)
    with folder.alone():
        witness = Witness(folder, lambda: datetime.now(UTC))
        with Server(witness, port, tell) as server:
            signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
            ready(f"http://127.0.0.1:{server.server_address[1]}", witness.key.name)
            server.serve_forever()


def _end(request: socket.socket, awaited: dict[socket.socket, float]) -> None:
    """Wake whoever reads from a connection: there is nothing more to come."""
    del awaited[request]
    with suppress(OSError):  # it may have gone away by itself
        request.shutdown(socket.SHUT_RDWR)
