"""The note of each invented patient, as a ward would write it: cue words, names, numbers and days in many forms."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from market.demo.sources.people import Person

_KIN = ("丈夫", "儿子", "女儿", "妹妹", "姐姐", "侄女")
_OPENINGS = (
    "患者{name}，女，{age}岁，因发现乳房肿块入院。",
    "患者姓名：{name}，{age}岁，自诉乳房无痛性肿块。",
    "{name}，女，{age}岁，体检发现乳腺占位，门诊收入院。",
    "病人{name}（{masked}），{age}岁，{born}出生，既往体健。",
)
_NUMBERS = (
    "身份证号{resident_id}，联系电话{phone}。",
    "电话{phone}，证件号：{resident_id}，住院号：{patient_id}。",
    "住院号{patient_id}，手机{phone}，身份证{resident_id}。",
    "联系方式：{phone}；身份证号码：{resident_id}。",
)
_HOMES = ("家住{address}。", "现住址：{address}。", "地址{tail}，由家人陪同。", "住{tail}。")
_SURGERY = (
    "于{surgery}行手术治疗，术后切口愈合好。",
    "{surgery}在全麻下手术，过程顺利，标本送检。",
    "手术日期{surgery}，术后予常规护理。",
)
_FAMILY = (
    "联系人：{relative}（{kin}），电话{relative_phone}。",
    "{kin}{relative}陪护，电话{relative_phone}。",
    "家属{relative}（{kin}）知情并签字，联系电话：{relative_phone}。",
)
_DOCTOR = (
    "主治医师：{doctor}。",
    "手术医师{doctor}查看后同意出院。",
    "{called}复诊，主管医生{doctor}，咨询可拨打12345热线。",
)
_RELAPSE = ("{relapse}复查提示复发，诊断C50.9。", "随访至{relapse}发现复发。")
_LAST = ("末次随访{last}。", "{last}电话随访。")
_EXTRA_NUMBER = ("医保卡号{number}。", "病理号：{number}。", "转账账号{number}。", "另有编号{number}。")
_EXTRA_DATE = ("其父{day}出生。", "其母生于{day}。", "家谱记载{day}迁居。")


def note(record: Mapping[str, Any], person: Person) -> str:
    """Tell the story of *person*, in the forms that `person.style` chooses."""
    style = _Style(person.style)
    surname = person.name[0]
    facts = {
        "name": person.name,
        "masked": style.pick((f"{surname}女士", f"{surname}某", f"{surname}*{person.name[-1]}")),
        "called": f"{surname}女士",
        "age": record["age"],
        "born": style.day(person.birth_date),
        "resident_id": style.number(person.resident_id, (6, 14)),
        "phone": style.number(person.phone, (3, 7)),
        "patient_id": person.patient_id,
        "address": person.address,
        "tail": person.address[person.address.index(_area_end(person.address)) + 1 :],
        "surgery": style.day(person.surgery_date),
        "relative": person.relative,
        "kin": style.pick(_KIN),
        "relative_phone": style.number(person.relative_phone, (3, 7)),
        "doctor": person.doctor,
    }
    parts = [style.pick(_OPENINGS), style.pick(_NUMBERS), style.pick(_HOMES), style.pick(_SURGERY)]
    parts += [f"组织学分级{record['grade']}级。", style.pick(_FAMILY), style.pick(_DOCTOR)]
    story = "".join(parts).format(**facts)
    if person.relapse_date:
        story += style.pick(_RELAPSE).format(relapse=style.day(person.relapse_date))
    story += style.pick(_LAST).format(last=style.day(person.last_contact_date))
    if person.extra_number:
        story += style.pick(_EXTRA_NUMBER).format(number=person.extra_number)
    if person.extra_date:
        story += style.pick(_EXTRA_DATE).format(day=style.day(person.extra_date))
    return story


class _Style:
    """Draws one choice after the other from a number."""

    def __init__(self, seed: int) -> None:
        self._left = seed * 7919 + 1

    def pick(self, choices: Sequence[str]) -> str:
        self._left = (self._left * 6364136223846793005 + 1442695040888963407) % 2**64
        return choices[(self._left >> 33) % len(choices)]

    def day(self, day: date) -> str:
        """Write a day as people do."""
        forms = (
            f"{day.year}年{day.month}月{day.day}日",
            day.isoformat(),
            f"{day.year}/{day.month}/{day.day}",
            f"{day.year}.{day.month:02}.{day.day:02}",
            f"{day:%Y%m%d}",
        )
        return self.pick(forms)

    def number(self, number: str, cuts: tuple[int, int]) -> str:
        """Write a number in one piece, in groups, or full-width."""
        groups = (number[: cuts[0]], number[cuts[0] : cuts[1]], number[cuts[1] :])
        wide = "".join(chr(ord(char) + 0xFEE0) for char in number)
        return self.pick((number, number, number, " ".join(groups), "-".join(groups), wide))


def _area_end(address: str) -> str:
    """Find the character that ends the administrative part of an address of ours."""
    return "县" if "县" in address else "区"
