"""The check of a folder against its evidence: signature, hashes, and every recomputable figure, from the bytes."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from anonymize.errors import EvidenceError, SourceError
from anonymize.evidence.document import FILE, FORMAT, Evidence
from anonymize.evidence.figures import describe_file, differences, from_parquet, named, read_profile, sha256
from anonymize.evidence.texts import check_texts
from anonymize.signing import verify as verify_signature
from policies import canonical, disclosure

AGAIN = "Get the folder again."
REJECT = "Reject the folder."


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that does not hold: where, what, and what to do."""

    place: str
    found: str
    fix: str


@dataclass(frozen=True, slots=True)
class Verification:
    """What a check of a folder came to."""

    hash: str
    key: str
    signed: bool
    """The signature is that of the key named beside it."""
    trusted: bool | None
    """The key is one of those trusted; None where nobody said whom to trust: integrity only."""
    findings: tuple[Finding, ...]

    @property
    def ok(self) -> bool:
        """Everything holds, and the signer is trusted."""
        return self.signed and self.trusted is True and not self.findings

    def to_dict(self) -> dict[str, Any]:
        """Give what `sluice evidence verify --json` prints."""
        return {
            "ok": self.ok,
            "hash": self.hash,
            "key": self.key,
            "signed": self.signed,
            "trusted": self.trusted,
            "findings": [{"place": f.place, "found": f.found, "fix": f.fix} for f in self.findings],
        }


def verify(directory: Path, trusted: frozenset[str] | None = None) -> Verification:
    """Check the signature, every hash, and every recomputable figure of *directory*, from its bytes.

    Raises:
        EvidenceError: there is no evidence to check.
    """
    evidence = Evidence.read(directory)
    try:
        message = canonical.canonical_json(dict(evidence.body))
        digest = evidence.hash
    except (ValueError, TypeError) as error:
        raise EvidenceError(str(directory / FILE), "has no canonical form", fix="Give the folder as built.") from error
    signed = verify_signature(evidence.key, evidence.signature, message)
    findings: list[Finding] = []
    if not signed:
        findings.append(Finding("signature", "is not that of its key over this body", AGAIN))
    if trusted is not None and evidence.key not in trusted:
        findings.append(
            Finding("signature.key", "is not trusted", "Ask whose key it is; trust it, or reject the folder.")
        )
    try:
        findings += _check(directory, evidence.body)
    except (KeyError, TypeError, ValueError, AttributeError, SourceError, OSError, pa.ArrowException) as error:
        findings.append(Finding("body", f"cannot be compared ({type(error).__name__})", AGAIN))
    return Verification(
        digest, evidence.key, signed, None if trusted is None else evidence.key in trusted, tuple(findings)
    )


def _check(directory: Path, body: Mapping[str, Any]) -> list[Finding]:
    if body.get("format") != FORMAT:
        found = f"is not {FORMAT}, the format this version reads"
        return [Finding("format", found, "Build it again, or check it with the version that built it.")]
    return _check_files(directory, body) or _check_figures(directory, body)


def _check_files(directory: Path, body: Mapping[str, Any]) -> list[Finding]:
    """Compare what is listed with what is there, byte for byte."""
    listed = {entry["path"]: entry for edition in body["editions"].values() for entry in edition["files"]}
    present = {path.relative_to(directory).as_posix() for path in directory.rglob("*") if not path.is_dir()} - {FILE}
    remedy = "Remove it, or get the folder again."
    out = [Finding(path, "is not listed in the evidence", remedy) for path in sorted(present - set(listed))]
    out += [Finding(path, "is missing", AGAIN) for path in sorted(set(listed) - present)]
    for path in sorted(present & set(listed)):
        file = directory / path
        if file.is_symlink():
            out.append(Finding(path, "is a link", "Put the file itself there."))
        elif sha256(file) != listed[path]["sha256"] or file.stat().st_size != listed[path]["bytes"]:
            out.append(Finding(path, "has other bytes than were signed", AGAIN))
    return out


def _check_figures(directory: Path, body: Mapping[str, Any]) -> list[Finding]:
    """Measure every recomputable figure again, and judge it again."""
    out = []
    if canonical.digest(body["plan"]) != body["plan_hash"]:
        out.append(Finding("plan_hash", "is not the hash of the plan", "Reject the folder: it contradicts itself."))
    if sorted(body["plan"]["profiles"]) != sorted(body["editions"]):
        out.append(Finding("editions", "are not those of the plan", REJECT))
    for name, edition in sorted(body["editions"].items()):
        if edition["profile"]["name"] != name:
            out.append(Finding(f"editions.{name}.profile", "is another's", REJECT))
        out += _check_edition(directory, f"editions.{name}", edition, body)
    return out


def _check_edition(directory: Path, place: str, edition: Mapping[str, Any], body: Mapping[str, Any]) -> list[Finding]:
    out = []
    files = [directory / entry["path"] for entry in edition["files"]]
    for entry, file in zip(edition["files"], files, strict=True):
        for name, value in describe_file(directory, file).items():
            if entry[name] != value:
                out.append(Finding(f"{place}.files.{name}", "differs from the file", REJECT))
        if pq.read_schema(file).names != [column["name"] for column in edition["published"]]:
            out.append(Finding(f"{place}.published", "lists other columns than the files hold", REJECT))
    out += _check_labels(files, place, edition, body["trees"])
    out += [Finding(f"{place}.{where}", found, REJECT) for where, found in check_texts(files, edition)]
    again = from_parquet(files, edition)
    out += [
        Finding(f"{place}.risk.from_parquet.{where}", "differs from what the files give", REJECT)
        for where in differences(edition["risk"]["from_parquet"], again.to_dict())
    ]
    measured = again.measured(suppressed_share=edition["suppression"]["rows"] / max(body["source"]["rows"], 1))
    failures = disclosure.judge(
        measured, read_profile(edition["profile"]), tuple(named(edition, "sensitive_attribute"))
    )
    out += [
        Finding(f"{place}.gate: {failure.rule}", f"is {failure.found:.4g}, limit {failure.limit:.4g}", failure.fix)
        for failure in failures
    ]
    return out


def _check_labels(files: list[Path], place: str, edition: Mapping[str, Any], trees: Mapping[str, Any]) -> list[Finding]:
    """Find published labels that stand nowhere in the tree of their column, at the level they are published at."""
    out = []
    for column in edition["published"]:
        if column["level"] is None:
            continue
        name, tree = column["name"], trees[column["name"]]
        level, parents = column["level"], tree["parents"]
        known = set(parents.get(str(level), {})) | set(parents.get(str(level - 1), {}).values())
        shown: set[Any] = set()
        for file in files:
            reader = pq.ParquetFile(file)
            for batch in reader.iter_batches(columns=[name]):
                shown |= {None if value is None else str(value) for value in batch.column(0).unique().to_pylist()}
        if not shown - {None} <= known | ({"*"} if level == tree["levels"] - 1 else set()):
            out.append(Finding(f"{place}.trees.{name}", "lacks a label that the files hold", REJECT))
    return out
