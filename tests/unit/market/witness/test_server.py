"""Nobody who is slow, long-winded or rude holds up the others, and none of their words comes back or is told on."""

import contextlib
import socket
import threading
import time

import pytest

from market.witness.server import MAX_HEAD_BYTES, MOST_OPEN, Server
from market.witness.submission import MAX_BODY_BYTES

PATIENCE_S = 0.4


@pytest.fixture
def told():
    return []


@pytest.fixture
def server(witness, told):
    with Server(witness, 0, told.append, patience_s=PATIENCE_S) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def connect(server):
    connection = socket.create_connection(server.server_address, timeout=20)
    connection.settimeout(20)
    return connection


def post(body, **headers):
    head = {"Host": "w", "Content-Length": str(len(body)), **headers}
    lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in head.items())
    return f"POST /add-checkpoint HTTP/1.1\r\n{lines}\r\n".encode() + body


def exchange(server, request):
    """Send bytes and read until the other side closes."""
    with connect(server) as connection:
        with contextlib.suppress(OSError):
            connection.sendall(request)
        return rest(connection)


def rest(connection):
    received = b""
    with contextlib.suppress(ConnectionResetError):
        while chunk := connection.recv(4096):
            received += chunk
    return received.decode()


def status(answer):
    return int(answer.split(" ")[1])


def test_two_requests_sent_at_once_are_both_answered(server, log):
    answer = exchange(server, post(log.submission(0, 3)) + post(log.submission(3), Connection="close"))
    assert answer.count("HTTP/1.1 200 ") == 2


@pytest.mark.parametrize(
    "sent", [b"", b"POST /add-ch", b"POST /add-checkpoint HTTP/1.1\r\nHost", post(b"old 0\n" * 9)[:-5]]
)
def test_a_request_that_does_not_come_is_not_waited_for(server, sent):
    began = time.monotonic()
    assert "200" not in exchange(server, sent)
    assert time.monotonic() - began < 10


def test_dripping_does_not_buy_time(server):
    with connect(server) as connection, contextlib.suppress(OSError):
        until = time.monotonic() + 10
        for letter in post(b"old 0\n" * 9) * 100:
            assert time.monotonic() < until
            connection.sendall(bytes([letter]))
            time.sleep(PATIENCE_S / 20)
        assert rest(connection) == ""


def test_slow_clients_in_any_number_leave_room_for_others(server, log):
    before = threading.active_count()
    slow = [connect(server) for _ in range(3 * MOST_OPEN)]
    for connection in slow:
        with contextlib.suppress(OSError):
            connection.sendall(b"POST /add-checkpoint HTTP/1.1\r\n")
    assert status(exchange(server, post(log.submission(0), Connection="close"))) == 200
    assert threading.active_count() - before <= 2 * MOST_OPEN
    for connection in slow:
        connection.close()


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        (b"GET / HTTP/1.1\r\n\r\n", 404),
        (b"GET /add-checkpoint HTTP/1.1\r\n\r\n", 405),
        (b"GET /" + b"0" * 64 + b"/checkpoint HTTP/1.1\r\nConnection: close\r\n\r\n", 404),
        (b"POST /other HTTP/1.1\r\nContent-Length: 0\r\n\r\n", 404),
        (b"PUT /add-checkpoint HTTP/1.1\r\nContent-Length: 0\r\n\r\n", 501),
        (b"POST /add-checkpoint HTTP/1.1\r\n\r\n", 411),
        (b"POST /add-checkpoint HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 411),
        (b"POST /add-checkpoint HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx", 411),
        (b"POST /add-checkpoint HTTP/1.1\r\nContent-Length: -1\r\n\r\n", 400),
        (b"POST /add-checkpoint HTTP/1.1\r\nContent-Length: 1_0\r\n\r\n", 400),
        (f"POST /add-checkpoint HTTP/1.1\r\nContent-Length: {MAX_BODY_BYTES + 1}\r\n\r\n".encode(), 413),
        (b"POST /add-checkpoint HTTP/1.1\r\nX: " + b"x" * MAX_HEAD_BYTES + b"\r\n\r\n", 431),
        (b"POST /add-checkpoint HTTP/1.1\r\n" + b"X: x\r\n" * 200 + b"\r\n", 431),
        (b"POST /" + b"x" * MAX_HEAD_BYTES + b" HTTP/1.1\r\n\r\n", 400),
        (b"POST /add-checkpoint HTTP/9.9\r\n\r\n", 505),
        (b"<script> <script> <script>\r\n\r\n", 400),
        (b"\x00\xff\x00\xff\r\n\r\n", 400),
    ],
)
def test_what_is_no_submission_is_answered_in_our_own_words(server, told, request_, expected):
    answer = exchange(server, request_)
    assert status(answer) == expected
    for words in ("Traceback", "script", "xxx", "\\x"):
        assert words not in answer
    assert len(answer.partition("\r\n\r\n")[2]) < 100
    assert told == []


def test_a_body_of_the_largest_size_is_read(server):
    assert status(exchange(server, post(b"x" * MAX_BODY_BYTES, Connection="close"))) == 400


def test_who_goes_away_in_the_middle_leaves_nothing_to_tell(server, told, log):
    for _ in range(20):
        with connect(server) as connection:
            connection.sendall(post(log.submission(0))[:-3])
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
    assert status(exchange(server, post(log.submission(0), Connection="close"))) == 200
    assert told == [f"200 {log.origin}"]


def test_the_operator_is_told_of_logs_that_are_known_and_of_no_other(server, told, log, other_key):
    stranger = type(log)(other_key, "log.example/\u202eevil").grow(1)
    exchange(server, post(stranger.submission(0), Connection="close"))
    exchange(server, post(log.fork(2, 3).submission(4), Connection="close"))
    assert told == [f"409 {log.origin}"]


def test_where_the_disk_refuses_nothing_is_signed_and_the_operator_is_told(server, told, folder, log):
    (folder.path / "logs").rename(folder.path / "away")
    answer = exchange(server, post(log.submission(0), Connection="close"))
    assert status(answer) == 503
    assert "No such file" not in answer
    assert told == ["cannot write: No such file or directory"]
    (folder.path / "away").rename(folder.path / "logs")
    assert status(exchange(server, post(log.submission(0), Connection="close"))) == 200
