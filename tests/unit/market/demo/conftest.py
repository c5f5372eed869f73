"""The demo's source, written once for all tests here."""

from pathlib import Path
from typing import NamedTuple

import pytest

from market.demo.canaries import Canary, read
from market.demo.sources.facts import SourceFacts
from market.demo.sources.tumor import write_source


class Demo(NamedTuple):
    path: Path
    canaries: list[Canary]
    facts: SourceFacts


@pytest.fixture(scope="package")
def demo(tmp_path_factory) -> Demo:
    folder = tmp_path_factory.mktemp("demo")
    listed = tmp_path_factory.mktemp("canaries") / "canaries.jsonl"
    facts = write_source(folder / "raw.csv", listed)
    return Demo(facts.path, read(listed), facts)
