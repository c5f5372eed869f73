"""Proposals of editions written by hand, so that their nodes may be chosen; they go the whole way of a release."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from anonymize.evidence import Evidence, describe_file
from anonymize.signing import Signer
from catalog.proposing import Proposal, Rendering
from catalog.store import BlobStore
from policies import canonical, profile
from policies.canonical import canonical_json
from tests.common.renderings import Row, rendered

PEOPLE: list[Row] = [{"qa": n % 8, "qb": (n // 8) % 8, "days": n} for n in range(640)]
"""Ten people in each class of leaves, and a number of days for each that nobody shares."""
NESTED = {
    "enclave": {"qa": 0, "qb": 1, "days": None},
    "controlled": {"qa": 1, "qb": 2, "days": None},
    "open": {"qa": 2, "qb": 2},
}
"""Every edition coarsens the one before in every column."""


@dataclass(frozen=True)
class Shape:
    """An edition to write: its rows, and the level of each column."""

    levels: Mapping[str, int | None]
    people: Sequence[Row] = field(default_factory=lambda: PEOPLE)
    token: str | None = None
    """The column that holds one."""


def proposal(
    store: BlobStore, folder: Path, signer: Signer, dataset: str, shapes: Mapping[str, Shape], **changes: Any
) -> Proposal:
    """Write the editions in *shapes*, sign evidence of them with *changes* to its body, and put all at rest."""
    folder.mkdir(parents=True, exist_ok=True)
    trees: dict[str, Any] = {}
    editions: dict[str, Any] = {}
    for name, shape in shapes.items():
        path = folder / name / "part-00000.parquet"
        path.parent.mkdir()
        limits = canonical.plain(profile.load(name))
        made = rendered(path, shape.people, shape.levels)
        trees |= made.trees
        published = [
            {**entry, "role": "subject"} if entry["name"] == shape.token else dict(entry) for entry in made.published
        ]
        editions[name] = {"profile": limits, "published": published, "files": [describe_file(folder, path)]}
    body = {"format": 2, "dataset": dataset, "editions": editions, "trees": trees, **changes}
    signed = Evidence.sign(body, signer)
    renderings = {}
    for name, edition in editions.items():
        for entry in edition["files"]:
            store.put(folder / entry["path"])
        manifest = store.put_bytes(canonical_json({"evidence": signed.hash, "files": edition["files"]}))
        renderings[name] = Rendering(manifest.sha256, edition["files"])
    return Proposal(json.loads(json.dumps(signed.to_dict())), signed.hash, renderings, store)
