"""Identifiers in tables, records and logs are found by the key or heading before them; codes beside them stay."""

import pytest

from anonymize.detect.analyzer import find_all
from anonymize.detect.findings import merge


def types(text: str) -> list[tuple[str, str]]:
    return [(finding.type, text[finding.start : finding.end]) for finding in merge(find_all([text])[0])]


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ('{"inpatientNo":"98310107","dept":"骨科"}', "MRN", "98310107"),
        ("patient_id=8244079266 dept=ICU", "MRN", "8244079266"),
        ('{"birth": "1991-06-03"}', "DATE_OF_BIRTH", "1991-06-03"),
        ("birth_date=19910603&sex=F", "DATE_OF_BIRTH", "19910603"),
        ('"insuranceNo":"688147654379"', "INSURANCE_NO", "688147654379"),
        ('{"wechat":"lina_0039"}', "WECHAT", "lina_0039"),
        ("trackingNo: 78467823168620", "COURIER_NO", "78467823168620"),
        ('{"qq":"82609046"}', "QQ", "82609046"),
        ('{"lat":39.449339}', "COORDINATES", "39.449339"),
        ("经度：100.05117", "COORDINATES", "100.05117"),
        ("住院号|ZY44491301|心内科", "MRN", "ZY44491301"),
        ("参保号|430896402707|在职", "INSURANCE_NO", "430896402707"),
        ("台湾居民来往大陆通行证（47237246）", "PERMIT", "47237246"),
        ("0571的区号，号码是30011925", "PHONE", "30011925"),
        ("我1969年11月29日生的", "DATE_OF_BIRTH", "1969年11月29日"),
        ("生日：9月25日", "DATE_OF_BIRTH", "9月25日"),
        ("肇事车辆为闽D09G20，已离开", "PLATE", "闽D09G20"),
        ("使馆车辆使270629", "PLATE", "使270629"),
        ("患者ID为13892761", "MRN", "13892761"),
        ("<visitNo>ZY79381878</visitNo>", "MRN", "ZY79381878"),
        ("医疗证号：4853476105", "INSURANCE_NO", "4853476105"),
        ("运单号：【4318365518582】", "COURIER_NO", "4318365518582"),
        ("remote_addr:240e:3a1:ac07::1", "IP", "240e:3a1:ac07::1"),
        ("位置东经96.330707°北纬26.77448°", "COORDINATES", "东经96.330707°北纬26.77448°"),
        ("加V信=yang_hao9322", "WECHAT", "yang_hao9322"),
        ("投诉号码13900001234", "PHONE", "13900001234"),
        ("12345678（住院号）", "MRN", "12345678"),
        ("就诊卡12345678余额不足", "MRN", "12345678"),
        ("参合证号3252538782515734", "INSURANCE_NO", "3252538782515734"),
        ("lina_0039是我微信", "WECHAT", "lina_0039"),
        ("V:lina0039", "WECHAT", "lina0039"),
        ("WJ京1234X停在门口", "PLATE", "WJ京1234X"),
        ("定位点30.27,120.15", "COORDINATES", "30.27,120.15"),
        ("坐标X:120.15515", "COORDINATES", "120.15515"),
        ("85年3月2日出生", "DATE_OF_BIRTH", "85年3月2日"),
        ("农历1985年腊月初八生", "DATE_OF_BIRTH", "1985年腊月初八"),
        ("生于民国二十三年", "DATE_OF_BIRTH", "民国二十三年"),
        ("孩子2020年3月2日在妇幼保健院出生", "DATE_OF_BIRTH", "2020年3月2日"),
        ("出生年月 198503", "DATE_OF_BIRTH", "198503"),
        ("您的快件74278472982908已到驿站", "COURIER_NO", "74278472982908"),
        ("住院号（第一次）：88123456", "MRN", "88123456"),
        ("患者主索引(EMPI)：5143337761", "MRN", "5143337761"),
        ("Admission No.88123456", "MRN", "88123456"),
        ("Medical Record #: 6069907", "MRN", "6069907"),
        ("(0010,0030) DA [20050127]", "DATE_OF_BIRTH", "20050127"),
        ("PatientBirthDate=[19970720]", "DATE_OF_BIRTH", "19970720"),
        ("保险证号: 116695680", "INSURANCE_NO", "116695680"),
        ("uin=56344865; skey=x", "QQ", "56344865"),
        ("QQ/微信 8812345", "QQ", "8812345"),
        ("travel_permit_no=12345678", "PERMIT", "12345678"),
        ("military_id=2021123", "OFFICER_CARD", "2021123"),
        ("PASSPORT NO: X1234567", "PASSPORT", "X1234567"),
        ("MAC地址：A0B1C2D3E4F5", "MAC", "A0B1C2D3E4F5"),
        ("包裹已揽收，no. SF9335299255431", "COURIER_NO", "SF9335299255431"),
        ('"brdy":"1945-08-19"', "DATE_OF_BIRTH", "1945-08-19"),
        ("ipt_otp_no=ZY202411", "MRN", "ZY202411"),
        ("29床 医保：C12345678", "INSURANCE_NO", "C12345678"),
        ("证号12345678（台胞证）", "PERMIT", "12345678"),
        ("持H12345678号回乡证", "PERMIT", "H12345678"),
        ("备注：微信-lina_0039", "WECHAT", "lina_0039"),
        ("医保卡（号C12345678）消磁", "INSURANCE_NO", "C12345678"),
        ("住院（号88123456）", "MRN", "88123456"),
        ("病历ID：88123456", "MRN", "88123456"),
        ("卡号8326819504（就诊卡）", "MRN", "8326819504"),
        ("卡片号码6222021234567890128", "BANK_CARD", "6222021234567890128"),
        ("医保卡号(Insurance No.)：E12345678", "INSURANCE_NO", "E12345678"),
        ("住院号(Inpatient No.)：88123456", "MRN", "88123456"),
        ("reg_no(登记号)=4255366934", "MRN", "4255366934"),
        ("IP No. 88123456 / OP No. 99123456", "MRN", "99123456"),
        ("台胞证 no. 12345678", "PERMIT", "12345678"),
        ("微信(WeChat ID)：lina_0039", "WECHAT", "lina_0039"),
        ("update my 微信 to lina_0039, thx", "WECHAT", "lina_0039"),
        ("ZYH:88123456 KS:0305", "MRN", "88123456"),
        ("mzh=1234567&ks=02", "MRN", "1234567"),
        ("grbh=3301234567; zje=12.50", "INSURANCE_NO", "3301234567"),
        ('csrq="19600203"', "DATE_OF_BIRTH", "19600203"),
        ("shxydm=91500103ma5u0000xy", "USCC", "91500103ma5u0000xy"),
        ("SELECT * FROM emr WHERE inp_no = '48328757'", "MRN", "48328757"),
        ("mailNo=SF9054706663710&state=3", "COURIER_NO", "SF9054706663710"),
        ("medical insurance no. G35387825", "INSURANCE_NO", "G35387825"),
        ("DOB 06/15/1966，女", "DATE_OF_BIRTH", "06/15/1966"),
        ("DOB: 10 Jun 2014", "DATE_OF_BIRTH", "10 Jun 2014"),
        ("PID|1||48144494^^^HIS^MR||某||19671209|F", "MRN", "48144494"),
        ("PID|1||48144494^^^HIS^MR||某||19671209|F", "DATE_OF_BIRTH", "19671209"),
        ("Tax ID: 91500103MA5U00000X", "USCC", "91500103MA5U00000X"),
    ],
)
def test_a_key_or_a_heading_says_what_a_value_is(text, kind, value):
    assert (kind, value) in types(text)


