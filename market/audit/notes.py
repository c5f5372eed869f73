"""Signed statements of the tree, as others read and write them: C2SP signed notes, checkpoints and cosignatures.

A note is a text, a blank line, and signature lines: an em dash, the key's name, and the base64 of four bytes that
identify the key and of the signature (signed-note). A checkpoint is a note whose text is an origin, a size and a root
(tlog-checkpoint). A witness signs the same text under a header and a moment (tlog-cosignature, `cosignature/v1`).
Parsing is strict: what another implementation could read differently is refused.
"""

import base64
import binascii
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from anonymize import signing

ED25519 = 1
"""The kind of key that signs a note's text as it is."""
COSIGNATURE = 4
"""The kind of key by which a witness signs a checkpoint and the moment at which it saw it."""
MAX_NOTE_CHARACTERS = 512 * 1024
MAX_SIGNATURES = 64
"""A note may carry signatures of many witnesses; the specification asks for at least 16."""
LATEST = 2**63 - 1
"""No moment is later, in seconds since 1970 (tlog-cosignature)."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a note states: this log had this root at this size."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()
    """Lines that follow, which we neither write nor interpret."""

    @property
    def text(self) -> str:
        """The signed part of the note."""
        lines = (self.origin, str(self.size), base64.b64encode(self.root).decode(), *self.extensions)
        return "".join(f"{line}\n" for line in lines)


@dataclass(frozen=True, slots=True)
class Key:
    """A public key under the name that it signs by."""

    name: str
    public: str
    """Base64 of its 32 bytes."""
    kind: int = ED25519

    def __post_init__(self) -> None:
        if not _is_name(self.name):
            raise ValueError(f"a key's name has neither spaces nor a plus sign: {self.name!r}")
        if len(decoded(self.public)) != 32:
            raise ValueError("an Ed25519 key has 32 bytes")
        if self.kind not in (ED25519, COSIGNATURE):
            raise ValueError(f"keys of kind {self.kind} are not read here")

    @property
    def id(self) -> bytes:
        """The four bytes by which a signature line refers to it."""
        material = bytes([self.kind]) + decoded(self.public)
        return hashlib.sha256(self.name.encode() + b"\n" + material).digest()[:4]

    def __str__(self) -> str:
        """Write it as others do: NAME+ID+KEY (signed-note, verifier keys)."""
        material = base64.b64encode(bytes([self.kind]) + decoded(self.public)).decode()
        return f"{self.name}+{self.id.hex()}+{material}"

    @classmethod
    def read(cls, text: str) -> Self:
        """Read NAME+ID+KEY.

        Raises:
            ValueError: it is malformed, or the identifier is not that of the key.
        """
        name, _, rest = text.partition("+")
        identifier, _, material = rest.partition("+")
        raw = decoded(material)
        if not raw:
            raise ValueError("no verifier key: write it as NAME+ID+KEY")
        key = cls(name, base64.b64encode(raw[1:]).decode(), raw[0])
        if key.id.hex() != identifier:
            raise ValueError("the verifier key's identifier is not that of its name and key")
        return key


@dataclass(frozen=True, slots=True)
class Line:
    """One signature line of a note."""

    name: str
    key_id: bytes
    signature: bytes

    def __str__(self) -> str:
        return f"— {self.name} {base64.b64encode(self.key_id + self.signature).decode()}\n"

    @classmethod
    def read(cls, text: str) -> Self:
        """Read one line, its newline taken off.

        Raises:
            ValueError: it is malformed.
        """
        dash, _, rest = text.partition(" ")
        name, _, encoded = rest.partition(" ")
        raw = decoded(encoded)
        if dash != "—" or not _is_name(name) or len(raw) < 5:
            raise ValueError("a signature line is malformed")
        return cls(name, raw[:4], raw[4:])

    def by(self, key: Key) -> bool:
        """Say whether the line claims to be by *key*; both name and identifier must be its own."""
        return self.name == key.name and self.key_id == key.id

    def moment_s(self, key: Key, text: str) -> int:
        """Check the signature over *text*; gives the moment a witness states in seconds since 1970, else 0.

        Raises:
            ValueError: it is not by *key* over *text*.
        """
        if key.kind == ED25519:
            moment_s, signature, message = 0, self.signature, text
        else:
            moment_s, signature = int.from_bytes(self.signature[:8], "big"), self.signature[8:]
            message = _cosigned(text, moment_s)
        if moment_s > LATEST or not signing.verify(key.public, base64.b64encode(signature).decode(), message.encode()):
            raise ValueError(f"the signature of {key.name} is not valid")
        return moment_s


@dataclass(frozen=True, slots=True)
class Note:
    """A text and who says to have signed it."""

    text: str
    lines: tuple[Line, ...]

    @classmethod
    def read(cls, note: str) -> Self:
        """Read a note without trusting it.

        Raises:
            ValueError: it is malformed.
        """
        if len(note) > MAX_NOTE_CHARACTERS:
            raise ValueError(f"a note has at most {MAX_NOTE_CHARACTERS} characters")
        if any((letter < " " and letter != "\n") or "\ud800" <= letter <= "\udfff" for letter in note):
            raise ValueError("a note is UTF-8 text without control characters")
        head, blank, signatures = note.rpartition("\n\n")
        lines = signatures.split("\n")
        if not blank or len(lines) < 2 or lines.pop() != "":
            raise ValueError("no note: it needs a text, a blank line and signature lines")
        if len(lines) > MAX_SIGNATURES:
            raise ValueError(f"a note has at most {MAX_SIGNATURES} signatures")
        return cls(f"{head}\n", tuple(map(Line.read, lines)))

    def verified(self, keys: Iterable[Key]) -> dict[Key, int]:
        """Give who of *keys* signed, and the moment each witness states (else 0). Lines by unknown keys are ignored.

        Raises:
            ValueError: a line by one of *keys* does not verify.
        """
        known = list(keys)
        return {key: line.moment_s(key, self.text) for line in self.lines for key in known if line.by(key)}


def parse(text: str) -> Checkpoint:
    """Read the text of a checkpoint.

    Raises:
        ValueError: it is malformed, or written as no log writes it.
    """
    lines = text.split("\n")
    if len(lines) < 4 or lines.pop() != "" or not all(lines):
        raise ValueError("no checkpoint: it needs an origin, a size, a root and a signature")
    checkpoint = Checkpoint(lines[0], size(lines[1]), decoded(lines[2]), tuple(lines[3:]))
    if len(checkpoint.root) != 32:
        raise ValueError("a checkpoint's root has 32 bytes")
    return checkpoint


def sign(checkpoint: Checkpoint, signer: signing.Signer) -> str:
    """Write the signed note of *checkpoint*; the key is named by the log's origin."""
    key = Key(checkpoint.origin, signer.public)
    line = Line(key.name, key.id, decoded(signer.sign(checkpoint.text.encode())))
    return f"{checkpoint.text}\n{line}"


