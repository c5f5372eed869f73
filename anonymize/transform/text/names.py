"""Names that persons are given in place of their own: the most usual surnames, and characters of given names.

The surnames are among the hundred that most people bear (see `anonymize.detect.surnames.COMMON`); each comes with its
spelling by GB/T 28039-2011, so that one invented person can be written in both ways.
"""

from typing import NamedTuple


class Part(NamedTuple):
    """A surname, or a character of a given name, in hanzi and in pinyin."""

    hanzi: str
    pinyin: str


def _parts(text: str) -> tuple[Part, ...]:
    return tuple(Part(word[0], word[1:]) for word in text.split())


def words(text: str) -> tuple[str, ...]:
    """Split a line of words."""
    return tuple(text.split())


SURNAMES = _parts(
    "王Wang 李Li 张Zhang 刘Liu 陈Chen 杨Yang 黄Huang 赵Zhao 吴Wu 周Zhou 徐Xu 孙Sun 马Ma 朱Zhu 胡Hu 郭Guo 何He "
    "林Lin 罗Luo 郑Zheng 梁Liang 谢Xie 宋Song 唐Tang 许Xu 韩Han 冯Feng 邓Deng 曹Cao 彭Peng 曾Zeng 肖Xiao "
    "田Tian 董Dong 潘Pan 袁Yuan 蔡Cai 蒋Jiang 余Yu 杜Du 叶Ye 程Cheng 魏Wei 苏Su 吕Lyu 丁Ding 任Ren 卢Lu 姚Yao "
    "沈Shen 钟Zhong 姜Jiang 崔Cui 谭Tan 陆Lu 范Fan 汪Wang 廖Liao 石Shi 金Jin 贾Jia 夏Xia 付Fu 邹Zou 熊Xiong "
    "孟Meng 秦Qin 邱Qiu 侯Hou 江Jiang 尹Yin 薛Xue 闫Yan 段Duan 雷Lei 龙Long 黎Li 史Shi 陶Tao 贺He 毛Mao 郝Hao "
    "顾Gu 龚Gong 邵Shao"
)
MALE = _parts(
    "伟Wei 强Qiang 磊Lei 军Jun 勇Yong 杰Jie 涛Tao 斌Bin 浩Hao 鹏Peng 建Jian 国Guo 志Zhi 明Ming 文Wen 刚Gang "
    "辉Hui 峰Feng 波Bo 俊Jun 宏Hong 庆Qing 德De 海Hai 新Xin 宇Yu 超Chao 凯Kai 亮Liang 飞Fei 健Jian 栋Dong "
    "毅Yi 旭Xu 瑞Rui 诚Cheng 锋Feng 洋Yang 松Song 兴Xing 昌Chang 启Qi 振Zhen 荣Rong 晖Hui 坤Kun 炜Wei 钧Jun "
    "钊Zhao 彬Bin 霖Lin 泽Ze 铭Ming 哲Zhe"
)
FEMALE = _parts(
    "芳Fang 娜Na 敏Min 静Jing 丽Li 艳Yan 娟Juan 霞Xia 秀Xiu 英Ying 玲Ling 燕Yan 红Hong 萍Ping 洁Jie 梅Mei "
    "琳Lin 雪Xue 慧Hui 莹Ying 倩Qian 婷Ting 颖Ying 佳Jia 怡Yi 蓉Rong 兰Lan 琴Qin 云Yun 莲Lian 珍Zhen 雅Ya "
    "萱Xuan 璐Lu 妍Yan 露Lu 淑Shu 凤Feng 巧Qiao 桂Gui 彩Cai 翠Cui 素Su 菊Ju 瑶Yao 欣Xin 晴Qing 蕾Lei 薇Wei "
    "媛Yuan 娥E 婉Wan 楠Nan 岚Lan"
)
EITHER = _parts(
    "文Wen 华Hua 平Ping 林Lin 安An 宁Ning 玉Yu 子Zi 一Yi 晓Xiao 清Qing 春Chun 思Si 世Shi 永Yong 少Shao 立Li "
    "义Yi 利Li 和He 远Yuan 乐Le 星Xing 然Ran 希Xi 景Jing 言Yan 君Jun 若Ruo 嘉Jia 仁Ren 成Cheng 元Yuan 可Ke "
    "佩Pei 宜Yi 冬Dong 秋Qiu 川Chuan 悦Yue"
)
"""Characters that women and men bear."""
DOTTED_MALE = words("艾山 库尔班 阿不都拉 买买提 玉素甫 吐尔逊 多吉 扎西 巴特尔 木合塔尔 热合曼 达瓦 依明 卡德尔")
DOTTED_FEMALE = words("阿依古丽 古丽娜尔 帕提古丽 热依汗 阿米娜 卓玛 央金 其其格 萨仁 吉克 拉姆 米娜瓦尔 海丽且木 乌云")
"""Parts of names that a dot joins."""

ENGLISH_SURNAMES = words(
    "Adams Allen Bailey Baker Barnes Bennett Brooks Butler Campbell Carter Clarke Coleman Collins Cooper Cox Davies "
    "Edwards Ellis Evans Fisher Foster Gibson Graham Grant Green Griffin Hall Hamilton Harris Hayes Henderson Howard "
    "Hughes Hunter Jackson Jenkins Johnson Kelly Kennedy Lewis Marshall Mason Mitchell Moore Morgan Morris Murphy "
    "Nelson Parker Patterson Phillips Porter Powell Price Reynolds Richards Roberts Russell Shaw Simpson Stevens "
    "Sullivan Taylor Thompson Turner Wallace Walker Watson Webb Wells Wilson Wright"
)
ENGLISH_MALE = words(
    "Adam Alan Andrew Anthony Brian Charles Christopher Daniel David Dennis Donald Edward Eric Frank George "
    "Gregory Harold Henry Jack James Jeffrey John Joseph Keith Kenneth Kevin Larry Mark Matthew Michael "
    "Patrick Paul Peter Philip Raymond Richard Robert Roger Ronald Scott Stephen Steven Thomas Timothy Walter "
    "William"
)
ENGLISH_FEMALE = words(
    "Alice Amanda Amy Angela Ann Barbara Betty Carol Catherine Christine Deborah Diana Donna Dorothy "
    "Elizabeth Emily Evelyn Frances Helen Jane Janet Jennifer Jessica Joan Julia Karen Katherine Kelly Laura "
    "Linda Lisa Margaret Maria Martha Mary Michelle Nancy Nicole Pamela Patricia Rachel Rebecca Ruth Sandra "
    "Sarah Sharon Susan Teresa Virginia"
)
ENGLISH_EITHER = words(
    "Alex Casey Chris Dana Drew Jackie Jamie Jean Jesse Jordan Kerry Kim Lee Leslie Lynn Marion Pat Robin Sam "
    "Taylor Terry"
)
"""Given names that women and men bear."""
