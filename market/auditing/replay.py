"""Run a logged question once more on the same bytes, and hold what comes against what the log says was delivered.

It runs in the same sandbox, and nothing is charged. Rows are never shown: hashes and counts are compared. An engine
with several threads may give rows in another order; the log holds a hash that does not depend on it for small results.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

import pyarrow as pa
from sqlalchemy import select
from sqlmodel import Session

from catalog.cuts import cut_files_of
from catalog.errors import CatalogError, NotFound
from catalog.events import Event, note
from catalog.ids import MemberId
from catalog.models import Cut, Edition, Release, Tombstone
from catalog.releases import files_of
from market.audit import log
from market.auditing.entries import parsed
from market.delivery.formats import Format, Outlet, write
from market.delivery.rows import RowsDigest
from market.licensing.models import Agreement
from market.query.answer import QueryService
from market.query.errors import QueryError
from market.query.models import QueryRun
from market.query.question import Question, Under, hash_of
from market.query.runs import together
from market.query.statements.parameters import given_in
from market.query.verdicts import Denied


class Verdict(StrEnum):
    """What a replay found."""

    SAME_BYTES = "same bytes"
    SAME_ROWS = "same rows in another order"
    DIFFERS = "differs"
    NOT_COMPARABLE = "not comparable"
    """The bytes differ, and nothing that was logged tells order from content."""
    NOTHING_DELIVERED = "nothing delivered"
    DESTROYED = "bytes destroyed"
    WITHDRAWN = "withdrawn"
    """The bytes are not read any more, though they are not erased yet."""
    NOT_RUN = "not run"


GOOD = frozenset(Verdict) - {Verdict.DIFFERS, Verdict.NOT_RUN}


@dataclass(frozen=True, slots=True)
class Delivered:
    """Hashes and counts of what left, or of what came of a replay."""

    rows: int
    size_bytes: int
    sha256: str
    rows_sha256: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """A verdict, and what it rests on."""

    query: str
    verdict: Verdict
    reason: str | None
    entries: tuple[int, ...]
    """Those that charged and delivered the question."""
    status: str | None
    format: str | None
    logged: Delivered | None
    found: Delivered | None
    release: str
    edition: str
    cut: str | None
    evidence: str
    """SHA-256 of the evidence: the cut's where there is one, else the release's."""
    manifest: str
    files: tuple[str, ...]
    """SHA-256 of the files that were asked."""
    withdrawn_at: datetime | None
    erased_at: datetime | None


@dataclass(frozen=True, slots=True)
class _Question:
    """A question at rest, and what the log says of it."""

    run: QueryRun
    runs: Sequence[QueryRun]
    """With those of its other agreements."""
    entries: Mapping[str, tuple[int, dict[str, Any]]]
    """Action → number and details."""
    told: Mapping[str, Any]
    """What a replay says of the bytes, whatever its verdict."""


def replay(service: QueryService, query_id: str, *, by: MemberId) -> Replayed:
    """Run question *query_id* again; the verdict is logged before it is given.

    Raises:
        NotFound: there is no such question in the log.
        CatalogError: the question at rest is not the one that was logged.
    """
    with service.database.reading() as session:
        question = _question(session, query_id)
    result = _replayed(service, question)
    details = {
        "verdict": result.verdict,
        "entries": result.entries,
        "release": result.release,
        "edition": result.edition,
        "found": None if result.found is None else result.found.sha256,
    }
    with service.database.writing() as session:
        note(session, Event(action="log:replayed", subject=query_id, by=by, at=service.clock(), details=details))
    return result


def _question(session: Session, query_id: str) -> _Question:
    """Find a question; a part of one under several agreements stands for all of it."""
    run = session.get(QueryRun, query_id)
    if run is not None and run.part_of is not None:
        run = session.get_one(QueryRun, run.part_of)
    columns = log.ENTRIES.c
    ids = [query_id] if run is None else together(session, run.id)
    about = (columns.subject.in_(ids), columns.action.in_(("query:answered", "query:delivered")))
    found = session.connection().execute(select(columns.seq, columns.body).where(*about).order_by(columns.seq)).all()
    bodies = [(seq, parsed(body)) for seq, body in found]
    charged = {body["subject"]: body["details"] for _, body in bodies if body["action"] == "query:answered"}
    if run is None or run.id not in charged:
        raise NotFound(f"query {query_id!r}", "was never answered", fix="sluice log search --action query:answered")
    rows = [session.get_one(QueryRun, id) for id in ids]
    for row in rows:
        said = charged.get(row.id, {})
        if hash_of(row.sql, row.parameters) != said.get("sql") or row.edition_id != said.get("edition"):
            found_ = "the question at rest is not the one that was logged"
            raise CatalogError(f"query {query_id}", found_, fix="Restore it from a backup, and tell the operator.")
    told, *others = [_bytes_of(session, row) for row in rows]
    told["files"] += tuple(sha256 for other in others for sha256 in other["files"])
    for ended in ("withdrawn_at", "erased_at"):
        told[ended] = min((one[ended] for one in (told, *others) if one[ended] is not None), default=None)
    entries = {body["action"]: (seq, body["details"]) for seq, body in bodies if body["subject"] == run.id}
    return _Question(run, rows, entries, told)


def _bytes_of(session: Session, run: QueryRun) -> dict[str, Any]:
    """Say which bytes a run asked, and what became of them."""
    agreement = session.get_one(Agreement, run.agreement_id)
    edition = session.get_one(Edition, run.edition_id)
    release, stone = session.get_one(Release, edition.release_id), session.get(Tombstone, edition.release_id)
    cut = None if agreement.cut_id is None else session.get_one(Cut, agreement.cut_id)
    files = files_of(session, edition.id) if cut is None else cut_files_of(session, cut.id)
    erased_at = None if stone is None else stone.erased_at
    return {
        "release": release.id,
        "edition": edition.id,
        "cut": agreement.cut_id,
        "evidence": release.evidence_hash if cut is None else cut.evidence_hash,
        "manifest": edition.manifest if cut is None else cut.manifest,
        "files": tuple(file.sha256 for file in files),
        "withdrawn_at": None if stone is None else stone.withdrawn_at,
        "erased_at": erased_at or (None if cut is None else cut.collected_at),
    }


def _replayed(service: QueryService, question: _Question) -> Replayed:
    _, said = question.entries.get("query:delivered", (None, {}))
    logged = Delivered(said["rows"], said["bytes"], said["sha256"], said.get("rows_sha256")) if said else None
    status, found, reason = said.get("status"), None, None
    if question.told["erased_at"] is not None:
        verdict = Verdict.DESTROYED
    elif question.told["withdrawn_at"] is not None:
        verdict = Verdict.WITHDRAWN
    elif logged is None:
        verdict = Verdict.NOTHING_DELIVERED
    else:
        try:
            found = _run(service, question, said["format"], most=None if status == "complete" else logged.rows)
            verdict, reason = _compared(logged, found, complete=status == "complete")
        except (Denied, QueryError) as error:
            verdict, reason = Verdict.NOT_RUN, str(error)
    return Replayed(
        query=question.run.id,
        verdict=verdict,
        reason=reason,
        entries=tuple(seq for seq, _ in question.entries.values()),
        status=status,
        format=said.get("format"),
        logged=logged,
        found=found,
        **question.told,
    )


def _run(service: QueryService, question: _Question, format: str, *, most: int | None) -> Delivered:
    """Run it, and hash what comes as its format has it; of an answer that was stopped, its first *most* rows."""
    run, content = question.run, RowsDigest()
    asked = Question.of(
        [Under(row.agreement_id, row.alias) for row in question.runs],
        purpose=run.purpose,
        sql=run.sql,
        key="",
        parameters=given_in(run.parameters),
    )
    with service.database.reading() as session:
        assessed = service.assessor.again(session, asked)
    with Path(os.devnull).open("wb") as nowhere, service.start(assessed, service.row_limit) as running:
        outlet = Outlet(nowhere)
        result = service.protected(assessed, running)
        batches = content.watch(_first(result, most), result.schema)
        write(result.schema, batches, outlet, Format(format), whole=most is None)
    return Delivered(outlet.rows, outlet.size_bytes, outlet.digest.hexdigest(), content.sha256())


def _compared(logged: Delivered, found: Delivered, *, complete: bool) -> tuple[Verdict, str | None]:
    if found.sha256 == logged.sha256:
        return Verdict.SAME_BYTES, None
    if not complete:
        return Verdict.NOT_COMPARABLE, "It was stopped before its end, and the order of rows may differ."
    if found.rows != logged.rows:
        return Verdict.DIFFERS, None
    if logged.rows_sha256 is None:
        return Verdict.NOT_COMPARABLE, "As many rows came; the log holds no hash that tells their order from them."
    return (Verdict.SAME_ROWS if found.rows_sha256 == logged.rows_sha256 else Verdict.DIFFERS), None


def _first(batches: Any, most: int | None) -> Iterator[pa.RecordBatch]:
    """Give the first *most* rows, or all."""
    left = most
    for batch in batches:
        if left is not None and batch.num_rows >= left:
            if left:
                yield batch.slice(0, left)
            return
        left = None if left is None else left - batch.num_rows
        yield batch
