"""Numbers that are nobody's: orders, laboratory values, codes, public lines, sums."""

from tests.common.corpus.draws import Draws


class Decoys(Draws):
    """Draws what must stay in the text."""

    def order(self) -> str:
        """Draw the number of an order or a case, which is nobody's."""
        return self._pick(
            (
                f"{self._day(2021, 2025):%Y%m%d}{self._digits(8)}",
                self._digits(16),
                self._digits(10),
                self._digits(12),
                self._digits(18),
                f"DD{self._digits(10)}",
                f"{self._day(2021, 2025):%Y%m%d}{self._digits(4)}",
                self._digits(8),
            )
        )

    def day(self) -> str:
        """Draw a day on which something was done, where days are not asked for."""
        return self._date(self._day(2018, 2025))

    def lab(self) -> str:
        """Draw a laboratory value."""
        return self._pick(
            (
                f"{self._draw.uniform(1, 30):.2f}×10^9/L",
                f"{self._draw.randint(60, 180)}g/L",
                f"{self._draw.uniform(3, 20):.1f} mmol/L",
                f"{self._draw.uniform(3, 9):.1f}%",
                f"{self._draw.randint(1000, 99999)} ng/ml",
                f"{self._draw.uniform(0, 1):.3f}ug/L",
                f"{self._draw.randint(100000, 9999999)} IU/ml",
                f"{self._draw.uniform(1, 9):.2f}E+05copies/ml",
            )
        )

    def drugcode(self) -> str:
        """Draw an approval number or a code of a drug (国药准字, ATC)."""
        return self._pick(
            (
                f"国药准字H{self._digits(8, first='2')}",
                f"国药准字Z{self._digits(8, first='1')}",
                f"国药准字S{self._digits(8, first='2')}",
                f"{self._pick('ABCJLMN')}0{self._digits(1)}{self._pick('ABC')}{self._pick('ABC')}{self._digits(2)}",
                f"H{self._digits(8, first='20')}",
            )
        )

    def icd(self) -> str:
        """Draw a code of ICD-10 or ICD-O-3."""
        return self._pick(
            (
                f"C{self._digits(2)}.{self._digits(1)}",
                f"I{self._digits(2)}.{self._digits(1)}00",
                f"M{self._digits(4)}/3",
                f"J{self._digits(2)}.{self._digits(3)}",
                f"Z{self._digits(2)}.{self._digits(1)}",
                f"K{self._digits(2)}.{self._digits(1)}x{self._digits(3)}",
            )
        )

    def stage(self) -> str:
        """Draw the stage of a tumour."""
        return self._pick(
            (
                f"T{self._draw.randint(1, 4)}N{self._draw.randint(0, 3)}M0",
                f"pT{self._draw.randint(1, 4)}aN0M0",
                "ⅢA期",
                "IIB期",
            )
        )

    def hotline(self) -> str:
        """Draw the number of a public service."""
        tail = self._digits(3)
        return self._pick(
            (
                "12345",
                "120",
                "110",
                "119",
                "114",
                "12315",
                "12320",
                "12306",
                "95588",
                "95533",
                "96123",
                "10086",
                "10000",
                "12328",
                "12393",
                f"400-{self._digits(3)}-{self._digits(4)}",
                f"400{self._digits(7)}",
                f"400-{self._digits(4)}-{tail}",
                f"800-{self._digits(3)}-{self._digits(4)}",
                f"95{tail}",
            )
        )

    def pressure(self) -> str:
        """Draw a blood pressure."""
        return f"{self._draw.randint(90, 199)}/{self._draw.randint(50, 110)}mmHg"

    def size(self) -> str:
        """Draw the size of a lesion."""
        a, b, c = (self._draw.uniform(0.5, 9) for _ in range(3))
        return self._pick(
            (f"{a:.1f}cm×{b:.1f}cm", f"{a * 10:.0f}*{b * 10:.0f}*{c * 10:.0f}mm", f"{a:.1f}×{b:.1f}×{c:.1f} cm")
        )

    def area(self) -> str:
        """Draw an area."""
        return self._pick(
            (f"{self._draw.uniform(30, 200):.2f}平方米", f"{self._draw.randint(30, 2000)}㎡", f"{self._digits(5)}亩")
        )

    def small(self) -> str:
        """Draw a small number."""
        return str(self._draw.randint(1, 300))

    def version(self) -> str:
        """Draw the version of a program."""
        return self._pick(
            (f"v{self._small()}.{self._small()}.{self._small()}", f"{self._small()}.{self._small()}.{self._digits(4)}")
        )

    def standard(self) -> str:
        """Draw the number of a standard."""
        return self._pick(
            (
                f"GB/T {self._digits(5)}-{self._draw.randint(2005, 2023)}",
                f"GB {self._digits(4)}-{self._draw.randint(1999, 2021)}",
            )
        )

    def document(self) -> str:
        """Draw the number of an official document."""
        year = self._draw.randint(2010, 2025)
        return self._pick(
            (
                f"渝府发〔{year}〕{self._small()}号",
                f"国发[{year}]{self._small()}号",
                f"({year})渝01民终{self._digits(4)}号",
            )
        )

    def money(self) -> str:
        """Draw a sum."""
        return self._pick(
            (
                f"{self._digits(5)}元",
                f"{self._draw.uniform(1, 300):.2f}万元",
                f"¥{self._draw.uniform(1, 9999):.2f}",
                f"{self._digits(8)}.00元",
            )
        )

    def room(self) -> str:
        """Draw the number of a room."""
        return self._digits(self._pick((3, 4)))

    def flight(self) -> str:
        """Draw a flight."""
        return self._pick(["CA", "MU", "CZ", "3U"]) + self._digits(4)

    def train(self) -> str:
        """Draw a train."""
        return self._pick("GDKZ") + self._digits(self._pick((3, 4)))

    def _small(self) -> int:
        return self._draw.randint(0, 30)
