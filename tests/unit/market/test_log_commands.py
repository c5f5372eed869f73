"""The log's commands, as an auditor and an administrator type them: prove, show, erase, take away, change keys."""

import base64
import json
import subprocess
import sys
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner

from anonymize.signing import Signer
from catalog.errors import NotFound, WrongState
from market.audit import log, merkle, notes
from market.audit.erasure import ERASED
from market.cli.main import sluice
from market.home import Home
from market.parties.errors import NotAMember
from market.parties.members import add_member
from market.parties.models import Role
from market.settings import SettingError, Settings
from tests.common.market_fixtures import market

__all__ = ["market"]


class Desk:
    """A home with an administrator and an auditor, who type."""

    def __init__(self, folder):
        self.folder = folder
        home, at = Home.create(Settings.read()), datetime.now(UTC)
        for name, role in (("admin", Role.ADMINISTRATOR), ("auditor", Role.AUDITOR)):
            signer = Signer.create(self.key(name))
            with home.database.writing() as session:
                add_member(session, name=f"canary {name}", role=role, public_key=signer.public, at=at)
        self.log_key, self.origin = home.log_key.public, home.origin
        home.close()

    def key(self, name):
        return self.folder / f"{name}.key"

    def run(self, *words, by=None, status=0):
        keyed = () if by is None else ("--key", str(self.key(by)))
        done = CliRunner().invoke(sluice, [*map(str, words), *keyed], catch_exceptions=False)
        assert done.exit_code == status, done.output
        return done.stdout

    def types(self, *words, by=None, status=0):
        return json.loads(self.run(*words, "--json", by=by, status=status))

    @property
    def actions(self):
        """What the log says happened, in its order."""
        home = Home.open(Settings.read())
        with home.database.reading() as session:
            told = [log.entry_body(session, seq)["action"] for seq in range(log.size(session))]
        home.close()
        return told

    def verified(self, export, *options):
        script = self.folder / "verify_log.py"
        script.write_text(self.run("log", "verifier"), "utf-8")
        command = [sys.executable, "-I", "-S", str(script), str(export), *options]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout


@pytest.fixture
def desk(tmp_path, monkeypatch):
    monkeypatch.setenv("SLUICE_HOME", str(tmp_path / "home"))
    return Desk(tmp_path)


def hashes(texts):
    return [base64.b64decode(text) for text in texts]


def test_an_entry_is_proved_without_being_shown(desk):
    desk.run("log", "checkpoint", by="auditor")
    proof = desk.types("log", "prove", 1)
    stated = notes.read(proof["note"], desk.log_key)
    assert set(proof) == {"index", "size", "leaf", "proof", "note"}
    leaf = base64.b64decode(proof["leaf"])
    assert merkle.verify_inclusion(leaf, 1, proof["size"], hashes(proof["proof"]), stated.root)
    earlier = desk.types("log", "prove", 0, "--size", 1)
    assert (earlier["size"], earlier["proof"]) == (1, [])
    assert earlier["leaf"] in desk.run("log", "prove", 0)
    with pytest.raises(NotFound, match="entry 2"):
        desk.run("log", "prove", 2)
    with pytest.raises(NotFound, match="is not among the first 1 of a log of 2"):
        desk.run("log", "prove", 1, "--size", 1)


def test_an_entry_that_no_checkpoint_covers_yet_is_proved_in_the_log_as_it_is(desk):
    """The hook signed the first entry; the second came within the minute."""
    proof = desk.types("log", "prove", 1)
    assert (proof["size"], notes.read(proof["note"], desk.log_key).size) == (2, 2)


def test_growth_is_proved_between_any_two_sizes(desk):
    for _ in range(3):
        desk.run("log", "search", by="auditor")
    desk.run("log", "checkpoint", by="auditor")
    for old, new in ((1, None), (2, 3), (3, 5), (5, 5), (0, 2)):
        proof = desk.types("log", "consistency", old, *([] if new is None else [new]))
        before, after = (notes.read(proof[name], desk.log_key) for name in ("old_note", "note"))
        assert (before.size, after.size) == (old, new or 5)
        given = (before.size, after.size, before.root, after.root, hashes(proof["proof"]))
        assert merkle.verify_consistency(*given) or (old == 0 and proof["proof"] == [])
    with pytest.raises(Exception, match="no tree of 2 entries extends one of 4"):
        desk.run("log", "consistency", 4, 2)


def test_an_auditor_sees_the_words_of_people_and_an_administrator_erases_them(desk):
    shown = desk.types("log", "show", 0, by="auditor")
    assert shown["personal"][0]["text"] == "canary admin"
    assert shown["personal"][0]["proved"]
    assert "canary" not in json.dumps(shown["entry"])
    with pytest.raises(NotAMember, match="This step is for: administrator"):
        desk.run("log", "erase", 0, by="auditor")
    with pytest.raises(NotAMember, match="This step is for: auditor"):
        desk.run("log", "show", 0, by="admin")
    assert desk.types("log", "erase", 0, by="admin") == {"seq": 0, "erased": ["name"], "settled": True}
    assert "name: erased" in desk.run("log", "show", 0, by="auditor")
    with pytest.raises(WrongState, match="keeps no such words"):
        desk.run("log", "erase", 0, "--name", "name", by="admin")
    assert desk.types("log", "verify")["ok"]
    assert desk.actions == ["member:added", "member:added", "log:shown", ERASED, "log:shown"]
    held = [path.name for path in (desk.folder / "home").glob("sluice.db*") if b"canary admin" in path.read_bytes()]
    assert held == ["sluice.db"]  # the member's own row, for they still act here


