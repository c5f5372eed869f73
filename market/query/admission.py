"""Who may ask now: a few questions at a time, licensees in turn, and a short queue before a clear no.

More threads would not make the engine faster; a queue that is too long only makes everybody wait (DESIGN §9).
"""

import threading
import time
from collections import Counter, deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from market.query.errors import Code, QueryFailed


@dataclass(slots=True)
class _Waiting:
    """One who waits, and whether their turn has come."""

    firm: str
    turn: threading.Event = field(default_factory=threading.Event)


class Admission:
    """A number of places, and those who wait for one.

    A free place goes to whoever waits longest among the firms that hold the fewest places: however many questions one
    firm sends, another's next one waits for one answer, not for all of them. Of several places one firm never holds the
    last: another's question does not wait for hostile ones to reach their time limit.
    """

    def __init__(self, *, places: int, queue: int, patience_s: float = 10.0) -> None:
        self.places, self.queue, self.patience_s = places, queue, patience_s
        self._lock = threading.Lock()
        self._held: Counter[str] = Counter()
        self._waiting: deque[_Waiting] = deque()

    @contextmanager
    def place(self, firm: str) -> Iterator[None]:
        """Hold a place for the length of the block.

        Raises:
            QueryFailed: BUSY, because too many wait, or the wait was too long.
        """
        self._enter(firm)
        try:
            yield
        finally:
            self._leave(firm)

    def waiting(self) -> int:
        """Count those who wait."""
        with self._lock:
            return len(self._waiting)

    def _enter(self, firm: str) -> None:
        with self._lock:
            if self._may(firm) and not any(self._may(other.firm) for other in self._waiting):
                self._held[firm] += 1
                return
            if len(self._waiting) >= self.queue:
                raise _busy()
            mine = _Waiting(firm)
            self._waiting.append(mine)
        end = time.monotonic() + self.patience_s
        if mine.turn.wait(end - time.monotonic()):
            return
        with self._lock:
            if mine.turn.is_set():  # it came between the wait and the lock
                return
            self._waiting.remove(mine)
        raise _busy()

    def _leave(self, firm: str) -> None:
        with self._lock:
            self._held[firm] -= 1
            if self._held[firm] == 0:
                del self._held[firm]
            while able := [one for one in self._waiting if self._may(one.firm)]:
                chosen = min(able, key=lambda one: self._held[one.firm])  # the first of the fewest
                self._waiting.remove(chosen)
                self._held[chosen.firm] += 1
                chosen.turn.set()

    def _may(self, firm: str) -> bool:
        """Say whether a firm may take a place now."""
        return self._held.total() < self.places and self._held[firm] < max(1, self.places - 1)


def _busy() -> QueryFailed:
    return QueryFailed(Code.BUSY, "Too many questions wait already.", fix="Ask again in a few seconds.")
