"""An answer on its way out: one thread writes it, the server's thread sends it, and little of it rests between them.

The status is sent once the answer was charged and its first bytes are there, so a refusal is a proper error. What fails
later breaks the connection off before its end: a client sees that it does not have everything.
"""

import threading
from collections import deque
from collections.abc import Callable, Iterator

MOST_BYTES = 8 << 20
"""What may wait to be sent."""
PIECE_BYTES = 1 << 18
"""What is sent at once: the server copies each piece to frame it, and a small one stays in the processor's cache."""


class Broken(ConnectionError):
    """Whoever reads has gone."""


class Pipe:
    """A sink for the writer, a source of chunks for the reader."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._chunks: deque[bytes] = deque()
        self._size = 0
        self._ended = self._gone = self._taken = False
        self._error: BaseException | None = None

    def write(self, data: memoryview, /) -> int:
        """Take bytes from the writer, who waits while too many are unsent; what cannot change is not copied."""
        whole = data.obj
        chunk = whole if isinstance(whole, bytes) and len(whole) == data.nbytes else bytes(data)
        with self._changed:
            while self._size > MOST_BYTES and not self._gone:
                self._changed.wait()
            if self._gone:
                raise Broken("the reader has gone")
            self._chunks.append(chunk)
            self._size += len(chunk)
            self._changed.notify_all()
        return len(chunk)

    def flush(self) -> None:
        """Nothing is held back here."""

    def drain(self) -> None:
        """Wait until the reader has taken everything, and asked for more."""
        with self._changed:
            while (self._chunks or not self._taken) and not self._gone:
                self._changed.wait()
            if self._gone:
                raise Broken("the reader has gone")

    def end(self, error: BaseException | None = None) -> None:
        """Say that no more comes, and why."""
        with self._changed:
            self._ended, self._error = True, error
            self._changed.notify_all()

    def begin(self) -> None:
        """Wait for the first bytes, or for an end without any.

        Raises:
            BaseException: what the writer raised before it wrote anything.
        """
        with self._changed:
            while not self._chunks and not self._ended:
                self._taken = True  # an empty answer is drained by asking for it
                self._changed.notify_all()
                self._changed.wait()
            if self._error is not None and not self._chunks:
                raise self._error

    def __iter__(self) -> Iterator[bytes]:
        try:
            while True:
                with self._changed:
                    self._taken = not self._chunks
                    self._changed.notify_all()
                    while not self._chunks and not self._ended:
                        self._changed.wait()
                    if not self._chunks:
                        if self._error is not None:
                            raise self._error
                        return
                    chunk = self._chunks.popleft()
                    self._size -= len(chunk)
                    self._taken = False
                    self._changed.notify_all()
                for start in range(0, len(chunk), PIECE_BYTES):
                    yield chunk[start : start + PIECE_BYTES]
        finally:
            with self._changed:
                self._gone = True
                self._chunks.clear()
                self._changed.notify_all()


def streamed(write: Callable[[Pipe], None]) -> Pipe:
    """Let *write* fill a pipe in a thread of its own; gives the pipe when its first bytes are there.

    Raises:
        BaseException: what *write* raised before it wrote anything.
    """
    pipe = Pipe()

    def work() -> None:
        try:
            write(pipe)
        except BaseException as error:  # handed to whoever reads
            pipe.end(error)
        else:
            pipe.end()

    threading.Thread(target=work, name="answer", daemon=True).start()
    pipe.begin()
    return pipe
