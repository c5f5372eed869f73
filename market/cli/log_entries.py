"""Single entries of the log: show them with what they say of people, and erase that."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from catalog.actors import Actor
from catalog.events import Event, note
from market.cli.common import acting, json_option, key_option, now, opened, show
from market.home import Home
from market.parties.models import Role


@click.command("show")
@click.argument("seq", type=click.IntRange(0))
@key_option
@json_option
def show_one(seq: int, key: Path, as_json: bool) -> None:
    """Show entry SEQ, with the personal words that it commits to. Needs an auditor's key, and is itself logged.

    \b
    Example: sluice log show 1207 --key auditor.key
    """
    from market.audit.erasure import entry, fields_of

    with opened() as home:
        _, auditor = acting(home, key, Role.AUDITOR)
        with home.database.reading() as session:
            body = entry(session, seq)
            personal = [asdict(field) for field in fields_of(session, seq)]
        _log_reading(home, auditor, "log:shown", {"seq": seq})
        lines = [json.dumps(body, ensure_ascii=False, indent=1)]
        for field in personal:
            words = "erased" if field["text"] is None else repr(field["text"])
            lines.append(f"{field['name']}: {words}{'' if field['proved'] is not False else ' – NOT what was logged'}")
        show({"seq": seq, "entry": body, "personal": personal}, "\n".join(lines), as_json=as_json)


@click.command()
@click.argument("seq", type=click.IntRange(0))
@click.option("--name", help="Only this field, as `sluice log show` names it.")
@key_option
@json_option
def erase(seq: int, name: str | None, key: Path, as_json: bool) -> None:
    """Erase what entry SEQ says of people. Entry and proofs stay as they are. Needs an administrator's key.

    Copies in backups are yours to erase.

    \b
    Example: sluice log erase 1207 --name statement --key admin.key
    """
    from market.audit import erasure

    with opened() as home:
        _, admin = acting(home, key, Role.ADMINISTRATOR)
        with home.database.writing() as session:
            names = erasure.erase(session, seq, name=name, by=admin.id, at=now())
        settled = erasure.settle(home.database.writer)
        words = f"Erased {', '.join(names)} of entry {seq}"
        if not settled:
            words += "; a process that reads keeps them in the write-ahead log until it ends"
        show({"seq": seq, "erased": names, "settled": settled}, words, as_json=as_json)


def _log_reading(home: Home, auditor: Actor, action: str, details: dict[str, Any]) -> None:
    """Reading the log is in the log."""
    with home.database.writing() as session:
        note(session, Event(action=action, subject="log", by=auditor.id, at=now(), details=details))
