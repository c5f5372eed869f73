"""Check digits and number structures of Chinese identifiers, each by its standard."""

import re
from datetime import date

_PROVINCES_TEXT = (
    "11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65 71 81 82 83"
)
PROVINCES = frozenset(_PROVINCES_TEXT.split())
"""First two digits of GB/T 2260 codes; 83 is given to residents of Taiwan on residence permits (2018)."""

USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""GB 32100-2015, table 1: no I, O, S, V, Z."""

_ID18 = re.compile(r"[1-9][0-9]{16}[0-9Xx]")
_ID15 = re.compile(r"[1-9][0-9]{14}")
_USCC = re.compile(rf"[{USCC_ALPHABET}]{{2}}[0-9]{{6}}[{USCC_ALPHABET}]{{10}}")


def resident_id_check(body: str) -> str:
    """Give the check character of a resident ID from its first 17 digits (GB 11643-1999, ISO 7064 MOD 11-2)."""
    total = sum(int(digit) << (17 - place) for place, digit in enumerate(body))
    return "0123456789X"[(1 - total) % 11]


def is_resident_id(number: str) -> bool:
    """Say whether *number* is a resident ID of 18 characters: region, date of birth and check character."""
    return (
        _ID18.fullmatch(number) is not None
        and number[:2] in PROVINCES
        and is_date(number[6:14])
        and resident_id_check(number[:17]) == number[17].upper()
    )


def is_old_resident_id(number: str) -> bool:
    """Say whether *number* has the 15-digit form of before 1999 (GB 11643-1989), which bears no check digit."""
    return _ID15.fullmatch(number) is not None and number[:2] in PROVINCES and is_date("19" + number[6:12])


def is_date(digits: str) -> bool:
    """Say whether eight digits are a day from 1800 to 2099."""
    try:
        return 1800 <= date(int(digits[:4]), int(digits[4:6]), int(digits[6:8])).year < 2100
    except ValueError:
        return False


def is_luhn(number: str) -> bool:
    """Say whether the digits of *number* satisfy Luhn's rule (ISO/IEC 7812-1 annex B)."""
    total = 0
    for place, digit in enumerate(reversed(number)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def uscc_check(body: str) -> str:
    """Give the check character of a unified social credit code from its first 17 (GB 32100-2015, MOD 31-3)."""
    total = sum(USCC_ALPHABET.index(char) * pow(3, place, 31) for place, char in enumerate(body))
    return USCC_ALPHABET[-total % 31]


def is_uscc(code: str) -> bool:
    """Say whether *code* is a unified social credit code: alphabet, region and check character."""
    return (
        _USCC.fullmatch(code) is not None
        and (code[2:4] in PROVINCES or code[2:4] == "10")
        and uscc_check(code[:17]) == code[17]
    )
