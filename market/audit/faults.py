"""What verifying finds, and what it asks of whoever reads along."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

Body = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that does not hold, and where: an entry's or a checkpoint's number."""

    seq: int
    found: str


class Reader(Protocol):
    """Reads the entries in their order, and compares them with each other and with what is at rest."""

    def read(self, seq: int, body: Body) -> Iterator[Fault]:
        """Take one entry: its body has an action, a subject and details."""

    def close(self) -> Iterator[Fault]:
        """Say what only the whole log can tell."""
