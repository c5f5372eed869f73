"""Sentences with identifiers, and with numbers that are none, in the forms that people write.

Check digits are those of `python-stdnum`, not of the code under test. Templates are in `numbers/`: those of
`unseen.txt` were written before the rules and are not read for them; those of `build.txt` are.
"""

import random
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from stdnum import luhn
from stdnum.cn import ric, uscc

from tests.common.corpus import further
from tests.common.corpus.decoys import Decoys
from tests.common.corpus.draws import Draws
from tests.common.corpus.further import Further
from tests.common.corpus.sentences import Sentence, fill, written

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
    **further.TYPES,
}
"""Type of what fills a slot; any other slot is a decoy and stays. Dates and ages are found, to be shifted."""
_PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
_REGIONS = [
    "110105",
    "310104",
    "440106",
    "500103",
    "510107",
    "330106",
    "420111",
    "610113",
    "150404",
    "450103",
    "530102",
    "650102",
    "810000",
    "120104",
    "370102",
]
_AREAS = ["010", "021", "022", "023", "028", "027", "0371", "0755", "0571", "0855", "0431", "0891", "0731"]
_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"


class Identifiers(Draws):
    """Draws what must be found."""

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
        n = "1" + self._pick(["3", "5", "7", "8", "9"]) + self._digits(9)
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
        body = self._pick(["622202", "621700", "622848", "621226", "436742", "524094", "955880"])
        body += self._digits(self._pick((16, 18, 19)) - 1 - len(body))
        n = body + luhn.calc_check_digit(body)
        grouped = [n[at : at + 4] for at in range(0, len(n), 4)]
        return self._written((n, 3), (" ".join(grouped), 2), ("-".join(grouped), 1))

    def uscc(self) -> str:
        """Draw a unified social credit code."""
        body = self._pick(["91", "92", "12", "52", "11"]) + self._region()
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
        word = self._pick(["军", "政", "后", "装", "南", "北", "东", "海", "空", "武", "广", "参", "联"])
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
        name = self._pick(
            ["zhangwei", "li.na", "wang_fang", "chen-lei", "service", "tousu", "hr2021", "x.y.z", "liu88"]
        )
        return (
            name
            + self._pick(("", self._digits(3)))
            + "@"
            + self._pick(
                [
                    "qq.com",
                    "163.com",
                    "gov.cn",
                    "mail.cq.gov.cn",
                    "hospital.org.cn",
                    "gmail.com",
                    "edu.cn",
                    "my-company.cn",
                ]
            )
        )

    def wechat(self) -> str:
        """Draw the name of a WeChat account."""
        return self._pick(["wxid_", "Zhang", "lina_", "abc-", "chen"]) + self._digits(self._pick((5, 6, 8)))

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
        host = self._pick(["www.cq.gov.cn", "pan.baidu.com", "yjk.hospital.org.cn", "weibo.com", "example.com.cn"])
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

    def age(self) -> str:
        """Draw an age."""
        return f"{self._draw.randint(1, 99)}{self._pick(('岁', '周岁'))}"

    def _region(self) -> str:
        return self._pick(_REGIONS)


def _ways(draw: random.Random) -> dict[str, Callable[[], str]]:
    """Give the way to fill each slot; `digits8` is eight digits that are nobody's."""
    named = {
        name: getattr(kind(draw), name)
        for kind in (Identifiers, Further, Decoys)
        for name in vars(kind)
        if not name.startswith("_")
    }
    return named | {f"digits{count}": partial(Decoys(draw)._digits, count) for count in range(4, 29)}


def numbered(each: int, seed: int, *, unseen: bool, family: str = "") -> Iterator[Sentence]:
    """Fill each template of one half of a *family* *each* times; `kept` are the decoys.

    Templates of the family `registers_` are hotline messages, forms, tables, records, logs and chats, those of `told_`
    what citizens, nurses and clerks write and say. The halves set aside were written by somebody who had not seen the
    rules (see `known`); those of `told_` that are built on partly after. Numbers that are nobody's stand in them as
    they are.
    """
    ways = _ways(random.Random(seed))
    for template in written(FOLDER / f"{family}{'unseen' if unseen else 'build'}.txt"):
        for _ in range(each):
            yield fill(template, ways, TYPES)
