"""The committed list of DuckDB's functions: which a licensee may call, and why the others are refused.

`functions.csv` names every overload of the pinned DuckDB. A name that is not in it is unknown, and refused.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

LIST = Path(__file__).with_name("functions.csv")
EXPRESSION_KINDS = frozenset({"scalar", "macro", "aggregate", "window"})
TABLE_KINDS = frozenset({"table", "table_macro"})


@dataclass(frozen=True, slots=True, order=True)
class Overload:
    """One signature as `duckdb_functions()` reports it; *varargs* is the type that may repeat, or empty."""

    name: str
    kind: str
    parameters: str
    varargs: str

    def takes(self, arguments: int) -> bool:
        """Say whether this signature fits that many arguments; macros have defaults, so they always may."""
        fixed = len(self.parameters.split(";")) if self.parameters else 0
        return self.kind == "macro" or fixed == arguments or (bool(self.varargs) and arguments >= fixed)


@dataclass(frozen=True, slots=True)
class Verdict:
    """Allowed or not, and the reviewed reason."""

    allowed: bool
    reason: str


@cache
def reviewed() -> Mapping[Overload, Verdict]:
    """Every overload in the committed list."""
    with LIST.open(encoding="utf-8", newline="") as rows:
        return MappingProxyType(
            {
                Overload(row["name"], row["kind"], row["parameters"], row["varargs"]): Verdict(
                    row["verdict"] == "allowed", row["reason"]
                )
                for row in csv.DictReader(rows)
            }
        )


@cache
def _by_name() -> Mapping[tuple[str, bool], tuple[tuple[Overload, Verdict], ...]]:
    """Overloads by lower-case name and whether they make rows; DuckDB does not mind the case of a name."""
    found: dict[tuple[str, bool], list[tuple[Overload, Verdict]]] = {}
    for overload, verdict in reviewed().items():
        if overload.kind in EXPRESSION_KINDS | TABLE_KINDS:
            found.setdefault((overload.name.lower(), overload.kind in TABLE_KINDS), []).append((overload, verdict))
    return MappingProxyType({key: tuple(value) for key, value in found.items()})


@cache
def kinds(name: str) -> frozenset[str]:
    """What functions called *name* are, where it is not the name of one that makes rows."""
    return frozenset(overload.kind for overload, _ in _by_name().get((name.lower(), False), ()))


@cache
def judge(name: str, arguments: int, *, makes_rows: bool = False) -> Verdict | None:
    """The verdict on a call by name and number of arguments; None when the name is not in the list.

    Types are unknown before binding, so one refused overload that fits the number refuses the call.
    """
    candidates = _by_name().get((name.lower(), makes_rows))
    if candidates is None:
        return None
    fitting = [verdict for overload, verdict in candidates if overload.takes(arguments)]
    for verdict in fitting or [verdict for _, verdict in candidates]:
        if not verdict.allowed:
            return verdict
    return Verdict(True, candidates[0][1].reason)
