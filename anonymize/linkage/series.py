"""The join by token over a series: what all its datasets say of a subject is that subject's class."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from anonymize.linkage.reading import attach, engine, quote
from anonymize.linkage.renderings import LinkageError, Rendering


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenJoin:
    """What the join came to."""

    k: int
    """Subjects in the smallest class: those of whom all renderings together say the same."""
    subjects: int
    classes: int

    def to_dict(self) -> dict[str, Any]:
        """Give what the evidence holds."""
        return {"k": self.k, "subjects": self.subjects, "classes": self.classes}


def by_token(renderings: Sequence[Rendering]) -> TokenJoin:
    """Measure k of subjects whose rows in all *renderings* are joined by their token.

    A subject's class is its whole set of quasi-identifier tuples over all of them.

    Raises:
        LinkageError: a rendering carries no token, or cannot be read.
    """
    with engine() as connection:
        parts = []
        for number, rendering in enumerate(renderings):
            if rendering.token is None:
                raise LinkageError(rendering.name, "carries no token", fix="Join only editions that publish one.")
            view = f"view_{number}"
            attach(connection, view, rendering.files, rendering.name)
            values = ", ".join(f"CAST({quote(name)} AS VARCHAR)" for name in rendering.quasi_identifiers())
            parts.append(
                f"SELECT CAST({quote(rendering.token)} AS VARCHAR) AS owner,"  # noqa: S608  # quoted names
                f" {number:d} AS rendering, [{values}]::VARCHAR[] AS said FROM {view}"
            )
        if not parts:
            return TokenJoin(k=0, subjects=0, classes=0)
        ((k, subjects, classes),) = connection.execute(
            f"WITH seen AS ({' UNION '.join(parts)}),"  # noqa: S608  # parts are made of quoted names
            " ranked AS (SELECT owner, dense_rank() OVER (ORDER BY rendering, said) AS tuple FROM seen),"
            " owned AS (SELECT owner, list_sort(list(tuple)) AS tuples FROM ranked GROUP BY owner),"
            " class AS (SELECT count(*) AS people FROM owned GROUP BY tuples)"
            " SELECT coalesce(min(people), 0), coalesce(sum(people), 0)::BIGINT, count(*) FROM class"
        ).fetchall()
    return TokenJoin(k=k, subjects=subjects, classes=classes)
