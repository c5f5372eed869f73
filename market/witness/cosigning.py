"""The witness at work: what it answers to a submission, in the order and with the codes of C2SP tlog-witness.

It signs one view of each log, whatever happens: what it has seen is on the disk before the cosignature leaves, and one
submission of a log is weighed at a time.
"""

import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from http import HTTPStatus

from market.audit import merkle, notes
from market.audit.notes import Checkpoint, Key, Note
from market.witness.folder import Folder, KnownLog, hash_of
from market.witness.submission import Submission

SIZE_TYPE = "text/x.tlog.size"
"""The content type of an answer that names the size the witness knows."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back to whoever asked."""

    status: HTTPStatus
    text: str
    content_type: str = "text/plain; charset=utf-8"
    origin: str | None = None
    """The log it is about, once the witness knows it; for the operator's eyes."""


class Witness:
    """A witness that holds its folder's lock: it alone writes there."""

    def __init__(self, folder: Folder, clock: Callable[[], datetime]) -> None:
        self.key = folder.key
        self._folder, self._clock, self._signer = folder, clock, folder.signer()
        self._logs = {log.origin: log for log in folder.logs()}
        self._by_hash = {hash_of(origin): origin for origin in self._logs}
        self._turn = threading.Lock()

    def add_checkpoint(self, body: bytes) -> Answer:
        """Answer a submission: with a cosignature, or with why there is none.

        Raises:
            OSError: what was seen could not be kept, so nothing was signed.
        """
        try:
            asked = Submission.read(body)
        except ValueError as error:
            return Answer(HTTPStatus.BAD_REQUEST, f"{error}\n")
        origin = asked.checkpoint.origin
        if origin not in self._logs:
            return Answer(HTTPStatus.NOT_FOUND, "this witness does not know the log\n")
        with self._turn:
            return replace(self._weigh(self._logs[origin], asked), origin=origin)

    def latest(self, hashed: str) -> str | None:
        """Give the newest cosigned note of the log whose origin hashes to *hashed*, if there is one."""
        origin = self._by_hash.get(hashed)
        return None if origin is None else self._logs[origin].note

    def _weigh(self, log: KnownLog, asked: Submission) -> Answer:
        signed = _signed_by(log.keys, asked.note)
        if signed is None:
            return Answer(HTTPStatus.FORBIDDEN, "the checkpoint is not signed by a key of the log\n")
        seen, stated = log.checkpoint, asked.checkpoint
        if asked.old > stated.size:
            return Answer(HTTPStatus.BAD_REQUEST, "the old size is larger than the checkpoint's\n")
        other = stated.size == seen.size and stated.root != seen.root
        if other:
            self._keep_refused(stated, signed)
        if asked.old != seen.size:
            return Answer(HTTPStatus.CONFLICT, f"{seen.size}\n", SIZE_TYPE)
        if other:
            return Answer(HTTPStatus.CONFLICT, "this witness knows another root of the same size\n")
        if not _extends(asked, seen.size, seen.root):
            self._keep_refused(stated, signed)
            return Answer(HTTPStatus.UNPROCESSABLE_ENTITY, "the proof does not show that the known tree was extended\n")
        return self._cosign(log, asked, signed)

    def _keep_refused(self, stated: Checkpoint, signed: str) -> None:
        with suppress(OSError):  # refused all the same where the disk is full
            self._folder.keep_refused(stated, signed)

    def _cosign(self, log: KnownLog, asked: Submission, signed: str) -> Answer:
        at = self._clock()
        if at.timestamp() < log.seen_s:
            why = "this witness's clock is behind its last signature\n"
            return Answer(HTTPStatus.SERVICE_UNAVAILABLE, why)
        line = notes.cosign(asked.note.text, self._signer, name=self.key.name, at=at)
        seen = replace(log, note=signed + line, seen_s=int(at.timestamp()))
        self._folder.keep(seen)
        self._logs[log.origin] = seen
        return Answer(HTTPStatus.OK, line)


def _signed_by(keys: tuple[Key, ...], note: Note) -> str | None:
    """Give the note with the signatures by *keys* alone, or nothing where none of them signed or one is not valid."""
    try:
        signers = note.verified(keys)
    except ValueError:
        return None
    lines = {str(line) for line in note.lines if any(line.by(key) for key in signers)}
    return f"{note.text}\n{''.join(sorted(lines))}" if lines else None


def _extends(asked: Submission, size: int, root: bytes) -> bool:
    """Say whether the checkpoint extends the tree of *size* leaves; every tree extends the empty one, with no proof."""
    if size == 0:
        return not asked.proof
    stated = asked.checkpoint
    return merkle.verify_consistency(size, stated.size, root, stated.root, asked.proof)
