"""A number with a word for a thing before it is nobody's, whatever the thing; one that persons bear is looked at."""

import pytest

from anonymize.detect.analyzer import find_all
from anonymize.detect.fold import fold
from anonymize.detect.identifiers.called import called


def words(text: str) -> list[str]:
    return [text[start:end] for start, end in called(fold(text))]


@pytest.mark.parametrize(
    "thing",
    [
        "燃气表编号",
        "罚单编号",
        "血袋号",
        "停车小票",
        "树牌号：",
        "特种设备登记证",
        "兑奖码是",
        "投诉件",
        "上次投诉的编号是",
        "商户号 ",
    ],
)
def test_what_things_are_numbered_by_is_nobodys(thing):
    text = f"你好，{thing}5652808170717，请核实"
    assert words(text) == ["5652808170717"]
    assert {finding.type for finding in find_all([text])[0]} & {"NUMBER", "BANK_CARD", "MRN"} == set()


@pytest.mark.parametrize(
    "word",
    [
        "会员编号",
        "学号",
        "准考证号",
        "客户号是",
        "个人账号：",
        "编号",
        "另有编号",
        "我的号是",
        "这个号码",
        "职工的编号",
    ],
)
def test_what_persons_are_numbered_by_is_looked_at(word):
    text = f"你好，{word}5652808170717，请核实"
    assert words(text) == []
    assert any(start <= text.index("5") < end for start, end, *_ in find_all([text])[0])


@pytest.mark.parametrize("key", ["Ref: ", "Ticket #", "build=", '"updateTime": ', "template=SMS_"])
def test_what_a_program_keeps_under_a_key_of_its_own_is_nobodys(key):
    assert [finding.type for finding in find_all([f"{key}565280817071"])[0]] == []


@pytest.mark.parametrize("key", ["patient_id=", "memberNo: ", "userId=", "grbh=", "customer #", "bank acc: "])
def test_what_a_program_keeps_of_somebody_is_looked_at(key):
    assert find_all([f"{key}565280817071"])[0]


def test_a_telephone_is_one_whatever_the_word_before_it():
    assert words("值班码13812345678，热线号0571-86543210") == []


def test_a_batch_may_be_named_behind_its_number():
    assert words("疫苗是D4978477批次的，20231025批号") == ["D4978477", "20231025"]


def test_a_sure_paper_is_found_whatever_the_word_before_it():
    found = find_all(["罚单编号11010519491231002X"])[0]
    assert [finding.type for finding in found] == ["CN_ID"]


def test_a_moment_written_as_one_number_is_no_number_of_somebody():
    assert all(finding.type != "NUMBER" for finding in find_all(["时间20250706083015，检验"])[0])


@pytest.mark.parametrize(
    "text",
    [
        "全市接种318204557剂次",
        "合计处理4182045571条数据",
        "318204557名群众参与",
        "下载量达318204557",
        "出口额：3182045571美元",
        "¥318204557，另约 1",
        "余下318204557.50，见附表",
        "浙卫公告第318204557号",
        "规建字第318204557号",
        "微信图片_20240105142.jpg",
        "时间戳：5187124309867",
        "充值机编号3182045571",
        "检验仪器编号3182045571",
        "临床试验登记号CTR20204557",
        "EAN 6931820455718",
        "药品目录编码318204557112",
    ],
)
def test_what_is_counted_measured_published_or_a_file_is_nobodys(text):
    assert not {"NUMBER", "MRN", "BANK_CARD"} & {finding.type for finding in find_all([text])[0]}


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("他13812345678位置在这", "PHONE"),
        ("预约318204557，请核对", "NUMBER"),
        ("318204557名下有两套房", "NUMBER"),
        ("军字第3182045号，优先", "OFFICER_CARD"),
        ("打款号6217001234567890122，请转", "BANK_CARD"),
    ],
)
def test_what_only_looks_counted_or_like_a_thing_is_looked_at(text, kind):
    assert kind in {finding.type for finding in find_all([text])[0]}
