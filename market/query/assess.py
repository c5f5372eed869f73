"""From a question to its quote: party → agreement → terms → gate → lineage → price. No data is read or written."""

import hashlib
import json
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from threading import Lock

import pyarrow.parquet as pq
from sqlalchemy import bindparam, select
from sqlmodel import Session, SQLModel

from catalog.cuts import check_servable, cut_files_of
from catalog.lifecycle import State
from catalog.models import Cut, CutFile, Edition, EditionFile, Release
from catalog.releases import files_of
from catalog.store import BlobStore
from market.audit.models import LogCheckpoint
from market.billing.subscriptions import is_charged
from market.licensing import agreements
from market.licensing.models import Agreement, AgreementState
from market.prepared import Prepared
from market.query.aggregates.declared import declared
from market.query.aggregates.guarded import Guarded, Rules, guarded
from market.query.aggregates.noise import Noise
from market.query.errors import QueryRefused
from market.query.intact import Intact
from market.query.statements import gate
from market.query.statements.footprint import footprint
from market.query.statements.lineage import Binder, Files, Tables
from market.query.statements.parameters import NONE, Parameters, plain
from market.query.verdicts import Denied
from policies import pricing
from policies.calendar import Month
from policies.canonical import canonical_json, digest
from policies.cells import guard_of
from policies.decide import Reason, Refused, Use, decide
from policies.pricing import Quote
from policies.profile import Mode
from policies.terms import Action, Purpose, Terms

REMEMBERED = 1024

CLOCK_SLACK = timedelta(minutes=1)
"""How far the clock may be behind the log, for two machines differ; further back, rights that ended would revive."""

_AGREEMENTS, _EDITIONS, _RELEASES = (SQLModel.metadata.tables[name] for name in ("agreement", "edition", "release"))
_CHECKPOINTS = LogCheckpoint.metadata.tables["log_checkpoint"]
_SIGNED_AT = select(_CHECKPOINTS.c.at).order_by(_CHECKPOINTS.c.size.desc()).limit(1).scalar_subquery()
"""The moment of the newest checkpoint."""

_READ_STATES = Prepared(
    select(_AGREEMENTS.c.state, _RELEASES.c.state, _RELEASES.c.dataset_id, _RELEASES.c.embargo_until, _SIGNED_AT)
    .join(_EDITIONS, _EDITIONS.c.id == _AGREEMENTS.c.edition_id)
    .join(_RELEASES, _RELEASES.c.id == _EDITIONS.c.release_id)
    .where(_AGREEMENTS.c.id == bindparam("agreement"))
)
"""The states on which every answer depends, as they are now; built once."""

DUCKDB_TYPES = {
    "string": "VARCHAR",
    "large_string": "VARCHAR",
    "bool": "BOOLEAN",
    "int8": "TINYINT",
    "int16": "SMALLINT",
    "int32": "INTEGER",
    "int64": "BIGINT",
    "float": "FLOAT",
    "double": "DOUBLE",
    "date32[day]": "DATE",
}
"""Arrow types that editions are written with, and what DuckDB reads them as."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What a member asks: a statement, under an agreement, for a stated purpose."""

    agreement_id: str
    purpose: str
    sql: str
    key: str
    """The idempotency key: the same key with the same question is the same question."""
    parameters: Parameters = field(default_factory=dict)
    """Values for the parameters of the statement."""

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
        return digest({"sql": self.sql, "purpose": self.purpose, **values})


