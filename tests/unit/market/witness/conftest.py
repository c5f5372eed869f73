"""Keys for this folder's tests, and a witness in a folder of its own."""

from datetime import timedelta

import pytest

from anonymize.signing import Signer
from market.witness.cosigning import Witness
from market.witness.folder import Folder
from market.witness.trusting import trust
from tests.common.clock import BEGIN
from tests.common.witnesses import GrownLog


class Clock:
    """A clock that is set by hand."""

    def __init__(self):
        self.at = BEGIN

    def __call__(self):
        return self.at

    def step(self, seconds):
        self.at += timedelta(seconds=seconds)


@pytest.fixture(scope="session")
def log_key(tmp_path_factory):
    return Signer.create(tmp_path_factory.mktemp("keys") / "log.key")


@pytest.fixture(scope="session")
def other_key(tmp_path_factory):
    return Signer.create(tmp_path_factory.mktemp("keys") / "other.key")


@pytest.fixture
def log(log_key):
    return GrownLog(log_key).grow(7)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def folder(tmp_path, log):
    made = Folder.create(tmp_path / "witness", "witness.example/w1")
    trust(made, log.origin, log.signer.public)
    return made


@pytest.fixture
def witness(folder, clock):
    return Witness(folder, clock)
