"""What can go wrong with a question, in our own words.

Engine text names columns, values and paths, so it never becomes part of a message. It travels in
``detail``, for the server log alone, and `str()` of an error never shows it.
"""

from enum import StrEnum


class Code(StrEnum):
    """Every reason the engine room can give; the doors translate them, help pages list them."""

    # Refusals: the statement itself cannot be answered, and would not be tomorrow either.
    TOO_LONG = "too_long"
    TOO_COMPLEX = "too_complex"
    SYNTAX = "syntax"
    NOT_ONE_STATEMENT = "not_one_statement"
    NOT_A_SELECT = "not_a_select"
    CONSTRUCT_REFUSED = "construct_refused"
    RECURSION_REFUSED = "recursion_refused"
    TABLE_REFUSED = "table_refused"
    TABLE_FUNCTION_REFUSED = "table_function_refused"
    FUNCTION_REFUSED = "function_refused"
    FUNCTION_UNKNOWN = "function_unknown"
    TYPE_REFUSED = "type_refused"
    SIZE_REFUSED = "size_refused"
    SHAPE_REFUSED = "shape_refused"
    PARAMETER_REFUSED = "parameter_refused"
    UNKNOWN_COLUMN = "unknown_column"
    DOES_NOT_BIND = "does_not_bind"
    PLAN_REFUSED = "plan_refused"
    # Failures: the statement was fine, running it was not.
    TIMEOUT = "timeout"
    CPU_LIMIT = "cpu_limit"
    OUT_OF_MEMORY = "out_of_memory"
    ROW_LIMIT = "row_limit"
    VALUE_ERROR = "value_error"
    ENGINE_ERROR = "engine_error"
    WORKER_LOST = "worker_lost"
    CANCELLED = "cancelled"
    BUSY = "busy"
    CLOSED = "closed"
    SANDBOX_MISSING = "sandbox_missing"


class QueryError(Exception):
    """The shared shape: a code for programs, a message and a fix for people, a detail for the log."""

    def __init__(self, code: Code, message: str, *, fix: str, detail: str | None = None) -> None:
        super().__init__(code, message)
        self.code = code
        self.message = message
        self.fix = fix
        self.detail = detail

    def __str__(self) -> str:
        return f"{self.message} {self.fix}".strip()


class QueryRefused(QueryError):
    """The statement may not be asked as it is written; *position* says where, when that is known."""

    def __init__(
        self, code: Code, message: str, *, fix: str, position: int | None = None, detail: str | None = None
    ) -> None:
        super().__init__(code, message, fix=fix, detail=detail)
        self.position = position

    def __str__(self) -> str:
        where = "" if self.position is None else f" (at character {self.position + 1})"
        return f"{self.message}{where} {self.fix}".strip()


class QueryFailed(QueryError):
    """The statement was allowed, but did not reach its end."""
