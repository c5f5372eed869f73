"""A dataset's page says what was measured, on what, and what was not; and a release's page what became of it."""

import io
import json
from datetime import timedelta

import pyarrow.parquet as pq
import pytest
from sqlmodel import select

from catalog import withdrawal
from catalog.datasets import register_dataset
from catalog.events import Event, note
from catalog.ids import MemberId
from catalog.models import Publisher, Release
from catalog.previews import preview_of
from catalog.search.index import index_dataset
from market.web.app import create_app
from tests.unit.market.web.reading import Page
from tests.unit.market.web.site import REGISTRY, SCRIPT, TUMOR

BY = MemberId("M")
DATASET = f"/datasets/{TUMOR}"
ENGLISH = f"{DATASET}?lang=en"


def table(page, name):
    """Give the rows of the table whose caption begins with *name*: each a list of the texts of its cells."""
    found = next(element for element in page.all("table") if next(iter(element.below)).text.startswith(name))
    body = next(part for part in found.below if part.tag == "tbody")
    return [[cell.text for cell in row.below] for row in body.below]


@pytest.fixture(scope="module")
def page(visitor):
    """Give the English page of the registry."""
    return Page(visitor.get(ENGLISH).text)


@pytest.fixture(scope="module")
def body(shared):
    """Give the evidence that the page speaks of."""
    with shared.home.database.reading() as session:
        return json.loads(session.get_one(Release, shared.second).evidence)["body"]


def test_the_risk_card_shows_what_was_measured_on_the_bytes_of_each_edition(page, body):
    rows = {row[0]: row[1:] for row in table(page, "Measured risk of each edition")}
    for place, profile in enumerate(("enclave", "controlled", "open")):
        told = body["editions"][profile]
        measured = told["risk"]["from_parquet"]
        limit = told["profile"]["minimum_class_size"]
        assert rows["Smallest class (k)"][place] == f"{measured['k']} (at least {limit})"
        assert rows["Distinct sensitive values per class (l)"][place].startswith(
            f"stage {measured['l']['stage']['distinct']} (at least "
        )
        assert f"stage {measured['t']['stage']['equal']:.2f}" in rows["Distance to the whole (t)"][place]
        assert rows["Suppressed"][place].startswith(f"{told['suppression']['rows']} rows, ")
        assert rows["Rows"][place] == f"{measured['rows']:,}"
    highest = body["editions"]["enclave"]["risk"]["from_parquet"]["prosecutor_risk"]
    assert rows["Highest risk"][0].startswith(f"{100 * highest:.1f}%")


def test_attacks_that_were_not_run_are_said_not_to_be_run(page, visitor, body):
    assert body["attacks"] == "not run"
    tag = next(element for element in page.all("span") if element.text == "not run")
    assert "No re-identification attack was tried on this release." in page.one("main").text
    assert "care" in tag.attributes["class"]
    assert "未对该版本尝试重识别攻击" in visitor.get(DATASET).text


def test_the_risk_of_everything_published_together_stands_beside_that_of_the_editions(page, shared):
    with shared.home.database.reading() as session:
        joined = json.loads(session.get_one(Release, shared.second).joined)
    assert f"k = {joined['minimum']} (at least {joined['floor']})" in page.one("main").text
    assert (
        "every edition of this release and 3 editions and cuts published before; counted by rows."
        in page.one("main").text
    )


def test_each_column_has_its_role_its_treatment_and_its_level_in_each_edition(page, body):
    rows = {row[0]: row[1:] for row in table(page, "Columns with role")}
    level = body["editions"]["open"]["node"]["age"]
    assert rows["agestring"][:2] == ["quasi-identifier", "number, in bands"]
    assert rows["agestring"][4] in (f"level {level} of 3", f"finest ({level} of 3)")
    assert rows["visitsint64"] == ["ordinary", "kept", "carried", "carried", "withheld"]
    assert rows["phone"] == ["direct identifier", "removed", "removed", "removed", "removed"]


def test_the_quality_of_the_source_is_told_in_words(page, body):
    rows = {row[0]: row[1:] for row in table(page, "What was found in each column")}
    assert rows["age"][0] == f"above 80: {body['quality']['columns']['age']['range']['above']}"
    assert rows["size_mm"][0] == "far outside the usual: fewer than 20"
    assert rows["district"][0] == "no fault found"
    text = page.one("main").text
    assert "No row repeats another." in text
    assert "sex: put into GB/T 2261.1 sex; rows with a code: 1,700; without one: 0." in text


def test_every_histogram_has_a_title_a_sentence_and_a_table_of_the_same_counts(page, visitor, shared):
    with shared.home.database.reading() as session:
        shown = json.loads(preview_of(session, TUMOR, at=shared.at).statistics)["open"]["columns"]
    drawn = [svg for svg in page.all("svg") if "aria-labelledby" in svg.attributes]
    assert len(drawn) == len([column for column in shown if column["histogram"]["bins"]]) == 5
    for svg, column in zip(drawn, shown, strict=True):
        assert [part.tag for part in svg.below[:2]] == ["title", "desc"]
        assert svg.below[0].text == f"Distribution of {column['name']}"
        counts = [int(row[1].replace(",", "")) for row in table(page, svg.below[0].text)]
        told = [entry["count"] for entry in column["histogram"]["bins"]]
        assert counts == told + ([column["histogram"]["other"]] if column["histogram"]["other"] else [])


