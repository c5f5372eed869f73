"""An answer as it arrives, the forms it can take, and its receipt."""

import http.client
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from market.client.errors import Incomplete

LARGE_BYTES = 1 << 16
"""What is read into its place at once, and not gathered from pieces."""

Progress = Callable[[int], None]
"""Called with the rows that have arrived so far."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was charged and delivered, with its proofs: keep `document`, and check it with `sluice receipt verify`."""

    document: dict[str, Any]

    @property
    def amount_fen(self) -> int:
        """The list price that was charged, in fen; of a question under several agreements, of all of them."""
        return int(self.document.get("total_fen", self.document["amount_fen"]))

    @property
    def status(self) -> str:
        """`complete`, or how it ended."""
        return str(self.document["status"])


class Answer:
    """One answered question: read it once, in one of its forms."""

    def __init__(
        self, response: http.client.HTTPResponse, receipt: Callable[[str], Receipt], progress: Progress | None
    ) -> None:
        self.query = response.headers["Sluice-Query"]
        self.list_fen = int(response.headers["Sluice-List-Fen"])
        self.net_fen = int(response.headers["Sluice-Net-Fen"])
        self._response, self._receipt, self._progress = response, receipt, progress
        self._schema = pa.schema([])

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Give record batches as they arrive; memory stays bounded by one.

        Raises:
            Incomplete: the answer broke off before its end.
        """
        rows = 0
        with self._response as response:
            try:
                with pa.ipc.open_stream(_Readable(response)) as reader:
                    self._schema = reader.schema
                    for batch in reader:
                        rows += batch.num_rows
                        if self._progress is not None:
                            self._progress(rows)
                        yield batch
                response.read()  # the body ends once the log says that all was delivered
            except (pa.ArrowException, OSError, http.client.HTTPException) as error:
                raise Incomplete(f"the answer broke off after {rows:,} rows; ask again with the same key") from error

    def to_arrow(self) -> pa.Table:
        """Give the whole answer as an Arrow table.

        Raises:
            Incomplete: the answer broke off before its end.
        """
        batches = list(self.batches())
        return pa.Table.from_batches(batches, self._schema)

    def to_pandas(self) -> Any:
        """Give the whole answer as a pandas data frame, where pandas is installed."""
        return self.to_arrow().to_pandas()

    def to_polars(self) -> Any:
        """Give the whole answer as a Polars data frame, where Polars is installed."""
        import polars  # type: ignore[import-not-found, unused-ignore]  # the caller's own, not ours

        return polars.from_arrow(self.to_arrow())

    def receipt(self) -> Receipt:
        """Get the receipt, with the proof of what was charged and delivered."""
        return self._receipt(self.query)


class _Readable:
    """A response as a file that pyarrow reads; a body that ends early is an error, not an end."""

    closed = False

    def __init__(self, response: http.client.HTTPResponse) -> None:
        self._response = response

    def read(self, size: int = -1) -> bytes | memoryview:
        if size < LARGE_BYTES:
            return self._response.read(size if size >= 0 else None)
        view = memoryview(pa.allocate_buffer(size))
        done = 0
        while done < size and (count := self._response.readinto(view[done:])):
            done += count
        return view[:done]

    def readable(self) -> bool:
        return True

    def close(self) -> None:
        self.closed = True
