"""Addresses are found as one span, from the first part to the room, in the forms people write."""

import pytest

from anonymize.detect.analyzer import find_all


def found(text: str, kind: str = "ADDRESS") -> list[str]:
    return [text[f.start : f.end] for f in sorted(find_all([text])[0]) if f.type == kind]


@pytest.mark.parametrize(
    "address",
    [
        "重庆市渝中区民生路210号附5号",
        "重庆市渝中区大坪正街19号3号楼12-5",
        "江北区观音桥街道建新北路16号2单元501室",
        "邻水县鼎屏镇五里村3组27号",
        "西湖区文三路478号华星大厦12楼1203室",
        "朝阳区望京西园四区412号楼1单元702",
        "内蒙古自治区赤峰市红山区钢铁大街5号院3栋二单元101室",
        "浦东新区世纪大道100弄8号楼2302室",
        "海淀区中关村南大街5号",
        "杨柳镇石坪村二社",
    ],
)
@pytest.mark.parametrize(
    "frame", ["市民反映，{}门前的路灯不亮。", "家住{}的王阿姨", "现住址：{}", "位于{}，请尽快处理", "{}"]
)
def test_an_address_is_one_span_whatever_stands_around(address, frame):
    assert found(frame.format(address)) == [address]


def test_a_place_alone_is_a_place():
    assert found("他来自成都，在北京上学。") == []
    assert found("他来自成都，在北京上学。", "LOCATION") == ["成都", "北京"]


def test_full_width_digits_belong_to_the_address():
    text = "住址：渝中区民生路２１０号３栋５０１室。"
    assert found(text) == ["渝中区民生路２１０号３栋５０１室"]


@pytest.mark.parametrize("text", ["共3组数据，2号线停运，第5层次", "12栋楼下有3户居民，5号文件", "B组2号选手，1号公告"])
def test_counts_and_lines_are_no_address(text):
    assert found(text) == []
