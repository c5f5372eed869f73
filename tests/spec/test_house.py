"""The house keeps its own rules: who knows whom, and commands that explain themselves."""

import re
import subprocess
import sys
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
