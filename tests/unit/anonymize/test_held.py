"""What somebody makes is held; what a killed process left is not, and goes."""

import os
import signal
import subprocess
import sys
import tempfile

import pytest

from anonymize.held import held_folder, hold, remove_abandoned, sweep_work_folders, work_folder


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def killed(place, program):
    """Run *program* in a process of its own, which must end by a kill."""
    environment = {**os.environ, "TMPDIR": str(place)}
    assert subprocess.run([sys.executable, "-c", program], env=environment, check=False).returncode == -signal.SIGKILL


def test_a_work_folder_of_a_killed_process_goes_and_that_of_a_living_one_stays(place):
    killed(
        place,
        "import os, signal\nfrom anonymize.held import work_folder\n"
        "with work_folder('test') as folder:\n    (folder / 'spill').touch()\n    os.kill(os.getpid(), signal.SIGKILL)",
    )
    (left,) = place.iterdir()
    with work_folder("test") as living:
        assert sweep_work_folders() == 1
        assert not left.exists()
        assert living.is_dir()
        assert sweep_work_folders() == 0
    assert list(place.iterdir()) == []


def test_others_folders_and_links_are_left_alone(place):
    (place / "mine").mkdir()
    (place / "sluice-work-link").symlink_to(place / "mine")
    (place / "sluice-pg-1").mkdir()
    os.mkfifo(place / "sluice-work-fifo")
    assert sweep_work_folders() == 1  # the pipe: nobody holds it, and it is ours
    assert {path.name for path in place.iterdir()} == {"mine", "sluice-work-link", "sluice-pg-1"}


def test_a_folder_is_its_owners_alone(place):
    with held_folder(place, "x-") as folder:
        assert folder.stat().st_mode & 0o777 == 0o700


def test_a_file_that_was_swept_before_it_was_locked_is_not_held(place):
    with (place / "file").open("xb") as file:
        (place / "file").unlink()
        assert not hold(file.fileno())


def test_removing_what_is_gone_is_no_fault(place):
    assert not remove_abandoned(place / "nothing")
