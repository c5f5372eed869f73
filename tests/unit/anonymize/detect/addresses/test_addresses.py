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


@pytest.mark.parametrize(
    "address",
    [
        "青禾花园3-2-501",
        "青禾花园12#楼3单元402",
        "柳岸大厦A座1203",
        "云山百货B1层18号铺",
        "长乐路甲12号",
        "长乐路18号之3",
        "长乐路18号附3号",
        "长乐路18号柳岸商座21层2108室",
        "长乐路18号柳岸大厦金座507",
        "长乐路18号柳岸大厦Ⅰ座3306室",
        "长乐路18号5幢车间2层",
        "长乐路18号柳岸广场B座仓库2层",
        "长乐路18号出租屋302房",
        "长乐路18号校内教工住宅12栋3单元5号",
        "长乐路18号柳岸大酒店旁2栋801",
        "长乐路18号柳岸广场D座12A03",
        "长乐路18号柳岸大厦A区13-8",
        "长乐路18号柳岸一期办公楼3201-05室",
        "长乐路18号后门2楼亭子间",
        "长乐路18号东校园13栋402宿舍",
        "临水县云山镇柳岸工业区B区21栋3楼",
        "长乐路中段18号",
        "将军路55号负一层",
        "长乐路18号（近安康路）",
        "长乐路与安康路交叉口向东200米",
        "临水县国道318线1204公里",
        "石桥镇双河村李家湾组12号",
        "石桥镇双河村青山组",
        "石桥镇前进大队第三生产队",
        "内蒙古自治区通辽市科尔沁左翼中旗白云苏木青山嘎查12号",
        "新疆生产建设兵团第八师143团6连12号",
        "西藏自治区日喀则市桑珠孜区石桥镇青山村8号",
        "香港九龍旺角長樂道12號8樓B室",
        "澳門新口岸長樂街20號6樓C座",
        "台北市大安區長樂路四段12巷3弄8號5樓之2",
        "湖北省 武汉市 洪山区 长乐路18号 青禾花园 3栋 501室",
        "430070 湖北省武汉市洪山区长乐路18号",
        "洪山区长乐路１８号３栋５０１室",
        "滨江壹号3栋2单元501室",
        "春江花月3栋2单元501室",
        "洪山区长乐路18号春江花月34门2606",
        "书香门第33#-1-1701",
        "青禾公寓（东区）6号楼905",
        "青禾花园99号商铺",
        "武汉市 洪山区 长乐路 18 号",
        "湖北省-武汉市-洪山区-长乐路18号",
        "77团9连321号",
        "农贸市场F区2楼502号",
        "长乐路18之3号",
        "长乐路18-3",
        "长乐路18号502号房",
        "长乐路18号后楼502室",
        "长乐路18号信息港19楼",
        "青禾花园3栋二单元一七〇一",
        "青禾花园联排9号",
        "友谊农场一分场25队209号",
        "长乐路18号院内平房26号",
        "青禾花园B组团9栋502",
        "沿江东路18号",
        "经三路18号",
        "洪山区C时代广场9栋",
    ],
)
@pytest.mark.parametrize("frame", ["住址：{}。", "市民反映，{}门口积水", "患者住{}，独居。", "快递送至{}无人签收"])
def test_forms_of_many_places_and_writers_are_one_span(address, frame):
    assert found(frame.format(address)) == [address]


@pytest.mark.parametrize(
    ("frame", "address"),
    [
        ("户籍所在地为{}", "长乐路18号3栋501室"),
        ("办公地址变更为{}，特此公告", "柳岸大厦9层"),
        ("登记地址系{}。", "临水市长乐路18号3栋501室"),
        ("{}房客已搬走", "长乐路18号3幢28-6"),
        ("投诉人称{}有人违规搭建", "长乐路18号"),
        ("籍贯河南，住{}。", "长乐路18号"),
        ("因{}噪音扰民，多次协调未果", "长乐路18号"),
        ("患者于{}家中跌倒", "洪山区长乐路18号"),
        ("邮编：430070，{}", "湖北省武汉市洪山区长乐路18号"),
        ("{}上班", "长乐路18号17楼"),
        ("{}房东不退押金", "长乐路18号3楼"),
        ("{}后面堆满垃圾", "青禾花园3号楼"),
        ("病人出院后回{}居住", "长乐路18号"),
        ("我爸妈家{}", "青禾花园3栋501"),
        ("“地址写{}”，他是这么说的", "长乐路18号"),
        ("购买了{}的房子", "长乐路18号之3"),
        ("执法人员赴{}检查", "红星农场3队"),
        ("身份证地址{}，", "于都县长乐路18号"),
        ("群众举报{}内有人赌博", "青禾花园7号楼3单元一七〇一室"),
    ],
)
def test_what_leads_up_to_an_address_and_what_follows_it_are_no_part_of_it(frame, address):
    assert found(frame.format(address)) == [address]


@pytest.mark.parametrize(
    "frame", ["师傅导航{}，谢谢", "包裹已发往{}，请留意", "她搬到{}了", "住{}的老人摔倒了", "{}漏水"]
)
@pytest.mark.parametrize("address", ["朝露街12号", "朝晖东路256弄33号", "朝霞三路8号6号商铺"])
def test_a_name_that_begins_like_a_preposition_keeps_its_first_character(frame, address):
    assert found(frame.format(address)) == [address]


@pytest.mark.parametrize("frame", ["住址：{}。", "货在{}门口", "我们公司搬到{}了"])
@pytest.mark.parametrize(
    "address",
    [
        "商丘市城乡一体化示范区华夏路18号",
        "六盘水市六枝特区银壶大学南校区9号宿舍楼207室",
        "芜湖市经济技术开发区银湖北路38号",
    ],
)
def test_a_zone_is_a_district_of_its_city(frame, address):
    assert found(frame.format(address)) == [address]


def test_a_zone_without_a_number_is_no_address():
    assert found("会议在洛阳市高新区召开，3家企业参加。") == []


def test_a_place_alone_is_a_place():
    assert found("他来自成都，在北京上学。") == []
    assert found("他来自成都，在北京上学。", "LOCATION") == ["成都", "北京"]


def test_full_width_digits_belong_to_the_address():
    text = "住址：渝中区民生路２１０号３栋５０１室。"
    assert found(text) == ["渝中区民生路２１０号３栋５０１室"]


@pytest.mark.parametrize(
    "text",
    [
        "共3组数据，2号线停运，第5层次",
        "12栋楼下有3户居民，5号文件",
        "B组2号选手，1号公告",
        "邻居3楼漏水",
        "内科3号床",
        "乡镇街道村组联审",
        "修建一座天桥",
    ],
)
def test_counts_and_lines_are_no_address(text):
    assert found(text) == []
