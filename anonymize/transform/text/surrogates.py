"""Invented identifiers in the form of those replaced: of ranges that nobody is given, or with a wrong check digit.

Nobody can be reached or found by one. Where a type has no such range (hospital numbers, chat names) the form is kept,
and the caller sees to it that no value of the source comes out.
"""

import re
from collections.abc import Callable, Mapping

from anonymize.detect.fold import fold
from anonymize.detect.identifiers.checksums import is_luhn, is_resident_id, is_uscc
from anonymize.transform.text.drawing import Draw
from anonymize.transform.text.places import address, location
from anonymize.transform.text.taken import Taken

PERSON = "PERSON"
TRIES = 50
Make = Callable[[Draw, str], str | None]
"""Gives a stand-in for a folded value, or none where its form is not known."""


def stand_in(key: bytes, whose: str, kind: str, value: str, taken: Taken) -> str | None:
    """Give what takes the place of *value* in the texts of *whose*; none where nothing can be invented for it."""
    make, folded = MADE.get(kind), fold(value)
    if make is None or (make in _OF_DIGITS and any(char.isalpha() and char not in "Xx" for char in folded)):
        return None  # a number with words beside it: they would be left standing
    meant = "".join(char for char in folded if char.isalnum()).lower()
    for number in range(TRIES):
        made = make(Draw(key, kind, whose, meant, str(number)), folded)
        if made is None or (made != folded and made not in taken):
            return made
    return None


def _digits(value: str) -> str:
    return "".join(char for char in value if char.isdigit())


def _written(digits: str, like: str) -> str:
    """Write *digits* as those of *like* are grouped."""
    rest = iter(digits)
    return "".join(next(rest, "") if char.isdigit() else char for char in like)


def _phone(draw: Draw, value: str) -> str | None:
    """Give a number that no network assigns.

    China: mobile numbers begin with 13 to 19 and area codes with 010 or 02 to 09 (telephone network numbering plan,
    MIIT 2017), local ones with 2 to 9. North America: area codes N9X are kept for later, and 555-01XX is for fiction.
    """
    digits = _digits(value)
    if re.match(r"\+?1[ .\-(]", value) or (len(digits) == 10 and digits[0] != "0"):
        lead = digits[:-10]
        made = f"{lead}{2 + draw.below(8)}9{draw.below(10)}55501{draw.digits(2)}"
    else:
        lead = next((code for code in ("0086", "86") if digits.startswith(code) and len(digits) - len(code) >= 9), "")
        local = digits[len(lead) :]
        if len(local) < 5:
            made = lead + draw.digits(len(local))
        elif local[0] == "1":
            made = f"{lead}12{draw.digits(len(local) - 2)}"
        elif local[0] == "0" or (lead and len(local) > 8):
            # 0 is left out behind the country code
            area = "01" if local[0] == "0" else "1"
            made = f"{lead}{area}9{draw.digits(len(local) - len(area) - 1)}"
        else:
            made = f"{lead}1{draw.digits(len(local) - 1)}"
    return _written(made, value)


def _resident_id(draw: Draw, value: str) -> str | None:
    """Give a number of a region that is none (GB/T 2260 has no 90), whose check character is wrong (GB 11643)."""
    signs = [char for char in value if char.isdigit() or char in "Xx"]
    day = f"{1940 + draw.below(60)}{1 + draw.below(12):02}{1 + draw.below(28):02}"
    body = "90" + draw.digits(4) + (day + draw.digits(3) if len(signs) > 15 else day[2:] + draw.digits(3))
    made = next(made for check in "0123456789" if not is_resident_id(made := body + check))
    rest = iter(made)
    return "".join(next(rest, "") if char.isdigit() or char in "Xx" else char for char in value)


def _card(draw: Draw, value: str) -> str | None:
    """Give a card number that begins with 0 (ISO/IEC 7812: for ISO itself) and fails Luhn's check."""
    body = "0" + draw.digits(max(len(_digits(value)) - 2, 0))
    return _written(next(made for check in "01" if not is_luhn(made := body + check)), value)


