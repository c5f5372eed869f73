"""Values for the parameters of a statement (``?``, ``$1``, ``$name``): typed, bound by the engine, never in its text.

As JSON a value is a string, an integer, true, false, null, ``{"decimal": "1.5"}`` or ``{"date": "2020-01-31"}``; a
number with a fraction is read as a decimal. The place of a positional one is its name.
"""

import json
import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from types import MappingProxyType
from typing import Any, Final

from catalog.errors import CatalogError

MOST: Final = 100
MAX_TEXT: Final = 16_384
MAX_DIGITS: Final = 38
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")
_WORDS: Final[dict[str, str | int | bool | None]] = {"true": True, "false": False, "null": None}

Value = str | int | Decimal | date | None
"""A bool is an int to Python, and a BOOLEAN to the engine."""

Parameters = Mapping[str, Value]
NONE: Final[Parameters] = MappingProxyType({})


class ParameterError(CatalogError):
    """A value for a parameter is none that the engine takes."""


def read(raw: Any) -> dict[str, Value]:
    """Read values from JSON: a list for ``?`` and ``$1``, or an object for names.

    Raises:
        ParameterError: a name or a value is not of the form; the place names it.
    """
    if isinstance(raw, list):
        raw = {str(place): value for place, value in enumerate(raw, start=1)}
    elif not isinstance(raw, dict):
        raise ParameterError("parameters", "is neither a list nor an object", fix="Give values, or names with values.")
    if len(raw) > MOST:
        raise ParameterError("parameters", f"has {len(raw)} values", fix=f"Give at most {MOST}.")
    numbered = list(raw) == [str(place) for place in range(1, len(raw) + 1)]
    found: dict[str, Value] = {}
    for name, value in raw.items():
        if not numbered and _NAME.fullmatch(name) is None:
            fix = "Use letters, digits and _; number positional ones from 1 on, all of them."
            raise ParameterError("parameters", "has a name that no parameter has", fix=fix)
        if name.lower() in found:
            raise ParameterError(f"parameters.{name}", "is given twice", fix="The case of a name does not matter.")
        found[name.lower()] = _value(value, f"parameters.{name}")
    return found


def typed(text: str) -> Any:
    """Read a value as a command line gives it: a number, a date, true, false or null, else a string.

    Quoted with ``"`` it is a string, whatever it looks like.
    """
    if text in _WORDS:
        return _WORDS[text]
    if len(text) >= 2 and text[0] == text[-1] == '"':
        return text[1:-1]
    if re.fullmatch(r"[-+]?(0|[1-9]\d*)", text):
        return int(text)
    if re.fullmatch(r"[-+]?(0|[1-9]\d*)\.\d+", text):
        return {"decimal": text}
    return {"date": text} if re.fullmatch(r"\d{4}-\d\d-\d\d", text) else text


def given_in(text: str | None) -> Parameters:
    """Read values as they rest: canonical JSON, or nothing."""
    return NONE if text is None else read(json.loads(text))


def plain(parameters: Parameters) -> dict[str, Any]:
    """Give *parameters* as JSON that `read` reads back."""
    said: dict[str, Any] = {}
    for name, value in parameters.items():
        if isinstance(value, Decimal):
            said[name] = {"decimal": format(value, "f")}
        else:
            said[name] = {"date": value.isoformat()} if isinstance(value, date) else value
    return said


def for_engine(parameters: Parameters) -> list[Value] | dict[str, Value] | None:
    """Give *parameters* as the engine takes them: by place or by name, or none."""
    if not parameters:
        return None
    return list(parameters.values()) if "1" in parameters else dict(parameters)


def literal(value: Value) -> dict[str, Any]:
    """Give the node of the parser's tree that *value* would be, were it written as a literal."""
    if isinstance(value, date):
        kind = {"class": "TYPE", "type": "TYPE", "type_name": "date", "qualified_name": {"path": ["date"]}}
        inner = literal(value.isoformat())
        return {"class": "CAST", "type": "OPERATOR_CAST", "child": inner, "try_cast": False, "type_expr": kind}
    if value is None:
        said = {"kind": "NULL_LITERAL"}
    elif isinstance(value, bool):
        said = {"kind": "BOOLEAN", "text": str(value).lower()}
    elif isinstance(value, str):
        said = {"kind": "STRING", "text": value}
    elif isinstance(value, Decimal):
        said = {"kind": "NUMERIC", "text": format(value, "f")}
    else:
        said = {"kind": "INTEGER", "text": str(value)}
    return {"class": "CONSTANT", "type": "VALUE_CONSTANT", "literal": said}


def _value(raw: Any, place: str) -> Value:
    match raw:
        case None | bool():
            return raw
        case int() if abs(raw) < 2**127:
            return raw
        case float():
            return _decimal(repr(raw), place)
        case str() if len(raw.encode("utf-8", "replace")) <= MAX_TEXT and "\0" not in raw and _is_text(raw):
            return raw
        case {"decimal": str() as text} if len(raw) == 1:
            return _decimal(text, place)
        case {"date": str() as text} if len(raw) == 1:
            try:
                return date.fromisoformat(text)
            except ValueError:
                raise ParameterError(place, "is no date", fix="Write it as 2020-01-31.") from None
    fix = 'Give a string, an integer, true, false, null, {"decimal": "1.5"} or {"date": "2020-01-31"}.'
    raise ParameterError(place, "is no value that is taken here, or too large", fix=fix)


def _decimal(text: str, place: str) -> Decimal:
    try:
        value = Decimal(text)
    except InvalidOperation:
        value = Decimal("NaN")
    digits = value.as_tuple()
    if not value.is_finite() or not isinstance(digits.exponent, int) or _width(value) > MAX_DIGITS:
        raise ParameterError(place, "is no decimal number of up to 38 digits", fix='Write {"decimal": "1.5"}.')
    return value


def _width(value: Decimal) -> int:
    """How many digits a DECIMAL needs for *value*, before and after the point."""
    _, digits, exponent = value.as_tuple()
    assert isinstance(exponent, int)  # finite numbers have one
    return max(len(digits) + max(exponent, 0), -exponent)


def _is_text(raw: str) -> bool:
    try:
        raw.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