def hash_of(sql: str, given: str | None) -> str:
    """Hash a statement and the canonical JSON of its values; NUL, which no statement holds, stands between them."""
    return hashlib.sha256((sql if given is None else f"{sql}\0{given}").encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Grant:
    """What an agreement gives access to; it never changes once signed."""

    agreement_id: str
    firm_id: str
    publisher_id: str
    edition_id: str
    release_id: str
    dataset_id: str
    terms: Terms
    files: Mapping[str, tuple[Path, ...]]
    lineage: Binder
    rules: Rules | None
    """By what aggregates are guarded; none where rows may be asked for."""

    @property
    def named(self) -> dict[str, str]:
        """What is licensed and to whom, as entries of the log name it."""
        return {
            "agreement": self.agreement_id,
            "firm": self.firm_id,
            "edition": self.edition_id,
            "release": self.release_id,
            "dataset": self.dataset_id,
        }


@dataclass(frozen=True, slots=True)
class Assessed:
    """A question that may be answered, and its price."""

    question: Question
    purpose: Purpose
    grant: Grant
    quote: Quote
    guarded: Guarded | None
    """What is run instead, where the agreement is for aggregates."""
    monthly_fen_due: int
    """The flat price of this month, which is charged before its first question; 0: none, or charged."""


@dataclass(slots=True)
class Assessor:
    """Remembers what cannot change (signed agreements, prices of statements); asks afresh about states and time."""

    store: BlobStore
    noise: Noise
    binder: Callable[[Tables, Files], Binder]
    """Makes what says which columns a statement touches."""
    intact: Intact = field(init=False)
    """The bytes that are asked, as this process has seen them."""
    _grants: dict[str, Grant] = field(default_factory=dict)
    _quotes: OrderedDict[tuple[str, str, str | None, Purpose], tuple[Quote, Guarded | None]] = field(
        default_factory=OrderedDict
    )
    _lock: Lock = field(default_factory=Lock)

    def __post_init__(self) -> None:
        self.intact = Intact(self.store)

    def assess(self, session: Session, question: Question, *, firm: str | None, at: datetime) -> Assessed:
        """Decide on *question* and price it.

        Raises:
            Denied: which rule stands against it, and what would make it right.
            NotFound: there is no such agreement for this firm.
        """
        row = agreements.find(session, question.agreement_id, firm=firm)
        known = self._grants.get(row.id)
        terms = agreements.terms_of(row) if known is None else known.terms
        purpose = check_states(session, row.id, terms, question.purpose, at=at)
        grant = self._grant(session, row, terms)
        due = terms.price.flat_fen(purpose)
        if due and is_charged(session, row.id, Month.of(at)):
            due = 0
        quote, guarded = self._quote(grant, question, purpose)
        return Assessed(question, purpose, grant, quote, guarded, due)

    def again(
        self, session: Session, agreement_id: str, sql: str, purpose: Purpose, parameters: Parameters = NONE
    ) -> Assessed:
        """Assess what was asked before, whatever became of its agreement since: to run it once more, not to answer it.

        Raises:
            Denied: the statement would be refused today.
        """
        row = session.get_one(Agreement, agreement_id)
        grant = self._grant(session, row, agreements.terms_of(row))
        question = Question(agreement_id=row.id, purpose=purpose, sql=sql, key="", parameters=parameters)
        quote, guarded = self._quote(grant, question, purpose)
        return Assessed(question, purpose, grant, quote, guarded, 0)

    def _grant(self, session: Session, row: Agreement, terms: Terms) -> Grant:
        """Give what an agreement gives access to; its bytes are known to be intact."""
        known = self._grants.get(row.id)
        if known is not None:
            for paths in known.files.values():
                self.intact.check(paths)
            return known
        edition = session.get_one(Edition, row.edition_id)
        paths = tuple(self.intact.path(file.sha256) for file in served(session, terms))
        files = {terms.table: paths}
        columns = columns_of(paths)
        release = session.get_one(Release, edition.release_id)
        grant = Grant(
            row.id,
            row.firm_id,
            row.publisher_id,
            edition.id,
            edition.release_id,
            release.dataset_id,
            terms,
            files,
            self.binder({terms.table: columns}, files),
            self._rules(session, terms, edition, release, columns) if terms.mode is Mode.AGGREGATES else None,
        )
        self._grants[row.id] = grant
        return grant

    def _rules(
        self, session: Session, terms: Terms, edition: Edition, release: Release, columns: list[tuple[str, str]]
    ) -> Rules:
        """Find what guards the aggregates of an edition or cut: its evidence says which column is what."""
        if terms.cut is None:
            published = json.loads(release.evidence)["body"]["editions"][edition.profile]["published"]
        else:
            published = json.loads(session.get_one(Cut, terms.cut).evidence)["body"]["published"]
        tables = {terms.table: declared(published, columns)}
        return Rules(tables, guard_of(edition.profile), self.noise.secret(edition.id), self.noise.seed(edition.id))

    def _quote(self, grant: Grant, question: Question, purpose: Purpose) -> tuple[Quote, Guarded | None]:
        """Price a statement. Conditions never change the price of aggregates: it would tell what they match."""
        key = (grant.agreement_id, question.sql, question.given, purpose)
        with self._lock:
            known = self._quotes.get(key)
            if known is not None:
                self._quotes.move_to_end(key)
                return known
        try:
            statement = gate.check(question.sql, frozenset(grant.files), question.parameters)
            asked = None if grant.rules is None else guarded(statement, grant.rules)
            if asked is None:
                scans = grant.lineage.scans(question.sql, question.parameters)
            else:
                scans = grant.lineage.scans(asked.sql)
            measured = footprint(grant.files, scans, statement, prune=asked is None)
        except QueryRefused as refusal:
            raise Denied.by_engine(refusal) from refusal
        columns = tuple(
            f"{table}.{column}" for table, names in grant.lineage.columns_of(scans).items() for column in names
        )
        priced = pricing.quote(grant.terms.price, purpose=purpose, columns=columns, footprint_bytes=measured.raw_bytes)
        with self._lock:
            self._quotes[key] = priced, asked
            if len(self._quotes) > REMEMBERED:
                self._quotes.popitem(last=False)
        return priced, asked


def served(session: Session, terms: Terms) -> Sequence[EditionFile | CutFile]:
    """List the files that *terms* give access to: those of the cut they name, or of the whole edition."""
    if terms.cut is None:
        return files_of(session, terms.edition)
    return cut_files_of(session, check_servable(session, terms.cut, terms.edition).id)


def columns_of(files: Sequence[Path]) -> list[tuple[str, str]]:
    """List an edition's columns with their DuckDB types, from the footer of its first file."""
    schema = pq.read_schema(files[0])
    return [(name, DUCKDB_TYPES[str(kind)]) for name, kind in zip(schema.names, schema.types, strict=True)]


def check_states(session: Session, agreement_id: str, terms: Terms, purpose: str, *, at: datetime) -> Purpose:
    """Insist that the agreement is active, its release is there, and its *terms* cover the use at this moment."""
    agreement, release, dataset, embargo, signed_at = _READ_STATES.first(session, agreement=agreement_id)
    if agreement != AgreementState.ACTIVE:
        raise Denied.by_terms(
            Refused(Reason.AGREEMENT_NOT_ACTIVE, f"It is {agreement}: sign it, or request a new one.")
        )
    if release not in (State.PUBLISHED, State.SUPERSEDED):
        fix = f"It is {release}: delete your copies, and look for a newer release of {dataset}."
        raise Denied.by_terms(Refused(Reason.RELEASE_NOT_AVAILABLE, fix))
    if embargo is not None and at < embargo:
        raise Denied.by_terms(Refused(Reason.UNDER_EMBARGO, f"Wait until {embargo.isoformat()}."))
    stated = next((code for code in Purpose if code == purpose), None)
    verdict = decide(terms, Use(purpose=stated, action=Action.QUERY), at=at)
    if isinstance(verdict, Refused) or stated is None:
        assert isinstance(verdict, Refused)  # an unknown purpose is never covered
        raise Denied.by_terms(verdict)
    if signed_at is not None and at < signed_at - CLOCK_SLACK:
        found = "The clock is before the log's newest checkpoint: no right can be judged."
        fix = "Tell the operator, who sets it or, where it was wrong before: sluice log checkpoint --accept-clock."
        raise Denied("clock-behind", found, fix=fix)
    return stated
