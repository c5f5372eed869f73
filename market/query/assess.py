"""From a question to its quote: party → agreement → terms → gate → lineage → price. No data is read or written."""

import json
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock

from sqlalchemy import bindparam, select
from sqlmodel import Session

from catalog.lifecycle import State
from catalog.models import Cut, Edition, Release
from catalog.store import BlobStore
from market.audit.models import LogCheckpoint
from market.billing.subscriptions import is_charged
from market.licensing import agreements
from market.licensing.models import Agreement, AgreementState
from market.prepared import Prepared
from market.query.aggregates.declared import declared
from market.query.aggregates.guarded import Guarded, Rules, guarded
from market.query.aggregates.noise import Noise
from market.query.assessed import Assessed, Grant, Share
from market.query.errors import QueryRefused
from market.query.intact import Intact
from market.query.joining import check_joins, names_of, under
from market.query.licensed import columns_of, served
from market.query.question import Question
from market.query.statements import gate
from market.query.statements.footprint import footprint
from market.query.statements.gate import Statement
from market.query.statements.lineage import Binder, Files, Scan, Tables
from market.query.statements.rows import rows_at_most
from market.query.verdicts import Denied
from policies import pricing
from policies.calendar import Month
from policies.cells import guard_of
from policies.decide import Reason, Refused, Use, decide
from policies.pricing import Quote
from policies.profile import Mode
from policies.terms import Action, Purpose, Terms

REMEMBERED = 1024
TOGETHER = 64
"""How many sets of agreements that are asked together are remembered."""

CLOCK_SLACK = timedelta(minutes=1)
"""How far the clock may be behind the log, for two machines differ; further back, rights that ended would revive."""

