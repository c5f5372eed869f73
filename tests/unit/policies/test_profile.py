"""Profiles are data, each number with its source."""

import re
import tomllib
from pathlib import Path

import pytest

from policies import profile
from policies.errors import PolicyError
from policies.profile import Mode

FOLDER = Path(profile.__file__).parent / "profiles"


def test_there_are_three_profiles():
    assert profile.names() == ("controlled", "enclave", "open")


@pytest.mark.parametrize(
    ("name", "k", "modes"),
    [
        ("open", 20, set(Mode)),
        ("controlled", 11, set(Mode)),
        ("enclave", 5, {Mode.AGGREGATES, Mode.PRIVATE}),
    ],
)
def test_a_profile_has_its_class_size_and_modes(name, k, modes):
    loaded = profile.load(name)
    assert loaded.minimum_class_size == k
    assert loaded.maximum_risk == 1 / k
    assert set(loaded.modes) == modes


def test_a_more_open_profile_asks_for_more():
    wide, middle, narrow = (profile.load(name) for name in ("open", "controlled", "enclave"))
    assert wide.minimum_class_size > middle.minimum_class_size > narrow.minimum_class_size
    assert wide.maximum_t < middle.maximum_t < narrow.maximum_t


@pytest.mark.parametrize("name", profile.names())
def test_every_threshold_names_a_source_that_is_explained(name):
    text = (FOLDER / f"{name}.toml").read_text("utf-8")
    sources = tomllib.loads(text)["source"]
    thresholds = re.findall(r"^(\w+) = [^\[\n]*?(?:# (\S+))?$", text.partition("\n[source]")[0], re.MULTILINE)
    cited = {key: source for key, source in thresholds if key != "name"}
    assert len(cited) == 9
    assert set(cited.values()) == set(sources)


@pytest.mark.parametrize("name", ["secret", "", "../profiles/open"])
def test_an_unknown_profile_is_refused_with_those_there_are(name):
    with pytest.raises(PolicyError, match="controlled, enclave, open"):
        profile.load(name)
