"""The main job on real records, step by step: raw table → edition → agreement → answers → withdrawal → proof."""

import json
import time
from pathlib import Path
from typing import Any

from market.demo import canaries, source
from market.demo.stage import Stage, Surprise

DATASET = "breast-cancer-registry"
PURPOSE = "DUO:0000006"
QUESTION = "SELECT grade, count(*) AS patients, round(avg(death), 3) AS died FROM tumor GROUP BY grade ORDER BY grade"


def tell(folder: Path) -> dict[str, Any]:
    """Play the whole story in the empty *folder* and give its figures.

    Raises:
        Surprise: something went otherwise than promised.
    """
    stage, began = Stage(folder / "out"), time.monotonic()
    registry, planted_list = folder / "raw" / "registry.csv", folder / "planted" / "canaries.jsonl"
    built, receipt = stage.folder / "built", stage.folder / "receipt.json"
    for made_here in (registry.parent, planted_list.parent, stage.folder):
        made_here.mkdir()

    stage.scene("A raw table: the Rotterdam tumour bank, with invented identities")
    facts = source.write_source(registry, planted_list)
    stage.say(
        f"{facts.rows:,} real patients (clinical values real, identities invented), {facts.canaries} canaries planted"
    )

    stage.scene("A home, its people and their keys")
    people = _people(stage)

    stage.scene("Inspect: what is in the table, and what to do with it")
    found = stage.run("inspect", str(registry), "-o", str(stage.folder / "proposed.toml"), "--dataset", DATASET)
    for kind, count in found["findings"].items():
        stage.say(f"{count:>6,} distinct values with {kind}")

    stage.scene("Build by the steward's plan: de-identify, search, suppress, write, gate, sign")
    plan = Path(source.__file__).with_name("plan.toml")
    stage.say("the proposal of inspect is a beginning; this plan was written with care, see market/demo/plan.toml")
    made = stage.run("build", str(plan), str(registry), "-o", str(built), by="steward")
    body = made["body"]
    before, after = body["risk"]["before"], body["risk"]["from_parquet"]
    stage.say(f"before: smallest class {before['k']}, highest risk {before['prosecutor_risk']:.3f}")
    stage.say(f"after:  smallest class {after['k']}, highest risk {after['prosecutor_risk']:.3f}")
    stage.say(f"suppressed {body['suppression']['rows']} rows; attacks: {body['attacks']}")
    stage.run("evidence", "verify", str(built), "--trust", people["steward_key"])

    stage.scene("A second person approves by signature; nobody else can")
    stage.run(
        *("dataset", "add", DATASET),
        *("--title-zh", "乳腺癌随访登记（鹿特丹）", "--title-en", "Breast cancer follow-up (Rotterdam)"),
        *("--description-zh", "2,982 名患者的临床随访", "--description-en", "Clinical follow-up of 2,982 patients"),
        *("--source", "Rotterdam tumour bank, R package survival, LGPL-2+; identities invented"),
        by="steward",
    )
    proposed = stage.run("release", "propose", str(built), by="steward")
    release, edition = proposed["release"], proposed["editions"]["controlled"]
    stage.refused("release", "publish", release, by="steward")
    stage.refused("release", "approve", release, by="steward")
    stage.run("release", "approve", release, by="approver")
    stage.run("release", "publish", release, by="steward")

    stage.scene("Offer → request → agreement, signed by both sides")
    agreement = _agree(stage, edition)

    stage.scene("The price before, the rows and the receipt after")
    asked = ("--agreement", agreement, "--purpose", PURPOSE)
    quote = stage.run("quote", *asked, QUESTION, by="licensee")
    stage.say(f"quote: {quote['amount_fen']} fen for {quote['billed_bytes']:,} bytes of {', '.join(quote['columns'])}")
    answer = stage.run("query", *asked, QUESTION, "--receipt", str(receipt), by="licensee")
    for row in answer["rows"]:
        stage.say(json.dumps(row, ensure_ascii=False))
    if answer["quote"] != quote:
        raise Surprise("the bill is not the quote")
    stage.run("receipt", "verify", str(receipt), "--log-key", people["log_key"])
    stage.run("ledger", "balance", by="licensee")

    stage.scene("What the agreement does not grant is refused, costs nothing, and says why")
    refusals = [
        stage.refused("query", "--agreement", agreement, "--purpose", "DUO:0000042", QUESTION, by="licensee"),
        stage.refused("query", *asked, "SELECT * FROM read_csv('/etc/passwd')", by="licensee"),
        stage.refused("query", *asked, "SELECT patient_name FROM tumor", by="licensee"),
    ]

    stage.scene("Withdraw: unreachable at once, the proof stays")
    stage.run("release", "withdraw", release, "--reason", "End of the demonstration", by="steward")
    refusals.append(stage.refused("query", *asked, QUESTION, by="licensee"))

    stage.scene("Prove it: ledger, log, evidence")
    stage.run("ledger", "verify")
    log = stage.run("log", "verify")
    stage.run("log", "export", "-o", str(stage.folder / "log.jsonl"), by="auditor")
    stage.run("evidence", "verify", str(built), "--trust", people["steward_key"])

    stage.scene("Search everything that was written and printed for the planted canaries")
    planted = canaries.read(planted_list)
    control = {hit.number for hit in canaries.search(registry.parent, planted)}
    leaks = canaries.search(stage.folder, planted)
    stage.say(f"positive control: {len(control)} of {len(planted)} found in the raw table; elsewhere: {len(leaks)}")
    if leaks or len(control) != len(planted):
        raise Surprise(f"canaries: {len(leaks)} leaked, {len(control)} of {len(planted)} found in the raw table")
    return {
        "rows released": after["rows"],
        "smallest class before, after": f"{before['k']}, {after['k']}",
        "quote = bill, in fen": quote["amount_fen"],
        "refusals shown": len(refusals) + 2,
        "log entries, all verified": log["size"],
        "canaries leaked": f"{len(leaks)} of {len(planted)}",
        "seconds": round(time.monotonic() - began, 1),
    }


