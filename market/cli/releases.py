"""The steps of a release."""

from datetime import datetime, timedelta
from pathlib import Path

import click

from market.cli import previews
from market.cli.common import acting, json_option, key_option, now, opened, show
from market.cli.stewards import insist_on_line, insist_on_own
from market.parties.models import Role


@click.group()
def release() -> None:
    """Propose, approve by a second person, publish, compare, withdraw."""


release.add_command(previews.diff)


def _moment(_: click.Context, __: click.Parameter, value: str | None) -> datetime | None:
    if value is None:
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError as error:
        raise click.BadParameter("give a moment such as 2027-01-01T00:00:00+08:00") from error
    if moment.tzinfo is None:
        raise click.BadParameter("it has no time zone: add one, such as +08:00")
    return moment


@release.command()
@click.argument("directory", type=click.Path(exists=True, file_okay=False, path_type=Path))
@key_option
@json_option
def propose(directory: Path, key: Path, as_json: bool) -> None:
    """Propose what `sluice build` wrote to DIRECTORY, which your key must have signed.

    Its risk is measured again, together with everything that is published of its dataset; its preview is made.

    \b
    Example: sluice release propose built/ --key steward.key
    """
    from catalog import assessment, proposing, releases, submission

    with opened() as home:
        member, steward = acting(home, key, Role.STEWARD)
        proposal = proposing.store_proposal(home.store, directory, steward.signer.public)
        with home.database.reading() as session:
            insist_on_own(session, proposal.document["body"]["dataset"], member)
            gathered = assessment.gather(session, home.store, proposal)
        prepared = submission.prepare(proposal, gathered)
        joined = prepared.joined
        with home.database.writing() as session:
            row = submission.submit(session, prepared, by=steward, at=now())
            editions = {edition.profile: edition.id for edition in releases.editions_of(session, row.id)}
        value = {
            "release": row.id,
            "state": row.state,
            "editions": editions,
            "evidence": row.evidence_hash,
            "joined": {"k": joined["minimum"], "floor": joined["floor"]},
        }
        show(value, f"Release {row.id} of {row.dataset_id} is {row.state}", as_json=as_json)


@release.command()
@click.argument("release_id")
@key_option
@json_option
def approve(release_id: str, key: Path, as_json: bool) -> None:
    """Sign RELEASE_ID's evidence as a second person, for its publisher or one above it.

    \b
    Example: sluice release approve 01H… --key approver.key
    """
    from catalog import publishing, releases

    with opened() as home:
        member, approver = acting(home, key, Role.APPROVER)
        with home.database.writing() as session:
            insist_on_line(session, releases.find_release(session, release_id).dataset_id, member)
            row = publishing.approve(session, release_id, by=approver, at=now())
        value = {"release": row.id, "state": row.state, "evidence": row.evidence_hash, "key": row.approver_key}
        show(value, f"Release {row.id} is {row.state}", as_json=as_json)


@release.command()
@click.argument("release_id")
@click.option(
    "--embargo-until", callback=_moment, help="The moment, with its time zone, before which nobody may ask it."
)
@key_option
@json_option
def publish(release_id: str, embargo_until: datetime | None, key: Path, as_json: bool) -> None:
    """Make RELEASE_ID visible, once it carries a valid approval by a second key.

    Its dataset must be registered, and its publisher hold a mandate for its theme and editions. Under an embargo it is
    in the catalogue, but neither offered nor queried; the next release does not inherit it.

    \b
    Example: sluice release publish 01H… --embargo-until 2027-01-01T00:00:00+08:00 --key steward.key
    """
    from catalog import publishing, raw_sources, releases
    from market.audit import checkpoint
    from policies.canonical import plain

    with opened() as home:
        member, steward = acting(home, key, Role.STEWARD)
        vault = raw_sources.Vault.of(home.settings.home)
        with home.database.writing() as session:
            insist_on_own(session, releases.find_release(session, release_id).dataset_id, member)
            row = publishing.publish(
                session, home.store, release_id, by=steward.id, at=now(), embargo_until=embargo_until
            )
        with home.database.writing() as session:
            raw_sources.erase_sealed(session, vault, row, by=steward.id, at=now())
        with home.database.reading() as session:
            signed = checkpoint.newest(session)
        value = {
            "release": row.id,
            "state": row.state,
            "embargo_until": plain(row.embargo_until),
            "checkpoint": None if signed is None else signed.note,
        }
        until = f", under embargo until {row.embargo_until:%Y-%m-%d %H:%M} UTC" if row.embargo_until else ""
        show(value, f"Release {row.id} is {row.state}{until}", as_json=as_json)


