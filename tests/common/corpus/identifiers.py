"""Sentences with identifiers, and with numbers that are none, in the forms that people write.

Check digits are those of `python-stdnum`, not of the code under test. Templates are in `numbers/`: those of
`unseen.txt` were written before the rules and are not read for them; those of `build.txt` are.
"""

import random
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path

from stdnum import luhn
from stdnum.cn import ric, uscc

from tests.common.corpus.sentences import Sentence

FOLDER = Path(__file__).parent / "numbers"
TYPES = {
    "cn_id": "CN_ID",
    "cn_id15": "CN_ID",
    "mobile": "PHONE",
    "landline": "PHONE",
    "card": "BANK_CARD",
    "uscc": "USCC",
    "plate": "PLATE",
    "passport": "PASSPORT",
    "hkpermit": "PERMIT",
    "twpermit": "PERMIT",
    "officer": "OFFICER_CARD",
    "dob": "DATE_OF_BIRTH",
    "mrn": "MRN",
    "insurance": "INSURANCE_NO",
    "email": "EMAIL",
    "wechat": "WECHAT",
    "qq": "QQ",
    "ip": "IP",
    "mac": "MAC",
    "url": "URL",
    "coords": "COORDINATES",
    "courier": "COURIER_NO",
    "service_date": "DATE",
    "age": "AGE",
}
"""Type of what fills a slot; any other slot is a decoy and stays. Dates and ages are found to be shifted, not removed."""
_PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
_REGIONS = (
    "110105 310104 440106 500103 510107 330106 420111 610113 150404 450103 530102 650102 810000 120104 370102".split()
)
_AREAS = "010 021 022 023 028 027 0371 0755 0571 0855 0431 0891 0731".split()
_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"


