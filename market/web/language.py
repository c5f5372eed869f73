"""In which language a page speaks: as its address says, else as the browser prefers, else in Chinese."""

from typing import Any
from urllib.parse import urlencode

from flask import g, request, url_for

from market.web.words import LANGUAGES, Words


def words() -> Words:
    """Give the words of this request."""
    if "words" not in g:
        named = request.args.get("lang")
        g.words = Words(named if named in LANGUAGES else _preferred())
    found: Words = g.words
    return found


def link(endpoint: str, **values: Any) -> str:
    """Give the address of a page; a language that the address of this one names goes along."""
    named = request.args.get("lang")
    if named in LANGUAGES:
        values["lang"] = named
    return url_for(endpoint, **values)


def switched() -> str:
    """Give this page's own address in the other language, relative to itself."""
    values = [(name, value) for name, value in request.args.items(multi=True) if name != "lang"]
    return "?" + urlencode([*values, ("lang", words().other)])


def _preferred() -> str:
    """Give the first language the browser asks for that we have, wherever it is spoken."""
    asked = (tag.split("-")[0].casefold() for tag, weight in request.accept_languages if weight)
    return next((language for language in asked if language in LANGUAGES), LANGUAGES[0])
