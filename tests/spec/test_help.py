"""The help pages leave nothing out: every command, setting, refusal, event and page has its line; none is invented."""

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from anonymize.evidence import Evidence
from anonymize.residual.known import TYPES as KNOWN
from anonymize.residual.search import TYPES as FOUND
from catalog.describe import LEVELS, RHYTHMS, THEMES
from catalog.publishers import PublisherKind
from market.cli.main import sluice
from market.home import Home
from market.parties.models import Role
from market.query.errors import Code
from market.recall.models import IncidentKind, IncidentState
from market.settings import Settings
from market.web.app import create_app
from policies import profile
from policies.decide import Reason
from policies.disclosure import Measured, judge
from tests.common import editions

ROOT = Path(__file__).parents[2]
HELP = ROOT / "market" / "help"
PAGES = sorted(HELP.glob("*.md"))
TOLD = [*PAGES, ROOT / "README.md", *sorted((ROOT / "market" / "decisions").glob("*.md"))]
PACKAGES = ("policies", "anonymize", "catalog", "market")
PRODUCT = [path for package in PACKAGES for path in (ROOT / package).rglob("*.py")]


def words_in(text: str) -> set[str]:
    return set(re.findall(r"`([^`\n]+)`", text))


def words_of(page: str) -> set[str]:
    return words_in((HELP / page).read_text("utf-8"))


def commands(group: click.Group = sluice, path: str = "sluice") -> Iterator[tuple[str, click.Command]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from commands(command, f"{path} {name}")
        else:
            yield f"{path} {name}", command


COMMANDS = dict(commands())


def options_of(command: click.Command) -> set[str]:
    return {word for option in command.params if isinstance(option, click.Option) for word in option.opts}


def test_every_setting_is_documented() -> None:
    read = {name for path in PRODUCT for name in re.findall(r"\bSLUICE_[A-Z_]*[A-Z]\b", path.read_text("utf-8"))}
    assert "SLUICE_MEMORY_MB" in read
    assert read == {word for word in words_of("settings.md") if word.startswith("SLUICE_")}


def test_every_refusal_and_failure_is_documented() -> None:
    assert {str(reason) for reason in Reason} | {str(code) for code in Code} <= words_of("querying.md")


def test_every_rule_of_the_gate_is_documented() -> None:
    nothing = Measured(subjects=0, minimum_class_size=0, maximum_risk=1, minimum_l={}, maximum_t={}, suppressed_share=1)
    missed = {failure.rule.partition(" of ")[0] for failure in judge(nothing, profile.load("open"), ("stage",))}
    assert len(missed) == 6
    assert missed <= words_of("evidence.md")
    building = [path.read_text("utf-8") for path in (ROOT / "anonymize" / "building").glob("*.py")]
    found = {rule for text in building for rule in re.findall(r'Failure\(f?"(\w+)', text)}
    assert "rows_linked" in found
    assert found <= words_of("evidence.md")


def test_every_rule_that_refuses_a_cut_is_documented() -> None:
    sources = [path.read_text("utf-8") for path in (ROOT / "anonymize" / "cut").glob("*.py")]
    rules = {rule for text in sources for rule in re.findall(r'CutRefused\(\s*"(\w+)"', text)}
    rules |= {
        rule for text in sources for rule in re.findall(r'\brule = "(\w+)" if .* else "(\w+)"', text) for rule in rule
    }
    assert {"subjects", "minimum_l", "maximum_t"} < rules
    assert rules <= words_of("cuts.md")


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


def test_every_command_is_listed_with_all_its_options() -> None:
    text = (HELP / "commands.md").read_text("utf-8")
    rows = re.findall(r"^\| `(sluice [^`]+)` \|([^|]*)\|", text, re.MULTILINE)
    listed = {command: words_in(options) for command, options in rows}
    assert len(listed) == len(rows)
    assert listed == {name: options_of(command) - {"--json"} for name, command in COMMANDS.items()}


@pytest.mark.parametrize("page", TOLD, ids=lambda page: page.name)
def test_documented_commands_exist_and_take_the_options_they_are_shown_with(page: Path) -> None:
    text = page.read_text("utf-8")
    shown = [span for span in re.findall(r"`([^`]+)`", text) if span.startswith("sluice ")]
    shown += re.findall(r"^(?: {4,})(sluice .+)$", text, re.MULTILINE)
    for words in (" ".join(span.split()) for span in shown):
        name = next((name for name in COMMANDS if f"{words} ".startswith(f"{name} ")), None)
        if name is None:
            group = words.split()[1]
            assert group == "COMMAND" or (words == f"sluice {group}" and any(f"{words} " in name for name in COMMANDS))
            continue
        used = set(re.findall(r"(?<=\s)--?[a-z][a-z-]*", re.sub(r'"[^"]*"', "…", words)))
        assert used <= options_of(COMMANDS[name]) | {"--help"}, f"{page.name}: {words}"


def test_every_page_is_in_the_index_and_every_link_leads_somewhere() -> None:
    linked = set(re.findall(r"\]\(([\w-]+\.md)\)", (HELP / "index.md").read_text("utf-8")))
    assert linked == {page.name for page in PAGES} - {"index.md"}
    for page in [*TOLD, *(ROOT / package / "README.md" for package in PACKAGES)]:
        text = page.read_text("utf-8")
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", text):
            assert (page.parent / target).exists(), f"{page.name} links {target}"
        for name in re.findall(r"`(\w+\.md)`", text):
            assert (HELP / name).exists() or (page.parent / name).exists(), f"{page.name} names {name}"


def test_the_code_lists_are_documented() -> None:
    assert {*THEMES, *LEVELS, *RHYTHMS, *PublisherKind} - words_of("publishing.md") <= {
        "city",
        "district",
        "department",
    }
    recall = (HELP / "recall.md").read_text("utf-8")
    assert [word for word in (*IncidentKind, *IncidentState) if word not in recall] == []
    running = (HELP / "running.md").read_text("utf-8")
    assert [role for role in Role if role not in running] == []


def test_every_type_that_an_audit_of_texts_counts_is_documented() -> None:
    assert {*FOUND, *KNOWN} <= words_of("evidence.md")


def test_every_member_of_the_evidence_is_documented() -> None:
    body = Evidence.read(editions.built(1)[0]).body
    (edition,) = body["editions"].values()
    quality = body["quality"]
    told = {
        *body,
        *edition,
        *edition["published"][0],
        *edition["files"][0],
        *edition["search"],
        *edition["suppression"],
    }
    told |= {*edition["risk"], *edition["risk"]["after"], *body["join"], *body["source"]}
    told |= {*quality, *quality["duplicates"], *quality["scores"]}
    told |= {key for column in quality["columns"].values() for key in column}
    told |= {key for tree in body["trees"].values() for key in tree}
    assert sorted(told - words_of("evidence.md")) == []
