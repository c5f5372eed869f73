"""Identifiers told in running text, where the word that says what a number is stands some words away from it.

A letter or a call says `他的QQ号我还留着，972433` or `查下SF… 这个件，在中转站`. Another word of numbers between
the two says what the number is instead, and so does the name of a thing (see `decoys`): none of these is sure.
"""

from anonymize.detect.identifiers.care import INSURED
from anonymize.detect.identifiers.pattern import SIGN, Pattern, pattern

LIKELY = 0.84
_ELSE = (
    r"电话|手机|座机|号码?簿|身份|银行|订单|工单|批|床|窗口|编码|发票|[转花充]|(?<!到)付|结算|处方|医嘱|元|群里|音乐"
)
"""What makes a number something else when it stands between."""
_WORDS = rf"(?:(?!{_ELSE})[^\d\n。;!?,:])"
AWAY = rf"{_WORDS}{{0,10}}(?:[,:]{_WORDS}{{0,4}})?"
END = r"(?![0-9A-Za-z@]|[.,]\d|[元块万亿多余名人次个年%])"
_NO_DAY = r"(?!(?:19|20)\d\d[01]\d[0-3]\d(?!\d))"
NO_PHONE = r"(?!1[3-9]\d{9}(?!\d))"
_RECORD = r"(?:[A-Z]{0,2}\d{6,12}|(?:19|20)\d\d-\d{4,6})"
_CARE = "病[历案]|住院|门诊|急诊|就诊|挂号|腕带"

TOLD: tuple[Pattern, ...] = (
    pattern(
        "QQ",
        rf"(?:(?<![A-Za-z])[Qq][Qq]|扣扣|企鹅号){AWAY}(?:号码?|账号|[,:( ]){SIGN}"
        rf"(?P<v>{NO_PHONE}{_NO_DAY}[1-9]\d{{5,10}}){END}",
        LIKELY,
        digits=6,
        cues="QQ qq Qq 扣扣 企鹅号",
    ),
    # As friends write it: 留个q, 我的Q.
    pattern(
        "QQ",
        rf"(?:[留加给有]个?|我的?)[Qq](?![A-Za-z])[吧哈呀啊]?[,: ]{{0,2}}"
        rf"(?P<v>{NO_PHONE}{_NO_DAY}[1-9]\d{{5,10}}){END}",
        LIKELY,
        digits=6,
        cues="Q q",
    ),
    pattern(
        "MRN",
        rf"(?:{_CARE})(?:{AWAY}(?:号码?|编号|数字){SIGN}|[: ]?){NO_PHONE}{_NO_DAY}"
        rf"(?P<v>{_RECORD}){END}",
        LIKELY,
        digits=6,
        cues="病历 病案 住院 门诊 急诊 就诊 挂号 腕带",
    ),
    pattern(
        "MRN",
        rf"(?<![0-9A-Za-z])(?P<v>{_RECORD})(?=号的?(?:病[历案人]|住院|患者|片子))",
        0.96,
        digits=6,
        cues="号病 号的病 号住院 号的住院 号患者 号的患者 号片 号的片",
    ),
    pattern(
        "INSURANCE_NO",
        rf"(?:{INSURED})(?:{AWAY}(?:[证卡]号|编号|号码){SIGN}|[: ]?){NO_PHONE}{_NO_DAY}"
        rf"(?P<v>(?=[A-Za-z]{{0,4}}\d{{4}})[A-Za-z0-9]{{8,24}}){END}",
        LIKELY,
        digits=6,
        cues="保 合 医疗",
    ),
    pattern(
        "PERMIT",
        rf"(?:通行证|回乡证|台胞证|居住证){AWAY}(?:号码?|编号){SIGN}(?P<v>[A-Za-z]{{0,2}}\d{{8,10}}){END}",
        LIKELY,
        digits=8,
        cues="行证 乡证 胞证 住证",
    ),
    pattern(
        "PERMIT",
        rf"(?:台湾|[赴往去]台){_WORDS}{{0,10}}(?P<v>[LT]\d{{8}}){END}",
        LIKELY,
        digits=8,
        cues="台",
    ),
)
