"""What is drawn under a key: the same for the same words, and, without the key, anything."""

import hmac
from collections.abc import Sequence
from hashlib import sha256
from typing import TypeVar

from anonymize.transform.tokens import TOKEN_DIGITS

T = TypeVar("T")


class Draw:
    """A row of choices for some words under a key, by HMAC-SHA256; fresh bits are drawn as they are used up."""

    def __init__(self, key: bytes, *words: str) -> None:
        self._key, self._words, self._round = key, words, 0
        self._bits, self._left = 0, 1

    def below(self, limit: int) -> int:
        """Draw a number from 0, below *limit*, which is small."""
        if self._left < limit << 64:  # the bias of a remainder stays below 2**-64
            digest = digest_of(self._key, str(self._round), *self._words)
            self._bits, self._left, self._round = int(digest, 16), 1 << 256, self._round + 1
        self._bits, drawn = divmod(self._bits, limit)
        self._left //= limit
        return drawn

    def of(self, things: Sequence[T]) -> T:
        """Draw one of *things*."""
        return things[self.below(len(things))]

    def digits(self, count: int) -> str:
        """Draw *count* digits."""
        return "".join(str(self.below(10)) for _ in range(count))


def digest_of(key: bytes, *words: str) -> str:
    """Give the HMAC-SHA256 of *words* in hex; where one ends and the next begins is part of it."""
    message = b"".join(
        len(word.encode("utf-8", "surrogatepass")).to_bytes(8) + word.encode("utf-8", "surrogatepass") for word in words
    )
    return hmac.new(key, message, sha256).hexdigest()


def token(key: bytes, *words: str) -> str:
    """Give the token of *words*: 128 bits in hex, as the tokens of subjects have."""
    return digest_of(key, "token", *words)[:TOKEN_DIGITS]
