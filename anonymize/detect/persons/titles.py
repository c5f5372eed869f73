"""Titles that stand before or after a name, and particles that begin or end none."""

_TITLES_TEXT = (
    "副总理 总理 副主席 主席 总统 总书记 副书记 书记 副委员长 委员长 委员 常委 部长 副部长 省长 市长 州长 县长 "
    "区长 镇长 乡长 村长 局长 处长 科长 司长 厅长 院长 校长 所长 厂长 站长 队长 团长 军长 师长 将军 上将 中将 "
    "少将 准将 大使 大臣 首相 国王 王储 亲王 公主 王子 皇帝 皇后 太后 先生 女士 小姐 太太 夫人 同志 教授 "
    "副教授 老师 同学 老人 大爷 大妈 大娘 大夫 医生 医师 护士 护师 主任 副主任 经理 总经理 董事长 总裁 董事 "
    "记者 编辑 导演 演员 教练 选手 队员 博士 院士 律师 法官 检察官 检察长 警官 会长 理事长 秘书长 秘书 代表 "
    "议员 师傅 阿姨 叔叔 奶奶 爷爷 元帅 司令 政委 参谋长 发言人 外长 财长 防长 患者 患儿 病人 产妇 家属 丈夫 "
    "妻子 儿子 女儿 父亲 母亲 配偶 之子 之女 之妻 之夫 之父 之母 其子 其女 其妻 其夫 其父 其母 长子 次子 长女 "
    "次女 女婿 儿媳 园长 班主任 楼长 组长 网格员 保安 护工 保洁 司机 驾驶员 快递员 业主 户主 房东 租客 邻居 "
    "村民 居民 市民 网友 民警 来电人 联系人 投诉人 举报人 报案人 申请人 申诉人 经办人 负责人 代理人 委托人 "
    "责任护士 营养师 麻醉师 检验者 审核者 记录者 一助 二助 夜班 白班 值班 查体 责护 管床 家长 监护人 当事人 受理人 "
    "审核人 记录人 报告人 介绍人 担保人 收件人 代收人 受送达人 主持人 留言 来电 反映 反应 "
    "要求 表示 投诉 举报 咨询 建议 认为 签字 签名 陪同 代诉 法定代表人 调解员 志愿者 包工头 经纪人 术者 助手 "
    "主刀 助产士 护士长 工程师 总工程师 会计师 总会计师 经济师 政工师 统计师 审计师 评估师 建筑师 规划师 "
    "设计师 农艺师 药师 技师 讲师 法律顾问 行长 台长 馆长 社长 总编 总编辑 总干事 总监 监事 监事长 召集人 "
    "协办人 保荐代表人 候选人 合伙人 创始人 控制人 运动员 守门员 门将 后卫 中场 前锋 中锋 主帅 裁判 名将 "
    "劳动模范 劳模 种子 消防员 飞行员 宇航员 评论员 通讯员 研究员 特派员 解说员 主播 歌手 影星 球星 作家 画家 "
    "诗人 学者 专家 科学家 数学家 物理学家 化学家 天文学家 植物学家 动物学家 生物学家 哲学家 历史学家 语言学家 "
    "经济学家 文学家 教育家 政治家 革命家 作曲家 音乐家 钢琴家 书法家 小说家 剧作家 艺术家 企业家 探险家 "
    "发明家 建筑家 勋爵 爵士 公爵 侯爵 伯爵 子爵 男爵 教皇 主教 同桌 室友 舍友 闺蜜 队友 老公 老婆 夫妇 夫妻 "
    "父子 母子 父女 母女 兄弟 姐妹 兄妹 太守 刺史 知府 知县 知州 巡抚 总督 节度使 侍郎 大学士 御史 进士 丞相 "
    "宰相 尚书令 参事 国公 郡王"
)
_BESIDE_TEXT = (
    "本名 原名 别名 又名 名叫 史载 相传 据传 传说 后由 曾由 先由 改由 均由 又称 古称 俗称 人称 感谢 听说 据说 "
    "据悉 楼下 隔壁 听过 看过 选举 今儿 昨儿 今天 昨天 昨日 当选 呼吁 接替 获得 夺得 率领 率众 出任 就任 担任 "
    "起兵 上热搜 来到 来自 离婚 结婚 执导 主演 饰演 领衔 创办 创立 撰文 书丹 逝世 去世 出生 诞辰 出席 会见 "
    "会晤 指出 透露 介绍 宣布 告诉 接受 辞去 辞职 击败 战胜 淘汰 替补 头球 破门 扳平 帽子戏法 戴帽 助攻 夺冠 "
    "夺魁 晋级 摄影 报道 赛后 赛前 同框 合砍 应邀 勇冠 常以 先锋 星期 三个 两个 一行 一起 一同 这次 这个 那首 那个 "
    "那位 你们 他们 她们 我们 因为 因公 因故 因病 因伤"
)
"""Words that lead to a name or follow one, whose characters the tagger may give to it."""
_BY_FIRST: dict[str, list[str]] = {}
for _word in sorted([*_TITLES_TEXT.split(), *_BESIDE_TEXT.split()], key=len, reverse=True):
    _BY_FIRST.setdefault(_word[0], []).append(_word)
BEGIN_TITLES = frozenset(_BY_FIRST)
PARTICLES = frozenset(
    "因于在的为与和诉自已到入行经有无住将及称说被其是予拟需告也并且但而所则都只才了着过个这那此该每或至往我你他她它们等"
)
"""Seldom the last character of a name, never the first."""
TAILS = frozenset("未已系诉称说曰殴驾签被把给让请并其留由副")
"""What goes on after a name and ends none."""
PREPOSITIONS = frozenset("由向与和同对给被让请找据经因")
"""What leads to a name; some are surnames, so the tagger must see another beginning after them."""


def title_at(text: str, at: int) -> int:
    """Give where the title that begins at *at* ends; 0 where none begins."""
    if at < len(text):
        for word in _BY_FIRST.get(text[at], ()):
            if text.startswith(word, at):
                return at + len(word)
    return 0
