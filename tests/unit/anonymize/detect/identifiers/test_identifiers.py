"""Each type of identifier: what it is, what it is not, and how much of it is found on templates nobody read."""

import pytest

from anonymize.detect.analyzer import find_all
from anonymize.detect.findings import merge
from anonymize.detect.identifiers.patterns import PATTERNS
from tests.accuracy.identifiers import by_type
from tests.common.corpus.identifiers import TYPES

STRUCTURED = {pattern.type for pattern in PATTERNS}


def found(text: str) -> list[tuple[str, str]]:
    spans = [finding for finding in find_all([text])[0] if finding.type in STRUCTURED]
    return [(finding.type, text[finding.start : finding.end]) for finding in merge(spans)]


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("URL", "https://pan.baidu.com/s/1abcDEF?pwd=1a2b"),
        ("URL", "http://www.cq.gov.cn/"),
        ("URL", "www.gov.cn"),
        ("URL", "my-shop.top"),
        ("IP", "10.0.0.254"),
        ("IP", "2001:db8:0:1:1:1:1:1"),
        ("IP", "fe80::1ff:fe23:4567"),
        ("MAC", "00:1a:2B:3c:4d:5e"),
        ("MAC", "00-1A-2B-3C-4D-5E"),
        ("MAC", "001a.2b3c.4d5e"),
        ("COORDINATES", "106.551557,29.563009"),
        ("COORDINATES", "29.5630, 106.5515"),
        ("COORDINATES", "东经106°33′5″，北纬29°33′46″"),
        ("COORDINATES", "29.563°N 106.551°E"),
        ("OFFICER_CARD", "军字第20210034号"),
        ("WECHAT", "wxid_a1b2c3d4"),
        ("PLATE", "粤Z1234港"),
    ],
)
@pytest.mark.parametrize("frame", ["{}", "其为{}，已登记", "（{}）", "见：{}。"])
def test_a_form_without_a_cue_is_found_whole(kind, value, frame):
    assert (kind, value) in found(frame.format(value))


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("顺丰运单号SF1234567890123", "COURIER_NO", "SF1234567890123"),
        ("包裹773312345678901还没到", "COURIER_NO", "773312345678901"),
        ("EA123456789CN（邮政）", "COURIER_NO", "EA123456789CN"),
        ("军官证：政字第0123456号", "OFFICER_CARD", "政字第0123456号"),
        ("士兵证20211234", "OFFICER_CARD", "20211234"),
        ("社会保障卡号500103199", "INSURANCE_NO", "500103199"),
        ("医保卡A12345678遗失", "INSURANCE_NO", "A12345678"),
        ("税号91500103MA5U0000XY", "USCC", "91500103MA5U0000XY"),
        ("台湾居民来往大陆通行证号0123456789", "PERMIT", "0123456789"),
        ("通行证H20123456", "PERMIT", "H20123456"),
        ("Passport No. X1234567", "PASSPORT", "X1234567"),
        ("就诊卡号0000123456", "MRN", "0000123456"),
        ("急诊流水号20230001", "MRN", "20230001"),
        ("快递员13812345678不送货上门", "PHONE", "13812345678"),
        ("D.O.B.: 1960-02-03", "DATE_OF_BIRTH", "1960-02-03"),
        ("出生：1960年2月", "DATE_OF_BIRTH", "1960年2月"),
        ("账户4367-4270-1921-6419-675", "BANK_CARD", "4367-4270-1921-6419-675"),
        ("QQ群主123456", "QQ", "123456"),
        ("QQ联系483025248", "QQ", "483025248"),
        ("微信联系：maple-lin", "WECHAT", "maple-lin"),
        ("maple-lin（微信）", "WECHAT", "maple-lin"),
        ("医疗保障卡号 814914921023", "INSURANCE_NO", "814914921023"),
        ("医保ID：0765479298", "INSURANCE_NO", "0765479298"),
        ("医保个人代码7617367453", "INSURANCE_NO", "7617367453"),
        ("社会保障卡号:7756199256213852", "INSURANCE_NO", "7756199256213852"),
        ("入院号：ZY97286972", "MRN", "ZY97286972"),
        ("门诊ID MZ9186726217", "MRN", "MZ9186726217"),
        ("门诊IDMZ9186726217", "MRN", "MZ9186726217"),
        ("挂号信号码9891632096354", "COURIER_NO", "9891632096354"),
        ("速递单号428638652830230", "COURIER_NO", "428638652830230"),
        ("顺丰到付，单号776577578437977", "COURIER_NO", "776577578437977"),
        ("就医卡号B235219677", "MRN", "B235219677"),
        ("生辰1974.02.12", "DATE_OF_BIRTH", "1974.02.12"),
        ("出生日期/1940/4/9", "DATE_OF_BIRTH", "1940/4/9"),
        ("来自IP2001:db8::aac9:c709", "IP", "2001:db8::aac9:c709"),
    ],
)
def test_a_word_before_or_after_it_gives_a_number_its_type(text, kind, value):
    assert found(text) == [(kind, value)]


@pytest.mark.parametrize(
    "text",
    [
        "订单号2023112800123456",
        "订单编号：6222021234567890123",
        "工单号 500103199001011",
        "交易流水号123456789012",
        "发票号码01234567",
        "国药准字H20233456，批号20230101A",
        "予H19990123口服",
        "服务热线400-123-4567，或4008 123 456",
        "客服电话8001234567",
        "拨打12345、120、95588、12315",
        "软件V1.2.3.4已升级，版本号10.2.3.4",
        "采购金额123456789元",
        "HBV-DNA 123456789 IU/ml",
        "GB/T 37964-2019，渝府发〔2023〕12号",
        "温度36.512，36.613",
        "ICD C50.901，M8500/3，pT2N1M0",
        "比例1:2:3，时间12:30:45",
        "肿块3.1×2.5×1.8cm",
        "乘CA4101、G8501到京",
        "见图3.com端",
        "std::vector，文件a.b",
        "300.1234,200.5678",
        "256.1.1.1",
        "GG:HH:II:JJ:KK:LL",
    ],
)
def test_what_is_nobodys_stays(text):
    assert found(text) == []


def test_a_date_of_service_is_a_date_and_no_date_of_birth():
    assert found("2021年3月4日入院，2021-03-09出院") == [("DATE", "2021年3月4日"), ("DATE", "2021-03-09")]


@pytest.mark.parametrize("unseen", [False, True])
def test_identifiers_are_found_and_decoys_stay_on_templates(unseen):
    counts = by_type(each=6, seed=101, unseen=unseen)
    assert {kind for kind, count in counts.items() if count.entities} == set(TYPES.values())
    assert sum(count.found for count in counts.values()) >= 0.995 * sum(count.entities for count in counts.values())
    assert sum(count.right for count in counts.values()) >= 0.995 * sum(count.findings for count in counts.values())
