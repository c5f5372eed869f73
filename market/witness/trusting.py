"""Which logs a witness knows, and by which keys they sign."""

from dataclasses import replace

from market.audit import notes
from market.audit.notes import Key
from market.witness.folder import Folder, KnownLog, WitnessError

MAX_ORIGIN_BYTES = 255


def trust(folder: Folder, origin: str, public: str) -> KnownLog:
    """Let the log *origin* be known by the key *public*, beside those it is known by.

    Raises:
        WitnessError: neither origin nor key can be one, or the witness is running.
    """
    if not origin or not origin.isprintable() or len(origin.encode()) > MAX_ORIGIN_BYTES:
        fix = "Give the first line of the log's checkpoints."
        raise WitnessError("origin", "is empty, too long, or no line of text", fix=fix)
    key = _key(origin, public)
    with folder.alone():
        known = _find(folder, origin) or KnownLog(origin, ())
        log = known if key in known.keys else replace(known, keys=(*known.keys, key))
        folder.keep(log)
    return log


def distrust(folder: Folder, origin: str, public: str) -> KnownLog:
    """Take the key *public* from the log *origin*; how far the log was seen to grow stays known.

    Raises:
        WitnessError: the log is not known by this key, or the witness is running.
    """
    key = _key(origin, public)
    with folder.alone():
        known = _find(folder, origin)
        if known is None or key not in known.keys:
            raise WitnessError(f"log {origin}", "is not known by this key", fix="See: sluice witness show DIR")
        log = replace(known, keys=tuple(kept for kept in known.keys if kept != key))
        folder.keep(log)
    return log


def _find(folder: Folder, origin: str) -> KnownLog | None:
    return next((log for log in folder.logs() if log.origin == origin), None)


def _key(origin: str, public: str) -> Key:
    """Read a key given in base64, which then signs under the origin's name, or as NAME+ID+KEY."""
    try:
        return Key(origin, public) if public.endswith("=") and len(notes.decoded(public)) == 32 else Key.read(public)
    except ValueError as error:
        fix = "Give 32 bytes in base64, or NAME+ID+KEY as its operator publishes it."
        raise WitnessError("key", f"cannot be one: {error}", fix=fix) from error