class Numbers:
    """Draws identifiers and decoys."""

    def __init__(self, draw: random.Random) -> None:
        self._draw = draw

    def ways(self) -> dict[str, Callable[[], str]]:
        """Give the way to fill each slot: the method of its name."""
        return {name: getattr(self, name) for name in vars(Numbers) if not name.startswith("_") and name != "ways"}

    def cn_id(self) -> str:
        """Draw a resident ID: plain, grouped, or with a small x."""
        body = self._region() + f"{self._day():%Y%m%d}" + self._digits(3)
        number = body + ric.calc_check_digit(body + "0")
        return self._written(
            (number, 5),
            (f"{number[:6]} {number[6:14]} {number[14:]}", 1),
            (number.lower(), 1),
            (f"{number[:6]}-{number[6:14]}-{number[14:]}", 1),
        )

    def cn_id15(self) -> str:
        """Draw a resident ID of the old form."""
        return self._region() + f"{self._day(1930, 1985):%y%m%d}" + self._digits(3)

    def mobile(self) -> str:
        """Draw a mobile number."""
        n = "1" + self._pick("3 5 7 8 9".split()) + self._digits(9)
        return self._written(
            (n, 5),
            (f"+86{n}", 1),
            (f"+86 {n[:3]} {n[3:7]} {n[7:]}", 1),
            (f"{n[:3]}-{n[3:7]}-{n[7:]}", 1),
            (f"{n[:3]} {n[3:7]} {n[7:]}", 1),
            (f"0086{n}", 1),
            (f"86-{n}", 1),
        )

    def landline(self) -> str:
        """Draw a landline number with its area code."""
        area, n = self._pick(_AREAS), str(self._draw.randint(2, 8)) + self._digits(6)
        n += self._digits(1) if len(area) == 3 else ""
        return self._written(
            (f"{area}-{n}", 4),
            (f"{area}{n}", 1),
            (f"({area}){n}", 1),
            (f"{area} {n}", 1),
            (f"（{area}）{n}", 1),
            (f"{area}-{n}-{self._digits(3)}", 1),
            (f"{area}-{n}转{self._digits(3)}", 1),
            (f"+86-{area[1:]}-{n}", 1),
        )

    def card(self) -> str:
        """Draw a bank card of 16 to 19 digits."""
        body = self._pick("622202 621700 622848 621226 436742 524094 955880".split())
        body += self._digits(self._pick((16, 18, 19)) - 1 - len(body))
        n = body + luhn.calc_check_digit(body)
        grouped = [n[at : at + 4] for at in range(0, len(n), 4)]
        return self._written((n, 3), (" ".join(grouped), 2), ("-".join(grouped), 1))

    def uscc(self) -> str:
        """Draw a unified social credit code."""
        body = self._pick("91 92 12 52 11".split()) + self._region()
        body += "".join(self._pick(uscc._alphabet) for _ in range(9))
        return self._written((body + uscc.calc_check_digit(body), 1))

    def plate(self) -> str:
        """Draw a number plate, new energy and special ones among them."""
        head, letter = self._pick(_PROVINCES) + self._pick("ABCDEF"), self._pick("ABCDEFGHJK")
        return self._written(
            (head + self._digits(5), 3),
            (head + letter + self._digits(4), 2),
            (f"{head}·{letter}{self._digits(4)}", 1),
            (head + self._pick("DF") + self._digits(5), 2),
            (head + self._digits(5) + "D", 1),
            (head + self._digits(2) + letter + self._digits(2), 1),
            (head + self._digits(4) + self._pick("警学挂"), 1),
        )

    def passport(self) -> str:
        """Draw a passport number."""
        return self._written(
            ("E" + self._digits(8), 2),
            ("E" + self._pick(_LETTERS[:8]) + self._digits(7), 2),
            ("G" + self._digits(8), 1),
        )

    def hkpermit(self) -> str:
        """Draw a permit for travel between the mainland and Hong Kong or Macau."""
        return self._written(
            (self._pick("HM") + self._digits(8), 2),
            (self._pick("HM") + self._digits(10), 1),
            ("C" + self._digits(8), 1),
            ("C" + self._pick("ABCDEFG") + self._digits(7), 1),
        )

    def twpermit(self) -> str:
        """Draw a permit for travel from Taiwan."""
        return self._written((self._digits(8, first="0"), 1), (self._digits(10, first="0"), 1))

    def officer(self) -> str:
        """Draw the number of an officer's card."""
        word = self._pick("军 政 后 装 南 北 东 海 空 武 广 参 联".split())
        return self._written((f"{word}字第{self._digits(8, first='0')}号", 3), (f"{word}字第{self._digits(7)}号", 1))

    def dob(self) -> str:
        """Draw a day of birth."""
        return self._date(self._day(1931, 2019))

    def service_date(self) -> str:
        """Draw a day on which something was done."""
        return self._date(self._day(2019, 2025))

    def mrn(self) -> str:
        """Draw the number of a record."""
        return self._written(
            (self._digits(8), 2),
            (self._digits(10), 1),
            ("ZY" + self._digits(8), 1),
            ("M" + self._digits(7), 1),
            (f"{self._draw.randint(2015, 2025)}-{self._digits(5)}", 1),
            ("000" + self._digits(6), 1),
        )

    def insurance(self) -> str:
        """Draw a number of medical or social insurance."""
        return self._written(
            (self._pick(_LETTERS) + self._digits(8), 1),
            (self._digits(9), 1),
            (self._digits(10), 1),
            (self._digits(12), 1),
        )

    def email(self) -> str:
        """Draw an e-mail address."""
        name = self._pick("zhangwei li.na wang_fang chen-lei service tousu hr2021 x.y.z liu88".split())
        return (
            name
            + self._pick(("", self._digits(3)))
            + "@"
            + self._pick("qq.com 163.com gov.cn mail.cq.gov.cn hospital.org.cn gmail.com edu.cn my-company.cn".split())
        )

    def wechat(self) -> str:
        """Draw the name of a WeChat account."""
        return self._pick("wxid_ Zhang lina_ abc- chen".split()) + self._digits(self._pick((5, 6, 8)))

    def qq(self) -> str:
        """Draw a QQ number."""
        return self._digits(self._pick((6, 8, 9, 10)), first=self._pick("123456789"))

    def ip(self) -> str:
        """Draw an IP address, of either version."""
        quad = ".".join(str(self._draw.randint(1, 254)) for _ in range(4))
        six = ":".join(f"{self._draw.randrange(1, 65536):x}" for _ in range(8))
        short = f"2001:db8::{self._draw.randrange(1, 65536):x}:{self._draw.randrange(1, 65536):x}"
        return self._written((quad, 4), (six, 1), (short, 1), wide=False)

    def mac(self) -> str:
        """Draw a hardware address."""
        pairs = [f"{self._draw.randrange(256):02x}" for _ in range(6)]
        return self._pick((":".join(pairs), "-".join(pairs).upper(), ":".join(pairs).upper()))

    def url(self) -> str:
        """Draw the address of a page."""
        host = self._pick("www.cq.gov.cn pan.baidu.com yjk.hospital.org.cn weibo.com example.com.cn".split())
        path = self._pick(
            ("", "/", f"/s/1{self._digits(6)}", f"/a/b.html?id={self._digits(4)}&k=v", f"/u/{self._digits(8)}")
        )
        return self._pick(("https://", "http://", "" if host.startswith("www") else "https://")) + host + path

    def coords(self) -> str:
        """Draw a place on earth."""
        east, north = self._draw.uniform(100, 122), self._draw.uniform(22, 41)
        return self._pick(
            (
                f"{east:.6f},{north:.6f}",
                f"{north:.5f}, {east:.5f}",
                f"东经{east:.4f}°，北纬{north:.4f}°",
                f"{north:.4f}°N {east:.4f}°E",
                f"北纬{int(north)}°{self._draw.randrange(60)}′{self._draw.randrange(60)}″，东经{int(east)}°{self._draw.randrange(60)}′{self._draw.randrange(60)}″",
            )
        )

    def courier(self) -> str:
        """Draw the number of a parcel."""
        return self._written(
            ("SF" + self._digits(13), 2),
            ("YT" + self._digits(13), 1),
            ("JD" + self._digits(13), 1),
            (self._digits(12), 1),
            (self._digits(13), 1),
            ("JT" + self._digits(13), 1),
        )

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
                f"H{self._digits(8, first='2')}",
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

    def age(self) -> str:
        """Draw an age."""
        return f"{self._draw.randint(1, 99)}{self._pick(('岁', '周岁'))}"

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
        return self._pick("CA MU CZ 3U".split()) + self._digits(4)

    def train(self) -> str:
        """Draw a train."""
        return self._pick("GDKZ") + self._digits(self._pick((3, 4)))

    def _small(self) -> int:
        return self._draw.randint(0, 30)

    def _region(self) -> str:
        return self._pick(_REGIONS)

    def _day(self, first: int = 1935, last: int = 2018) -> date:
        return date(first, 1, 1) + timedelta(self._draw.randrange((last - first + 1) * 365))

    def _date(self, day: date) -> str:
        plain = (day.year, day.month, day.day)
        return self._written(
            ("{}年{}月{}日".format(*plain), 4),
            (f"{day:%Y-%m-%d}", 3),
            (f"{day:%Y/%m/%d}", 1),
            ("{}.{}.{}".format(*plain), 1),
            (f"{day:%Y%m%d}", 1),
            (f"{day:%Y年%m月%d日}", 1),
        )

    def _digits(self, count: int, first: str | None = None) -> str:
        head = str(self._draw.randint(1, 9)) if first is None else first
        return head + "".join(self._pick("0123456789") for _ in range(count - len(head)))

    def _pick(self, among):
        return self._draw.choice(among)

    def _written(self, *forms: tuple[str, int], wide: bool = True) -> str:
        """Draw one of the weighted *forms*; one in twelve is typed full-width."""
        text = self._draw.choices([form for form, _ in forms], [weight for _, weight in forms])[0]
        if wide and self._draw.random() < 1 / 12:
            return "".join(chr(ord(char) + 0xFEE0) if char.isascii() and char.isalnum() else char for char in text)
        return text


def numbered(each: int, seed: int, *, unseen: bool) -> Iterator[Sentence]:
    """Fill each template of one half *each* times; `kept` are the decoys."""
    ways = Numbers(random.Random(seed)).ways()
    for template in (FOLDER / f"{'unseen' if unseen else 'build'}.txt").read_text().splitlines():
        for _ in range(each):
            text, spans, kept = "", [], []
            for number, part in enumerate(template.replace("}", "{").split("{")):
                value = ways[part]() if number % 2 else part
                place = (len(text), len(text) + len(value))
                if number % 2 and part in TYPES:
                    spans.append((*place, TYPES[part]))
                elif number % 2:
                    kept.append(place)
                text += value
            yield Sentence(text, tuple(spans), tuple(kept))
