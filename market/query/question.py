"""A question as it is asked: a statement, a stated purpose, and the agreements under which it is asked."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from catalog.errors import CatalogError
from market.query.statements.parameters import NONE, Parameters, plain
from policies.canonical import canonical_json, digest

MOST_AGREEMENTS = 8


class UnderError(CatalogError):
    """The agreements of a question are not named as they must be."""


@dataclass(frozen=True, slots=True)
class Under:
    """An agreement of a question, and the name that its table has there; none: the name the agreement gives it."""

    agreement_id: str
    alias: str | None = None

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `AGREEMENT` or `NAME=AGREEMENT`.

        Raises:
            UnderError: it is neither.
        """
        alias, equals, agreement = text.rpartition("=")
        if not agreement or bool(equals) != alias.isidentifier():
            raise UnderError("agreement", "is not named plainly", fix="Write AGREEMENT, or NAME=AGREEMENT.")
        return cls(agreement, alias or None)


def read_under(texts: Sequence[str]) -> tuple[Under, ...]:
    """Read the agreements of a question; the first leads.

    Raises:
        UnderError: there is none, one is there twice, or there are too many.
    """
    found = tuple(map(Under.parse, texts))
    if not 1 <= len(found) <= MOST_AGREEMENTS:
        raise UnderError("agreements", f"are {len(found)}", fix=f"Name from 1 to {MOST_AGREEMENTS}.")
    if len({one.agreement_id for one in found}) < len(found):
        raise UnderError("agreements", "name one twice", fix="Name each once; SQL can join a table to itself.")
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What a member asks: a statement, under an agreement or several, for a stated purpose."""

    agreement_id: str
    """The agreement; of several, the one that leads."""
    purpose: str
    sql: str
    key: str
    """The idempotency key: the same key with the same question is the same question."""
    parameters: Parameters = field(default_factory=dict)
    """Values for the parameters of the statement."""
    alias: str | None = None
    """The name that the agreement's table has in the statement; none: its own."""
    others: tuple[Under, ...] = ()
    """Agreements besides the one that leads."""

    @classmethod
    def of(cls, under: Sequence[Under], *, purpose: str, sql: str, key: str, parameters: Parameters = NONE) -> Self:
        """Ask under agreements, of which the first leads."""
        leading, *others = under
        return cls(
            agreement_id=leading.agreement_id,
            alias=leading.alias,
            others=tuple(others),
            purpose=purpose,
            sql=sql,
            key=key,
            parameters=parameters,
        )

    @property
    def under(self) -> tuple[Under, ...]:
        """All of its agreements; the first leads."""
        return (Under(self.agreement_id, self.alias), *self.others)

    @property
    def named(self) -> dict[str, Any]:
        """Several agreements, or an alias, as entries of the log name them; nothing where there is one alone."""
        if self.alias is None and not self.others:
            return {}
        return {"under": [[one.agreement_id[:64], (one.alias or "")[:64]] for one in self.under]}

    @property
    def given(self) -> str | None:
        """The values as canonical JSON, as they rest; None where there are none."""
        return canonical_json(plain(self.parameters)).decode() if self.parameters else None

    @property
    def sql_hash(self) -> str:
        """SHA-256 of the statement and its values, as it enters the log."""
        return hash_of(self.sql, self.given)

    @property
    def body_hash(self) -> str:
        """What must be equal for a key to be used again."""
        values = {"parameters": plain(self.parameters)} if self.parameters else {}
        return digest({"sql": self.sql, "purpose": self.purpose, **values, **self.named})


def hash_of(sql: str, given: str | None) -> str:
    """Hash a statement and the canonical JSON of its values; NUL, which no statement holds, stands between them."""
    return hashlib.sha256((sql if given is None else f"{sql}\0{given}").encode()).hexdigest()
