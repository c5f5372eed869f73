"""Tokens: a subject's number in one edition, by HMAC-SHA256 (RFC 2104), cut to 128 bits; and the shift of its dates.

Plain hashes are not used: the space of identity numbers is small enough to try them all. The key of tokens exists for
one edition and is never written, so tokens of two editions, or of two releases, do not join. It is computed by the
engine, where the rows are: a subject may be another in every row.
"""

from collections.abc import Mapping
from hashlib import sha256

from anonymize.transform.dates import WIDEST_SHIFT_DAYS

BLOCK_BYTES = 64
"""The block of SHA-256: a shorter key is filled up with zeros."""
TOKEN_DIGITS = 32


def hmac_sha256(message: str, name: str) -> str:
    """Give SQL of the HMAC, in hex, of *message* (SQL of a BLOB) under the pads named *name*."""
    return f"sha256(${name}_outer::BLOB || unhex(sha256(${name}_inner::BLOB || {message})))"


def pads(key: bytes, name: str) -> Mapping[str, bytes]:
    """Give the parameters of `hmac_sha256` for *key*.

    Raises:
        ValueError: the key is longer than a block.
    """
    if len(key) > BLOCK_BYTES:
        raise ValueError(f"a key has at most {BLOCK_BYTES} bytes")
    filled = key.ljust(BLOCK_BYTES, b"\0")
    return {
        f"{name}_inner": bytes(byte ^ 0x36 for byte in filled),
        f"{name}_outer": bytes(byte ^ 0x5C for byte in filled),
    }


def token_of(digest: str) -> str:
    """Give SQL of the token in *digest* (SQL of 64 hex digits), as 128 bits."""
    return f"substr({digest}, 1, {TOKEN_DIGITS})::UUID"


def shift_days(key: bytes, subject: str) -> int:
    """Give the shift of *subject* in days, as `shift_of` and `drawn_of` do in the engine."""
    drawn = int(sha256(key + subject.encode()).hexdigest()[:15], 16) % (2 * WIDEST_SHIFT_DAYS)
    return drawn - WIDEST_SHIFT_DAYS + (drawn >= WIDEST_SHIFT_DAYS)


def drawn_of(subject: str) -> str:
    """Give SQL of what is drawn for *subject* (SQL of text): even over the 364 shifts that are allowed, from 0.

    It is SHA-256 over the key `$shift_key` and the subject, cut to 60 bits (the bias of the remainder is below 2**-50).
    A key of fixed length in front and an output cut short is a sound keyed function (Coron, Dodis, Malinaud, Puniya,
    CRYPTO 2005, the chop construction), and takes a quarter of the time of HMAC.
    """
    digest = f"sha256($shift_key::BLOB || encode({subject}))"
    return f"(('0x' || substr({digest}, 1, 15))::BIGINT % {2 * WIDEST_SHIFT_DAYS})"


def shift_of(drawn: str) -> str:
    """Give SQL of the shift in days that *drawn* (SQL) means: in [-182, 182], without 0."""
    return f"({drawn} - {WIDEST_SHIFT_DAYS} + ({drawn} >= {WIDEST_SHIFT_DAYS})::BIGINT)::SMALLINT"
