"""Each MUST of C2SP tlog-witness, asked of the real process; and what kills, key changes and forks do to it."""

import http.client
import json
import random
import subprocess
import threading
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from anonymize.signing import Signer
from market.audit import notes
from market.audit.notes import Checkpoint, Note
from market.witness.folder import Folder, hash_of
from tests.common import witnesses
from tests.common.market_world import command
from tests.common.witnesses import GrownLog, Running, cosigned, submission
from tests.soak.forks import never_two_views

LOGS = 20


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> Signer:
    return Signer.create(tmp_path_factory.mktemp("keys") / "log.key")


@pytest.fixture(scope="module")
def known(key: Signer) -> list[GrownLog]:
    return [GrownLog(key, f"log.example/{number}").grow(9) for number in range(LOGS)]


@pytest.fixture(scope="module")
def witness(tmp_path_factory: pytest.TempPathFactory, known: list[GrownLog]) -> Iterator[Running]:
    """One process for all tests of this file; each takes a log of its own."""
    folder = witnesses.made(tmp_path_factory.mktemp("witness") / "w", known[0])
    opened = Folder.open(folder)
    with opened.alone():
        for log in known:
            key = notes.Key(log.origin, log.signer.public)
            opened.keep(type(opened.logs()[0])(log.origin, (key,)))
    with witnesses.running(folder) as process:
        yield process


_numbers = count()


@pytest.fixture
def log(known: list[GrownLog]) -> GrownLog:
    return known[next(_numbers)]


def test_a_checkpoint_of_a_new_log_is_cosigned(witness: Running, log: GrownLog) -> None:
    before = int(time.time())
    reply = witness.submit(log.submission(0))
    assert before <= cosigned(reply, log, witness.key) <= time.time()
    assert reply.text.startswith("— witness.example/w1 ")
    assert reply.text.endswith("\n")
    assert reply.text.count("\n") == 1


def test_a_log_that_grows_is_cosigned_with_each_proof(witness: Running, log: GrownLog) -> None:
    for old, size in ((0, 1), (1, 2), (2, 5), (5, 8), (8, 9)):
        cosigned(witness.submit(log.submission(old, size)), log, witness.key, size)


def test_the_same_checkpoint_is_cosigned_again(witness: Running, log: GrownLog) -> None:
    for old in (0, 9, 9):
        cosigned(witness.submit(log.submission(old)), log, witness.key)


def test_an_unknown_origin_is_404(witness: Running, key: Signer) -> None:
    assert witness.submit(GrownLog(key, "log.example/unknown").grow(1).submission(0)).status == 404


def test_a_checkpoint_signed_by_no_trusted_key_is_403(witness: Running, log: GrownLog, tmp_path: Path) -> None:
    impostor = Signer.create(tmp_path / "impostor.key")
    assert witness.submit(submission(0, [], log.note(signer=impostor))).status == 403
    named = notes.sign(Checkpoint("log.example/other", 1, bytes(32)), log.signer).rpartition("\n\n")[2]
    assert witness.submit(submission(0, [], f"{log.checkpoint().text}\n{named}")).status == 403


def test_signatures_by_unknown_keys_are_ignored(witness: Running, log: GrownLog, tmp_path: Path) -> None:
    """Among them sixteen of 5 kB each, as post-quantum ones are: signed-note asks verifiers to accept those."""
    stranger = Signer.create(tmp_path / "stranger.key")
    own = log.note()
    others = "".join(str(notes.Line(f"w{number}.example", bytes(4), bytes(5000))) for number in range(16))
    others += log.note(signer=stranger).rpartition("\n\n")[2]
    head, _, line = own.rpartition("\n\n")
    cosigned(witness.submit(submission(0, [], f"{head}\n\n{others}{line}")), log, witness.key)


def test_an_old_size_beyond_the_checkpoint_is_400(witness: Running, log: GrownLog) -> None:
    assert witness.submit(submission(10, [], log.note())).status == 400
    cosigned(witness.submit(log.submission(0)), log, witness.key)
    assert witness.submit(submission(9, [], log.note(8))).status == 400


def test_an_old_size_that_is_not_the_latest_is_409_with_the_latest(witness: Running, log: GrownLog) -> None:
    first = witness.submit(log.submission(4))
    assert (first.status, first.content_type, first.text) == (409, "text/x.tlog.size", "0\n")
    cosigned(witness.submit(log.submission(0, 5)), log, witness.key, 5)
    for old in (0, 4, 6, 9):
        reply = witness.submit(log.submission(old))
        assert (reply.status, reply.content_type, reply.text) == (409, "text/x.tlog.size", "5\n")


def test_a_proof_that_does_not_hold_is_422(witness: Running, log: GrownLog) -> None:
    cosigned(witness.submit(log.submission(0, 5)), log, witness.key, 5)
    good = log.proof(5)
    for proof in (good[:-1], good[1:], good[::-1], [*good, bytes(32)], [bytes(32)] * len(good), [], log.proof(4)):
        assert witness.submit(submission(5, proof, log.note())).status == 422
    cosigned(witness.submit(submission(5, good, log.note())), log, witness.key)


def test_a_proof_from_nothing_must_be_empty(witness: Running, log: GrownLog) -> None:
    assert witness.submit(submission(0, [bytes(32)], log.note())).status == 422
    cosigned(witness.submit(log.submission(0)), log, witness.key)


