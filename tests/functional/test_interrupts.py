"""Ctrl-C ends a command whenever it comes."""

import signal
import subprocess
import sys

COMMAND = """\
import signal, sys, time, weakref
import click
from market.cli import main as cli

class Value:
    pass

def destroyed(_):
    signal.raise_signal(signal.SIGINT)
    time.sleep(0)  # Ctrl-C is raised here, and Python drops what a callback raises

@click.command()
def work():
    value = Value()
    watched = weakref.ref(value, destroyed)
    del value
    print("dropped", flush=True)
    time.sleep(20)

cli.sluice.add_command(work)
cli.COMMANDS["work"] = "__main__:work"
sys.argv = ["sluice", "work"]
cli.main()
"""


def test_an_interrupt_that_python_drops_comes_again() -> None:
    done = subprocess.run(
        [sys.executable, "-c", COMMAND],
        capture_output=True,
        text=True,
        timeout=15,
        check=False,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    assert done.stdout == "dropped\n"
    assert (done.returncode, done.stderr.lstrip()) == (130, "Stopped. Nothing half-done was kept.\n")
