"""Words that can be erased, and the salted commitment to them that the log keeps.

HMAC-SHA-256 with 32 random bytes: while words and salt are kept, anybody who may read them can check them against the
log. Once both are erased, the entry proves that something was said, and nobody can find out what by guessing.
"""

import hashlib
import hmac

SALT_BYTES = 32


def commit(text: str, salt: bytes) -> str:
    """Give the commitment to *text*, as hex."""
    return hmac.new(salt, text.encode(), hashlib.sha256).hexdigest()


def proves(commitment: str, text: str, salt: bytes) -> bool:
    """Whether *commitment* was made to this text with this salt."""
    return hmac.compare_digest(commit(text, salt), commitment)
