"""Identifiers in rarer forms: plates of consulates and of two regions, papers of service, days of birth in words."""

from tests.common.corpus.draws import Draws

TYPES = {
    "local": "PHONE",
    "specialplate": "PLATE",
    "servicepassport": "PASSPORT",
    "twtravel": "PERMIT",
    "soldier": "OFFICER_CARD",
    "dobhan": "DATE_OF_BIRTH",
    "dobmonth": "DATE_OF_BIRTH",
    "doblunar": "DATE_OF_BIRTH",
    "dobshort": "DATE_OF_BIRTH",
    "birthday": "DATE_OF_BIRTH",
    "latitude": "COORDINATES",
    "longitude": "COORDINATES",
    "degrees": "COORDINATES",
    "s10": "COURIER_NO",
}
_HAN = "〇一二三四五六七八九"
_TENS = ("", "十", "二十", "三十")
_S10_WEIGHTS = (8, 6, 4, 2, 3, 5, 9, 7)
"""Weights of the check digit of S10 (Universal Postal Union)."""


class Further(Draws):
    """Draws what must be found, in forms that few write."""

    def local(self) -> str:
        """Draw a landline number without its area code."""
        return self._digits(8, first=self._pick("2345678"))

    def specialplate(self) -> str:
        """Draw a plate for two regions, of a consulate or of an embassy."""
        return self._pick(
            (
                f"粤Z{self._pick('ABCFM')}{self._digits(3)}{self._pick('港澳')}",
                f"{self._pick('沪粤川')}A{self._digits(4)}领",
                f"{self._digits(6)}使",
                f"使{self._digits(6)}",
            )
        )

    def servicepassport(self) -> str:
        """Draw a passport of service, for public affairs or of a diplomat."""
        return self._pick(("P", "PE", "DE", "SE")) + self._digits(7)

    def twtravel(self) -> str:
        """Draw a permit of residents of the mainland for travel to Taiwan."""
        return self._pick("TL") + self._digits(8)

    def soldier(self) -> str:
        """Draw the number of a card of a sergeant or of civilian staff."""
        return f"{self._pick('士文')}字第{self._digits(self._pick((6, 7, 8)))}号"

    def dobhan(self) -> str:
        """Draw a day of birth in hanzi."""
        day = self._day()
        year = "".join(_HAN[int(digit)] for digit in str(day.year))
        return f"{year}年{_spoken(day.month)}月{_spoken(day.day)}日"

    def dobmonth(self) -> str:
        """Draw a month of birth."""
        return f"{self._day():%Y}年{self._draw.randint(1, 12)}月"

    def doblunar(self) -> str:
        """Draw a day of birth by the moon."""
        month, day = self._pick(("正月", "腊月", "三月", "八月")), self._pick(("初三", "十五", "廿六", "初十"))
        return f"{self._day():%Y}年{month}{day}"

    def dobshort(self) -> str:
        """Draw a day of birth whose year has two digits."""
        day = self._day(1950, 1999)
        return f"{day:%y}年{day.month}月{day.day}日"

    def birthday(self) -> str:
        """Draw a birthday without its year."""
        return f"{self._draw.randint(1, 12)}月{self._draw.randint(1, 28)}日"

    def latitude(self) -> str:
        """Draw a latitude."""
        return f"{self._draw.uniform(20, 45):.{self._pick((4, 5, 6))}f}"

    def longitude(self) -> str:
        """Draw a longitude."""
        return f"{self._draw.uniform(85, 128):.{self._pick((4, 5, 6))}f}"

    def degrees(self) -> str:
        """Draw degrees, minutes and seconds."""
        return f"{self._draw.randint(20, 45)}°{self._draw.randrange(60)}′{self._draw.randrange(60)}″"

    def s10(self) -> str:
        """Draw the number of a parcel of the post."""
        body = self._digits(8)
        rest = 11 - sum(int(digit) * weight for digit, weight in zip(body, _S10_WEIGHTS, strict=True)) % 11
        return f"E{self._pick('ABCEMS')}{body}{ {10: 0, 11: 5}.get(rest, rest) }CN"


def _spoken(number: int) -> str:
    tens, ones = divmod(number, 10)
    tens_spoken = _TENS[tens]
    return tens_spoken + (_HAN[ones] if ones else "")
