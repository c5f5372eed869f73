"""Which English words are ordinary, and which are names.

Ordinary words are those of the model's own lemmatizer (WordNet's, Princeton's licence) with their inflections, and
spaCy's stop words. Names are those of `anonymize/data/latin_names.csv`. Many words are both: Rose, Hall, Will.
"""

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

from anonymize.detect.english.model import pipeline

_ENDINGS = (
    ("s", ""),
    ("es", ""),
    ("ies", "y"),
    ("ves", "f"),
    ("ed", ""),
    ("ed", "e"),
    ("d", ""),
    ("ing", ""),
    ("ing", "e"),
    ("ly", ""),
    ("ily", "y"),
    ("er", ""),
    ("er", "e"),
    ("ier", "y"),
    ("est", ""),
    ("iest", "y"),
    ("ness", ""),
    ("ment", ""),
    ("less", ""),
    ("ful", ""),
    ("able", ""),
    ("ist", ""),
    ("ism", ""),
)
_MORE_TEXT = (
    "email e-mail website online internet login username app blog video ok okay hi hello thanks yes no please "
    "monday tuesday wednesday thursday friday saturday sunday january february march april may june july "
    "august september october november december mon tue wed thu fri sat sun jan feb mar apr jun jul aug sep "
    "sept oct nov dec mr mrs ms dr prof st ave rd blvd apt dept inc ltd llc corp co vs etc am pm usa uk us eu "
    "id pt hx rx dx sx tx carcinoma adenocarcinoma metastasis metastases metastatic ductal lobular invasive "
    "grade stage biopsy mastectomy lumpectomy excision margin margins quadrant axillary sentinel chemotherapy "
    "radiotherapy tamoxifen letrozole hospital clinic registry abstract diagnosis pathology histology oncology "
    "cytology radiology mri cxr ecg ekg dob ssn mrn er pr her2 ct psa pap md rn np pa icu ed or po iv prn "
    "lol thx congrats shoutout pin tel fwd attn "
    "neg pos equiv wnl bilat lt rt resp abd ext bid tid qid postop preop "
    "chemo rehab meds labs exam mammogram ultrasound scan tumor tumour lesion nodule polyp "
)
_MORE = frozenset(_MORE_TEXT.split())
"""What no list has: words of the net, days, months, short forms, and words of registries."""


@dataclass(frozen=True, slots=True)
class Words:
    """What is known of words."""

    common: frozenset[str]
    """Verbs, adjectives, adverbs and small words."""
    nouns: frozenset[str]
    given: frozenset[str]
    family: frozenset[str]
    small: frozenset[str]
    """Words that hold a sentence together: never a name after a name."""
    met: frozenset[str]
    """Nouns that the model met in its training; the dictionary has persons and places among the others."""

    def is_name(self, low: str) -> bool:
        """Say whether somebody bears the word as a name."""
        return low in self.given or low in self.family

    def is_common(self, low: str) -> bool:
        """Say whether the word is a verb, an adjective, an adverb or a small word, inflected or not.

        What only looks inflected is none where somebody is called so: James, Marcel, Becker.
        """
        if low in self.common:
            return True
        born = low in self.given or (low in self.family and low.endswith("er"))
        return not born and _known(self.common, low)

    def is_ordinary(self, low: str) -> bool:
        """Say whether the word is in a dictionary, inflected or not, and more than a name."""
        if self.is_common(low):
            return True
        if not _known(self.nouns, low):
            return False
        if not self.is_name(low):
            return True
        return low not in self.nouns and low.endswith("s") and low not in self.given and low[:-1] not in self.given

    def is_familiar(self, low: str) -> bool:
        """Say whether the word is ordinary even where it is written like a name."""
        if self.is_common(low):
            return True
        return _known(self.met, low) and not (self.is_name(low) if low in self.met else low in self.given)


@lru_cache(maxsize=1 << 16)
def _known(words: frozenset[str], low: str) -> bool:
    if low in words:
        return True
    if "-" in low:
        return all(_known(words, part) for part in low.split("-") if part)
    for ending, instead in _ENDINGS:
        if low.endswith(ending) and len(low) - len(ending) >= 3:
            stem = low.removesuffix(ending) + instead
            if stem in words or (len(stem) > 3 and stem[-1] == stem[-2] and stem[:-1] in words):
                return True
    return False


@cache
def words() -> Words:
    """Load the lists; once in a process.

    Raises:
        ModelError: a file of the model is missing or altered.
    """
    from spacy.lang.en.stop_words import STOP_WORDS

    pipe = pipeline()
    lookups = pipe._components[pipe.component_names.index("lemmatizer")][1].lookups
    index, irregular = lookups.get_table("lemma_index"), lookups.get_table("lemma_exc")
    nouns = {word for word in index["noun"] if word.isalpha() or "-" in word} | set(irregular["noun"])
    kinds = ("verb", "adj", "adv")
    common = {word for kind in kinds for word in index[kind]}
    small = frozenset(part for word in STOP_WORDS for part in re.split("['’]", word))
    given, family = set(), set()
    rows = (files("anonymize.data") / "latin_names.csv").read_text("utf-8").splitlines()
    for row in rows[5:]:
        name, is_given, is_family = row.split(",")
        if is_given == "1":
            given.add(name)
        if is_family == "1":
            family.add(name)
    common |= {word for kind in kinds for word in irregular[kind] if word not in given} | small | _MORE
    met = {noun for noun in nouns if noun in pipe.vocab.strings}
    return Words(frozenset(common), frozenset(nouns), frozenset(given), frozenset(family), small, frozenset(met))
