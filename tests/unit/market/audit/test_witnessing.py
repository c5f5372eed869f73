"""Witnesses are asked over the network, trusted with nothing but their signature, and told of once."""

import contextlib
import socket
import threading
import time
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from sqlmodel import select

from anonymize.signing import Signer
from catalog.errors import NotFound
from catalog.ids import OPERATOR
from market.audit import checkpoint, log, notes, witnesses, witnessing
from market.audit.models import LogCosignature, LogWitness
from market.audit.notes import Key, Note
from market.audit.replies import Outcome
from market.audit.submitting import MAX_ANSWER_BYTES, SIZE_TYPE
from market.audit.witnesses import WitnessRefused
from market.parties.members import add_member
from market.parties.models import Role
from market.witness.cosigning import Witness
from market.witness.folder import Folder
from market.witness.server import Server
from market.witness.trusting import distrust, trust
from tests.common.clock import BEGIN

ORIGIN = "sluice.log/test"
NAME = "witness.example/w1"
TIMEOUT_S = 3.0


class Place:
    """A log with an administrator in it, its key, and a witness whose clock is the log's."""

    def __init__(self, database, folder):
        self.database, self.at = database, BEGIN
        self.key = Signer.create(folder / "log.key")
        self.stranger = Signer.create(folder / "stranger.key")
        self.folder = Folder.create(folder / "witness", NAME)
        trust(self.folder, ORIGIN, self.key.public)
        self.by = self.member("administrator", Role.ADMINISTRATOR)

    def now(self):
        self.at += timedelta(seconds=1)
        return self.at

    def member(self, name, role=Role.AUDITOR):
        with self.database.writing() as session:
            return add_member(session, name=name, role=role, public_key=f"key of {name}", at=self.now()).id

    def enter(self, url, name=NAME, public=None):
        key = public or self.folder.key.public
        with self.database.writing() as session:
            witnesses.add(session, name=name, key=key, url=url, by=self.by, at=self.now())

    def checkpoint(self):
        with self.database.writing() as session:
            return checkpoint.take(session, self.key, origin=ORIGIN, at=self.now()).size

    def grow(self, name):
        self.member(name)
        return self.checkpoint()

    def ask(self):
        return witnessing.ask_all(self.database, at=self.now(), timeout_s=TIMEOUT_S)

    def told(self, action="witness:refused"):
        with self.database.reading() as session:
            bodies = [log.entry_body(session, seq) for seq in range(log.size(session))]
        return [body for body in bodies if body["action"] == action]

    def kept(self):
        with self.database.reading() as session:
            rows = session.exec(select(LogCosignature).order_by(LogCosignature.size)).all()
            return [(row.size, row.witness) for row in rows]

    def note(self):
        with self.database.reading() as session:
            newest = checkpoint.newest_witnessed(session)
            return None if newest is None else checkpoint.note_of(session, newest)


@pytest.fixture
def place(any_database, tmp_path):
    return Place(any_database, tmp_path)


@pytest.fixture
def near(database, tmp_path):
    """Give a place on SQLite, for what the network does and no database decides."""
    return Place(database, tmp_path)


@contextlib.contextmanager
def serving(server):
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def witness_of(place, folder=None):
    return serving(Server(Witness(folder or place.folder, place.now), 0, lambda line: None))


@contextlib.contextmanager
def hostile(*replies):
    """Answer each submission with the next of *replies*: a status, headers, and a body made of the request's."""
    left, asked = list(replies), []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            asked.append((self.path, body))
            status, headers, text = left.pop(0) if left else (500, {}, "")
            text = text(body) if callable(text) else text
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            with contextlib.suppress(OSError):
                self.wfile.write(text.encode() if isinstance(text, str) else text)

        def log_message(self, *_):
            pass

    with serving(ThreadingHTTPServer(("127.0.0.1", 0), Handler)) as url:
        yield url, asked


def test_the_newest_checkpoint_is_cosigned_kept_and_given_out_with_its_witness(place):
    with witness_of(place) as url:
        place.enter(url)
        size = place.checkpoint()
        (told,) = place.ask()
    assert (told.witness, told.outcome, told.size, told.status) == (NAME, Outcome.COSIGNED, size, 200)
    assert place.kept() == [(size, NAME)]
    keys = [Key(ORIGIN, place.key.public), place.folder.key]
    assert set(Note.read(place.note()).verified(keys)) == set(keys)
    assert notes.read(place.note(), place.key.public).size == size


