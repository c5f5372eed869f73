"""Words in the names of columns, Latin and Chinese, and what they hint at."""

import re


def _hint(words: str) -> re.Pattern[str]:
    """Match a column name that holds one of *words*: Latin ones as whole parts, hanzi anywhere."""
    latin = [word for word in words.split() if word.isascii()]
    hanzi = [word for word in words.split() if not word.isascii()]
    parts = [rf"(?:^|[^a-z])(?:{'|'.join(latin)})(?:[^a-z]|$)"] if latin else []
    return re.compile("|".join(parts + hanzi), re.IGNORECASE)


def says(hint: re.Pattern[str], name: str) -> bool:
    """Say whether the column *name* holds the hint; `ageGroup` is read as `age_Group`."""
    return hint.search(re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)) is not None


SUBJECT = _hint(
    "patient_?id subject subject_?id person_?id mrn medrec 病案号 住院号 病历号 患者编号 登记号 患者标识 就诊卡"
)
NAME = _hint("name patient_?name full_?name xm contact 姓名 名字 联系人 家属")
ID = _hint("resident_?id id_?card id_?no sfzh ssn social_?security national_?id passport 身份证 证件 护照")
UID = _hint("uid guid uuid global_?id")
TECHNICAL = re.compile("class|syntax", re.IGNORECASE)
CONTACT = _hint("phone tel telephone mobile email e_?mail wechat qq fax 电话 手机 邮箱 微信 传真 座机")
ADDRESS = _hint("address addr street 地址 住址 户籍")
PLACE = _hint("residence county district region area place city province 区划 区县 居住地 现住 行政区 省份 城市")
COORDINATE = _hint("lat lon lng long latitude longitude x_?coordinate y_?coordinate 经度 纬度")
BIRTH = _hint("birth dob birthday birth_?date born 出生 生日")
AGE = _hint("age 年龄")
SITE = _hint("site topography icd icdo icdo3 icd10 部位 诊断编码")
MORPHOLOGY = _hint("morphology histology 形态 组织学")
KNOWN = _hint(
    "age sex gender meno menopause race ethnicity ethnic nation marital marriage occupation job education religion "
    "year neighborhood neighbourhood precinct ward borough zip postcode "
    "性别 民族 婚姻 职业 文化程度 学历 国籍 绝经 年份 社区 街道 派出所"
)
DEVICE = _hint("modality manufacturer model body_?part")
NOTE = _hint("note notes text comment remark remarks narrative summary history 备注 病史 记录 小结 主诉 描述 内容")
