"""The three editions are written once; tests that change something make their own."""

import pytest

from anonymize.previews.statistics import statistics
from tests.unit.anonymize.previews.world import make


@pytest.fixture(scope="session")
def made(tmp_path_factory):
    """Give the release of `world`."""
    return make(tmp_path_factory.mktemp("editions"))


@pytest.fixture(scope="session")
def shown(made):
    """Give its statistics."""
    return statistics(made.body, made.files)
