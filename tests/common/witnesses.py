"""A log that is grown by hand, and witnesses that run as processes of their own."""

import base64
import http.client
import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from anonymize.signing import Signer
from market.audit import merkle, notes
from market.audit.notes import COSIGNATURE, Checkpoint, Key
from tests.common.market_world import command

ORIGIN = "log.example/grown"


@dataclass
class GrownLog:
    """A tree in memory, and the key that signs it, if one does; `fork` gives one that goes another way."""

    signer: Signer | None
    origin: str = ORIGIN
    leaves: list[bytes] = field(default_factory=list)
    _nodes: dict[tuple[int, int], bytes] = field(default_factory=dict)

    def grow(self, count: int, word: str = "leaf") -> "GrownLog":
        """Append *count* leaves."""
        for _ in range(count):
            index = len(self.leaves)
            self.leaves.append(f"{word} {index}".encode())
            made = merkle.completed(index, merkle.leaf_hash(self.leaves[-1]), self.node)
            self._nodes.update({(level, position): digest for level, position, digest in made})
        return self

    def fork(self, at: int, count: int, word: str = "other") -> "GrownLog":
        """Give a log that is the same up to leaf *at*, and another from there."""
        forked = GrownLog(self.signer, self.origin)
        for leaf in self.leaves[:at]:
            forked.leaves.append(leaf)
            made = merkle.completed(len(forked.leaves) - 1, merkle.leaf_hash(leaf), forked.node)
            forked._nodes.update({(level, position): digest for level, position, digest in made})
        return forked.grow(count, word)

    def node(self, level: int, position: int) -> bytes:
        return self._nodes[level, position]

    @property
    def size(self) -> int:
        return len(self.leaves)

    def root(self, size: int | None = None) -> bytes:
        return merkle.root(self.size if size is None else size, self.node)

    def checkpoint(self, size: int | None = None) -> Checkpoint:
        size = self.size if size is None else size
        return Checkpoint(self.origin, size, self.root(size))

    def note(self, size: int | None = None, signer: Signer | None = None) -> str:
        return notes.sign(self.checkpoint(size), signer or self.signer)

    def proof(self, old: int, size: int | None = None) -> list[bytes]:
        return merkle.consistency_proof(old, self.size if size is None else size, self.node)

    def submission(self, old: int, size: int | None = None, *, note: str | None = None) -> bytes:
        """Write what a log sends."""
        size = self.size if size is None else size
        proof = self.proof(old, size) if old <= size else []
        return submission(old, proof, self.note(size) if note is None else note)


def submission(old: int | str, proof: list[bytes], note: str) -> bytes:
    """Write a submission, right or wrong."""
    hashes = "".join(f"{base64.b64encode(digest).decode()}\n" for digest in proof)
    return f"old {old}\n{hashes}\n{note}".encode()


@dataclass(frozen=True)
class Reply:
    """What came back."""

    status: int
    content_type: str | None
    text: str


@dataclass
class Running:
    """A witness's process."""

    process: "subprocess.Popen[str]"
    folder: Path
    name: str
    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def key(self) -> Key:
        return Key.read((self.folder / "witness.pub").read_text().rstrip("\n"))

    def ask(self, method: str, path: str, body: bytes | None = None, **headers: str) -> Reply:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
            answer = connection.getresponse()
            return Reply(answer.status, answer.headers["Content-Type"], answer.read().decode())
        finally:
            connection.close()

    def submit(self, body: bytes) -> Reply:
        return self.ask("POST", "/add-checkpoint", body)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


def made(folder: Path, *logs: GrownLog, name: str = "witness.example/w1") -> Path:
    """Make a witness's folder that knows *logs*, by its commands."""
    _sluice("init", folder, "--name", name)
    for log in logs:
        told_of(folder, log.origin, log.signer.public)
    return folder


def told_of(folder: Path, origin: str, public: str) -> None:
    """Tell a witness of a log."""
    _sluice("trust", folder, "--origin", origin, "--key", public)


def start(folder: Path, port: int = 0) -> Running:
    """Start the witness of *folder*, on a free port unless told."""
    words = command("witness", "serve", folder, "--port", str(port), "--json")
    with (folder / "told").open("a") as told:
        process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=told, text=True)
    assert process.stdout is not None
    line = process.stdout.readline()
    process.stdout.close()
    assert line, (folder / "told").read_text()
    said = json.loads(line)
    return Running(process, folder, said["name"], int(said["url"].rpartition(":")[2]))


@contextmanager
def running(folder: Path) -> Iterator[Running]:
    """Run the witness of *folder* for as long as the block."""
    witness = start(folder)
    try:
        yield witness
    finally:
        witness.kill()


def cosigned(reply: Reply, log: GrownLog, key: Key, size: int | None = None) -> int:
    """Insist on a cosignature by *key* over the log's checkpoint; gives its moment."""
    assert key.kind == COSIGNATURE
    assert reply.status == 200, reply
    note = notes.Note.read(log.note(size) + reply.text)
    return note.verified([key])[key]


def _sluice(*words: str | Path) -> None:
    done = subprocess.run(command("witness", *words), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
