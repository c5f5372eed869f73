"""Evidence: what was built from what, how, and with which risk, signed; and the check of all that can be checked.

`evidence.json` is `{"body": …, "signature": {"key": …, "value": …}}`. The signature is Ed25519 over the canonical
JSON of the body. A figure is *recomputable* where the Parquet beside it suffices to measure it again, *attested* where
one must believe who signed.
"""

from anonymize.evidence.document import ATTESTED, FILE, FORMAT, RECOMPUTABLE, Evidence, evidence_hash
from anonymize.evidence.figures import describe_file, differences, from_parquet, named, read_profile, sha256
from anonymize.evidence.verifying import Finding, Verification, verify

__all__ = [
    "ATTESTED",
    "FILE",
    "FORMAT",
    "RECOMPUTABLE",
    "Evidence",
    "Finding",
    "Verification",
    "describe_file",
    "differences",
    "evidence_hash",
    "from_parquet",
    "named",
    "read_profile",
    "sha256",
    "verify",
]
