"""Names of other peoples of China are found whole, by their parts or around their dot."""

import pytest

from anonymize.detect.analyzer import find_all


def persons(text: str) -> set[str]:
    return {text[f.start : f.end] for f in find_all([text])[0] if f.type == "PERSON"}


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("来电人次仁旺堆反映水管破裂", "次仁旺堆"),
        ("告知患者之妻格桑卓玛病情", "格桑卓玛"),
        ("联系人买合木提·依明，邻居", "买合木提·依明"),
        ("配偶迪丽努尔·艾力在场", "迪丽努尔·艾力"),
        ("牧民斯琴高娃来信", "斯琴高娃"),
    ],
)
def test_a_name_of_two_parts_is_found_whole(text, name):
    assert any(name in person for person in persons(text))


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("受理人揭博，审核人王林", "揭博"),
        ("小区保安尤兵拒绝外卖员进入", "尤兵"),
        ("甘阳女士主诉头晕", "甘阳"),
        ("助产士麻火根", "麻火根"),
    ],
)
def test_a_rare_surname_is_found_after_a_role_or_before_a_title(text, name):
    assert name in persons(text)


def test_a_person_named_once_is_found_again_without_surname():
    text = "患者张伟民，男，六十岁。昨夜伟民诉头痛。"
    assert "伟民" in persons(text)


@pytest.mark.parametrize(
    "text", ["各位女士、先生，大家好", "保安全部到岗", "志愿者在路口执勤", "经理和会计都不在", "那位先生说停水了"]
)
def test_a_role_without_a_name_names_nobody(text):
    assert persons(text) == set()
