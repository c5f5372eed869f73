"""Values in the plan's groups: value → group → `*`. Without groups: value → `*`."""

import numpy as np

from anonymize.kanonymity.hierarchies import ROOT
from anonymize.transform.outcome import Generalised, Setting, bad_cell, encode, tree
from policies.plan import Column


def group(column: Column, setting: Setting) -> Generalised:
    """Generalise a column by the plan's groups, which must name every value that occurs.

    A column that is not searched and has no level is published by its groups, where the plan gives any.

    Raises:
        SourceError: a value has no group; its row is named.
    """
    distinct, position = encode(setting.source[column.name])
    groups = column.groups
    leaves: list[str | None] = [*groups] if groups else [value for value in distinct if value is not None]
    rows: list[tuple[str | None, ...]] = (
        [(value, groups[value], ROOT) for value in groups] if groups else [(value, ROOT) for value in leaves]
    )
    if None in distinct or not leaves:
        leaves.append(None)
        rows.append((*(None,) * (2 if groups else 1), ROOT))
    number_of = {value: number for number, value in enumerate(leaves)}
    leaf_of = np.zeros(len(distinct), dtype=np.int32)
    for number, value in enumerate(distinct):
        if value not in number_of:
            raise bad_cell(column.name, position, number, "holds a value that the plan puts into no group")
        leaf_of[number] = number_of[value]
    usual = 1 if groups else 0
    return Generalised(tree(column.published_as, leaves, rows), leaf_of[position], 0, usual)
