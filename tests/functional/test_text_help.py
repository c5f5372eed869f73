"""The walk through texts in the help runs as it is written: its commands make of its files what the page shows."""

import os
import re
import subprocess
import sys
from pathlib import Path

from anonymize.transform.text.surrogates import MADE
from policies.texts import LANGUAGES, OPERATORS, RECALLS

PAGE = Path(__file__).parents[2] / "market" / "help" / "text.md"
BLOCK = re.compile(r"(?:^`([\w.-]+)`:\n\n)?^```(\w+)\n(.*?)^```", re.DOTALL | re.MULTILINE)
SCORE = re.compile(r" [01]\.\d\d$", re.MULTILINE)
"""How sure a model is may change in the second digit; what it finds may not."""


def test_the_walk_on_the_page_comes_out_as_it_is_shown(tmp_path: Path) -> None:
    on_path = tmp_path / "bin"
    on_path.mkdir()
    (on_path / "sluice").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m market.cli "$@"\n', "utf-8")
    (on_path / "sluice").chmod(0o755)
    environment = {**os.environ, "PATH": f"{on_path}:{os.environ['PATH']}", "PYTHONPATH": str(PAGE.parents[2])}
    work = tmp_path / "work"
    work.mkdir()
    printed, ran, compared = "", 0, 0
    for name, kind, body in BLOCK.findall(PAGE.read_text("utf-8")):
        if kind == "sh":
            done = subprocess.run(
                ["sh", "-eu", "-c", body],
                cwd=work, env=environment, capture_output=True, text=True, check=False, timeout=120,
            )  # fmt: skip
            assert done.returncode == 0, done.stderr
            printed, ran = done.stdout, ran + 1
        elif kind == "text":
            assert SCORE.sub("", printed) == SCORE.sub("", body)
            compared += 1
        elif (work / name).exists():
            assert (work / name).read_text("utf-8") == body
            compared += 1
        else:
            (work / name).write_text(body, "utf-8")
    assert (ran, compared) == (3, 3)


def test_every_operator_level_language_and_surrogate_is_told() -> None:
    pages = "".join((PAGE.parent / name).read_text("utf-8") for name in ("text.md", "plans.md"))
    told = set(re.findall(r"`([^`\n]+)`", pages))
    assert {*OPERATORS, *RECALLS, *LANGUAGES, *MADE} <= told
