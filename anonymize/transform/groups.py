"""Values in the plan's groups: value → group → `*`. Without groups: value → `*`."""

import numpy as np

from anonymize.kanonymity.hierarchies import ROOT, from_paths
from anonymize.transform.outcome import BadValue, Generalised, Setting, Values
from policies.columns import Column


def group(column: Column, values: Values, setting: Setting) -> Generalised:
    """Generalise a column by the plan's groups, which must name every value that occurs.

    A column that is not searched and has no level is published by its groups, where the plan gives any.

    Raises:
        BadValue: a value has no group.
    """
    groups = column.groups
    leaves: list[str | None] = [*groups] if groups else [value for value in values if value is not None]
    rows: list[tuple[str | None, ...]] = (
        [(value, groups[value], ROOT) for value in groups] if groups else [(value, ROOT) for value in leaves]
    )
    if None in values or not leaves:
        leaves.append(None)
        rows.append((*(None,) * (2 if groups else 1), ROOT))
    number_of = {value: number for number, value in enumerate(leaves)}
    leaf = np.zeros(len(values), dtype=np.int32)
    for number, value in enumerate(values):
        if value not in number_of:
            raise BadValue(number, "holds a value that the plan puts into no group")
        leaf[number] = number_of[value]
    usual = 1 if groups else 0
    return Generalised(from_paths(column.published_as, leaves, rows), leaf, usual)
