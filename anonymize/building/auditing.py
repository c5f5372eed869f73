"""Free text as written, audited by the second detector: what is left goes into the evidence, and is judged."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from anonymize.building.loading import Loaded
from anonymize.building.scratch import Scratch
from anonymize.errors import GateFailed
from anonymize.residual import METHOD, Figures, Known, KnownBuilder, audit, texts_of
from anonymize.workplace import Progress
from policies.columns import Column, Role, Treatment
from policies.disclosure import judge_texts
from policies.plan import Plan
from policies.profile import Profile

VALUES = 20_000
"""Values of the source hashed at a time."""
STAND_IN = "surrogate"
"""The operator that puts something like what it replaces in its place: the second detector may find that, too."""


def known_of(scratch: Scratch, plan: Plan, loaded: Loaded, tell: Progress) -> Known | None:
    """Hash what identifies somebody in the source: subjects, direct identifiers, and what is scrubbed from texts.

    None where no text is published.
    """
    if not any(column.treatment is Treatment.REDACT for column in plan.published):
        return None
    builder = KnownBuilder()
    for column in plan.columns:
        if column.role in (Role.SUBJECT, Role.DIRECT_IDENTIFIER) or column.scrub is not None:
            cell = loaded.cell(column.name)
            for batch in scratch.batches(f"SELECT DISTINCT {cell} FROM raw WHERE {cell} IS NOT NULL", VALUES):  # noqa: S608  # names of our own
                builder.add(batch.column(0).to_pylist())
            tell(f"hashed the values of {column.name}")
    return builder.done()


def audit_texts(
    files: Sequence[Path], columns: Sequence[Column], profile: Profile, known: Known | None, tell: Progress
) -> dict[str, Any]:
    """Audit every column of text among *columns* in the written *files*; give the figures for the evidence.

    Raises:
        GateFailed: more is left than the profile allows.
    """
    told: dict[str, Any] = {}
    for column in columns:
        if column.treatment is not Treatment.REDACT:
            continue
        name = column.published_as
        figures = audit(texts_of(files, name), known, tell)
        if failures := judge_texts(figures.per_million, name, profile):
            raise GateFailed(failures, f"gate of edition {profile.name!r}")
        told[name] = {
            "method": METHOD,
            **figures.to_dict(),
            "stand_ins": _stand_ins(column, figures),
            "known": {
                "values": {} if known is None else dict(known.values),
                "found": dict(sorted(figures.known.items())),
                "per_million": dict(figures.known_per_million),
            },
        }
    return told


def _stand_ins(column: Column, figures: Figures) -> list[str]:
    """Name the types found that may be what the plan put in the place of others."""
    usual = column.operators.get("*")
    return sorted(kind for kind in figures.findings if column.operators.get(kind, usual) == STAND_IN)
