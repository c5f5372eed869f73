"""Keep a home: what must be done again and again."""

import signal
from types import FrameType

import click

from market.cli.common import json_option, now, opened, show


@click.command()
@click.option("--once", is_flag=True, help="Do what is due now, and end.")
@json_option
def housekeep(once: bool, as_json: bool) -> None:
    """Do what must be done again and again, until told to stop: `sluice serve` does so by itself.

    It finishes what crashed processes left, signs the log and asks its witnesses, erases the bytes of what is
    withdrawn, brings overdue recalls one level up, and reads the store through each night. What failed is told on
    stderr.

    \b
    Example: sluice housekeep --once
    """
    from market.operations.housekeeping import Housekeeper

    def tell(line: str) -> None:
        click.echo(line, err=True)

    with opened() as home:
        keeper = Housekeeper(home, now, tell)

        def end(_: int, __: FrameType | None) -> None:
            keeper.stop.set()

        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, end)
        if not once:
            keeper.keep()
            return
        outcomes = keeper.once()
    failed = [outcome for outcome in outcomes if outcome.failed]
    words = "\n".join(f"{outcome.chore}: {outcome.did or 'nothing to do'}" for outcome in outcomes)
    show({"ok": not failed, "chores": outcomes}, words or "Nothing is due.", as_json=as_json)
    if failed:
        raise click.exceptions.Exit(1)
