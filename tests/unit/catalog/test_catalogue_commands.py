"""The catalogue's commands: publishers, mandates, datasets, registration and ceilings, as a steward types them."""

import json
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner

from anonymize.signing import Signer
from catalog.errors import CatalogError, NotPermitted, WrongState
from catalog.ids import MemberId
from market.cli.main import sluice
from market.home import Home
from market.parties.members import add_member
from market.parties.models import Role
from market.settings import Settings

SAID = (
    *("--title-zh", "乳腺癌登记", "--title-en", "Breast cancer registry"),
    *("--description-zh", "随访", "--description-en", "Follow-up", "--source", "Registry, CC BY 4.0"),
    *("--theme", "health", "--legal-basis", "Registry regulation", "--contact", "registry@example.org"),
)


class Typist:
    """Somebody at a command line, with the keys of an administrator and, later, of a steward."""

    def __init__(self, folder):
        self.folder = folder
        home = Home.create(Settings.read())
        admin = Signer.create(self.key("admin"))
        at = datetime.now(UTC)
        with home.database.writing() as session:
            row = add_member(session, name="admin", role=Role.ADMINISTRATOR, public_key=admin.public, at=at)
            self.admin = MemberId(row.id)
        home.close()

    def key(self, name):
        return self.folder / f"{name}.key"

    def types(self, *words, by=None):
        keyed = () if by is None else ("--key", str(self.key(by)))
        done = CliRunner().invoke(sluice, [*words, *keyed, "--json"], catch_exceptions=False)
        assert done.exit_code == 0, done.output
        return json.loads(done.stdout)

    def reads(self, *words):
        done = CliRunner().invoke(sluice, list(words), catch_exceptions=False)
        assert done.exit_code == 0, done.output
        return done.stdout

    def hires(self, publisher):
        public = Signer.create(self.key("steward")).public
        words = ("--name", "steward", "--role", "steward", "--public", public, "--organisation", publisher)
        self.types("member", "add", *words, by="admin")


