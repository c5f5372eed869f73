"""Bearer tokens for the HTTP interface: draw, list, revoke."""

from datetime import timedelta
from pathlib import Path

import click

from market.cli.common import acting, json_option, key_option, now, opened, show


@click.group()
def token() -> None:
    """Bearer tokens, with which programs ask over HTTP in your name."""


@token.command()
@click.argument("name")
@click.option("--days", default=90, show_default=True, type=click.IntRange(1, 365), help="How long it lives.")
@key_option
@json_option
def issue(name: str, days: int, key: Path, as_json: bool) -> None:
    """Draw a token called NAME. It is shown once; the service keeps its hash.

    \b
    Example: sluice token issue "training run" --days 30 --key me.key
    """
    from market.parties import tokens

    with opened() as home:
        _, actor = acting(home, key)
        with home.database.writing() as session:
            made = tokens.issue(session, member=actor.id, name=name, lasts=timedelta(days=days), at=now())
    value = {"id": made.id, "token": made.text, "expires_at": made.expires_at}
    show(
        value,
        f"{made.text}\nIt lives until {made.expires_at:%Y-%m-%d %H:%M} UTC, and is not shown again.",
        as_json=as_json,
    )


@token.command("list")
@key_option
@json_option
def listed(key: Path, as_json: bool) -> None:
    """List your tokens: name, end, and whether they were revoked.

    \b
    Example: sluice token list --key me.key
    """
    from market.parties import tokens

    with opened() as home:
        _, actor = acting(home, key)
        with home.database.reading() as session:
            rows = tokens.tokens_of(session, actor.id)
            value = [
                {"id": row.id, "name": row.name, "expires_at": row.expires_at, "revoked_at": row.revoked_at}
                for row in rows
            ]
    words = "\n".join(
        f"{row['id']}  until {row['expires_at']:%Y-%m-%d}{'  revoked' if row['revoked_at'] else ''}  {row['name']}"
        for row in value
    )
    show({"tokens": value}, words or "You have none.", as_json=as_json)


@token.command()
@click.argument("token_id")
@key_option
@json_option
def revoke(token_id: str, key: Path, as_json: bool) -> None:
    """End the token TOKEN_ID at once.

    \b
    Example: sluice token revoke 01H… --key me.key
    """
    from market.parties import tokens

    with opened() as home:
        _, actor = acting(home, key)
        with home.database.writing() as session:
            tokens.revoke(session, token_id, member=actor.id, at=now())
    show({"token": token_id, "revoked": True}, f"Token {token_id} is revoked.", as_json=as_json)
