"""By what somebody is reached: telephones, WeChat and QQ."""

import re

from anonymize.detect.identifiers.pattern import IS, Pattern, pattern

_S = r"[ .\-]{1,2}"

REACHED: tuple[Pattern, ...] = (
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
        rf"{IS}(?P<v>[2-9]\d{{2,3}}[ \-]?\d{{4}})(?!\d)",
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
        rf"(?:(?<![A-Za-z])[Qq](?:[Qq]|(?=号))|加[Qq]|扣扣|球球|企鹅)(?:群主?|账|联系(?:方式)?|[/或和、]微信)?{IS}(?P<v>[1-9]\d{{4,11}})(?![\dA-Za-z])",
        0.96,
        digits=5,
        cues="Q q 扣 球球 企鹅",
    ),
)
