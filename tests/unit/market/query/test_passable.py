"""Only a message that is one batch and nothing else leaves as it came."""

import pyarrow as pa
import pytest

from market.query.workers.result import passable

ROWS = pa.record_batch({"n": [1, 2, None], "text": ["a", "bcd", None], "x": [0.5, None, 2.0], "list": [[1], [], None]})


@pytest.mark.parametrize("batch", [ROWS, ROWS.slice(1, 2), ROWS.slice(0, 0)], ids=["whole", "part", "empty"])
def test_an_honest_message_is_passed_on(batch: pa.RecordBatch) -> None:
    message = batch.serialize().to_pybytes()
    assert passable(message, pa.ipc.read_record_batch(message, batch.schema)) is message


def test_what_is_hidden_behind_the_rows_is_not() -> None:
    message = ROWS.serialize().to_pybytes() + b"hidden" * 1000
    assert passable(message, pa.ipc.read_record_batch(message, ROWS.schema)) is None
