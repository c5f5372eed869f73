"""The store of blobs: read all of it, and mend what is damaged."""

from pathlib import Path

import click

from market.cli.common import json_option, now, opened, progress, show


@click.group()
def store() -> None:
    """The bytes of releases, at rest."""


@store.command()
@click.option(
    "--from",
    "backup",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A backup, from which what is damaged or missing is mended.",
)
@click.option("--again", is_flag=True, help="Begin anew, and do not go on where the last one was interrupted.")
@json_option
def scrub(backup: Path | None, again: bool, as_json: bool) -> None:
    """Read every blob that a release speaks of, and compare its hash. Housekeeping does so each night.

    It may be interrupted at any time, and goes on from there. A damaged blob is not served any more.

    \b
    Example: sluice store scrub --from /backups/sluice
    """
    import threading

    from market.operations import scrub as scrubbing

    with opened() as home:
        done = scrubbing.scrub(
            home,
            clock=now,
            stop=threading.Event(),
            bytes_s=home.settings.scrub_mb_s * 1e6,
            progress=progress,
            copies=None if backup is None else backup / "blobs",
            again=again,
        )
    bad = [finding for finding in done.findings if not finding.mended]
    words = [f"{done.blobs:,} blobs, {done.size_bytes:,} bytes: {len(bad) or 'none'} damaged or missing"]
    for finding in done.findings:
        fate = "mended" if finding.mended else "mend it: sluice store scrub --from BACKUP"
        words += [f"blob {finding.sha256[:12]} is {finding.found}: {place}; {fate}" for place in finding.places]
    value = {"ok": not bad, "blobs": done.blobs, "bytes": done.size_bytes, "findings": done.findings}
    show(value, "\n".join(words), as_json=as_json)
    if bad:
        raise click.exceptions.Exit(1)