def _people(stage: Stage) -> dict[str, str]:
    """Make the home and enter everybody; gives the identifiers and public keys that the story needs."""
    home = stage.run("init", "--key", str(stage.key("administrator")))
    publisher = stage.run(
        "publisher", "add", "--zh", "示范市肿瘤登记中心", "--en", "Example City Tumour Registry", by="administrator"
    )["publisher"]
    firm = stage.run("firm", "add", "Example AI", by="administrator")["firm"]
    steward_key = ""
    for role, organisation in (("steward", publisher), ("approver", publisher), ("licensee", firm), ("auditor", None)):
        public = stage.run("member", "key", str(stage.key(role)))["public"]
        acts_for = () if organisation is None else ("--organisation", organisation)
        stage.run("member", "add", "--name", role, "--role", role, "--public", public, *acts_for, by="administrator")
        steward_key = public if role == "steward" else steward_key
    stage.run("ledger", "credit", firm, "100000", by="administrator")
    return {"firm": firm, "steward_key": steward_key, "log_key": home["log_key"]}


def _agree(stage: Stage, edition: str) -> str:
    """Go from an offer to an agreement signed by both sides; gives its identifier."""
    offer = stage.run(
        *("offer", "make", edition, "--table", "tumor", "--purpose", PURPOSE, "--queries", "100"),
        *("--bytes", "1000000000", "--rows", "1000000", "--per-query-fen", "10", "--per-gb-fen", "5000"),
        by="steward",
    )["offer"]
    statement = "Survival models for a decision aid"
    asked = stage.run("agreement", "request", offer, "--purpose", PURPOSE, "--statement", statement, by="licensee")
    drawn = stage.run("agreement", "approve", asked["request"], by="steward")
    stage.run("agreement", "sign", drawn["agreement"], by="licensee")
    return str(drawn["agreement"])
