"""Which English words are a drug, a test, a disease or a device by themselves, though they are written like names.

A drug is known by the stem of its international name or by its brand; eponyms, brands and short forms are listed in
`anonymize/data/medical_words.csv`.
"""

import re
from functools import cache

from anonymize.data import facts
from anonymize.detect.english.words import Words

_STEM = re.compile(
    r"(?=.{7})[a-z]{2,}(?:mab|[tfan]inib|[ae]nib|ciclib|parib|degib|zomib|lisib|rafenib|toclax|platin|taxel|rubicin|"
    r"citabine|poside|tecan|mustine|trexed|trexate|limus|lutamide|trozole|oxifen|relin|relix|statin|sartan|olol|alol|"
    r"dipine|pril|thiazide|semide|xaban|gatran|parin|grel|gliptin|gliflozin|glutide|glitazone|formin|prazole|tidine|"
    r"setron|lukast|cillin|cycline|oxacin|mycin|micin|penem|bactam|conazole|nidazole|fungin|vudine|vir|virine|coxib|"
    r"profen|triptan|zepam|zolam|barbital|caine|oxetine|pramine|azepine|lafaxine|peridol|dronate|dronic|steride|"
    r"solone|sone|sonide|cortisone|fibrate|plase|poetin|grastim|leukin|feron|cept|tinoin|"
    r"itis|osis|(?:[cdglmnrstx]|ph|th)oma|(?:[^o]h|[^h])emia|ectomy|ostomy|otomy|plasty|scopy|graphy|plasia|penia|"
    r"megaly|algia|[nsty]uria|staurin|bectedin|globulin|synthesis|metry|[^g]gram)"
)
"""Stems of international nonproprietary names (WHO, "The use of stems in the selection of international
nonproprietary names", 2018), and endings of Greek that make diseases and procedures of what is before them."""
_BEGINNING = re.compile(
    r"(?:immuno|chemo|radio|histo|cyto|angio|neuro|adeno|cardio|gastro|hepato|nephro|osteo|ha?emato|lympho|thrombo|"
    r"electro|broncho|entero|cholecysto|cysto|pneumo|laparo|colono|mammo|sono|ureter|oophor|hyster)[a-z]{4,}"
)
"""Beginnings of Greek that procedures and findings have."""
_NUMBERED = re.compile(r"(?=\D*\d)(?:[^\W\d_]{1,4}-?[^\W_]{1,5}|[A-Z0-9]{5,9})")
"""Letters and digits in one word: CK7, Ki-67, C50."""
_ROMAN = re.compile("[IVX]{1,4}[A-Da-d]?")
_BRAND = re.compile(
    r"[a-z]{3,}(?:[eiy]x|(?<![ue])ax|xx|(?<!e)vy|(?<!e)xa|xza|iq|ivo|ase|ide|ium|ogen|trol|cort|zol|"
    r"plex|test|scan|trast|vist|paque|derm|cath|flow|guard|lax|zyme|tron|dron|max|min[et]|mune|gel|tab|cap)"
)
"""Endings that makers of drugs like, and families seldom have."""
_CAPITALS = re.compile(r"(?!Mc|Mac|De|Di|Du|La|Le|Van|Fitz)[A-Z]?[a-z]+[A-Z]\w*")
"""Capitals within a word: CyberKnife, MoCA."""
_TITLE = re.compile(
    r"(?:(?<![A-Za-z])(?:Mr|Mrs|Ms|Miss|Drs?|Prof|Professor|Doctor|Nurse|Judge|Rev|Sgt|Capt)\.?|(?<![^\W_])[^\W\d_]\.)\s{1,2}$",
    re.IGNORECASE,
)


@cache
def _listed() -> dict[str, str]:
    return {row["word"]: row["kind"] for row in facts("medical_words.csv")}


@cache
def phrases() -> re.Pattern[str]:
    """Give what finds the terms of several words: Ann Arbor, Austin Flint."""
    listed = "|".join(re.escape(words) for words, kind in _listed().items() if kind == "phrase")
    return re.compile(rf"(?<![^\W\d_])(?:{listed})(?![^\W\d_])", re.IGNORECASE)


def is_medical(low: str, known: Words) -> bool:
    """Say whether a word in small letters is a drug, a procedure or a disease by itself, and nobody's name."""
    if known.is_name(low):
        return False
    return _listed().get(low) == "brand" or bool(_STEM.fullmatch(low) or _BEGINNING.fullmatch(low))


class Word:
    """A word of a text, and what is known of it.

    *firm*: it is a term by itself; *sure*: it is one, maybe by what stands around it; *likely*: it looks like one;
    *led*: something said that a drug comes; *unknown*: capitalised, and in no list of words or names.
    """

    __slots__ = (
        *("capital", "common", "end", "eponym", "firm", "given", "initial", "led", "likely", "name", "start", "sure"),
        *("low", "roman", "titled", "unknown"),
    )

    def __init__(self, text: str, start: int, end: int, known: Words) -> None:
        word = text[start:end]
        low = self.low = word.lower()
        self.start, self.end, self.initial, self.led = start, end, end - start == 1, False
        kind, upper = _listed().get(low) or _listed().get(low.removesuffix("s"), ""), word[0].isupper()
        self.name, self.given, self.common = known.is_name(low), low in known.given, known.is_common(low)
        self.eponym = kind == "eponym" or (kind == "brand" and self.name)
        self.capital = upper or self.eponym
        self.unknown = upper and not self.name and len(low) > 2 and not known.is_ordinary(low)
        self.roman = _ROMAN.fullmatch(word) is not None
        self.unknown = self.unknown and not self.roman
        self.titled = self.capital and _TITLE.search(text, max(0, start - 11), start) is not None
        short = kind == "short" and upper and (word.isupper() or not self.name)
        self.firm = short or is_medical(low, known) or _NUMBERED.fullmatch(word) is not None
        self.likely = self.unknown and bool(_BRAND.fullmatch(low) or _CAPITALS.fullmatch(word))
        self.sure = self.firm

    @property
    def somebody(self) -> bool:
        """Say whether the word may name somebody."""
        return self.unknown or self.titled or self.name
