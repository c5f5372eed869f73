"""Lineage of what strangers write: bound in a worker, which is killed when a statement does not let go of it."""

from typing import Final

from market.query.errors import Code, QueryFailed, QueryRefused
from market.query.statements.lineage import Binder, Files, Scan, Tables
from market.query.statements.parameters import NONE, Parameters, plain
from market.query.workers.pool import WorkerPool

_ITS_OWN: Final = frozenset({Code.TIMEOUT, Code.CPU_LIMIT, Code.OUT_OF_MEMORY, Code.WORKER_LOST})


class Shadow(Binder):
    """The shadow of one agreement's tables, in a worker over their *files*: the one that answers, if they are asked."""

    def __init__(self, pool: WorkerPool, tables: Tables, files: Files) -> None:
        super().__init__(tables)
        self._pool, self._files = pool, files
        self._tables = {name: [list(column) for column in columns] for name, columns in tables.items()}

    def scans(self, sql: str, parameters: Parameters = NONE) -> tuple[Scan, ...]:
        """Every reading of a licensed table that *sql* makes; raises `QueryRefused` where it does not bind."""
        try:
            said = self._pool.bind(self._files, {"sql": sql, "parameters": plain(parameters), "tables": self._tables})
        except QueryFailed as failed:
            if failed.code not in _ITS_OWN:
                raise
            raise QueryRefused(
                Code.TOO_COMPLEX,
                "The constants of this statement take too long, or too much memory, to be computed.",
                fix="Make long lists and texts from columns, or smaller.",
                detail=failed.detail,
            ) from failed
        if refused := said.get("refused"):
            raise QueryRefused(Code(refused["code"]), refused["message"], fix=refused["fix"], detail=refused["detail"])
        return tuple(Scan(table, tuple(columns)) for table, columns in said["scans"])
