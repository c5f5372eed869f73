"""The help pages leave nothing out: every setting, refusal, event and page has its line."""

import re
from pathlib import Path

import pytest

from market.home import Home
from market.query.errors import Code
from market.settings import Settings
from market.web.app import create_app
from policies.decide import Reason

ROOT = Path(__file__).parents[2]
HELP = ROOT / "market" / "help"
PRODUCT = [path for package in ("catalog", "market") for path in (ROOT / package).rglob("*.py")]


def words_of(page: str) -> set[str]:
    return set(re.findall(r"`([^`]+)`", (HELP / page).read_text("utf-8")))


def test_every_setting_is_documented() -> None:
    read = set(re.findall(r"SLUICE_[A-Z_]+", (ROOT / "market" / "settings.py").read_text("utf-8")))
    assert read | {"SLUICE_KEY"} == {word for word in words_of("settings.md") if word.startswith("SLUICE_")}


def test_every_refusal_and_failure_is_documented() -> None:
    assert {str(reason) for reason in Reason} | {str(code) for code in Code} <= words_of("querying.md")


def test_every_event_is_documented_and_every_documented_event_happens() -> None:
    noted = {
        action
        for path in PRODUCT
        for action in re.findall(r'"([a-z]+:[a-z-]+)"', path.read_text("utf-8"))
        if not action.startswith(("sluice:", "odrl:"))
    }
    assert noted == {word for word in words_of("events.md") if ":" in word}


def test_every_page_is_documented(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLUICE_HOME", str(tmp_path / "home"))
    home = Home.create(Settings.read())
    try:
        routes = {rule.rule for rule in create_app(home).url_map.iter_rules() if rule.endpoint != "static"}
    finally:
        home.close()
    assert routes == {word for word in words_of("pages.md") if word.startswith("/")}


def test_documented_commands_exist() -> None:
    from market.cli.main import COMMANDS

    for page in HELP.glob("*.md"):
        for command in re.findall(r"`sluice ([a-z]+)", page.read_text("utf-8")):
            assert command in COMMANDS, f"{page.name} names sluice {command}"
