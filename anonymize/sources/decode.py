"""Bytes of a text source brought to UTF-8, while they stream by."""

import codecs
from collections.abc import Iterator

from anonymize.errors import SourceError
from anonymize.sources.faults import lines_in, misencoded

BOM = b"\xef\xbb\xbf"
UTF16 = (b"\xff\xfe", b"\xfe\xff")
MISTAKEN = 16
"""Bytes beyond one per character, from which on valid UTF-8 can no longer be an accident of another encoding."""


def as_utf8(chunks: Iterator[bytes], encoding: str, name: str) -> Iterator[bytes]:
    """Give the text of *chunks* in UTF-8; that UTF-8 is valid is left to the parser, which looks at each cell anyway.

    Raises:
        SourceError: there is a NUL byte, it is UTF-16, or not in the *encoding* that was pinned; says where.
    """
    first, line, offset = next(chunks, b""), 1, 0
    if first.startswith(UTF16):
        raise SourceError(f"{name}, byte 0", "the file is UTF-16", fix="Save it as UTF-8.")
    utf8 = encoding == "utf-8"
    if not utf8 and first.startswith(BOM):
        raise _not_gb18030(name)
    decoder, guard, left = codecs.getincrementaldecoder("gb18030")(), _Utf8Guard(), b""
    chunk: bytes | None = first
    while chunk is not None:
        nul = chunk.find(b"\0")
        if nul >= 0:
            found = f"there is a NUL byte at byte {offset + nul}"
            fix = "Export it again as plain text, or remove the NUL bytes."
            raise SourceError(f"{name}, line {line + lines_in(chunk[:nul])}", found, fix=fix)
        following = next(chunks, None)
        if utf8:
            yield chunk
        else:
            if guard.speaks_for(chunk):
                raise _not_gb18030(name)
            try:
                yield decoder.decode(chunk, following is None).encode()
            except UnicodeDecodeError as error:
                start = offset - len(left)
                raise misencoded(left + chunk, line, start, error.start, encoding, name) from None
            left = decoder.getstate()[0]
        if chunk.endswith(b"\r") and following is not None and following.startswith(b"\n"):
            line -= 1
        line, offset, chunk = line + lines_in(chunk), offset + len(chunk), following


class _Utf8Guard:
    """Notices that a text pinned as GB18030 is UTF-8, which nearly always decodes, to other characters."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._excess, self._valid = 0, True

    def speaks_for(self, chunk: bytes) -> bool:
        """Whether all so far is UTF-8, with too many characters of several bytes for an accident."""
        if self._valid:
            try:
                self._excess += len(chunk) - len(self._decoder.decode(chunk))
            except UnicodeDecodeError:
                self._valid = False
        return self._valid and self._excess >= MISTAKEN


def _not_gb18030(name: str) -> SourceError:
    fix = 'Pin encoding = "utf-8" under [source] in the plan.'
    return SourceError(name, "the file is UTF-8, the plan says gb18030", fix=fix)
