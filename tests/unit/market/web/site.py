"""A home with a catalogue in it: a tree of publishers, a registry built in three editions, and smaller datasets."""

import atexit
import shutil
import tempfile
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as arrow_csv

from anonymize.custody import Custody
from anonymize.evidence import Evidence
from anonymize.pipeline import build
from catalog import assessment, ceilings, previews, proposing, registration
from catalog.datasets import register_dataset
from catalog.describe import Description
from catalog.mandates import grant_mandate
from catalog.models import Preview
from catalog.publishers import PublisherKind, register_publisher
from catalog.search.index import reindex
from market.home import Home
from market.settings import Settings
from policies import profile
from policies.ceiling import Listed
from policies.plan import Plan
from tests.common import editions
from tests.common.world import World

ROWS = {1: 1_710, 2: 1_700}
"""Of each release: ten people are removed after the first."""
TUMOR = "tumor-registry"
SCRIPT = "<script>alert(1)</script>"
BEDS = {"name": "beds", "role": "insensitive", "treatment": "keep", "kind": "integer", "withheld": ["open"]}
TOLD: dict[str, Any] = {
    "dataset": TUMOR,
    "profiles": ["enclave", "controlled", "open"],
    "sort_by": ["district"],
    "column": [
        {"name": "person", "role": "subject", "treatment": "drop"},
        {"name": "phone", "role": "direct_identifier", "treatment": "drop"},
        {"name": "sex", "role": "quasi_identifier", "treatment": "group", "standard": "gbt2261_sex"},
        {"name": "age", "role": "quasi_identifier", "treatment": "band", "widths": [5, 10, 20], "maximum": 80},
        {"name": "district", "role": "quasi_identifier", "treatment": "group"},
        {"name": "stage", "role": "sensitive_attribute", "treatment": "group"},
        {"name": "size_mm", "role": "insensitive", "treatment": "keep", "kind": "number", "unit": "mm"},
        {"name": "visits", "role": "insensitive", "treatment": "keep", "kind": "integer", "withheld": ["open"]},
    ],
}
PLANS = {
    1: Plan.from_dict({**TOLD, "column": [*TOLD["column"], {**BEDS, "treatment": "drop", "withheld": []}]}),
    2: Plan.from_dict({**TOLD, "column": [*TOLD["column"], BEDS]}),
}
"""The second release publishes a column more."""
REGISTRY = Description(
    title_zh="肿瘤登记病例",
    title_en="Tumour registry cases",
    description_zh="新发肿瘤个案，经去标识处理：部位、分期与随访。",
    description_en="New tumour cases, de-identified: site, stage and follow-up.",
    source="generated",
    theme="health",
    legal_basis="条例第12条",
    contact="registry@example.org",
    keywords_zh=("肿瘤", "登记"),
    keywords_en=("oncology", "cancer"),
    spatial="500100",
    temporal_start=date(2015, 1, 1),
    temporal_end=date(2023, 12, 31),
    rhythm="annual",
    citation="",
)


@dataclass(frozen=True, slots=True)
class Site:
    """The home, and the identifiers of what is in it."""

    home: Home
    city: str
    district: str
    department: str
    first: str
    second: str
    at: datetime


@cache
def _kept() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="sluice-site-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def _source(path: Path, seed: int, rows: int) -> None:
    classes, rng = np.random.default_rng(1), np.random.default_rng(seed)
    every = ROWS[1]
    stage = rng.choice(["I", "II", "III", ""], rows, p=[0.35 + 0.04 * seed, 0.3 - 0.04 * seed, 0.25, 0.1])
    table = pa.table(
        {
            "person": [f"P{number:05}" for number in range(rows)],
            "phone": [f"1380000{number:04}" for number in range(rows)],
            "sex": classes.choice(["1", "2", "男"], every, p=[0.45, 0.5, 0.05])[:rows],
            "age": classes.integers(20, 90, every)[:rows].astype(str),
            "district": classes.choice(["渝中区", "江北区", "南岸区"], every, p=[0.5, 0.3, 0.2])[:rows],
            "stage": stage,
            "size_mm": np.round(rng.gamma(2, 15, rows), 1).astype(str),
            "visits": rng.poisson(4, rows).astype(str),
            "beds": rng.integers(1, 5, rows).astype(str),
        }
    )
    arrow_csv.write_csv(table, path)


