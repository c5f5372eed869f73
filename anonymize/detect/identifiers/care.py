"""Numbers of care: of patients, stays, samples and images, and of those insured; each by a word beside it."""

from anonymize.detect.identifiers.pattern import SIGN, Pattern, pattern

_RECORD = (
    "[住入出]院|门诊|急诊|病案|病历|病例|病[人员]|就[诊医]|诊疗|登(?<!来电登)(?<!来访登)(?<!信访登)(?<!设备登)(?<!试验登)(?<!房屋登)(?<!产权登)记|"
    "病理|切片|影像|检查|检验|体检|患者|标本|放射|放疗|透析|超声|心电|内镜|手术|健康|建档|档案|主索引|一卡通|随访|留观|磁卡|(?<![卡照图名芯])片|"
    r"报告?卡|(?<![A-Za-z])(?:ZY|MZ|CT|MRI?|DR|[XB]光?[线超]|MRN|PID)|"
    # Programs give everything an ID: it is a patient's where nothing is said before it, or a person or their record.
    r"(?:(?<![A-Za-z\u4e00-\u9fff])(?<![A-Za-z][ _])|(?<=[者人员历案诊记查检本院像的]))ID"
)
"""What has a number in a hospital."""
_CARD = "就[诊医]|门诊|诊疗|健康"
INSURED = (
    "医保|社保|社会保障|社会保险|医疗保险|医疗保障|市民卡|"
    "新农合|农合|合疗|参合|合作医疗|医疗救助|城居保|参保|保单|保险单"
)
"""What somebody is insured by."""
_OF = "卡|医?疗?证|手册|本|电脑|个人|参保|账户?|登记|结算|电子凭证|凭证|人员?"

CARE: tuple[Pattern, ...] = (
    pattern(
        "MRN",
        rf"(?:{_RECORD})(?:[卡本]|流水|首页|留观|档案)?"
        rf"(?:[(]?编?号码?|(?<=[ND引])(?=[: =|是为(【>\"']|[A-Z]{{0,2}}\d{{4}})){SIGN}"
        r"(?P<v>(?=[A-Za-z\-]{0,6}\d)[A-Za-z0-9][A-Za-z0-9\-]{3,23})(?![A-Za-z0-9])",
        0.96,
        digits=1,
        cues="号 ID MRN 引",
    ),
    pattern(
        "MRN",
        rf"(?:(?:{_CARD})卡[: ]?|(?<![A-Za-z])(?i:hospital|accession|chart)\s?(?i:no|number)[.:# ]{{0,3}})"
        r"(?P<v>[A-Z]{0,2}\d{6,12})(?![0-9A-Za-z])",
        0.96,
        digits=6,
        cues="卡 ospital ccession hart OSPITAL CCESSION",
    ),
    pattern(
        "MRN",
        r"(?<![0-9A-Za-z])(?P<v>[A-Z]{0,2}\d{6,12})(?=[(](?:住院|病案|门诊|就诊|诊疗|病历|登记)[号卡])",
        0.96,
        digits=6,
        cues="号 卡",
    ),
    # Where insurance stands alone before a sign, a number of eight or more is meant, and no sum.
    pattern(
        "INSURANCE_NO",
        rf"(?:{INSURED})[:=][ ]?(?P<v>(?=[A-Z]{{0,2}}\d{{7}})[A-Z0-9]{{8,20}})(?![A-Za-z0-9.])",
        0.96,
        digits=7,
        cues="保 合",
    ),
    pattern(
        "INSURANCE_NO",
        rf"(?:(?:{INSURED})(?:(?:{_OF}){{1,2}}(?:[(]?编?号码?|(?<=人)代码)?|编?号码?|ID|(?<=保)码)|(?:医疗证|保险证?|个人)编?号码?){SIGN}"
        r"(?P<v>(?=[A-Za-z]{0,4}\d{4})[A-Za-z0-9]{6,24})(?![A-Za-z0-9])",
        0.96,
        digits=1,
        cues="保 合 市民卡 医疗证 医疗救助 个人",
    ),
)
