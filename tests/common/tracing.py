"""Attackers of guarded aggregates: they know the whole table but one bit of each person, and every rule of the mode.

Each attack asks questions that any licensee may ask, or tries ones that are refused, and ends with the probability it
gives to the victim's bit by Bayes' rule, knowing how the noise is drawn.
"""

import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import comb
from typing import Any

import duckdb
import pyarrow as pa

from market.query.aggregates.declared import Declared, declared
from market.query.aggregates.protect import protect
from market.query.aggregates.shape import shape
from market.query.aggregates.statement import written
from market.query.errors import QueryRefused
from market.query.statements import gate
from policies.cells import Guard, probabilities

ROLES = {
    "id": "subject",
    "region": "quasi_identifier",
    "age": "quasi_identifier",
    "stage": "sensitive_attribute",
    "bit": "sensitive_attribute",
    "flag": "insensitive",
}
TYPES = {"id": "VARCHAR", "region": "VARCHAR", "age": "VARCHAR", "stage": "VARCHAR", "bit": "VARCHAR", "flag": "DOUBLE"}

Person = dict[str, Any]
Cells = Mapping[str, float]


def people(
    chance: random.Random,
    *,
    classes: int = 300,
    smallest: int = 5,
    share: float = 0.3,
    farthest: float = 0.5,
    minimum_l: int = 2,
) -> list[Person]:
    """Draw people in classes of at least *smallest*, with a planted bit that is set for about *share* of them.

    In no class is its share farther than *farthest* from the whole's (t); with *minimum_l* 2 none has one value alone.
    """
    drawn: list[Person] = []
    for number in range(classes):
        size = smallest + min(int(chance.expovariate(0.3)), 20)
        most = min(size + 1 - minimum_l, int((share + farthest) * size))
        ones = min(max(sum(chance.random() < share for _ in range(size)), minimum_l - 1), most)
        bits = [1] * ones + [0] * (size - ones)
        chance.shuffle(bits)
        for place, bit in enumerate(bits):
            drawn.append(
                {
                    "id": f"{number:04}-{place:02}-{chance.getrandbits(64):016x}",
                    "region": f"R{number % 20:02}",
                    "age": f"A{number // 20:02}",
                    "stage": chance.choice(["I", "II", "III", "IV"]),
                    "bit": str(bit),
                    "flag": float(bit),
                }
            )
    return drawn


@dataclass(slots=True)
class Door:
    """Where questions are asked; it counts what was answered and what was refused."""

    rows: Sequence[Person]
    guard: Guard
    secret: bytes
    seed: int
    asked: Counter[str] = field(default_factory=Counter)
    _engine: Any = None
    _tables: Mapping[str, Declared] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._engine = duckdb.connect()
        self._engine.execute("SET threads = 1")
        self._engine.register("people", pa.Table.from_pylist(list(self.rows)))
        published = [{"name": name, "role": role} for name, role in ROLES.items()]
        self._tables = {"people": declared(published, list(TYPES.items()))}

    def ask(self, sql: str) -> list[Person]:
        """Ask as a licensee does.

        Raises:
            QueryRefused: as the mode does.
        """
        try:
            question = shape(gate.check(sql, frozenset(self._tables)), self._tables)
        except QueryRefused:
            self.asked["refused"] += 1
            raise
        self.asked["answered"] += 1
        found = self._engine.sql(written(question, self._tables, self.seed)).to_arrow_table().to_pylist()
        answer = protect(question, found, self._tables, self.guard, self.secret).to_pylist()
        assert isinstance(answer, list)
        return answer

    def ones(self, where: str) -> float | None:
        """Ask how many have the bit among those *where* names; None: it is withheld."""
        answer = self.ask(f"SELECT bit, COUNT(*) AS n FROM people{' WHERE ' + where if where else ''} GROUP BY bit")
        return next((row["n"] for row in answer if row["bit"] == "1"), None)


@dataclass(frozen=True, slots=True)
class Attack:
    """One attempt at one person: its kind, what was thought before and after, and the truth."""

    kind: str
    before: float
    after: float

    @property
    def gain(self) -> float:
        """What the attack added to the probability given to the true bit."""
        return self.after - self.before


