"""Strings of any kind, for promises about every text: mixed scripts, broken halves, invisible signs, markup."""

from hypothesis import strategies as st

_WORDS_TEXT = (
    "患者 张伟 欧阳娜娜 重庆市渝中区民生路210号 13800138000 500103191805109423 a@b.cn 先生 ： ， 。 ( ) · - _ * 某 "
    "<p> </p> &nbsp; {} [PERSON] \\n %s 二〇一九年 QQ 12345 微信 wx Zhang Wei １３８ ＡＢ ٣٤ क १ ไทย 한국 😀 "
    "👨‍👩‍👧 é e\u0301 ß İ"
)
_SIGNS = [
    "\0",
    "\n",
    "\r",
    "\t",
    " ",
    "\u200b",
    "\u200d",
    "\u202e",
    "\u2066",
    "\ufeff",
    "\u3000",
    "\u00ad",
    "\ud800",
    "\udfff",
    "\U000e0001",
    "\uffff",
]
MIXED = st.lists(
    st.one_of(st.sampled_from(_WORDS_TEXT.split()), st.sampled_from(_SIGNS), st.text(max_size=6)), max_size=20
).map("".join)
ANY = st.one_of(MIXED, st.text(max_size=80), st.text(st.characters(codec=None), max_size=40))
"""Any string Python can hold, lone surrogates among them."""
