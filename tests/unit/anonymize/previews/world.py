"""A release of three editions, generated: Chinese labels, nulls, a planted correlation and planted outliers."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from tests.common.format2 import body, column, edition

ROWS = 2_000
DISTRICTS = ("渝中区", "江北区", "沙坪坝区", "南岸区")
OUTLIER = 987_654_321_012.5
RARE = "只有三人的区"

PUBLISHED = {
    "district": ("quasi_identifier", "group", 0, 2),
    "month": ("quasi_identifier", "date", 1, 6),
    "age": ("quasi_identifier", "age", 1, 5),
    "years": ("quasi_identifier", "band", 0, 4),
    "stage": ("sensitive_attribute", "keep", None, None),
    "metres": ("insensitive", "keep", None, None),
    "twin": ("insensitive", "keep", None, None),
    "day": ("insensitive", "keep", None, None),
    "flag": ("insensitive", "keep", None, None),
    "empty": ("insensitive", "keep", None, None),
    "remark": ("free_text", "redact", None, None),
}
TREES = {
    "month": {
        "levels": 6,
        "finest": 1,
        "parents": {
            "1": {f"{y}-{m:02}": f"{y}-Q{(m + 2) // 3}" for y in (2019, 2020) for m in range(1, 13)},
            "2": {f"{year}-Q{quarter}": str(year) for year in (2019, 2020) for quarter in range(1, 5)},
            "3": {"2019": "2015-2019", "2020": "2020-2024"},
            "4": {"2015-2019": "*", "2020-2024": "*"},
        },
    }
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Made:
    """A body, the files of each edition, and the tables they were written from."""

    body: dict[str, Any]
    files: dict[str, list[Path]]
    tables: dict[str, pa.Table]


def rows(seed: int = 1, count: int = ROWS) -> pa.Table:
    """Draw the columns as the controlled edition holds them."""
    rng = np.random.default_rng(seed)
    district = rng.choice(DISTRICTS, count, p=[0.5, 0.3, 0.15, 0.05]).astype(object)
    district[:3] = RARE
    metres = rng.normal(500, 100, count)
    metres[:2] = OUTLIER, -OUTLIER
    stage = rng.integers(1, 5, count)
    twin = district.copy()
    years, months = rng.integers(2019, 2021, count), rng.integers(1, 13, count)
    month = [f"{year}-{number:02}" for year, number in zip(years, months, strict=True)]
    age = np.array(["00-04", "05-09", "85-89", "90+"])[rng.integers(0, 4, count)].astype(object)
    age[100:400] = None
    flag = rng.random(count) < 0.3
    return pa.table(
        {
            "district": pa.array(district, pa.string()),
            "month": pa.array(month, pa.string()),
            "age": pa.array(age, pa.string()),
            "years": pa.array(np.array(["[5,10)", "<5", ">=10"])[rng.integers(0, 3, count)], pa.string()),
            "stage": pa.array(stage, pa.int64()),
            "metres": pa.array(metres, pa.float64(), mask=np.arange(count) % 400 == 7),
            "twin": pa.array(twin, pa.string()),
            "day": pa.array(rng.integers(17_000, 19_000, count).astype(np.int32), pa.int32()).cast(pa.date32()),
            "flag": pa.array(flag),
            "empty": pa.nulls(count, pa.float64()),
            "remark": pa.array([f"note {number} [PERSON]" for number in range(count)], pa.string()),
        }
    )


def opened(table: pa.Table) -> pa.Table:
    """Coarsen to the open edition: years instead of months."""
    years = pa.array([month[:4] for month in table["month"].to_pylist()], pa.string())
    return table.set_column(table.column_names.index("month"), "month", years)


def make(folder: Path, table: pa.Table | None = None, *, with_open: bool = True, **risk: Any) -> Made:
    """Write the enclave (with tokens and a column of its own), the controlled and the open edition."""
    controlled = rows() if table is None else table
    count = controlled.num_rows
    finest = controlled.append_column("code", pa.array([f"secret {n}" for n in range(count)], pa.string()))
    finest = finest.append_column("token", pa.array([f"{n // 2:032x}" for n in range(count)], pa.string()))
    named = [column(name, *rest) for name, rest in PUBLISHED.items() if name in controlled.column_names]
    coarse = [{**entry, "level": 3} if entry["name"] == "month" else entry for entry in named]
    own = [column("code", "insensitive", "keep"), column("token", "subject", "token")]
    tables = {"enclave": finest, "controlled": controlled}
    published = {"enclave": [*named, *own], "controlled": named}
    if with_open:
        tables["open"] = opened(controlled) if "month" in controlled.column_names else controlled
        published["open"] = coarse
    made = {name: edition(folder, name, tables[name], published[name], **risk) for name in tables}
    editions = {name: entry for name, (entry, _) in made.items()}
    return Made(body(editions, trees=TREES, rows=count), {name: files for name, (_, files) in made.items()}, tables)
