"""The pages as a whole: they change nothing, load nothing, run nothing, and tell nothing of what is not there."""

import sqlite3

import pytest
from flask.testing import FlaskClient
from sqlalchemy.exc import OperationalError

from market.audit import checkpoint, log, notes
from market.home import Home
from market.settings import Settings
from market.web.app import SECURITY_HEADERS, create_app
from tests.common import postgres
from tests.unit.market.web.site import TUMOR

DATASET = f"/datasets/{TUMOR}"
PAGES = [
    "/",
    "/publishers",
    DATASET,
    f"{DATASET}/evidence.json",
    f"{DATASET}/mock.parquet",
    f"{DATASET}/releases/1",
    f"{DATASET}/releases/2/changes",
    f"{DATASET}/releases/1/evidence.json",
    "/log/checkpoint",
    "/livez",
    "/readyz",
    "/static/sluice.css",
]


@pytest.fixture
def empty(tmp_path):
    """Give a visitor of a home with nothing in it."""
    home = Home.create(Settings.read({"SLUICE_HOME": str(tmp_path / "empty")}))
    yield create_app(home).test_client()
    home.close()


def test_an_empty_catalogue_says_so(empty: FlaskClient):
    assert "Nothing is published yet" in empty.get("/?lang=en").text
    assert "尚无发布" in empty.get("/").text
    assert "去标识化，不称匿名" in empty.get("/").text
    assert "尚无发布单位" in empty.get("/publishers").text


@pytest.mark.parametrize(
    "path",
    [
        "/datasets/unknown",
        "/datasets/unknown/evidence.json",
        "/datasets/unknown/mock.parquet",
        "/datasets/unknown/releases/1",
        "/datasets/",
        f"{DATASET}/releases/3",
        f"{DATASET}/releases/1/changes",
        f"{DATASET}/releases/-1",
        f"{DATASET}/releases/{'9' * 19}",
        f"{DATASET}/mock.parquet?edition=../../x",
        "/publishers/unknown",
        "/datasets/a%00b",
        "/datasets/a%00b/releases/1",
        "/?page=99",
        "/?page=999999999999",
        "/nothing",
        "/datasets/..%2F..%2Fx",
        "//evil.example/x",
    ],
)
def test_what_is_not_there_is_not_found_in_both_languages(visitor, path):
    for lang, word in (("zh", "没有这个页面"), ("en", "Page not found")):
        answer = visitor.get(path, headers={"Accept-Language": lang}, follow_redirects=True)
        assert answer.status_code == 404
        assert word in answer.text
        assert answer.headers["Content-Security-Policy"]
        assert "evil" not in answer.text


def test_an_address_that_no_database_can_be_asked_for_is_not_found(tmp_path):
    """PostgreSQL keeps no NUL in a text, and Python reads no number of thousands of digits."""
    url = postgres.fresh_url()
    home = Home.create(Settings.read({"SLUICE_HOME": str(tmp_path / "pg"), "SLUICE_DATABASE_URL": url}))
    pages = create_app(home).test_client()
    for path in ("/datasets/a%00", "/datasets/a%00/mock.parquet", "/datasets/a%00/evidence.json", "/publishers/a%00"):
        assert pages.get(path).status_code == 404, path
    assert pages.get("/datasets/a%00/releases/1/changes").status_code == 404
    assert pages.get(f"/?page={'9' * 5000}").status_code == 200
    home.close()
    postgres.drop(url)


