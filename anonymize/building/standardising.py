"""Values put into the code system that the plan names, before any treatment: the view `clean` over `raw`.

It is done on distinct values; what has no code becomes an empty cell, and the rows are counted. As in the quality
report, a count of fewer rows than the strictest edition's smallest class is only said to be that small.
"""

from collections.abc import Mapping

import pyarrow as pa

from anonymize.building.loading import Loaded
from anonymize.building.scratch import Scratch
from anonymize.quality import smallest_told, told
from policies.plan import Plan


def standardised(scratch: Scratch, plan: Plan, loaded: Loaded) -> dict[str, Mapping[str, object]]:
    """Make the view `clean`, and give per standardised column the rows that have a code and those that have none.

    Raises:
        PlanError: a column names no known code system, or its mapping holds what is no code of it.
    """
    out: dict[str, Mapping[str, object]] = {}
    cells, joins, small = [], [], smallest_told(plan)
    for column in plan.columns:
        if column.standard is None:
            continue
        from anonymize.standards import standardise  # its tables are read where a plan needs them

        cell, table = loaded.cell(column.name), f"s{len(out)}"
        values = scratch.table(f"SELECT DISTINCT {cell} FROM raw").column(0).combine_chunks()  # noqa: S608  # names of our own
        done = standardise(values, column)
        scratch.put(table, pa.table({"value": values, "code": done.values, "known": done.known}))
        counted = scratch.rows(
            f"SELECT count(*) FILTER (known), count(*) FILTER (NOT known) FROM raw JOIN {table} ON {cell} = value"  # noqa: S608  # as above
        )
        mapped, unmapped = (told(count, sum(counted[0]), small) for count in counted[0])
        out[column.published_as] = {"standard": column.standard, "mapped": mapped, "unmapped": unmapped}
        cells.append(f"{table}.code AS {cell}")
        joins.append(f"LEFT JOIN {table} ON raw.{cell} = {table}.value")
    replaced = f" REPLACE ({', '.join(cells)})" if cells else ""
    scratch.run(f"CREATE VIEW clean AS SELECT raw.*{replaced} FROM raw {' '.join(joins)}")  # noqa: S608  # as above
    return out
