"""Whom this home's log asks for cosignatures: enter witnesses, list them, ask them now."""

from pathlib import Path

import click

from market.cli.common import acting, json_option, key_option, now, opened, show


@click.command()
@click.argument("name")
@click.option("--url", required=True, help="Where it answers: http://127.0.0.1:8050")
@click.option("--public-key", required=True, help="Its public key, in base64.")
@key_option
@json_option
def add(name: str, url: str, public_key: str, key: Path, as_json: bool) -> None:
    """Enter a witness that this home's log asks from now on.

    \b
    Example: sluice witness add witness.example/archives --url http://127.0.0.1:8050 --public-key KEY --key admin.key
    """
    from market.audit import witnesses
    from market.parties.models import Role

    with opened() as home:
        _, actor = acting(home, key, Role.ADMINISTRATOR)
        with home.database.writing() as session:
            added = witnesses.add(session, name=name, key=public_key, url=url, by=actor.id, at=now())
        value = {"name": added.name, "url": added.url, "public": added.key, "origin": home.origin}
        trust = f"It must know this log: sluice witness trust DIR --origin {home.origin} --key {home.log_key.public}"
        show({**value, "log_key": home.log_key.public}, f"Entered {name}. {trust}", as_json=as_json)


@click.command()
@click.argument("name")
@key_option
@json_option
def remove(name: str, key: Path, as_json: bool) -> None:
    """Ask a witness no more. What it has cosigned stays, and its name is not given again.

    \b
    Example: sluice witness remove witness.example/archives --key admin.key
    """
    from market.audit import witnesses
    from market.parties.models import Role

    with opened() as home:
        _, actor = acting(home, key, Role.ADMINISTRATOR)
        with home.database.writing() as session:
            witnesses.remove(session, name, by=actor.id, at=now())
    show({"name": name, "removed": True}, f"{name} is not asked any more.", as_json=as_json)


@click.command("list")
@json_option
def list_(as_json: bool) -> None:
    """List the witnesses of this home's log, and the largest checkpoint that each has cosigned.

    \b
    Example: sluice witness list --json
    """
    from market.audit import log, witnesses, witnessing

    with opened() as home, home.database.reading() as session:
        size = log.size(session)
        listed = [
            {
                "name": witness.name,
                "url": witness.url,
                "public": witness.key,
                "asked": witness.removed_at is None,
                "cosigned": witnessing.reached(session, witness.name, size),
            }
            for witness in witnesses.entered(session)
        ]
    lines = [
        f"{'asked  ' if one['asked'] else 'removed'} {one['cosigned'] or 0:>10,}  {one['name']}  {one['url']}"
        for one in listed
    ]
    show({"size": size, "witnesses": listed}, "\n".join(lines) or "This log has no witness.", as_json=as_json)


@click.command("witness")
@key_option
@json_option
def ask(key: Path, as_json: bool) -> None:
    """Ask the witnesses now to cosign the newest checkpoint, and print it with all who have. 1 if one refused.

    \b
    Example: sluice log witness --key auditor.key
    """
    from market.audit import checkpoint, witnessing
    from market.audit.replies import Outcome
    from market.parties.models import Role

    with opened() as home:
        _, actor = acting(home, key, Role.AUDITOR, Role.ADMINISTRATOR)
        asked = witnessing.ask_all(home.database, at=now(), by=actor.id)
        with home.database.reading() as session:
            newest = checkpoint.newest(session)
            note = None if newest is None else checkpoint.note_of(session, newest)
    told = [
        {"witness": one.witness, "outcome": one.outcome, "size": one.size, "status": one.status, "known": one.known}
        for one in asked
    ]
    lines = [f"{one.outcome:<11} {one.witness}{f' ({one.status})' if one.status else ''}" for one in asked]
    lines.append(note or "There is no checkpoint yet: sluice log checkpoint")
    show({"asked": told, "note": note}, "\n".join(lines), as_json=as_json)
    if any(one.outcome is Outcome.REFUSED for one in asked):
        raise click.exceptions.Exit(1)
