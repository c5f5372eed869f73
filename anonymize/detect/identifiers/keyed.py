"""Identifiers named by the key of a record, as JSON, query strings and logs write them: `"inpatientNo":"98310107"`.

Keys are English words, run together, with underscores or with capitals; the value follows a sign, in quotes or not.
"""

import re

from anonymize.detect.identifiers.days import DAY, WESTERN_DAY, day
from anonymize.detect.identifiers.pattern import Pattern, pattern

_IS = r"[\"'\]]?\.?\s?(?:[:=|>]|是|为|\s)\s{0,3}[\"'\[(]?"
"""Between a key and its value: a quote, a sign, a quote."""
_NUMBER = r"[ _\-]?(?:no|num|number|nbr|id|code)"


def _keyed(kind: str, keys: str, value: str, *, digits: int, cues: str) -> Pattern:
    regex = rf"(?<![A-Za-z])(?:{keys}){_IS}(?P<v>{value})(?![0-9A-Za-z])"
    return pattern(kind, regex, 0.96, re.IGNORECASE, digits=digits, cues=cues)


KEYED: tuple[Pattern, ...] = (
    pattern(
        "DATE_OF_BIRTH",
        rf"(?i:(?<![A-Za-z])(?:birth(?:[ _]?(?:day|date|dt|time))?|date[ _]?of[ _]?birth|d\.?o\.?b\.?|born(?: on)?)"
        rf"{_IS})"
        rf"(?P<v>{DAY}|{WESTERN_DAY})",
        day(0.96),
        digits=5,
        cues="irth IRTH dob DOB D.O.B d.o.b orn",
    ),
    # HL7 version 2, segment PID: field 3 holds the numbers of the patient, field 7 the date of birth.
    pattern(
        "MRN",
        r"(?<![A-Za-z])PID\|(?:[^|\n]*\|){1,2}(?P<v>(?=[A-Za-z\-]{0,6}\d)[A-Za-z0-9\-]{4,24})(?=[|^~])",
        0.96,
        cues="PID|",
    ),
    pattern(
        "DATE_OF_BIRTH",
        r"(?<![A-Za-z])PID\|(?:[^|\n]*\|){6}(?P<v>\d{8})(?=\d{0,6}(?:[|^\s]|$))",
        day(0.96),
        cues="PID|",
    ),
    _keyed(
        "MRN",
        r"(?:(?:(?:in|out)[_ ]?)?pat(?:ient)?|(?:in|out)p|pt|admission|adm|(?:medical[_ ]?)?record|visit|encounter|"
        rf"clinic|hosp(?:ital)?|case[_ ]?history|chart|zy|mz|specimen|sample|exam){_NUMBER}|mrn|pid",
        r"(?=[A-Z\-]{0,6}\d)[A-Z0-9][A-Z0-9\-]{3,23}",
        digits=4,
        cues="at AT np NP pt PT Pt dm DM ecord ECORD isit ISIT ncounter linic osp OSP istory hart zy ZY mz MZ pecimen "
        "ample xam mrn MRN pid PID",
    ),
    _keyed(
        "INSURANCE_NO",
        rf"(?:(?:medical|social|health)[_ ]?)?(?:insurance|insur|security|insured|medicare)(?:[_ ]?card)?{_NUMBER}|"
        rf"(?:mcard|sicard|si_?card|psn){_NUMBER}",
        r"(?=[A-Z]{0,4}\d{4})[A-Z0-9]{6,24}",
        digits=4,
        cues="nsur NSUR ecurity ECURITY edicare EDICARE card CARD psn PSN",
    ),
    _keyed(
        "COURIER_NO",
        rf"(?:(?:air)?way_?bill|awb|tracking|express|parcel|shipment|shipping|logistics?|delivery|courier)(?:{_NUMBER})?|mail{_NUMBER}",
        r"(?:[A-Z]{1,4}\d{9,16}|\d{10,15}|[A-Z]{2}\d{9}[A-Z]{2})",
        digits=9,
        cues="ill ILL awb AWB racking RACKING xpress XPRESS arcel ARCEL hip HIP ogistic OGISTIC elivery ourier OURIER "
        "mail MAIL Mail",
    ),
    _keyed(
        "WECHAT",
        rf"(?:we_?chat|weixin|wx)(?:{_NUMBER})?",
        r"[a-z][\-_a-z0-9]{5,19}+(?!\s?=)",
        digits=0,
        cues="hat Hat HAT eixin wx WX",
    ),
)
"""What a key names; each is looked for only where letters of its key stand in the text."""
