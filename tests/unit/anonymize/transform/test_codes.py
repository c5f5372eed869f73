"""Codes of tumours roll up by their trees; behaviour stays to the last."""

import random

import pytest

from anonymize.errors import SourceError
from anonymize.transform.codes import sites

from .settings import levels

SITE = {"name": "site", "treatment": "icdo3_topography"}
MORPH = {"name": "morph", "treatment": "icdo3_morphology"}


def test_a_site_rolls_up_to_its_category_and_block():
    rows = levels(SITE, {"site": ["C50.9", "C619", "C42.1", "C50", None]})
    assert rows == [
        ["C50.9", "C50", "C50-C50", "*"],
        ["C61.9", "C61", "C60-C63", "*"],
        ["C42.1", "C42", "C42-C42", "*"],
        ["C50", "C50", "C50-C50", "*"],
        [None, None, None, "*"],
    ]


def test_every_site_from_c00_to_c80_has_a_place():
    codes = [code for code in sites() if "." in code]
    assert len(codes) > 330
    for row, code in zip(levels(SITE, {"site": codes}), codes, strict=True):
        low, high = row[2].split("-")
        assert row[0] == code
        assert row[1] == code[:3]
        assert low <= code[:3] <= high


@pytest.mark.parametrize("bad", ["C99.9", "SECRET", "50.9", "c50.9", "C50.9 ", ""])
def test_an_unknown_site_names_its_row_and_not_the_value(bad):
    with pytest.raises(SourceError, match="column 'site', row 2") as caught:
        levels(SITE, {"site": ["C50.9", bad]})
    assert "SECRET" not in str(caught.value)


def test_morphology_rolls_up_by_digits_with_behaviour_apart():
    rows = levels(MORPH, {"morph": ["8500/3", "85032", "8140/3", "8500", None]})
    assert rows == [
        ["8500/3", "850_/3", "85__/3", "_/3", "*"],
        ["8503/2", "850_/2", "85__/2", "_/2", "*"],
        ["8140/3", "814_/3", "81__/3", "_/3", "*"],
        ["8500", "850_", "85__", "_", "*"],
        [None, None, None, None, "*"],
    ]


def test_generated_morphologies_keep_their_behaviour_and_only_lose_digits():
    rng = random.Random(3)
    codes = [f"{rng.randrange(8000, 9993)}/{rng.choice('012369')}" for _ in range(2000)]
    for code, (finest, group, block, behaviour, root) in zip(codes, levels(MORPH, {"morph": codes}), strict=True):
        assert finest == code
        assert group == f"{code[:3]}_{code[4:]}"
        assert block == f"{code[:2]}__{code[4:]}"
        assert behaviour == f"_{code[4:]}"
        assert root == "*"


@pytest.mark.parametrize("bad", ["850/3", "8500/4", "8500/", "SECRET", "８５００/3"])
def test_an_unknown_morphology_names_its_row_and_not_the_value(bad):
    with pytest.raises(SourceError, match="column 'morph', row 1") as caught:
        levels(MORPH, {"morph": [bad, "8500/3"]})
    assert "SECRET" not in str(caught.value)
