"""A word of English text the model has read, what is known of it, and the words that stand around names."""

import re
from typing import Any

from anonymize.detect.english.words import Words

_TITLES_TEXT = (
    "mr mrs ms miss mister dr doctor prof professor sir madam madame lady lord rev reverend father sister "
    "brother capt captain sgt sergeant lt lieutenant col colonel gen general judge hon president senator "
    "governor nurse officer uncle aunt chancellor minister mayor coach detective inspector queen princess saint "
    "producer director actor actress singer author guitarist drummer bassist novelist striker owner tenant student "
    "patient pt user bot client customer passenger plaintiff defendant claimant applicant policyholder witness "
    "councillor pc landlord "
)
TITLES = frozenset(_TITLES_TEXT.split())
_PARTICLES_TEXT = "de la le van von der den del della di da dos das du bin ibn al el ter ten af zu y e und "
PARTICLES = frozenset(_PARTICLES_TEXT.split())
_BODIES_TEXT = (
    "inc ltd llc corp corporation company co group bank university college school hospital clinic center "
    "centre institute orchestra club association society foundation department ministry agency office council "
    "committee church museum library theatre theater hotel restaurant airport station park street st road rd "
    "avenue ave boulevard blvd lane ln drive way court square suite apt apartment floor box building tower "
    "county city town village district state states kingdom republic island islands river lake sea ocean "
    "mountain north south east west northern southern eastern western central act law title team league cup "
    "championship award festival weekly magazine journal times news tv radio disease syndrome sign test scale "
    "score index stage grade lymphoma sarcoma tumor tumour carcinoma "
)
BODIES = frozenset(_BODIES_TEXT.split())
_BEFORE_TEXT = "the a an and name husband wife mother daughter hi hello hey dear yo lol p.s. congrats born date "
BEFORE = TITLES | frozenset(_BEFORE_TEXT.split())
BEHIND = frozenset(("'s", "’s", "apt", "suite", "address", "phone", "et", "al"))
"""What the model takes along before and behind a name, and is no part of it."""
_LEADS_TEXT = (
    "ask tell told call meet met see contact add "
    "give gave let say said pay invite thank thanks find saw oh ok yes poor "
)
LEADS = frozenset(_LEADS_TEXT.split())
"""Everyday words that are no small ones and begin a sentence before a name."""
_SMALL = frozenset(("of", "the", "and", "for", "with", "by"))
"""Words that part names in a line of capitals."""
_DAYS_TEXT = "monday tuesday wednesday thursday friday saturday sunday yesterday today tonight tomorrow "
DAYS = frozenset(_DAYS_TEXT.split())
_CODE = re.compile(r"[A-Z]{1,3}\d")
"""How a postal code or the name of a model begins."""
LETTER = re.compile("[A-Za-zÀ-ÖØ-öø-ɏΑ-ωА-яḀ-ỿ]")


class Token:
    """A word of a text, and what is known of it."""

    __slots__ = (
        "bears",
        "capital",
        "end",
        "first",
        "initial",
        "label",
        "leads",
        "low",
        "name",
        "ordinary",
        "proper",
        "small",
        "start",
        "text",
    )

    def __init__(self, token: Any, known: Words, *, first: bool) -> None:
        self.text, self.start = token.text, token.idx
        self.end = self.start + len(self.text)
        self.low = self.text.lower()
        self.small = self.low in _SMALL and self.text.isupper()
        self.capital = (
            self.text[:1].isupper() and bool(LETTER.match(self.text)) and not self.small and not _CODE.match(self.text)
        )
        self.initial = bool(re.fullmatch(r"[^\W\d_]\.?", self.text)) and self.capital
        self.first = first
        self.leads = self.low in known.small or self.low in LEADS
        self.proper = token.tag_ in ("NNP", "NNPS")
        self.label = token.ent_type_
        self.name = known.is_name(self.low)
        self.bears = (self.low in known.given, self.low in known.family)
        within = self.capital and self.proper and not first
        self.ordinary = known.is_familiar(self.low) if within else known.is_ordinary(self.low)
