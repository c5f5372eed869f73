"""Chinese names written in Latin letters: a surname and one or two syllables, capitalised, in either order.

Source of the syllables: GB/T 28039-2011 (the Chinese phonetic alphabet spelling rules for Chinese names) and the
table of the Scheme for the Chinese Phonetic Alphabet (1958); surnames are the hundred that most people bear.
"""

import re
from collections.abc import Iterator

from anonymize.detect.findings import Finding

_SURNAMES = (
    "Wang|Li|Zhang|Liu|Chen|Yang|Huang|Zhao|Wu|Zhou|Xu|Sun|Ma|Zhu|Hu|Guo|He|Lin|Gao|Luo|Zheng|Liang|Xie|Song|"
    "Tang|Deng|Han|Feng|Cao|Peng|Zeng|Xiao|Tian|Dong|Pan|Yuan|Cai|Jiang|Yu|Du|Ye|Cheng|Wei|Su|Lv|Lyu|Lü|Ding|Ren|"
    "Lu|Yao|Shen|Zhong|Cui|Tan|Fan|Liao|Shi|Jin|Jia|Xia|Fu|Fang|Zou|Xiong|Bai|Meng|Qin|Qiu|Hou|Yin|Xue|Yan|Lei|"
    "Long|Tao|Mao|Hao|Gong|Shao|Wan|Qian|Dai|Mo|Kong|Xiang|Ouyang|Shangguan|Sima|Zhuge|Situ|Murong"
)
_SYLLABLE = (
    "(?:[bpmf][ou]|(?:[bpmdtnlgkhzcsrwyf]|zh|ch|sh)?(?:ang|eng|an|en|ai|ei|ao|ou|a|e)|"
    "(?:[bpmdtnljqx]|y)?(?:ing|in|iao|ian|ie|iu|i)|[jqxnl](?:iang|iong|ia|uan|ue|un|u|v|ü)|"
    "(?:[dtnlgkhzcsr]|zh|ch|sh|y)(?:ong|uang|uan|uai|ui|un|uo|ua|u|i)|w[aeou]|er|yuan|yue|yun|yu)"
)
_WORD = "[A-Z][a-zü]{{{0},9}}(?:-[A-Za-z][a-zü]{{1,6}})?|[A-Z]{{2,12}}"
_NAME = re.compile(rf"(?<![A-Za-z])(?P<a>{_WORD.format(0)})[ ](?P<b>{_WORD.format(1)})(?![A-Za-z])")
_IS_SURNAME = re.compile(_SURNAMES, re.IGNORECASE)
_IS_GIVEN = re.compile(rf"{_SYLLABLE}(?:-?{_SYLLABLE})?", re.IGNORECASE)


def pinyin_names(folded: str) -> Iterator[Finding]:
    """Find names such as Zhang Weimin, ZHANG Wei-Min or Weimin Zhang in *folded* text."""
    for match in _NAME.finditer(folded) if " " in folded else ():
        first, second = match["a"], match["b"]
        family_first = _IS_SURNAME.fullmatch(first) and _IS_GIVEN.fullmatch(second)
        if family_first or (_IS_GIVEN.fullmatch(first) and _IS_SURNAME.fullmatch(second)):
            yield Finding(match.start(), match.end(), "PERSON", 0.5)
