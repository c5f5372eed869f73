"""The city's calendar: days, months and years begin at midnight in China, wherever the machine stands."""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from typing import Self

from policies.errors import PolicyError

CITY_TIME = timezone(timedelta(hours=8))

_MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])", re.ASCII)


class CalendarError(PolicyError):
    """What should name a month names none."""


def day_of(at: datetime) -> date:
    """Give the city's day at the moment *at*."""
    return at.astimezone(CITY_TIME).date()


def begins_at(day: date) -> datetime:
    """Give the moment at which a day begins in the city."""
    return datetime(day.year, day.month, day.day, tzinfo=CITY_TIME)


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """A calendar month of the city."""

    year: int
    number: int
    """From 1 to 12."""

    @classmethod
    def of(cls, at: datetime) -> Self:
        """Give the month in which *at* lies."""
        day = day_of(at)
        return cls(day.year, day.month)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a month such as `2026-11`.

        Raises:
            CalendarError: it is none.
        """
        found = _MONTH.fullmatch(text)
        if found is None or found[1] == "0000":
            raise CalendarError("month", f"{text!r} is none", fix="Write it as 2026-11.")
        return cls(int(found[1]), int(found[2]))

    def __str__(self) -> str:
        return f"{self.year:04}-{self.number:02}"

    @property
    def following(self) -> Self:
        """The month after this one."""
        return type(self)(self.year + self.number // 12, self.number % 12 + 1)

    @property
    def begins_at(self) -> datetime:
        """Its first moment."""
        return begins_at(date(self.year, self.number, 1))

    @property
    def ends_at(self) -> datetime:
        """The first moment after it."""
        return self.following.begins_at
