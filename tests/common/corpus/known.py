"""Addresses made of names as they stand in directories: true regions, and roads, estates and works called as many are.

The forms and frames of `addressed/known` were written by somebody who had not seen the rules. What was missed on both
halves was listed once; rules were then made from the half to build on and from the language, not from the other.
"""

from random import Random

from tests.common.corpus.addressed import FOLDER, Parts

KNOWN = "known"
_WORDS = {
    name: words.split()
    for name, _, words in (line.partition(" ") for line in (FOLDER / KNOWN / "words.txt").read_text().splitlines())
}
_SHORT = str.maketrans("", "", "省市区县")
_HAN = "〇一二三四五六七八九"


class Known(Parts):
    """Draws the parts of an address from lists of names."""

    def __init__(self, draw: Random) -> None:
        super().__init__(draw)
        self._where = ["", "", ""]

    def fill(self, form: str) -> str:
        """Fill a form; province, city and county belong together."""
        self._where = self._draw.choice(_WORDS["region"]).split("/")
        return super().fill(form)

    def part(self, name: str) -> str:
        """Draw the part of an address of that *name*."""
        if name in _WORDS:
            return self._draw.choice(_WORDS[name])
        return super().part(name)

    def _part_province(self) -> str:
        return self._where[0]

    def _part_city(self) -> str:
        return self._where[1]

    def _part_county(self) -> str:
        return self._where[2]

    def _part_pshort(self) -> str:
        return self._where[0].removesuffix("省")

    def _part_cshort(self) -> str:
        return self._where[1].removesuffix("市")

    def _part_dshort(self) -> str:
        county = self._where[2]
        return county.translate(_SHORT) if len(county) > 2 else county

    def _part_hroom(self) -> str:
        return "".join(_HAN[int(digit)] for digit in str(self._part_room()))