@cache
def template() -> tuple[Path, dict[str, object]]:
    """Make the home once per process; gives its folder and what is known of it."""
    folder = _kept()
    home = Home.create(Settings.read({"SLUICE_HOME": str(folder / "home")}))
    world = World.begin(home.database, folder)
    world.store = home.store
    try:
        return folder / "home", _fill(world, home, folder)
    finally:
        home.close()


def copied(to: Path) -> Site:
    """Copy the home to the new folder *to*, and open it."""
    source, known = template()
    shutil.copytree(source, to)
    return Site(Home.open(Settings.read({"SLUICE_HOME": str(to)})), **known)  # type: ignore[arg-type]  # as filled below


def _fill(world: World, home: Home, folder: Path) -> dict[str, object]:
    by = world.people["administrator"].id
    with world.writing() as session:
        city = register_publisher(
            session, name_zh="示例市", name_en="Example City", kind=PublisherKind.CITY, by=by, at=world.now()
        )
        district = register_publisher(
            session,
            name_zh="示例区",
            name_en="Example District",
            kind=PublisherKind.DISTRICT,
            parent=city.id,
            by=by,
            at=world.now(),
        )
        department = register_publisher(
            session, name_zh="示例区卫生局", name_en="Example Health Office", parent=district.id, by=by, at=world.now()
        )
        grant_mandate(session, city.id, theme="health", profiles=profile.names(), by=by, at=world.now())
        grant_mandate(session, department.id, theme="urban", profiles=["open"], by=by, at=world.now())
        register_dataset(session, id=TUMOR, publisher=department, description=REGISTRY, by=by, at=world.now())
        registration.register(session, TUMOR, number="示例-0231", by=by, at=world.now())
        registration.amend(session, TUMOR, registration.Act.CORRECTION, reason="更正联系方式", by=by, at=world.now())
        ceilings.list_ceiling(
            session,
            TUMOR,
            Listed(per_query_fen=50, per_gb_fen=12_345),
            starts_on=date(2026, 1, 1),
            ends_on=date(2027, 1, 1),
            revenue_fen=100_000_000,
            by=by,
            at=world.now(),
        )
    world.publisher = department.id
    first, second = (_release(world, folder, seed) for seed in (1, 2))
    _publish(world, editions.built(1)[0])  # road works, in one edition and without a preview
    with world.writing() as session:
        reindex(session)
    return {
        "city": city.id,
        "district": district.id,
        "department": department.id,
        "first": first,
        "second": second,
        "at": world.now(),
    }


def _release(world: World, folder: Path, seed: int) -> str:
    """Build, propose, approve and publish the registry, with its preview; gives the release."""
    source, built = folder / f"source-{seed}.csv", folder / f"built-{seed}"
    _source(source, seed, ROWS[seed])
    before = folder / f"built-{seed - 1}" if seed > 1 else None
    custody = Custody.open(folder / "custody")
    signer = world.people["steward"].signer
    build(PLANS[seed], source, built, signer=signer, at=world.now(), custody=custody, previous=before)
    body = Evidence.read(built).body
    files = {name: [built / file["path"] for file in told["files"]] for name, told in body["editions"].items()}
    return _publish(world, built, previews.make_preview(world.store, body, files))


def _publish(world: World, built: Path, preview: previews.PreviewBytes | None = None) -> str:
    steward = world.people["steward"]
    proposal = proposing.store_proposal(world.store, built, steward.signer.public)
    with world.reading() as session:
        joined = assessment.assess(session, world.store, proposal)
    with world.writing() as session:
        release = proposing.propose(session, proposal, by=steward, at=world.now(), joined=joined).id
    if preview is not None:
        with world.writing() as session:
            # where proposing makes the preview itself, it is there already
            if session.get(Preview, release) is None:
                previews.enter_preview(session, release, preview, at=world.now(), by=steward.id)
    world.approve(release)
    world.publish(release)
    return release
