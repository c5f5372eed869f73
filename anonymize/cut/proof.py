"""The evidence of a cut, and the check of all of it that its bytes suffice for."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from anonymize.cut.filter import Filter
from anonymize.cut.parent import CutRefused, measured_sensitive
from anonymize.errors import SourceError
from anonymize.evidence import Evidence, Finding, Verification, describe_file, differences, read_profile
from anonymize.risk import Risk, measure
from anonymize.signing import verify as verify_signature
from policies import canonical, disclosure
from policies.cut import CutError, CutSpec
from policies.disclosure import Failure
from policies.profile import Mode

FORMAT = 1
KIND = "cut"
RECOMPUTABLE = ("files", "gate", "published.name", "risk.from_parquet", "spec_hash", "where, in carried columns")
ATTESTED = ("created_at", "inherited", "parent", "risk.after", "subjects", "suppression", "tools")


def from_parquet(files: Sequence[Path], body: Mapping[str, Any]) -> Risk:
    """Measure a cut from its files alone: by token where it carries one, else by rows."""
    named = {
        role: [e["name"] for e in body["published"] if e["role"] == role] for role in ("subject", "quasi_identifier")
    }
    needed = [*named["subject"], *named["quasi_identifier"], *measured_sensitive(body)]
    data: Path | pa.Table = files[0]
    if len(files) > 1 or files[0].suffix != ".parquet":  # a blob is named by its content alone
        parts = [pq.read_table(path, columns=needed or None, partitioning=None) for path in files]
        data = pa.concat_tables(parts)
    return measure(
        data,
        named["quasi_identifier"],
        measured_sensitive(body),
        next(iter(named["subject"]), None),
        whole_sets=Mode.RECORDS.value in body["profile"]["modes"],
    )


def failures_of(risk: Risk, body: Mapping[str, Any]) -> tuple[Failure, ...]:
    """List the thresholds that a cut misses."""
    suppression = body["suppression"]
    share = suppression["rows"] / max(suppression["filtered"], 1)
    profile = read_profile(body["profile"])
    return disclosure.judge(risk.measured(suppressed_share=share), profile, tuple(measured_sensitive(body)))


def check_cut(evidence: Evidence, files: Sequence[Path], trusted: frozenset[str] | None = None) -> Verification:
    """Check the signature of a cut's evidence, the hashes of its *files*, and every recomputable figure."""
    body = evidence.body
    signed = verify_signature(evidence.key, evidence.signature, canonical.canonical_json(dict(body)))
    findings = []
    if not signed:
        findings.append(Finding("signature", "is not that of its key over this body", "Get the cut again."))
    if trusted is not None and evidence.key not in trusted:
        findings.append(Finding("signature.key", "is not trusted", "Ask whose key it is; trust it, or reject the cut."))
    try:
        findings += _check_files(body, files) or _check_figures(body, files)
    except (KeyError, TypeError, ValueError, CutError, CutRefused, SourceError, OSError, pa.ArrowException) as error:
        findings.append(Finding("body", f"cannot be compared ({type(error).__name__})", "Get the cut again."))
    known = None if trusted is None else evidence.key in trusted
    return Verification(evidence.hash, evidence.key, signed, known, tuple(findings))


def _check_files(body: Mapping[str, Any], files: Sequence[Path]) -> list[Finding]:
    if len(files) != len(body["files"]):
        return [Finding("files", "are not as many as the evidence lists", "Get the cut again.")]
    out = []
    for entry, path in zip(body["files"], files, strict=True):
        found = describe_file(path.parent, path)
        out += [
            Finding(f"files.{name}", "differs from the file", "Get the cut again.")
            for name in ("sha256", "bytes", "rows", "row_groups")
            if entry[name] != found[name]
        ]
    return out


def _check_figures(body: Mapping[str, Any], files: Sequence[Path]) -> list[Finding]:
    out = []
    spec = CutSpec.from_dict(body["spec"])
    if body["kind"] != KIND or body["format"] != FORMAT or spec.digest != body["spec_hash"]:
        out.append(Finding("spec", "is not what was hashed", "Reject the cut: it contradicts itself."))
    schema = pq.read_schema(files[0])
    published = [entry["name"] for entry in body["published"]]
    if schema.names != published or tuple(sorted(published)) != spec.columns:
        out.append(Finding("published", "lists other columns than the files hold", "Reject the cut."))
    carried = Filter([item for item in spec.where if item.column in schema.names], schema)
    for path in files:
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(columns=carried.columns or schema.names[:1]):
                if not carried.mask(batch).all():
                    return [*out, Finding("where", "is not fulfilled by every row", "Reject the cut.")]
    again = from_parquet(files, body)
    out += [
        Finding(f"risk.from_parquet.{place}", "differs from what the files give", "Reject the cut.")
        for place in differences(body["risk"]["from_parquet"], again.to_dict())
    ]
    out += [
        Finding(f"gate: {failure.rule}", f"is {failure.found:.4g}, limit {failure.limit:.4g}", failure.fix)
        for failure in failures_of(again, body)
    ]
    return out
