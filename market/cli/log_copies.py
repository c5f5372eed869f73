"""Take the log away, and the program that checks it elsewhere."""

from pathlib import Path

import click

from market.cli.common import acting, json_option, key_option, now, opened, show
from market.parties.models import Role


@click.command()
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path, dir_okay=False), help="A new file.")
@key_option
@json_option
def export(output: Path, key: Path, as_json: bool) -> None:
    """Write the whole log, with every checkpoint, for `sluice log verifier` to check without us.

    It is kept for 30 years at least, as SLUICE_LOG_RETENTION_YEARS says; the export says so too.

    \b
    Example: sluice log export -o log.export --key auditor.key
    """
    from catalog.events import Event, note
    from market.audit import checkpoint as checkpoints
    from market.audit.export import write

    with opened() as home:
        _, auditor = acting(home, key, Role.AUDITOR)
        at, years = now(), home.settings.log_retention_years
        with home.database.writing() as session:
            note(session, Event(action="log:exported", subject="log", by=auditor.id, at=at))
        with home.database.writing() as session:
            checkpoints.take(session, home.notary.signer(session), origin=home.origin, at=at)
        with home.database.reading() as session, output.open("xb") as file:
            size = write(session, file, home.notary, retention_years=years, at=at)
        value = {"entries": size, "file": str(output), "log": home.origin, "key": home.log_key.public}
        words = f"{size} entries in {output}; check it with: python3 verify_log.py {output} --key {value['key']}"
        show(value, words, as_json=as_json)


@click.command()
def verifier() -> None:
    """Print the program that verifies an export: one file of Python, the standard library alone.

    \b
    Example: sluice log verifier > verify_log.py
    """
    from market.audit import verify_log

    click.echo(Path(verify_log.__file__).read_text("utf-8"), nl=False)
