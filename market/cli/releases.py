"""The steps of a release."""

from pathlib import Path

import click
from sqlmodel import Session

from catalog.errors import NotPermitted
from catalog.models import Dataset, Release
from market.cli.common import acting, json_option, key_option, now, opened, show
from market.parties.models import Member, Role


@click.group()
def release() -> None:
    """Propose, approve by a second person, publish, withdraw."""


@release.command()
@click.argument("directory", type=click.Path(exists=True, file_okay=False, path_type=Path))
@key_option
@json_option
def propose(directory: Path, key: Path, as_json: bool) -> None:
    """Propose what `sluice build` wrote to DIRECTORY, which your key must have signed.

    \b
    Example: sluice release propose built/ --key steward.key
    """
    from catalog import publishing

    with opened() as home:
        member, steward = acting(home, key, Role.STEWARD)
        proposal = publishing.store_proposal(home.store, directory, steward.signer.public)
        with home.database.writing() as session:
            row = publishing.propose(session, proposal, by=steward, at=now())
            _insist_on_own(session, row, member)
            editions = {edition.profile: edition.id for edition in publishing.editions_of(session, row.id)}
        value = {"release": row.id, "state": row.state, "editions": editions, "evidence": row.evidence_hash}
        show(value, f"Release {row.id} of {row.dataset_id} is {row.state}", as_json=as_json)


@release.command()
@click.argument("release_id")
@key_option
@json_option
def approve(release_id: str, key: Path, as_json: bool) -> None:
    """Sign RELEASE_ID's evidence as a second person.

    \b
    Example: sluice release approve 01H… --key approver.key
    """
    from catalog import publishing

    with opened() as home:
        _, approver = acting(home, key, Role.APPROVER)
        with home.database.writing() as session:
            row = publishing.approve(session, release_id, by=approver, at=now())
        value = {"release": row.id, "state": row.state, "evidence": row.evidence_hash, "key": row.approver_key}
        show(value, f"Release {row.id} is {row.state}", as_json=as_json)


@release.command()
@click.argument("release_id")
@key_option
@json_option
def publish(release_id: str, key: Path, as_json: bool) -> None:
    """Make RELEASE_ID visible, once it carries a valid approval by a second key.

    \b
    Example: sluice release publish 01H… --key steward.key
    """
    from catalog import publishing
    from market.audit import checkpoint

    with opened() as home:
        member, steward = acting(home, key, Role.STEWARD)
        with home.database.writing() as session:
            _insist_on_own(session, publishing.find_release(session, release_id), member)
            row = publishing.publish(session, home.store, release_id, by=steward.id, at=now())
        with home.database.writing() as session:
            taken = checkpoint.take(session, home.log_key, origin=home.origin, at=now())
        value = {"release": row.id, "state": row.state, "checkpoint": taken.note}
        show(value, f"Release {row.id} is {row.state}", as_json=as_json)


@release.command()
@click.argument("release_id")
@click.option("--reason", required=True, help="What licensees will read.")
@click.option("--legal-hold", help="Why the bytes must be kept although nobody may reach them.")
@key_option
@json_option
def withdraw(release_id: str, reason: str, legal_hold: str | None, key: Path, as_json: bool) -> None:
    """Make RELEASE_ID unreachable at once, and erase its bytes unless a legal hold names a reason.

    \b
    Example: sluice release withdraw 01H… --reason "A patient objected" --key steward.key
    """
    from catalog import publishing

    with opened() as home:
        member, steward = acting(home, key, Role.STEWARD)
        with home.database.writing() as session:
            _insist_on_own(session, publishing.find_release(session, release_id), member)
            row = publishing.withdraw(
                session, release_id, reason=reason, legal_hold=legal_hold, by=steward.id, at=now()
            )
        with home.database.writing() as session:
            erased = publishing.erase_withdrawn(session, home.store, by=steward.id, at=now())
        value = {"release": row.release_id, "state": "withdrawn", "reason": reason, "erased": release_id in erased}
        words = f"Release {release_id} is withdrawn; its bytes are {'erased' if release_id in erased else 'held'}."
        show(value, words, as_json=as_json)


@release.command("list")
@json_option
def listed(as_json: bool) -> None:
    """List releases, with the tombstones of those withdrawn.

    \b
    Example: sluice release list --json
    """
    from sqlmodel import select

    from catalog.models import Release, Tombstone
    from catalog.publishing import editions_of

    with opened() as home, home.database.reading() as session:
        stones = {stone.release_id: stone for stone in session.exec(select(Tombstone))}
        value = [
            {
                "release": row.id,
                "dataset": row.dataset_id,
                "number": row.number,
                "state": row.state,
                "editions": {edition.profile: edition.id for edition in editions_of(session, row.id)},
                "evidence": row.evidence_hash,
                "reason": stones[row.id].reason if row.id in stones else None,
            }
            for row in session.exec(select(Release).order_by(Release.id))
        ]
    words = "\n".join(f"{r['release']}  {r['dataset']} #{r['number']}  {r['state']}" for r in value)
    show({"releases": value}, words, as_json=as_json)


@release.command()
@json_option
def sweep(as_json: bool) -> None:
    """Finish what crashed commands left: remove leftovers, and erase the bytes of withdrawn releases.

    Leftovers are temporary files, the marks of dead processes, and blobs that no release speaks of.

    \b
    Example: sluice release sweep
    """
    from catalog import publishing

    with opened() as home:
        removed = home.forget_dead()
        with home.database.writing() as session:
            erased = publishing.erase_withdrawn(session, home.store, at=now())
            removed += publishing.sweep(session, home.store)
    words = f"{removed} leftovers removed, {len(erased)} withdrawn releases erased"
    show({"removed": removed, "erased": erased}, words, as_json=as_json)


def _insist_on_own(session: Session, row: Release, member: Member) -> None:
    """Refuse a steward the releases of other publishers."""
    if session.get_one(Dataset, row.dataset_id).publisher_id != member.organisation:
        raise NotPermitted(f"dataset {row.dataset_id!r}", "is another publisher's", fix="Ask its steward.")
