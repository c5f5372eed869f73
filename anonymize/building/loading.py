"""The source, loaded once: its text as it was read, and beside each row what was drawn for it.

`raw` has, per row, its number `n`, the cells `c0`, `c1`, … in the order of the source's columns, and per edition a
draw of 64 bits, `d0`, `d1`, …: the ChaCha20 key stream at the row's place. Two rows draw alike once in 2**64 / rows²
cases. `several` numbers the subjects that own more than one row.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import ChaCha20

from anonymize.building.scratch import Scratch
from anonymize.custody import Custody
from anonymize.errors import SourceError
from anonymize.sources import Reading
from anonymize.transform.keys import ReleaseSecret
from anonymize.transform.tokens import hmac_sha256, pads, token_of
from policies.plan import Plan

BATCH_ROWS = 122_880


@dataclass(frozen=True, slots=True)
class Loaded:
    """What is known of the source once it is loaded."""

    sha256: str
    rows: int
    """Those of subjects who did not object."""
    columns: tuple[str, ...]
    place: Mapping[str, int]
    """Column → its number in `raw`."""
    repeated: bool
    """Some subjects own several rows; those are numbered in `several`."""
    objected: int = 0
    """Subjects of the source who objected; their rows are not in `raw`."""

    def cell(self, name: str) -> str:
        """Name the column *name* in `raw`."""
        return f"c{self.place[name]}"


def load(
    scratch: Scratch,
    reading: Reading,
    plan: Plan,
    profiles: tuple[str, ...],
    secret: ReleaseSecret,
    custody: Custody | None = None,
) -> Loaded:
    """Load *reading* into `raw`, which *plan* must fit; *profiles* name the editions that rows are drawn for.

    Who objected, by *custody*, is left out.

    Raises:
        SourceError: the columns are not those of the plan, there are no rows, one is nobody's, or reading failed.
    """
    check_columns(plan, reading.columns)
    place = {name: number for number, name in enumerate(reading.columns)}
    subject = f"c{place[plan.subject.name]}"
    fields = [*((f"c{number}", pa.string()) for number in place.values()), ("n", pa.int64())]
    fields += [(f"d{number}", pa.uint64()) for number in range(len(profiles))]
    schema = pa.schema(fields)
    streams = [Cipher(ChaCha20(secret.order_key(name), bytes(16)), mode=None).encryptor().update for name in profiles]

    def drawn() -> Iterator[pa.RecordBatch]:
        row = 0
        for batch in reading:
            for start in range(0, batch.num_rows, BATCH_ROWS):
                part = batch.slice(start, BATCH_ROWS)
                size = part.num_rows
                numbers = pa.array(np.arange(row, row + size))
                draws = [pa.array(np.frombuffer(stream(bytes(8 * size)), "<u8")) for stream in streams]
                yield pa.RecordBatch.from_arrays([*part.columns, numbers, *draws], schema=schema)
                row += size

    scratch.fill("CREATE TABLE raw AS SELECT * FROM stream", schema, drawn(), {})
    objected, gone = (0, 0) if custody is None else _omit(scratch, subject, custody)
    if reading.rows == gone:
        raise SourceError("source", "has no rows", fix="Give the file with the records.")
    nobody = scratch.one(f"SELECT min(n) FROM raw WHERE {subject} IS NULL")  # noqa: S608  # a name of our own
    if nobody is not None:
        raise bad_cell(plan.subject.name, nobody, "names no subject")
    scratch.run(
        f"CREATE TABLE several AS SELECT {subject} AS subject, row_number() OVER () - 1 AS number"  # noqa: S608  # as above
        f" FROM (SELECT {subject} FROM raw GROUP BY {subject} HAVING count(*) > 1)"
    )
    repeated = scratch.one("SELECT count(*) FROM several") > 0
    return Loaded(reading.sha256, reading.rows - gone, reading.columns, place, repeated, objected)


def digest_of(subject: str) -> str:
    """Give SQL of the digest by which custody knows *subject* (SQL of text); its key comes as `custody`."""
    return token_of(hmac_sha256(f"encode({subject})", "custody"))


def _omit(scratch: Scratch, subject: str, custody: Custody) -> tuple[int, int]:
    """Leave out the rows of who objected; give how many subjects, and rows."""
    if not (listed := sorted(custody.objections())):
        return 0, 0
    scratch.put("objection", pa.table({"who": listed}))
    scratch.run(
        f"CREATE TABLE objected AS SELECT n, {subject} AS subject FROM raw"  # noqa: S608  # names of our own, here and below
        f" WHERE {digest_of(subject)} IN (SELECT who::UUID FROM objection)",
        pads(custody.key, "custody"),
    )
    ((subjects, rows),) = scratch.rows("SELECT count(DISTINCT subject), count(*) FROM objected")
    scratch.run("DELETE FROM raw WHERE n IN (SELECT n FROM objected)")
    for name in ("objection", "objected"):
        scratch.run(f"DROP TABLE {name}")
    return subjects, rows


def check_columns(plan: Plan, columns: tuple[str, ...]) -> None:
    """Refuse a source whose columns are not exactly those of the plan.

    Where none of them is the plan's, the first line may be no header but somebody's cells: then none is named.

    Raises:
        SourceError: naming the columns that are missing or have no role.
    """
    planned, found = {column.name for column in plan.columns}, set(columns)
    if not planned & found:
        told = f"has {len(columns)} columns, and none of the plan's {len(planned)} among them"
        raise SourceError("source", told, fix="Check that it begins with its header, and that the plan is for it.")
    missing, extra = sorted(planned - found), sorted(found - planned)
    if missing or extra:
        parts = [f"lacks {', '.join(map(repr, missing))}"] if missing else []
        parts += [f"has {', '.join(map(repr, extra))}, which the plan gives no role"] if extra else []
        raise SourceError(
            "source", "; ".join(parts), fix="Give every column of the source a role in the plan, and no other."
        )


def bad_cell(column: str, row: int, found: str) -> SourceError:
    """Make the error for the cell of *column* in *row*, counted from 0: it names the place, never the value."""
    return SourceError(
        f"column {column!r}, row {row + 1} (the header is not counted)",
        found,
        fix="Correct the source, or treat the column otherwise.",
    )
