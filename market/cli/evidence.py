"""Verify the signed evidence of an edition."""

from pathlib import Path

import click

from market.cli.common import json_option, show


@click.group()
def evidence() -> None:
    """The signed proof of an edition."""


@evidence.command()
@click.argument("directory", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--trust", "keys", multiple=True, help="A public key you trust; else those the home trusts.")
@json_option
def verify(directory: Path, keys: tuple[str, ...], as_json: bool) -> None:
    """Check signature, hashes, and every recomputable figure of DIRECTORY again from its Parquet.

    Without a trusted key this is integrity only, and exits 1.

    \b
    Example: sluice evidence verify built/ --trust AbC…
    """
    from anonymize.evidence import verify as check
    from market.settings import Settings

    trusted = frozenset(keys)
    listed = Settings.read().home / "keys" / "trusted"
    if not keys and listed.exists():
        trusted = frozenset(listed.read_text("ascii").split())
    found = check(directory, trusted or None)
    words = [f"{finding.place}: {finding.found}. {finding.fix}" for finding in found.findings]
    if found.trusted is None:
        words.append("Integrity only: nobody said whose signature to trust. Give --trust KEY.")
    show(found.to_dict(), "\n".join(words) or f"The evidence holds: {found.hash}", as_json=as_json)
    if not found.ok:
        raise click.exceptions.Exit(1)
