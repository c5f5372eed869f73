"""Names of other peoples of China, by what they are made of: Tibetan and Mongolian ones, and those joined by a dot.

The tagger was trained on Han names; it breaks these off. The parts are the common ones of each language in their
usual transcription; a name is two of them, or one that no other word has.
"""

import re
from collections.abc import Iterator

from anonymize.detect.findings import Finding

_TIBETAN = (
    "扎西|次仁|才仁|旺堆|卓玛|卓嘎|格桑|央金|央宗|拉姆|达瓦|尼玛|平措|多吉|顿珠|索朗|索南|丹增|旦增|白玛|边巴|普布|洛桑|罗桑|罗布|强巴|"
    "仁青|仁增|贡布|巴桑|米玛|拉巴|次旦|次旺|曲珍|曲扎|德吉|措姆|桑珠|旺姆|旺久|旺扎|益西|嘎玛|嘎桑|加央|江白|晋美|久美|朗杰|南杰|土登|群培|"
    "群宗|赤列|阿旺|班觉|班丹|贡嘎|云丹|占堆|热布|桑杰|更登|根敦|华旦|才让|项秀|尕藏|卓尕|拉毛|吉毛|多杰|东珠|嘉措|坚赞|坚参|扎巴|洛追|泽仁|泽郎|"
    "斯朗|邓珠|四郎|呷玛|志玛|拥措|拥宗|玉珍|白珍|德庆|德央|桑姆|拉珍|拉措"
)
_MONGOLIAN = (
    "其木格|其其格|高娃|托娅|图雅|巴特尔|巴图|巴雅尔|巴音|苏和|格日勒|呼和|乌兰|娜仁|萨仁|斯琴|乌云|乌日娜|阿古拉|布和|布赫|朝鲁|孟和|额尔德尼|宝音|"
    "那顺|那木|吉日|吉雅|达来|特木尔|铁木尔|牧仁|毕力格|哈斯|通拉嘎|阿拉坦|敖登|敖日|阿木尔|朝克|塔娜|索布德|琪琪格|德力格尔|苏日娜|苏德|满都拉|青格勒|"
    "恩和|莫日根|赛罕|赛音|道尔吉|扎布|僧格|桑布|呼格吉勒|白音|乌力吉|乌恩|花日|龙棠|金花|图拉|仓"
)


def _beginnings(words: str) -> str:
    """Give a pattern of what two of *words* begin with: a first and a second character, or two first ones."""
    parts = words.split("|")
    first = "".join(part[0] for part in parts)
    second = "".join(part[1] for part in parts if len(part) > 1)
    return f"[{first}](?=[{second}{first if any(len(part) == 1 for part in parts) else ''}])"


_H = r"[\u3400-\u9fff]"
_PAIRED = re.compile(rf"(?<!·)(?P<v>(?:{_TIBETAN}){{2}}|(?:{_MONGOLIAN}){{2}})(?!·)")
_LIKELY = re.compile(f"{_beginnings(_TIBETAN)}|{_beginnings(_MONGOLIAN)}")
"""What the first characters of two parts must be: most texts hold nothing like it."""
_TRANSCRIBED_TEXT = (
    "阿艾安奥巴拜白班包鲍贝本比别宾波伯博布卜达代丹德邓登迪蒂丁东杜多额厄恩尔法凡费芬夫弗福盖甘戈格根古瓜哈海汉赫亨胡华霍基吉加佳简江杰金卡凯坎康考柯科可克肯库"
    "拉莱兰朗劳勒雷黎李里力丽利连列林琳留卢鲁路伦罗洛马玛买迈麦曼美梅门蒙孟米明莫默姆木穆娜纳南瑙内尼妮年娘涅宁牛努诺欧帕潘庞佩彭皮平珀普奇恰钱乔切琴丘热仁日荣儒"
    "若萨塞赛桑瑟森沙珊山尚绍舍申圣施史士司斯丝苏素孙索塔泰坦汤唐特滕提图吐托瓦万旺韦维魏温翁沃乌吾武西希锡夏肖谢辛欣休许雅亚扬耶叶伊依以义因英尤于约泽扎詹占兹子祖佐"
    "买热孜古娜尔汗江依力提孜木拜合艾吐帕夏麦海迪努丽沙帕提凯吾赛米热阿布都克里木吉力亚生玉素甫托乎提卡德亥伊敏司马义铁塔依肉苏莱曼萨吾提麦麦提孜"
    "茨采策岑查柴川慈措戴底第冯佛圭豪怀惠喀孔寇夸奎昆阔蕾历烈隆芒毛密缪摩嫩纽蓬匹泊浦契强钦屈胜盛寿舒朔硕廷威修逊曾湛张珍朱侯廉"
    "菲墨蔡柏彻薇顿娃莎敦伍琼翰斐姬汀毕勃哥"
)
TRANSCRIBED = frozenset(_TRANSCRIBED_TEXT)
"""Characters in which foreign names are written (Xinhua's tables of transcription, in use since 1983)."""
_BESIDE_DOT = TRANSCRIBED | frozenset("埃爱昂芭彼玻狄范冈莉琼茹威芝姬黛蕾琪露")
"""Those and rarer ones, which are sure beside a dot alone."""
_DOT = re.compile(rf"[·•・‧](?<={_H}.)(?={_H})")
_SIDE = 7


def other_names(folded: str) -> Iterator[Finding]:
    """Find names of two parts, and names whose parts a dot joins, in *folded* text."""
    reached = 0
    for likely in _LIKELY.finditer(folded):
        match = _PAIRED.match(folded, likely.start()) if likely.start() >= reached else None
        if match:
            reached = match.end()
            yield Finding(match.start("v"), match.end("v"), "PERSON", 0.7)
    for dot in _DOT.finditer(folded):
        start, end = dot.start(), dot.end()
        while start > max(0, dot.start() - _SIDE) and folded[start - 1] in _BESIDE_DOT:
            start -= 1
        start -= int(start == dot.start() and folded[start - 1 : start] == "让")
        while end < min(len(folded), dot.end() + _SIDE) and folded[end] in _BESIDE_DOT:
            end += 1
        if (dot.start() - start >= 2 or folded[start] == "让") and end - dot.end() >= 1:
            yield Finding(start, end, "PERSON", 0.6)