@release.command()
@click.argument("release_id")
@click.option("--reason", required=True, help="What licensees will read.")
@click.option("--legal-hold", help="Why the bytes must be kept although nobody may reach them.")
@click.option("--due-days", default=14, show_default=True, type=click.IntRange(0), help="Days to attest deletion in.")
@key_option
@json_option
def withdraw(release_id: str, reason: str, legal_hold: str | None, due_days: int, key: Path, as_json: bool) -> None:
    """Make RELEASE_ID unreachable at once, recall its copies, and erase its bytes unless a legal hold names a reason.

    Every licensee who could have taken some of it is told, and attests the deletion by the date due.

    \b
    Example: sluice release withdraw 01H… --reason "A patient objected" --key steward.key
    """
    from catalog import releases, tombstones, withdrawal
    from market.operations.garbage import erase_withdrawn
    from market.recall.notices import open_recall

    with opened() as home:
        member, steward = acting(home, key, Role.STEWARD)
        with home.database.writing() as session:
            insist_on_own(session, releases.find_release(session, release_id).dataset_id, member)
            row = withdrawal.withdraw(
                session, release_id, reason=reason, legal_hold=legal_hold, by=steward.id, at=now()
            )
            session.flush()
            recall = open_recall(session, release_id, reason=reason, by=steward.id, at=now(), due_in_days=due_days)
        with home.database.reading() as session:
            tombstones.keep(session, home.settings.home / tombstones.NAME)
        erased = erase_withdrawn(home, by=steward.id, at=now())
        value = {
            "release": row.release_id,
            "state": "withdrawn",
            "reason": reason,
            "erased": release_id in erased,
            "recall": recall.id,
        }
        words = f"Release {release_id} is withdrawn; its bytes are {'erased' if release_id in erased else 'held'}."
        show(value, words, as_json=as_json)


@release.command("list")
@json_option
def listed(as_json: bool) -> None:
    """List releases, with embargoes, and the tombstones of those withdrawn.

    \b
    Example: sluice release list --json
    """
    from sqlmodel import select

    from catalog.models import Release, Tombstone
    from catalog.releases import editions_of, under_embargo
    from policies.canonical import plain

    with opened() as home, home.database.reading() as session:
        stones = {stone.release_id: stone for stone in session.exec(select(Tombstone))}
        value, words, moment = [], [], now()
        for row in session.exec(select(Release).order_by(Release.id)):
            stone = stones.get(row.id)
            value.append(
                {
                    "release": row.id,
                    "dataset": row.dataset_id,
                    "number": row.number,
                    "state": row.state,
                    "embargo_until": plain(row.embargo_until),
                    "editions": {edition.profile: edition.id for edition in editions_of(session, row.id)},
                    "evidence": row.evidence_hash,
                    "reason": stone.reason if stone else None,
                    "withdrawn_at": plain(stone.withdrawn_at) if stone else None,
                    "erased_at": plain(stone.erased_at) if stone else None,
                    "held": stone is not None and stone.legal_hold is not None,
                }
            )
            notes = [f"under embargo until {row.embargo_until:%Y-%m-%d}"] if under_embargo(row, moment) else []
            notes += [f"{stone.reason} ({'erased' if stone.erased_at else 'bytes not erased'})"] if stone else []
            words.append("  ".join([row.id, f"{row.dataset_id} #{row.number}", row.state, *notes]))
    show({"releases": value}, "\n".join(words), as_json=as_json)


@release.command()
@click.option(
    "--older-than",
    "minutes",
    default=60,
    show_default=True,
    type=click.IntRange(0),
    help="Minutes that a blob without a release must have rested; 0 while nobody proposes.",
)
@json_option
def sweep(minutes: int, as_json: bool) -> None:
    """Finish what crashed commands left: remove leftovers, and erase the bytes of withdrawn releases.

    Leftovers are temporary files, the marks of dead processes, and blobs that no release speaks of.

    \b
    Example: sluice release sweep
    """
    from market.operations import garbage

    with opened() as home:
        swept = garbage.sweep(home, at=now(), older_than=timedelta(minutes=minutes))
    words = f"{swept.removed} leftovers removed, {len(swept.erased)} withdrawn releases erased"
    if not swept.steady:
        words += "; the clock jumped, so blobs wait for an hour"
    show({"removed": swept.removed, "erased": swept.erased}, words, as_json=as_json)