def test_another_root_of_the_same_size_is_409(witness: Running, log: GrownLog) -> None:
    cosigned(witness.submit(log.submission(0)), log, witness.key)
    reply = witness.submit(log.fork(6, 3).submission(9))
    assert (reply.status, reply.content_type) == (409, "text/plain; charset=utf-8")
    cosigned(witness.submit(log.submission(9)), log, witness.key)


def test_what_is_malformed_is_400(witness: Running, log: GrownLog) -> None:
    good = log.submission(0).decode()
    for body in (
        "",
        "\n",
        good[:-1],
        good.replace("old 0", "old 00"),
        good.replace("old 0", "old 00000000000"),
        good.replace("old 0\n", ""),
        good.replace("old 0\n", "old 0\r\n"),
        good.replace("\n9\n", "\n09\n"),
        good.replace("\n9\n", "\n-9\n"),
        good.replace("— ", "- "),
        good.replace("old 0\n", "old 0\nAAAA\n"),
        submission(0, [bytes(32)] * 64, log.note()).decode(),
    ):
        assert witness.submit(body.encode()).status == 400, body
    assert witness.submit(good.encode() + b"\xff").status == 400


def test_extension_lines_are_part_of_what_is_cosigned(witness: Running, log: GrownLog) -> None:
    note = notes.sign(Checkpoint(log.origin, log.size, log.root(), ("extension",)), log.signer)
    reply = witness.submit(submission(0, [], note))
    assert Note.read(note + reply.text).verified([witness.key])


def test_only_a_post_submits(witness: Running, log: GrownLog) -> None:
    for method, expected in (("GET", 405), ("PUT", 501), ("DELETE", 501), ("OPTIONS", 501)):
        assert witness.ask(method, "/add-checkpoint", log.submission(0)).status == expected


def test_connections_are_kept_alive(witness: Running, log: GrownLog) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", witness.port, timeout=20)
    connection.connect()
    first = connection.sock
    for old, size in ((0, 3), (3, 9), (5, 9)):
        connection.request("POST", "/add-checkpoint", log.submission(old, size))
        answer = connection.getresponse()
        answer.read()
        assert answer.status == (409 if old == 5 else 200)
    assert connection.sock is first
    connection.close()


def test_the_newest_note_can_be_read_with_all_that_signed_it(witness: Running, log: GrownLog) -> None:
    path = f"/{hash_of(log.origin)}/checkpoint"
    assert witness.ask("GET", path).status == 404
    line = witness.submit(log.submission(0)).text
    assert witness.ask("GET", path).text == log.note() + line


def test_of_two_views_sent_at_once_one_is_cosigned(witness: Running, log: GrownLog) -> None:
    trees = [log, *(log.fork(4, 5, word) for word in "abcdefg")]
    replies: list[int] = []
    threads = [
        threading.Thread(target=lambda tree=tree: replies.append(witness.submit(tree.submission(0)).status))
        for tree in trees
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(replies) == [200] + [409] * 7


def test_what_was_cosigned_is_known_after_a_kill(tmp_path: Path, key: Signer) -> None:
    log = GrownLog(key).grow(9)
    folder = witnesses.made(tmp_path / "w", log)
    with witnesses.running(folder) as witness:
        line = witness.submit(log.submission(0, 6)).text
    with witnesses.running(folder) as witness:
        assert witness.ask("GET", f"/{hash_of(log.origin)}/checkpoint").text == log.note(6) + line
        assert witness.submit(log.submission(0)).text == "6\n"
        assert witness.submit(log.fork(5, 4).submission(6)).status == 422
        cosigned(witness.submit(log.submission(6)), log, witness.key)


def test_no_kill_at_any_moment_makes_it_sign_two_views(tmp_path: Path, key: Signer) -> None:
    seed = random.SystemRandom().randrange(10**6)
    print(f"seed {seed}")
    print(never_two_views(tmp_path / "w", key, 6, seed))


def test_a_second_process_on_the_same_folder_is_refused(witness: Running) -> None:
    words = command("witness", "serve", witness.folder, "--port", "0", "--json")
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 1
    assert "in use" in json.loads(done.stdout)["error"]["message"]


def test_it_ends_when_it_is_told_to(tmp_path: Path, key: Signer) -> None:
    witness = witnesses.start(witnesses.made(tmp_path / "w", GrownLog(key)))
    witness.process.terminate()
    assert witness.process.wait(timeout=20) == 0
    assert (witness.folder / "told").read_text() == ""


def test_it_needs_neither_database_nor_web_server_nor_home(tmp_path: Path, key: Signer) -> None:
    """What a department runs is small: the standard library, click and cryptography."""
    heavy = ("sqlalchemy", "sqlmodel", "flask", "werkzeug", "gunicorn", "alembic", "duckdb", "pyarrow", "numpy")
    folder = witnesses.made(tmp_path / "w", GrownLog(key))
    words = ["witness", "show", str(folder)]
    program = (
        "import sys\nfrom market.cli.main import sluice\nimport market.witness.server, market.witness.trusting\n"
        f"sluice.main({words!r}, standalone_mode=False)\nprint([name for name in {heavy!r} if name in sys.modules])"
    )
    done = subprocess.run([*command()[:1], "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
