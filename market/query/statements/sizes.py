"""Functions whose argument is a size: a small statement must not ask for a huge value.

The engine's memory limit does not count what functions build, so the size has to be a literal, and modest.
"""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

MAX_SIZE: Final = 10_000_000
MAX_WIDTH: Final = 10_000
_STEP_SECONDS: Final = {
    "to_seconds": 1, "to_minutes": 60, "to_hours": 3_600, "to_days": 86_400, "to_weeks": 604_800,
    "to_months": 2_419_200, "to_quarters": 7_776_000, "to_years": 31_536_000,
}  # fmt: skip

Expression = Mapping[str, Any]


def literal(expression: Expression) -> tuple[str, str] | None:
    """Kind and text of a literal, through a cast that only names its type (DATE '…' is one)."""
    if expression.get("class") == "CAST":
        return literal(expression["child"])
    if expression.get("class") == "CONSTANT":
        found = expression["literal"]
        return str(found["kind"]), str(found.get("text", ""))
    return None


def number(expression: Expression) -> float | None:
    """The value of a numeric literal, signed or not; None for anything else."""
    if expression.get("class") == "CAST":
        return number(expression["child"])
    if expression.get("class") == "FUNCTION" and expression.get("function_name") in {"-", "+", "trunc"}:
        arguments = expression.get("arguments", [])
        value = number(arguments[0]["expression"]) if len(arguments) == 1 else None
        return -value if value is not None and expression["function_name"] == "-" else value
    found = literal(expression)
    if found is None or found[0] not in {"INTEGER", "NUMERIC"}:
        return None
    try:
        value = float(found[1].replace("_", ""))
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _moment(expression: Expression) -> float | None:
    found = literal(expression)
    if found is None or found[0] != "STRING":
        return None
    try:
        return (datetime.fromisoformat(found[1]).replace(tzinfo=None) - datetime(1970, 1, 1)).total_seconds()
    except ValueError:
        return None


def _step(expression: Expression) -> float | None:
    """Seconds in an INTERVAL literal of one unit, which the parser turns into `to_days(…)` and its kin."""
    unit = _STEP_SECONDS.get(str(expression.get("function_name")))
    arguments = expression.get("arguments", [])
    count = number(arguments[0]["expression"]) if unit and len(arguments) == 1 else None
    return abs(count) * unit if unit and count else None


def _of_range(arguments: Sequence[Expression]) -> float | None:
    numbers = [number(argument) for argument in arguments]
    if len(arguments) == 3 and None in numbers:
        start, stop, step = _moment(arguments[0]), _moment(arguments[1]), _step(arguments[2])
        return None if start is None or stop is None or step is None else abs(stop - start) / step
    if not 1 <= len(arguments) <= 3 or None in numbers:
        return None
    known = [value for value in numbers if value is not None]
    start, stop = (0.0, known[0]) if len(known) == 1 else (known[0], known[1])
    step = known[2] if len(known) == 3 else 1.0
    return abs(stop - start) / abs(step) if step else MAX_SIZE + 1.0


def _at(place: int) -> Callable[[Sequence[Expression]], float | None]:
    def size(arguments: Sequence[Expression]) -> float | None:
        return number(arguments[place]) if len(arguments) > place else 0.0

    return size


def _of_repeat(arguments: Sequence[Expression]) -> float | None:
    times = _at(1)(arguments)
    text = literal(arguments[0]) if arguments else None
    return times if times is None or text is None else times * max(1, len(text[1].encode("utf-8", "replace")))


def _of_format(arguments: Sequence[Expression]) -> float | None:
    """Widths stand in the format itself; one taken from an argument (``*`` or ``{:{}}``) is not a literal."""
    found = literal(arguments[0]) if arguments else None
    if found is None or "*" in found[1] or re.search(r"\{[^{}]*\{", found[1].replace("{{", "")):
        return None
    widest = max((int(digits[:12]) for digits in re.findall(r"\d+", found[1])), default=0)
    return widest if widest <= MAX_WIDTH else MAX_SIZE + 1.0


SIZED: Final[dict[str, Callable[[Sequence[Expression]], float | None]]] = {
    "repeat": _of_repeat,
    "range": _of_range,
    "generate_series": _of_range,
    "lpad": _at(1),
    "rpad": _at(1),
    "list_resize": _at(1),
    "array_resize": _at(1),
    "bitstring": _at(1),
    "bar": _at(3),
    "printf": _of_format,
    "format": _of_format,
}
