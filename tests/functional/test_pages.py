"""The public pages in a real browser, served by the real server."""

import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.common.market_world import copied

CHROMIUM = shutil.which("chromium")


@pytest.fixture
def site(tmp_path: Path) -> Iterator[str]:
    """Serve a small market on a free port until the test ends."""
    market = copied(tmp_path / "market")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    words = [sys.executable, "-m", "market.cli", "serve", "--port", str(port)]
    with subprocess.Popen(words, env=market.environment(), stderr=subprocess.DEVNULL) as server:
        address = f"http://127.0.0.1:{port}"
        try:
            _wait(f"{address}/readyz")
            yield address
        finally:
            server.terminate()
            server.wait(timeout=20)


def _wait(address: str) -> None:
    for _ in range(200):
        try:
            with urllib.request.urlopen(address, timeout=5) as answer:
                assert answer.status == 200
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"{address} does not answer")


@pytest.mark.skipif(CHROMIUM is None, reason="needs the system package chromium: a browser that shows the pages")
def test_a_visitor_reads_the_risk_card_of_a_published_dataset_in_a_browser(site: str, tmp_path: Path) -> None:
    words = [str(CHROMIUM), "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
    words += ["--disable-background-networking", "--disable-component-update", "--disable-sync"]
    words += [f"--user-data-dir={tmp_path / 'browser'}", "--virtual-time-budget=5000", "--dump-dom"]
    shown = subprocess.run(
        [*words, f"{site}/datasets/tumours"], capture_output=True, text=True, check=True, timeout=120
    )
    assert "Risk card" in shown.stdout
    assert "风险卡" in shown.stdout
    assert "not run" in shown.stdout
