"""Three hundred blows on a witness that cosigns."""

import random
from pathlib import Path

import pytest

from anonymize.signing import Signer
from tests.soak.forks import never_two_views

pytestmark = [pytest.mark.soak, pytest.mark.timeout(3600)]


def test_three_hundred_kills_make_no_witness_sign_two_views(tmp_path: Path) -> None:
    seed = random.SystemRandom().randrange(10**6)
    print(f"seed {seed}")
    print(never_two_views(tmp_path / "w", Signer.create(tmp_path / "log.key"), 300, seed))
