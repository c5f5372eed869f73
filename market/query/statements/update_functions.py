"""Rewrite `functions.csv` from the installed DuckDB and the review.

Run as ``python -m market.query.statements.update_functions``.

Run it after changing the pinned DuckDB. It stops, naming them, at functions nobody has reviewed yet.
"""

import csv
import sys
from fnmatch import fnmatchcase

import duckdb

from market.query.statements import function_rules as rules
from market.query.statements.functions import LIST, Overload, Verdict

_FIELDS = ("name", "kind", "parameters", "varargs", "verdict", "reason")


def installed() -> frozenset[Overload]:
    """Every overload the installed DuckDB has, extensions in the wheel included."""
    with duckdb.connect(":memory:") as connection:
        rows = connection.execute(
            "SELECT function_name, function_type, parameter_types, parameters, varargs FROM duckdb_functions()"
        ).fetchall()
    return frozenset(
        Overload(
            name,
            kind,
            ";".join(t or p for t, p in zip(types or [None] * len(names or ()), names or (), strict=True)),
            varargs or "",
        )
        for name, kind, types, names, varargs in rows
    )


def _find(groups: dict[str, str], name: str) -> str | None:
    plain = name.replace(" ", "_")
    for reason, names in groups.items():
        for pattern in names.split():
            family = pattern.endswith("_*")
            if fnmatchcase(plain, pattern) if family else plain == pattern:
                return reason
    return None


def review(overload: Overload) -> Verdict | None:
    """The verdict the rules give, or None when no rule names it; a name in two lists is refused."""
    if overload.kind in rules.REFUSED_KINDS:
        allowed = _find(rules.ALLOWED_TABLES, overload.name) if overload.kind == "table" else None
        return Verdict(True, allowed) if allowed else Verdict(False, rules.REFUSED_KINDS[overload.kind])
    arguments = len(overload.parameters.split(";")) if overload.parameters else 0
    refused = rules.REFUSED_OVERLOADS.get((overload.name, arguments)) or _find(rules.REFUSED, overload.name)
    if refused:
        return Verdict(False, refused)
    allowed = _find(rules.ALLOWED, overload.name)
    return Verdict(True, allowed) if allowed else None


def main() -> int:
    """Write the list, or name what is missing from the review."""
    verdicts = {overload: review(overload) for overload in installed()}
    missing = sorted({overload.name for overload, verdict in verdicts.items() if verdict is None})
    if missing:
        print("Not reviewed yet; add each to a group in function_rules.py:", " ".join(missing), file=sys.stderr)
        return 1
    with LIST.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(_FIELDS)
        for overload, verdict in sorted(verdicts.items()):
            assert verdict is not None
            fields = (overload.name, overload.kind, overload.parameters, overload.varargs)
            writer.writerow((*fields, "allowed" if verdict.allowed else "refused", verdict.reason))
    print(f"{len(verdicts)} overloads written to {LIST.name}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
