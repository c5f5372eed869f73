"""Numbers that look like a person's and are nobody's: orders, cases, approvals, versions, public lines, sums.

What is written there is no finding, unless a check digit and a date within make it a sure one.
"""

import re
from collections.abc import Iterable

from anonymize.detect.findings import Finding
from anonymize.detect.identifiers.called import NUMBER, PHONE, called

_WHAT = (
    "订单|工单|交易|流水|发票|受理|案件|案卷|诉求|信件|来件|事项|提单|批准|批次|批|文|条形?码|商品|产品|设备|型号|货|合同|协议|项目|招标|中标|采购|"
    "标准|版本|固件|注册证|许可证|备案|票据|单据|收据|凭证|工程|课题|专利|航班|车次|车厢|批准文|药品|耗材|报关单|决定书|安备|械注[准进许]|国药准|卫食?健?字|药准"
)
_NUMBERED = re.compile(
    rf"(?:{_WHAT}){{1,2}}(?:编?号码?|代?码|编码|单号|字|[ ]?(?i:no)\.?)?(?:是|为|[:#=\s|\"'(【]){{0,4}}"
    f"{NUMBER}"
)
_OTHER = re.compile(
    # Numbers of service, charged to the called party (400, 800); short numbers are too short to be taken for others.
    r"(?<![\d\-])(?P<a>[48]00[ \-]?(?:\d{3}[ \-]?\d{4}|\d{4}[ \-]?\d{3}))(?![\d\-])"
    # Numbers that programs send short messages from begin with 106 (telephone network numbering plan, MIIT 2017).
    r"|(?:短信|平台|端口号?|来自|发送[方号])[:是为 ]{0,2}(?P<o>106\d{5,17})(?!\d)"
    # Letters and decisions: 决定书第…号, 令第…号.
    r"|[书令函]第?(?P<q>\d{6,})(?=号)"
    # Chinese approval numbers of drugs (国食药监注〔2002〕33号): a letter, 10, 19 or 20, six digits.
    r"|(?<![0-9A-Za-z])(?P<b>[HZSBJTF](?:10|19|20)\d{6})(?![0-9A-Za-z])"
    r"|(?<![0-9A-Za-z])(?P<c>[vV]\d+(?:\.\d+){1,4})"
    r"|(?<![\d.])(?P<d>\d[\d,.]*)(?=\s?(?:元|万|亿|[mkμun]?g\b|[mk]?IU|U/|copies|[×xX*]10|平方|㎡|公里|吨|个|次|人|%|℃"
    r"|[KMG]?B(?![A-Za-z])|bytes|字节|ms(?![A-Za-z])))"
)
_KEYS = (
    "sku|tx|presc|prescription|charge|b/l|case|drug|med|goods|invoice|receipt|payment|pay|txn|transaction|trans|lot|dept|org|terminal|merchant|mch|seq|biz|bill|claim|"
    "declaration|entry|version|reference|ref|apply|application|trace|request|order|task|batch|msg|message|ticket|trade|job|session|event|log|serial|product|item|device|build"
)
_THING = re.compile(
    # What a program counts, by the key for its number; a telephone is one all the same.
    r"(?:(?:检验|收费|医保|诊疗)(?:编码|代码)|时间戳|(?<=》)[(]?编号|"
    rf"(?i:(?:{_KEYS})[ _\-.]{{0,2}}(?:id|no|num|number|code|sn)\.?|sku|barcode|snomed(?: ct)?|loinc|cpt)|"
    # Serial numbers, codes of customs tariffs (HS), registered trials, seconds since 1970.
    r"(?<![A-Za-z])(?:S/?N码?|PO(?=[ #:]{0,2}\d{8})|UDI(?:-DI)?|EAN|UPC|HS(?:[ _]?[Cc]ode|编码)?|ChiCTR|NCT|"
    r"(?i:customs declaration|bill of lading|b/l|container|timestamp|ts|time|epoch|build|"
    r"(?:seq|ack|offset|size|length|len|count|total|nonce|crc)(?=[\"']?[:=]))(?=[\"']?[ :=]))(?![A-Za-z]))"
    rf"(?:是|为|[:#=\s|\"'(【>]){{0,5}}(?!{PHONE})"
    f"{NUMBER}"
)
_CODE = re.compile(
    # A program's version, named by a word on one side.
    r"(?:APP|App|app|客户端(?!\s?\d{2,3}(?:\.\d{1,3}){3}(?![.\d]))|软件|i?OS|Android|[升更]级[到至为]|更新[到至为]|降级?[到至为])\s?(?P<e>\d+(?:\.\d+){2,})(?![\d.])"
    # Four single figures are one, too, unless a word or sign before them says that they are a host's.
    r"|(?:小程序|插件|驱动)\s?(?P<j>\d+(?:\.\d+){2,})(?![\d.])"
    r"|(?<![\d.A-Za-z:=/@(是为址关机器])(?<!IP )(?<!ip )(?<!DNS )(?P<k>\d(?:\.\d){3})(?![\d.:/])"
    r"|(?<![\d.])(?P<f>\d+(?:\.\d+){2,})(?=\s?(?:这个)?版)"
    # Codes of drugs and consumables of the health insurance: a letter of the class, then ATC or the like, form, firm.
    r"|(?<![0-9A-Za-z])(?P<h>[XTZ][A-Z]\d\d[A-Z]{1,2}[A-Z0-9]{3}[A-Z]\d{9,15}|C\d{19}(?:\d{7})?)(?![0-9A-Za-z])"
    # Documents (DOI, ISO 26324), articles (application identifiers of GS1).
    r"|(?<![0-9A-Za-z.])(?P<m>10\.\d{4,9}/[A-Za-z0-9\-._;()/:]*[A-Za-z0-9])"
    r"|(?P<n>\(01\)\d{14}(?:\(\d\d\)[A-Za-z0-9\-]{1,20})*)"
    # UUIDs (RFC 9562) and digests.
    r"|(?<![0-9A-Za-z])(?P<i>[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|(?=\d*[a-f])[0-9a-f]{32,64})(?![0-9A-Za-z])"
)
SURE = 0.95
"""Score from which a finding withstands: a check digit that fits, or a form that nothing else has."""
FORM = 0.7
"""Score up to which nothing but its form speaks for a finding: it does not withstand any word for a thing."""