@pytest.fixture
def typist(tmp_path, monkeypatch):
    monkeypatch.setenv("SLUICE_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("SLUICE_KEY", raising=False)
    return Typist(tmp_path)


@pytest.fixture
def city(typist):
    city = typist.types("publisher", "add", "--zh", "示范市", "--en", "City", "--kind", "city", by="admin")["publisher"]
    below = ("--zh", "卫健委", "--en", "Health", "--parent", city)
    department = typist.types("publisher", "add", *below, by="admin")["publisher"]
    typist.hires(department)
    return city, department


def test_a_publisher_without_a_parent_is_the_root_of_a_tree_as_it_was(typist):
    added = typist.types("publisher", "add", "--zh", "局", "--en", "Department", by="admin")["publisher"]
    (row,) = typist.types("publisher", "list")["publishers"]
    assert (row["publisher"], row["kind"], row["parent"]) == (added, "department", None)


def test_the_way_from_a_mandate_to_a_registered_dataset(typist, city):
    root, department = city
    with pytest.raises(NotPermitted, match="Ask an administrator: sluice publisher mandate"):
        typist.types("dataset", "add", "tumor.breast", *SAID, by="steward")
    granted = ("--theme", "health", "--profile", "open", "--profile", "enclave")
    assert typist.types("publisher", "mandate", root, *granted, by="admin")["profiles"] == ["enclave", "open"]
    typist.types("dataset", "add", "tumor.breast", *SAID, "--keyword-zh", "肿瘤", "--spatial", "5001", by="steward")
    typist.types("dataset", "change", "tumor.breast", "--rhythm", "annual", by="steward")
    typist.types("dataset", "register", "tumor.breast", "--number", "5001-1", by="steward")
    typist.types("dataset", "register-change", "tumor.breast", "--reason", "Two more hospitals", by="steward")
    typist.types("dataset", "register-correct", "tumor.breast", "--reason", "A typing error", by="steward")
    shown = typist.types("dataset", "show", "tumor.breast")
    assert (shown["rhythm"], shown["keywords_zh"], shown["publisher"]) == ("annual", ["肿瘤"], department)
    assert [act["kind"] for act in shown["registration"]] == ["first", "change", "correction"]
    typist.types("dataset", "register-cancel", "tumor.breast", "--reason", "The registry closed", by="steward")
    with pytest.raises(WrongState, match="is not registered"):
        typist.types("dataset", "register-change", "tumor.breast", "--reason", "Too late", by="steward")
    (listed,) = typist.types("dataset", "list")["datasets"]
    assert (listed["dataset"], listed["theme"], listed["release"]) == ("tumor.breast", "health", None)
    typist.types("publisher", "mandate", root, "--theme", "health", "--revoke", by="admin")
    assert all(row["mandates"] == {} for row in typist.types("publisher", "list")["publishers"])


def test_a_ceiling_is_listed_by_an_administrator_and_revenue_is_shown_to_anybody(typist, city):
    typist.types("publisher", "mandate", city[0], "--theme", "health", "--profile", "open", by="admin")
    typist.types("dataset", "add", "tumor", *SAID, by="steward")
    assert "No ceiling is listed" in typist.reads("dataset", "revenue", "tumor")
    period = ("--from", "2099-01-01", "--to", "2100-01-01", "--revenue-fen", "500")
    prices = ("--per-query-fen", "10", "--per-gb-fen", "5000")
    with pytest.raises(CatalogError):
        typist.types("dataset", "ceiling", "tumor", *period, *prices, by="steward")
    typist.types("dataset", "ceiling", "tumor", *period, *prices, by="admin")
    (found,) = typist.types("dataset", "revenue", "tumor")["periods"]
    assert (found["permitted_fen"], found["earned_fen"], found["left_fen"], found["excess_fen"]) == (500, 0, 500, 0)
    assert "earned 0 of 500 fen, 500 left" in typist.reads("dataset", "revenue", "tumor")


def test_what_is_read_by_people_names_what_it_shows(typist, city):
    typist.types("publisher", "mandate", city[0], "--theme", "health", "--profile", "open", by="admin")
    typist.types("dataset", "add", "tumor", *SAID, by="steward")
    tree = typist.reads("publisher", "list").splitlines()
    assert "City  health: open" in tree[0]
    assert tree[1].startswith("  ")
    assert "legal basis: Registry regulation" in typist.reads("dataset", "show", "tumor")


def test_a_steward_changes_and_registers_only_what_is_their_publishers(typist, city):
    typist.types("publisher", "mandate", city[0], "--theme", "health", "--profile", "open", by="admin")
    typist.types("dataset", "add", "tumor", *SAID, by="steward")
    public = Signer.create(typist.key("other")).public
    words = ("--name", "other", "--role", "steward", "--public", public, "--organisation", city[0])
    typist.types("member", "add", *words, by="admin")
    for command in (("change", "tumor", "--rhythm", "daily"), ("register", "tumor", "--number", "1")):
        with pytest.raises(NotPermitted, match="is another publisher's"):
            typist.types("dataset", *command, by="other")


@pytest.mark.parametrize(
    "words",
    [
        ("publisher", "mandate", "x", "--theme", "health"),
        ("publisher", "mandate", "x", "--theme", "health", "--profile", "open", "--revoke"),
        ("dataset", "change", "x"),
        ("dataset", "add", "x", "--theme", "health"),
        ("release", "publish", "x", "--embargo-until", "tomorrow"),
        ("release", "publish", "x", "--embargo-until", "2099-01-01T00:00:00"),
    ],
)
def test_what_cannot_be_meant_is_bad_usage(typist, words):
    done = CliRunner().invoke(sluice, [*words, "--key", str(typist.key("admin"))])
    assert done.exit_code == 2, done.output
