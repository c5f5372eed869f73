"""A stage for the demo: runs the command `sluice` as anybody would, each time in a process of its own, and says so."""

import json
import os
import shlex
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click


class Surprise(Exception):
    """A command ended in another way than the story expects; the demo stops there."""


@dataclass(frozen=True, slots=True)
class Stage:
    """Where the story plays: a folder with a home, the keys of the people in it, and all that commands printed."""

    folder: Path

    def scene(self, title: str) -> None:
        """Announce the next step."""
        click.secho(f"\n== {title}", err=True, bold=True)

    def say(self, words: str) -> None:
        """Say something to the person who watches."""
        click.echo(f"   {words}", err=True)

    def run(self, *words: str, by: str | None = None) -> dict[str, Any]:
        """Run a command that must be done; gives its JSON."""
        code, value = self._call(words, by)
        if code != 0:
            raise Surprise(f"sluice {shlex.join(words)} ended with {code}: {value}")
        return value

    def refused(self, *words: str, by: str | None = None) -> str:
        """Run a command that must be refused; gives the words of the refusal."""
        code, value = self._call(words, by)
        if code != 1 or "error" not in value:
            raise Surprise(f"sluice {shlex.join(words)} should have been refused, and ended with {code}")
        message = str(value["error"]["message"])
        self.say(f"refused: {message}")
        return message

    def key(self, name: str) -> Path:
        """Give the path of somebody's key."""
        return self.folder / "keys" / f"{name}.key"

    def _call(self, words: tuple[str, ...], by: str | None) -> tuple[int, dict[str, Any]]:
        shown = [word if len(word) < 60 else f"{word[:57]}…" for word in words]
        click.secho(f"   $ sluice {shlex.join(shown)}{f'   # {by}' if by else ''}", err=True, fg="cyan")
        environment = {**os.environ, "SLUICE_HOME": str(self.folder / "home")}
        environment.pop("SLUICE_KEY", None)
        if by is not None:
            environment["SLUICE_KEY"] = str(self.key(by))
        done = subprocess.run(
            [sys.executable, "-m", "market.cli", *words, "--json"],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        with (self.folder / "transcript.log").open("a", encoding="utf-8") as transcript:
            transcript.write(f"$ sluice {shlex.join(words)}\n{done.stdout}{done.stderr}")
        try:
            value = json.loads(done.stdout or "{}")
        except json.JSONDecodeError:
            raise Surprise(f"sluice {shlex.join(words)} printed no JSON: {done.stderr}") from None
        if done.returncode not in (0, 1) or (done.returncode == 1 and not value):
            raise Surprise(f"sluice {shlex.join(words)} broke: {done.stderr}")
        return done.returncode, value
