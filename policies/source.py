"""What a plan expects to be fed: the format, how its text is written, and optionally the very bytes.

Everything that `sniff` guesses can be pinned here, so that a reading never depends on a guess.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from policies.errors import PlanError

FORMATS = ("csv", "parquet", "naaccr", "xlsx")
ENCODINGS = ("utf-8", "gb18030")
TYPES = ("integer", "number", "date", "category", "text")


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """The format of a source and its options; a folder is read as many files of one format."""

    format: str = "csv"
    encoding: str = "utf-8"
    """CSV: `utf-8` (a byte order mark is taken off) or `gb18030`, which holds GBK and GB2312."""
    delimiter: str = ","
    """CSV: one ASCII character."""
    sheet: str | None = None
    """Excel: the name of the sheet; the first where it is not said."""
    sha256: str | None = None
    max_bytes: int | None = None
    """How many bytes the source may unpack to, where it is packed; else a hundred times its size or 1 GiB."""
    types: Mapping[str, str] = field(default_factory=dict)
    """Column → type, where the type that inspection guesses is wrong."""

    def __post_init__(self) -> None:
        if self.format not in FORMATS:
            raise PlanError("source.format", f"{self.format!r} is unknown", fix=f"Use one of: {', '.join(FORMATS)}.")
        if self.encoding not in ENCODINGS:
            raise PlanError("source.encoding", f"{self.encoding!r} is unknown", fix="Use utf-8 or gb18030.")
        if len(self.delimiter) != 1:
            raise PlanError("source.delimiter", "a delimiter is one character", fix="For example ',' or ';'.")
        if not self.delimiter.isascii() or self.delimiter in '"\r\n\0':
            found = "the delimiter is a quote, a line break or no ASCII character"
            raise PlanError("source.delimiter", found, fix="For example ',' or ';'.")
        if self.max_bytes is not None and (not isinstance(self.max_bytes, int) or self.max_bytes <= 0):
            raise PlanError("source.max_bytes", "is no positive whole number", fix="Write the bytes as a number.")
        if not isinstance(self.types, Mapping):
            raise PlanError(
                "source.types", "is no table", fix='Write for example [source.types] and "age" = "integer".'
            )
        for name, kind in self.types.items():
            if kind not in TYPES:
                place = f"source.types, column {name!r}"
                raise PlanError(place, f"type {kind!r} is unknown", fix=f"Use one of: {', '.join(TYPES)}.")
