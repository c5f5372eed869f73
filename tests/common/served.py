"""A served home: the real command in a process of its own, on a free port of the loopback address."""

import json
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from market.parties import tokens
from tests.common.market_world import Market, command, now

READY_S = 60


@dataclass(frozen=True)
class Served:
    """Where a home is served, and by which process."""

    url: str
    pid: int
    log: Path

    def call(
        self, method: str, path: str, body: Any = None, *, token: str | None = None, **headers: str
    ) -> tuple[int, dict[str, str], bytes]:
        """Call once; gives status, headers and body of whatever was answered."""
        data = None if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if token is not None:
            sent["Authorization"] = f"Bearer {token}"
        if data is not None:
            sent.setdefault("Content-Type", "application/json")
        request = urllib.request.Request(f"{self.url}{path}", data, sent, method=method)  # our own
        try:
            with urllib.request.urlopen(request, timeout=60) as response:  # our own
                return response.status, dict(response.headers), response.read()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, dict(error.headers), error.read()


@contextmanager
def served(market: Market, **settings: str) -> Iterator[Served]:
    """Serve a market's home for the length of the block, and end it as a machine would: with SIGTERM."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = market.folder / "serve.log"
    with log.open("ab") as out:
        process = subprocess.Popen(
            command("serve", "--port", str(port)),
            env=market.environment(**settings),
            cwd=market.folder,
            stdout=out,
            stderr=out,
            stdin=subprocess.DEVNULL,
        )
    try:
        found = Served(f"http://127.0.0.1:{port}", process.pid, log)
        end = time.monotonic() + READY_S
        while True:
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < end, log.read_text()
            try:
                if found.call("GET", "/readyz")[0] == 200:
                    break
            except OSError:
                pass
            time.sleep(0.05)
        yield found
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        process.wait(timeout=60)


def token_of(market: Market, name: str = "licensee", *, days: int = 1) -> str:
    """Draw a token for somebody."""
    with market.open() as home:
        member = market.asker(home, name).id
        with home.database.writing() as session:
            return tokens.issue(session, member=member, name="a test", lasts=timedelta(days=days), at=now()).text