def test_the_first_rows_are_those_of_the_open_edition(page):
    rows = table(page, "The first 20 rows")
    assert len(rows) == 20
    assert all(len(row) == 6 for row in rows)


@pytest.mark.parametrize(("edition", "columns"), [("", 7), ("?edition=enclave", 7), ("?edition=open", 5)])
def test_a_mock_table_can_be_fetched_for_each_edition(visitor, edition, columns):
    answer = visitor.get(f"{DATASET}/mock.parquet{edition}")
    assert answer.mimetype == "application/vnd.apache.parquet"
    assert "attachment" in answer.headers["Content-Disposition"]
    found = pq.read_table(io.BytesIO(answer.data))
    assert found.num_rows == 1000
    assert found.num_columns == columns


def test_what_is_said_of_the_dataset_stands_on_its_page(page):
    facts = page.one("aside").text
    for words in (
        "Example City › Example District › Example Health Office",
        "Health",
        "oncology, cancer",
        "重庆市 › 市辖区",
        "2015-01-01 to 2023-12-31",
        "Annual",
        "条例第12条",
        "generated",
        "registry@example.org",
        "¥0.50",
        "¥123.45",
        "¥1,000,000.00",
        "First registration",
        "Correction",
        "No. 示例-0231",
        "Example Health Office. Tumour registry cases, release 2, 2026.",
    ):
        assert words in facts


def test_evidence_is_given_as_it_was_signed(visitor, shared):
    with shared.home.database.reading() as session:
        first, second = (session.get_one(Release, release).evidence for release in (shared.first, shared.second))
    assert visitor.get(f"{DATASET}/evidence.json").text == second
    assert visitor.get(f"{DATASET}/releases/2/evidence.json").text == second
    assert visitor.get(f"{DATASET}/releases/1/evidence.json").text == first


def test_a_dataset_of_which_nothing_was_ever_published_has_no_page(client, site):
    with site.home.database.writing() as session:
        publisher = session.get_one(Publisher, site.department)
        register_dataset(session, id="unseen", publisher=publisher, description=REGISTRY, by=BY, at=site.at)
    for path in ("/datasets/unseen", "/datasets/unseen/evidence.json", "/datasets/unseen/releases/1"):
        assert client.get(path).status_code == 404
    assert "unseen" not in client.get(f"/publishers/{site.department}").text


def test_a_release_names_who_signed_it_and_what_took_its_place(visitor, shared):
    text = Page(visitor.get(f"{DATASET}/releases/1?lang=en").text).one("main").text
    with shared.home.database.reading() as session:
        release = session.get_one(Release, shared.first)
    for words in (release.evidence_hash, release.author_key, release.approver_key, "superseded", "Go to release 2"):
        assert words in text


def test_what_a_release_changed_is_told_the_worst_first(visitor):
    page = Page(visitor.get(f"{DATASET}/releases/2/changes?lang=en").text)
    rows = table(page, "What changed")
    looked = [row[0].endswith(" look") for row in rows]
    assert rows[0] == ["column beds look", "enclave edition", "–", "added"]
    assert looked == sorted(looked, reverse=True)
    assert ["rows", "source", "1,710", "1,700"] in rows
    assert table(page, "Values spread otherwise")
    assert "版本2相对版本1的变化" in visitor.get(f"{DATASET}/releases/2/changes").text


def test_a_withdrawn_release_is_gone_with_its_reason_and_the_dataset_goes_on(client, site):
    with site.home.database.writing() as session:
        withdrawal.withdraw(session, site.first, reason=f"a worker objected {SCRIPT}", by=BY, at=site.at)
    gone = client.get(f"{DATASET}/releases/1?lang=en")
    assert gone.status_code == 410
    assert "a worker objected &lt;script&gt;" in gone.text
    assert "<script" not in gone.text
    with site.home.database.reading() as session:
        assert session.get_one(Release, site.first).evidence_hash in gone.text
    assert Page(gone.text).faults() == []
    assert "size_mm" not in gone.text
    assert client.get(f"{DATASET}/releases/1/evidence.json").status_code == 410
    assert client.get(f"{DATASET}/releases/1/changes").status_code == 410
    assert client.get(f"{DATASET}/releases/2/changes").status_code == 404
    page = Page(client.get(ENGLISH).text)
    assert ["Release 1", "withdrawn", "2026-11-24", f"withdrawn 2026-11-24: a worker objected {SCRIPT}"] in table(
        page, "Releases"
    )
    assert page.faults() == []


