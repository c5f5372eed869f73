"""A build appears by one rename: an error, a full disk, Ctrl-C or a kill leaves nothing at its target."""

import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from anonymize.evidence import verify
from anonymize.pipeline import build
from anonymize.workplace import TargetError, workplace

from .world import AT, built, plan, registry, signer, write

CHILD = """
import sys, time
from pathlib import Path
from tests.unit.anonymize.world import AT, plan, signer
from anonymize.pipeline import build

folder, target, stop_at = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]

def tell(line):
    if line.startswith(stop_at):
        print("here", flush=True)
        time.sleep(60)

build(plan(), folder / "source.csv", target, signer=signer(folder), at=AT, progress=tell)
"""
PROJECT = Path(__file__).parents[3]


def child(folder: Path, target: Path, stop_at: str = "never", **more) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", CHILD, str(folder), str(target), stop_at]
    return subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **more)


def temporary(folder: Path) -> list[Path]:
    return list(folder.glob(".out.building-*"))


@pytest.mark.parametrize("stop_at", ["transforming", "writing", "measuring"])
def test_a_killed_build_leaves_no_edition_and_the_next_one_cleans_up(tmp_path, stop_at):
    write(registry(), tmp_path)
    signer(tmp_path)
    process = child(tmp_path, tmp_path / "out", stop_at)
    assert process.stdout.readline() == "here\n"
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert process.returncode == -signal.SIGKILL
    assert not (tmp_path / "out").exists()
    assert len(temporary(tmp_path)) == 1
    built(tmp_path)
    assert temporary(tmp_path) == []
    assert verify(tmp_path / "out").findings == ()


def test_a_build_that_may_write_no_more_bytes_leaves_nothing(tmp_path):
    write(registry(), tmp_path)
    signer(tmp_path)
    limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))  # noqa: E731  # runs in the child alone
    process = child(tmp_path, tmp_path / "out", preexec_fn=limit)
    _, errors = process.communicate()
    assert process.returncode == 1
    assert "File too large" in errors
    assert not (tmp_path / "out").exists()
    assert temporary(tmp_path) == []


def test_a_full_disk_leaves_nothing(tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=32k", "tmpfs", str(disk)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("a tiny disk can be mounted by root alone; the limit on bytes is tested above")
    try:
        with pytest.raises(OSError, match="No space left"):
            build(plan(), write(registry(), tmp_path), disk / "out", signer=signer(tmp_path), at=AT)
        assert list(disk.iterdir()) == []
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def test_ctrl_c_leaves_nothing(tmp_path):
    def interrupt(line: str) -> None:
        if line.startswith("measuring"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build(plan(), write(registry(), tmp_path), tmp_path / "out", signer=signer(tmp_path), at=AT, progress=interrupt)
    assert not (tmp_path / "out").exists()
    assert temporary(tmp_path) == []


def test_a_target_that_is_there_is_never_touched(tmp_path):
    (tmp_path / "out").mkdir()
    with pytest.raises(TargetError, match="is there already"):
        built(tmp_path)
    assert list((tmp_path / "out").iterdir()) == []


def test_a_target_without_a_parent_is_refused(tmp_path):
    with pytest.raises(TargetError, match="folder does not exist"), workplace(tmp_path / "no" / "out"):
        pass


def test_a_builder_that_lives_is_not_cleaned_away(tmp_path):
    slow = workplace(tmp_path / "out")
    folder = slow.__enter__()
    built(tmp_path)
    assert folder.is_dir()
    with pytest.raises(TargetError, match="is there already"):
        slow.__exit__(None, None, None)
    assert temporary(tmp_path) == []
    assert verify(tmp_path / "out").findings == ()
