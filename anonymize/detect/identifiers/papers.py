"""Papers of persons and bodies, and bank cards: by the standard that gives their form, or by the word before it."""

import re

from anonymize.detect.identifiers.checksums import is_luhn, is_old_resident_id, is_resident_id, is_uscc
from anonymize.detect.identifiers.decoys import FORM
from anonymize.detect.identifiers.pattern import IS, Pattern, pattern, when

_LETTER = "[A-HJ-NP-Za-hj-np-z]"
_SERVICE = "军政后装海空南北东西中兵广沈济兰成参总联火战武士文"


def _credit_code(code: str) -> float:
    """Say how surely *code* is a body's credit code; UnionPay's cards begin with 62, and hardly any body's code does.

    Of digits alone, one number in thirty fits by chance; most bodies' codes begin with 9, 5 or 1.
    """
    if not is_uscc(code) or (code.startswith("62") and code.isdigit() and is_luhn(code)):
        return 0.0
    if not code.isdigit():
        return 0.97
    return 0.94 if code[0] in "159" else FORM


PAPERS: tuple[Pattern, ...] = (
    # GB 11643-1999: 6 digits of region, 8 of birth, 3 of order, 1 check character; printed in groups or not.
    pattern(
        "CN_ID",
        r"(?<!\d)(?P<v>[1-9](?:[ \-]?\d){16}[ \-]?[\dXx])(?!\d)",
        when(is_resident_id, 1.0),
        digits=17,
    ),
    pattern("CN_ID", r"(?<!\d)(?P<v>[1-9]\d{14})(?!\d)", when(is_old_resident_id, 0.7), digits=15),
    # A cue makes any number an identity number, even one with a mistyped check digit.
    pattern(
        "CN_ID",
        rf"(?:身份证|公民身份|证件){IS}(?P<v>\d(?:[ \-]?\d){{13,16}}[ \-]?[\dXx])(?!\d)",
        0.96,
        digits=14,
        cues="身份证 公民身份 证件",
    ),
    # GB 32100-2015.
    pattern(
        "USCC",
        r"(?<![0-9A-Za-z])(?P<v>[0-9A-HJ-NPQRTUWXY]{18})(?![0-9A-Za-z])",
        _credit_code,
        digits=6,
    ),
    pattern(
        "USCC",
        rf"(?:信用代码|纳税人识别号|税号|营业执照(?:注册)?|(?<![A-Za-z])(?i:uscc|tax (?:id|no\.?))){IS}"
        r"(?P<v>[0-9A-Za-z]{15}(?:[0-9A-Za-z]{3})?)(?![0-9A-Za-z])",
        0.96,
        digits=1,
        cues="代码 税 执照 USCC uscc Tax TAX tax",
    ),
    # GA/T 1180 and ICAO Doc 9303: ordinary E (with a second letter since 2012), G; diplomatic, service, public D S P.
    pattern(
        "PASSPORT",
        rf"(?<![0-9A-Za-z])(?P<v>(?:[EGeg]\d{{8}}|[Ee]{_LETTER}\d{{7}}|[DSPdsp][Ee]?\d{{7}}))(?![0-9A-Za-z])",
        0.7,
        digits=7,
    ),
    pattern(
        "PASSPORT",
        rf"(?:护照|(?i:passport)|(?<![A-Za-z])PPT?(?= N))(?i:[\s_]?n(?:o|umber)\.?)?{IS}"
        r"(?P<v>(?=[A-Za-z]{0,3}\d)[A-Za-z0-9]{6,9})(?![0-9A-Za-z])",
        0.96,
        digits=1,
        cues="护照 assport ASSPORT PP",
    ),
    pattern(
        "PASSPORT",
        r"(?<![0-9A-Za-z])(?P<v>(?=[A-Za-z]{0,2}\d)[A-Za-z0-9]{8,9})(?=号?的?[(]?(?:因[公私](?:普通)?|普通)?护照)",
        0.96,
        digits=7,
        cues="护照",
    ),
    # Mainland travel permits for Hong Kong and Macao (H, M) and exit permits (C, W): 8 digits, 10 with the issue.
    pattern(
        "PERMIT",
        rf"(?<![0-9A-Za-z])(?P<v>[HMCWhmcw]\d{{8}}(?:\d{{2}})?|[Cc]{_LETTER}\d{{7}})(?![0-9A-Za-z])",
        0.7,
        digits=7,
    ),
    pattern(
        "PERMIT",
        rf"(?:通行证|回乡证|台胞证|居留证|居住证|旅行证){IS}(?P<v>[A-Za-z]{{0,2}}\d{{7,10}}|[A-Z]{{3}}\d{{12}})(?![0-9A-Za-z])",
        0.96,
        digits=7,
        cues="证",
    ),
    # The word behind it: H12345678号回乡证, 12345678（台胞证）.
    pattern(
        "PERMIT",
        r"(?<![0-9A-Za-z])(?P<v>[A-Za-z]{0,2}\d{7,10})(?=号?的?[(]?(?:[\u4e00-\u9fff]{0,10}通行证|回乡证|台胞证))",
        0.96,
        digits=7,
        cues="通行证 回乡证 台胞证",
    ),
    # Cards of officers and soldiers: an authority's sign, 字第, six to eight digits.
    pattern("OFFICER_CARD", rf"(?P<v>[{_SERVICE}]{{1,2}}字第?\d{{6,8}}号?)(?!\d)", 0.9, digits=6, cues="字"),
    pattern(
        "OFFICER_CARD",
        rf"(?:军官|军人|士兵|士官|文职(?:人员|干部)?|警官|离休干部|退役军人|残疾军人)证{IS}"
        r"(?P<v>(?:[\u4e00-\u9fff]{1,2}字)?第?\d{6,8}号?)(?!\d)",
        0.96,
        digits=6,
        cues="证",
    ),
    pattern(
        "BANK_CARD",
        rf"(?:卡(?<![医社参]保卡)(?<!保障卡)(?<!保险卡)(?<!市民卡)|账|帐){IS}(?P<v>\d(?:[ \-]?\d){{11,18}})(?!\d)",
        lambda found: 0.97 if len(found) > 15 and is_luhn(re.sub(r"\D", "", found)) else 0.6,
        digits=12,
    ),
)
