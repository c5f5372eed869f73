"""Evidence: what was built from what, how, and with which risk, signed; and the check of all that can be checked.

`evidence.json` is `{"body": …, "signature": {"key": …, "value": …}}`. The signature is Ed25519 over the canonical
JSON of the body. A figure is *recomputable* where the Parquet beside it suffices to measure it again, *attested* where
one must believe who signed.
"""

import hashlib
import json
import math
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import pyarrow as pa
import pyarrow.parquet as pq

from anonymize.errors import EvidenceError, SourceError
from anonymize.risk import measure
from anonymize.signing import Signer
from anonymize.signing import verify as verify_signature
from policies import canonical, disclosure
from policies.profile import Mode, Profile

FORMAT = 1
FILE = "evidence.json"
RECOMPUTABLE = ("files", "published.name", "risk.from_parquet", "gate", "plan_hash")
ATTESTED = (
    "created_at",
    "keys",
    "node",
    "risk.after",
    "risk.before",
    "search",
    "source",
    "suppression",
    "text_removals",
    "tools",
)


def evidence_hash(body: Mapping[str, Any]) -> str:
    """Give the hash that approvals sign: SHA-256 of the canonical body, hex."""
    return canonical.digest(dict(body))


@dataclass(frozen=True, slots=True)
class Evidence:
    """A body and who signed it."""

    body: Mapping[str, Any]
    key: str
    """Public key, base64."""
    signature: str
    """Over the canonical JSON of the body, base64."""

    @classmethod
    def sign(cls, body: Mapping[str, Any], signer: Signer) -> Self:
        """Sign *body* as it will be read back: as plain JSON."""
        plain = json.loads(canonical.canonical_json(dict(body)))
        return cls(plain, signer.public, signer.sign(canonical.canonical_json(plain)))

    @classmethod
    def read(cls, directory: Path) -> Self:
        """Read `evidence.json` in *directory*, without judging it.

        Raises:
            EvidenceError: it is missing, or has another form.
        """
        path = directory / FILE
        try:
            raw = json.loads(path.read_bytes())
            return cls(dict(raw["body"]), str(raw["signature"]["key"]), str(raw["signature"]["value"]))
        except OSError as error:
            raise EvidenceError(str(path), "cannot be read", fix="Give the folder that was built.") from error
        except (ValueError, KeyError, TypeError) as error:
            raise EvidenceError(str(path), "is no evidence", fix="Give the folder as it was built.") from error

    @property
    def hash(self) -> str:
        """The hash of the body."""
        return evidence_hash(self.body)

    def to_dict(self) -> dict[str, Any]:
        """Give the object in the file."""
        return {"body": dict(self.body), "signature": {"key": self.key, "value": self.signature}}

    def write(self, directory: Path) -> None:
        """Write `evidence.json` into *directory* and wait until it rests on the disk."""
        with (directory / FILE).open("w", encoding="utf-8") as file:
            json.dump(self.to_dict(), file, ensure_ascii=False, indent=1, sort_keys=True)
            file.write("\n")
            file.flush()
            os.fsync(file.fileno())


def describe_file(root: Path, path: Path) -> dict[str, Any]:
    """Give the relative path, hash, size, rows and row groups of a Parquet file."""
    meta = pq.read_metadata(path)
    return {
        "path": path.relative_to(root).as_posix(),
        "sha256": sha256(path),
        "bytes": path.stat().st_size,
        "rows": meta.num_rows,
        "row_groups": meta.num_row_groups,
    }