def test_growth_is_proved_from_what_the_witness_cosigned_last(place):
    with witness_of(place) as url:
        place.enter(url)
        sizes = [place.checkpoint()]
        place.ask()
        for name in "abc":
            sizes.append(place.grow(name))
            (told,) = place.ask()
            assert told.outcome is Outcome.COSIGNED
    assert place.kept() == [(size, NAME) for size in sizes]
    assert notes.read(place.note(), place.key.public).size == sizes[-1]


def test_a_checkpoint_is_cosigned_once(place):
    with witness_of(place) as url:
        place.enter(url)
        place.checkpoint()
        assert len(place.ask()) == 1
        assert place.ask() == []


def test_what_the_witness_knows_is_learnt_from_its_conflict(near):
    """Somebody else may have sent it the log before: the log's own record of it is a guess."""
    with hostile(
        (409, {"Content-Type": SIZE_TYPE}, "1\n"),
        (409, {"Content-Type": SIZE_TYPE}, "2\n"),
        (200, {}, lambda body: cosignature(near, body)),
    ) as (url, asked):
        near.enter(f"{url}/prefix/")
        near.grow("one more")
        (told,) = near.ask()
    assert told.outcome is Outcome.COSIGNED
    assert [body.split("\n")[0] for _, body in asked] == ["old 0", "old 1", "old 2"]
    assert {path for path, _ in asked} == {"/prefix/add-checkpoint"}
    assert near.told() == []


def test_each_witness_is_asked_and_their_signatures_stand_together(place, tmp_path):
    other = Folder.create(tmp_path / "other", "witness.example/w0")
    trust(other, ORIGIN, place.key.public)
    with witness_of(place) as one, witness_of(place, other) as two:
        place.enter(one)
        place.enter(two, other.key.name, other.key.public)
        size = place.checkpoint()
        assert [told.witness for told in place.ask()] == [other.key.name, NAME]
    assert place.kept() == [(size, other.key.name), (size, NAME)]
    assert set(Note.read(place.note()).verified([place.folder.key, other.key])) == {place.folder.key, other.key}


def test_without_a_checkpoint_or_a_witness_nobody_is_asked(place):
    assert place.ask() == []
    place.checkpoint()
    assert place.ask() == []
    assert place.note() is None
    place.enter("http://127.0.0.1:1")
    with place.database.writing() as session:
        witnesses.remove(session, NAME, by=place.by, at=place.now())
    assert place.ask() == []


def test_a_witness_that_cannot_be_reached_is_told_and_is_not_fatal(near):
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with witness_of(near) as url:
        near.enter(f"http://127.0.0.1:{port}", "witness.example/gone", near.stranger.public)
        near.enter(url)
        near.checkpoint()
        assert [told.outcome for told in near.ask()] == [Outcome.UNREACHABLE, Outcome.COSIGNED]
    assert near.told() == []


def test_a_witness_that_cannot_answer_now_is_asked_again_later(near):
    later = [(status, {}, "") for status in (429, 500, 503)]
    with hostile(*later, (200, {}, lambda body: cosignature(near, body))) as (url, _):
        near.enter(url)
        near.checkpoint()
        for _ in later:
            assert [told.outcome for told in near.ask()] == [Outcome.UNREACHABLE]
        assert [told.outcome for told in near.ask()] == [Outcome.COSIGNED]
    assert near.told() == []


def test_who_answers_drop_by_drop_holds_nobody_up(near):
    with socket.create_server(("127.0.0.1", 0)) as listening:
        stop = threading.Event()

        def drip():
            connection, _ = listening.accept()
            with connection, contextlib.suppress(OSError):
                while not stop.is_set():
                    connection.sendall(b"H")
                    time.sleep(0.05)

        thread = threading.Thread(target=drip)
        thread.start()
        near.enter(f"http://127.0.0.1:{listening.getsockname()[1]}")
        near.checkpoint()
        began, before = time.monotonic(), threading.active_count()
        (told,) = witnessing.ask_all(near.database, at=near.now(), timeout_s=0.5)
        assert told.outcome is Outcome.UNREACHABLE
        assert time.monotonic() - began < 10
        while threading.active_count() > before:
            time.sleep(0.01)
        stop.set()
        thread.join()


def cosignature(place, body, *, signer=None, at=None, text=None, name=NAME):
    text = text or Note.read(body.partition("\n\n")[2]).text
    return notes.cosign(text, signer or place.folder.signer(), name=name, at=at or place.now())


