"""Chinese surnames: what a name found by a cue word may begin with.

The single ones are the *Hundred Family Surnames* and others in use today, rare ones included; the compound ones
are those still borne. A surname list decides nothing alone: every third common character is one.
"""

SINGLE = frozenset(
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏水窦章云苏潘葛奚范彭郎鲁韦昌马苗凤花方俞任袁柳"
    "酆鲍史唐费廉岑薛雷贺倪汤滕殷罗毕郝邬安常乐于时傅皮卞齐康伍余元卜顾孟平黄和穆萧尹姚邵湛汪祁毛禹狄米贝明臧计伏成戴谈宋茅庞"
    "熊纪舒屈项祝董梁杜阮蓝闵席季麻强贾路娄危江童颜郭梅盛林刁钟徐邱骆高夏蔡田樊胡凌霍虞万支柯昝管卢莫经房裘缪干解应宗丁宣贲邓"
    "郁单杭洪包诸左石崔吉钮龚程嵇邢滑裴陆荣翁荀羊於惠甄曲家封芮羿储靳汲邴糜松井段富巫乌焦巴弓牧隗山谷车侯宓蓬全郗班仰秋仲伊宫"
    "宁仇栾暴甘钭厉戎祖武符刘景詹束龙叶幸司韶郜黎蓟薄印宿白怀蒲邰从鄂索咸籍赖卓蔺屠蒙池乔阴鬱胥能苍双闻莘党翟谭贡劳逄姬申扶堵"
    "冉宰郦雍郤璩桑桂濮牛寿通边扈燕冀郏浦尚农温别庄晏柴瞿阎充慕连茹习宦艾鱼容向古易慎戈廖庾终暨居衡步都耿满弘匡国文寇广禄阙东欧"
    "殳沃利蔚越夔隆师巩厍聂晁勾敖融冷訾辛阚那简饶空曾毋沙乜养鞠须丰巢关蒯相查后荆红游竺权逯盖益桓公仉督岳帅缑亢况郈有琴归海晋楚"
    "闫法汝鄢涂钦墨哈谯笪年爱阳佟肖付覃代苟邝谌漆但税庹粟佘揭冼仝占尉撒麦丘逯展种玄操原苑初仪卿门降亓上官青信泰才甯贠岐修冒鹿迟"
    "逢刀么锺鈡缐爨禤逯妫璺呙晏雒谯啜旷斯揣秘畅褟虢迮苌昃郯訚僪蹇盍"
    "兰牟芦隋丛栗朴练邸辜赫冶檀奉植尧游盘商战"
)

_COMPOUND_TEXT = (
    "欧阳 太史 端木 上官 司马 东方 独孤 南宫 万俟 闻人 夏侯 诸葛 尉迟 公羊 赫连 澹台 皇甫 宗政 濮阳 公冶 太叔 "
    "申屠 公孙 慕容 仲孙 钟离 长孙 宇文 司徒 鲜于 司空 闾丘 子车 亓官 司寇 巫马 公西 颛孙 壤驷 公良 漆雕 乐正 "
    "宰父 谷梁 拓跋 夹谷 轩辕 令狐 段干 百里 呼延 东郭 南门 羊舌 微生 梁丘 左丘 东门 西门 南荣 第五 贺兰 纳兰 "
    "完颜 叶赫 那拉 爱新 哈尼 阿史那 达奚 褚师 陆费 范姜 张简"
)
COMPOUND = frozenset(_COMPOUND_TEXT.split())

COMMON = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗郑梁谢宋唐许韩邓冯曹彭曾肖田董袁潘蔡蒋余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范廖石金韦贾夏"
    "付邹熊孟秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱覃武戴莫孔向汤冉牟蒲庞樊殷施洪翟安颜倪严牛温芦季俞章鲁葛伍申尤毕聂丛焦柳邢"
)
"""The surnames most people bear, without those that end everyday words: safe before a title alone (王主任)."""

TRADITIONAL = frozenset("陳張劉黃吳鄭謝葉楊趙許馬孫韓馮鄧蕭蔣盧賈鐘鍾錢龔萬嚴賀顧龍湯陸喬賴譚鄒關羅蘇呂魯齊單紀")
"""Everyday surnames in traditional characters, which stand in few words of a text in simplified ones."""
