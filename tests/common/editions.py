"""Small editions, really built: a generated registry of road works, de-identified under the profile `controlled`."""

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as arrow_csv

from anonymize.pipeline import build
from anonymize.signing import Signer
from policies.plan import Plan
from tests.common.clock import BEGIN

DATASET = "road-works"
PLAN = Plan.from_dict(
    {
        "dataset": DATASET,
        "profile": "controlled",
        "column": [
            {"name": "worker", "role": "subject", "treatment": "drop"},
            {"name": "sex", "role": "quasi_identifier", "treatment": "group"},
            {"name": "years", "role": "quasi_identifier", "treatment": "band", "widths": [5, 10, 20]},
            {"name": "injury", "role": "sensitive_attribute", "treatment": "group"},
            {"name": "metres", "role": "insensitive", "treatment": "keep", "kind": "number"},
        ],
    }
)


@cache
def built(seed: int) -> tuple[Path, Path]:
    """Build an edition from rows drawn by *seed*; gives its folder and the key file that signed it.

    Both are shared by all tests of the session: copy them before changing them.
    """
    folder = Path(tempfile.mkdtemp(prefix="sluice-built-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    key = folder / "steward.key"
    signer = Signer.create(key) if seed == 1 else Signer.load(built(1)[1])
    rng = np.random.default_rng(seed)
    table = pa.table(
        {
            "worker": [f"W{number:05}" for number in range(400)],
            "sex": rng.choice(["1", "2"], 400),
            "years": rng.integers(0, 40, 400).astype(str),
            "injury": rng.choice(["none", "cut", "fall"], 400),
            "metres": rng.integers(1, 90, 400).astype(str),
        }
    )
    source = folder / "source.csv"
    arrow_csv.write_csv(table, source)
    build(PLAN, source, folder / "built", signer=signer, at=BEGIN)
    return folder / "built", built(1)[1] if seed != 1 else key
