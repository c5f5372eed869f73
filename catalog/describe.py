"""What is said of a dataset, checked before it becomes a row, and the code lists it is said in."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import Any, Self

from anonymize.data import facts
from catalog.errors import CatalogError
from catalog.models import Dataset


@dataclass(frozen=True, slots=True)
class Label:
    """What a code is called in Chinese and English, and by others."""

    zh: str
    en: str
    code: str = ""
    """The same thing in the European Union's code list; empty where it has none."""


THEMES: Mapping[str, Label] = {
    "agriculture": Label("农业与食品", "Agriculture and food", "AGRI"),
    "economy": Label("经济与金融", "Economy and finance", "ECON"),
    "education": Label("教育、文化与体育", "Education, culture and sport", "EDUC"),
    "energy": Label("能源", "Energy", "ENER"),
    "environment": Label("环境", "Environment", "ENVI"),
    "government": Label("政府与公共部门", "Government and public sector", "GOVE"),
    "health": Label("卫生健康", "Health", "HEAL"),
    "justice": Label("司法与公共安全", "Justice and public safety", "JUST"),
    "population": Label("人口与社会", "Population and society", "SOCI"),
    "technology": Label("科学与技术", "Science and technology", "TECH"),
    "transport": Label("交通运输", "Transport", "TRAN"),
    "urban": Label("城市治理", "Urban governance", "REGI"),
    "other": Label("其他", "Other", "OP_DATPRO"),
}
"""Themes, after the EU vocabulary `data-theme`."""

LEVELS: Mapping[str, Label] = {
    "general": Label("一般数据", "General data"),
    "important": Label("重要数据", "Important data"),
    "core": Label("核心数据", "Core data"),
}
"""Levels of GB/T 43697-2024. Core data is never released."""

RHYTHMS: Mapping[str, Label] = {
    "continuous": Label("连续", "Continuous", "CONT"),
    "daily": Label("每日", "Daily", "DAILY"),
    "weekly": Label("每周", "Weekly", "WEEKLY"),
    "monthly": Label("每月", "Monthly", "MONTHLY"),
    "quarterly": Label("每季度", "Quarterly", "QUARTERLY"),
    "annual": Label("每年", "Annual", "ANNUAL"),
    "irregular": Label("不定期", "Irregular", "IRREG"),
    "never": Label("不再更新", "Never", "NEVER"),
}
"""How often a release is due, after the EU vocabulary `frequency`."""

REQUIRED = (
    "title_zh",
    "title_en",
    "description_zh",
    "description_en",
    "source",
    "theme",
    "legal_basis",
    "contact",
)
LISTS = ("keywords_zh", "keywords_en")
SHORT, LONG = 200, 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """All that is said of a dataset. It can only be made of what may be said."""

    title_zh: str
    title_en: str
    description_zh: str
    description_en: str
    source: str
    """Where the records come from, and under which licence."""
    theme: str
    """A code of `THEMES`."""
    legal_basis: str
    contact: str
    keywords_zh: tuple[str, ...] = ()
    keywords_en: tuple[str, ...] = ()
    spatial: str = ""
    """A code of GB/T 2260, or a name where there is none."""
    temporal_start: date | None = None
    temporal_end: date | None = None
    level: str = "general"
    """A code of `LEVELS`."""
    rhythm: str = "irregular"
    """A code of `RHYTHMS`."""
    citation: str = ""
    series: str | None = None

    def __post_init__(self) -> None:
        for name in REQUIRED:
            if not getattr(self, name).strip():
                raise CatalogError(_spoken(name), "is empty", fix="Say it: people decide by it.")
        for name, table in (("theme", THEMES), ("level", LEVELS), ("rhythm", RHYTHMS)):
            if getattr(self, name) not in table:
                raise CatalogError(
                    name, f"{getattr(self, name)!r} is no code of ours", fix=f"Use one of: {', '.join(table)}."
                )
        if self.level == "core":
            raise CatalogError("level", "is core (GB/T 43697-2024)", fix="Core data can never be released: keep it.")
        self._check_lengths()
        if self.spatial.isascii() and self.spatial.isdigit() and self.spatial not in _codes():
            raise CatalogError(
                "spatial", f"{self.spatial} is no place of GB/T 2260", fix="Give a code of 2, 4 or 6 digits."
            )
        if self.temporal_start and self.temporal_end and self.temporal_end < self.temporal_start:
            raise CatalogError("temporal end", "lies before the start", fix="Give the last day covered, or none.")
        if self.series is not None and not re.fullmatch(r"[A-Za-z0-9][\w.-]*", self.series, re.ASCII):
            raise CatalogError("series", "is no identifier", fix="Use letters, digits, '.', '-' and '_'.")

    def _check_lengths(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            texts = value if isinstance(value, tuple) else (value,)
            limit = LONG if field.name.startswith(("description", "citation", "source", "legal")) else SHORT
            for text in texts:
                if isinstance(text, str) and len(text) > limit:
                    raise CatalogError(_spoken(field.name), f"is longer than {limit} characters", fix="Shorten it.")
                if isinstance(text, str) and not text.isprintable() and limit == SHORT:
                    raise CatalogError(_spoken(field.name), "holds a control character", fix="Take it out.")
        for name in LISTS:
            words = getattr(self, name)
            if any(not word.strip() for word in words) or len(set(words)) != len(words) or len(words) > 50:
                fix = "Give at most 50 different words."
                raise CatalogError(_spoken(name), "holds an empty word, the same word twice, or too many", fix=fix)

    @classmethod
    def of(cls, row: Dataset) -> Self:
        """Read what the *row* says, as it was checked when it was written."""
        said = {field.name: getattr(row, field.name) for field in fields(cls)}
        return cls(**{**said, **{name: tuple(json.loads(said[name])) for name in LISTS}})

    def columns(self) -> dict[str, Any]:
        """Give the columns of the row."""
        said = {field.name: getattr(self, field.name) for field in fields(self)}
        return {**said, **{name: json.dumps(said[name], ensure_ascii=False) for name in LISTS}}


def _spoken(name: str) -> str:
    return name.replace("_zh", " (zh)").replace("_en", " (en)").replace("_", " ")


def _codes() -> frozenset[str]:
    """List the places of GB/T 2260, also as six digits padded with zeros."""
    known = [row["code"] for row in facts("gbt2260.csv")]
    return frozenset(known) | {code.ljust(6, "0") for code in known}
