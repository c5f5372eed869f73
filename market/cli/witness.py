"""The witness program: a folder, the logs it knows, and a door for them. It needs no home and no database."""

import base64
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from market.cli import witnesses
from market.cli.common import json_option, show

if TYPE_CHECKING:
    from market.witness.folder import KnownLog

folder_argument = click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))


@click.group()
def witness() -> None:
    """Run a witness: somebody else's memory of how a log has grown. And say whom this home's log asks."""


for command in (witnesses.add, witnesses.remove, witnesses.list_):
    witness.add_command(command)


@witness.command()
@folder_argument
@click.option("--name", required=True, help="Its name, like an address: witness.example/name.")
@json_option
def init(folder: Path, name: str, as_json: bool) -> None:
    """Make the folder of a new witness, with a key of its own.

    \b
    Example: sluice witness init ~/witness --name witness.example/archives
    """
    from market.witness.folder import Folder

    key = Folder.create(folder, name).key
    words = f"Made {folder}. Give this to the logs that shall ask it: --public-key {key.public}"
    show(
        {"folder": str(folder), "name": key.name, "public": key.public, "verifier_key": str(key)},
        words,
        as_json=as_json,
    )


@witness.command()
@folder_argument
@click.option("--origin", required=True, help="The log's name: the first line of its checkpoints.")
@click.option("--key", "public", required=True, help="Its public key, in base64 or as NAME+ID+KEY.")
@json_option
def trust(folder: Path, origin: str, public: str, as_json: bool) -> None:
    """Tell a witness of a log, or of one more key of a log that it knows. The witness must not be running.

    \b
    Example: sluice witness trust ~/witness --origin sluice.log/2Nxbd-FTodVo1TM2 --key PUBLIC
    """
    from market.witness.folder import Folder
    from market.witness.trusting import trust as tell

    _show_log(tell(Folder.open(folder), origin, public), as_json)


@witness.command()
@folder_argument
@click.option("--origin", required=True, help="The log's name: the first line of its checkpoints.")
@click.option("--key", "public", required=True, help="The public key that it signs by no more.")
@json_option
def distrust(folder: Path, origin: str, public: str, as_json: bool) -> None:
    """Take a key from a log that has changed it. The witness must not be running; what it has seen stays.

    \b
    Example: sluice witness distrust ~/witness --origin sluice.log/2Nxbd-FTodVo1TM2 --key PUBLIC
    """
    from market.witness.folder import Folder
    from market.witness.trusting import distrust as tell

    _show_log(tell(Folder.open(folder), origin, public), as_json)


@witness.command()
@folder_argument
@click.option("--port", default=8050, show_default=True, type=click.IntRange(0, 65535), help="0 takes a free one.")
@json_option
def serve(folder: Path, port: int, as_json: bool) -> None:
    """Answer logs on the loopback address: cosign what only grows, refuse the rest.

    \b
    Example: sluice witness serve ~/witness --port 8050
    """
    from market.witness.server import serve as answer

    def ready(url: str, name: str) -> None:
        show({"name": name, "url": url}, f"{name} answers on {url}", as_json=as_json)

    answer(folder, port, ready=ready, tell=lambda line: click.echo(line, err=True))


@witness.command("show")
@folder_argument
@json_option
def show_(folder: Path, as_json: bool) -> None:
    """Show who a witness is, and how far it has seen each log grow.

    \b
    Example: sluice witness show ~/witness --json
    """
    from market.witness.folder import Folder

    opened = Folder.open(folder)
    logs = [{**_told(log), "note": log.note} for log in opened.logs()]
    refused = [str(path) for path, _ in opened.refused()]
    value = {"name": opened.key.name, "public": opened.key.public, "verifier_key": str(opened.key)}
    lines = [str(opened.key), *(f"{log['size']:>10,}  {log['origin']}" for log in logs)]
    lines += [f"refused: {path}" for path in refused]
    show({**value, "logs": logs, "refused": refused}, "\n".join(lines), as_json=as_json)


def _told(log: "KnownLog") -> dict[str, Any]:
    seen = log.checkpoint
    root = base64.b64encode(seen.root).decode()
    return {"origin": log.origin, "keys": [str(key) for key in log.keys], "size": seen.size, "root": root}


def _show_log(log: "KnownLog", as_json: bool) -> None:
    show(_told(log), f"{log.origin} is known by {len(log.keys)} key(s).", as_json=as_json)