def test_when_all_is_withdrawn_the_page_stays_and_shows_nothing_of_the_contents(client, site):
    with site.home.database.writing() as session:
        for release in (site.first, site.second):
            withdrawal.withdraw(session, release, reason="a worker objected", by=BY, at=site.at)
    answer = client.get(ENGLISH)
    assert answer.status_code == 200
    assert "No release is published now" in answer.text
    assert "a worker objected" in answer.text
    for words in ("Measured risk", "size_mm", "南岸区", "mock.parquet", "evidence.json"):
        assert words not in answer.text
    assert Page(answer.text).faults() == []
    for path in ("evidence.json", "mock.parquet"):
        assert client.get(f"{DATASET}/{path}").status_code == 404


def test_under_embargo_nothing_of_the_contents_is_shown_until_the_moment_comes(site):
    until = site.at + timedelta(days=30)
    with site.home.database.writing() as session:
        release = session.exec(select(Release).where(Release.id == site.second)).one()
        release.embargo_until = until
        note(session, Event(action="test:happened", subject=release.id, by=BY, at=site.at))

    def seen(path, at):
        return create_app(site.home, clock=lambda: at).test_client().get(path)

    before = seen(ENGLISH, until - timedelta(seconds=1)).text
    assert "Under embargo until" in before
    assert "Shown when the embargo ends." in before
    for words in ("南岸区", "mock.parquet", "Values spread otherwise"):
        assert words not in before
    changes = seen(f"{DATASET}/releases/2/changes?lang=en", site.at).text
    assert "Values spread otherwise" not in changes
    assert "the newer release shows no statistics" in changes
    assert seen(f"{DATASET}/mock.parquet", site.at).status_code == 404
    assert Page(before).faults() == []
    after = seen(ENGLISH, until).text
    assert "Under embargo" not in after
    for words in ("南岸区", "mock.parquet", "Values spread otherwise"):
        assert words in after


def test_a_publisher_shows_its_own_datasets_those_below_and_its_mandates(visitor, shared):
    city = Page(visitor.get(f"/publishers/{shared.city}?lang=en").text).one("main").text
    assert "Its own: 0 datasets" in city
    assert "Of those below: 1 dataset" in city
    assert "Health: controlled edition, enclave edition, open edition" in city
    office = Page(visitor.get(f"/publishers/{shared.department}?lang=en").text).one("main").text
    assert "Its own: 1 dataset" in office
    assert "Urban governance: open edition" in office
    assert "granted to Example City" in office
    rows = table(Page(visitor.get("/publishers?lang=en").text), "Publishers")
    assert ["Step 2: Example District", "District", "0", "1"] in rows


def telling(site, dataset, body):
    """Give a visitor of a site on which two releases of *dataset* have the evidence *body*."""
    with site.home.database.writing() as session:
        publisher = session.get_one(Publisher, site.department)
        register_dataset(session, id=dataset, publisher=publisher, description=REGISTRY, by=BY, at=site.at)
        for number, state in ((1, "superseded"), (2, "published")):
            session.add(
                Release(
                    id=f"{dataset}-{number}",
                    dataset_id=dataset,
                    number=number,
                    state=state,
                    evidence=json.dumps({"body": body}),
                    evidence_hash="0" * 64,
                    author_id=BY,
                    author_key="key",
                    created_at=site.at,
                    published_at=site.at,
                )
            )
        note(session, Event(action="test:happened", subject=dataset, by=BY, at=site.at))
        session.flush()
        index_dataset(session, dataset)
    return create_app(site.home, clock=lambda: site.at).test_client()


def test_the_risk_card_tells_what_an_audit_found_in_texts(site, body):
    audits = {
        "enclave": {"findings": {"PERSON": 2}, "per_million": {"PERSON": 51.25}, "found": {"KNOWN_NAME": 1}},
        "controlled": {"findings": {}, "per_million": {}, "found": {}},
    }
    told = {**json.loads(json.dumps(body)), "dataset": "texts"}
    for profile, audit in audits.items():
        known = {"values": {}, "found": audit["found"], "per_million": {}}
        told["editions"][profile]["residual"] = {"note": {"characters": 39_024, "known": known, **audit}}
    client = telling(site, "texts", told)
    rows = table(Page(client.get("/datasets/texts?lang=en").text), "Measured risk")
    (row,) = (row for row in rows if row[0].startswith("Found in texts"))
    assert row[1:] == ["note: PERSON 51.2; 1 value of the source", "note: nothing in 39,024 characters", "no text"]
    chinese = Page(client.get("/datasets/texts?lang=zh").text)
    assert "39,024个字符中未见" in chinese.one("main").text
    assert chinese.faults() == []


def test_evidence_of_the_first_format_is_shown_as_well(site, body):
    """Before there were several editions to a release, its body told of one."""
    old = {name: value for name, value in body.items() if name not in ("editions", "quality", "standardised")}
    old |= {"format": 1, "edition": "open", "dataset": "old", **body["editions"]["open"]}
    client = telling(site, "old", old)
    page = client.get("/datasets/old?lang=en").text
    assert "Not measured together with other releases." in page
    assert "No quality report was made for this release." in page
    assert "No preview was made of this release." in page
    assert Page(page).faults() == []
    assert client.get("/?sort=newest").text.count("<article") == 3
    assert client.get("/datasets/old/releases/2/changes").status_code == 404
