"""The log: prove it, read it, take it away."""

import base64
import json
from dataclasses import asdict
from pathlib import Path

import click

from catalog.actors import Actor
from catalog.events import Event, note
from market.cli.common import acting, json_option, key_option, now, opened, show
from market.home import Home
from market.parties.models import Role


@click.group()
def log() -> None:
    """Every change, in a tree that proves itself."""


@log.command()
@json_option
def verify(as_json: bool) -> None:
    """Hash the whole log again, and compare it with every checkpoint and every second signature.

    \b
    Example: sluice log verify --json
    """
    from market.audit import log as entries
    from market.audit.verify import verify as verify_log

    with opened() as home, home.database.reading() as session:
        size = entries.size(session)
        faults = verify_log(session, home.log_key.public)
        root = None if faults else base64.b64encode(entries.root(session, size)).decode()
    words = (
        "\n".join(f"entry {fault.seq}: {fault.found}" for fault in faults) or f"All {size} entries hold; root {root}"
    )
    value = {"ok": not faults, "size": size, "root": root, "faults": [asdict(fault) for fault in faults]}
    show(value, words, as_json=as_json)
    if faults:
        raise click.exceptions.Exit(1)


@log.command()
@key_option
@json_option
def checkpoint(key: Path, as_json: bool) -> None:
    """Sign the log as it is now and print the note.

    \b
    Example: sluice log checkpoint --key auditor.key
    """
    from market.audit import checkpoint as checkpoints

    with opened() as home:
        acting(home, key, Role.AUDITOR, Role.ADMINISTRATOR)
        with home.database.writing() as session:
            taken = checkpoints.take(session, home.log_key, origin=home.origin, at=now())
        show({"size": taken.size, "note": taken.note}, taken.note, as_json=as_json)


@log.command()
@click.option("--action", help="Only this action, for example release:published.")
@click.option("--subject", help="Only what happened to this thing.")
@click.option("--by", help="Only what this member did.")
@click.option("--limit", default=1000, show_default=True, type=click.IntRange(1))
@key_option
@json_option
def search(action: str | None, subject: str | None, by: str | None, limit: int, key: Path, as_json: bool) -> None:
    """Find entries; printed as JSON lines. Needs an auditor's key, and is itself logged.

    \b
    Example: sluice log search --action query:answered --key auditor.key
    """
    from sqlalchemy import select

    from market.audit.log import ENTRIES

    columns = ENTRIES.c
    wanted = {"action": action, "subject": subject, "by": by}
    where = [columns[name] == value for name, value in wanted.items() if value is not None]
    with opened() as home:
        _, auditor = acting(home, key, Role.AUDITOR)
        _log_reading(home, auditor, "log:searched", {name: value for name, value in wanted.items() if value})
        with home.database.reading() as session:
            found = select(columns.seq, columns.body).where(*where).order_by(columns.seq).limit(limit)
            for seq, body in session.connection().execute(found):
                click.echo(json.dumps({"seq": seq, **json.loads(body)}, ensure_ascii=False))


@log.command()
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path, dir_okay=False), help="A new file.")
@key_option
@json_option
def export(output: Path, key: Path, as_json: bool) -> None:
    """Write the whole log with a signed checkpoint, as JSON lines that need no trust in us to check.

    \b
    Example: sluice log export -o log.jsonl --key auditor.key
    """
    from market.audit import checkpoint as checkpoints
    from market.audit.export import write

    with opened() as home:
        _, auditor = acting(home, key, Role.AUDITOR)
        _log_reading(home, auditor, "log:exported", {})
        with home.database.writing() as session:
            checkpoints.take(session, home.log_key, origin=home.origin, at=now())
        with home.database.reading() as session, output.open("x", encoding="utf-8") as file:
            size = write(session, file, home.log_key, origin=home.origin)
        show({"entries": size, "file": str(output)}, f"{size} entries in {output}", as_json=as_json)


def _log_reading(home: Home, auditor: Actor, action: str, details: dict[str, str]) -> None:
    """Reading the log is in the log."""
    with home.database.writing() as session:
        note(session, Event(action=action, subject="log", by=auditor.id, at=now(), details=details))
