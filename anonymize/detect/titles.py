"""Titles that stand before or after a name, and particles that begin or end none."""

import re

_TITLES_TEXT = (
    "副总理 总理 副主席 主席 总统 总书记 副书记 书记 副委员长 委员长 委员 常委 部长 副部长 省长 市长 州长 县长 "
    "区长 镇长 乡长 村长 局长 处长 科长 司长 厅长 院长 校长 所长 厂长 站长 队长 团长 军长 师长 将军 上将 中将 少将 "
    "准将 大使 大臣 首相 国王 王储 亲王 公主 王子 皇帝 皇后 太后 先生 女士 小姐 太太 夫人 同志 教授 副教授 老师 "
    "同学 老人 大爷 大妈 大娘 大夫 医生 医师 护士 护师 主任 副主任 经理 总经理 董事长 总裁 董事 记者 编辑 导演 "
    "演员 教练 选手 队员 博士 院士 律师 法官 检察官 检察长 警官 会长 理事长 秘书长 秘书 代表 议员 师傅 阿姨 叔叔 "
    "奶奶 爷爷 元帅 司令 政委 参谋长 发言人 外长 财长 防长 患者 患儿 病人 产妇 家属 丈夫 妻子 儿子 女儿 父亲 母亲 "
    "配偶 之子 之女 之妻 之夫 之父 之母 其子 其女 其妻 其夫 其父 其母 长子 次子 长女 次女 女婿 儿媳 园长 班主任 "
    "楼长 组长 网格员 保安 护工 保洁 司机 驾驶员 快递员 业主 户主 房东 租客 邻居 村民 居民 市民 网友 民警 来电人 "
    "联系人 投诉人 举报人 报案人 申请人 申诉人 经办人 负责人 代理人 委托人 监护人 当事人 受理人 审核人 记录人 "
    "报告人 介绍人 担保人 收件人 代收人 受送达人 主持人 留言 来电 反映 反应 要求 表示 投诉 举报 咨询 建议 认为 "
    "签字 签名 陪同 代诉 法定代表人 调解员 志愿者 包工头 经纪人 术者 助手 主刀 助产士 护士长"
)
_TITLE = re.compile("|".join(sorted(_TITLES_TEXT.split(), key=len, reverse=True)))
BEGIN_TITLES = frozenset(title[0] for title in _TITLES_TEXT.split())
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
    if at >= len(text) or text[at] not in BEGIN_TITLES:
        return 0
    title = _TITLE.match(text, at)
    return title.end() if title else 0
