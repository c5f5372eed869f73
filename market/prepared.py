"""Statements that every question runs: compiled once, and from then on given to the driver as they are.

SQLAlchemy compiles a statement once as well, but prepares each run of it anew, which takes ten times as long as SQLite
needs to answer; and nobody else can write meanwhile. All else stays: listeners on the engine hear of each run, values
are converted by the types of their columns, and errors are SQLAlchemy's.
"""

from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Dialect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, SessionTransaction

Convert = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Form:
    """A statement in the words of one driver, with room for lists of certain lengths."""

    text: str
    order: tuple[str, ...] | None
    """Its values in their order; None: the driver takes them by name."""
    fixed: Mapping[str, Any]
    """The values that are part of the statement."""
    into: Mapping[str, Convert]
    """How a value becomes what the driver takes; none: as it is."""
    out: tuple[tuple[int, Convert], ...]
    """The columns whose values do not come as they should, and how they do."""
    row: Convert
    """What gives a row the names of its columns."""

    def values(self, given: Mapping[str, Any]) -> Any:
        """Bring values into the driver's form."""
        named = {**self.fixed, **given}
        for name, convert in self.into.items():
            named[name] = convert(named[name])
        return named if self.order is None else tuple([named[name] for name in self.order])

    def read(self, found: Sequence[Any]) -> Any:
        """Bring what the driver found into ours."""
        if self.out:
            found = list(found)
            for place, convert in self.out:
                found[place] = convert(found[place])
        return self.row(found)


@dataclass(eq=False, slots=True)
class Prepared:
    """A statement of SQLAlchemy Core, for any length of its lists; an INSERT fills the columns that are given."""

    statement: Any
    _forms: dict[tuple[Any, ...], Form] = field(default_factory=dict)

    def rows(self, session: Session, **given: Any) -> list[Any]:
        """Run it and give what it finds or returns."""
        connection = connection_of(session)
        lists = {name: len(value) for name, value in given.items() if isinstance(value, list)}
        form = self._form(connection.dialect, lists, ())
        cursor = run(connection, form.text, form.values(_numbered(given)))
        found = cursor.fetchall()
        cursor.close()
        return [form.read(row) for row in found]

    def first(self, session: Session, **given: Any) -> Any:
        """Run it and give the first row of what it finds or returns, if there is one."""
        found = self.rows(session, **given)
        return found[0] if found else None

    def change(self, session: Session, *given: Mapping[str, Any]) -> int:
        """Run it once with each of *given*; gives how many rows changed."""
        connection = connection_of(session)
        form = self._form(connection.dialect, {}, tuple(given[0]) if self.statement.is_insert else ())
        values = [form.values(each) for each in given]
        cursor = run(connection, form.text, values if len(values) > 1 else values[0], many=len(values) > 1)
        count: int = cursor.rowcount
        cursor.close()
        return count

    def _form(self, dialect: Dialect, lists: Mapping[str, int], columns: tuple[str, ...]) -> Form:
        key = (dialect.name, *lists.values(), *columns)
        form = self._forms.get(key)
        if form is None:
            form = self._forms[key] = _compiled(self.statement, dialect, lists, columns)
        return form


def connection_of(session: Session) -> Connection:
    """Give the connection of the session's transaction, which is looked up once in each."""
    begun = session.get_transaction()
    found: tuple[SessionTransaction | None, Connection] | None = session.info.get("connection")
    if begun is not None and found is not None and found[0] is begun:
        return found[1]
    connection = session.connection()
    session.info["connection"] = session.get_transaction(), connection
    return connection


def _numbered(given: Mapping[str, Any]) -> dict[str, Any]:
    """Name the members of lists one by one, as the compiled statement does."""
    named: dict[str, Any] = {}
    for name, value in given.items():
        if isinstance(value, list):
            named |= {f"{name}_{number}": member for number, member in enumerate(value, 1)}
        else:
            named[name] = value
    return named


def _compiled(statement: Any, dialect: Dialect, lists: Mapping[str, int], columns: tuple[str, ...]) -> Form:
    if lists:
        statement = statement.params({name: [""] * length for name, length in lists.items()})
    compiled: Any = statement.compile(
        dialect=dialect, column_keys=columns or None, compile_kwargs={"render_postcompile": bool(lists)}
    )
    into: dict[str, Any] = {}
    for name, bind in compiled.binds.items():
        convert = bind.type.dialect_impl(dialect).bind_processor(dialect)
        names = [f"{name}_{number}" for number in range(1, lists[name] + 1)] if name in lists else [name]
        into |= dict.fromkeys(names, convert) if convert else {}
    fixed = {name: bind.value for name, bind in compiled.binds.items() if not bind.required and name not in lists}
    shown = list(statement.exported_columns)
    converts = [column.type.dialect_impl(dialect).result_processor(dialect, None) for column in shown]
    row: Any = namedtuple("Row", [column.key for column in shown], rename=True)  # type: ignore[misc]  # names are known at run time
    return Form(
        text=str(compiled),
        order=tuple(compiled.positiontup) if compiled.positional else None,
        fixed=fixed,
        into=into,
        out=tuple((place, convert) for place, convert in enumerate(converts) if convert),
        row=row._make,
    )


def run(connection: Connection, text: str, values: Any, *, many: bool = False) -> Any:
    """Give a statement to the driver, and its cursor to the caller."""
    cursor = connection.connection.cursor()
    for hear in connection.dispatch.before_cursor_execute:
        hear(connection, cursor, text, values, None, many)
    try:
        if many:
            cursor.executemany(text, values)
        else:
            cursor.execute(text, values)
    except connection.dialect.loaded_dbapi.Error as error:
        lost = connection.dialect.is_disconnect(error, connection.connection, cursor)
        if lost:
            connection.invalidate(error)
        raise DBAPIError.instance(
            text,
            None,
            error,
            connection.dialect.loaded_dbapi.Error,
            connection_invalidated=lost,
            dialect=connection.dialect,
        ) from error
    return cursor
