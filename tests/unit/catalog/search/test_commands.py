"""The commands search, keep and reindex, in a home of their own."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from anonymize.signing import Signer
from market.cli.search import reindex, saved, search
from market.home import Home
from market.parties.members import add_member
from market.parties.models import Role
from market.settings import Settings
from tests.common.clock import BEGIN
from tests.unit.catalog.search.shelf import Shelf, filled


@pytest.fixture
def home(tmp_path, monkeypatch) -> Shelf:
    """Make the catalogue in a home, with an administrator, a steward of the Roads Office and a licensee."""
    monkeypatch.setenv("SLUICE_HOME", str(tmp_path / "home"))
    made = Home.create(Settings.read())
    by = None
    with made.database.writing() as session:
        for role, organisation in ((Role.ADMINISTRATOR, None), (Role.STEWARD, "roads"), (Role.LICENSEE, "firm")):
            public = Signer.create(tmp_path / f"{role}.key").public
            row = add_member(
                session, name=role, role=role, public_key=public, organisation=organisation, by=by, at=BEGIN
            )
            by = by or row.id
    shelf = filled(made.database)
    yield shelf
    made.close()


def answer(command, *words: str) -> dict:
    done = CliRunner().invoke(command, [*words, "--json"], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def key(tmp_path: Path, role: str) -> tuple[str, str]:
    return "--key", str(tmp_path / f"{role}.key")


def test_search_answers_as_json_and_in_words(home):
    found = answer(search, "肿瘤登记", "--theme", "health", "--spatial", "50", "--limit", "1")
    assert (found["total"], found["hits"][0]["dataset"], found["partial"]) == (2, "tumor.breast", False)
    assert found["facets"]["theme"] == [
        {"value": "health", "datasets": 2, "zh": "卫生健康", "en": "Health", "above": None}
    ]
    said = CliRunner().invoke(search, ["breast", "registy"]).output
    assert "Searched for registry instead of registy." in said
    assert "tumor.breast  乳腺癌肿瘤登记 / Breast cancer registry  Health Commission" in said


def test_only_who_answers_for_datasets_sees_the_unpublished(home, tmp_path):
    home.enter("draft", publisher_id="roads", title_en="Zebra", publish=False)
    assert answer(search, "zebra")["total"] == 0
    assert answer(search, "zebra", "--all", *key(tmp_path, "steward"))["hits"][0]["release"] is None
    assert answer(search, "zebra", "--all", *key(tmp_path, "administrator"))["total"] == 1
    assert CliRunner().invoke(search, ["zebra", "--all", *key(tmp_path, "licensee")]).exit_code == 2
    assert CliRunner().invoke(search, ["zebra", "--all"]).exit_code == 2


def test_a_search_is_saved_run_listed_and_removed(home, tmp_path):
    me = key(tmp_path, "licensee")
    answer(search, "cancer", "--year", "2019", "--save", "mine", *me)
    assert answer(saved, "list", *me)["saved"][0]["query"] == {"text": "cancer", "year": [2019]}
    assert answer(saved, "run", "mine", *me)["new"] == ["tumor.breast", "tumor.lung"]
    assert answer(saved, "run", "mine", *me)["new"] == []
    assert CliRunner().invoke(saved, ["run", "mine", *me]).output == "Nothing new.\n"
    assert answer(saved, "remove", "mine", *me) == {"removed": "mine"}
    assert CliRunner().invoke(saved, ["list", *me]).output == "You keep no searches.\n"


def test_an_administrator_reindexes(home, tmp_path):
    assert answer(reindex, *key(tmp_path, "administrator")) == {"datasets": 3}
    assert answer(search, "cancer")["total"] == 3
