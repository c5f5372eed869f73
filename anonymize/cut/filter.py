"""Which rows of an edition fulfil the conditions of a cut, batch by batch."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from anonymize.cut.parent import CutRefused
from policies.cut import Asks, Condition, order


class Filter:
    """The conditions of one cut, with what they remember of the values they have seen."""

    def __init__(self, conditions: Sequence[Condition], schema: pa.Schema) -> None:
        self._conditions = conditions
        self._bounds = {item.column: _typed(item, schema.field(item.column).type) for item in conditions}
        self._known: dict[tuple[str, str], bool] = {}

    @property
    def columns(self) -> list[str]:
        """The columns it reads."""
        return [item.column for item in self._conditions]

    def mask(self, batch: pa.RecordBatch) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        """Say of each row of *batch* whether it fulfils every condition."""
        kept = np.ones(batch.num_rows, dtype=np.bool_)
        for condition in self._conditions:
            kept &= pc.fill_null(self._one(condition, batch.column(condition.column)), False).to_numpy(
                zero_copy_only=False
            )
        return kept

    def _one(self, condition: Condition, column: pa.Array) -> pa.Array:
        match condition.test:
            case Asks.NULL:
                return pc.is_null(column)
            case Asks.NOT_NULL:
                return pc.is_valid(column)
            case Asks.IN:
                return pc.is_in(column, value_set=self._bounds[condition.column], skip_nulls=True)
        if pa.types.is_string(column.type):
            return self._between_labels(condition, column)
        first, last = self._bounds[condition.column]
        return pc.and_(pc.greater_equal(column, first), pc.less_equal(column, last))

    def _between_labels(self, condition: Condition, column: pa.Array) -> pa.Array:
        encoded = column.dictionary_encode()
        inside = [self._is_between(condition, label) for label in encoded.dictionary.to_pylist()]
        return pa.array(inside, pa.bool_()).take(encoded.indices)

    def _is_between(self, condition: Condition, label: str) -> bool:
        key = (condition.column, label)
        if key not in self._known:
            first, last = condition.values
            self._known[key] = order(first) <= order(label) <= order(last)
        return self._known[key]


def _typed(condition: Condition, kind: pa.DataType) -> pa.Array:
    """Read the values of a condition as the column's type."""
    try:
        return pa.array(condition.values, pa.string()).cast(kind)
    except pa.ArrowException:
        raise CutRefused(
            "where",
            f"a value for column {condition.column!r} is no {kind}",
            fix="Write values as they are published.",
            column=condition.column,
        ) from None
