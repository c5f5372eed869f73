"""Postal addresses in English text: house number, street, apartment, place, state and code; and boxes."""

import re
from collections.abc import Iterator

from anonymize.detect.findings import Finding

_KIND_TEXT = (
    "Alley Annex Arcade Avenue Ave Av Bayou Beach Bend Bluff Bluffs Bottom Boulevard Blvd Branch Bridge Brook "
    "Brooks Burg Burgs Bypass Camp Canyon Cape Causeway Center Centers Circle Cir Circles Cliff Cliffs Club "
    "Common Commons Corner Corners Course Court Ct Courts Cove Coves Creek Crescent Crest Crossing Crossroad "
    "Curve Dale Dam Divide Drive Dr Drives Estate Estates Expressway Extension Extensions Fall Falls Ferry "
    "Field Fields Flat Flats Ford Fords Forest Forge Forges Fork Forks Fort Freeway Garden Gardens Gateway "
    "Glen Glens Green Greens Grove Groves Harbor Harbors Haven Heights Highway Hwy Hill Hills Hollow Inlet "
    "Island Islands Isle Junction Junctions Key Keys Knoll Knolls Lake Lakes Land Landing Lane Ln Light Lights "
    "Loaf Lock Locks Lodge Loop Mall Manor Manors Meadow Meadows Mews Mill Mills Mission Motorway Mount "
    "Mountain Mountains Neck Orchard Oval Overpass Park Parks Parkway Pkwy Parkways Pass Passage Path Pike "
    "Pine Pines Place Pl Plain Plains Plaza Point Points Port Ports Prairie Radial Ramp Ranch Rapid Rapids "
    "Rest Ridge Ridges River Road Rd Roads Route Row Rue Run Shoal Shoals Shore Shores Skyway Spring Springs "
    "Spur Spurs Square Sq Squares Station Stravenue Stream Street St Streets Summit Terrace Ter Throughway "
    "Trace Track Trafficway Trail Trl Trailer Tunnel Turnpike Underpass Union Unions Valley Valleys Via "
    "Viaduct View Views Village Villages Ville Vista Walk Walks Wall Way Ways Well Wells Close Broadway "
)
_KIND = "|".join(sorted(_KIND_TEXT.split(), key=len, reverse=True))
"""Kinds of street by USPS Publication 28, appendix C1, with the short forms people write."""
STREETS = frozenset(_KIND_TEXT.lower().split())
_STATE = (
    "A[AEKLPRSZ]|C[AOT]|D[CE]|F[LM]|G[AU]|HI|I[ADLN]|K[SY]|LA|M[ADEHINOPST]|"
    "N[CDEHJMVY]|O[HKR]|P[AR]|RI|S[CD]|T[NX]|UT|V[AIT]|W[AIVY]"
)
_WORD = r"(?:[A-Z0-9][\w'’.\-]*|of|the|de|la)"
_UNIT = r"(?:[,\s]{1,3}(?:Apt|Apartment|Suite|Ste|Unit|Floor|Fl|Room|Rm|Bldg|Building|#)\.?\s?#?[A-Za-z0-9\-]{1,6})?"
_TOWN = rf"(?:[,\s]{{1,4}}(?:{_WORD}[ ]?){{1,4}},?\s{{1,3}}(?:{_STATE})(?![A-Za-z])(?:\s{{1,3}}\d{{5}}(?:-\d{{4}})?)?)?"
_STREET = re.compile(
    rf"(?<![\w.])\d{{1,6}}[A-Za-z]?(?:-\d{{1,5}})?\s(?:{_WORD}[ ]){{1,5}}?(?:{_KIND})(?![A-Za-z])"
    rf"(?:\.(?=,|\s[#\dA-Z]))?(?:\s[NSEW]{{1,2}}(?![A-Za-z]))?{_UNIT}{_TOWN}"
)
_BOX = re.compile(
    rf"(?<![A-Za-z])(?:P\.?\s?O\.?\s?Box|(?:PSC|Unit|CMR)\s\d{{1,5}},?\s(?:Box))\s?\d{{1,6}}"
    rf"{_TOWN}(?:[,\s]{{1,3}}[AFD]PO\sA[AEP]\s\d{{5}})?"
)
_CODE = re.compile(
    rf"(?<![A-Za-z])(?:[A-Z][\w'’.\-]+[ ]){{0,3}}[A-Z][\w'’.\-]+,\s?(?:{_STATE})\s{{1,2}}\d{{5}}(?:-\d{{4}})?(?!\d)"
)
_ZIP = re.compile(
    r"(?i:(?<![A-Za-z])(?:zip|postal)(?:\s?code)?(?:\s?is|\s?:|\s?#)?\s?(?P<v>\d{3,5}(?:-\d{3,4})?)(?!\d))"
)
_CUED = re.compile(
    r"(?i:(?<![A-Za-z])(?:address(?: is)?|lives? (?:at|on|in)|living (?:at|on)|"
    r"resid(?:es|ing) (?:at|on)|located (?:at|on)|office is at|deliver(?:ed)? to))"
    rf"[\s:]{{1,4}}(?P<v>\d{{1,6}}[A-Za-z]?(?:[ ,]{{1,2}}(?:{_WORD}|\d{{1,6}})){{1,8}})"
)
"""After a word that leads to an address, whatever begins with a number and goes on with capitals is one."""


def addresses(folded: str) -> Iterator[Finding]:
    """Find addresses in *folded* text."""
    for regex in (_STREET, _BOX, _CODE):
        for match in regex.finditer(folded):
            yield Finding(match.start(), match.end(), "ADDRESS", 0.8)
    for match in (*_ZIP.finditer(folded), *_CUED.finditer(folded)):
        yield Finding(match.start("v"), match.end("v"), "ADDRESS", 0.8)
