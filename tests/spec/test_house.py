"""The house keeps its own rules: who knows whom, and commands that explain themselves."""

import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from market.cli.main import COMMANDS, sluice

ROOT = Path(__file__).parents[2]


def test_the_import_contracts_are_kept():
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert "0 broken" in done.stdout


def commands(
    group: click.Group = sluice, path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))
        else:
            yield (*path, name), command


ALL = list(commands())


def test_every_command_that_is_named_is_there():
    assert {path[0] for path, _ in ALL} == set(COMMANDS)
    assert len(ALL) >= 30


@pytest.mark.parametrize(("path", "command"), ALL, ids=[" ".join(path) for path, _ in ALL])
def test_every_command_helps_with_an_example_of_itself(path, command):
    with click.Context(command, info_name=" ".join(("sluice", *path))) as context:
        text = command.get_help(context)
    examples = re.findall(r"Examples?:(.*)", text, re.DOTALL)
    assert examples, text
    assert f"sluice {' '.join(path)}" in " ".join(examples[0].split())
    for parameter in command.params:
        if isinstance(parameter, click.Option) and parameter.name == "as_json":
            assert "--json" in text


def test_finding_a_command_imports_none_of_the_heavy_libraries():
    heavy = ("duckdb", "pyarrow", "sqlmodel", "sqlalchemy", "presidio_analyzer", "numpy", "flask")
    program = f"import sys, market.cli.main; print([name for name in {heavy!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


@pytest.mark.parametrize("package", ["policies", "anonymize", "catalog", "market"])
def test_the_page_of_a_package_names_all_that_is_in_it(package):
    page = (ROOT / package / "README.md").read_text("utf-8")
    told = set(re.findall(r"`(\w+)(?:/|\.py|\.toml)", page))
    inside = {path.stem for path in (ROOT / package).iterdir() if not path.name.startswith(("_", "."))} - {"README"}
    assert inside <= told, sorted(inside - told)
    assert told <= inside | {path.stem for path in (ROOT / package).rglob("*")}, sorted(told - inside)


def test_decisions_are_numbered_and_say_why_what_and_with_which_consequences():
    pages = sorted((ROOT / "market" / "decisions").glob("*.md"))
    assert [int(page.name[:4]) for page in pages] == list(range(1, len(pages) + 1))
    for page in pages:
        text = page.read_text("utf-8")
        assert text.startswith(f"# {int(page.name[:4])}. ")
        if page.name != "0005-dependencies.md":  # a list of what each saves us
            parts = ["**Context.**", "**Decision.**", "**Consequences.**"]
            assert sorted(parts, key=text.find) == parts
            assert -1 not in map(text.find, parts)


def test_every_dependency_says_what_it_saves_us():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = project["optional-dependencies"]
    wanted = [*project["dependencies"], *(name for extra in ("deidentify", "serve", "demo") for name in extras[extra])]
    names = {re.split(r"[\[<>=]", name)[0] for name in wanted} - {"sluice"}
    page = (ROOT / "market" / "decisions" / "0005-dependencies.md").read_text("utf-8")
    assert names <= set(re.findall(r"`([\w-]+)`", page))
