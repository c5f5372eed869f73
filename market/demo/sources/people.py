"""Invented people around real records: consistent with the real age and year, and with each other.

A person's resident ID carries the county of residence and the date of birth, and its check digit is right
(GB 11643-1999); the date of birth gives the real age at surgery; relapse and last contact lie as many days after
surgery as the record says.
"""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from faker import Faker

from anonymize.detect.identifiers.checksums import resident_id_check
from market.demo.canaries import Canary
from market.demo.sources.places import PLACES

SEED = 20260911
WEIGHTS: Mapping[str, float] = {"50": 0.8, "51": 0.13, "52": 0.07}
"""Share of patients by province: enough in each that the province still says something."""
MOBILE = ("135", "136", "138", "139", "150", "151", "158", "159", "177", "180", "186", "189", "199")

RARE_NAMES = ("㛃䶮", "㐱㜣", "㼆㬎", "䒟㛂", "㑇㝬", "㚤䶮㛃", "䝙㜏", "㧑㬊", "㭎㳚", "䴖㛤", "㺭䢺", "䓖㛓")
"""Names of patients whom a list of common characters would miss."""
RARE_RELATIVES = ("㙍䌹", "㟃䏝", "㠇䓨", "㤘䗖", "㧐䜣", "㨫䞍", "㩳䥽", "㬚䦃", "㭤䭪", "㮾䯄")
"""Names that stand in notes alone, behind a cue word."""
RARE_ROADS = ("㵲阳巷", "㳇水街", "㙦口路", "㟥石巷", "㮚林街", "㴔溪路", "㳠滩巷", "㙟坪街")


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """An invented identity, and what the note tells beyond it."""

    patient_id: str
    name: str
    resident_id: str
    phone: str
    address: str
    residence: str
    birth_date: date
    surgery_date: date
    relapse_date: date | None
    last_contact_date: date
    relative: str
    relative_phone: str
    doctor: str
    extra_number: str = ""
    extra_date: date | None = None
    style: int
    """Chooses the forms in which the note writes things."""
    canary: str = ""
    """Which of the identities above is planted as a canary, if any."""


class Inventor:
    """Invents one person per record, always the same ones."""

    def __init__(self) -> None:
        self._random = random.Random(SEED)  # noqa: S311 - invented people must be the same each time
        self._faker = Faker("zh_CN")
        self._faker.seed_instance(SEED)
        self._taken: set[str] = set()
        self._count = 0
        self._old = 0

    def person(self, record: Mapping[str, Any]) -> Person:
        """Invent the person behind *record*; every fortieth or so carries canaries."""
        rng = self._random
        surgery = date(int(record["year"]), 1, 1) + timedelta(days=rng.randrange(365))
        birth = self._birth(surgery, int(record["age"]))
        province = rng.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
        residence = rng.choice([code for code in PLACES if code.startswith(province)])
        area, road = PLACES[residence]
        person = Person(
            patient_id=self._fresh(lambda: f"20{rng.randrange(10**8):08}"),
            name=self._faker.name_female(),
            resident_id=self._fresh(lambda: self._resident_id(residence, birth)),
            phone=self._phone(),
            address=f"{area}{road}{rng.randint(1, 399)}号{rng.randint(1, 20)}栋{rng.randint(1, 330)}室",
            residence=residence,
            birth_date=birth,
            surgery_date=surgery,
            relapse_date=surgery + timedelta(days=int(record["rtime"])) if record["recur"] else None,
            last_contact_date=surgery + timedelta(days=int(record["dtime"])),
            relative=self._faker.name(),
            relative_phone=self._phone(),
            doctor=self._faker.name(),
            style=rng.randrange(10**6),
        )
        self._count += 1
        return self._planted(person)

    def canaries(self, rows: Sequence[tuple[Mapping[str, Any], Person]]) -> Iterator[Canary]:
        """List the canaries planted in *rows*."""
        for _, person in rows:
            match person.canary:
                case "name":
                    yield Canary("name", person.name)
                case "relative":
                    yield Canary("name", person.relative)
                    yield Canary("number", person.relative_phone)
                case "doctor":
                    yield Canary("name", person.doctor)
                case "address":
                    yield Canary("address", next(road for road in RARE_ROADS if road in person.address))
                case "number":
                    yield Canary("number", person.patient_id)
                    yield Canary("number", person.phone)
                    yield Canary("number", person.resident_id)
                    yield Canary("number", person.extra_number)
                case "birth":
                    yield Canary("date", person.birth_date.isoformat())
                case "date" if person.extra_date:
                    yield Canary("date", person.extra_date.isoformat())

    def _planted(self, person: Person) -> Person:
        """Plant a canary in every twentieth person, the kinds in turn, and in the first of the oldest."""
        turn, due = divmod(self._count, 20)
        if 1901 <= person.birth_date.year <= 1905 and self._old < 10:
            fresh = f"birth {person.birth_date}"
            if fresh not in self._taken:
                self._taken.add(fresh)
                self._old += 1
                return replace(person, canary="birth")
        if due:
            return person
        kind, place = ("name", "relative", "address", "number", "date", "doctor")[turn % 6], turn // 6
        if kind == "name" and place < len(RARE_NAMES):
            return replace(person, canary=kind, name=RARE_NAMES[place])
        if kind == "relative" and place < 6:
            return replace(person, canary=kind, relative=RARE_RELATIVES[place])
        if kind == "doctor" and place < 4:
            return replace(person, canary=kind, doctor=RARE_RELATIVES[6 + place])
        if kind == "address" and place < len(RARE_ROADS):
            area, road = PLACES[person.residence]
            return replace(person, canary=kind, address=person.address.replace(area + road, area + RARE_ROADS[place]))
        if kind == "number" and place < 8:
            number = self._fresh(lambda: str(self._random.randrange(10**11, 10**12)))
            return replace(person, canary=kind, extra_number=number)
        if kind == "date" and place < 10:
            return replace(person, canary=kind, extra_date=date(1901 + place % 5, 1 + place, 11 + place))
        return person

    def _birth(self, surgery: date, age: int) -> date:
        """Choose a day of birth that gives *age* completed years on the day of *surgery*."""
        first = _years_before(surgery, age + 1) + timedelta(days=1)
        last = _years_before(surgery, age)
        return first + timedelta(days=self._random.randrange((last - first).days + 1))

    def _resident_id(self, residence: str, birth: date) -> str:
        body = f"{residence}{birth:%Y%m%d}{self._random.randrange(0, 1000, 2):03}"  # women have even orders
        return body + resident_id_check(body)

    def _phone(self) -> str:
        return self._fresh(lambda: self._random.choice(MOBILE) + f"{self._random.randrange(10**8):08}")

    def _fresh(self, invent: Any) -> str:
        """Invent until the value is new; every number belongs to one person."""
        value = str(invent())
        while value in self._taken:
            value = str(invent())
        self._taken.add(value)
        return value


def _years_before(day: date, years: int) -> date:
    """Go back whole years; from 29 February to the 28th, where the year has none."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)
