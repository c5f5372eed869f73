"""Make a home, examine it, serve it."""

from pathlib import Path

import click

from market.cli.common import json_option, now, opened, progress, show


@click.command()
@click.option("--name", default="administrator", show_default=True, help="The first administrator's name.")
@click.option(
    "--key", type=click.Path(path_type=Path, dir_okay=False), help="Their key file; drawn where there is none."
)
@click.option("--upgrade", is_flag=True, help="Bring an existing home's database, and its search index, up to date.")
@json_option
def init(name: str, key: Path | None, upgrade: bool, as_json: bool) -> None:
    """Make a home in SLUICE_HOME: database, keys, first administrator.

    \b
    Example: SLUICE_HOME=~/sluice sluice init --key ~/me.key
    """
    from anonymize.signing import Signer
    from catalog.search import index
    from market import home as homes
    from market.parties.members import add_member
    from market.parties.models import Role
    from market.settings import Settings

    settings = Settings.read()
    if upgrade:
        homes.upgrade(homes.database_url(settings))
        with opened() as existing, existing.database.writing() as session:
            found = index.reindex(session, lambda done, of: progress(f"{done:,} of {of:,} datasets"))
        value = {"home": str(settings.home), "upgraded": True, "datasets": found}
        show(value, f"{settings.home} is up to date; {found:,} datasets can be found.", as_json=as_json)
        return
    home = homes.Home.create(settings)
    path = key or settings.home / "keys" / "administrator.key"
    signer = Signer.load(path) if path.exists() else Signer.create(path)
    with home.database.writing() as session:
        member = add_member(session, name=name, role=Role.ADMINISTRATOR, public_key=signer.public, at=now())
    value = {"home": str(settings.home), "administrator": member.id, "key": str(path), "log_key": home.log_key.public}
    home.close()
    show(
        value,
        f"Made {settings.home}. Your key is {path}; the log's public key is {value['log_key']}",
        as_json=as_json,
    )


@click.command()
@json_option
def doctor(as_json: bool) -> None:
    """Say which sandbox layers and servers this machine gives, by trying them.

    \b
    Example: sluice doctor --json
    """
    from market.query.workers.selftest import examine

    layers = examine()
    words = "\n".join(f"{'ok     ' if layer.present else 'missing'} {layer.name}: {layer.detail}" for layer in layers)
    show({"layers": layers}, words, as_json=as_json)
    if not any(layer.name == "sandbox" and layer.present for layer in layers):
        raise click.exceptions.Exit(1)


@click.command()
@click.option("--port", default=8040, show_default=True, type=click.IntRange(1, 65535))
def serve(port: int) -> None:
    """Serve pages and JSON interface on the loopback address.

    \b
    Example: sluice serve --port 8040
    """
    from market.server import run
    from market.settings import Settings

    settings = Settings.read()
    with opened():  # so that what is wrong with the home is said here, and not in a child of gunicorn's
        pass
    run(settings, port)
