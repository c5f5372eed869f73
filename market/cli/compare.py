"""Hold notes from everywhere against each other, and find out whether a log shows two faces."""

import base64
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import click

from market.cli.common import json_option, opened, show
from market.settings import Settings

if TYPE_CHECKING:
    from market.audit.comparing import Comparison, Statement, Tree


@click.command()
@click.argument("held", metavar="NOTE...", nargs=-1, required=True)
@click.option(
    "--public-key", "publics", multiple=True, help="A key of the log, in base64; those of the home are known."
)
@json_option
def compare(held: tuple[str, ...], publics: tuple[str, ...], as_json: bool) -> None:
    """Compare what people hold of a log with each other and with this home's own log. 1 if the log shows two faces.

    NOTE is a file (a note, a receipt or other JSON with notes in it, an export), the folder of a witness, or an address
    that answers with a note. An export holds all entries: by it any smaller note can be compared without the log.

    \b
    Example: sluice log compare receipt.json ~/witness http://127.0.0.1:8040/log/checkpoint
    """
    from market.auditing.held import compare_held

    with ExitStack() as stack:
        home = stack.enter_context(opened()) if (Settings.read().home / "keys").is_dir() else None
        found = compare_held(held, publics=publics, home=home)
    value = {
        "ok": not found.conflicts,
        "conflicts": [{"why": one.why, "one": _told(one.one), "other": _told(one.other)} for one in found.conflicts],
        **{kind: [[_told(side) for side in pair] for pair in getattr(found, kind)] for kind in PAIRS},
    }
    show(value, "\n\n".join(_words(found)), as_json=as_json)
    if found.conflicts:
        raise click.exceptions.Exit(1)


PAIRS = {
    "agreeing": "are of one log",
    "unknown": "are not comparable without the log, or an export that holds the larger one",
    "unrelated": "are of different logs",
}


def _told(side: "Statement | Tree") -> dict[str, Any]:
    from market.audit.comparing import Statement

    told: dict[str, Any] = {"place": side.place, "origin": side.origin, "size": side.size}
    if isinstance(side, Statement):
        told |= {"root": base64.b64encode(side.root).decode(), "signed_by": side.signed_by, "note": side.note}
    return told


def _words(found: "Comparison") -> list[str]:
    """Say it in words; the notes of a conflict whole, for they are the proof."""
    words = [f"SPLIT VIEW: {one.why}.\n\n{_whole(one.one)}\n\n{_whole(one.other)}" for one in found.conflicts]
    for kind, verdict in PAIRS.items():
        for one, other in getattr(found, kind):
            words.append(f"{one.place} ({one.size:,}) and {other.place} ({other.size:,}) {verdict}.")
    if found.conflicts:
        words.append("Keep both notes: the log's key is under them, and anybody can check that they cannot both be.")
    return words or ["There is one note, and nothing to compare it with."]


def _whole(side: "Statement | Tree") -> str:
    from market.audit.comparing import Statement

    if not isinstance(side, Statement):
        return f"{side.place}: the log itself, of {side.size:,} entries"
    return f"{side.place}, signed by {', '.join(side.signed_by)}:\n\n{side.note.rstrip()}"
