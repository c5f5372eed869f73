"""What a firm has used of its quotas."""

from pathlib import Path

import click

from market.cli.common import acting, json_option, key_option, opened, show
from market.parties.models import Role


@click.command()
@key_option
@json_option
def usage(key: Path, as_json: bool) -> None:
    """Say how much of each quota of your firm's agreements is used, and which are 50, 80 or 100 % full.

    \b
    Example: sluice usage --key me.key
    """
    from market.query.usage import usage_of

    with opened() as home:
        member, _ = acting(home, key, Role.LICENSEE)
        with home.database.reading() as session:
            found = usage_of(session, member.organisation)
    lines = [
        f"{one['agreement']}  {one['unit']:8} {one['used']:,} of {one['granted']:,} ({one['percent']} %)"
        for one in found
    ]
    show({"usage": found}, "\n".join(lines) or "There are no agreements.", as_json=as_json)
