"""Take the log away, whole or in part, in a form that `verify_log.py` checks without us.

Each line stands behind the SHA-256 of a zero byte and its content: for an entry that is its leaf in the tree. The head
says what follows and which keys signed the log; checkpoints stand where the tree had their size, with the signatures of
witnesses; the last line signs all before it, so that no byte is without a hash and none without a signature.
"""

from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256
from itertools import islice
from typing import IO, Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from anonymize.signing import Signer
from catalog.errors import NotFound, WrongState
from market.audit import checkpoint, log, merkle
from market.audit.models import LogCheckpoint
from market.audit.notary import Notary, rotations_of
from policies.canonical import canonical_json

FORMAT = "sluice-log-export/2"
BATCH = 1000


class _Lines:
    """Lines behind their hashes, and the hash of all of them."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file, self.running = file, sha256()

    def write(self, content: bytes) -> None:
        """Write one line."""
        line = b"%s %s\n" % (merkle.leaf_hash(content).hex().encode(), content)
        self.running.update(line)
        self.file.write(line)

    def tell(self, value: dict[str, Any]) -> None:
        """Write one that is no entry."""
        self.write(canonical_json(value))

    def sign(self, entries: int, origin: str, signer: Signer) -> None:
        """Write the last one."""
        whole = self.running.hexdigest()
        message = canonical_json({"entries": entries, "export": whole, "log": origin})
        self.tell({"sha256": whole, "signature": signer.sign(message)})


def write(session: Session, file: IO[bytes], notary: Notary, *, retention_years: int, at: datetime) -> int:
    """Write the log up to its newest checkpoint, with every checkpoint that was kept; gives the number of entries.

    Raises:
        WrongState: it was never signed.
    """
    size = _newest(session).size
    lines = _begin(session, file, notary, selection=False, retention_years=retention_years, at=at)
    columns = log.ENTRIES.c
    found = select(columns.body).where(columns.seq < size).order_by(columns.seq)
    written = 0
    with session.connection().execute(found, execution_options={"yield_per": BATCH}) as bodies:
        for signed_size, note in checkpoint.all_notes(session):
            for (body,) in islice(bodies, signed_size - written):
                lines.write(body)
            written = signed_size
            lines.tell({"checkpoint": note})
    lines.sign(written, notary.origin, notary.signer(session))
    return written


def write_selection(
    session: Session, file: IO[bytes], seqs: Iterable[int], notary: Notary, *, retention_years: int, at: datetime
) -> int:
    """Write the entries *seqs*, each with its proof in the tree of the newest checkpoint; gives their number.

    Raises:
        NotFound: one of them is not in the log.
        WrongState: one is newer than the newest checkpoint.
    """
    wanted = sorted(set(seqs))
    stated = _newest(session)
    if wanted and wanted[-1] >= stated.size:
        fix = "Take one first: sluice log checkpoint."
        raise WrongState(f"entry {wanted[-1]}", f"is newer than the newest checkpoint, of {stated.size}", fix=fix)
    lines = _begin(session, file, notary, selection=True, retention_years=retention_years, at=at)
    lines.tell({"checkpoint": checkpoint.note_of(session, stated)})
    prove = log.prover(session, stated.size)
    for seq in wanted:
        found = session.connection().execute(select(log.ENTRIES.c.body).where(log.ENTRIES.c.seq == seq)).scalar()
        if found is None:
            raise NotFound(f"entry {seq}", "is not in the log", fix="Entries are counted from 0.")
        proof = [digest.hex() for digest in prove(seq).hashes]
        lines.tell({"index": seq, "body": found.decode(errors="replace"), "proof": proof})
    lines.sign(len(wanted), notary.origin, notary.signer(session))
    return len(wanted)


def _begin(
    session: Session, file: IO[bytes], notary: Notary, *, selection: bool, retention_years: int, at: datetime
) -> _Lines:
    lines = _Lines(file)
    head = {
        "format": FORMAT,
        "log": notary.origin,
        "at": at,
        "selection": selection,
        "retention": f"Entries are kept for {retention_years} years at least; the program deletes none.",
        "rotations": [rotation.to_dict() for rotation in rotations_of(session, notary.origin)],
    }
    lines.tell(head)
    return lines


def _newest(session: Session) -> LogCheckpoint:
    stated = checkpoint.newest(session)
    if stated is None:
        raise WrongState("log", "was never signed", fix="Take a checkpoint first: sluice log checkpoint.")
    return stated
