"""What rests beside an edition – class table, cut, preview, upload, ceiling – entered as rows of a word each."""

from dataclasses import dataclass
from datetime import date

from catalog.events import Event, note
from catalog.ids import MemberId, new_id
from catalog.models import Ceiling, ClassTable, Cut, CutFile, Preview, RawSource
from market.audit.models import LogCosignature, LogWitness
from market.auditing.models import AuditCase, CaseEntry, CaseQuestion, CaseState
from market.billing import programmes
from market.billing.models import Invoice, Level, Subscription
from market.billing.programmes import Subsidy
from market.parties.models import ApiToken
from market.query.models import Template
from tests.common import editions
from tests.common.world import World


@dataclass(frozen=True)
class Beside:
    """The blobs that were put at rest."""

    classes: str
    cut: str
    cut_manifest: str
    mock: str


def enter(world: World, release: str, *, suffix: str = "") -> Beside:
    """Put something of each kind beside a release's first edition."""
    edition, at = world.edition(release), world.now()
    kinds = ("classes", "cut", "cut_manifest", "mock")
    blobs = Beside(*(world.store.put_bytes(f"{kind}{suffix}".encode()).sha256 for kind in kinds))
    cut = Cut(
        id=new_id(at),
        edition_id=edition,
        spec="{}",
        spec_hash="s",
        evidence="{}",
        evidence_hash="e",
        rows=1,
        manifest=blobs.cut_manifest,
        created_by="m",
        created_at=at,
    )
    with world.writing() as session:
        session.add(cut)
        session.flush()
        session.add(CutFile(cut_id=cut.id, position=0, sha256=blobs.cut, size_bytes=3, rows=1))
        session.add(ClassTable(edition_id=edition, sha256=blobs.classes))
        session.add(Preview(release_id=release, statistics="{}", first_rows="[]", mock=blobs.mock, created_at=at))
        upload = {"sha256": "0" * 64, "size_bytes": 1, "added_by": "m", "added_at": at}
        session.add(RawSource(id=new_id(at), dataset_id=editions.DATASET, **upload))
        prices = {"revenue_fen": 1000, "per_query_fen": 1000, "per_gb_fen": 100_000}
        period = {"starts_on": date(at.year, 1, 1), "ends_on": date(at.year + 1, 1, 1)}
        session.add(Ceiling(id=new_id(at), dataset_id=editions.DATASET, created_at=at, **prices, **period))
        name = f"witness.example/w{suffix}"
        session.add(LogWitness(name=name, key="k", url="http://127.0.0.1:1", added_by="m", added_at=at))
        session.add(LogCosignature(size=1, witness=name, at=at, line="l"))
        note(session, Event(action="test:entered", subject=release, by=MemberId("m"), at=at))
    return blobs


def enter_bills(world: World, agreement: str, *, ended: bool = False) -> None:
    """Enter a programme with a voucher, a month's flat price and an invoice; *ended*: closed, revoked and paid."""
    at, by = world.now(), MemberId("m")
    subsidy = Subsidy(
        level=Level.CITY,
        position=1,
        share_bp=2000,
        firm_year_cap_fen=1000,
        starts_on=date(at.year, 1, 1),
        ends_on=date(at.year + 1, 1, 1),
    )
    month = "2026-10" if ended else "2026-11"
    issued = {"statement_hash": "h", "issued_by": by, "issued_at": at, "due_on": at.date()}
    with world.writing() as session:
        programme = programmes.open_programme(session, subsidy, name_zh="券", name_en="Vouchers", by=by, at=at)
        voucher = programmes.admit(session, programme.id, world.firm, by=by, at=at)
        if ended:
            programmes.revoke(session, voucher.id, by=by, at=at)
            programmes.close(session, programme.id, by=by, at=at)
        session.add(Subscription(id=new_id(at), agreement_id=agreement, month=month, bill="{}", charged_at=at))
        paid_at = at if ended else None
        session.add(Invoice(id=new_id(at), firm_id=world.firm, month=month, amount_fen=7, paid_at=paid_at, **issued))


def enter_case(world: World, *, closed: bool = False) -> None:
    """Enter an auditor's case with an entry and a question; *closed*: answered, and closed with a report."""
    at, by = world.now(), MemberId("m")
    ended = {"closed_by": by, "closed_at": at, "report": "{}", "report_hash": "h"} if closed else {}
    answered = {"answer": "a", "answered_by": by, "answered_at": at} if closed else {}
    state = CaseState.CLOSED if closed else CaseState.OPEN
    with world.writing() as session:
        case = AuditCase(id=new_id(at), title="t", state=state, opened_by=by, opened_at=at, **ended)
        session.add(case)
        session.flush()
        session.add(CaseEntry(case_id=case.id, seq=0, note="n", attached_by=by, attached_at=at))
        asked = {"publisher_id": world.publisher, "question": "q", "asked_by": by, "asked_at": at}
        session.add(CaseQuestion(id=new_id(at), case_id=case.id, **asked, **answered))
        note(session, Event(action="test:entered", subject=case.id, by=by, at=at))


def enter_doors(world: World, release: str, *, ended: bool = False) -> None:
    """Enter a member's token and an edition's template; *ended*: revoked, and retired."""
    at, by = world.now(), world.people["licensee"].id
    over = at if ended else None
    with world.writing() as session:
        token = {"name": "t", "secret_hash": "h", "created_at": at, "expires_at": at}
        session.add(ApiToken(id=new_id(at), member_id=by, revoked_at=over, **token))
        named = {"name": f"t-{ended}", "sql": "SELECT 1", "parameters": "{}", "approved_by": by, "approved_at": at}
        session.add(Template(id=new_id(at), edition_id=world.edition(release), retired_at=over, **named))
        note(session, Event(action="test:entered", subject=release, by=MemberId("m"), at=at))
