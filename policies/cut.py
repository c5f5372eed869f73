"""Which part of an edition a cut is: some of its columns, and a filter of rows. One part has one form, and one hash."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self

from policies.canonical import digest, plain
from policies.errors import PolicyError


class CutError(PolicyError):
    """A part of an edition is not described as it must be."""


class Asks(StrEnum):
    """What a condition asks of a column."""

    IN = "in"
    BETWEEN = "between"
    NULL = "null"
    NOT_NULL = "not_null"


_NUMBER = re.compile(r"[<>=≤≥\[( ]*(-?\d+(?:\.\d+)?)", re.ASCII)


def order(label: str) -> tuple[bool, float, str]:
    """Give the place of a label in the order that `between` uses: by the number it begins with, then as text.

    So `[5,10)` stands before `[40,50)`, `2015-03` before `2015-11`, and `C34` after `C15`. What begins with no number
    comes last.
    """
    found = _NUMBER.match(label)
    return (found is None, float(found[1]) if found else 0.0, label)


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """What every row of a cut fulfils in one column. Null fulfils nothing but `null`."""

    column: str
    test: Asks
    values: tuple[str, ...] = ()
    """The values for `in`, the first and the last for `between`, as they are published."""

    def __post_init__(self) -> None:
        place = f"condition on {self.column!r}"
        if not self.column:
            raise CutError("condition", "names no column", fix="Name a column of the edition.")
        if self.test is Asks.IN:
            if not self.values or len(set(self.values)) != len(self.values):
                raise CutError(place, "lists no value, or one twice", fix="List each value once.")
            object.__setattr__(self, "values", tuple(sorted(self.values)))
        elif self.test is Asks.BETWEEN:
            if len(self.values) != 2:
                raise CutError(place, "needs a first and a last value", fix="Write for example: 40-49 and 60-69.")
            if order(self.values[0]) > order(self.values[1]):
                raise CutError(place, "ends before it begins: no row fulfils it", fix="Swap the two values.")
        elif self.values:
            raise CutError(place, f"{self.test} takes no value", fix="Leave the values out.")

    @classmethod
    def parse(cls, words: str) -> Self:
        """Read `stage in III,IV`, `age between 40-49 and 60-69`, `size is null` or `size is not null`.

        Raises:
            CutError: it is none of these.
        """
        for pattern, test in _FORMS:
            if found := pattern.fullmatch(words.strip()):
                column, *rest = found.groups()
                values = [item.strip() for item in rest[0].split(",")] if test is Asks.IN else rest
                return cls(column=column, test=test, values=tuple(values))
        fix = "Write: COLUMN in A,B – COLUMN between A and B – COLUMN is null – COLUMN is not null."
        raise CutError("where", "is no condition", fix=fix)

    @classmethod
    def from_dict(cls, raw: Any) -> Self:
        """Read a condition.

        Raises:
            CutError: it has another form.
        """
        if not isinstance(raw, Mapping) or set(raw) != {"column", "test", "values"} or raw["test"] not in set(Asks):
            raise CutError("where", "holds no condition", fix="Give column, test and values of each condition.")
        return cls(
            column=str(raw["column"]), test=Asks(raw["test"]), values=_texts(f"condition on {raw['column']!r}", raw)
        )


_COLUMN = r"(?P<column>\S+)"
_FORMS = (
    (re.compile(rf"{_COLUMN} +is +null", re.IGNORECASE), Asks.NULL),
    (re.compile(rf"{_COLUMN} +is +not +null", re.IGNORECASE), Asks.NOT_NULL),
    (re.compile(rf"{_COLUMN} +between +(\S.*?) +and +(\S.*)", re.IGNORECASE), Asks.BETWEEN),
    (re.compile(rf"{_COLUMN} +in +(\S.*)", re.IGNORECASE), Asks.IN),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CutSpec:
    """Columns and conditions of a cut; a row must fulfil every condition. Both are kept in the order of their names."""

    columns: tuple[str, ...]
    where: tuple[Condition, ...] = ()

    def __post_init__(self) -> None:
        if not self.columns:
            raise CutError("columns", "names none", fix="Name the columns of the edition that the cut carries.")
        _refuse_twice("columns", self.columns, "Name each column once.")
        _refuse_twice("where", [item.column for item in self.where], "Say all of a column in one condition.")
        object.__setattr__(self, "columns", tuple(sorted(self.columns)))
        object.__setattr__(self, "where", tuple(sorted(self.where, key=lambda item: item.column)))

    @property
    def digest(self) -> str:
        """The hash by which the same part is known again."""
        return digest(self)

    def to_dict(self) -> dict[str, Any]:
        """Give the JSON object that `from_dict` reads back to an equal value."""
        value: dict[str, Any] = plain(self)
        return value

    @classmethod
    def from_dict(cls, raw: Mapping[str, Any]) -> Self:
        """Read a part.

        Raises:
            CutError: a key is missing or unknown, or it means nothing.
        """
        if set(raw) != {"columns", "where"} or not isinstance(raw["where"], list | tuple):
            raise CutError("cut", "is not made of columns and where", fix="Give both, each a list.")
        return cls(
            columns=_texts("columns", {"values": raw["columns"]}),
            where=tuple(Condition.from_dict(item) for item in raw["where"]),
        )


def _texts(place: str, raw: Mapping[str, Any]) -> tuple[str, ...]:
    values = raw["values"]
    if not isinstance(values, list | tuple) or not all(isinstance(item, str) for item in values):
        raise CutError(place, "is no list of texts", fix="Write every name and value as text.")
    return tuple(values)


def _refuse_twice(place: str, names: Iterable[str], fix: str) -> None:
    listed = list(names)
    for index, name in enumerate(listed):
        if name in listed[:index]:
            raise CutError(place, f"{name!r} is there twice", fix=fix)
