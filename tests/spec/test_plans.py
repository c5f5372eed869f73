"""The page on plans tells every key, role, treatment and code system, and what it shows is what happens."""

import re
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from anonymize.standards import SYSTEMS
from anonymize.transform.dates import levels_of, read_days
from anonymize.transform.outcome import Setting
from anonymize.transform.registry import TRANSFORMS
from policies import profile
from policies.columns import ALLOWED, GENERALISING, Column, Treatment
from policies.editions import by_fineness
from policies.plan import Plan, Population
from policies.source import ENCODINGS, FORMATS, TYPES, Source

TEXT = (Path(__file__).parents[2] / "market" / "help" / "plans.md").read_text("utf-8")
EXAMPLES = re.findall(r"```toml\n(.*?)```", TEXT, re.DOTALL)
WHOLE = tomllib.loads(EXAMPLES[0])


def words_in(text: str) -> list[str]:
    return re.findall(r"`([^`\n]+)`", text)


def table(heading: str) -> list[list[str]]:
    """Give the cells of the table whose first column has this heading."""
    (rows,) = re.findall(rf"^\| {heading} \|.*\n\|[-|]+\n((?:\|.*\n)+)", TEXT, re.MULTILINE)
    return [[cell.strip() for cell in line.strip("|\n").split(" | ")] for line in rows.splitlines()]


def keys(section: str) -> list[str]:
    """List what the first column of the first table under a heading names."""
    (part,) = re.findall(rf"^## {section}\n(.*?)(?=^## |\Z)", TEXT, re.MULTILINE | re.DOTALL)
    rows = re.search(r"^\| key \|.*\n\|[-|]+\n((?:\|.*\n)+)", part, re.MULTILINE)
    assert rows is not None
    return [word for line in rows[1].splitlines() for word in words_in(line.split("|")[1])]


def columns(raw: dict[str, Any]) -> dict[str, Column]:
    return {column.name: column for column in Plan.from_dict(raw).columns}


def test_every_key_of_a_plan_is_told() -> None:
    fields = {name.removesuffix("s") if name == "columns" else name for name in Plan.__dataclass_fields__}
    assert set(keys("At the top")) == fields
    assert sorted(keys("The source")) == sorted(Source.__dataclass_fields__)
    assert sorted(keys("A column")) == sorted(Column.__dataclass_fields__)
    assert {*Population.__dataclass_fields__, *profile.names()} <= set(words_in(TEXT))


def test_every_word_that_a_key_may_hold_is_told() -> None:
    assert {*FORMATS, *ENCODINGS, *TYPES, "name", "address", "value", "date"} <= set(words_in(TEXT))


def test_the_profiles_are_told_with_their_thresholds() -> None:
    told = {}
    for name, k, least_l, t, share, dates, people, age, modes in table("profile"):
        numbers = (int(k), int(least_l), float(t), float(share), int(people), int(age))
        told[words_in(name)[0]] = (*numbers, words_in(dates)[0], words_in(modes))
    found = map(profile.load, profile.names())
    assert told == {
        p.name: (
            *(p.minimum_class_size, p.minimum_l, p.maximum_t, p.suppression_limit, p.population_floor, p.age_top_code),
            *(p.finest_date, list(p.modes)),
        )
        for p in found
    }


def test_the_roles_are_told_with_the_treatments_they_may_have() -> None:
    told = {words_in(role)[0]: set(words_in(treatments)) for role, _, treatments in table("role")}
    assert told == {str(role): {str(treatment) for treatment in allowed} for role, allowed in ALLOWED.items()}


def test_every_treatment_is_told() -> None:
    (part,) = re.findall(r"^## Treatments\n(.*?)^## ", TEXT, re.MULTILINE | re.DOTALL)
    assert {str(treatment) for treatment in Treatment} <= set(words_in(part))
    assert [words_in(row[0])[0] for row in table("treatment")] == [t for t in Treatment if t in GENERALISING]


@pytest.mark.parametrize(
    ("treatment", "value", "levels"), [[words_in(cell) for cell in row] for row in table("treatment")]
)
def test_a_value_is_published_at_each_level_as_told(treatment: list[str], value: list[str], levels: list[str]) -> None:
    name = Treatment(treatment[0])
    if name is Treatment.DATE:
        (day,) = read_days(value)
        assert day is not None
        assert [*levels_of(np.datetime64(day, "D").item()), "*"] == levels
        return
    more: dict[str, Any] = {Treatment.BAND: {"widths": (5, 10)}}.get(name, {})
    if name is Treatment.GROUP:
        more = {"groups": columns(WHOLE)["stage"].groups}
    column = Column(name="told", role="quasi_identifier", treatment=name, **more)  # type: ignore[arg-type]
    figures = {"500103": 600_000, "5001": 9_000_000}
    setting = Setting(age_top_code=90, population_floor=20_000, population=Population(source="told", figures=figures))
    done = TRANSFORMS[name](column, value, setting)
    published = [
        done.hierarchy.published(level, np.array([done.leaf[0]]))[0].as_py() for level in range(done.hierarchy.levels)
    ]
    assert published == levels


def test_every_code_system_is_told_with_what_it_reads() -> None:
    told = {words_in(row[0])[0]: (words_in(row[2])[0], words_in(row[3])[0]) for row in table("standard")}
    assert set(told) == set(SYSTEMS)
    assert {name: SYSTEMS[name](value) for name, (value, _) in told.items()} == {
        n: code for n, (_, code) in told.items()
    }


@pytest.mark.parametrize("example", EXAMPLES, ids=range(1, len(EXAMPLES) + 1))
def test_the_examples_are_plans(example: str) -> None:
    raw = tomllib.loads(example)
    if "dataset" not in raw:
        assert set(raw) == {"column"}
        raw |= {"dataset": "example", "profiles": WHOLE["profiles"]}
        raw["column"].append({"name": "person", "role": "subject", "treatment": "drop"})
    plan = Plan.from_dict(raw)
    assert Plan.from_dict(plan.to_dict()) == plan
    assert [found.name for found in by_fineness(plan)] == ["enclave", "controlled", "open"]
    for column in plan.columns:
        if column.standard is not None:
            assert set(map(SYSTEMS[column.standard], column.mapping.values())) == set(column.mapping.values())


def test_the_examples_show_nearly_every_key() -> None:
    shown = {key for example in EXAMPLES for column in tomllib.loads(example)["column"] for key in column}
    assert set(Column.__dataclass_fields__) - shown == {"kind", "lower"}
