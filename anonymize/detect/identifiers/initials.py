"""Identifiers named by the initials of a word in pinyin, as columns of Chinese systems are: `zyh=`, `csrq`, `SFZH:`.

WS 445 and GB/T 31186 name the fields in hanzi; programs shorten them to the first letter of each syllable.
"""

from anonymize.detect.identifiers.days import DAY, day
from anonymize.detect.identifiers.pattern import Check, Pattern, pattern

_IS = r"[\"'\]]?\s?[:=|>]\s?[\"'\[(]?"
"""Between the initials and the value there is always a sign: letters and a blank may be anything."""


def _named(kind: str, initials: str, value: str, check: float | Check = 0.96, *, digits: int) -> Pattern:
    lower = initials.split()
    regex = rf"(?<![A-Za-z])(?i:{'|'.join(lower)}){_IS}(?P<v>{value})(?![0-9A-Za-z])"
    cues = " ".join(f"{word} {word.upper()}" for word in lower)
    return pattern(kind, regex, check, digits=digits, cues=cues)


INITIALS: tuple[Pattern, ...] = (
    # 住院号 门诊号 病案号 病历号 病人/患者 ID 就诊(卡)号 登记号 体检号 磁卡号 健康卡号
    _named(
        "MRN",
        "zyh zyhm mzh mzhm bah bahm blh brid brbh hzid hzbh jzh jzkh jzlsh zylsh mzlsh djh tjh tjbh ckh jkkh zybh mzbh",
        r"(?=[A-Za-z\-]{0,6}\d)[A-Za-z0-9][A-Za-z0-9\-]{3,23}",
        digits=4,
    ),
    # 医保/社保卡号、编号, 个人编号, 参保号, 合作医疗证号
    _named(
        "INSURANCE_NO",
        "ybkh ybbh ybh ybzh sbkh sbbh sbh grbh grbm cbh cbbh cbrbh hzylzh ylzh ylbxh dnh",
        r"(?=[A-Za-z]{0,4}\d{4})[A-Za-z0-9]{6,24}",
        digits=4,
    ),
    # 出生日期 出生年月 生日
    _named("DATE_OF_BIRTH", "csrq csny csnyr csnf csrqsj sr", DAY, day(0.96), digits=6),
    # 身份证号码 证件号码 护照号 通行证号
    _named("CN_ID", "sfzh sfzhm sfzhao gmsfhm gmsfzh zjhm zjh", r"\d(?:[ \-]?\d){13,16}[ \-]?[\dXx]", digits=14),
    _named("PASSPORT", "hzh hzhm hzhaom hzhao", r"[A-Za-z]{1,2}\d{7,8}", digits=7),
    _named("PERMIT", "txzh txzhm gatxz twtxz tbzh hxzh jzzh jlzh", r"[A-Za-z]{0,2}\d{7,10}", digits=7),
    # 联系电话 手机号码 家庭电话 单位电话
    _named("PHONE", "lxdh lxdhhm sjh sjhm dhhm jtdh dwdh lxrdh jsdh", r"(?:0\d{2,3}-?)?[2-9]\d{6,7}", digits=7),
    # 银行卡号 账号 开户账号
    _named("BANK_CARD", "yhkh yhkhm yhzh khzh skzh", r"\d(?:[ \-]?\d){11,18}", digits=12),
    # 社会信用代码 纳税人识别号
    _named("USCC", "shxydm tyshxydm tyxydm xydm nsrsbh", r"[0-9A-Za-z]{15}(?:[0-9A-Za-z]{3})?", digits=6),
    # 快递单号 物流单号 运单号
    _named(
        "COURIER_NO", "kddh kdh wldh ydh ydhm", r"(?:[A-Za-z]{1,4}\d{9,16}|\d{10,15}|[A-Z]{2}\d{9}[A-Z]{2})", digits=9
    ),
    _named("QQ", "qqh qqhm", r"[1-9]\d{4,11}", digits=5),
)
"""What each is short for stands above it; each is looked for only where its letters stand in the text."""
