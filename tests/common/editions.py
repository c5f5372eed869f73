"""Small editions, really built: a generated registry of road works, de-identified under the profile `controlled`."""

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as arrow_csv

from anonymize.custody import Custody
from anonymize.pipeline import build
from anonymize.signing import Signer
from anonymize.transform.keys import ReleaseSecret
from policies.plan import Plan
from tests.common.clock import BEGIN

DATASET = "road-works"
PLAN = Plan.from_dict(
    {
        "dataset": DATASET,
        "profiles": ["controlled"],
        "column": [
            {"name": "worker", "role": "subject", "treatment": "drop"},
            {"name": "sex", "role": "quasi_identifier", "treatment": "group"},
            {"name": "years", "role": "quasi_identifier", "treatment": "band", "widths": [5, 10, 20]},
            {"name": "injury", "role": "sensitive_attribute", "treatment": "group"},
            {"name": "metres", "role": "insensitive", "treatment": "keep", "kind": "number"},
        ],
    }
)


FOLDERS: dict[str, Path] = {}
"""The folder of each evidence built so far, by its hash."""


@cache
def custody() -> Custody:
    """Give the custody of the dataset, kept until the process ends."""
    folder = Path(tempfile.mkdtemp(prefix="sluice-custody-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Custody.open(folder)


def built(seed: int, previous: str | None = None) -> tuple[Path, Path]:
    """Build an edition from rows drawn by *seed*; gives its folder and the key file that signed it.

    The same workers stand in the same classes whatever the seed, and one seed always gives the same files. The build
    follows the release whose evidence has the hash *previous*, which was built here. Folder and key are shared by all
    tests of the session: copy them before changing them.
    """
    return _built(seed, previous)


@cache
def _built(seed: int, previous: str | None) -> tuple[Path, Path]:
    folder = Path(tempfile.mkdtemp(prefix="sluice-built-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    key = folder / "steward.key"
    first = seed == 1 and previous is None
    signer = Signer.create(key) if first else Signer.load(built(1)[1])
    rng = np.random.default_rng(1)
    who = {"sex": rng.choice(["1", "2"], 400), "years": rng.integers(0, 40, 400).astype(str)}
    rng = rng if seed == 1 else np.random.default_rng(seed)
    table = pa.table(
        {
            "worker": [f"W{number:05}" for number in range(400)],
            **who,
            "injury": rng.choice(["none", "cut", "fall"], 400),
            "metres": rng.integers(1, 90, 400).astype(str),
        }
    )
    source = folder / "source.csv"
    arrow_csv.write_csv(table, source)
    before = FOLDERS[previous] if previous is not None else None
    made = build(
        PLAN,
        source,
        folder / "built",
        signer=signer,
        at=BEGIN,
        secret=ReleaseSecret(seed.to_bytes(32)),
        custody=custody(),
        previous=before,
    )
    FOLDERS[made.hash] = folder / "built"
    return folder / "built", key if first else built(1)[1]