def forged(place):
    now = place.now()
    yield "nothing", ""
    yield "no line", "ok\n"
    yield "no UTF-8", b"\xff\xfe"
    yield "a stranger's under the witness's name", lambda body: cosignature(place, body, signer=place.stranger)
    yield "under another name", lambda body: cosignature(place, body, name="witness.example/w2")
    yield "over another text", lambda body: cosignature(place, body, text=f"{ORIGIN}\n1\n{'A' * 43}=\n")
    yield "of tomorrow", lambda body: cosignature(place, body, at=now + timedelta(days=1))
    yield "of before the checkpoint", lambda body: cosignature(place, body, at=now - timedelta(days=1))
    yield "of the end of time", lambda body: cosignature(place, body, at=datetime(9999, 12, 31, tzinfo=UTC))
    yield (
        "a plain signature",
        lambda body: notes.sign(notes.Checkpoint(NAME, 1, bytes(32)), place.folder.signer()).rpartition("\n\n")[2],
    )
    yield (
        "the right one, and one of the same key that does not hold",
        lambda body: cosignature(place, body) + cosignature(place, body, text=f"{ORIGIN}\n1\n{'A' * 43}=\n"),
    )


def test_what_is_no_cosignature_is_not_kept_and_counts_as_one_refusal(near):
    cases = dict(forged(near))
    with hostile(*((200, {}, text) for text in cases.values())) as (url, _):
        near.enter(url)
        near.checkpoint()
        for what in cases:
            (told,) = near.ask()
            if what == "no UTF-8":
                assert told.outcome is Outcome.UNREACHABLE
            else:
                assert (told.outcome, told.status) == (Outcome.REFUSED, 200), what
    assert near.kept() == []
    (event,) = near.told()
    assert (event["subject"], event["by"], event["details"]["status"]) == (NAME, OPERATOR, 200)


def test_signatures_of_others_beside_the_witnesss_own_are_not_kept(near):
    def both(body):
        return cosignature(near, body, signer=near.stranger, name="witness.example/w2") + cosignature(near, body)

    with hostile((200, {}, both)) as (url, _):
        near.enter(url)
        near.checkpoint()
        (told,) = near.ask()
    assert told.outcome is Outcome.COSIGNED
    assert [line.name for line in Note.read(near.note()).lines] == [ORIGIN, NAME]


OTHERS = [
    (302, {"Location": "http://127.0.0.1:1/add-checkpoint"}, ""),
    (403, {}, ""),
    (409, {}, "2\n"),
    (404, {}, ""),
    (409, {"Content-Type": SIZE_TYPE}, ""),
    (422, {}, ""),
    (409, {"Content-Type": SIZE_TYPE}, "02\n"),
    (400, {}, ""),
    (409, {"Content-Type": SIZE_TYPE}, "2"),
    (418, {}, "x" * 1000),
    (409, {"Content-Type": SIZE_TYPE}, "-1\n"),
    (204, {}, ""),
    (409, {"Content-Type": SIZE_TYPE}, "0\n"),
    (409, {"Content-Type": SIZE_TYPE}, "9999\n"),
]


def test_any_other_answer_is_a_refusal(near):
    with hostile(*OTHERS) as (url, asked):
        near.enter(url)
        near.checkpoint()
        for number, (status, _, _) in enumerate(OTHERS, 1):
            (told,) = near.ask()
            assert (told.outcome, told.status) == (Outcome.REFUSED, status)
            assert len(asked) == len(near.told()) == number
    assert [event["details"]["status"] for event in near.told()] == [status for status, _, _ in OTHERS]


def test_an_answer_without_end_is_not_read(near):
    with hostile((200, {}, "x" * (MAX_ANSWER_BYTES + 1))) as (url, _):
        near.enter(url)
        near.checkpoint()
        assert [told.outcome for told in near.ask()] == [Outcome.UNREACHABLE]


def test_a_witness_that_always_knows_something_else_is_not_asked_for_ever(near):
    conflicts = [(409, {"Content-Type": SIZE_TYPE}, f"{1 + number % 2}\n") for number in range(9)]
    with hostile(*conflicts) as (url, asked):
        near.enter(url)
        near.checkpoint()
        assert [told.outcome for told in near.ask()] == [Outcome.OVERTAKEN]
        assert len(asked) == witnessing.ROUNDS
    assert near.told() == []


