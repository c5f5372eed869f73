"""Recalls: who took what was withdrawn, who attested that it is deleted, and who has not."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from market.cli.common import acting, json_option, key_option, now, opened, show
from market.parties.models import Role

if TYPE_CHECKING:
    from market.recall.overview import NoticeView, RecallView

WATCHERS = (Role.STEWARD, Role.AUDITOR, Role.ADMINISTRATOR)


@click.group()
def recall() -> None:
    """Call back what was delivered. Copies outside are recalled, never called gone."""


@recall.command("open")
@click.argument("subject")
@click.option("--due-days", default=14, show_default=True, type=click.IntRange(0, 3650), help="Days to attest in.")
@click.option("--reason", help="What licensees will read; that of the withdrawal or revocation where none is given.")
@key_option
@json_option
def open_(subject: str, due_days: int, reason: str | None, key: Path, as_json: bool) -> None:
    """Open the recall of SUBJECT, a withdrawn release without one or a revoked agreement, of your publisher.

    \b
    Example: sluice recall open 01H… --due-days 14 --key steward.key
    """
    from catalog.errors import NotFound
    from catalog.models import Release, Tombstone
    from market.licensing.models import Agreement
    from market.recall.notices import open_recall, recall_agreement
    from market.recall.overview import recall as told
    from market.recall.viewers import Viewer, publisher_of

    with opened() as home:
        member, steward = acting(home, key, Role.STEWARD)
        viewer, at = Viewer.of(member), now()
        with home.database.writing() as session:
            release, agreement = session.get(Release, subject), session.get(Agreement, subject)
            if release is not None and viewer.stewards(publisher_of(session, release.dataset_id)):
                stone = session.get(Tombstone, subject)
                said = reason or (stone.reason if stone is not None else "")
                row = open_recall(session, subject, reason=said, by=steward.id, at=at, due_in_days=due_days)
            elif agreement is not None and viewer.stewards(agreement.publisher_id):
                said = reason or agreement.revocation_reason or ""
                row = recall_agreement(session, subject, reason=said, by=steward.id, at=at, due_in_days=due_days)
            else:
                found = "is no release or agreement of your publisher's"
                raise NotFound(f"{subject!r}", found, fix="List releases with: sluice release list.")
            session.flush()
            view = told(session, row.id, viewer, at=at)
        show(view, _recall_words(view), as_json=as_json)


@recall.command("list")
@click.option("--open", "only_open", is_flag=True, help="Only those that somebody has yet to attest.")
@click.option("--overdue", "only_overdue", is_flag=True, help="Only those of them that are past their date.")
@key_option
@json_option
def listed(only_open: bool, only_overdue: bool, key: Path, as_json: bool) -> None:
    """List recalls: of your publisher, or brought before it; administrators and auditors see all.

    \b
    Example: sluice recall list --overdue --key auditor.key
    """
    from market.recall.overview import recalls
    from market.recall.viewers import Viewer

    with opened() as home:
        member, _ = acting(home, key, *WATCHERS)
        with home.database.reading() as session:
            found = recalls(session, Viewer.of(member), at=now(), only_open=only_open, only_overdue=only_overdue)
    show({"recalls": found}, "\n".join(_recall_line(view) for view in found) or "None.", as_json=as_json)


@recall.command("show")
@click.argument("recall_id")
@key_option
@json_option
def show_one(recall_id: str, key: Path, as_json: bool) -> None:
    """Show RECALL_ID: each licensee, what was taken, who attested and who did not.

    \b
    Example: sluice recall show 01H… --key steward.key
    """
    from market.recall.overview import recall as told
    from market.recall.viewers import Viewer

    with opened() as home:
        member, _ = acting(home, key, *WATCHERS)
        with home.database.reading() as session:
            view = told(session, recall_id, Viewer.of(member), at=now())
    show(view, _recall_words(view), as_json=as_json)


@recall.command()
@key_option
@json_option
def notices(key: Path, as_json: bool) -> None:
    """List what your firm was told to delete, and by when.

    \b
    Example: sluice recall notices --key me.key
    """
    from market.recall.overview import own_notices

    with opened() as home:
        member, _ = acting(home, key, Role.LICENSEE)
        with home.database.reading() as session:
            found = own_notices(session, firm=member.organisation, at=now())
    words = "\n".join(f"{_notice_line(view)}\n    {view.reason}" for view in found)
    show({"notices": found}, words or "None.", as_json=as_json)


@recall.command()
@click.argument("notice_id")
@click.option("--statement", required=True, help="What was deleted, where and how. It is signed and cannot be changed.")
@key_option
@json_option
def attest(notice_id: str, statement: str, key: Path, as_json: bool) -> None:
    """Attest with your signature that your firm deleted what NOTICE_ID names.

    \b
    Example: sluice recall attest 01H… --statement "All copies and backups deleted" --key me.key
    """
    from market.recall.attestation import attest as attest_deletion
    from market.recall.models import Notice, Recall

    with opened() as home:
        member, licensee = acting(home, key, Role.LICENSEE)
        with home.database.writing() as session:
            given = attest_deletion(
                session, notice_id, firm=member.organisation, statement=statement, by=licensee, at=now()
            )
            row = session.get_one(Recall, session.get_one(Notice, notice_id).recall_id)
        value = {
            "notice": notice_id,
            "recall": row.id,
            "state": "closed" if row.closed_at is not None else "open",
            "key": given.key,
            "signature": given.signature,
            "at": given.at,
        }
        show(value, f"Attested for notice {notice_id}; the recall is {value['state']}", as_json=as_json)


@recall.command()
@click.option("--patience-days", default=7, show_default=True, type=click.IntRange(0, 3650), help="Days per level.")
@key_option
@json_option
def escalate(patience_days: int, key: Path, as_json: bool) -> None:
    """Bring overdue notices one level up: the steward, the publisher above, the operator. Fit to run daily.

    \b
    Example: sluice recall escalate --key steward.key
    """
    from market.recall.escalation import escalate as escalate_overdue
    from market.recall.viewers import Viewer

    with opened() as home:
        member, _ = acting(home, key, Role.STEWARD, Role.ADMINISTRATOR)
        with home.database.writing() as session:
            made = escalate_overdue(session, by=Viewer.of(member), at=now(), patience_days=patience_days)
        value = [{"notice": step.notice_id, "level": step.level, "to": step.to} for step in made]
    words = "\n".join(f"{step['notice']}  {step['level']}  {step['to']}" for step in value)
    show({"escalated": value}, words or "Nothing is due.", as_json=as_json)


def _recall_line(view: "RecallView") -> str:
    late = "  OVERDUE" if view.overdue else ""
    return (
        f"{view.recall}  {view.dataset}  {view.state}{late}  {view.attested} of {view.licensees} attested"
        f"  due {view.due_at:%Y-%m-%d}"
    )


def _recall_words(view: "RecallView") -> str:
    return "\n".join([_recall_line(view), f"    {view.reason}", *map(_notice_line, view.notices)])


def _notice_line(view: "NoticeView") -> str:
    if view.attested_at is not None:
        state = f"attested {view.attested_at:%Y-%m-%d}" + ("" if view.signature_holds else "  SIGNATURE DOES NOT HOLD")
    else:
        state = "OVERDUE" if view.overdue else f"due {view.due_at:%Y-%m-%d}"
        state += "".join(f"  brought before the {level}" for level, _, _ in view.escalated)
    took = f"{view.rows} rows, {view.size_bytes} bytes, {view.answers} answers"
    return f"{view.notice}  {view.dataset}  agreement {view.agreement}  firm {view.firm}  {took}  {state}"
