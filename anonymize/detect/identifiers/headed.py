"""Values whose word stands elsewhere than right before them: in the heading of a column, or in a heading set wide.

Each is given as its heading with the value behind it, as a record would write it, so that the rules for words and
values need to know of no table: of `住院号,姓名` over `88123456,张三` comes `住院号:88123456`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from anonymize.detect.findings import Finding

_SEPARATORS = tuple(re.compile(sign) for sign in (r"\t", r"\|", ",", ";", "[ ]{2,}", " "))
_HEADING, _LINE = 24, 80
"""Longest heading of a column, and how far a value may be from a wide heading, in characters."""
_HEADS = re.compile(r"[号码期月日卡话机箱信证Qq](?:[ ]{0,3}[:|]|[ ]{1,3}(?=[0-9A-Z]))")
_WIDE = re.compile(
    r"(?<![\u3400-\u9fffA-Za-z])(?:[\u3400-\u9fff]{1,3}[ ]{1,4}|[Qq] ){1,7}"
    r"(?:[\u3400-\u9fff]{0,2}[号码期月日卡话机箱信证]|[Qq])$"
)
"""The last character of a heading, and the heading before it, set wide."""
_INSERT = re.compile(r"\(([^()]{1,2000})\)\s{0,4}VALUES?\s{0,4}\(([^()]{1,4000})\)", re.IGNORECASE)
_NAMES = re.compile(r"[\u3400-\u9fff_]")
"""What headings parted by single blanks hold (tabs are seen as such), and lines of English prose do not."""
_COMMA = re.compile(",")
_DIGIT = re.compile(r"\d")


@dataclass(frozen=True, slots=True)
class Headed:
    """A value from *start* to *end* of a text, and the heading that says what it is."""

    heading: str
    start: int
    end: int

    def written(self, folded: str) -> str:
        """Write heading and value as a record would."""
        return f"{self.heading}:{folded[self.start : self.end]}"

    def back(self, findings: list[Finding], least: float) -> Iterator[Finding]:
        """Give those of *findings* in what was written that a word made sure, where they stand in the text."""
        shift = self.start - len(self.heading) - 1
        for finding in findings:
            if finding.score >= least and finding.start + shift >= self.start:
                yield Finding(finding.start + shift, finding.end + shift, finding.type, finding.score)


def headed(folded: str) -> Iterator[Headed]:
    """Find in *folded* the values that have their heading elsewhere."""
    if "\n" in folded:
        yield from _tables(folded)
    if " " in folded:
        for match in _HEADS.finditer(folded):
            wide = _WIDE.search(folded[max(0, match.start() - _HEADING) : match.start() + 1])
            if wide is None:
                continue
            line = folded.find("\n", match.end(), match.end() + _LINE)
            end = line if line >= 0 else min(len(folded), match.end() + _LINE)
            yield Headed(wide[0].replace(" ", ""), match.end(), end)
    if "VALUE" in folded or "value" in folded:
        for match in _INSERT.finditer(folded):
            yield from _row(folded, _headings(match[1], _COMMA), match.start(2), match[2], _COMMA)


def _tables(folded: str) -> Iterator[Headed]:
    """Take a line of short cells without digits for the headings of the lines below that have as many cells."""
    headings, at = list[str](), 0
    separator = _COMMA
    for line in folded.split("\n"):
        cells = len(separator.findall(line)) + 1 if headings else 0
        if headings and cells == len(headings):
            yield from _row(folded, headings, at, line, separator)
        else:
            headings = []
            for separator in () if len(_DIGIT.findall(line)) > 2 else _SEPARATORS:
                headings = _headings(line, separator)
                if headings:
                    break
        at += len(line) + 1


def _headings(line: str, separator: re.Pattern[str]) -> list[str]:
    """Give the headings of a line, or none if it has but one, or one too long for a heading."""
    cells = [cell.strip(" `\"'\r") for cell in separator.split(line)]
    if len(cells) < 2 or any(len(cell) > _HEADING for cell in cells):
        return []
    return [] if separator.pattern == " " and _NAMES.search(line) is None else cells


def _row(folded: str, headings: list[str], at: int, row: str, separator: re.Pattern[str]) -> Iterator[Headed]:
    """Give the cells of a *row*, which begins *at* some place, that hold a digit, each under its heading."""
    begins = [0, *(match.end() for match in separator.finditer(row))]
    ends = [*(match.start() for match in separator.finditer(row)), len(row)]
    for heading, begin, end in zip(headings, begins, ends, strict=False):
        if heading and _DIGIT.search(row, begin, end):
            yield Headed(heading, at + begin, at + end)
