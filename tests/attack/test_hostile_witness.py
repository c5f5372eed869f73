"""Whatever is thrown at a witness, it signs what the log signed, in one line of growth, and never falls over."""

import contextlib
import random
import socket
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from anonymize.signing import Signer
from market.audit import notes
from market.witness.cosigning import Witness
from market.witness.folder import Folder
from market.witness.trusting import trust
from tests.common import witnesses
from tests.common.clock import BEGIN
from tests.common.witnesses import GrownLog, cosigned

KNOWN = {200, 400, 403, 404, 409, 422}
PIECES = st.sampled_from(
    [
        b"\n",
        b"\n\n",
        b" ",
        b"old 4\n",
        b"old 0\n",
        b"\xe2\x80\x94 ",
        b"=",
        b"A",
        b"\x00",
        b"\xff",
        b"\r",
        b"0",
        b"+",
        b"9" * 30,
    ]
)


@st.composite
def mutations(draw: st.DrawFn) -> list[tuple[str, int, int, bytes]]:
    kinds = st.sampled_from(["flip", "delete", "insert", "repeat", "swap"])
    places = st.integers(0, 2**16)
    return draw(st.lists(st.tuples(kinds, places, places, PIECES), min_size=1, max_size=4))


def mutated(body: bytes, changes: list[tuple[str, int, int, bytes]]) -> bytes:
    for kind, one, other, piece in changes:
        low, high = sorted((one % (len(body) + 1), other % (len(body) + 1)))
        match kind:
            case "flip" if body:
                at = low % len(body)
                body = body[:at] + bytes([body[at] ^ (1 << other % 8)]) + body[at + 1 :]
            case "delete":
                body = body[:low] + body[min(high, low + 40) :]
            case "insert":
                body = body[:low] + piece + body[low:]
            case "repeat":
                body = body[:low] + body[low:high][:200] * 2 + body[high:]
            case "swap":
                middle = (low + high) // 2
                body = body[:low] + body[middle:high] + body[low:middle] + body[high:]
    return body


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> GrownLog:
    return GrownLog(Signer.create(tmp_path_factory.mktemp("keys") / "log.key")).grow(9)


@pytest.fixture
def folder(tmp_path: Path, log: GrownLog) -> Folder:
    made = Folder.create(tmp_path / "witness", "witness.example/w1")
    trust(made, log.origin, log.signer.public)
    return made


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=mutations(), old=st.sampled_from([0, 4, 9]), fork=st.booleans())
def test_a_mutated_submission_is_refused_or_says_the_same(
    folder: Folder, log: GrownLog, changes: list[tuple[str, int, int, bytes]], old: int, fork: bool
) -> None:
    """It may be cosigned only where the checkpoint in it is, to the letter, one that the true log signed."""
    witness = Witness(folder, lambda: BEGIN)
    witness.add_checkpoint(log.submission(0, 4))
    tree = log.fork(2, 7) if fork else log
    answer = witness.add_checkpoint(mutated(tree.submission(old), changes))
    assert answer.status in KNOWN
    (seen,) = folder.logs()
    assert seen.checkpoint in (log.checkpoint(4), log.checkpoint())
    if answer.status == 200:
        note = notes.Note.read(log.note(seen.checkpoint.size) + answer.text)
        assert note.verified([folder.key])


@pytest.mark.parametrize("size", [5, 9])
def test_every_flipped_bit_of_a_proof_or_a_checkpoint_is_refused(folder: Folder, log: GrownLog, size: int) -> None:
    witness = Witness(folder, lambda: BEGIN)
    assert witness.add_checkpoint(log.submission(0, 4)).status == 200
    whole = log.submission(4, size)
    for at in range(len(whole)):
        changed = whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :]
        assert witness.add_checkpoint(changed).status != 200, at
    assert witness.add_checkpoint(whole).status == 200


def test_bytes_thrown_at_the_process_leave_it_standing(tmp_path: Path, log: GrownLog) -> None:
    seed = random.SystemRandom().randrange(10**6)
    print(f"seed {seed}")
    chance = random.Random(seed)
    good = log.submission(0)
    head = f"POST /add-checkpoint HTTP/1.1\r\nHost: w\r\nContent-Length: {len(good)}\r\n\r\n".encode()
    words = [head, good, b"\r\n", b"\r\n\r\n", b"HTTP/1.1", b"Content-Length: 9\r\n", b"\x00" * 20, b"GET /", b"\xff"]
    with witnesses.running(witnesses.made(tmp_path / "w", log)) as witness:
        for _ in range(150):
            sent = b"".join(chance.choices(words, k=chance.randint(1, 6)))
            if chance.random() < 0.5:
                sent = chance.randbytes(chance.randint(0, 40)) + sent
            connection = socket.create_connection(("127.0.0.1", witness.port), timeout=20)
            with connection, contextlib.suppress(OSError):
                connection.sendall(sent)
                connection.shutdown(socket.SHUT_WR)
                while connection.recv(4096):
                    pass
        old = int(witness.submit(log.submission(3)).text)
        cosigned(witness.submit(log.submission(old)), log, witness.key)
        told = (witness.folder / "told").read_text()
        assert "Traceback" not in told
        assert "fault" not in told
