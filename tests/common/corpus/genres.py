"""Sentences as other kinds of text have them: résumés, posts, entries of an encyclopaedia, newswire.

Each kind has a file of templates in `genres/`; of each, every second one is of the unseen half. In many of them stands
no person at all, but streets, schools, prizes and idioms that begin like one.
"""

import random
from collections.abc import Iterator
from pathlib import Path

from tests.common.corpus.called import Called
from tests.common.corpus.sentences import BODIES, TYPES, Sentence, fill

FOLDER = Path(__file__).parent / "genres"
GENRES = ("resumes", "posts", "encyclopaedia", "newswire")
_PEOPLE = ("person", "given", "nick", "foreign", "foreign_full", "style", "latin")
GENRE_TYPES = {**TYPES, **dict.fromkeys(_PEOPLE, "PERSON"), "place": "LOCATION"}
_PLACES_TEXT = (
    "安阳 常州 成都 马鞍山 石家庄 温州 金华 宁波 徐州 江门 白城 黄石 罗田 高邮 武威 平凉 乐山 万宁 华阴 洪湖 余姚 "
    "凤阳 应县 景德镇 喜德 麻城 寿光 广德 曲阜 东阳 西昌 沙县 关岭 牡丹江 双流 海宁 孟州 鲁山 雷州 方城 连云港 贺兰 "
    "路南 郎溪"
)
_PLACES = _PLACES_TEXT.split()


def templates(genre: str, *, unseen: bool) -> list[str]:
    """Give one half of a genre's templates."""
    return (FOLDER / f"{genre}.txt").read_text().splitlines()[int(unseen) :: 2]


def sentences(genre: str, each: int, seed: int, *, unseen: bool) -> Iterator[Sentence]:
    """Fill each template of one half of a genre *each* times."""
    draw = random.Random(seed)
    called = Called(draw)
    ways = {name: getattr(called, name) for name in _PEOPLE}
    ways |= {"org": lambda: draw.choice(BODIES), "place": lambda: draw.choice(_PLACES)}
    for template in templates(genre, unseen=unseen):
        for _ in range(each):
            yield fill(template, ways, GENRE_TYPES)
