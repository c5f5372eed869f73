"""Copy a home while it runs, and make a home of the copy."""

from pathlib import Path

import click

from market.cli.common import json_option, now, opened, progress, show


@click.command()
@click.argument("directory", type=click.Path(file_okay=False, path_type=Path))
@click.option("--portable", is_flag=True, help="Write the rows in the form that both databases read.")
@click.option("--recheck", is_flag=True, help="Hash what is there already as well, and copy again what is damaged.")
@click.option(
    "--with-keys",
    "keys",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write keys and custody to this file; keep it apart.",
)
@json_option
def backup(directory: Path, portable: bool, recheck: bool, keys: Path | None, as_json: bool) -> None:
    """Back the home up to DIRECTORY while it runs; a backup that is there already is brought up to date.

    It holds the database and all blobs, but neither keys nor raw uploads: whoever finds it can sign nothing with it.

    \b
    Example: sluice backup /backups/sluice --with-keys /safe/sluice.keys
    """
    from market.operations import backup as backups
    from market.operations import keyring

    if keys is not None and keys.absolute().is_relative_to(directory.absolute()):
        raise click.UsageError("--with-keys: keep the keys apart from the backup")
    with opened() as home:
        made = backups.backup(home, directory, at=now(), as_portable=portable, recheck=recheck, progress=progress)
        packed = None if keys is None else keyring.pack(home.settings.home, keys)
    manifest = made.manifest
    new = f"{made.copied:,} new, {made.copied_bytes:,} bytes"
    words = [f"{manifest.log_size:,} entries, {len(manifest.blobs):,} blobs ({new})"]
    words += [
        f"blob {sha256[:12]} is damaged or missing here: {place}; mend it: sluice store scrub"
        for sha256, place in manifest.absent.items()
    ]
    value = {
        "backup": str(directory),
        "made_at": manifest.made_at,
        "form": manifest.form,
        "log_size": manifest.log_size,
        "note": manifest.note,
        "blobs": len(manifest.blobs),
        "copied": made.copied,
        "copied_bytes": made.copied_bytes,
        "absent": manifest.absent,
        "keys": packed,
    }
    show(value, "\n".join(words), as_json=as_json)
    if manifest.absent:
        raise click.exceptions.Exit(1)


@click.command()
@click.argument("directory", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--replaces",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The home in whose place this one comes: it gives keys, withdrawals, and how far its log had come.",
)
@click.option(
    "--keys", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="The file that --with-keys wrote."
)
@click.option(
    "--tombstones",
    "stones",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The file of what was withdrawn; else that of the home in --replaces.",
)
@click.option(
    "--known-note",
    "notes",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A checkpoint of the log that somebody kept; may be given again.",
)
@click.option("--witness", "witnesses", multiple=True, help="The address of a witness to ask; may be given again.")
@click.option(
    "--accept-loss-of-entries", "loss", type=click.IntRange(1), help="How many entries are lost: just so many."
)
@click.option("--accept-damaged-blobs", "damage", type=click.IntRange(1), help="How many blobs are: just so many.")
@json_option
def restore(
    directory: Path,
    replaces: Path | None,
    keys: Path | None,
    stones: Path | None,
    notes: tuple[Path, ...],
    witnesses: tuple[str, ...],
    loss: int | None,
    damage: int | None,
    as_json: bool,
) -> None:
    """Make the home SLUICE_HOME of the backup in DIRECTORY; it appears when all of it is proved, or not at all.

    With SLUICE_DATABASE_URL the rows go into that empty PostgreSQL, whichever database they come from. What was
    withdrawn since the backup is withdrawn again. A backup that ends before the newest known checkpoint is refused
    unless the number of lost entries is named.

    \b
    Example: SLUICE_HOME=/srv/sluice sluice restore /backups/sluice --replaces /srv/sluice.broken
    """
    from market.operations import restore as restoring
    from market.settings import Settings

    settings = Settings.read()
    request = restoring.Request(
        backup=directory,
        settings=settings,
        replaces=replaces,
        keys=keys,
        stones=stones,
        notes=notes,
        witnesses=witnesses,
        accepted_loss=loss,
        accepted_damage=damage,
    )
    done = restoring.restore(request, clock=now, progress=progress)
    words = [f"{settings.home} is a home again, with {done.log_size:,} entries; {done.lost:,} are lost"]
    words += [f"release {release} is withdrawn again" for release in done.replayed]
    words += [f"blob {sha256[:12]} did not come back: {place}" for sha256, place in done.absent.items()]
    value = {"home": str(settings.home), "log_size": done.log_size, "lost": done.lost}
    show({**value, "withdrawn": done.replayed, "absent": done.absent}, "\n".join(words), as_json=as_json)