class Attacker:
    """Tries one way after the other on one person after the other."""

    def __init__(self, door: Door, chance: random.Random, *, minimum_l: int = 2) -> None:
        self.door, self.chance, self.minimum_l = door, chance, minimum_l
        self.share = sum(row["bit"] == "1" for row in door.rows) / len(door.rows)
        self.steps = probabilities(door.guard)

    def attacks(self, count: int) -> Iterator[Attack]:
        """Make *count* attacks of all kinds in turn."""
        kinds: list[Callable[[Person], float | None]] = [
            self.differencing,
            self.averaging,
            self.tracker,
            self.complement,
            self.singling_out,
            self.by_average,
        ]
        for number in range(count):
            kind, victim = kinds[number % len(kinds)], self.chance.choice(self.door.rows)
            one = kind(victim)
            before = self.share if victim["bit"] == "1" else 1 - self.share
            after = before if one is None else one if victim["bit"] == "1" else 1 - one
            yield Attack(kind.__name__, before, after)

    def differencing(self, victim: Person) -> float | None:
        """Ask for a crowd with the victim's class, and without it."""
        return self._posterior([self._difference(victim)], self._class_size(victim))

    def averaging(self, victim: Person) -> float | None:
        """Do so with one crowd after the other, so that the noise averages out."""
        return self._posterior([self._difference(victim) for _ in range(12)], self._class_size(victim))

    def tracker(self, victim: Person) -> float | None:
        """Ask for two crowds that share the victim's class alone, and for everybody (Denning and Schlörer 1980)."""
        own = self._own(victim)
        first = self._crowd(victim)
        one = self.door.ones(f"({first}) OR {own}")
        other = self.door.ones(f"(NOT ({first})) OR {own}")
        every = self.door.ones("")
        if one is None or other is None or every is None:
            return None
        return self._posterior([one + other - every], self._class_size(victim), terms=3)

    def complement(self, victim: Person) -> float | None:
        """Take those without the bit from all, with and without the victim's class."""
        crowd, own = self._crowd(victim), self._own(victim)
        found = []
        for where in (f"({crowd}) OR {own}", f"({crowd}) AND NOT {own}"):
            every = self.door.ask(f"SELECT COUNT(*) AS n FROM people WHERE {where}")
            answer = self.door.ask(f"SELECT bit, COUNT(*) AS n FROM people WHERE {where} GROUP BY bit")
            zeros = next((row["n"] for row in answer if row["bit"] == "0"), None)
            if not every or zeros is None:
                return None
            found.append(every[0]["n"] - zeros)
        return self._posterior([found[0] - found[1]], self._class_size(victim), terms=4)

    def singling_out(self, victim: Person) -> float | None:
        """Use what is known of the victim besides the class, in every place a statement has for it."""
        own, stage = self._own(victim), victim["stage"]
        tries = (
            f"SELECT bit, COUNT(*) AS n FROM people WHERE {own} AND stage = '{stage}' GROUP BY bit",
            f"SELECT bit, stage, COUNT(*) AS n FROM people WHERE {own} GROUP BY ALL",
            f"SELECT stage, SUM(flag) AS n FROM people WHERE {own} GROUP BY stage",
            f"SELECT SUM(flag) AS n FROM people WHERE id = '{victim['id']}'",
            f"SELECT COUNT(*) AS n FROM people WHERE bit = '1' AND {own}",
            f"SELECT SUM(flag) FILTER (WHERE stage = '{stage}') AS n FROM people WHERE {own}",
            f"SELECT SUM(CASE WHEN stage = '{stage}' THEN flag END) AS n FROM people WHERE {own}",
            f"SELECT region, COUNT(*) AS n FROM people GROUP BY region HAVING SUM(flag) > {self.chance.randint(1, 9)}",
            f"SELECT MAX(bit) AS n FROM people WHERE {own}",
            f"WITH p AS (SELECT * FROM people WHERE bit = '1') SELECT COUNT(*) AS n FROM p WHERE {own}",
            f"SELECT COUNT(*) AS n FROM people WHERE {own} AND EXISTS (SELECT 1 FROM people q WHERE q.bit = '1')",
        )
        try:
            answer = self.door.ask(self.chance.choice(tries))
        except QueryRefused:
            return None
        return None if not answer else 1.0 if answer[0]["n"] and float(answer[0]["n"]) >= 0.5 else 0.0

    def by_average(self, victim: Person) -> float | None:
        """Read the number of those with the bit off an average of a column of ones and noughts."""
        own, crowd = self._own(victim), self._crowd(victim)
        found = []
        for where in (f"({crowd}) OR {own}", f"({crowd}) AND NOT {own}"):
            answer = self.door.ask(f"SELECT AVG(flag) AS mean, COUNT(*) AS n FROM people WHERE {where}")
            if not answer:
                return None
            found.append(round(answer[0]["mean"] * answer[0]["n"]))
        return self._posterior([found[0] - found[1]], self._class_size(victim))

    def _difference(self, victim: Person) -> float | None:
        crowd, own = self._crowd(victim), self._own(victim)
        with_, without = self.door.ones(f"({crowd}) OR {own}"), self.door.ones(f"({crowd}) AND NOT {own}")
        return None if with_ is None or without is None else with_ - without

    def _crowd(self, victim: Person) -> str:
        """Name some regions or ages, at random."""
        column = self.chance.choice(["region", "age"])
        values = sorted({str(row[column]) for row in self.door.rows})
        chosen = self.chance.sample(values, self.chance.randint(2, len(values) - 1))
        return f"{column} IN ({', '.join(repr(value) for value in chosen)})"

    @staticmethod
    def _own(victim: Person) -> str:
        return f"(region = '{victim['region']}' AND age = '{victim['age']}')"

    def _class_size(self, victim: Person) -> int:
        same = (victim["region"], victim["age"])
        return sum((row["region"], row["age"]) == same for row in self.door.rows)

    def _posterior(self, found: Sequence[float | None], size: int, *, terms: int = 2) -> float | None:
        """Give the probability of the bit, from differences that each hold *terms* draws of noise.

        Without further knowledge each number of bits in the class has its binomial weight; a measured l of 2 says that
        it is neither none nor all of them.
        """
        known = [value for value in found if value is not None]
        if not known:
            return None
        noise = {0: 1.0}
        for _ in range(terms):
            wider: dict[int, float] = {}
            for had, weight in noise.items():
                for step, probability in self.steps.items():
                    wider[had + step] = wider.get(had + step, 0.0) + weight * probability
            noise = wider
        weights = {}
        for ones in range(self.minimum_l - 1, size + 2 - self.minimum_l):
            weight = comb(size, ones) * self.share**ones * (1 - self.share) ** (size - ones)
            for value in known:
                weight *= noise.get(round(value) - ones, 1e-12)
            weights[ones] = weight
        total = sum(weights.values())
        return None if total == 0 else sum(ones * weight for ones, weight in weights.items()) / total / size
