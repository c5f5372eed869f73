"""The public pages show what is there, say what is gone, and change nothing."""

import json

import pytest
from flask.testing import FlaskClient

from catalog import publishing
from catalog.models import Release
from market.audit import checkpoint, log
from market.home import Home
from market.settings import Settings
from market.web.app import SECURITY_HEADERS, create_app
from tests.common import editions
from tests.common.world import World

PAGES = ["/", f"/datasets/{editions.DATASET}", "/log/checkpoint", "/livez", "/readyz", "/static/sluice.css"]


@pytest.fixture
def home(tmp_path):
    home = Home.create(Settings.read({"SLUICE_HOME": str(tmp_path / "home")}))
    yield home
    home.close()


@pytest.fixture
def world(home, tmp_path):
    """Give a world whose database and store are the home's."""
    world = World.begin(home.database, tmp_path)
    world.store = home.store
    return world


@pytest.fixture
def client(home) -> FlaskClient:
    return create_app(home).test_client()


def test_an_empty_catalogue_says_so(client):
    page = client.get("/")
    assert page.status_code == 200
    assert "尚无发布" in page.text
    assert "Nothing is published yet" in page.text
    assert "De-identified; not claimed anonymous" in page.text


def test_a_registered_dataset_is_not_listed_before_it_is_published(client, world):
    release = world.propose()
    world.approve(release)
    assert "Nothing is published yet" in client.get("/").text
    assert client.get(f"/datasets/{editions.DATASET}/evidence.json").status_code == 404
    page = client.get(f"/datasets/{editions.DATASET}")
    assert page.status_code == 200
    assert "Risk card" not in page.text


def test_a_published_release_shows_its_measured_risk(client, world):
    release = world.published()
    body = json.loads(world.release(release).evidence)["body"]
    measured = body["risk"]["from_parquet"]
    front = client.get("/").text
    assert "道路施工" in front
    assert f"k = {measured['k']}" in front
    page = client.get(f"/datasets/{editions.DATASET}").text
    assert f"{100 * measured['prosecutor_risk']:.1f}%" in page
    assert f"<td>{measured['rows']}</td>" in page
    for column in body["published"]:
        assert f"<code>{column['name']}</code>" in page
    assert "Withdrawn" not in page
    for word in ("anonymous</", "anonymised", "匿名化"):
        assert word not in page


def test_evidence_is_given_as_it_was_signed(client, world):
    release = world.release(world.published())
    answer = client.get(f"/datasets/{editions.DATASET}/evidence.json")
    assert answer.mimetype == "application/json"
    assert answer.text == release.evidence
    assert answer.get_json()["signature"]["key"] == release.author_key


def test_only_the_newest_release_is_shown(client, world):
    world.published(1)
    second = world.release(world.published(2))
    assert client.get(f"/datasets/{editions.DATASET}/evidence.json").text == second.evidence
    assert client.get("/").text.count("<article>") == 1


def test_a_withdrawn_release_is_gone_and_its_tombstone_stays(client, world):
    release = world.published()
    world.withdraw(release)
    assert "Nothing is published yet" in client.get("/").text
    assert client.get(f"/datasets/{editions.DATASET}/evidence.json").status_code == 404
    page = client.get(f"/datasets/{editions.DATASET}").text
    assert "Withdrawn" in page
    assert "a worker objected" in page
    assert world.release(release).evidence_hash[:16] in page
    assert "Risk card" not in page


def test_a_reason_is_shown_as_text_and_not_as_markup(client, world):
    release = world.published()
    with world.writing() as session:
        publishing.withdraw(
            session, release, reason="<script>alert(1)</script>", by=world.people["steward"].id, at=world.now()
        )
    page = client.get(f"/datasets/{editions.DATASET}").text
    assert "<script>" not in page
    assert "&lt;script&gt;" in page


@pytest.mark.parametrize(
    "path", ["/datasets/unknown", "/datasets/unknown/evidence.json", "/datasets/", "/nothing", "/datasets/..%2F..%2Fx"]
)
def test_what_is_not_there_is_not_found(client, path):
    answer = client.get(path)
    assert answer.status_code == 404
    assert answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize("path", [*PAGES, "/nothing"])
def test_every_answer_carries_the_security_headers(client, world, path):
    world.published()
    with client.get(path) as answer:
        for name, value in SECURITY_HEADERS.items():
            assert answer.headers.getlist(name) == [value]
        assert "'unsafe-inline'" not in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize("path", ["/", f"/datasets/{editions.DATASET}"])
def test_a_page_loads_nothing_from_elsewhere_and_runs_no_script(client, world, path):
    world.published()
    page = client.get(path).text
    for word in ("<script", "http://", "https://", "style=", "onclick"):
        assert word not in page


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("method", ["post", "put", "delete", "patch"])
def test_nothing_can_be_changed_through_the_pages(client, path, method):
    assert getattr(client, method)(path).status_code == 405


def test_the_checkpoint_is_the_logs_own_and_verifies(client, world, home):
    world.published()
    answer = client.get("/log/checkpoint")
    assert answer.mimetype == "text/plain"
    stated = checkpoint.read(answer.text, home.log_key.public)
    with home.database.reading() as session:
        assert stated.size == log.size(session)
        assert stated.root == log.root(session, stated.size)
    assert stated.origin == home.origin


def test_a_probe_says_that_the_service_lives_and_is_ready(client, world):
    assert client.get("/livez").get_json() == {"ok": True}
    ready = client.get("/readyz").get_json()
    assert ready["ok"] is True
    assert ready["log_size"] > 0


def test_reading_pages_changes_nothing(client, world, home):
    world.published()
    with home.database.reading() as session:
        before = log.size(session)
    for path in PAGES:
        client.get(path).close()
    with home.database.reading() as session:
        assert log.size(session) == before
        assert session.get(Release, "x") is None
