"""Release plans as TOML: read into a value, written with a reason beside each proposal, edited with comments kept."""

import os
from collections.abc import Mapping
from pathlib import Path

import tomlkit
from tomlkit.exceptions import TOMLKitError

from policies.errors import PlanError
from policies.plan import Plan


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
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.write_text(tomlkit.dumps(document), encoding="utf-8")
    temporary.rename(path)
