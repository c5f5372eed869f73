"""Receipts: derive one again, check one, bring one under a witnessed checkpoint."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from market.cli.common import acting, json_option, key_option, opened, show
from market.parties.models import Role

if TYPE_CHECKING:
    from sqlmodel import Session

    from market.parties.models import Member

file_argument = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))


@click.group()
def receipt() -> None:
    """Receipts: derive one again, or check one."""


@receipt.command("show")
@click.argument("query_id")
@key_option
def show_one(query_id: str, key: Path) -> None:
    """Print the receipt of QUERY_ID as JSON.

    \b
    Example: sluice receipt show 01H… --key me.key
    """
    from market.query import receipts

    with opened() as home:
        member, _ = acting(home, key, Role.LICENSEE, Role.AUDITOR)
        with home.database.reading() as session:
            _insist_theirs(session, query_id, member)
            show(receipts.receipt(session, query_id, home.notary), "", as_json=True)


@receipt.command()
@file_argument
@key_option
def upgrade(file: Path, key: Path) -> None:
    """Print the receipt in FILE again as JSON, under the newest checkpoint that a witness has cosigned.

    It holds the earlier checkpoint too, and the proof that the log has only grown since.

    \b
    Example: sluice receipt upgrade receipt.json --key me.key > witnessed.json
    """
    from market.query import receipts

    document = _read(file)
    with opened() as home:
        member, _ = acting(home, key, Role.LICENSEE, Role.AUDITOR)
        with home.database.reading() as session:
            made = receipts.upgrade(session, document, home.notary)
            _insist_theirs(session, made["query"], member)
        show(made, "", as_json=True)


@receipt.command()
@file_argument
@click.option("--log-key", multiple=True, required=True, help="A public key of the log, as its operator publishes it.")
@click.option("--witness-key", multiple=True, help="NAME+ID+KEY of a witness who must have cosigned it.")
@json_option
def verify(file: Path, log_key: tuple[str, ...], witness_key: tuple[str, ...], as_json: bool) -> None:
    """Check the receipt in FILE against a public key of the log; needs no home.

    \b
    Example: sluice receipt verify receipt.json --log-key AbC…
    """
    from market.audit.notes import COSIGNATURE, Key
    from market.query import receipts

    try:
        witnesses = [Key.read(text) for text in witness_key]
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--witness-key") from error
    if any(witness.kind != COSIGNATURE for witness in witnesses):
        raise click.BadParameter("it is no key that cosigns", param_hint="--witness-key")
    faults = receipts.check(_read(file), *log_key, witnesses=witnesses)
    show({"ok": not faults, "faults": faults}, "\n".join(faults) or "The receipt holds.", as_json=as_json)
    if faults:
        raise click.exceptions.Exit(1)


def _read(file: Path) -> dict[str, object]:
    from catalog.errors import CatalogError

    try:
        document = json.loads(file.read_text("utf-8"))
    except (ValueError, RecursionError) as error:
        raise CatalogError(str(file), "is no receipt", fix="Give the file as it was printed.") from error
    if not isinstance(document, dict):
        raise CatalogError(str(file), "is no receipt", fix="Give the file as it was printed.")
    return document


def _insist_theirs(session: "Session", query_id: str, member: "Member") -> None:
    """A licensee sees the receipts of their own firm; others do not exist for them."""
    from catalog.errors import NotFound
    from market.query import asked
    from market.query.models import QueryRun

    if member.role == Role.LICENSEE:
        asked.find(session, query_id, firm=member.organisation)
    elif session.get(QueryRun, query_id) is None:
        raise NotFound(f"query {query_id!r}", "there is none", fix="Check the number.")
