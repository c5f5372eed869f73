"""Proofs for strangers, and the notes they hold under: that an entry is in the log, and that the log has only grown."""

import base64
from collections.abc import Sequence
from typing import Any

from sqlalchemy.orm import Session

from catalog.errors import CatalogError, NotFound
from market.audit import checkpoint, log
from market.audit.notary import Notary


def inclusion(session: Session, notary: Notary, seq: int, size: int | None = None) -> dict[str, Any]:
    """Prove that entry *seq* is in the tree of *size* entries; without a size, in that of the newest checkpoint.

    Raises:
        NotFound: the log, or the tree, has no such entry.
    """
    grown = log.size(session)
    size = _size(session, grown, above=seq) if size is None else size
    if not seq < size <= grown:
        found = f"is not among the first {size} of a log of {grown}"
        raise NotFound(f"entry {seq}", found, fix="Entries are counted from 0.")
    proof = log.prove(session, seq, size)
    leaf = log.leaf(session, seq)
    note = checkpoint.note_at(session, notary, size)
    return {"index": seq, "size": size, "leaf": _text(leaf), "proof": _texts(proof.hashes), "note": note}


def consistency(session: Session, notary: Notary, old: int, new: int | None = None) -> dict[str, Any]:
    """Prove that the tree of *new* entries extends that of *old*; without *new*, that of the newest checkpoint.

    Raises:
        CatalogError: they are no sizes that the log has had, one after the other.
    """
    grown = log.size(session)
    new = _size(session, grown, above=old - 1) if new is None else new
    if not old <= new <= grown:
        found = f"no tree of {new} entries extends one of {old} in a log of {grown}"
        raise CatalogError("sizes", found, fix="Give the smaller one first.")
    return {
        "old": old,
        "new": new,
        "proof": _texts(log.consistency(session, old, new)),
        "old_note": checkpoint.note_at(session, notary, old),
        "note": checkpoint.note_at(session, notary, new),
    }


def _size(session: Session, grown: int, *, above: int) -> int:
    """Give the size of the newest checkpoint, or the log's own where that one does not reach."""
    stated = checkpoint.newest(session)
    return stated.size if stated is not None and stated.size > above else grown


def _text(digest: bytes) -> str:
    return base64.b64encode(digest).decode()


def _texts(digests: Sequence[bytes]) -> list[str]:
    return [_text(digest) for digest in digests]