def _uscc(draw: Draw, value: str) -> str | None:
    """Give a code whose check character is wrong (GB 32100)."""
    body = "91900000" + draw.digits(9)
    return next(made for check in "01" if not is_uscc(made := body + check))


def _plate(draw: Draw, value: str) -> str | None:
    """Give a plate with the letter I, which plates do not have (GA 36)."""
    return f"{draw.of('京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼')}I{_shaped(draw, value[2:])}"


def _passport(draw: Draw, value: str) -> str | None:
    """Give a number with the letter I behind the first, which passports do not have."""
    return f"EI{draw.digits(max(len(value) - 2, 1))}"


def _permit(draw: Draw, value: str) -> str | None:
    """Give a number that begins with X, as no permit does."""
    return f"X{draw.digits(max(len(_digits(value)), 1))}"


def _email(draw: Draw, value: str) -> str | None:
    """Give a mailbox of a domain for examples (RFC 2606)."""
    return f"user{draw.digits(6)}@example.{draw.of(('com', 'net', 'org'))}"


def _url(draw: Draw, value: str) -> str | None:
    """Give a page of a domain for examples (RFC 2606)."""
    scheme = value.partition("://")[0] if "://" in value else "https"
    return f"{scheme}://example.{draw.of(('com', 'net', 'org'))}/{draw.digits(6)}"


def _ip(draw: Draw, value: str) -> str | None:
    """Give an address for documentation (RFC 5737, RFC 3849)."""
    if ":" in value:
        return f"2001:db8::{draw.below(1 << 16):x}:{draw.below(1 << 16):x}"
    return f"{draw.of(('192.0.2', '198.51.100', '203.0.113'))}.{1 + draw.below(254)}"


def _mac(draw: Draw, value: str) -> str | None:
    """Give an address for documentation (RFC 7042)."""
    return ("-" if "-" in value else ":").join(["00", "00", "5E", "00", "53", f"{draw.below(256):02X}"])


def _ssn(draw: Draw, value: str) -> str | None:
    """Give a number of area 000, which was never assigned (20 CFR 422.103)."""
    return _written("000" + draw.digits(max(len(_digits(value)) - 3, 0)), value)


def _iban(draw: Draw, value: str) -> str | None:
    """Give an account of XX, which is no country (ISO 3166), with check digits that cannot be (ISO 13616: 02 to 98)."""
    body = [char for char in value if char.isalnum()]
    return "XX00" + draw.digits(max(len(body) - 4, 1))


def _shaped(draw: Draw, value: str) -> str:
    """Give digits for digits, letters for letters in their case, and all else as it stands."""
    signs = []
    for char in value:
        if char.isdigit():
            signs.append(str(draw.below(10)))
        elif char.isalpha():
            letter = draw.of("abcdefghjkmnpqrstuvwxyz")
            signs.append(letter.upper() if char.isupper() else letter)
        else:
            signs.append(char)
    return "".join(signs)


_OF_DIGITS = frozenset({_phone, _resident_id, _card, _ssn})
"""Makers that exchange digits and leave all else."""
MADE: Mapping[str, Make] = {
    "ADDRESS": address,
    "BANK_CARD": _card,
    "CN_ID": _resident_id,
    "COURIER_NO": _shaped,
    "DRIVER_LICENSE": _shaped,
    "EMAIL": _email,
    "IBAN": _iban,
    "INSURANCE_NO": _shaped,
    "IP": _ip,
    "LOCATION": location,
    "MAC": _mac,
    "MRN": _shaped,
    "NUMBER": _shaped,
    "PASSPORT": _passport,
    "PERMIT": _permit,
    "PHONE": _phone,
    "PLATE": _plate,
    "QQ": _shaped,
    "SSN": _ssn,
    "URL": _url,
    "USCC": _uscc,
    "WECHAT": _shaped,
}
"""What is invented for each type; persons are cast (see `people`)."""
