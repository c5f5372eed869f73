"""Identifiers with a structure, as written in Chinese texts, each by its standard or by the word before it."""

import re

from anonymize.detect.findings import Finding
from anonymize.detect.identifiers.called import called
from anonymize.detect.identifiers.cards import bank_cards
from anonymize.detect.identifiers.care import CARE
from anonymize.detect.identifiers.checksums import is_luhn, is_old_resident_id, is_resident_id, is_uscc
from anonymize.detect.identifiers.days import DAYS
from anonymize.detect.identifiers.decoys import FORM, SURE, nobodys, without_decoys
from anonymize.detect.identifiers.disguised import BROKEN, MAILS, spoken
from anonymize.detect.identifiers.headed import headed
from anonymize.detect.identifiers.initials import INITIALS
from anonymize.detect.identifiers.keyed import KEYED, NUMBERED, RECORD
from anonymize.detect.identifiers.pattern import Pattern, Search, digits_in, pattern, when
from anonymize.detect.identifiers.told import TOLD
from anonymize.detect.internet import NET

_IS = (
    r"(?:[(]?[号码户]{0,2}(?:\([^()\d]{1,20}\)|[)])?(?:[ ]?(?i:no)\.?(?![A-Za-z]))?"
    r"(?:[是为应就]|[写填录登报改][成错的了]{0,2}|[:#=\-\s\"'|>(\[【「]){0,5})"
)
"""What may stand between a cue word and its value: signs of a sentence, of a table's row or of a record."""
_S = r"[ .\-]{1,2}"
_MOMENT = r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:[01]\d|2[0-3])[0-5]\d(?:[0-5]\d)?(?!\d)"
"""A day with hours and minutes, and seconds perhaps, written as one number."""
PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
"""What provinces are called on number plates."""
_PLATE_LETTER, _PLATE_SIGN = "[A-HJ-NP-Za-hj-np-z]", "[A-HJ-NP-Za-hj-np-z0-9]"
_CARRIER = (
    "顺丰|圆通|中通|韵达|申通|极兔|京东(?:物流|快递)?|德邦|百世|"
    "邮政|EMS|菜鸟|快递|快件|运单|物流|包裹|邮件|挂号信|配送|速运|速递|货运"
)
_PARCEL = r"(?:[A-Za-z]{1,4}\d{9,16}|\d{10,15}|[A-Z]{2}\d{9}[A-Z]{2})"
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


