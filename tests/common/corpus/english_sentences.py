"""English sentences about invented people: templates of `english/`, filled; one half was never read for rules.

Names are of many languages written in Latin letters. Half of them are made of the parts of two names, so that no list
has them.
"""

import random
from collections.abc import Callable, Iterator
from pathlib import Path

from faker import Faker

from tests.common.corpus.identifiers import Identifiers
from tests.common.corpus.sentences import Sentence

FOLDER = Path(__file__).parent / "english"
LOCALES = (
    "en_US",
    "en_GB",
    "en_IN",
    "es_MX",
    "de_DE",
    "fr_FR",
    "it_IT",
    "pl_PL",
    "tr_TR",
    "vi_VN",
    "fi_FI",
    "hu_HU",
    "nl_NL",
)
TYPES = {
    "person": "PERSON",
    "family": "PERSON",
    "given": "PERSON",
    "last_first": "PERSON",
    "upper": "PERSON",
    "lower": "PERSON",
    "address": "ADDRESS",
    "dob": "DATE_OF_BIRTH",
    "date": "DATE",
    "phone": "PHONE",
    "email": "EMAIL",
    "ssn": "SSN",
    "card": "BANK_CARD",
}


class English:
    """Draws what fills a slot."""

    def __init__(self, draw: random.Random) -> None:
        self._draw, self._numbers = draw, Identifiers(draw)
        self._fakers = [Faker(locale) for locale in LOCALES]
        for faker in self._fakers:
            faker.seed_instance(draw.randrange(2**32))

    def given(self) -> str:
        """Draw a given name."""
        return self._made(lambda faker: faker.first_name())

    def family(self) -> str:
        """Draw a family name."""
        return self._made(lambda faker: faker.last_name())

    def person(self) -> str:
        """Draw a whole name."""
        middle = self._draw.choice(("", "", "", " {}.", " {}")).format(self._draw.choice("ABCDEFGHJKLMNPRST"))
        return f"{self.given()}{middle} {self.family()}"

    def last_first(self) -> str:
        """Draw a name as registers write it."""
        name = f"{self.family()}, {self.given()}"
        return name.upper() if self._draw.random() < 0.5 else name

    def upper(self) -> str:
        """Draw a name in capitals."""
        return self.person().upper()

    def lower(self) -> str:
        """Draw a name without capitals."""
        return self.person().lower()

    def address(self) -> str:
        """Draw an address of the United States."""
        faker = self._fakers[0]
        street = faker.street_address()
        return self._draw.choice((street, f"{street}, {faker.city()}, {faker.state_abbr()} {faker.zipcode()}"))

    def dob(self) -> str:
        """Draw a day."""
        day = self._fakers[0].date_of_birth()
        return f"{day:%m/%d/%Y}" if self._draw.random() < 0.5 else f"{day:%B} {day.day}, {day.year}"

    date = dob

    def phone(self) -> str:
        """Draw a telephone number of North America."""
        area, exchange, line = self._draw.randint(201, 989), self._draw.randint(200, 999), self._draw.randrange(10_000)
        form = self._draw.choice(("({}) {}-{:04}", "{}-{}-{:04}", "{}.{}.{:04}", "+1 {} {} {:04}", "1-{}-{}-{:04}"))
        return form.format(area, exchange, line)

    def email(self) -> str:
        """Draw an e-mail address."""
        return self._numbers.email()

    def ssn(self) -> str:
        """Draw a Social Security number."""
        return f"{self._draw.randint(100, 665)}-{self._draw.randint(10, 99)}-{self._draw.randint(1000, 9999)}"

    def card(self) -> str:
        """Draw the number of a card."""
        return str(self._fakers[0].credit_card_number("visa16"))

    def _made(self, part: Callable[[Faker], str]) -> str:
        one = part(self._draw.choice(self._fakers))
        if self._draw.random() < 0.5 or len(one) < 4:
            return one
        other = part(self._draw.choice(self._fakers))
        return one[: len(one) // 2 + 1] + other[len(other) // 2 + 1 :].lower()


def english(each: int, seed: int, *, unseen: bool) -> Iterator[Sentence]:
    """Fill each template of one half *each* times."""
    ways = English(random.Random(seed))
    for template in (FOLDER / f"{'unseen' if unseen else 'build'}.txt").read_text().splitlines():
        for _ in range(each):
            text, spans = "", []
            for number, part in enumerate(template.replace("}", "{").split("{")):
                value = getattr(ways, part)() if number % 2 else part
                if number % 2:
                    spans.append((len(text), len(text) + len(value), TYPES[part]))
                text += value
            yield Sentence(text, tuple(spans), ())
