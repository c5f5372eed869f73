"""Make a home of a backup: every hash first, then database, blobs, withdrawals, proofs – and only then is it one.

It is built beside its place and gets its name last, so that nobody can ask a home half restored, or one in which
something is published that was withdrawn since the backup.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from anonymize.workplace import workplace
from catalog import tombstones
from catalog.errors import DamagedBlob
from catalog.events import Event, note
from catalog.ids import OPERATOR
from catalog.models import Release
from catalog.store import BlobStore
from catalog.tombstones import Stone
from market import home as homes
from market.audit import checkpoint
from market.audit.notary import Notary
from market.audit.verify import verify as verify_log
from market.home import Home, HomeError
from market.ledger.verify import verify as verify_ledger
from market.operations import garbage, keyring, known
from market.operations.filling import fill
from market.operations.known import Known
from market.operations.manifest import BackupError, Manifest
from market.query.reconcile import reconcile
from market.recall.notices import open_recall
from market.settings import Settings

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What is to be restored, and what is known of what was lost."""

    backup: Path
    settings: Settings
    """Of the home that is to be: its folder must not be there, its PostgreSQL must be empty."""
    replaces: Path | None = None
    """The home in whose place it comes: it gives keys, withdrawals, and how far its log had come."""
    keys: Path | None = None
    stones: Path | None = None
    notes: Sequence[Path] = ()
    witnesses: Sequence[str] = ()
    accepted_loss: int | None = None
    """How many entries may be lost: just as many as are."""
    accepted_damage: int | None = None
    """How many blobs of the backup may be damaged."""


@dataclass(frozen=True, slots=True)
class Restored:
    """What came back."""

    log_size: int
    lost: int
    replayed: Sequence[str]
    """Releases that were withdrawn again."""
    absent: Mapping[str, str]
    """Blobs that did not come back, and what they are."""


def restore(request: Request, *, clock: Callable[[], datetime], progress: Progress = lambda told: None) -> Restored:
    """Make the home of the settings from a backup.

    Raises:
        HomeError: there is one already, or its PostgreSQL is not empty.
        BackupError: the backup is damaged, is another log's, does not hold, or forgets what is known.
    """
    settings, target = request.settings, request.settings.home
    if target.exists():
        fix = "Move it aside, and name it: --replaces."
        raise HomeError(str(target), "is there already", fix=fix)
    target.parent.mkdir(parents=True, exist_ok=True)
    with workplace(target, mode=0o700) as folder:
        _take_keys(request, folder)
        notary = Notary.open(folder / "keys")
        manifest = Manifest.read(request.backup, notary.publics())
        remembered = list(_known(request, notary))
        lost = known.check_loss(remembered, manifest.log_size, request.accepted_loss)
        progress("checking every hash")
        absent = _check(request, manifest)
        progress("the database")
        fill(manifest, request.backup, homes.database_url(replace(settings, home=folder)))
        progress("the blobs")
        store, copies = BlobStore(folder / "blobs"), BlobStore(request.backup / "blobs")
        for sha256 in manifest.blobs:
            if sha256 not in absent:
                store.take(sha256, copies.path(sha256))
        (folder / "run").mkdir(mode=0o700)
        home = Home.open(replace(settings, home=folder))
        try:
            progress("the proofs")
            _verify(home, remembered)
            stones = _stones(request)
            replayed = _withdraw(home, stones, at=clock())
            details = {
                "made_at": manifest.made_at,
                "log_size": manifest.log_size,
                "lost": lost,
                "replayed": replayed,
                "absent": sorted(absent),
            }
            with home.database.writing() as session:
                note(session, Event(action="home:restored", subject="home", by=OPERATOR, at=clock(), details=details))
            with home.database.writing() as session:
                signer = home.notary.signer(session)
                size = checkpoint.take(session, signer, origin=home.origin, at=clock()).size
            tombstones.add(folder / tombstones.NAME, stones.values())
            with home.database.reading() as session:
                tombstones.keep(session, folder / tombstones.NAME)
        finally:
            home.close()
    return Restored(size, lost, replayed, absent)