@pytest.mark.parametrize(
    "text",
    [
        "药品编码XJ05AA453A001010922641",
        "编码XA10BA549B001010100001未维护",
        "APP 7.0.15.1闪退",
        "升级到10.2.3.1版本后打不开",
        "UUID 3fe42603-1f03-4a5b-9c0d-703201078730",
        "md5=f6407661375be8c39c0a4fb1d2e3f405",
        "您尾号为0417的身份证已受理",
        "平台使123456人受益",
        "V: 300ml，V1导联",
        "左肺lat 2.55 cm，x=12.3456",
        "电梯注册代码：34678050885732",
        "流水号|2252225754|正常",
        "requestId=836960494561",
        "摄像头编号99980031226397670离线",
        "《采购合同》（编号：HT20250523479）",
        "短信平台106980026672",
        "医保：12345678.50元",
        "HS编码6349085331",
        "事故认定书第330106202400123号",
        "调拨单 6349085331",
        "线程ID 91072，日志ID 91073",
        "SN码 ETQ9652022908",
        "Transaction ID: 428280142549367214127860",
        "Case ID 9841907432 resolved",
        "PO 5147240473 approved",
        "B/L No. PLJN677079830",
        "专利 No. ZL271358703930.6",
        "预录入编号 563613532722798108",
        "机器编号 783587581170",
        "违停编号：257237901329",
        "Invoice No. 123456789012",
        "size=106729193 bytes",
        "pid=12345 exited",
        "doi:10.3760/cma.j.cn112137-00001123456789",
        "UDI (01)06901234567892(17)260101(10)123456",
        "com.lis.dao.Result.in not bound",
        "0.123456, 0.654321",
        "wx status=302",
        "drug_code=6783933887; spec=10mg*7",
        "商户号 612113321229655 参考号 109358759493",
        "理赔案号 20230514685397",
        "ts:1791647505 level:warn",
        "仪器SN: PG704802264",
        "HS code 6349085331",
        "NSE 10.50，S51.201 E78.500 N18.903",
    ],
)
def test_codes_and_versions_are_nobodys(text):
    assert types(text) == []


@pytest.mark.parametrize("heading", ["客户编号", "会员编号", "职工编号"])
def test_a_number_that_somebody_has_is_a_number_still(heading):
    assert types(f"{heading}：783587581170") == [("NUMBER", "783587581170")]


def test_a_telephone_is_found_behind_its_place_in_a_list():
    text = "联系电话113812345678联系电话213912345678"
    assert [kind for kind, value in types(text) if value[-11:] in ("13812345678", "13912345678")] == ["PHONE", "PHONE"]
