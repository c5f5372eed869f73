"""Release plans as TOML: read into a value, written with a reason beside each proposal, edited with comments kept."""

import os
from collections.abc import Mapping
from pathlib import Path

import tomlkit
from tomlkit.exceptions import TOMLKitError

from anonymize.review.marks import Marks
from policies.errors import PlanError
from policies.plan import Plan
from policies.texts import read_always


def read_plan(path: Path) -> Plan:
    """Read the plan in *path*.

    Raises:
        PlanError: it is no TOML, or no plan: where, and how to mend it.
    """
    try:
        document = tomlkit.parse(path.read_text("utf-8"))
    except UnicodeDecodeError as error:
        raise PlanError(str(path), "is not UTF-8", fix="Save it as UTF-8.") from error
    except TOMLKitError as error:
        raise PlanError(str(path), str(error), fix="Mend the TOML there.") from error
    return Plan.from_dict(document.unwrap())


def write_plan(path: Path, plan: Plan, reasons: Mapping[str, str]) -> None:
    """Write *plan* with the reason for each column beside it; a plan that is there keeps its comments and order.

    A column the steward has written stays as it is; only new columns are added.
    """
    proposed = plan.to_dict()
    document = tomlkit.parse(path.read_text("utf-8")) if path.exists() else tomlkit.document()
    for name, value in proposed.items():
        if name not in document and name != "column":
            document[name] = value
    columns = document.setdefault("column", tomlkit.aot())
    known = {column.get("name") for column in columns}
    for column in proposed["column"]:
        if column["name"] in known:
            continue
        table = tomlkit.table()
        table.add(tomlkit.comment(reasons[column["name"]].replace("\n", " ")))
        table.update(column)
        columns.append(table)
    _replace(path, document)


def add_marks(path: Path, marks: Mapping[str, Marks]) -> Plan:
    """Add *marks*, by column, to the lists `always` and `never` of the plan in *path*, which becomes its owner's alone.

    What was marked before stays, unless it is marked otherwise now.

    Raises:
        PlanError: the plan does not have the column, or does not redact it.
    """
    read_plan(path)
    document = tomlkit.parse(path.read_text("utf-8"))
    columns = {column["name"]: column for column in document["column"]}
    for name, of in marks.items():
        if name not in columns:
            raise PlanError(f"column {name!r}", "is not in the plan", fix="Review the source that the plan is for.")
        column = columns[name]
        always = {**read_always(f"column {name!r}", column.get("always", {})), **of.always}
        never = {*column.get("never", ()), *of.never} - set(of.always)
        always = {text: kind for text, kind in always.items() if text not in of.never}
        table = tomlkit.inline_table()
        table.update(always)
        for key, value in (("never", sorted(never)), ("always", table)):
            column.pop(key, None)
            if value:
                column[key] = value
    plan = Plan.from_dict(document.unwrap())
    _replace(path, document, mode=0o600)
    return plan


def _replace(path: Path, document: tomlkit.TOMLDocument, mode: int = 0o666) -> None:
    """Put *document* in the place of the file *path*, whole or not at all."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "w", encoding="utf-8") as file:
        file.write(tomlkit.dumps(document))
    temporary.rename(path)
