"""The first rows are those of the open edition, in its order, as JSON."""

import json

import pyarrow as pa

from anonymize.previews.first_rows import first_rows
from anonymize.previews.statistics import statistics
from tests.common.format2 import body, column, edition
from tests.unit.anonymize.previews.world import make, rows


def test_the_first_rows_stand_in_the_order_of_the_edition(made, shown):
    found = first_rows(made.files, shown)
    assert len(found) == 20
    assert [row["district"] for row in found] == made.tables["open"]["district"].to_pylist()[:20]
    assert list(found[0]) == made.tables["open"].column_names
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    assert found[0]["day"] == made.tables["open"]["day"][0].as_py().isoformat()


def test_rows_go_on_from_one_file_to_the_next(tmp_path):
    made = make(tmp_path, rows(count=30))
    found = first_rows(made.files, statistics(made.body, made.files))
    assert [row["remark"] for row in found] == [f"note {number} [PERSON]" for number in range(20)]


def test_without_an_open_edition_no_row_is_shown(tmp_path):
    made = make(tmp_path, with_open=False)
    assert first_rows(made.files, statistics(made.body, made.files)) == []


def test_long_texts_are_cut_and_numbers_that_json_lacks_are_left_out(tmp_path):
    table = pa.table({"text": ["长" * 201] * 25, "number": [float("nan")] * 25, "whole": [1] * 25})
    published = [column(name, "insensitive", "keep") for name in table.column_names]
    entry, files = edition(tmp_path, "open", table, published)
    found = first_rows({"open": files}, statistics(body({"open": entry}), {"open": files}), count=1)
    assert found == [{"text": "长" * 200 + "…", "number": None, "whole": 1}]
