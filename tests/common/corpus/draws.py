"""What drawing numbers needs: digits, days, and the forms in which they are written."""

import random
from collections.abc import Sequence
from datetime import date, timedelta
from typing import TypeVar

T = TypeVar("T")


class Draws:
    """Draws by one source of chance; a public method of a subclass fills the slot of its name."""

    def __init__(self, draw: random.Random) -> None:
        self._draw = draw

    def _day(self, first: int = 1935, last: int = 2018) -> date:
        return date(first, 1, 1) + timedelta(self._draw.randrange((last - first + 1) * 365))

    def _date(self, day: date) -> str:
        plain = (day.year, day.month, day.day)
        return self._written(
            ("{}年{}月{}日".format(*plain), 4),
            (f"{day:%Y-%m-%d}", 3),
            (f"{day:%Y/%m/%d}", 1),
            ("{}.{}.{}".format(*plain), 1),
            (f"{day:%Y%m%d}", 1),
            (f"{day:%Y年%m月%d日}", 1),
        )

    def _digits(self, count: int, first: str | None = None) -> str:
        head = str(self._draw.randint(1, 9)) if first is None else first
        return head + "".join(self._pick("0123456789") for _ in range(count - len(head)))

    def _pick(self, among: Sequence[T]) -> T:
        return self._draw.choice(among)

    def _written(self, *forms: tuple[str, int], wide: bool = True) -> str:
        """Draw one of the weighted *forms*; one in twelve is typed full-width."""
        text = self._draw.choices([form for form, _ in forms], [weight for _, weight in forms])[0]
        if wide and self._draw.random() < 1 / 12:
            return "".join(chr(ord(char) + 0xFEE0) if char.isascii() and char.isalnum() else char for char in text)
        return text
