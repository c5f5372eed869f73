"""What a log sends to a witness: the size it believes the witness knows, a consistency proof, and a checkpoint.

    old 20852014
    PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=
    (up to 63 hashes in base64, then an empty line)

    (the signed note)

The form is C2SP tlog-witness, `add-checkpoint`. Reading is strict, and trusts nothing: signatures are for later.
"""

from dataclasses import dataclass
from typing import Self

from market.audit import notes
from market.audit.notes import Checkpoint, Note

MAX_HASHES = 63
"""A proof between trees of fewer than 2^63 leaves needs no more (tlog-witness)."""
MAX_BODY_BYTES = 128 * 1024
"""Room for 63 hashes and 16 signatures of 5 kB each, which signed-note asks verifiers to accept."""


@dataclass(frozen=True, slots=True)
class Submission:
    """A checkpoint, and the proof that it extends the tree of `old` leaves."""

    old: int
    proof: tuple[bytes, ...]
    note: Note
    checkpoint: Checkpoint

    @classmethod
    def read(cls, body: bytes) -> Self:
        """Read the body of a request.

        Raises:
            ValueError: it is malformed.
        """
        if len(body) > MAX_BODY_BYTES:
            raise ValueError(f"a submission has at most {MAX_BODY_BYTES} bytes")
        head, blank, rest = body.decode().partition("\n\n")
        first, *hashes = head.split("\n")
        word, space, old = first.partition(" ")
        if not blank or word + space != "old ":
            raise ValueError("no submission: it needs a line `old SIZE`, hashes, an empty line and a checkpoint")
        if len(hashes) > MAX_HASHES:
            raise ValueError(f"a proof has at most {MAX_HASHES} hashes")
        proof = tuple(map(notes.decoded, hashes))
        if any(len(digest) != 32 for digest in proof):
            raise ValueError("a hash of a proof has 32 bytes")
        note = Note.read(rest)
        return cls(notes.size(old), proof, note, notes.parse(note.text))
