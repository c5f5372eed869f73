"""How much a source may ask of the one who reads it."""

from policies.source import Source

MEMORY = 4 << 30
"""Bytes of address space of the child that reads a source, unless the caller says otherwise."""
BLOCK = 8 << 20
"""Bytes of text that are parsed at a time."""
LONGEST_ROW = 64 << 20
"""Bytes of the longest row; a longer one is a quote never closed, or no table."""
MOST_COLUMNS = 4096
MOST_ROWS = 1_000_000
"""Rows of a batch at most."""
UNPACKED, RATIO = 1 << 30, 100
"""What a packed source may unpack to where the plan says nothing: 1 GiB, or this many times its size."""


def most_unpacked(source: Source, packed_bytes: int) -> int:
    """How many bytes a source of *packed_bytes* may unpack to."""
    return source.max_bytes or max(UNPACKED, RATIO * packed_bytes)


def unpacked_fix(limit: int) -> str:
    """Say how to let a source unpack to more."""
    return (
        f"If the source is what you expect, allow more than {limit:,} bytes: max_bytes = … under [source] in the plan."
    )
