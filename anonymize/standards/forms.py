"""The plain form of a text: full-width characters narrowed, outer space gone."""

import unicodedata


def narrow(text: str) -> str:
    """Write *text* with half-width digits and letters, without space around it."""
    return unicodedata.normalize("NFKC", text).strip()


def key(text: str) -> str:
    """Fold *text* for looking up a word: narrow, without space inside, in one case."""
    return "".join(narrow(text).split()).casefold()
