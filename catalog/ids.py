"""Identifiers that sort by the time they were drawn (ULID): 48 bits of milliseconds, 80 random, Crockford base 32."""

import secrets
from datetime import datetime
from typing import NewType

MemberId = NewType("MemberId", str)

OPERATOR = MemberId("operator")
"""Who did what no member did: the program itself, run by whoever keeps the home."""

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def new_id(at: datetime) -> str:
    """Draw an identifier of 26 characters that sorts after all drawn in earlier milliseconds."""
    number = (int(at.timestamp() * 1000) << 80) | secrets.randbits(80)
    return "".join(ALPHABET[(number >> shift) & 31] for shift in range(125, -1, -5))
