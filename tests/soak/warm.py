"""A warm process: it has imported all that commands need, and each command is a fork of it.

A command that starts in a fresh interpreter spends a second on imports before the milliseconds that matter; as a fork
it begins at once. It does not differ otherwise: own session, own environment, own output, and nothing was opened before
the fork.
"""

import gc
import importlib
import json
import os
import pkgutil
import select
import subprocess
import sys
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

from tests.common.processes import descendants, kill

SLUICE = "market.cli.main:main"
PACKAGES = ("catalog", "market")
OTHERS = ("alembic.command", "psycopg", "tests.soak.asker", "tests.soak.migrating")


class Warm:
    """One warm process; it runs one command at a time."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", __name__],
            bufsize=0,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
        )
        assert self.line() == "warm"

    def start(
        self, words: Sequence[str | Path], environment: Mapping[str, str], folder: Path, out: Path, err: Path
    ) -> "Forked":
        """Run the function named by the first of *words* with the others as its arguments; output goes to files."""
        order = {"words": list(map(str, words)), "environment": dict(environment), "folder": str(folder)}
        order |= {"out": str(out), "err": str(err)}
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(order).encode() + b"\n")
        return Forked(self, int(self.line()))

    def line(self, *, wait: bool = True) -> str:
        """Read what it says next; nothing where it has said nothing and nobody waits."""
        stream = self._process.stdout
        assert stream is not None
        if not wait and not select.select([stream], [], [], 0)[0]:
            return ""
        line = stream.readline()
        assert line, "the warm process ended"
        return line.decode().strip()

    def end(self) -> None:
        """End it, and what still runs under it."""
        kill(descendants(self._process.pid))
        self._process.communicate()


class Forked:
    """A running command, seen as `subprocess.Popen` shows one."""

    def __init__(self, warm: Warm, pid: int) -> None:
        self._warm, self.pid = warm, pid
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """Give its exit code once it has ended."""
        return self._read(wait=False)

    def wait(self) -> int:
        """Wait for its end."""
        code = self._read(wait=True)
        assert code is not None
        return code

    def _read(self, *, wait: bool) -> int | None:
        if self.returncode is None and (line := self._warm.line(wait=wait)):
            self.returncode = int(line)
        return self.returncode


def main() -> NoReturn:
    """Import, then run one command after another until the other side hangs up."""
    for package in PACKAGES:
        folder = str(Path(str(importlib.import_module(package).__file__)).parent)
        for found in pkgutil.walk_packages([folder], f"{package}."):
            if not found.name.endswith((".__main__", ".migrations.env")) and ".versions." not in found.name:
                importlib.import_module(found.name)
    for name in OTHERS:
        importlib.import_module(name)
    gc.freeze()
    say, orders = os.dup(1), os.fdopen(os.dup(0), "rb")
    os.write(say, b"warm\n")
    while line := orders.readline():
        child = os.fork()
        if child == 0:
            _become(json.loads(line))
        os.write(say, f"{child}\n".encode())
        _, status = os.waitpid(child, 0)
        os.write(say, f"{os.waitstatus_to_exitcode(status)}\n".encode())
    os._exit(0)


def _become(order: dict[str, Any]) -> NoReturn:
    """Run the command in this fork."""
    code = 1
    try:
        os.setsid()
        os.chdir(order["folder"])
        os.environ.clear()
        os.environ.update(order["environment"])
        for number, (path, flags) in enumerate(
            ((os.devnull, os.O_RDONLY), (order["out"], os.O_WRONLY), (order["err"], os.O_WRONLY))
        ):
            handle = os.open(path, flags | os.O_CREAT | os.O_TRUNC | os.O_APPEND if number else flags)
            os.dup2(handle, number)
        os.closerange(3, 256)
        module, _, name = order["words"][0].partition(":")
        sys.argv = order["words"]
        getattr(importlib.import_module(module), name)()
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    main()
