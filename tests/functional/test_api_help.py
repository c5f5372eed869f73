"""The examples of the help on the API run as they are written, and its table names every route there is."""

import os
import re
import shutil
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest

from market.home import Home
from market.server import assembled
from tests.common.market_world import Market
from tests.common.served import Served, token_of
from tests.common.served_fixtures import market, service

__all__ = ["market", "service"]

PAGE = Path(__file__).parents[2] / "market" / "help" / "api.md"


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE.read_text("utf-8"), re.DOTALL | re.MULTILINE)


@pytest.fixture(scope="module")
def environment(market: Market, service: Served) -> dict[str, str]:
    return {
        **os.environ,
        "SLUICE_URL": service.url,
        "SLUICE_TOKEN": token_of(market),
        "AGREEMENT": market.facts.agreement,
    }


def test_the_python_examples_run(environment: dict[str, str], tmp_path: Path) -> None:
    for number, code in enumerate(blocks("python")):
        script = tmp_path / f"example{number}.py"
        script.write_text(code, "utf-8")
        done = subprocess.run(
            [sys.executable, str(script)], env=environment, capture_output=True, text=True, check=False, timeout=120
        )
        assert done.returncode == 0, done.stderr
        assert "fen" in done.stdout
        assert "complete" in done.stdout


def test_the_curl_examples_run(environment: dict[str, str]) -> None:
    if shutil.which("curl") is None:
        pytest.skip("needs the system package curl: it is not installed")
    for code in blocks("sh"):
        done = subprocess.run(
            ["sh", "-eu", "-c", code], env=environment, capture_output=True, text=True, check=False, timeout=120
        )
        assert done.returncode == 0, done.stderr
        assert '"amount_fen"' in done.stdout
        assert '"n"' in done.stdout


def test_every_route_is_in_the_table(market: Market) -> None:
    told = set(re.findall(r"`(GET|POST|DELETE) (/api/v1[^`]*)`", PAGE.read_text("utf-8")))
    home = Home.open(market.settings())
    with ExitStack() as held:
        held.callback(home.close)
        rules = [rule for rule in assembled(home, held).url_map.iter_rules() if rule.endpoint.startswith("api.")]
    routes = {
        (method, re.sub(r"<[^>]*>", "ID", rule.rule))
        for rule in rules
        if "path:" not in rule.rule
        for method in rule.methods or ()
        if method in ("GET", "POST", "DELETE")
    }
    assert routes == told
