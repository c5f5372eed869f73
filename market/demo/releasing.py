"""From a raw table to a published release: inspect, build, describe, propose, approve by a second person, publish."""

from dataclasses import dataclass
from pathlib import Path

from market.demo.canaries import Canary, read
from market.demo.exhibits import Exhibit
from market.demo.stage import Stage


@dataclass(frozen=True, slots=True)
class Raw:
    """A raw source and what is planted in it; both lie outside all that the product writes."""

    path: Path
    canaries: tuple[Canary, ...]
    attribution: str


@dataclass(frozen=True, slots=True)
class Released:
    """A published release and its figures."""

    exhibit: Exhibit
    raw: Raw
    release: str
    editions: dict[str, str]
    figures: dict[str, str]


def release(stage: Stage, exhibit: Exhibit, folder: Path, *, steward_key: str, strict: bool) -> Released:
    """Take *exhibit* all the way; *strict*, what must not be possible on the way is tried as well."""
    raw = _raw(stage, exhibit, folder)
    if exhibit.inspected:
        _inspect(stage, exhibit, raw)
    built = stage.folder / f"built-{exhibit.dataset}"
    made = stage.run("build", str(exhibit.plan_path), str(raw.path), "-o", str(built), by=exhibit.steward)
    figures = {}
    editions = made["body"]["editions"]
    for profile, told in sorted(editions.items(), key=lambda item: int(item[1]["profile"]["minimum_class_size"])):
        before, after, rows = told["risk"]["before"], told["risk"]["after"], told["suppression"]["rows"]
        figures[profile] = f"{after['rows']:,} rows, smallest class {before['k']} → {after['k']}"
        stage.say(f"{profile:10} {figures[profile]}, {rows:,} suppressed; attacks: {made['body']['attacks']}")
    stage.say(f"held together, the smallest class anybody can single out is {made['body']['join']['k']}")
    stage.run("evidence", "verify", str(built), "--trust", steward_key)
    described = ("--theme", exhibit.theme, "--legal-basis", "Demonstration", "--contact", "data@example.org")
    cited = ("--citation", raw.attribution) if raw.attribution else ()
    stage.run("dataset", "add", exhibit.dataset, *exhibit.description, *described, *cited, by=exhibit.steward)
    proposed = stage.run("release", "propose", str(built), by=exhibit.steward)
    number = str(proposed["release"])
    if strict:
        stage.refused("release", "publish", number, by=exhibit.steward)
        stage.refused("release", "approve", number, by=exhibit.steward)
    stage.run("release", "approve", number, by="approver")
    if strict:
        stage.refused("release", "publish", number, by=exhibit.steward)
    stage.run("dataset", "register", exhibit.dataset, "--number", exhibit.registration, by=exhibit.steward)
    stage.run("release", "publish", number, by=exhibit.steward)
    return Released(exhibit, raw, number, dict(proposed["editions"]), figures)


def _raw(stage: Stage, exhibit: Exhibit, folder: Path) -> Raw:
    path, listed = folder / "raw" / exhibit.file, folder / "planted" / f"{exhibit.dataset}.jsonl"
    for made_here in (path.parent, listed.parent):
        made_here.mkdir(exist_ok=True)
    facts = exhibit.write_source(path, listed)
    stage.say(f"{facts.statement} {facts.rows:,} rows, {facts.canaries} canaries planted.")
    return Raw(path, tuple(read(listed)), facts.attribution)


def _inspect(stage: Stage, exhibit: Exhibit, raw: Raw) -> None:
    proposal = stage.folder / f"proposed-{exhibit.plan}"
    found = stage.run("inspect", str(raw.path), "-o", str(proposal), "--dataset", exhibit.dataset)
    for kind, count in found["findings"].items():
        stage.say(f"{count:>6,} distinct values with {kind}")
    stage.say(f"the proposal is a beginning; the plan was written with care: market/demo/plans/{exhibit.plan}")