def sha256(path: Path) -> str:
    """Hash a file, hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


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
        findings.append(Finding("signature", "is not that of its key over this body", "Get the folder again."))
    if trusted is not None and evidence.key not in trusted:
        findings.append(
            Finding("signature.key", "is not trusted", "Ask whose key it is; trust it, or reject the folder.")
        )
    try:
        findings += _check_files(directory, evidence.body) or _check_figures(directory, evidence.body)
    except (KeyError, TypeError, ValueError, AttributeError, SourceError, OSError, pa.ArrowException) as error:
        findings.append(Finding("body", f"cannot be compared ({type(error).__name__})", "Get the folder again."))
    return Verification(
        digest, evidence.key, signed, None if trusted is None else evidence.key in trusted, tuple(findings)
    )


def _check_files(directory: Path, body: Mapping[str, Any]) -> list[Finding]:
    """Compare what is listed with what is there, byte for byte."""
    listed = {entry["path"]: entry for entry in body["files"]}
    present = {path.relative_to(directory).as_posix() for path in directory.rglob("*") if not path.is_dir()} - {FILE}
    remedy = "Remove it, or get the folder again."
    out = [Finding(path, "is not listed in the evidence", remedy) for path in sorted(present - set(listed))]
    out += [Finding(path, "is missing", "Get the folder again.") for path in sorted(set(listed) - present)]
    for path in sorted(present & set(listed)):
        file = directory / path
        if file.is_symlink():
            out.append(Finding(path, "is a link", "Put the file itself there."))
        elif sha256(file) != listed[path]["sha256"] or file.stat().st_size != listed[path]["bytes"]:
            out.append(Finding(path, "has other bytes than were signed", "Get the folder again."))
    return out


def _check_figures(directory: Path, body: Mapping[str, Any]) -> list[Finding]:
    """Measure every recomputable figure again, and judge it again."""
    out = []
    if canonical.digest(body["plan"]) != body["plan_hash"]:
        out.append(Finding("plan_hash", "is not the hash of the plan", "Reject the folder: it contradicts itself."))
    for entry in body["files"]:
        for name, value in describe_file(directory, directory / entry["path"]).items():
            if entry[name] != value:
                out.append(Finding(f"files.{name}", "differs from the file", "Reject the folder."))
    table = pa.concat_tables([pq.read_table(directory / entry["path"], partitioning=None) for entry in body["files"]])
    if table.column_names != [column["name"] for column in body["published"]]:
        out.append(Finding("published", "lists other columns than the files hold", "Reject the folder."))
    again = from_parquet(table, body)
    out += [
        Finding(f"risk.from_parquet.{place}", "differs from what the files give", "Reject the folder.")
        for place in differences(body["risk"]["from_parquet"], again.to_dict())
    ]
    profile = read_profile(body["profile"])
    measured = again.measured(suppressed_share=body["suppression"]["rows"] / max(body["source"]["rows"], 1))
    failures = disclosure.judge(measured, profile, tuple(_named(body, "sensitive_attribute")))
    out += [
        Finding(f"gate: {failure.rule}", f"is {failure.found:.4g}, limit {failure.limit:.4g}", failure.fix)
        for failure in failures
    ]
    return out


def from_parquet(table: pa.Table, body: Mapping[str, Any]) -> Any:
    """Measure risk from the published columns alone: by token where one is published, else by rows."""
    subject = next(iter(_named(body, "subject")), None)
    sets = Mode.RECORDS.value in body["profile"]["modes"]
    return measure(
        table, _named(body, "quasi_identifier"), _named(body, "sensitive_attribute"), subject, whole_sets=sets
    )


def read_profile(raw: Mapping[str, Any]) -> Profile:
    """Read the thresholds that a body cites."""
    return Profile(**{**raw, "modes": tuple(Mode(mode) for mode in raw["modes"])})


def differences(told: Any, found: Any, place: str = "") -> list[str]:
    """List where two JSON values differ; numbers may differ by 1e-9 of their size, as sums in another order do."""
    if isinstance(told, Mapping) and isinstance(found, Mapping):
        return [
            where
            for key in sorted({*told, *found})
            for where in (
                differences(told[key], found[key], f"{place}.{key}".strip("."))
                if key in told and key in found
                else [f"{place}.{key}".strip(".")]
            )
        ]
    if isinstance(told, float | int) and isinstance(found, float | int):
        return [] if math.isclose(told, found, rel_tol=1e-9, abs_tol=1e-12) else [place]
    return [] if told == found else [place]


def _named(body: Mapping[str, Any], role: str) -> list[str]:
    return [column["name"] for column in body["published"] if column["role"] == role]
