"""The role and treatment proposed for each column, and why.

Rules are tried in order; the first that speaks decides. Names of columns are hints, values are evidence; where
neither is clear the stricter role is proposed and the reason says so.
"""

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from anonymize.shapes import HARMLESS, Shape
from policies.plan import Column, Role, Treatment

CELL = 11
"""Fewer distinct values than this repeat often enough to be published as they are."""

LONG = 10**8
"""Whole numbers from here on have nine digits: as many as numbers of people, cards and records have."""

Rule = Callable[[Shape], "Proposal | None"]


@dataclass(frozen=True, slots=True)
class Proposal:
    """A column of the proposed plan, and the reason in words."""

    column: Column
    reason: str


def _hint(words: str) -> re.Pattern[str]:
    """Match a column name that holds one of *words*: Latin ones as whole parts, hanzi anywhere."""
    latin = [word for word in words.split() if word.isascii()]
    hanzi = [word for word in words.split() if not word.isascii()]
    parts = [rf"(?:^|[^a-z])(?:{'|'.join(latin)})(?:[^a-z]|$)"] if latin else []
    return re.compile("|".join(parts + hanzi), re.IGNORECASE)


def _spelled(name: str) -> str:
    """Part the words of a column name: `ageGroup` is read as `age_Group`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)


_SUBJECT = _hint(
    "patient_?id subject subject_?id person_?id mrn medrec 病案号 住院号 病历号 患者编号 登记号 患者标识 就诊卡"
)
_NAME = _hint("name patient_?name full_?name xm contact 姓名 名字 联系人 家属")
_ID = _hint("resident_?id id_?card id_?no sfzh ssn social_?security national_?id passport 身份证 证件 护照")
_CONTACT = _hint("phone tel telephone mobile email e_?mail wechat qq fax 电话 手机 邮箱 微信 传真 座机")
_ADDRESS = _hint("address addr street 地址 住址 户籍")
_PLACE = _hint("residence county district region area place city province 区划 区县 居住地 现住 行政区 省份 城市")
_BIRTH = _hint("birth dob birthday birth_?date born 出生 生日")
_AGE = _hint("age 年龄")
_SITE = _hint("site topography icd icdo icdo3 icd10 部位 诊断编码")
_MORPHOLOGY = _hint("morphology histology 形态 组织学")
_KNOWN = _hint(
    "age sex gender meno menopause race ethnicity ethnic nation marital marriage occupation job education religion "
    "year 性别 民族 婚姻 职业 文化程度 学历 国籍 绝经 年份"
)
_NOTE = _hint("note notes text comment remark remarks narrative summary history 备注 病史 记录 小结 主诉 描述 内容")
_TOKEN_LIKE = frozenset(
    {
        "CN_ID",
        "PHONE",
        "BANK_CARD",
        "USCC",
        "PLATE",
        "PASSPORT",
        "PERMIT",
        "EMAIL",
        "WECHAT",
        "QQ",
        "MRN",
        "INSURANCE_NO",
    }
)


def propose(shapes: Sequence[Shape]) -> list[Proposal]:
    """Propose a role and a treatment for every column; exactly one is the subject."""
    subject = _subject(shapes)
    return [_as_subject(shape) if shape is subject else _proposal(shape) for shape in shapes]


def _subject(shapes: Sequence[Shape]) -> Shape:
    """Choose the column that says whose row it is: by name, then an identity number, then by being unique."""
    hinted = [shape for shape in shapes if _SUBJECT.search(_spelled(shape.name)) and not shape.missing]
    numbers = [shape for shape in shapes if shape.wholly.get("CN_ID", 0) > 0.5]
    unique = [shape for shape in shapes if shape.unique and shape.type != "number"]
    return next(iter(hinted + numbers + unique), max(shapes, key=lambda shape: (shape.distincts, -shape.missing)))


def _as_subject(shape: Shape) -> Proposal:
    column = Column(name=shape.name, role=Role.SUBJECT, treatment=Treatment.TOKEN, scrub="value")
    if shape.distincts < shape.rows:
        repeats = f"{shape.distincts:,} distinct values in {shape.rows:,} rows: check that it is one per person"
        return Proposal(column, f"Taken for the column that says whose row it is; {repeats}.")
    return Proposal(column, "Says whose row it is: one value per row. Replaced by a token of this edition.")


def _proposal(shape: Shape) -> Proposal:
    return next(proposal for rule in _RULES if (proposal := rule(shape)) is not None)


def _direct(shape: Shape, reason: str, scrub: str = "value") -> Proposal:
    return Proposal(Column(name=shape.name, role=Role.DIRECT_IDENTIFIER, treatment=Treatment.DROP, scrub=scrub), reason)


def _quasi(shape: Shape, treatment: Treatment, reason: str) -> Proposal:
    return Proposal(Column(name=shape.name, role=Role.QUASI_IDENTIFIER, treatment=treatment), reason)


def _empty(shape: Shape) -> Proposal | None:
    if shape.type != "empty":
        return None
    return Proposal(Column(name=shape.name, role=Role.INSENSITIVE, treatment=Treatment.DROP), "Holds no value.")


def _identifier(shape: Shape) -> Proposal | None:
    kind = max(sorted(_TOKEN_LIKE), key=lambda kind: shape.wholly.get(kind, 0))
    if shape.wholly.get(kind, 0) >= 0.1 and shape.type != "date":
        return _direct(shape, f"{shape.wholly[kind]:.0%} of its values are {kind} and nothing else.")
    for hint, what in (
        (_ID, "an identity number"),
        (_CONTACT, "a way to reach somebody"),
        (_SUBJECT, "a record number"),
    ):
        if hint.search(_spelled(shape.name)):
            return _direct(shape, f"Its name says {what}.")
    return None


def _note(shape: Shape) -> Proposal | None:
    if shape.type != "text" or (
        shape.median_length < 2 * 16 and not (_NOTE.search(_spelled(shape.name)) and shape.median_length > 6)
    ):
        return None
    if _ADDRESS.search(_spelled(shape.name)):
        return None
    named = ", ".join(shape.findings) or "nothing that rules find"
    column = Column(name=shape.name, role=Role.FREE_TEXT, treatment=Treatment.REDACT)
    return Proposal(
        column, f"Running text; holds {named}. Without a model some names of others may stay: read samples or drop it."
    )


def _name(shape: Shape) -> Proposal | None:
    if shape.type not in ("text", "category"):
        return None
    looks = shape.looks["name"]
    if _NAME.search(_spelled(shape.name)) and (looks >= 0.3 or shape.mostly_different):
        return _direct(shape, f"Its name says a person's name; {looks:.0%} of its values look like one.", "name")
    if looks >= 0.8 and shape.mostly_different:
        return _direct(shape, f"{looks:.0%} of its values look like Chinese names. Unsure: the stricter role.", "name")
    return None


def _address(shape: Shape) -> Proposal | None:
    share = shape.findings.get("ADDRESS", 0) / max(shape.distincts, 1)
    if share < 0.3 and not (_ADDRESS.search(_spelled(shape.name)) and shape.type == "text"):
        return None
    return _direct(shape, f"{share:.0%} of its values are or hold an address.", "address")


def _place(shape: Shape) -> Proposal | None:
    looks = shape.looks["place"]
    if looks < 0.95 or not (_PLACE.search(_spelled(shape.name)) or shape.distincts > 1):
        return None
    return _quasi(shape, Treatment.PLACE, "Six-digit codes of GB/T 2260: an acquaintance knows where somebody lives.")


def _date(shape: Shape) -> Proposal | None:
    if shape.type != "date":
        return None
    if _BIRTH.search(_spelled(shape.name)):
        return _direct(shape, "A date of birth: identifying to the day. Dropped; an age may be computed from it.")
    return _quasi(shape, Treatment.DATE, "A date: an acquaintance may know it. Shifted per subject, then generalised.")


def _age(shape: Shape) -> Proposal | None:
    if shape.type != "integer" or not _AGE.search(_spelled(shape.name)) or shape.quantiles[2] > 120:
        return None
    return _quasi(shape, Treatment.AGE, "An age: an acquaintance knows it. Banded and top-coded.")


def _code(shape: Shape) -> Proposal | None:
    for hint, key, treatment in (
        (_SITE, "topography", Treatment.TOPOGRAPHY),
        (_MORPHOLOGY, "morphology", Treatment.MORPHOLOGY),
    ):
        if shape.looks[key] >= 0.95 and (hint.search(_spelled(shape.name)) or key == "topography"):
            return _quasi(shape, treatment, "An ICD-O-3 code: the kind of tumour is often known. Rolls up by its tree.")
    return None


def _known(shape: Shape) -> Proposal | None:
    if not _KNOWN.search(_spelled(shape.name)) or shape.mostly_different or shape.findings.keys() - HARMLESS:
        return None
    if shape.type in ("integer", "number") and shape.distincts > CELL:
        return replace(_banded(shape, Role.QUASI_IDENTIFIER), reason="Its name says something others know. In bands.")
    return _quasi(shape, Treatment.GROUP, "Its name says something others know about a person.")


def _constant(shape: Shape) -> Proposal | None:
    if shape.distincts != 1 or shape.findings:
        return None
    column = Column(name=shape.name, role=Role.INSENSITIVE, treatment=Treatment.KEEP, kind=_kind(shape))
    return Proposal(column, "The same value in every row that has one.")


def _category(shape: Shape) -> Proposal | None:
    # A coded value is a category as well, unless its values are nearly all different.
    if shape.distincts > CELL or shape.mostly_different or shape.findings.keys() - HARMLESS:
        return None
    if 2 * shape.distincts > shape.rows - shape.missing:
        return None
    column = Column(name=shape.name, role=Role.SENSITIVE_ATTRIBUTE, treatment=Treatment.KEEP, kind=_kind(shape))
    return Proposal(
        column, f"{shape.distincts} values that repeat. Taken for something others do not know but may learn."
    )


def _number(shape: Shape) -> Proposal | None:
    if shape.type not in ("integer", "number"):
        return None
    if shape.unique and shape.type == "integer":
        return _direct(
            shape, "A different whole number in every row: it may be a record number. Unsure: the stricter role."
        )
    if shape.type == "integer" and abs(shape.quantiles[1]) >= LONG:
        return _direct(shape, "Numbers of nine digits or more are names of something. Unsure: the stricter role.")
    return _banded(shape, Role.SENSITIVE_ATTRIBUTE)


def _banded(shape: Shape, role: Role) -> Proposal:
    low, _, high = shape.quantiles
    width = _nice((high - low) / 5)
    lower = math.floor(low / width) * width
    upper = lower + 4 * max(1, math.ceil((high - lower) / width / 4)) * width
    column = Column(
        name=shape.name,
        role=role,
        treatment=Treatment.BAND,
        widths=(width, 2 * width, 4 * width),
        lower=None if lower == 0 else lower,
        upper=upper,
    )
    return Proposal(
        column, "A measured number: exact values single people out. Published in bands, its tails as one band each."
    )


def _nice(width: float) -> float:
    """Round up to 1, 2 or 5 times a power of ten."""
    power = 10.0 ** math.floor(math.log10(width)) if width > 0 else 1.0
    nice = next(step * power for step in (1, 2, 5, 10) if step * power >= width)
    return int(nice) if nice >= 1 else round(nice, 12)


def _unsure(shape: Shape) -> Proposal | None:
    if shape.distincts > CELL or shape.findings:
        return _direct(shape, "Labels of many kinds, or with personal data in some. Unsure: the stricter role.")
    column = Column(name=shape.name, role=Role.SENSITIVE_ATTRIBUTE, treatment=Treatment.GROUP)
    return Proposal(column, "Few labels that hardly repeat. Unsure: taken as sensitive.")


def _kind(shape: Shape) -> str:
    return shape.type if shape.type in ("integer", "number") else "text"


_RULES: tuple[Rule, ...] = (
    _empty,
    _date,
    _place,
    _age,
    _identifier,
    _note,
    _name,
    _address,
    _code,
    _known,
    _constant,
    _category,
    _number,
    _unsure,
)
