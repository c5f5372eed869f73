"""Questions kept under names: a firm's own, and templates that a steward approved for an edition.

A template is a question with typed parameters. It passes the same gate, under the same terms, as if it were typed: a
name gives no right that its agreement does not.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from sqlmodel import Session, col, select

from catalog.errors import CatalogError, NotFound, NotPermitted
from catalog.events import Event, note
from catalog.ids import MemberId, new_id
from catalog.models import Dataset, Edition, Release
from market.licensing import agreements
from market.query.models import SavedQuery, Template
from market.query.question import Question
from market.query.statements.parameters import Parameters
from policies.canonical import canonical_json, digest

NAME = re.compile(r"[a-z][a-z0-9-]{0,63}")
MOST_KEPT = 200
MOST_SQL = 64 * 1024


class ParameterType(StrEnum):
    """What a parameter of a template may be."""

    STRING = "string"
    INTEGER = "integer"
    DECIMAL = "decimal"
    BOOLEAN = "boolean"
    DATE = "date"


_PYTHON: Mapping[ParameterType, tuple[type, ...]] = {
    ParameterType.STRING: (str,),
    ParameterType.INTEGER: (int,),
    ParameterType.DECIMAL: (Decimal, int),
    ParameterType.BOOLEAN: (bool,),
    ParameterType.DATE: (date,),
}
"""What values of each type are read as; null is of every type."""


@dataclass(frozen=True, slots=True)
class Named:
    """A question by its name: its SQL, and the types of its parameters."""

    sql: str
    parameters: Mapping[str, ParameterType]


def save(session: Session, name: str, sql: str, *, firm: str | None, by: MemberId, at: datetime) -> SavedQuery:
    """Keep a question of a firm under a name; a name that is taken is given the new one."""
    _check(name, sql)
    if firm is None:
        raise NotPermitted("saved query", "belongs to a firm", fix="Only licensees keep questions.")
    row = session.exec(select(SavedQuery).where(SavedQuery.firm_id == firm, SavedQuery.name == name)).first()
    if row is None:
        if len(saved(session, firm)) >= MOST_KEPT:
            raise CatalogError("saved queries", f"are {MOST_KEPT} already", fix="Remove one.")
        row = SavedQuery(id=new_id(at), firm_id=firm, name=name, sql=sql, saved_by=by, saved_at=at)
    row.sql, row.saved_by, row.saved_at = sql, by, at
    session.add(row)
    return row


def saved(session: Session, firm: str | None) -> Sequence[SavedQuery]:
    """List what a firm keeps, by name."""
    return session.exec(select(SavedQuery).where(SavedQuery.firm_id == firm).order_by(col(SavedQuery.name))).all()


def remove(session: Session, name: str, *, firm: str | None) -> None:
    """Forget a question of a firm."""
    row = session.exec(select(SavedQuery).where(SavedQuery.firm_id == firm, SavedQuery.name == name)).first()
    if row is None:
        raise NotFound(f"saved query {name!r}", "there is none", fix="List yours: sluice kept list.")
    session.delete(row)


def approve(
    session: Session,
    edition_id: str,
    name: str,
    sql: str,
    parameters: Mapping[str, ParameterType],
    *,
    by: MemberId,
    organisation: str | None,
    at: datetime,
) -> Template:
    """Approve a template for all who may ask an edition.

    Raises:
        NotFound: there is no such edition, or it is another publisher's.
        CatalogError: the name is taken.
    """
    _check(name, sql)
    _own(session, edition_id, organisation)
    taken = select(Template).where(Template.edition_id == edition_id, Template.name == name)
    if session.exec(taken).first() is not None:
        raise CatalogError(f"template {name!r}", "is there already", fix="A template never changes: choose a new name.")
    row = Template(
        id=new_id(at),
        edition_id=edition_id,
        name=name,
        sql=sql,
        parameters=canonical_json(dict(parameters)).decode(),
        approved_by=by,
        approved_at=at,
    )
    session.add(row)
    details = {"edition": edition_id, "name": name, "sql": digest(sql), "parameters": dict(parameters)}
    note(session, Event(action="template:approved", subject=row.id, by=by, at=at, details=details))
    return row


def retire(session: Session, template_id: str, *, by: MemberId, organisation: str | None, at: datetime) -> None:
    """Offer a template no more; its name stays taken."""
    row = session.get(Template, template_id)
    if row is None or row.retired_at is not None:
        raise NotFound(f"template {template_id!r}", "there is none", fix="List them: sluice template list.")
    _own(session, row.edition_id, organisation)
    row.retired_at = at
    session.add(row)
    note(session, Event(action="template:retired", subject=row.id, by=by, at=at))


def templates(session: Session, edition_id: str) -> Sequence[Template]:
    """List the templates of an edition that are offered."""
    wanted = select(Template).where(Template.edition_id == edition_id, col(Template.retired_at).is_(None))
    return session.exec(wanted.order_by(col(Template.name))).all()


def named(session: Session, name: str, *, edition_id: str, firm: str | None) -> Named:
    """Find a question by its name: the edition's template, or else the firm's own.

    Raises:
        NotFound: there is neither.
    """
    template = next((row for row in templates(session, edition_id) if row.name == name), None)
    if template is not None:
        types = {key: ParameterType(kind) for key, kind in json.loads(template.parameters).items()}
        return Named(template.sql, types)
    own = next((row for row in saved(session, firm) if row.name == name), None)
    if own is None:
        fix = "List them: sluice template list, sluice kept list."
        raise NotFound(f"question {name!r}", "there is none of that name", fix=fix)
    return Named(own.sql, {})


def filled(session: Session, question: Question, name: str, *, firm: str | None) -> Question:
    """Give *question* the SQL that a name stands for under its leading agreement, once its values fit.

    Raises:
        NotFound: there is no such agreement, or no question of that name.
        CatalogError: a value is missing, is none of a parameter, or is of another type.
    """
    edition_id = agreements.find(session, question.agreement_id, firm=firm).edition_id
    found = named(session, name, edition_id=edition_id, firm=firm)
    if found.parameters:
        _check_values(question.parameters, found.parameters)
    return replace(question, sql=found.sql)


def _check_values(given: Parameters, types: Mapping[str, ParameterType]) -> None:
    wanted = {key.lower(): kind for key, kind in types.items()}
    told = ", ".join(f"{key} ({kind})" for key, kind in types.items())
    for key in sorted(wanted.keys() ^ given.keys()):
        found = "has no value" if key in wanted else "is no parameter of it"
        raise CatalogError(f"parameters.{key}", found, fix=f"Give: {told}.")
    for key, value in given.items():
        if value is not None and type(value) not in _PYTHON[wanted[key]]:
            raise CatalogError(f"parameters.{key}", f"is no {wanted[key]}", fix=f"Give: {told}.")


def _own(session: Session, edition_id: str, organisation: str | None) -> None:
    edition = session.get(Edition, edition_id)
    release = None if edition is None else session.get_one(Release, edition.release_id)
    if release is None or session.get_one(Dataset, release.dataset_id).publisher_id != organisation:
        raise NotFound(f"edition {edition_id!r}", "there is none of your publisher's", fix="List the releases.")


def _check(name: str, sql: str) -> None:
    if NAME.fullmatch(name) is None:
        raise CatalogError("name", "is no plain name", fix="Use small letters, digits and -, up to 64, a letter first.")
    if not sql.strip() or len(sql.encode()) > MOST_SQL:
        raise CatalogError("sql", "is empty, or too long", fix=f"Give a statement of up to {MOST_SQL:,} bytes.")
