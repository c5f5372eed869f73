"""Identifiers told in running text are found away from their word; slips, batches and codes beside them stay."""

import pytest

from anonymize.detect.analyzer import find_all
from anonymize.detect.findings import merge
from anonymize.detect.identifiers.checksums import is_luhn, is_uscc, resident_id_check

BODY = "50010319900307851"
ID = BODY + resident_id_check(BODY)


def types(text: str) -> list[tuple[str, str]]:
    return [(finding.type, text[finding.start : finding.end]) for finding in merge(find_all([text])[0])]


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("对方的QQ我存着，815693265，你们查", "QQ", "815693265"),
        ("我的QQ被冻结了，号码是9199323398", "QQ", "9199323398"),
        ("请把0093840089号病历送来", "MRN", "0093840089"),
        ("腕带上打的号是ZY59639291，床位不对", "MRN", "ZY59639291"),
        ("正确的住院号应为984278", "MRN", "984278"),
        ("职工医保，证号7964422656，停保了", "INSURANCE_NO", "7964422656"),
        ("老人的医保330466885479怎么激活", "INSURANCE_NO", "330466885479"),
        ("医保账号330249866552停了", "INSURANCE_NO", "330249866552"),
        ("他有台胞证，号码15227852，想住店", "PERMIT", "15227852"),
        ("帮我看看7613608595295这个件到哪了", "COURIER_NO", "7613608595295"),
        ("包裹不见了，号码432856598674812", "COURIER_NO", "432856598674812"),
        ("寄的东西JT4993672156493没人派", "COURIER_NO", "JT4993672156493"),
        ("她的微信号就是akuglukxu", "WECHAT", "akuglukxu"),
        ("打0737-3056920转分机724", "PHONE", "0737-3056920转分机724"),
        (f"证上是{ID[:3]} {ID[3:6]} {ID[6:10]} {ID[10:14]} {ID[14:]}", "CN_ID", "500 103 1990 0307 851" + ID[17:]),
        ("被告，女，1971年4月2日，汉族，农民", "DATE_OF_BIRTH", "1971年4月2日"),
        ("外公1941年1月8日属龙", "DATE_OF_BIRTH", "1941年1月8日"),
        ("老人身份证上写的是1941年1月8日，其实不是", "DATE_OF_BIRTH", "1941年1月8日"),
        ("娃是2019年3月4日剖的", "DATE_OF_BIRTH", "2019年3月4日"),
        ("留个q 972433，晚上聊", "QQ", "972433"),
        ("去台湾的那本证T46767595丢了", "PERMIT", "T46767595"),
        ("调2024-66558号病历用", "MRN", "2024-66558"),
        ("商家给的单号是JD9587719459460", "COURIER_NO", "JD9587719459460"),
    ],
)
def test_a_word_some_way_off_says_what_a_number_is(text, kind, value):
    assert (kind, value) in types(text)


@pytest.mark.parametrize(
    "text",
    [
        "QQ上转了500000元给他",
        "QQ群里发的订单号174483417242",
        "住院押金123456元",
        "门诊20230915人次",
        "快递柜的订单号781736085952不对",
        "退款单174483417242250486卡住了",
        "信访件编号499903576861",
        "合格证编号121299203917644",
        "停车小票2463768096",
        "血袋编号9636710191874报废",
        "来电登记编号5564372603",
        "疫苗是D4978477批次的",
        "诊断N38.100、E84.000",
        "主要诊断N16.100",
        "小程序5.8.1.7打不开",
        "更新后的3.7.3.2有问题",
    ],
)
def test_slips_batches_and_codes_are_nobodys(text):
    assert [found for found in types(text) if found[0] not in {"DATE", "PERSON", "ADDRESS", "ORG"}] == []


def test_a_telephone_on_a_slip_is_found_all_the_same():
    assert ("PHONE", "13800138000") in types("小票13800138000")


def test_an_order_of_digits_alone_is_no_credit_code_by_chance():
    code = "911101080000000007"
    assert is_uscc(code)
    assert "USCC" not in {kind for kind, _ in types(f"订单编号{code}")}
    assert ("USCC", code) in types(f"税号{code}")


def test_a_bank_card_that_fits_the_check_of_a_credit_code_is_a_card():
    card = "621226559597205786"
    assert is_luhn(card)
    assert is_uscc(card)
    assert types(f"欠款打我这张：{card}") == [("BANK_CARD", card)]


def test_a_mailbox_after_a_word_for_mail_is_no_parcel():
    assert types("通过邮件（3910601080@qq.com）提交过材料") == [("EMAIL", "3910601080@qq.com")]


def test_a_host_of_single_figures_is_found_where_it_is_named():
    assert ("IP", "8.8.8.8") in types("IP 8.8.8.8")
    assert ("IP", "181.49.195.118") in types("日志：客户端181.49.195.118提交失败")