def test_a_refusal_is_told_once_for_as_long_as_it_lasts(place):
    """Its own entry makes the log grow, and the checkpoint after it is refused as well."""
    with witness_of(place) as url:
        place.enter(url)
        place.checkpoint()
        place.ask()
    trust(place.folder, ORIGIN, place.stranger.public)
    distrust(place.folder, ORIGIN, place.key.public)
    port = int(url.rpartition(":")[2])
    with serving(Server(Witness(place.folder, place.now), port, lambda line: None)):
        for name in "abc":
            place.grow(name)
            assert [(told.outcome, told.status) for told in place.ask()] == [(Outcome.REFUSED, 403)]
            assert len(place.told()) == 1
    trust(place.folder, ORIGIN, place.key.public)
    with serving(Server(Witness(place.folder, place.now), port, lambda line: None)):
        assert [told.outcome for told in place.ask()] == [Outcome.COSIGNED]
    distrust(place.folder, ORIGIN, place.key.public)
    with serving(Server(Witness(place.folder, place.now), port, lambda line: None)):
        for name in "de":
            place.grow(name)
            place.ask()
    assert len(place.told()) == 2


def test_a_log_that_was_rolled_back_is_refused_by_the_witness_and_this_is_told(place):
    """The witness knows a larger tree than there is: what it saw was cut off."""
    with hostile((409, {"Content-Type": SIZE_TYPE}, "500\n"), (409, {"Content-Type": SIZE_TYPE}, "500\n")) as (url, _):
        place.enter(url)
        size = place.checkpoint()
        assert [told.known for told in place.ask()] == [500]
        place.ask()
    (event,) = place.told()
    assert event["details"] == {"status": 409, "size": size, "known": 500}


def test_what_another_process_had_cosigned_meanwhile_is_no_refusal(place):
    def later(body):
        place.grow("meanwhile")
        with place.database.reading() as session:
            return f"{checkpoint.newest(session).size}\n"

    with hostile((409, {"Content-Type": SIZE_TYPE}, later)) as (url, _):
        place.enter(url)
        place.checkpoint()
        assert [told.outcome for told in place.ask()] == [Outcome.OVERTAKEN]
    assert place.told() == []


def test_many_who_ask_at_once_keep_one_cosignature(place):
    with witness_of(place) as url:
        place.enter(url)
        size = place.checkpoint()
        outcomes = []
        threads = [threading.Thread(target=lambda: outcomes.extend(place.ask())) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert place.kept() == [(size, NAME)]
    assert {told.outcome for told in outcomes} == {Outcome.COSIGNED}
    assert place.told() == []


def test_no_transaction_is_open_while_the_network_is_asked(place):
    """While the witness makes up its mind, the log takes entries from others."""

    def slowly(body):
        place.member("meanwhile")
        return cosignature(place, body)

    with hostile((200, {}, slowly)) as (url, _):
        place.enter(url)
        place.checkpoint()
        assert [told.outcome for told in place.ask()] == [Outcome.COSIGNED]


def test_entering_and_removing_a_witness_is_in_the_log(place):
    place.enter("https://witness.example/")
    with place.database.writing() as session:
        witnesses.remove(session, NAME, by=place.by, at=place.now())
    (added,), (removed,) = place.told("witness:added"), place.told("witness:removed")
    assert added["details"] == {"key": place.folder.key.public, "url": "https://witness.example"}
    assert (added["subject"], removed["subject"], removed["by"]) == (NAME, NAME, place.by)
    with place.database.reading() as session:
        (row,) = witnesses.entered(session)
        assert isinstance(row, LogWitness)
        assert witnesses.asked(session) == []


def test_a_name_stands_for_one_key_for_ever(place):
    place.enter("http://127.0.0.1:1")
    with pytest.raises(WitnessRefused, match="was entered already"):
        place.enter("http://127.0.0.1:1")
    with place.database.writing() as session:
        witnesses.remove(session, NAME, by=place.by, at=place.now())
    with pytest.raises(WitnessRefused, match="was entered already"):
        place.enter("http://127.0.0.1:1")
    for name in (NAME, "witness.example/nobody"):
        with pytest.raises(NotFound), place.database.writing() as session:
            witnesses.remove(session, name, by=place.by, at=place.now())


def test_a_witness_that_cannot_be_one_is_not_entered(near):
    names = ("", "a b", "a+b", "a\nb", "x" * 256)
    keys = ("", "x", "AAAA", "A" * 42 + "B=")
    urls = ("", "witness", "ftp://a", "file:///etc/passwd", "http://", "http://u:p@a", "http://u@a", "http://a?x")
    urls += ("http://a#x", "http://a:0", "http://a:x", "http://a:99999", "http://[::1", "http://a\n", "//a")
    tried = [("http://a", name, None) for name in names] + [("http://a", NAME, key) for key in keys]
    for url, name, key in [*tried, *((url, NAME, None) for url in urls)]:
        public = near.folder.key.public if key is None else key
        with pytest.raises(WitnessRefused), near.database.writing() as session:
            witnesses.add(session, name=name, key=public, url=url, by=near.by, at=near.now())
    assert near.told("witness:added") == []
