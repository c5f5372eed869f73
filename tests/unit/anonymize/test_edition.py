"""The physical form of an edition: what a dictionary in it holds."""

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from anonymize.building.rendering import _Labels
from anonymize.edition import ROW_GROUP_ROWS, write_parts

LABELS = pa.array([None, "suppressed", "north", "south", "south", "west", "*"])
"""What is published for each of seven leaves; the first has none, and two say the same."""


def leaves() -> pa.Array:
    """Three row groups of leaves: the suppressed one nowhere, the west in the last alone."""
    drawn = np.random.default_rng(5).choice([0, 2, 3, 4, 6], 2 * ROW_GROUP_ROWS + 1000).astype(np.int16)
    drawn[-500:] = 5
    return pa.array(drawn)


def written(folder, labels) -> bytes:
    folder.mkdir()
    batches = pa.table({"leaf": leaves()}).to_batches(50_000)
    (path,) = write_parts(
        batches, folder, lambda part: pa.table({"place": labels(part.column(0).combine_chunks())}), threads=2
    )
    return path.read_bytes()


def test_a_dictionary_holds_what_its_own_row_group_publishes_and_no_more(tmp_path):
    """The bytes are those of plain text, of which the writer makes the dictionary itself."""
    encoded = written(tmp_path / "encoded", _Labels.of(LABELS).shown)
    assert encoded == written(tmp_path / "plain", LABELS.take)
    assert b"suppressed" not in encoded
    file = pq.ParquetFile(pa.BufferReader(encoded))
    assert file.schema_arrow.field("place").type == pa.string()
    groups = [file.read_row_group(group, columns=["place"])["place"].to_pylist() for group in range(3)]
    assert [part for group in groups for part in group] == LABELS.take(leaves()).to_pylist()
    assert ["west" in group for group in groups] == [False, False, True]
    compressed = [file.metadata.row_group(group).column(0) for group in range(3)]
    sizes = [chunk.data_page_offset - chunk.dictionary_page_offset for chunk in compressed]
    assert sizes[2] > sizes[0] == sizes[1]


def test_labels_that_are_no_text_are_published_as_they_are(tmp_path):
    days = pa.array([None, 3, 3, 9], pa.int32()).cast(pa.date32())
    assert _Labels.of(days).shown(pa.array([3, 2, 1, 0])).equals(days.take(pa.array([3, 2, 1, 0])))
