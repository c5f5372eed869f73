"""A sample of a column's distinct texts: the same for the same seed, in whatever order they come."""

import heapq
from collections.abc import Iterable
from hashlib import blake2b

SIZE = 400
"""Texts in a sample: a share of one in a hundred is then told to within about one in a hundred."""


def draw(values: Iterable[list[str]], size: int, seed: int) -> list[str]:
    """Draw *size* of the distinct *values*, each as likely as any other: those whose keyed digests are smallest."""
    key = seed.to_bytes(8, "big")
    ranked = (
        (blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16, key=key).digest(), text)
        for batch in values
        for text in batch
    )
    return [text for _, text in heapq.nsmallest(size, ranked)]
