"""What the row says of its person is found in the row's text, in the forms people write."""

import pytest

from anonymize.detect.names import own_addresses, own_names, own_values


def found(finder, text: str, value: str) -> set[str]:
    return {text[finding.start : finding.end] for finding in finder(text, value)}


@pytest.mark.parametrize(
    ("text", "name", "seen"),
    [
        ("请张伟民签字", "张伟民", "张伟民"),
        ("请张 伟 民签字", "张伟民", "张 伟 民"),
        ("请张先生签字", "张伟民", "张先生"),
        ("请张某某签字", "张伟民", "张某某"),
        ("请张*民签字", "张伟民", "张*民"),
        ("请张＊＊签字", "张伟民", "张＊＊"),
        ("请**民签字", "张伟民", "**民"),
        ("请老张签字", "张伟民", "老张"),
        ("请伟民签字", "张伟民", "伟民"),
        ("请欧阳女士签字", "欧阳娜", "欧阳女士"),
        ("㛃䶮来诊", "㛃䶮", "㛃䶮"),
        ("MR SMITH, john came", "John Smith", "SMITH"),
    ],
)
def test_a_name_is_found_in_its_variants(text, name, seen):
    assert seen in found(own_names, text, name)


def test_another_name_and_a_part_of_a_word_stay():
    assert found(own_names, "请李四签字，smithereens", "张三") == set()
    assert found(own_names, "smithereens", "Bo Smith") == set()


def test_an_address_is_found_by_its_tail_and_its_parts():
    address = "重庆市渝中区民生路210号11栋4单元17-3"
    assert found(own_addresses, "住民生路 210 号", address)
    assert "民生路" in found(own_addresses, "在民生路晕倒", address)
    assert found(own_addresses, "在北京路晕倒", address) == set()


@pytest.mark.parametrize("form", ["1903-05-07", "1903年5月7日", "1903/5/7", "19030507", "１９０３年５月７日", "5月7日"])
def test_a_date_is_found_in_its_other_forms(form):
    assert found(own_values, f"生于{form}。", "1903-05-07")


def test_a_number_is_found_between_boundaries_only():
    assert found(own_values, "号12 34-5。", "12345") == {"12 34-5"}
    assert found(own_values, "号9123456", "12345") == set()
