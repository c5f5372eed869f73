r"""English letters, forms, chats and lists that name people of many cultures: templates of `english/letters_*.txt`.

One half was never read for rules. Where a line breaks, a template has `\n`. Names are of the package that the list of
names is made of; a third of them are made of the parts of two names of one culture, so that no list has them.
"""

import random
from collections.abc import Callable, Iterator

from faker import Faker

from tests.common.corpus.english_sentences import FOLDER, TYPES, English
from tests.common.corpus.sentences import Sentence, fill

CULTURES = (
    *("en_US", "en_GB", "en_US", "en_GB", "en_IN", "de_DE", "fr_FR", "es_ES", "pl_PL", "nl_NL"),
    *("sv_SE", "da_DK", "it_IT", "pt_PT", "pt_BR", "tr_TR", "vi_VN", "zh_CN", "en_IN"),
)
VIETNAMESE = "Anh Bình Chi Dũng Đức Giang Hạnh Hương Khánh Lan Linh Mai Minh Nam Ngọc Phương Quang Thảo Thu Trang Tuấn"
KINDS = {
    **TYPES,
    "initials": "PERSON",
    "lowergiven": "PERSON",
    "city": "LOCATION",
    "company": "ORGANIZATION",
    "uppercompany": "ORGANIZATION",
}


class Letters(English):
    """Draws what fills a slot; the parts of a whole name are of one culture."""

    def __init__(self, draw: random.Random) -> None:
        super().__init__(draw)
        self._cultures = [(culture, Faker(culture)) for culture in CULTURES]
        for _, faker in self._cultures:
            faker.seed_instance(draw.randrange(2**32))

    def given(self) -> str:
        """Draw a given name."""
        return self._given(*self._draw.choice(self._cultures))

    def family(self) -> str:
        """Draw a family name."""
        return self._family(*self._draw.choice(self._cultures))

    def person(self) -> str:
        """Draw a whole name; a Chinese or Vietnamese one may begin with the family."""
        culture, faker = self._draw.choice(self._cultures)
        given, family = self._given(culture, faker), self._family(culture, faker)
        if culture in {"zh_CN", "vi_VN"} and self._draw.random() < 0.5:
            return f"{family} {given}"
        if culture.startswith(("es", "pt")) and self._draw.random() < 0.4:
            return f"{given} {family} {self._family(culture, faker)}"
        if culture.startswith("en") and self._draw.random() < 0.25:
            return f"{given} {self._draw.choice('ABCDEFGHJKLMNPRST')}. {family}"
        return f"{given} {family}"

    def initials(self) -> str:
        """Draw a family name behind one or two initials."""
        first, second = self._draw.sample("ABCDEFGHJKLMNPRSTVW", 2)
        return self._draw.choice((f"{first}. ", f"{first}.{second}. ", f"{first}. {second}. ")) + self.family()

    def lowergiven(self) -> str:
        """Draw a given name without capitals."""
        return self.given().lower()

    def city(self) -> str:
        """Draw a city."""
        return str(self._fakers[self._draw.randrange(2)].city())

    def company(self) -> str:
        """Draw a company."""
        return str(self._fakers[self._draw.randrange(2)].company())

    def uppercompany(self) -> str:
        """Draw a company in capitals."""
        return self.company().upper()

    def _given(self, culture: str, faker: Faker) -> str:
        if culture == "zh_CN":
            first, second = str(faker.first_romanized_name()), str(faker.first_romanized_name())
            return first if self._draw.random() < 0.5 or len(first + second) > 9 else first + second.lower()
        if culture == "vi_VN":
            return " ".join(self._draw.sample(VIETNAMESE.split(), self._draw.randint(1, 2)))
        given = self._mixed(lambda: str(faker.first_name()))
        return f"{given}-{faker.first_name()}" if culture == "fr_FR" and self._draw.random() < 0.2 else given

    def _family(self, culture: str, faker: Faker) -> str:
        if culture == "zh_CN":
            return str(faker.last_romanized_name())
        family = self._mixed(lambda: str(faker.last_name()))
        chance = self._draw.random()
        if culture.startswith("en_") and culture != "en_IN":
            if chance < 0.06:
                return self._draw.choice(("O’", "O'", "Mc", "D'")) + family
            if chance < 0.12:
                return f"{family}-{faker.last_name()}"
        return family

    def _mixed(self, part: Callable[[], str]) -> str:
        one = part()
        other = part()
        if len(one) < 5 or not (one + other).isalpha() or self._draw.random() > 1 / 3:
            return one
        return one[: len(one) // 2 + 1] + other[len(other) // 2 + 1 :].lower()


def letters(each: int, seed: int, *, unseen: bool) -> Iterator[Sentence]:
    """Fill each template of one half *each* times."""
    ways = Letters(random.Random(seed))
    fillers = {slot: getattr(ways, slot) for slot in KINDS}
    for template in (FOLDER / f"letters_{'unseen' if unseen else 'build'}.txt").read_text().splitlines():
        for _ in range(each):
            yield fill(template.replace("\\n", "\n"), fillers, KINDS)