@pytest.mark.parametrize("path", [*PAGES, "/nothing"])
def test_every_answer_carries_the_security_headers(visitor, path):
    with visitor.get(path) as answer:
        for name, value in SECURITY_HEADERS.items():
            assert answer.headers.getlist(name) == [value]
    policy = SECURITY_HEADERS["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "form-action 'self'" in policy
    assert "unsafe" not in policy
    assert "script-src" not in policy


@pytest.mark.parametrize("path", ["/", "/?q=tumour", "/publishers", DATASET, f"{DATASET}/releases/2/changes", "/x"])
def test_a_page_loads_nothing_from_elsewhere_and_runs_no_script(visitor, path):
    page = visitor.get(path).text
    for word in ("<script", "http://", "https://", " style=", "<style", "onclick", "javascript:", "<iframe", "data:"):
        assert word not in page.replace('xmlns="http://www.w3.org/2000/svg"', "")


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("method", ["post", "put", "delete", "patch"])
def test_nothing_can_be_changed_through_the_pages(visitor, path, method):
    answer = getattr(visitor, method)(path)
    assert answer.status_code == 405
    assert "这里只供阅读" in answer.text


def test_reading_pages_changes_nothing(visitor, shared):
    with shared.home.database.reading() as session:
        before = log.size(session)
    for path in PAGES:
        visitor.get(path).close()
    with shared.home.database.reading() as session:
        assert log.size(session) == before


def test_a_fault_of_ours_tells_nothing_of_itself(shared, monkeypatch):
    def broken():
        raise RuntimeError("the cell said 13800001234")

    app = create_app(shared.home, clock=broken)
    answer = app.test_client().get("/?lang=en")
    assert answer.status_code == 500
    assert "Something broke on our side" in answer.text
    assert "13800001234" not in answer.text


def test_the_address_decides_the_language_then_the_browser_then_chinese(visitor):
    def spoken(path, accepts=None):
        answer = visitor.get(path, headers={"Accept-Language": accepts} if accepts else {})
        assert "Accept-Language" in answer.headers["Vary"]
        return answer.headers["Content-Language"]

    assert spoken("/") == "zh-CN"
    assert spoken("/", "en-GB,en;q=0.9") == "en"
    assert spoken("/", "fr") == "zh-CN"
    assert spoken("/", "zh-TW,en;q=0.5") == "zh-CN"
    assert spoken("/?lang=en", "zh") == "en"
    assert spoken("/?lang=xx", "en") == "en"
    assert "Set-Cookie" not in visitor.get("/?lang=en").headers


def test_the_switch_keeps_the_page_and_the_links_keep_the_language(visitor):
    page = visitor.get("/?q=tumour&theme=health&lang=en").text
    assert 'href="?q=tumour&amp;theme=health&amp;lang=zh"' in page
    assert f'href="{DATASET}?lang=en"' in page
    assert '<input type="hidden" name="lang" value="en">' in page
    assert f'href="{DATASET}"' in visitor.get("/?q=tumour").text


def test_a_page_speaks_one_language_alone(visitor):
    english = visitor.get(f"{DATASET}?lang=en").text
    assert "Measured risk" in english
    assert "实测风险" not in english
    assert "肿瘤登记病例" not in english
    chinese = visitor.get(DATASET).text
    assert "实测风险" in chinese
    assert "Measured risk" not in chinese
    assert "Tumour registry cases" not in chinese


def test_no_page_calls_anybody_anonymous(visitor):
    for lang in ("zh", "en"):
        page = visitor.get(f"{DATASET}?lang={lang}").text
        said = page.replace("不称匿名", "").replace("not claimed anonymous", "")
        assert "匿名" not in said
        assert "anonym" not in said.casefold()


def test_the_checkpoint_is_the_logs_own_and_verifies(visitor, shared):
    answer = visitor.get("/log/checkpoint")
    assert answer.mimetype == "text/plain"
    stated = notes.read(answer.text, shared.home.log_key.public)
    with shared.home.database.reading() as session:
        assert 0 < stated.size <= log.size(session)
        assert stated.root == log.root(session, stated.size)
    assert stated.origin == shared.home.origin


def test_asking_for_the_checkpoint_signs_nothing(visitor, shared):
    """Else anybody could have the log sign as often as they like; the kept note is given with who cosigned it."""
    with shared.home.database.reading() as session:
        kept = checkpoint.newest(session)
        assert visitor.get("/log/checkpoint").text == checkpoint.note_of(session, kept)
        assert visitor.get("/log/checkpoint").text.startswith(kept.note)


def test_a_probe_says_that_the_service_lives_and_is_ready(visitor):
    assert visitor.get("/livez").get_json() == {"ok": True}
    assert visitor.get("/readyz").get_json() == {"ok": True, "faults": {}}


def test_pages_say_that_the_database_does_not_answer_and_tell_nothing_of_it(shared, monkeypatch):
    from market.db import Database

    fault = OperationalError("SELECT secret", {}, sqlite3.OperationalError("unable to open /secret/path"))
    fault.orig.sqlite_errorcode = sqlite3.SQLITE_CANTOPEN

    def broken(database):
        raise fault

    app = create_app(shared.home)
    with monkeypatch.context() as patched:
        patched.setattr(Database, "reading", broken)
        for language, words in (("en", "cannot reach its data"), ("zh", "数据")):
            page = app.test_client().get(f"/?lang={language}")
            assert (page.status_code, page.headers["Retry-After"]) == (503, "10")
            assert words in page.text
            assert "secret" not in page.text
    assert app.test_client().get("/").status_code == 200