_MODELS = (Agreement, Edition, Release)
_AGREEMENTS, _EDITIONS, _RELEASES = (model.metadata.tables[str(model.__tablename__)] for model in _MODELS)
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


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a statement may read: grants, the names of their tables in it, and what binds it to them."""

    grants: tuple[Grant, ...]
    names: tuple[str, ...]
    files: Files
    lineage: Binder

    @property
    def key(self) -> tuple[tuple[str, str], ...]:
        return tuple((grant.agreement_id, name) for grant, name in zip(self.grants, self.names, strict=True))


@dataclass(frozen=True, slots=True)
class _Decided:
    """What a statement costs under each agreement, what is run instead of it, and how many rows it cannot exceed."""

    quotes: tuple[Quote, ...]
    guarded: Guarded | None
    rows_at_most: int | None


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
    _together: OrderedDict[tuple[tuple[str, str], ...], Binder] = field(default_factory=OrderedDict)
    """What binds statements to the tables of several agreements."""
    _decided: OrderedDict[tuple[object, ...], _Decided] = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)

    def __post_init__(self) -> None:
        self.intact = Intact(self.store)

    def assess(self, session: Session, question: Question, *, firm: str | None, at: datetime) -> Assessed:
        """Decide on *question* and price it.

        Raises:
            Denied: which rule stands against it, and what would make it right.
            NotFound: there is no such agreement for this firm.
        """
        grants = []
        for one in question.under:
            row = agreements.find(session, one.agreement_id, firm=firm)
            known = self._grants.get(row.id)
            terms = agreements.terms_of(row) if known is None else known.terms
            try:
                purpose = check_states(session, row.id, terms, question.purpose, at=at)
                grants.append(self._grant(session, row, terms))
            except Denied as denied:
                raise (under(row.id, denied) if question.others else denied) from denied.__cause__
        if question.others:
            check_joins(session, [(grant.agreement_id, grant.dataset_id, grant.terms) for grant in grants])
        asked = self._asked(question, grants)
        decided = self._decide(asked, question, purpose)
        shares = [
            Share(grant, name, quote, _flat_due(session, grant, purpose, at))
            for grant, name, quote in zip(grants, asked.names, decided.quotes, strict=True)
        ]
        return Assessed(question, purpose, tuple(shares), asked.files, decided.guarded, decided.rows_at_most)

    def again(self, session: Session, question: Question) -> Assessed:
        """Assess what was asked before, whatever became of its agreements since: to run it once more, not to answer it.

        Raises:
            Denied: the statement would be refused today.
        """
        rows = [session.get_one(Agreement, one.agreement_id) for one in question.under]
        grants = [self._grant(session, row, agreements.terms_of(row)) for row in rows]
        asked = self._asked(question, grants)
        purpose = Purpose(question.purpose)
        decided = self._decide(asked, question, purpose)
        shares = [Share(*one, 0) for one in zip(grants, asked.names, decided.quotes, strict=True)]
        return Assessed(question, purpose, tuple(shares), asked.files, decided.guarded, decided.rows_at_most)

    def _asked(self, question: Question, grants: Sequence[Grant]) -> _Asked:
        """Put the tables of a question side by side, under the names that it gives them."""
        if not question.others and question.alias is None:
            (grant,) = grants
            return _Asked((grant,), tuple(grant.files), grant.files, grant.lineage)
        if any(grant.rules is not None for grant in grants):
            fix = "Ask for aggregates under one agreement at a time, by the name it gives its table."
            raise Denied.by_terms(Refused(Reason.MODE_NOT_SERVED, fix))
        names = names_of(question.under, [(grant.agreement_id, grant.dataset_id, grant.terms) for grant in grants])
        files = {name: grant.files[grant.terms.table] for name, grant in zip(names, grants, strict=True)}
        key = tuple((grant.agreement_id, name) for grant, name in zip(grants, names, strict=True))
        with self._lock:
            lineage = self._together.get(key)
        if lineage is None:
            lineage = self.binder({name: columns_of(paths) for name, paths in files.items()}, files)
            with self._lock:
                self._together[key] = lineage
                if len(self._together) > TOGETHER:
                    self._together.popitem(last=False)
        return _Asked(tuple(grants), names, files, lineage)

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

    def _decide(self, asked: _Asked, question: Question, purpose: Purpose) -> _Decided:
        """Price a statement under each agreement.

        Conditions never change the price of aggregates: it would tell what they match.
        """
        key = (asked.key, question.sql, question.given, purpose)
        with self._lock:
            known = self._decided.get(key)
            if known is not None:
                self._decided.move_to_end(key)
                return known
        rules = asked.grants[0].rules
        try:
            statement = gate.check(question.sql, frozenset(asked.files), question.parameters)
            instead = None if rules is None else guarded(statement, rules)
            if instead is None:
                scans = asked.lineage.scans(question.sql, question.parameters)
            else:
                scans = asked.lineage.scans(instead.sql)
            quotes = tuple(
                _share_of(asked, number, scans, statement, purpose, prune=instead is None)
                for number in range(len(asked.grants))
            )
            most = rows_at_most(statement, asked.files) if instead is None else None
        except QueryRefused as refusal:
            raise Denied.by_engine(refusal) from refusal
        decided = _Decided(quotes, instead, most)
        with self._lock:
            self._decided[key] = decided
            if len(self._decided) > REMEMBERED:
                self._decided.popitem(last=False)
        return decided


def _share_of(
    asked: _Asked, number: int, scans: Sequence[Scan], statement: Statement, purpose: Purpose, *, prune: bool
) -> Quote:
    """Price what a statement reads under one of its agreements."""
    grant, table = asked.grants[number], asked.names[number]
    if len(asked.grants) > 1:
        scans = [scan for scan in scans if scan.table == table]
        if not scans:
            message = f"The statement does not read {table}, the table of agreement {grant.agreement_id}."
            raise Denied(
                "agreement-not-used", message, fix="Leave that agreement out: it would be charged for nothing."
            )
    measured = footprint(asked.files, scans, statement, prune=prune)
    columns = tuple(f"{name}.{column}" for name, read in asked.lineage.columns_of(scans).items() for column in read)
    return pricing.quote(grant.terms.price, purpose=purpose, columns=columns, footprint_bytes=measured.raw_bytes)


def _flat_due(session: Session, grant: Grant, purpose: Purpose, at: datetime) -> int:
    due = grant.terms.price.flat_fen(purpose)
    return 0 if due and is_charged(session, grant.agreement_id, Month.of(at)) else due


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


def check_still(session: Session, assessed: Assessed, *, at: datetime) -> None:
    """Insist that what was assessed may still be answered: every agreement and release stands at this moment."""
    for share in assessed.shares:
        grant = share.grant
        check_states(session, grant.agreement_id, grant.terms, assessed.purpose, at=at)
