"""A small catalogue to search in: rows of datasets and releases, entered as they would be, and indexed."""

import json
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest
from sqlmodel import select

from catalog.events import Event, note
from catalog.ids import MemberId
from catalog.lifecycle import State
from catalog.models import Dataset, Publisher, Release
from catalog.search.find import PUBLIC, Found, Scope, search
from catalog.search.index import index_dataset
from catalog.search.query import Query
from market.db import Database
from tests.common.clock import BEGIN

BY = MemberId("M")

PUBLISHERS = {
    # id: (Chinese, English, the one above, kind)
    "city": ("示例市", "Example City", None, "city"),
    "district": ("东城", "East District", "city", "district"),
    "health": ("卫生健康委员会", "Health Commission", "city", "department"),
    "roads": ("道路管理处", "Roads Office", "district", "department"),
}

DATASETS: dict[str, dict[str, Any]] = {
    "tumor.breast": {
        "publisher_id": "health",
        "title_zh": "乳腺癌肿瘤登记",
        "title_en": "Breast cancer registry",
        "description_zh": "按ICD-O-3编码的病例，主诊断C50.9",
        "description_en": "Cases coded by ICD-O-3, main diagnosis C50.9",
        "keywords_zh": ["肿瘤", "登记"],
        "keywords_en": ["oncology"],
        "theme": "health",
        "spatial": "50",
        "temporal": (2010, 2020),
        "columns": ["age_at_diagnosis", "stage", "年龄"],
        "profiles": ["controlled", "open"],
    },
    "tumor.lung": {
        "publisher_id": "health",
        "title_zh": "肺部影像",
        "title_en": "Lung images",
        "description_zh": "与肿瘤登记相连的影像",
        "description_en": "Images linked with the cancer registry",
        "keywords_zh": ["影像"],
        "keywords_en": ["imaging", "cancer"],
        "theme": "health",
        "spatial": "500103",
        "temporal": (2018, None),
        "columns": ["PatientAge", "modality"],
        "profiles": ["enclave"],
    },
    "urban.roads": {
        "publisher_id": "roads",
        "title_zh": "道路施工",
        "title_en": "Road works and cities' crossings",
        "description_zh": "四百名工人",
        "description_en": "Four hundred workers and one cancer case",
        "keywords_zh": [],
        "keywords_en": ["construction"],
        "theme": "urban",
        "spatial": "500100",
        "temporal": None,
        "level": "important",
        "rhythm": "monthly",
        "columns": ["stage_of_work", "metres"],
        "profiles": ["controlled"],
    },
}


@dataclass(slots=True)
class Shelf:
    """A database with datasets in it."""

    database: Database

    def enter(self, id: str, *, publish: bool = True, **said: Any) -> None:
        """Enter a dataset, and a published release of it."""
        first, last = said.pop("temporal", None) or (None, None)
        columns, profiles = said.pop("columns", ["sex"]), said.pop("profiles", ["open"])
        said = {"publisher_id": "health", "description_zh": "", "description_en": "", "title_zh": "", **said}
        for name in ("keywords_zh", "keywords_en"):
            said[name] = json.dumps(said.get(name, []))
        years = {
            "temporal_start": date(first, 1, 1) if first else None,
            "temporal_end": date(last, 12, 31) if last else None,
        }
        with self.database.writing() as session:
            session.add(Dataset(id=id, source="generated", created_at=BEGIN, **years, **said))
            note(session, Event(action="test:happened", subject=id, by=BY, at=BEGIN))
            session.flush()
            index_dataset(session, id)
        if publish:
            self.publish(id, columns, profiles)

    def publish(self, id: str, columns: list[str], profiles: list[str], *, days: int = 0) -> None:
        """Enter a published release; the one before is superseded."""
        at = BEGIN + timedelta(days=days)
        with self.database.writing() as session:
            older = session.exec(select(Release).where(Release.dataset_id == id)).all()
            for release in older:
                release.state = State.SUPERSEDED
            published = [{"name": name} for name in columns]
            session.add(
                Release(
                    id=f"{id}-{len(older) + 1}",
                    dataset_id=id,
                    number=len(older) + 1,
                    state=State.PUBLISHED,
                    evidence=json.dumps({"body": {"editions": {name: {"published": published} for name in profiles}}}),
                    evidence_hash="",
                    author_id=BY,
                    author_key="",
                    created_at=at,
                    published_at=at,
                )
            )
            note(session, Event(action="test:happened", subject=id, by=BY, at=at))
            session.flush()
            index_dataset(session, id)

    def change(self, id: str, **said: Any) -> None:
        """Say something else of a dataset."""
        with self.database.writing() as session:
            dataset = session.get_one(Dataset, id)
            for name, value in said.items():
                setattr(dataset, name, value)
            note(session, Event(action="test:happened", subject=id, by=BY, at=BEGIN))
            index_dataset(session, id)

    def withdraw(self, id: str) -> None:
        """Withdraw the newest release."""
        with self.database.writing() as session:
            release = session.exec(select(Release).where(Release.dataset_id == id, Release.state == "published")).one()
            release.state = State.WITHDRAWN
            note(session, Event(action="test:happened", subject=id, by=BY, at=BEGIN))
            index_dataset(session, id)

    def search(
        self, words: str = "", *, scope: Scope = PUBLIC, limit: int = 20, offset: int = 0, **facets: Any
    ) -> Found:
        """Search, as a person types."""
        with self.database.reading() as session:
            return search(session, Query.parse(words, **facets), at=BEGIN, scope=scope, limit=limit, offset=offset)

    def ids(self, words: str = "", **given: Any) -> list[str]:
        """Name what is found, in order."""
        return [hit.dataset for hit in self.search(words, **given).hits]


def filled(database: Database) -> Shelf:
    """Enter the publishers and the datasets."""
    shelf = Shelf(database)
    with database.writing() as session:
        for id, (zh, en, above, kind) in PUBLISHERS.items():
            session.add(Publisher(id=id, name_zh=zh, name_en=en, parent_id=above, kind=kind, created_at=BEGIN))
            session.flush()
        note(session, Event(action="test:happened", subject="city", by=BY, at=BEGIN))
    for id, said in DATASETS.items():
        shelf.enter(id, **said)
    return shelf


@pytest.fixture
def shelf(any_database: Database) -> Shelf:
    """Give the catalogue on each database in turn."""
    return filled(any_database)


@pytest.fixture
def both_shelves(database: Database, postgres_database: Database) -> tuple[Shelf, Shelf]:
    """Give the catalogue on both databases at once."""
    return filled(database), filled(postgres_database)
