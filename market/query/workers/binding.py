"""The binding side of a worker: shadows of the tables that it is told of, and what a statement would read of them."""

import json
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any, Final

from market.query.errors import QueryRefused
from market.query.statements import parameters
from market.query.statements.lineage import Lineage

_REMEMBERED: Final = 16


class Shadows:
    """Shadow engines by the shape of their tables; making one takes tens of milliseconds."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, Lineage] = OrderedDict()

    def bind(self, order: Mapping[str, Any]) -> dict[str, Any]:
        """Say which columns of which tables the ordered statement reads, or how it is refused."""
        try:
            found = self._of(order["tables"]).scans(order["sql"], parameters.read(order["parameters"]))
        except QueryRefused as refused:
            said = {"code": refused.code, "message": refused.message, "fix": refused.fix}
            return {"refused": {**said, "detail": (refused.detail or "")[:4000]}}
        return {"scans": [[scan.table, scan.columns] for scan in found]}

    def _of(self, tables: Mapping[str, Any]) -> Lineage:
        shape = json.dumps(tables)
        known = self._known.get(shape)
        if known is None:
            known = self._known[shape] = Lineage(tables)
            if len(self._known) > _REMEMBERED:
                self._known.popitem(last=False)[1].close()
        self._known.move_to_end(shape)
        return known
