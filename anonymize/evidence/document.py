"""The signed document: a body, who signed it, and the file it rests in."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from anonymize.errors import EvidenceError
from anonymize.signing import Signer
from policies import canonical

FORMAT = 2
FILE = "evidence.json"
RECOMPUTABLE = ("files", "gate", "plan_hash", "published.name", "residual", "risk.from_parquet", "trees")
ATTESTED = (
    "created_at",
    "join",
    "keys",
    "node",
    "objections",
    "previous",
    "quality",
    "residual.known",
    "residual.stand_ins",
    "risk.after",
    "risk.before",
    "search",
    "series",
    "source",
    "standardised",
    "suppression",
    "text_removals",
    "tools",
)
"""Where a name is not that of a member of the body, it is one of each edition's."""


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