def _take_keys(request: Request, folder: Path) -> None:
    if request.keys is not None:
        keyring.unpack(request.keys, folder)
    elif request.replaces is not None:
        keyring.copy(request.replaces, folder)
    if not Notary.rests_in(folder / "keys"):
        found = "holds no key of the log, and a backup has none"
        fix = "Give them: --keys FILE (of sluice backup --with-keys), or --replaces HOME."
        raise BackupError("keys", found, fix=fix)


def _known(request: Request, notary: Notary) -> Iterator[Known]:
    """Ask all who may remember how far the log had come."""
    origin, keys = notary.origin, notary.publics()
    if request.replaces is not None:
        yield from known.of_home(request.replaces, origin, keys)
    for file in request.notes:
        yield known.of_note(file.read_text("utf-8"), origin, keys, f"the note {file}")
    for url in request.witnesses:
        seen = known.of_witness(url, origin, keys)
        if seen is not None:
            yield seen


def _check(request: Request, manifest: Manifest) -> dict[str, str]:
    """Hash all of the backup; gives the blobs that it lacks.

    Raises:
        BackupError: the database is damaged, or other than so many blobs as was accepted.
    """
    damaged = manifest.damage(request.backup)
    if damaged:
        raise BackupError(str(request.backup), f"{damaged[0]} is damaged", fix="Take another backup.")
    store, absent = BlobStore(request.backup / "blobs"), dict(manifest.absent)
    for sha256 in manifest.blobs:
        if not store.path(sha256).is_file():
            absent[sha256] = "missing from the backup"
            continue
        try:
            store.check(sha256)
        except DamagedBlob:
            absent[sha256] = "damaged in the backup"
    bad = sorted(set(absent) - set(manifest.absent))
    if len(bad) != (request.accepted_damage or 0):
        found = f"{len(bad)} of its blobs are damaged or missing" + (f", the first is {bad[0]}" if bad else "")
        fix = f"Take another backup, or go on without them: --accept-damaged-blobs {len(bad)}."
        raise BackupError(str(request.backup), found, fix=fix if bad else "Leave out --accept-damaged-blobs.")
    return absent


def _verify(home: Home, remembered: Sequence[Known]) -> None:
    """Insist that log and ledger hold, and that the log is the one that others remember.

    Raises:
        BackupError: they do not.
    """
    with home.database.reading() as session:
        known.check_roots(session, remembered)
        faults = [f"entry {fault.seq}: {fault.found}" for fault in verify_log(session, home.log_key.public)]
        faults += [*verify_ledger(session), *reconcile(session)]
    if faults:
        found = f"does not hold: {faults[0]}" + (f" (and {len(faults) - 1} more)" if faults[1:] else "")
        raise BackupError("backup", found, fix="Take another backup; keep this one for whoever looks into it.")


def _stones(request: Request) -> dict[str, Stone]:
    """Gather what was withdrawn: from the file of tombstones, and the database of the home that is replaced."""
    if request.stones is not None:
        return tombstones.read(request.stones)
    if request.replaces is None:
        return {}
    return {**known.stones_of(request.replaces), **tombstones.read(request.replaces / tombstones.NAME)}


def _withdraw(home: Home, stones: Mapping[str, Stone], at: datetime) -> list[str]:
    """Withdraw again what was, call it back from whoever may have it, and erase its bytes."""
    with home.database.writing() as session:
        replayed = tombstones.replay(session, stones.values(), at=at)
        session.flush()
        for release in replayed:
            if session.get_one(Release, release).published_at is not None:
                open_recall(session, release, reason=stones[release].reason, by=OPERATOR, at=at)
    garbage.erase_withdrawn(home, at=at)
    return replayed