def read(note: str, *publics: str) -> Checkpoint:
    """Read a checkpoint that is signed, under its origin's name, by one of the log's keys *publics* (base64).

    Raises:
        ValueError: it is malformed, or signed by none of them.
    """
    signed = Note.read(note)
    checkpoint = parse(signed.text)
    if not signed.verified(Key(checkpoint.origin, public) for public in publics):
        raise ValueError("the checkpoint is not signed by the log's key")
    return checkpoint


def cosign(text: str, signer: signing.Signer, *, name: str, at: datetime) -> str:
    """Sign the checkpoint *text* as the witness *name*; gives the signature line, newline included."""
    key, moment_s = Key(name, signer.public, COSIGNATURE), int(at.timestamp())
    signature = decoded(signer.sign(_cosigned(text, moment_s).encode()))
    return str(Line(name, key.id, moment_s.to_bytes(8, "big") + signature))


def size(text: str) -> int:
    """Read the size of a tree.

    Raises:
        ValueError: it is not written as a decimal number without leading zeros.
    """
    if not (text.isascii() and text.isdecimal()) or len(text) > 19 or str(int(text)) != text:
        raise ValueError("a tree's size is a decimal number without leading zeros, at most 19 digits long")
    return int(text)


def decoded(text: str) -> bytes:
    """Decode base64 that is written in the one canonical way.

    Raises:
        ValueError: it is no base64, or the same bytes are written otherwise.
    """
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValueError("no base64") from error
    if base64.b64encode(raw).decode() != text:
        raise ValueError("no canonical base64")
    return raw


def _cosigned(text: str, moment_s: int) -> str:
    return f"cosignature/v1\ntime {moment_s}\n{text}"


def _is_name(name: str) -> bool:
    return bool(name) and "+" not in name and not any(letter.isspace() for letter in name)
