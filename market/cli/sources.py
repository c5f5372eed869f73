"""Raw files of a steward: sealed into the vault, read by builds alone, erased once a release made of them is out."""

from datetime import datetime
from pathlib import Path

import click
from sqlmodel import Session, col, select

from catalog import raw_sources
from catalog.errors import NotFound
from catalog.ids import MemberId
from catalog.models import Dataset, RawSource
from market.cli.common import acting, json_option, key_option, now, opened, show
from market.home import Home
from market.parties.models import Member, Role


@click.group()
def source() -> None:
    """Raw files, encrypted at rest; who reads them is logged, and they are erased once published from."""


@source.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dataset", "dataset_id", required=True, help="The dataset it is a source of.")
@key_option
@json_option
def add(file: Path, dataset_id: str, key: Path, as_json: bool) -> None:
    """Seal FILE into the vault, for a dataset of your publisher. Delete your own copy when you can.

    \b
    Example: sluice source add registry.csv --dataset tumor-registry --key steward.key
    """
    with opened() as home:
        member, steward = acting(home, key, Role.STEWARD)
        with home.database.reading() as session:
            _insist_on_own(session, dataset_id, member)
        vault = raw_sources.Vault.of(home.settings.home)
        upload = raw_sources.store(vault, file, at=now())
        with home.database.writing() as session:
            row = raw_sources.add(session, vault, upload, dataset_id=dataset_id, by=steward.id, at=now())
        value = {"source": row.id, "dataset": dataset_id, "sha256": row.sha256, "size_bytes": row.size_bytes}
        show(value, f"Sealed as {row.id}; build from it with: sluice build PLAN vault:{row.id} -o DIR", as_json=as_json)


@source.command("list")
@key_option
@json_option
def listed(key: Path, as_json: bool) -> None:
    """List the raw files of your publisher's datasets; administrators and auditors see all. None has its name kept.

    \b
    Example: sluice source list --key steward.key
    """
    with opened() as home:
        member, _ = acting(home, key, Role.STEWARD, Role.AUDITOR, Role.ADMINISTRATOR)
        wanted = select(RawSource).join(Dataset).order_by(RawSource.id)
        if member.role == Role.STEWARD:
            wanted = wanted.where(col(Dataset.publisher_id) == member.organisation)
        with home.database.reading() as session:
            value = [
                {
                    "source": row.id,
                    "dataset": row.dataset_id,
                    "sha256": row.sha256,
                    "size_bytes": row.size_bytes,
                    "added_by": row.added_by,
                    "added_at": row.added_at,
                    "erased_at": row.erased_at,
                }
                for row in session.exec(wanted)
            ]
    words = "\n".join(
        f"{row['source']}  {row['dataset']}  {row['size_bytes']} bytes  {'erased' if row['erased_at'] else 'sealed'}"
        for row in value
    )
    show({"sources": value}, words or "None.", as_json=as_json)


@source.command()
@click.argument("source_id")
@key_option
@json_option
def erase(source_id: str, key: Path, as_json: bool) -> None:
    """Erase SOURCE_ID, a raw file of your publisher's; its hash stays in the catalogue and the log.

    \b
    Example: sluice source erase 01H… --key steward.key
    """
    with opened() as home:
        member, steward = acting(home, key, Role.STEWARD)
        vault = raw_sources.Vault.of(home.settings.home)
        with home.database.writing() as session:
            _own(session, source_id, member)
            row = raw_sources.erase(session, vault, source_id, by=steward.id, at=now())
        show({"source": row.id, "erased_at": row.erased_at}, f"{row.id} is erased", as_json=as_json)


def open_raw(home: Home, raw_id: str, *, by: MemberId, at: datetime, why: str = "build") -> tuple[Path, bytes]:
    """Note that a steward reads an upload of their publisher's; gives where it rests, sealed, and the vault's key."""
    vault = raw_sources.Vault.of(home.settings.home)
    key = vault.key()
    with home.database.writing() as session:
        member = session.get_one(Member, by)
        _own(session, raw_id, member)
        path = raw_sources.reading(session, vault, raw_id, by=by, why=why, at=at)
    return path, key


def _own(session: Session, raw_id: str, member: Member) -> RawSource:
    """Load an upload of the member's publisher; another's does not exist for them."""
    row = raw_sources.find(session, raw_id)
    own = session.get_one(Dataset, row.dataset_id).publisher_id == member.organisation
    if member.role != Role.STEWARD or not own:
        raise NotFound(f"source {raw_id!r}", "there is none", fix="List yours with: sluice source list.")
    return row


def _insist_on_own(session: Session, dataset_id: str, member: Member) -> None:
    dataset = session.get(Dataset, dataset_id)
    if dataset is None or dataset.publisher_id != member.organisation:
        raise NotFound(f"dataset {dataset_id!r}", "is none of your publisher's", fix="Register it, or check its name.")
