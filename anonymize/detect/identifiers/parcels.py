"""Numbers of parcels: only where a parcel is spoken of, for their forms are those of anything."""

from anonymize.detect.identifiers.pattern import IS, Pattern, pattern
from anonymize.detect.identifiers.told import AWAY, END, LIKELY, NO_PHONE

_CARRIER = (
    "顺丰|圆通|中通|韵达|申通|极兔|京东(?:物流|快递)?|德邦|百世|"
    "邮政|EMS|菜鸟|快递|快件|运单|物流|包裹|邮件|挂号信|配送|速运|速递|货运"
)
_SENT = (
    "快递|速递|快件|查件|包裹|运单|物流|寄|派送|派件|签收|中转|驿站|揽收|揽件|个件|顺丰|圆通|中通|韵达|申通|极兔|EMS"
)
"""Who carries parcels, right beside a number; and what happens to one, some words away from it."""
_FORMS = r"(?:[A-Za-z]{{1,4}}\d{{9,16}}|\d{{{0},15}}|[A-Z]{{2}}\d{{9}}[A-Z]{{2}})"
_PARCEL, _LIKE_ONE = (NO_PHONE + _FORMS.format(shortest) for shortest in (10, 12))
"""S10 of the Universal Postal Union, and the carriers' own forms."""

PARCELS: tuple[Pattern, ...] = (
    pattern(
        "COURIER_NO",
        rf"(?:{_CARRIER})(?:公司)?(?:{_CARRIER})?(?:的|单|运单)?编?{IS}(?P<v>{_PARCEL})(?![0-9A-Za-z@])",
        0.96,
        digits=9,
    ),
    pattern(
        "COURIER_NO",
        rf"(?<![0-9A-Za-z])(?P<v>{_PARCEL})(?=[(（ ]{{0,2}}(?:{_CARRIER}))",
        0.96,
        digits=9,
    ),
    # A carrier's own letters need no word right before them where a parcel is spoken of.
    pattern(
        "COURIER_NO",
        r"(?<![0-9A-Za-z])(?P<v>(?:SF|YT|JT|JD|JDV|ZTO|STO|YD|DPK|DPL|BS|TT|KK)\d{12,15}|JD[A-Z]{0,2}\d{11,13}"
        r"|[A-Z]{2}\d{9}CN)(?![0-9A-Za-z])",
        0.96,
        digits=9,
        cues="件 寄 递 包裹 单号 签收 派送 揽收 驿站 物流 运单 顺丰 圆通 京东 极兔 申通 邮政 "
        "ourier OURIER xpress XPRESS arcel hipment racking aybill EMS",
    ),
    pattern(
        "COURIER_NO",
        rf"(?:{_SENT}){AWAY}(?<![0-9A-Za-z])(?P<v>{_LIKE_ONE}){END}",
        LIKELY,
        digits=9,
        cues=_SENT.replace("|", " "),
    ),
    pattern(
        "COURIER_NO",
        rf"(?<![0-9A-Za-z])(?P<v>{_LIKE_ONE})(?={AWAY}(?:{_SENT}))",
        LIKELY,
        digits=9,
        cues=_SENT.replace("|", " "),
    ),
)
