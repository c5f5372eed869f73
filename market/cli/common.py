"""What commands share: the home, the member behind the key, and the two ways of printing."""

import atexit
import gc
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from anonymize.signing import Signer
from catalog.actors import Actor
from catalog.ids import MemberId
from market.settings import Settings

if TYPE_CHECKING:  # what needs no home, as a witness, does without the database
    from market.home import Home
    from market.parties.models import Member, Role

F = TypeVar("F", bound=Callable[..., Any])

json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON object on stdout.")
key_option = click.option(
    "--key",
    "key",
    envvar="SLUICE_KEY",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    help="Your private key file (or SLUICE_KEY).",
)


def leave_at_once() -> None:
    """Let this process end without walking through what models hold once more, which takes a quarter of a second.

    DuckDB would complain of what is left behind: where it was loaded the process ends as usual.
    """
    atexit.register(lambda: None if "duckdb" in sys.modules else gc.freeze())


def now() -> datetime:
    """Give this moment."""
    return datetime.now(UTC)


class OneObject:
    """The one JSON object that a command prints; it may be begun before its end is known."""

    def __init__(self) -> None:
        self._begun = False

    def begin(self, members: bytes) -> None:
        """Print the first members, and make sure that they have left."""
        sys.stdout.flush()
        sys.stdout.buffer.write(b"{" + members)
        sys.stdout.buffer.flush()
        self._begun = True

    def finish(self, value: Any) -> None:
        """Print *value*, or the rest of the object that was begun."""
        from policies.canonical import plain

        text = json.dumps(plain(value), ensure_ascii=False)
        click.echo(f", {text[1:]}" if self._begun else text)
        self._begun = False


printed = OneObject()


def show(value: Any, words: str, *, as_json: bool) -> None:
    """Print *value* as JSON or say it in *words*."""
    if as_json:
        printed.finish(value)
    else:
        click.echo(words)


def progress(message: str) -> None:
    """Say on stderr how far long work has got."""
    click.echo(f"… {message}", err=True)


@contextmanager
def opened() -> "Iterator[Home]":
    """Open the home of the settings for the length of a command."""
    from market.home import Home

    home = Home.open(Settings.read())
    try:
        yield home
    finally:
        home.close()


def acting(home: "Home", key: Path, *roles: "Role") -> "tuple[Member, Actor]":
    """Find the member who holds *key* and may do this."""
    from market.parties.members import holder_of

    signer = Signer.load(key)
    with home.database.reading() as session:
        member = holder_of(session, signer.public, *roles)
    return member, Actor(MemberId(member.id), signer)


def interactive() -> bool:
    """Say whether a person watches."""
    return sys.stderr.isatty()


def said(text: str | None) -> str:
    """Give the words of an option, or all of standard input."""
    from catalog.errors import CatalogError

    if text is not None:
        return text
    if sys.stdin.isatty():
        click.echo("Write it down; end with Ctrl-D on an empty line.", err=True)
    try:
        return sys.stdin.buffer.read().decode()
    except UnicodeDecodeError as error:
        raise CatalogError("text", "is not UTF-8", fix="Convert it, or give it as an option.") from error
