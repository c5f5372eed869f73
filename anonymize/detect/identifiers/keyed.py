"""Identifiers named by the key of a record, as JSON, query strings and logs write them: `"inpatientNo":"98310107"`.

Keys are English words, run together, with underscores or with capitals; the value follows a sign, in quotes or not.
"""

import re

from anonymize.detect.identifiers.days import DAY, WESTERN_DAY, day
from anonymize.detect.identifiers.pattern import Pattern, pattern

_IS = r"[\"'\]]?\s?(?:[:=|>.#]|是|为|\s)[\s:=]{0,3}[\"'\[(]?"
"""Between a key and its value: a quote, a sign, a quote."""
_NUMBER = r"[ _\-.]{0,2}(?:no|num|number|nbr|id|code|#)"
_BEGINS = r"(?:(?<![A-Za-z])|(?-i:(?<=[a-z])(?=[A-Z])))"
"""A key begins a word, or a hump of one: `patientBirthDate`."""


def _keyed(kind: str, keys: str, value: str, *, digits: int, cues: str) -> Pattern:
    regex = rf"{_BEGINS}(?:{keys}){_IS}(?P<v>{value})(?![0-9A-Za-z])"
    return pattern(kind, regex, 0.96, re.IGNORECASE, digits=digits, cues=cues)


KEYED: tuple[Pattern, ...] = (
    pattern(
        "DATE_OF_BIRTH",
        rf"(?i:{_BEGINS}(?:birth(?:[ _]?(?:day|date|dt|time|ymd|yyyymmdd))?|brdy|"
        r"date[ _]?of[ _]?birth|d\.?o\.?b\.?|born(?: on)?)"
        rf"{_IS})"
        rf"(?P<v>{DAY}|{WESTERN_DAY})",
        day(0.96),
        digits=5,
        cues="irth IRTH brdy dob DOB D.O.B d.o.b orn",
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
    # DICOM PS3.6: attributes Patient ID and Patient's Birth Date, as tools print them.
    pattern(
        "MRN", r"\(0010,0020\)[ ]?(?:LO)?[ ]?[:=]?[ ]?\[?(?P<v>[A-Za-z0-9\-]{4,24})", 0.96, digits=8, cues="0010,0020"
    ),
    pattern(
        "DATE_OF_BIRTH",
        r"\(0010,0030\)[ ]?(?:DA)?[ ]?[:=]?[ ]?\[?(?P<v>\d{8})(?!\d)",
        day(0.96),
        digits=8,
        cues="0010,0030",
    ),
    _keyed(
        "OFFICER_CARD",
        rf"(?:officer|soldier|military)[_ ]?(?:card|cert|id)(?:{_NUMBER})?|jgzh(?:m)?|szgh",
        r"(?:[\u4e00-\u9fff]{1,2}字)?第?\d{6,8}号?",
        digits=6,
        cues="fficer FFICER oldier ilitary MILITARY jgzh JGZH szgh",
    ),
    _keyed("MAC", r"mac(?:[_ ]?addr(?:ess)?|地址)?", r"[0-9A-F]{12}", digits=0, cues="mac MAC Mac"),
    _keyed(
        "WECHAT",
        rf"(?:we_?chat|weixin|wx)(?:{_NUMBER}|zh?h)?",
        r"[a-z][\-_a-z0-9]{5,19}+(?!\s?=)",
        digits=0,
        cues="hat Hat HAT eixin wx WX",
    ),
)
"""What a key names; each is looked for only where letters of its key stand in the text."""

NUMBERED: tuple[Pattern, ...] = (
    _keyed(
        "MRN",
        r"(?:(?:(?:in|out)[_ ]?)?pat(?:ient|(?:ient)?[_ ]?card)?|(?:in|out)p|pt|admission|adm|(?:medical[_ ]?)?record|"
        rf"visit|encounter|clinic|medical|(?:in)?hosp(?:ital(?:i[sz]ation)?)?|case[_ ]?history|chart|zy|mz|"
        rf"specimen|sample|exam){_NUMBER}|"
        # Processes have a pid as well, of up to seven digits.
        r"mrn(?:_?no)?|pid(?=[\"']?\s?[:=|>]\s?[\"'\[(]?[A-Z\d\-]{8})|empi|uhid|"
        r"(?:ip|op|hn)[ .]{1,2}no|hn(?=[ :#]{1,2}\d{6})|"
        # 住院/门诊号, 就诊 ID, 病历号, as the interfaces of the national health insurance platform call them.
        r"ipt_otp_no|mdtrt_(?:id|sn)|medrcdno",
        r"(?=[A-Z\-]{0,6}\d)[A-Z0-9][A-Z0-9\-]{3,23}",
        digits=4,
        cues="at AT np NP tp TP edical pt PT Pt dm DM ecord ECORD isit ISIT ncounter linic osp OSP istory hart zy ZY "
        "mz MZ pecimen ample xam mrn MRN pid PID empi EMPI uhid UHID "
        "ipt mdtrt medrc HN hn IP OP",
    ),
    _keyed(
        "INSURANCE_NO",
        rf"(?:(?:medical|social|health)[_ ]?)?(?:insurance|insur|security|insured|medicare)(?:[_ ]?card)?{_NUMBER}|"
        rf"(?:mcard|med(?:ical)?[_ ]?card|si_?card|yb(?:_?card)?|psn|ssc){_NUMBER}",
        r"(?=[A-Z]{0,4}\d{4})[A-Z0-9]{6,24}",
        digits=4,
        cues="nsur NSUR ecurity ECURITY edicare EDICARE card CARD Card psn PSN ssc SSC yb YB",
    ),
    _keyed(
        "COURIER_NO",
        r"(?:(?:air)?way_?bill|awb|tracking|express|parcel|shipment|shipping|logistics?|delivery|courier)"
        rf"(?:{_NUMBER})?|mail{_NUMBER}",
        r"(?:[A-Z]{1,4}\d{9,16}|\d{10,15}|[A-Z]{2}\d{9}[A-Z]{2})",
        digits=9,
        cues="ill ILL awb AWB racking RACKING xpress XPRESS arcel ARCEL hip HIP ogistic OGISTIC elivery ourier OURIER "
        "mail MAIL Mail",
    ),
    _keyed("QQ", rf"qq(?:{_NUMBER})?|uin", r"[1-9]\d{4,11}", digits=5, cues="qq QQ Qq uin"),
    _keyed(
        "PERMIT",
        rf"(?:(?:exit|travel|home[_ ]?return|residence|taiwan|tw|hk)[_ ]?permit(?:{_NUMBER})?|hrp(?:{_NUMBER})?)",
        r"[A-Z]{0,2}\d{7,10}",
        digits=7,
        cues="ermit ERMIT hrp HRP",
    ),
)
"""Keys of values that begin as numbers do: searched only where `RECORD` stands in the text."""

RECORD = re.compile(r"[A-Za-z#][\"'\]]?\s?[:=|>.#是为\s][\s:=]{0,3}[\"'\[(]?(?=[A-Za-z\-]{0,6}\d)[A-Za-z0-9\-]{4}")
"""The end of a key, signs, and the beginning of a number."""
