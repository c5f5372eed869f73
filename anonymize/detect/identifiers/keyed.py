"""Identifiers named by the key of a record, as JSON, query strings and logs write them: `"inpatientNo":"98310107"`.

Keys are English words, run together, with underscores or with capitals; the value follows a sign, in quotes or not.
"""

import re

from anonymize.detect.identifiers.days import DAY, day
from anonymize.detect.identifiers.pattern import Pattern, pattern

_IS = r"[\"']?\s?(?:[:=|>]|是|为|\s)\s?[\"']?"
"""Between a key and its value: a quote, a sign, a quote."""
_NUMBER = r"[ _\-]?(?:no|num|number|id|code)"


def _keyed(kind: str, keys: str, value: str, *, digits: int, cues: str) -> Pattern:
    regex = rf"(?<![A-Za-z])(?:{keys}){_IS}(?P<v>{value})(?![0-9A-Za-z])"
    return pattern(kind, regex, 0.96, re.IGNORECASE, digits=digits, cues=cues)


KEYED: tuple[Pattern, ...] = (
    pattern(
        "DATE_OF_BIRTH",
        rf"(?i:(?<![A-Za-z])(?:birth(?:[ _]?(?:day|date))?|date[ _]?of[ _]?birth|dob){_IS})(?P<v>{DAY})",
        day(0.96),
        digits=6,
        cues="irth IRTH dob DOB",
    ),
    _keyed(
        "MRN",
        rf"(?:(?:in|out)?_?patient|admission|(?:medical_?)?record|visit|encounter|specimen|sample|exam){_NUMBER}|mrn|pid",
        r"(?=[A-Z\-]{0,6}\d)[A-Z0-9][A-Z0-9\-]{3,23}",
        digits=4,
        cues="atient ATIENT dmission ecord isit ncounter pecimen ample xam mrn MRN pid PID",
    ),
    _keyed(
        "INSURANCE_NO",
        rf"(?:(?:medical|social|health)_?)?(?:insurance|security|insured|medicare){_NUMBER}",
        r"(?=[A-Z]{0,4}\d{4})[A-Z0-9]{6,24}",
        digits=4,
        cues="nsur ecurity edicare",
    ),
    _keyed(
        "COURIER_NO",
        rf"(?:way_?bill|tracking|express|parcel|shipment|courier)(?:{_NUMBER})?",
        r"(?:[A-Z]{1,4}\d{9,16}|\d{10,15}|[A-Z]{2}\d{9}[A-Z]{2})",
        digits=9,
        cues="ill racking xpress arcel hipment ourier",
    ),
    _keyed(
        "WECHAT",
        rf"(?:we_?chat|weixin|wx)(?:{_NUMBER})?",
        r"[a-z][\-_a-z0-9]{5,19}",
        digits=0,
        cues="hat Hat HAT eixin wx WX",
    ),
)
"""What a key names; each is looked for only where letters of its key stand in the text."""
