"""The parts of an evidence body that pages read, of its first format as of the present one."""

from collections.abc import Mapping
from typing import Any

Body = Mapping[str, Any]


def editions_in(body: Body) -> dict[str, Body]:
    """Give what a body tells of each edition, the finest first; the first format told of one alone."""
    told = body["editions"] if "editions" in body else {body["edition"]: body}
    return dict(sorted(told.items(), key=lambda item: (item[1]["profile"]["minimum_class_size"], item[0])))


def rows_of(edition: Body) -> int:
    """Count the rows of an edition."""
    return sum(int(file["rows"]) for file in edition["files"])


def bytes_of(edition: Body) -> int:
    """Count the bytes of an edition."""
    return sum(int(file["bytes"]) for file in edition["files"])
