"""Any CSV that Python's reader or DuckDB can read gives the same table, or a named refusal."""

import csv
import io
import random
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from anonymize.errors import SourceError
from anonymize.sources import steady
from policies.source import Source
from tests.unit.anonymize.sources.files import parsed, read

DELIMITERS = ",;\t|: ~^a"
CELLS = st.text(
    st.sampled_from([*'ab,;\t|: "\n\r0', "张", "\U00020000", "\ufeff", "\x1f", "\u2028", "'", "\\", "#"]), max_size=6
)
SIZES = st.sampled_from([1, 2, 5, 16, 1 << 16])
ORDER = settings(max_examples=120, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


@pytest.fixture(autouse=True, scope="module")
def no_wait():
    """Files made for one example are not changed within a tick of the clock."""
    before, steady.TICK_S = steady.TICK_S, 0.0
    yield
    steady.TICK_S = before


@pytest.fixture(scope="module")
def path(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("property") / "source.csv"


Rows = list[list[str | None]]


def rows_of(path: Path, source: Source, size: int) -> Rows | SourceError:
    try:
        table = parsed(path, source, size=size)
    except SourceError as error:
        return error
    return [list(table.column_names), *map(list, zip(*table.to_pydict().values(), strict=True))]


def by_python(text: str, delimiter: str) -> Rows:
    """What Python reads: an empty line is no row, but in a table of one column a row of one empty cell."""
    header, *rest = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    rows = [row or [""] for row in rest if row or len(header) == 1]
    return [header, *([cell or None for cell in row] for row in rows)]


def is_table(rows: Rows) -> bool:
    header = rows[0]
    named = all(name and name.strip() for name in header) and len(set(header)) == len(header)
    return bool(header) and named and all(len(row) == len(header) for row in rows)


@st.composite
def tables(draw) -> tuple[str, str]:
    """A table as text, and its delimiter: any cells, quoting and line ends."""
    delimiter = draw(st.sampled_from(DELIMITERS))
    width = draw(st.integers(1, 4))
    header = draw(st.lists(CELLS.filter(str.strip), min_size=width, max_size=width, unique=True))
    rows = draw(st.lists(st.lists(CELLS, min_size=width, max_size=width), max_size=8))
    quoting = draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]))
    out = io.StringIO(newline="")
    end = draw(st.sampled_from(["\n", "\r\n", "\r"]))
    csv.writer(out, delimiter=delimiter, quoting=quoting, lineterminator=end).writerows([header, *rows])
    text = out.getvalue()
    return text.removesuffix(end) if draw(st.booleans()) and rows and width > 1 else text, delimiter


@ORDER
@given(tables(), st.sampled_from(["utf-8", "utf-8-sig", "gb18030"]), SIZES)
def test_a_table_that_was_written_reads_as_python_reads_it(path, written, encoding, size):
    text, delimiter = written
    if text.startswith("\ufeff"):
        text = "x" + text  # at the very start it is a byte order mark
    expected = by_python(text, delimiter)
    path.write_bytes(text.encode(encoding))
    source = Source(delimiter=delimiter, encoding="gb18030" if encoding == "gb18030" else "utf-8")
    found = rows_of(path, source, size)
    if isinstance(found, SourceError):
        # Short texts in GB18030 may be UTF-8 as well. A carriage return that the writer left bare ends a row.
        assert "is UTF-8" in found.found or not is_table(expected)
    else:
        assert found == expected


@ORDER
@given(st.text(st.sampled_from('ab",;\n\r "'), max_size=40), st.sampled_from(",;"), SIZES)
def test_any_text_reads_as_python_reads_it_or_is_refused(path, text, delimiter, size):
    path.write_bytes(text.encode())
    found = rows_of(path, Source(delimiter=delimiter), size)
    assert isinstance(found, SourceError) or found == by_python(text, delimiter)


@ORDER
@given(st.lists(st.sampled_from(['"', '""', "\n", "a", ",", '"a\n,"', "x,y\n"]), max_size=30), SIZES)
def test_where_the_blocks_are_cut_never_shows(path, parts, size):
    path.write_bytes(("x,y\n" + "".join(parts)).encode())
    cut, whole = (rows_of(path, Source(), each) for each in (size, 1 << 20))
    assert str(cut) == str(whole)


@ORDER
@given(tables())
def test_a_table_that_duckdb_reads_is_the_same(path, written):
    text, delimiter = written
    path.write_bytes(text.encode())
    found = rows_of(path, Source(delimiter=delimiter), 1 << 16)
    options = {"delimiter": delimiter, "header": True, "quotechar": '"', "escapechar": '"', "all_varchar": True}
    try:
        theirs = [[cell or None for cell in row] for row in duckdb.read_csv(str(path), **options).fetchall()]
    except duckdb.Error:
        return
    if "\r" not in text and not isinstance(found, SourceError) and len(found[0]) > 1:
        # DuckDB chooses one line end for a file, and skips rows that are empty
        assert theirs == found[1:]


def test_a_large_odd_table_reads_the_same_through_the_child(tmp_path):
    draw = random.Random(7)
    cells = ['say ""x""', "a\nb", "重庆,渝中", "", "plain", "5", "\ufeff", "x" * 3000]
    lines = [
        ",".join(f'"{draw.choice(cells)}"' if draw.random() < 0.7 else "7" for _ in range(5)) for _ in range(40_000)
    ]
    (tmp_path / "a.csv").write_text("a,b,c,d,e\n" + "\n".join(lines), encoding="utf-8", newline="")
    table = read(tmp_path / "a.csv")
    with (tmp_path / "a.csv").open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        next(rows)
        columns = list(table.to_pydict().values())
        for number, row in enumerate(rows):
            assert [cell or None for cell in row] == [column[number] for column in columns]
    assert table.num_rows == len(lines)
