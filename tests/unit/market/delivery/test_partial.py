"""An answer's file has its name when it is whole; what a killed process left of one is found."""

import os
import signal
import subprocess
import sys

import pytest

from market.delivery.partial import partial, sweep_outputs


@pytest.fixture
def marks(tmp_path):
    (tmp_path / "run").mkdir()
    return tmp_path / "run"


def test_a_file_appears_when_it_is_handed_over_and_not_before(tmp_path, marks):
    output = tmp_path / "answer.csv"
    with partial(output, marks=marks) as (file, hand_over):
        file.write(b"rows")
        assert not output.exists()
        hand_over()
        assert output.read_bytes() == b"rows"
    assert sorted(tmp_path.iterdir()) == [output, marks]
    assert list(marks.iterdir()) == []


def test_what_is_not_handed_over_leaves_nothing(tmp_path, marks):
    with partial(tmp_path / "answer.csv", marks=marks) as (file, _):
        file.write(b"rows")
    assert list(tmp_path.iterdir()) == [marks]
    assert list(marks.iterdir()) == []


@pytest.fixture
def left(tmp_path, marks):
    """Give the unfinished file of a killed process."""
    program = (
        "import os, signal\nfrom pathlib import Path\nfrom market.delivery.partial import partial\n"
        f"with partial(Path({str(tmp_path / 'answer.csv')!r}), marks=Path({str(marks)!r})) as (file, _):\n"
        "    file.write(b'rows')\n    file.flush()\n    os.kill(os.getpid(), signal.SIGKILL)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == -signal.SIGKILL
    (found,) = tmp_path.glob("*.partial")
    return found


def test_a_sweep_finds_what_a_killed_process_left_wherever_it_is(tmp_path, marks, left):
    with partial(tmp_path / "other.csv", marks=marks) as (_, hand_over):
        assert sweep_outputs(marks) == 1
        assert not left.exists()
        hand_over()
    assert (tmp_path / "other.csv").exists()
    assert sweep_outputs(marks) == 0


def test_the_next_answer_of_the_same_name_sweeps_and_a_living_one_of_that_name_is_spared(tmp_path, marks, left):
    reused = tmp_path / f"answer.csv.{os.getpid()}.partial"
    left.rename(reused)  # the dead process's number is ours by now
    with partial(tmp_path / "answer.csv", marks=marks) as (file, hand_over):
        assert reused.stat().st_ino == os.fstat(file.fileno()).st_ino
        assert sweep_outputs(marks) == 1
        hand_over()
    assert (tmp_path / "answer.csv").read_bytes() == b""


def test_a_mark_names_nothing_but_unfinished_outputs(tmp_path, marks):
    (tmp_path / "precious").write_text("kept")
    (marks / "0.output").write_text(str(tmp_path / "precious"))
    (marks / "1.output").write_text("relative.partial")
    (marks / "2.output").write_bytes(b"")
    assert sweep_outputs(marks) == 3
    assert (tmp_path / "precious").read_text() == "kept"
