"""By the commands alone: a release is called back until the last licensee attests, an incident, a raw file's life."""

import json
import subprocess
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from anonymize.signing import Signer, verify
from anonymize.vault import opened
from catalog.errors import NotFound
from catalog.events import Event, note
from catalog.models import Publisher
from market.cli.common import now
from market.cli.sources import open_raw
from market.parties.members import add_member
from market.parties.models import Role
from market.recall.attestation import message
from tests.common.market_world import Market, command, copied, output_of

SMALL = "SELECT sex, age, count(*) AS n FROM tumor GROUP BY ALL"
CANARY = "CANARY-OF-A-PERSON"


@pytest.fixture
def market(tmp_path: Path) -> Market:
    return copied(tmp_path / "market")


def done(market: Market, *words: str | Path, by: str) -> dict[str, Any]:
    """Run a command that must end well; gives its JSON."""
    ended = market.sluice(*words, "--json", by=by)
    assert ended.returncode == 0, ended.stderr
    return output_of(ended)


def refused(market: Market, *words: str | Path, by: str) -> dict[str, Any]:
    """Run a command that must be refused; gives why."""
    ended = market.sluice(*words, "--json", by=by)
    assert ended.returncode == 1, ended.stdout
    assert "Traceback" not in ended.stderr
    error: dict[str, Any] = output_of(ended)["error"]
    return error


def withdrawn(market: Market, *, due_days: int) -> str:
    """Withdraw the release of the tumours and call it back; gives the recall."""
    words = ("release", "withdraw", market.facts.release, "--reason", "a patient objected")
    recall = str(done(market, *words, "--due-days", str(due_days), by="steward")["recall"])
    assert done(market, "recall", "show", recall, by="steward")["licensees"] == 2
    return recall


def test_a_withdrawn_release_is_called_back_to_the_last_attestation(market: Market) -> None:
    with market.open() as home:
        rivals = market.agree(home, edition=market.facts.edition, licensee="rival")
    assert market.ask(SMALL, "-o", market.folder / "answer.csv").returncode == 0
    recall = withdrawn(market, due_days=0)

    (mine,) = done(market, "recall", "notices", by="licensee")["notices"]
    (theirs,) = done(market, "recall", "notices", by="rival")["notices"]
    assert (mine["agreement"], theirs["agreement"]) == (market.facts.agreement, rivals)
    rows = len((market.folder / "answer.csv").read_text().splitlines()) - 1
    assert (mine["rows"], mine["answers"]) == (rows, 1)
    assert mine["size_bytes"] > 0
    assert (theirs["rows"], theirs["answers"], theirs["overdue"]) == (0, 0, True)
    assert mine["reason"] == "a patient objected"
    assert market.ask(SMALL).returncode == 1

    said = ("--statement", "The file and its backups were deleted.")
    assert refused(market, "recall", "attest", mine["notice"], *said, by="rival")["kind"] == "NotFound"
    given = done(market, "recall", "attest", mine["notice"], *said, by="licensee")
    assert given["state"] == "open"
    assert "already" in refused(market, "recall", "attest", mine["notice"], *said, by="licensee")["found"]

    (open_one,) = done(market, "recall", "list", "--overdue", by="auditor")["recalls"]
    assert (open_one["recall"], open_one["attested"], open_one["licensees"]) == (recall, 1, 2)
    owed = [view["firm"] for view in open_one["notices"] if view["attested_at"] is None]
    assert owed == [market.facts.rival_firm]

    climbed = [
        done(market, "recall", "escalate", "--patience-days", "0", by=by)["escalated"]
        for by in ("steward", "administrator", "administrator")
    ]
    assert [[(step["notice"], step["level"]) for step in steps] for steps in climbed] == [
        [(theirs["notice"], "steward")],
        [(theirs["notice"], "operator")],
        [],
    ]
    shown = market.sluice("recall", "show", recall, by="steward")
    assert "OVERDUE  brought before the steward  brought before the operator" in shown.stdout

    assert done(market, "recall", "attest", theirs["notice"], *said, by="rival")["state"] == "closed"
    assert done(market, "recall", "list", "--open", by="auditor")["recalls"] == []
    view = done(market, "recall", "show", recall, by="auditor")
    assert (view["state"], view["attested"]) == ("closed", 2)
    assert all(notice["signature_holds"] for notice in view["notices"])

    (entry,) = market.entries("deletion:attested", subject=mine["notice"])
    details = entry["details"]
    assert details["key"] == Signer.load(market.key("licensee")).public
    at = next(notice for notice in view["notices"] if notice["notice"] == mine["notice"])["attested_at"]
    signed = message(mine["notice"], details["release"], details["evidence"], said[1], datetime.fromisoformat(at))
    assert verify(details["key"], details["signature"], signed)
    assert [len(market.entries(action)) for action in ("recall:opened", "notice:sent", "recall:closed")] == [1, 2, 1]
    assert done(market, "log", "verify", by="auditor")["ok"]
    assert market.faults() == []


def test_a_recall_is_not_for_licensees_to_read_or_for_others_to_open(market: Market) -> None:
    assert "is published" in refused(market, "recall", "open", market.facts.release, by="steward")["found"]
    for words in (("list",), ("open", market.facts.release)):
        assert refused(market, "recall", *words, by="licensee")["kind"] == "NotAMember"
    assert refused(market, "recall", "notices", by="steward")["kind"] == "NotAMember"
    assert refused(market, "recall", "show", "0" * 26, by="auditor")["kind"] == "NotFound"


