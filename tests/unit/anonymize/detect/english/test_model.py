"""The English model's files are the ones this version was tested with, or nothing is read."""

import shutil

import pytest

from anonymize.detect.english.model import FILES, check, folder
from anonymize.errors import ModelError


@pytest.fixture
def copied(tmp_path):
    for name in FILES:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(folder() / name, tmp_path / name)
    return tmp_path


def test_the_installed_model_is_the_tested_one(copied):
    assert check() == folder()
    assert check(copied) == copied


def test_a_missing_file_is_named(copied):
    (copied / "ner/model").unlink()
    with pytest.raises(ModelError, match="model"):
        check(copied)


def test_an_altered_file_is_refused(copied):
    with (copied / "vocab/strings.json").open("ab") as file:
        file.write(b" ")
    with pytest.raises(ModelError, match=r"vocab/strings\.json"):
        check(copied)
