"""The log: verify it, sign it, and prove to others what is in it."""

import base64
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from market.cli import compare, log_copies, log_entries, log_replay, log_search, witnesses
from market.cli.common import acting, json_option, key_option, now, opened, show
from market.parties.models import Role


@click.group()
def log() -> None:
    """Every change, in a tree that proves itself. Nothing is ever deleted from it."""


for command in (log_copies.export, log_copies.verifier, log_entries.show_one, log_entries.erase):
    log.add_command(command)
for command in (log_search.search, log_search.sql, log_search.anomalies, log_replay.replay, log_replay.trace):
    log.add_command(command)
for command in (compare.compare, witnesses.ask):
    log.add_command(command)


@log.command()
@json_option
def verify(as_json: bool) -> None:
    """Hash the whole log again, and compare it with every checkpoint and every signature.

    \b
    Example: sluice log verify --json
    """
    from market.audit import log as entries
    from market.audit.verify import verify as verify_log

    with opened() as home, home.database.reading() as session:
        size = entries.size(session)
        faults = verify_log(session, *home.notary.publics())
        root = None if faults else base64.b64encode(entries.root(session, size)).decode()
    words = (
        "\n".join(f"entry {fault.seq}: {fault.found}" for fault in faults) or f"All {size} entries hold; root {root}"
    )
    value = {"ok": not faults, "size": size, "root": root, "faults": [asdict(fault) for fault in faults]}
    show(value, words, as_json=as_json)
    if faults:
        raise click.exceptions.Exit(1)


@log.command()
@click.option("--accept-clock", is_flag=True, help="The clock is right now, and was ahead before. For administrators.")
@key_option
@json_option
def checkpoint(accept_clock: bool, key: Path, as_json: bool) -> None:
    """Sign the log as it is now and print the note.

    \b
    Example: sluice log checkpoint --key auditor.key
    """
    from catalog.events import Event, note
    from market.audit import checkpoint as checkpoints

    with opened() as home:
        roles = (Role.ADMINISTRATOR,) if accept_clock else (Role.AUDITOR, Role.ADMINISTRATOR)
        _, actor = acting(home, key, *roles)
        if accept_clock:
            with home.database.writing() as session:
                note(session, Event(action=checkpoints.CLOCK_ACCEPTED, subject="log", by=actor.id, at=now()))
        with home.database.writing() as session:
            taken = checkpoints.take(session, home.notary.signer(session), origin=home.origin, at=now())
        show({"size": taken.size, "note": taken.note}, taken.note, as_json=as_json)


@log.command()
@click.argument("seq", type=click.IntRange(0))
@click.option("--size", type=click.IntRange(1), help="Of the tree; else that of the newest checkpoint.")
@json_option
def prove(seq: int, size: int | None, as_json: bool) -> None:
    """Prove that entry SEQ is in the log: leaf, inclusion proof and signed note. It does not show the entry.

    \b
    Example: sluice log prove 1207 --json
    """
    from market.audit import proofs

    with opened() as home, home.database.reading() as session:
        value = proofs.inclusion(session, home.notary, seq, size)
    _show_proof(value, f"Entry {seq}, whose leaf is {value['leaf']}", as_json=as_json)


@log.command()
@click.argument("old", type=click.IntRange(0))
@click.argument("new", type=click.IntRange(0), required=False)
@json_option
def consistency(old: int, new: int | None, as_json: bool) -> None:
    """Prove that the log of NEW entries, or that of the newest checkpoint, only adds to the first OLD.

    \b
    Example: sluice log consistency 1000 2000 --json
    """
    from market.audit import proofs

    with opened() as home, home.database.reading() as session:
        value = proofs.consistency(session, home.notary, old, new)
    _show_proof(value, f"The log of {value['new']} entries extends that of {old}", as_json=as_json)


@log.command("rotate-key")
@key_option
@json_option
def rotate_key(key: Path, as_json: bool) -> None:
    """Draw the log a new key; the old one signs it. Needs an administrator's key.

    Checkpoints from before stay signed by the old key. Give the new one to the log's witnesses, and publish it.

    \b
    Example: sluice log rotate-key --key admin.key
    """
    from market.audit.rotation import rotate

    with opened() as home:
        _, admin = acting(home, key, Role.ADMINISTRATOR)
        at = now()
        fresh = home.notary.draw(at)
        with home.database.writing() as session:
            rotation = rotate(session, home.notary, fresh, by=admin.id, at=at)
        value = {"log": home.origin, **rotation.to_dict()}
        show(value, f"From entry {rotation.size} on, {home.origin} is signed by {rotation.new}", as_json=as_json)


def _show_proof(value: dict[str, Any], words: str, *, as_json: bool) -> None:
    hashes = "".join(f"\n  {digest}" for digest in value["proof"])
    show(value, f"{words}:{hashes}\n\n{value['note']}", as_json=as_json)
