"""`sluice inspect` tells what may remain without telling a text; marks in a review file become part of the plan."""

import json
import os
import pty
import stat
import subprocess
import sys
from pathlib import Path

import pytest
import tomlkit
from click.testing import CliRunner

from anonymize.errors import AnonymizeError
from anonymize.review.marks import ReviewError
from market.cli.inspect import inspect
from market.cli.plans import read_plan
from market.cli.reviewing import plan

SECRETS = ("张伟民", "13800138000", "中山四路")


@pytest.fixture(scope="module")
def source(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("review") / "source.csv"
    notes = [f"第{n}次来电，{'张伟民' if n % 3 else '本人'}反映中山四路积水，回电13800138000" for n in range(60)]
    path.write_text("patient_id,note\n" + "".join(f"P{n},{note}\n" for n, note in enumerate(notes)), "utf-8")
    return path


def ran(command, *words: object):
    return CliRunner().invoke(command, [str(word) for word in words], catch_exceptions=False)


def test_the_residual_share_is_told_with_its_interval_and_no_text(source):
    said, told = ran(inspect, source).output, json.loads(ran(inspect, source, "--json").stdout)
    review = next(column["review"] for column in told["columns"] if column["name"] == "note")
    assert review["sampled"] == 60
    assert review["findings"]["PHONE"] == 60
    assert review["interval"][0] <= review["residual_share"] <= review["interval"][1]
    assert next(column["review"] for column in told["columns"] if column["name"] == "patient_id") is None
    assert "60 texts sampled (seed 0)" in said
    assert "95 % interval" in said
    assert not any(secret in said + json.dumps(told, ensure_ascii=False) for secret in SECRETS)


def test_texts_are_shown_on_a_terminal_alone(source):
    with pytest.raises(AnonymizeError, match="no terminal") as refused:
        ran(inspect, source, "--sample", 3)
    assert "--review" in str(refused.value)


def test_on_a_terminal_sampled_texts_are_shown_with_their_spans_marked(source):
    keeper, terminal = pty.openpty()
    words = [sys.executable, "-m", "market.cli", "inspect", str(source), "--sample", "2", "--seed", "1"]
    with subprocess.Popen(words, stdout=terminal, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL) as process:
        os.close(terminal)
        said = b""
        while part := _read(keeper):
            said += part
    os.close(keeper)
    assert process.returncode == 0
    shown = [line for line in said.decode().splitlines() if "【13800138000 PHONE】" in line]
    assert len(shown) == 2


def _read(keeper: int) -> bytes:
    """Read from a terminal, which ends with an error."""
    try:
        return os.read(keeper, 65_536)
    except OSError:
        return b""


def test_a_review_file_needs_a_private_folder(source, tmp_path):
    tmp_path.chmod(0o755)
    with pytest.raises(ReviewError, match="others may read it"):
        ran(inspect, source, "--review", tmp_path / "review.toml")


def test_marks_become_lists_of_the_plan_which_keeps_its_comments(source, tmp_path):
    tmp_path.chmod(0o700)
    plan_file, review = tmp_path / "plan.toml", tmp_path / "review.toml"
    done = ran(inspect, source, "-o", plan_file, "--review", review)
    assert "RAW TEXT" in done.stderr
    comments = [line for line in plan_file.read_text("utf-8").splitlines() if line.startswith("#")]
    document = tomlkit.parse(review.read_text("utf-8"))
    for entry in document["text"]:
        kept = [span for span in entry["spans"] if span["type"] != "PHONE"]
        entry["spans"] = [*kept, {"text": "四路积水", "type": "LOCATION"}]
    review.write_text(tomlkit.dumps(document), encoding="utf-8")

    told = json.loads(ran(plan, "review", plan_file, review, "--json").stdout)
    assert told["columns"] == {"note": {"always": 1, "never": 1}}
    note = next(column for column in read_plan(plan_file).columns if column.name == "note")
    assert note.always == {"四路积水": "LOCATION"}
    assert note.never == ("13800138000",)
    assert stat.S_IMODE(plan_file.stat().st_mode) == 0o600
    assert [line for line in plan_file.read_text("utf-8").splitlines() if line.startswith("#")] == comments
    assert not any(secret in ran(plan, "review", plan_file, review).output for secret in SECRETS)
