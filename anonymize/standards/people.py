"""Sex, marital status and ethnic group as people write them, by the codes of GB/T 2261 and GB/T 3304.

Only words with one meaning are read. A digit that another code list uses otherwise (`3` for widowed) is a matter of
the plan's mapping.
"""

from functools import cache

from anonymize.data import facts
from anonymize.standards.forms import key

WORDS = {
    "gbt2261_sex": {
        **dict.fromkeys(("男", "m", "male", "man"), "1"),
        **dict.fromkeys(("女", "f", "female", "woman"), "2"),
        **dict.fromkeys(("未知", "unknown"), "0"),
        **dict.fromkeys(("未说明", "notstated"), "9"),
    },
    "gbt2261_marital": {
        **dict.fromkeys(("nevermarried", "unmarried"), "10"),
        **dict.fromkeys(("married", "有配偶"), "20"),
        **dict.fromkeys(("widowed", "丧偶未再婚"), "30"),
        **dict.fromkeys(("divorced", "离异"), "40"),
        **dict.fromkeys(("未说明", "notstated"), "90"),
    },
    "gbt3304_ethnic": {"毛难族": "36", "毛难": "36", "tibetan": "04", "korean": "10"},
}


@cache
def _known(system: str) -> dict[str, str]:
    """List every spelling of *system* that is read, and its code."""
    spellings = dict(WORDS[system])
    for row in facts("gbt_people.csv"):
        if row["system"] != system:
            continue
        code = row["code"]
        names = [code, row["name"], row["latin"], row["letters"]]
        if system == "gbt3304_ethnic":
            names += [row["name"].removesuffix("族"), str(int(code))]
        spellings.update({key(name): code for name in names if name})
    return spellings


def sex(text: str) -> str | None:
    """Read a sex as 0, 1, 2 or 9 of GB/T 2261.1."""
    return _known("gbt2261_sex").get(key(text))


def marital(text: str) -> str | None:
    """Read a marital status as a two-digit code of GB/T 2261.2."""
    return _known("gbt2261_marital").get(key(text))


def ethnic(text: str) -> str | None:
    """Read an ethnic group as a two-digit code of GB/T 3304: `汉`, `Han`, `HA`, `1` are 01."""
    return _known("gbt3304_ethnic").get(key(text))
