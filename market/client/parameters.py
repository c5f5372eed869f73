"""Values for the parameters of a statement, as they are sent."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

Value = str | int | float | Decimal | date | None
Values = Mapping[str, Value] | Sequence[Value]


def sent(values: Values) -> dict[str, Any] | list[Any]:
    """Give *values* as JSON: by name, or in their order."""
    if isinstance(values, Mapping):
        return {name: _sent(value) for name, value in values.items()}
    return [_sent(value) for value in values]


def _sent(value: Value) -> Any:
    if isinstance(value, Decimal):
        return {"decimal": str(value)}
    return {"date": value.isoformat()} if isinstance(value, date) else value
