"""Releases whose editions are a word each: for what rows, signatures and states do, whatever is built."""

from typing import Any

from anonymize.evidence import Evidence
from catalog.assessment import against
from catalog.proposing import Proposal, Rendering, propose
from catalog.releases import files_of
from policies.canonical import canonical_json
from tests.common import editions
from tests.common.world import World


def proposal(world: World, words: dict[str, str], *, dataset: str = editions.DATASET, **said: Any) -> Proposal:
    """Put one file at rest for each profile of *words*, under evidence that the steward signed and that says *said*."""
    listed = {}
    for profile, word in words.items():
        blob = world.store.put_bytes(word.encode())
        path = f"{profile}/part-00000.parquet"
        listed[profile] = [{"path": path, "sha256": blob.sha256, "bytes": blob.size_bytes, "rows": len(word)}]
    told = {profile: {"files": files, "published": []} for profile, files in listed.items()}
    before = world.before(dataset)
    body = {"format": 2, "dataset": dataset, "editions": told, **said}
    body |= {} if before is None else {"previous": {"evidence": before}}
    signed = Evidence.sign(body, world.people["steward"].signer)
    renderings = {}
    for profile, files in listed.items():
        manifest = world.store.put_bytes(canonical_json({"edition": profile, "files": files})).sha256
        renderings[profile] = Rendering(manifest, files)
    return Proposal(signed.to_dict(), signed.hash, renderings, world.store)


def proposed(world: World, words: dict[str, str], *, joined: dict[str, object] | None = None) -> str:
    """Propose a release of *words*, measured with all that is published, as far as words can be; gives its id."""
    made = proposal(world, words)
    with world.writing() as session:
        if joined is None:
            joined = {"against": against(session, made.document["body"]["dataset"])}
        return propose(session, made, by=world.people["steward"], at=world.now(), joined=joined).id


def published(world: World, words: dict[str, str]) -> str:
    """Take a release of *words* all the way; gives its identifier."""
    release = proposed(world, words)
    world.approve(release)
    world.publish(release)
    return release


def hashes_of(world: World, edition: str) -> list[str]:
    """Name the blobs of an edition."""
    with world.reading() as session:
        return [file.sha256 for file in files_of(session, edition)]
