"""The command `sluice`: finds the module of a command when it is asked for, and turns errors into words and exit codes.

Exit 0: done. 1: refused, or a gate failed. 2: bad usage.
"""

import importlib
import signal
import sys
import threading

import click

COMMANDS = {
    "agreement": "market.cli.agreements:agreement",
    "anonymity": "market.cli.anonymity:anonymity",
    "backup": "market.cli.backups:backup",
    "build": "market.cli.build:build",
    "case": "market.cli.cases:case",
    "cut": "market.cli.cuts:cut",
    "dataset": "market.cli.catalogue:dataset",
    "demo": "market.cli.demo:demo",
    "detect": "market.cli.texts:detect",
    "doctor": "market.cli.home:doctor",
    "evidence": "market.cli.evidence:evidence",
    "firm": "market.cli.members:firm",
    "housekeep": "market.cli.housekeep:housekeep",
    "incident": "market.cli.incidents:incident",
    "init": "market.cli.home:init",
    "inspect": "market.cli.inspect:inspect",
    "invoice": "market.cli.invoices:invoice",
    "kept": "market.cli.library:kept",
    "ledger": "market.cli.ledger:ledger",
    "log": "market.cli.log:log",
    "member": "market.cli.members:member",
    "objection": "market.cli.objections:objection",
    "offer": "market.cli.offers:offer",
    "plan": "market.cli.reviewing:plan",
    "programme": "market.cli.programmes:programme",
    "publisher": "market.cli.publishers:publisher",
    "pull": "market.cli.queries:pull",
    "query": "market.cli.queries:query",
    "quote": "market.cli.queries:quote",
    "recall": "market.cli.recall:recall",
    "receipt": "market.cli.receipts:receipt",
    "reindex": "market.cli.search:reindex",
    "release": "market.cli.releases:release",
    "restore": "market.cli.backups:restore",
    "risk": "market.cli.anonymity:risk",
    "saved": "market.cli.search:saved",
    "scrub": "market.cli.texts:scrub",
    "search": "market.cli.search:search",
    "serve": "market.cli.home:serve",
    "source": "market.cli.sources:source",
    "store": "market.cli.store:store",
    "witness": "market.cli.witness:witness",
    "template": "market.cli.library:template",
    "token": "market.cli.tokens:token",
    "try": "market.cli.library:attempt",
    "usage": "market.cli.usage:usage",
}
"""Each command and where it lives; importing it waits until it is called."""

AGAIN_S = 0.05
"""After which Ctrl-C is tried again."""

REFUSALS = (
    "catalog.errors:CatalogError",
    "anonymize.errors:AnonymizeError",
    "policies.errors:PolicyError",
    "market.query.verdicts:Denied",
    "market.query.errors:QueryError",
    "market.settings:SettingError",
    "sqlalchemy.exc:OperationalError",
)
"""Errors that are an answer: said in words, exit 1. Anything else is a fault of ours and shows where.

What a failing disk or database says is put into words first: `market.faults`.
"""


class LazyGroup(click.Group):
    """A group whose commands are imported when they are used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name the commands."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one command."""
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name].partition(":")
        command: click.Command = getattr(importlib.import_module(module), name)
        return command


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="sluice")
def sluice() -> None:
    """Find, licence and query a city's de-identified data; release it proved safe; audit who read what.

    \b
    See it all at work:           sluice demo
    Begin a home of your own:     sluice init
    De-identify without a market: sluice inspect SOURCE -o plan.toml; sluice build plan.toml SOURCE -o DIR
    """


def _not_lost(lost: "sys.UnraisableHookArgs") -> None:
    """Interrupt once more where Python dropped Ctrl-C, because it came while something was being destroyed."""
    if issubclass(lost.exc_type, KeyboardInterrupt):
        again = threading.Timer(AGAIN_S, signal.pthread_kill, (threading.get_ident(), signal.SIGINT))
        again.daemon = True
        again.start()
    else:
        sys.__unraisablehook__(lost)


def main() -> None:
    """Run the command line."""
    sys.unraisablehook = _not_lost
    try:
        sys.exit(sluice.main(standalone_mode=False))  # the code of an Exit that a command raised, else none
    except click.Abort:
        click.echo("Stopped. Nothing half-done was kept.", err=True)
        sys.exit(130)
    except click.ClickException as usage:
        usage.show()
        sys.exit(usage.exit_code)
    except KeyboardInterrupt:
        click.echo("Stopped. Nothing half-done was kept.", err=True)
        sys.exit(130)
    except Exception as error:
        if isinstance(error, UnicodeEncodeError) and any(map(_is_broken, sys.argv)):
            click.echo("Error: an argument is not UTF-8 text.", err=True)
            sys.exit(2)
        error = _in_words(error)
        if not _is_refusal(error):
            raise
        if "--json" in sys.argv:
            from market.cli.common import printed

            printed.finish({"error": _described(error)})
        click.echo(f"{type(error).__name__}: {_message(error)}", err=True)
        sys.exit(1)


def _is_broken(word: str) -> bool:
    """Say whether an argument came as bytes that are no UTF-8."""
    return any("\ud800" <= letter <= "\udfff" for letter in word)


def _in_words(error: Exception) -> Exception:
    """Put into words what a disk or a database says, where it is that."""
    if "sqlalchemy" not in sys.modules and not isinstance(error, OSError):
        return error
    from market.faults import explained

    return explained(error) or error


def _message(error: Exception) -> str:
    """Say what went wrong; of the database's errors their cause alone, for they quote statements and values."""
    return str(getattr(error, "orig", error))


def _is_refusal(error: Exception) -> bool:
    known = {name for name in (entry.partition(":")[0] for entry in REFUSALS) if name in sys.modules}
    classes = tuple(
        getattr(sys.modules[module], name)
        for module, _, name in (entry.partition(":") for entry in REFUSALS)
        if module in known
    )
    return isinstance(error, classes) or (isinstance(error, OSError) and error.errno is not None)


def _described(error: Exception) -> dict[str, object]:
    out: dict[str, object] = {"kind": type(error).__name__, "message": _message(error)}
    for name in ("place", "found", "rule", "column", "reason", "code", "fix", "position"):
        value = getattr(error, name, None)
        if value is not None:
            out[name] = value if isinstance(value, int) else str(value)
    return out