def test_what_is_taken_away_is_verified_by_the_program_that_comes_with_it(desk):
    made = desk.types("log", "export", "-o", desk.folder / "log.export", by="auditor")
    assert made == {"entries": 3, "file": str(desk.folder / "log.export"), "log": desk.origin, "key": desk.log_key}
    status, words = desk.verified(desk.folder / "log.export", "--key", desk.log_key)
    assert (status, words.startswith(f"OK: 3 entries of {desk.origin}")) == (0, True)
    data = bytearray((desk.folder / "log.export").read_bytes())
    data[data.index(b'"log:exported"') + 3] ^= 1
    (desk.folder / "log.export").write_bytes(data)
    assert desk.verified(desk.folder / "log.export", "--key", desk.log_key)[1].startswith("BAD: entry 2 (line 5)")
    with pytest.raises(FileExistsError):
        desk.run("log", "export", "-o", desk.folder / "log.export", by="auditor")


def test_the_logs_key_is_changed_and_everything_still_verifies(desk):
    with pytest.raises(NotAMember):
        desk.run("log", "rotate-key", by="auditor")
    made = desk.types("log", "rotate-key", by="admin")
    assert (made["log"], made["old"]) == (desk.origin, desk.log_key)
    desk.run("log", "rotate-key", by="admin")
    desk.run("log", "checkpoint", by="auditor")
    assert desk.types("log", "verify")["ok"]
    out = desk.folder / "log.export"
    desk.run("log", "export", "-o", out, by="auditor")
    for key in (desk.log_key, made["new"]):
        assert desk.verified(out, "--key", key)[0] == 0
    home = Home.open(Settings.read())
    assert home.origin == desk.origin
    assert home.log_key.public not in (desk.log_key, made["new"])
    home.close()


def test_a_member_changes_their_own_key_and_can_repeat_a_step_that_was_interrupted(desk):
    fresh = Signer.create(desk.folder / "new.key").public  # as a first try left it
    made = desk.types("member", "rotate-key", desk.folder / "new.key", by="auditor")
    assert made["public"] == fresh
    with pytest.raises(NotAMember, match="the file of your newest key"):
        desk.run("log", "search", by="auditor")
    desk.run("log", "search", by="new")
    desk.run("member", "rotate-key", desk.folder / "newer.key", by="new")
    desk.run("log", "search", by="newer")
    assert desk.types("log", "verify")["ok"]


def test_a_stewards_new_key_is_trusted_to_sign_evidence(market, monkeypatch):
    monkeypatch.setenv("SLUICE_HOME", str(market.root))
    new = market.folder / "keys" / "steward-new.key"
    done = CliRunner().invoke(sluice, ["member", "rotate-key", str(new), "--key", str(market.key("steward")), "--json"])
    assert done.exit_code == 0, done.output
    trusted = (market.root / "keys" / "trusted").read_text().split()
    assert json.loads(done.stdout)["public"] in trusted
    assert Signer.load(market.key("steward")).public in trusted
    assert market.faults() == []


@pytest.mark.parametrize("years", ["29", "1", "0", "x", ""])
def test_a_retention_of_fewer_than_thirty_years_is_refused_at_the_start(years):
    with pytest.raises(SettingError, match="SLUICE_LOG_RETENTION_YEARS is "):
        Settings.read({"SLUICE_LOG_RETENTION_YEARS": years})


def test_a_longer_retention_is_said_in_exports(desk, monkeypatch):
    assert Settings.read({}).log_retention_years == 30
    monkeypatch.setenv("SLUICE_LOG_RETENTION_YEARS", "50")
    desk.run("log", "export", "-o", desk.folder / "log.export", by="auditor")
    assert b"kept for 50 years at least" in (desk.folder / "log.export").read_bytes()


def test_receipts_are_shown_upgraded_and_verified_by_commands(market, monkeypatch, tmp_path):
    """Asked by the licensee; a rival's receipts do not exist for them."""
    monkeypatch.setenv("SLUICE_HOME", str(market.root))
    receipt = tmp_path / "receipt.json"
    asked = market.ask("SELECT count(*) AS n FROM tumor", "--receipt", receipt)
    assert asked.returncode == 0, asked.stderr
    key = market.facts.log_key

    def run(*words, by=None):
        keyed = () if by is None else ("--key", str(market.key(by)))
        return CliRunner().invoke(sluice, [*map(str, words), *keyed])

    assert run("receipt", "verify", receipt, "--log-key", key).exit_code == 0
    assert run("receipt", "verify", receipt, "--log-key", "A" * 43 + "=").exit_code == 1
    query = json.loads(receipt.read_text())["query"]
    assert json.loads(run("receipt", "show", query, by="licensee").stdout)["query"] == query
    assert isinstance(run("receipt", "show", query, by="rival").exception, NotFound)
    upgraded = run("receipt", "upgrade", receipt, by="licensee")
    assert isinstance(upgraded.exception, WrongState)
    assert "no witness has cosigned" in str(upgraded.exception)
    assert run("receipt", "verify", receipt, "--log-key", key, "--witness-key", "x").exit_code == 2
    vkey = notes.Key("w", key)
    assert run("receipt", "verify", receipt, "--log-key", key, "--witness-key", vkey).exit_code == 2
    witness = notes.Key("w", key, notes.COSIGNATURE)
    done = run("receipt", "verify", receipt, "--log-key", key, "--witness-key", witness)
    assert (done.exit_code, "the witness w has not cosigned it" in done.output) == (1, True)
