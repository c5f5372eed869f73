"""Tokens: a subject's number in one edition, by keyed BLAKE2b (RFC 7693) of 128 bits.

Plain hashes are not used: the space of identity numbers is small enough to try them all. The key exists for one
edition and is never written, so tokens of two editions, or of two releases, do not join.
"""

from hashlib import blake2b

import pyarrow as pa

from anonymize.transform.outcome import Rewritten, Setting, bad_cell, encode
from policies.plan import Column

SIZE_BYTES = 16


def token(column: Column, setting: Setting) -> Rewritten:
    """Give each row its subject's token, 32 hexadecimal digits.

    Raises:
        SourceError: a row names no subject.
    """
    distinct, position = encode(setting.source[column.name])
    if None in distinct:
        raise bad_cell(column.name, position, distinct.index(None), "names no subject")
    key = setting.secret.token_key(setting.profile.name)
    tokens = [blake2b((value or "").encode(), key=key, digest_size=SIZE_BYTES).hexdigest() for value in distinct]
    return pa.array(tokens, pa.string()).take(pa.array(position))