def without_decoys(folded: str, findings: Iterable[Finding], more: Iterable[tuple[int, int]] = ()) -> list[Finding]:
    """Give those of *findings* in *folded* that do not lie within a number which is nobody's.

    *more* are such numbers known by the words of another language.
    """
    found = list(findings)
    if not any(finding.score < SURE for finding in found):
        return found
    spans = [*more, *nobodys(folded, things=any(finding.type not in KEPT for finding in found))]
    things = list(called(folded)) if any(_is_of_form(folded, finding) for finding in found) else []
    return [
        finding
        for finding in found
        if finding.score >= SURE
        or not any(_is_part(folded, finding, *span) for span in (*spans, *things * _is_of_form(folded, finding)))
    ]


def nobodys(folded: str, *, things: bool = True) -> list[tuple[int, int]]:
    """Say where in *folded* numbers stand that are nobody's; with *things*, those of programs and of a city too."""
    spans = [match.span("v") for match in _NUMBERED.finditer(folded)]
    spans += [match.span(match.lastgroup or 0) for match in _OTHER.finditer(folded)]
    if things:
        spans += [match.span(match.lastgroup or 0) for match in _CODE.finditer(folded)]
        spans += [match.span("v") for match in _THING.finditer(folded)]
    return spans


def _is_of_form(folded: str, finding: Finding) -> bool:
    """Say whether nothing but its form speaks for *finding*, or a check digit that one number in ten has.

    Few numbers with that digit begin with 62 as well, as all cards of China do that are issued today.
    """
    if finding.type == "BANK_CARD" and folded.startswith("62", finding.start):
        return finding.score <= FORM
    return finding.score <= FORM or finding.type == "BANK_CARD"


def _is_part(folded: str, finding: Finding, start: int, end: int) -> bool:
    """Say whether *finding* is but part of a number; a date is one only where the number goes on around it."""
    if not start <= finding.start <= finding.end <= end:
        return False
    whole = folded[start:end].rstrip("./- ")
    return finding.type not in KEPT or (finding.type == "DATE" and len(whole) > finding.end - finding.start)


KEPT = frozenset({"DATE", "DATE_OF_BIRTH", "AGE", "EMAIL", "URL", "MAC", "COORDINATES"})
"""Types that a number of an order cannot be taken for."""