def test_an_agreement_revoked_is_called_back_alone(market: Market) -> None:
    agreement = market.facts.agreement
    assert (
        done(market, "agreement", "revoke", agreement, "--reason", "terms broken", by="steward")["state"] == "revoked"
    )
    view = done(market, "recall", "open", agreement, by="steward")
    assert (view["of"], view["licensees"], view["reason"]) == (agreement, 1, "terms broken")


def test_an_incident_is_reported_decided_and_its_words_erased(market: Market) -> None:
    ended = subprocess.run(
        [*command("incident", "report", "--dataset", "tumours", "--kind", "reidentification", "--json")],
        env=market.environment("licensee"),
        input=f"{CANARY} lives in our street\n".encode(),
        capture_output=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    incident = json.loads(ended.stdout)["incident"]
    assert [row["incident"] for row in done(market, "incident", "list", by="steward")["incidents"]] == [incident]
    assert done(market, "incident", "list", by="rival")["incidents"] == []
    assert refused(market, "incident", "show", incident, by="rival")["kind"] == "NotFound"
    words = ("--text", "Reproduced.")
    assert refused(market, "incident", "decide", incident, "--to", "triaged", *words, by="licensee")["kind"] == (
        "NotPermitted"
    )
    done(market, "incident", "decide", incident, "--to", "triaged", *words, by="steward")
    assert refused(market, "incident", "decide", incident, "--to", "triaged", *words, by="steward")["found"]
    done(market, "release", "withdraw", market.facts.release, "--reason", "an incident", by="steward")
    withdrew = ("--withdrew", market.facts.release)
    done(market, "incident", "decide", incident, "--to", "contained", *words, *withdrew, by="steward")
    done(market, "incident", "decide", incident, "--to", "closed", *words, by="administrator")
    view = done(market, "incident", "show", incident, by="licensee")
    assert [step["state"] for step in view["steps"]] == ["reported", "triaged", "contained", "closed"]
    assert CANARY in view["steps"][0]["text"]
    assert all(step["proved"] for step in view["steps"])
    assert view["steps"][2]["withdrawn"] == market.facts.release
    assert done(market, "incident", "erase", incident, by="administrator")["erased"] == 4
    erased = done(market, "incident", "show", incident, by="auditor")
    assert {(step["text"], step["proved"]) for step in erased["steps"]} == {(None, None)}
    assert [step["commitment"] for step in erased["steps"]] == [step["commitment"] for step in view["steps"]]
    assert CANARY not in json.dumps([*market.entries("incident:reported"), *market.entries("incident:decided")])
    assert done(market, "log", "verify", by="auditor")["ok"]


def test_words_that_are_no_text_are_refused(market: Market) -> None:
    ended = subprocess.run(
        [*command("incident", "report", "--dataset", "tumours", "--kind", "other", "--json")],
        env=market.environment("licensee"),
        input=b"\xff\xfe",
        capture_output=True,
        check=False,
    )
    assert ended.returncode == 1
    assert "UTF-8" in json.loads(ended.stdout)["error"]["found"]


def test_a_raw_file_is_sealed_read_with_an_entry_and_erased(market: Market) -> None:
    """Its name and its bytes are nowhere in the home."""
    raw = market.folder / f"{CANARY}.csv"
    raw.write_text(f'"id"\n"{CANARY}"\n', encoding="utf-8")
    added = done(market, "source", "add", raw, "--dataset", "tumours", by="steward")
    assert refused(market, "source", "add", raw, "--dataset", "nothing", by="steward")["kind"] == "NotFound"
    assert refused(market, "source", "list", by="licensee")["kind"] == "NotAMember"
    assert [row["source"] for row in done(market, "source", "list", by="steward")["sources"]] == [added["source"]]
    for path in market.root.rglob("*"):
        assert CANARY not in path.name
        assert not path.is_file() or CANARY.encode() not in path.read_bytes()
    with market.open() as home:
        steward, licensee = market.actor(home, "steward").id, market.actor(home, "licensee").id
        with pytest.raises(NotFound):
            open_raw(home, added["source"], by=licensee, at=now())
        assert market.entries("raw:read") == []
        path, key = open_raw(home, added["source"], by=steward, at=now())
        assert len(market.entries("raw:read", why="build", subject=added["source"])) == 1
        with opened(path, key) as file:
            assert file.read() == raw.read_bytes()
    assert refused(market, "source", "erase", added["source"], by="administrator")["kind"] == "NotAMember"
    done(market, "source", "erase", added["source"], by="steward")
    assert not path.exists()
    (row,) = done(market, "source", "list", by="auditor")["sources"]
    assert row["erased_at"] is not None
    assert done(market, "log", "verify", by="auditor")["ok"]


def test_another_publishers_files_and_recalls_do_not_exist(market: Market) -> None:
    with market.open() as home, home.database.writing() as session:
        by = market.actor(home, "administrator").id
        other = Publisher(id="0OTHER", name_zh="另一", name_en="Other", created_at=now())
        session.add(other)
        note(session, Event(action="test:made", subject=other.id, by=by, at=now()))
        key = Signer.create(market.key("other")).public
        add_member(session, name="other", role=Role.STEWARD, public_key=key, organisation=other.id, by=by, at=now())
    added = done(market, "source", "add", market.source, "--dataset", "tumours", by="steward")["source"]
    assert done(market, "source", "list", by="other")["sources"] == []
    assert refused(market, "source", "erase", added, by="other")["kind"] == "NotFound"
    assert refused(market, "source", "add", market.source, "--dataset", "tumours", by="other")["kind"] == "NotFound"
    assert refused(market, "recall", "open", market.facts.release, by="other")["kind"] == "NotFound"