PATTERNS: tuple[Pattern, ...] = (
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
        rf"(?:身份证|公民身份|证件){_IS}(?P<v>\d(?:[ \-]?\d){{13,16}}[ \-]?[\dXx])(?!\d)",
        0.96,
        digits=14,
        cues="身份证 公民身份 证件",
    ),
    # Mobile numbers: 11 digits from 13 to 19 (telephone network numbering plan, MIIT 2017).
    pattern(
        "PHONE",
        r"(?<!\d)(?P<v>(?:(?:\((?:\+|00)?86\)|(?:\+|00)?86)[ \-]?)?1[3-9]\d"
        rf"(?:\d{{8}}|{_S}\d{{4}}{_S}\d{{4}}|{_S}\d{{3}}{_S}\d{{5}}|\d{_S}\d{{4}}{_S}\d{{3}}|\d{_S}\d{{3}}{_S}\d{{4}}"
        rf"|\d{{4}}{_S}\d{{4}}|{_S}\d{{8}}))(?!\d)",
        0.9,
        digits=11,
    ),
    # The place of it in a list stands right before it: 电话1, 电话2.
    pattern(
        "PHONE",
        r"(?:电话|手机|号码|联系方式|(?i:tel|phone|mobile))[1-9](?P<v>1[3-9]\d{9})(?!\d)",
        0.96,
        digits=12,
    ),
    pattern("PHONE", r"(?<!\d)(?P<v>1(?:[ \-][3-9])(?:[ \-]\d){9})(?!\d)", 0.9, digits=11),
    # Landlines: area code 010, 02x or 0xxx, then 7 or 8 digits that do not begin with 0 or 1; an extension.
    pattern(
        "PHONE",
        r"(?<!\d)(?P<v>(?:(?:\+|00)86[ \-]?)?(?:\(0?(?:10|2\d|[3-9]\d\d)\)"
        r"|0?(?:(?<=0)|(?<=86)|(?<=86[ \-]))(?:10|2\d|[3-9]\d\d))"
        r"[ \-]{0,2}[2-9]\d{2,3}[ \-]?\d{4}(?:(?:-|转(?:分机)?|,?分机|ext\.?)[ ]?\d{1,6})?)(?!\d)",
        0.85,
        digits=9,
    ),
    pattern(
        "PHONE",
        r"(?:电话|座机|手机|传真|区号[,，]?号码|(?<![A-Za-z])(?i:tel|phone|fax))"
        rf"{_IS}(?P<v>[2-9]\d{{2,3}}[ \-]?\d{{4}})(?!\d)",
        0.8,
        digits=7,
    ),
    pattern(
        "PHONE",
        r"(?<!卡)尾号(?:是|为|[: ])?(?P<v>\d{4})(?!\d|的?[\u3400-\u9fff]{0,4}[卡证])",
        0.6,
        digits=4,
        cues="尾号",
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
        rf"(?:信用代码|纳税人识别号|税号|营业执照(?:注册)?|(?<![A-Za-z])(?i:uscc|tax (?:id|no\.?))){_IS}"
        r"(?P<v>[0-9A-Za-z]{15}(?:[0-9A-Za-z]{3})?)(?![0-9A-Za-z])",
        0.96,
        digits=1,
        cues="代码 税 执照 USCC uscc Tax TAX tax",
    ),
    # GA 36-2018: province, authority, five characters; six for new-energy vehicles (D/F first, or last of six).
    pattern(
        "PLATE",
        rf"(?P<v>[{PROVINCES}][ ·•.]?{_PLATE_LETTER}[ ·•.\-]?"
        rf"(?:[DFdf]{_PLATE_SIGN}\d{{4}}|{_PLATE_SIGN}\d{{4}}[DFdf]|[ABCE-Kabce-k]{_PLATE_SIGN}\d{{4}}"
        rf"|(?=[A-Za-z0-9]{{0,4}}\d){_PLATE_SIGN}{{4}}(?:{_PLATE_SIGN}|[挂学警港澳试超领使])))(?![0-9A-Za-z])",
        0.85,
        digits=1,
        cues=" ".join(PROVINCES),
    ),
    pattern(
        "PLATE",
        rf"(?P<v>[{PROVINCES}](?P<s>[ ·•.\-])?{_PLATE_LETTER}(?:[ ·•.\-]{_PLATE_SIGN}){{5,6}})(?![0-9A-Za-z])",
        lambda found: 0.8 if sum(map(str.isdigit, found)) >= 2 else 0.0,
        digits=2,
        cues=" ".join(PROVINCES),
    ),
    # Armed police: WJ, the sign of the province, four digits and one more sign.
    pattern(
        "PLATE",
        rf"(?<![A-Za-z])(?P<v>WJ[ ·]?[{PROVINCES}][ ·]?\d{{4}}[\dA-Z])(?![0-9A-Za-z])",
        0.9,
        digits=4,
        cues="WJ",
    ),
    # Embassies: 使 before six digits, behind them since 2017; what is counted or served is none.
    pattern(
        "PLATE",
        r"(?<![\d.])(?P<v>使[ ·•]?\d{3}[ ·•]?\d{3}(?![\d.,%]|[余多]?[万亿名个户人位元家件台辆次平吨])"
        r"|\d{3}[ ·•]?\d{3}使(?![馆用得命人者]))",
        0.85,
        digits=6,
        cues="使",
    ),
    # GA/T 1180 and ICAO Doc 9303: ordinary E (with a second letter since 2012), G; diplomatic, service, public D S P.
    pattern(
        "PASSPORT",
        rf"(?<![0-9A-Za-z])(?P<v>(?:[EGeg]\d{{8}}|[Ee]{_PLATE_LETTER}\d{{7}}|[DSPdsp][Ee]?\d{{7}}))(?![0-9A-Za-z])",
        0.7,
        digits=7,
    ),
    pattern(
        "PASSPORT",
        rf"(?:护照|(?i:passport)|(?<![A-Za-z])PPT?(?= N))(?i:[\s_]?n(?:o|umber)\.?)?{_IS}"
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
        rf"(?<![0-9A-Za-z])(?P<v>[HMCWhmcw]\d{{8}}(?:\d{{2}})?|[Cc]{_PLATE_LETTER}\d{{7}})(?![0-9A-Za-z])",
        0.7,
        digits=7,
    ),
    pattern(
        "PERMIT",
        rf"(?:通行证|回乡证|台胞证|居留证|居住证|旅行证){_IS}(?P<v>[A-Za-z]{{0,2}}\d{{7,10}}|[A-Z]{{3}}\d{{12}})(?![0-9A-Za-z])",
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
        rf"(?:军官|军人|士兵|士官|文职(?:人员|干部)?|警官|离休干部|退役军人|残疾军人)证{_IS}"
        r"(?P<v>(?:[\u4e00-\u9fff]{1,2}字)?第?\d{6,8}号?)(?!\d)",
        0.96,
        digits=6,
        cues="证",
    ),
    *BROKEN,
    *MAILS,
    *NET,
    *KEYED,
    pattern(
        "WECHAT",
        r"(?:[微威薇围徽]\s?信|[微薇][❤♥️]{1,2}|卫星号|v信|加(?:[薇微]|v(?![a-z]))|\+v(?![a-z])|"
        r"(?<![a-z])(?:we ?chat|vx|wx))"
        r"(?:同?号码?|id|账[号户]|联系(?:方式)?)?"
        r"(?:\([^()\d]{1,20}\))?(?:[ ](?:to|is)[ ])?(?:就?[是为]|[:=\s|>\"'(\[【「\-]){0,4}"
        r"(?P<v>[a-z][\-_a-z0-9]{5,19}+)(?!\s?=)",
        0.96,
        re.IGNORECASE,
        cues="信 x X hat Hat HAT 卫星 加 +v +V 微 薇",
    ),
    # The word behind it, or a single V before a sign: only what no word is written like.
    pattern(
        "WECHAT",
        r"(?<![a-z0-9_\-.@/])(?P<v>(?=[a-z]{0,19}[\-_0-9])[a-z][\-_a-z0-9]{5,19})"
        r"(?=\s?(?:是我的?|这个|[(])微信)",
        0.8,
        re.IGNORECASE,
        cues="微信",
    ),
    pattern(
        "WECHAT",
        r"(?<![A-Za-z0-9加+])[Vv]:\s?(?P<v>(?=[A-Za-z\-]{1,19}[_0-9])[A-Za-z][\-_A-Za-z0-9]{5,19})(?![A-Za-z0-9])",
        0.8,
        cues="V: v:",
    ),
    # In running text, only what no word is written like.
    pattern(
        "WECHAT",
        r"[微薇]信(?!公众|小程序|支付|视频)[^a-z0-9。;!?\n]{1,8}(?P<v>(?=[a-z\-]{0,19}[_0-9])[a-z][\-_a-z0-9]{5,19})(?![a-z0-9])",
        0.8,
        re.IGNORECASE,
        cues="信",
    ),
    pattern("WECHAT", r"(?<![A-Za-z0-9])(?P<v>wxid_[A-Za-z0-9]{5,19})", 0.9, cues="wxid_"),
    pattern(
        "QQ",
        rf"(?:(?<![A-Za-z])[Qq](?:[Qq]|(?=号))|加[Qq]|扣扣|球球|企鹅)(?:群主?|账|联系(?:方式)?|[/或和、]微信)?{_IS}(?P<v>[1-9]\d{{4,11}})(?![\dA-Za-z])",
        0.96,
        digits=5,
        cues="Q q 扣 球球 企鹅",
    ),
    *DAYS,
    *CARE,
    *TOLD,
    # S10 of the Universal Postal Union, and the carriers' own forms: only beside a word of parcels.
    pattern(
        "COURIER_NO",
        rf"(?:{_CARRIER})(?:公司)?(?:{_CARRIER})?(?:的|单|运单)?编?{_IS}(?P<v>(?!1[3-9]\d{{9}}(?!\d)){_PARCEL})(?![0-9A-Za-z@])",
        0.96,
        digits=9,
    ),
    pattern(
        "COURIER_NO",
        rf"(?<![0-9A-Za-z])(?P<v>(?!1[3-9]\d{{9}}(?!\d)){_PARCEL})(?=[(（ ]{{0,2}}(?:{_CARRIER}))",
        0.96,
        digits=9,
    ),
    # A carrier's own form needs no word right before it where a parcel is spoken of.
    pattern(
        "COURIER_NO",
        r"(?<![0-9A-Za-z])(?P<v>SF\d{12,13}|YT\d{13}|JD[A-Z]{0,2}\d{11,13}|JT\d{13}|STO\d{12,13}"
        r"|[A-Z]{2}\d{9}CN)(?![0-9A-Za-z])",
        0.96,
        digits=9,
        cues="快递 快件 物流 运单 顺丰 圆通 京东 极兔 申通 邮政 签收 派送 派件 揽收 寄 驿站 包裹 "
        "ourier OURIER xpress XPRESS arcel hipment "
        "racking aybill EMS",
    ),
    pattern(
        "BANK_CARD",
        rf"(?:卡(?<![医社参]保卡)(?<!保障卡)(?<!保险卡)(?<!市民卡)|账|帐){_IS}(?P<v>\d(?:[ \-]?\d){{11,18}})(?!\d)",
        lambda found: 0.97 if len(found) > 15 and is_luhn(re.sub(r"\D", "", found)) else 0.6,
        digits=12,
    ),
    # What is left of nine digits or more is a number that somebody could look up.
    pattern("NUMBER", rf"(?<!\d)(?P<v>(?!{_MOMENT})\d{{9,}}[Xx]?)", 0.3, digits=9),
    pattern("NUMBER", r"(?<!\d)(?P<v>\d{3,6}(?:-\d{3,6}){2,}|\d{4}(?: \d{4}){2,}(?: \d{1,4})?)(?!\d)", 0.3, digits=9),
)
"""Every structured type by form; DESIGN 11 names the types."""
_SEARCH, _RECORDS = Search(PATTERNS), Search((*NUMBERED, *INITIALS))


def structured(folded: str) -> list[Finding]:
    """Find every identifier with a structure in *folded* text."""
    digits, others = digits_in(folded), list[tuple[int, int]]()
    findings = [*_worded(folded, digits), *spoken(folded)]
    if any(finding.type == "NUMBER" for finding in findings):  # no card is shorter
        findings.extend(bank_cards(folded))
    for value in headed(folded) if digits else ():
        written, shift = value.written(folded), value.start - len(value.heading) - 1
        findings.extend(value.back(_worded(written, digits_in(written)), SURE))
        others += [(start + shift, end + shift) for start, end in (*nobodys(written), *called(written))]
    return without_decoys(folded, findings, others)


def _worded(folded: str, digits: int) -> list[Finding]:
    """Find what has a form, or a word or a key before it."""
    findings = _SEARCH.findings(folded, digits)
    if digits >= 4 and RECORD.search(folded):
        findings += _RECORDS.findings(folded, digits)
    return findings
