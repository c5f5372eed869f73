"""The idempotency key of a request."""

from collections.abc import Callable
from datetime import datetime

from flask import Request

from catalog.ids import new_id
from market.api.bodies import BodyError

MOST_KEY = 128


def key_of(sent: Request, clock: Callable[[], datetime]) -> str:
    """Read the idempotency key of a request, or draw one.

    Raises:
        BodyError: it is no printable text of up to 128 characters.
    """
    key = sent.headers.get("Idempotency-Key") or new_id(clock())
    if len(key) > MOST_KEY or not key.isprintable():
        raise BodyError("Idempotency-Key", "is too long, or not printable", fix=f"Use up to {MOST_KEY} characters.")
    return key
