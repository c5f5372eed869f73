"""The main job on real records, step by step: raw tables → editions → catalogue → answers → recall → proof."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from market.demo import canaries
from market.demo.browsing import browse
from market.demo.cast import enter
from market.demo.exhibits import EXHIBITS
from market.demo.licensing import QUESTION, Licence, license_and_ask
from market.demo.releasing import Released, release
from market.demo.stage import Stage, Surprise


def tell(folder: Path) -> dict[str, Any]:
    """Play the whole story in the empty *folder* and give its figures.

    Raises:
        Surprise: something went otherwise than promised.
    """
    stage, began = Stage(folder / "out"), time.monotonic()
    stage.folder.mkdir()

    stage.scene("A home: a city, its departments, what each may release, and the people with their keys")
    cast = enter(stage)

    published = []
    for number, exhibit in enumerate(EXHIBITS):
        stage.scene(f"{exhibit.dataset}: raw table → inspect → build → evidence → second person → catalogue")
        key = cast.public_keys[exhibit.steward]
        published.append(release(stage, exhibit, folder, steward_key=key, strict=number == 0))

    stage.scene("The catalogue: found by part of a word and in spite of a typo, described, tried without a licence")
    browse(stage)

    stage.scene("Offer → request → agreement; the price before, the rows and the receipt after")
    licence = license_and_ask(stage, published[0], cast)

    stage.scene("Withdraw: unreachable at once; copies outside are recalled until the last attestation")
    _recall(stage, published[0], licence)

    stage.scene("Prove it: ledger, log, evidence")
    stage.run("ledger", "verify")
    log = stage.run("log", "verify")
    stage.run("log", "export", "-o", str(stage.folder / "log.jsonl"), by="auditor")
    for made in published:
        built = stage.folder / f"built-{made.exhibit.dataset}"
        stage.run("evidence", "verify", str(built), "--trust", cast.public_keys[made.exhibit.steward])

    stage.scene("Search everything that was written and printed for the planted canaries")
    planted = _search(stage, published)
    return {
        **{
            f"{made.exhibit.dataset}, {profile}": figure
            for made in published
            for profile, figure in made.figures.items()
        },
        "quote = bill, in fen": licence.fen,
        "log entries, all verified": log["size"],
        "canaries leaked": f"0 of {planted}",
        "seconds": round(time.monotonic() - began, 1),
    }


def _recall(stage: Stage, released: Released, licence: Licence) -> None:
    """Withdraw a release, show that it is gone, and walk its recall to the last attestation."""
    reason = "End of the demonstration"
    withdrawn = stage.run("release", "withdraw", released.release, "--reason", reason, by=released.exhibit.steward)
    stage.refused("query", *licence.asked, QUESTION, by="licensee")
    (notice,) = stage.run("recall", "notices", by="licensee")["notices"]
    stage.say(f"the licensee is told, and owes an attestation by {notice['due_at'][:10]}")
    statement = "All copies and what was derived from them row by row are deleted."
    stage.run("recall", "attest", notice["notice"], "--statement", statement, by="licensee")
    shown = stage.run("recall", "show", withdrawn["recall"], by=released.exhibit.steward)
    stage.say(f"recall {shown['state']}")
    if shown["state"] != "closed":
        raise Surprise("the recall is open although everybody attested")


def _search(stage: Stage, published: Sequence[Released]) -> int:
    """Look for every canary of every source in all that the product wrote; gives how many there are.

    Raises:
        Surprise: one was found, or one is not found where it was planted.
    """
    everything = [canary for made in published for canary in made.raw.canaries]
    leaks = canaries.search(stage.folder, everything)
    for made in published:
        control = {hit.number for hit in canaries.search_file(made.raw.path, made.raw.canaries)}
        stage.say(f"positive control, {made.exhibit.file}: {len(control)} of {len(made.raw.canaries)} found")
        if len(control) != len(made.raw.canaries):
            raise Surprise(f"canaries: {len(control)} of {len(made.raw.canaries)} found in {made.exhibit.file}")
    if leaks:
        raise Surprise(f"canaries: {len(leaks)} leaked, first in {leaks[0].file} ({leaks[0].where})")
    stage.say(f"elsewhere: 0 of {len(everything)}")
    return len(everything)
