"""Answers kept for a day, and given again: only while agreement and release still stand, and at no charge."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, insert, select
from sqlmodel import Session

from catalog.events import Event, note
from catalog.ids import MemberId
from catalog.lifecycle import State
from catalog.models import Edition, Release
from market.db import Database
from market.delivery.formats import Format, Outlet, Sink
from market.delivery.spool import Copy, Spool
from market.ledger.models import IdempotencyKey
from market.licensing.models import Agreement, AgreementState
from market.query.assessed import Assessed
from market.query.models import QueryRun, Spooled
from market.query.runs import together
from policies import billing
from policies.billing import Bill

KEPT = timedelta(days=1)
ORPHANED = timedelta(hours=1)
"""A copy without a row is that of a question on its way, until it is older than this."""

QUOTA_BYTES = 8_000_000_000
"""Of disk for all copies together; beyond it answers are delivered and not kept."""

SPOOLED = Spooled.metadata.tables["spooled"]
_MODELS = (QueryRun, Agreement, Edition, Release)
_RUNS, _AGREEMENTS, _EDITIONS, _RELEASES = (model.metadata.tables[str(model.__tablename__)] for model in _MODELS)


@dataclass(frozen=True, slots=True)
class Again:
    """An answer that can be given again."""

    run_id: str
    bill: Bill
    rows: int
    sha256: str
    spool: Spool

    def send(self, sink: Sink) -> None:
        """Write its bytes."""
        for chunk in self.spool.chunks(self.run_id):
            sink.write(memoryview(chunk))


def find(
    database: Database, spool: Spool, assessed: Assessed, format: Format, *, by: MemberId, at: datetime
) -> Again | None:
    """Find the kept answer that the key of a question stands for, in this format; giving it again is logged.

    The question was assessed at this moment, so agreement and release still stand.
    """
    question, grant = assessed.question, assessed.grant
    route = f"agreements/{question.agreement_id}/queries"
    with database.reading() as session:
        known = session.get(IdempotencyKey, (grant.firm_id, route, question.key))
        if known is None or known.body_hash != question.body_hash or at >= known.expires_at:
            return None  # what is wrong with the key is told when the question is reserved
        row = session.get(Spooled, known.subject)
        if row is None or at >= row.expires_at or row.format != format or not spool.path(row.run_id).exists():
            return None
        paid = [
            session.get_one(QueryRun, id).bill for id in together(session, row.run_id, joined=bool(question.others))
        ]
        bill = billing.together([Bill.from_dict(json.loads(one)) for one in paid])
        again = Again(row.run_id, bill, row.rows, row.sha256, spool)
        details = {"bytes": row.size_bytes, "sha256": row.sha256, "rows": row.rows}
    with database.writing() as session:
        note(session, Event(action="answer:given-again", subject=again.run_id, by=by, at=at, details=details))
    return again


def keep(database: Database, copy: Copy, run_id: str) -> bool:
    """Let a copy rest that holds the whole answer, where there is room; says whether it does."""
    if not copy.whole:
        return False
    with database.reading() as session:
        used = session.connection().execute(select(func.coalesce(func.sum(SPOOLED.c.size_bytes), 0))).scalar_one()
    if int(used) >= QUOTA_BYTES:
        return False
    copy.keep(run_id)
    return True


def enter(session: Session, run_id: str, outlet: Outlet, format: Format, *, at: datetime) -> None:
    """Enter the row of a copy that rests."""
    row = {"run_id": run_id, "sha256": outlet.digest.hexdigest(), "size_bytes": outlet.size_bytes, "rows": outlet.rows}
    session.connection().execute(insert(SPOOLED), {**row, "format": format, "created_at": at, "expires_at": at + KEPT})


def ended(session: Session, *, at: datetime) -> list[str]:
    """Name the runs whose copies may be given no more: their time is over, or their agreement or release has ended."""
    over = (
        select(func.coalesce(_RUNS.c.part_of, _RUNS.c.id))
        .join(_AGREEMENTS, _AGREEMENTS.c.id == _RUNS.c.agreement_id)
        .join(_EDITIONS, _EDITIONS.c.id == _RUNS.c.edition_id)
        .join(_RELEASES, _RELEASES.c.id == _EDITIONS.c.release_id)
        .where((_AGREEMENTS.c.state != AgreementState.ACTIVE) | (_RELEASES.c.state == State.WITHDRAWN))
    )
    wanted = select(SPOOLED.c.run_id).where((SPOOLED.c.expires_at <= at) | SPOOLED.c.run_id.in_(over))
    return list(session.connection().execute(wanted).scalars())


def remove(session: Session, spool: Spool, runs: Sequence[str], *, at: datetime) -> int:
    """Remove the copies of *runs* and their rows, and copies that no row speaks of; gives how many."""
    for run_id in runs:
        spool.remove(run_id)
    connection = session.connection()
    if runs:
        connection.execute(delete(SPOOLED).where(SPOOLED.c.run_id.in_(runs)))
    known = set(connection.execute(select(SPOOLED.c.run_id)).scalars())
    return len(runs) + spool.sweep(known, before_s=(at - ORPHANED).timestamp())
