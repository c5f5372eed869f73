"""The commands of a witness and of the log that has one, from the first key to the first refusal."""

import json

import pytest
from click.testing import CliRunner

from market.audit import notes
from market.cli.main import sluice
from market.parties.errors import NotAMember
from tests.common import witnesses
from tests.common.market_world import copied

NAME = "witness.example/w1"


@pytest.fixture(scope="module")
def market(tmp_path_factory):
    return copied(tmp_path_factory.mktemp("witnessed") / "market")


@pytest.fixture
def run(market, monkeypatch):
    monkeypatch.setenv("SLUICE_HOME", str(market.root))

    def run(*words, by=None, code=0):
        keys = () if by is None else ("--key", str(market.key(by)))
        done = CliRunner().invoke(sluice, [*map(str, words), *keys, "--json"])
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        assert done.exit_code == code, done.output
        return json.loads(done.stdout)

    return run


def asked(told):
    return [(one["witness"], one["outcome"], one["status"]) for one in told["asked"]]


def test_a_log_gets_a_witness_asks_it_and_parts_with_it(run, market, tmp_path):
    made = run("witness", "init", tmp_path / "w", "--name", NAME)
    assert made["name"] == NAME
    with market.open() as home:
        origin, key = home.origin, home.log_key.public
    assert run("witness", "trust", tmp_path / "w", "--origin", origin, "--key", key)["size"] == 0
    with witnesses.running(tmp_path / "w") as witness:
        entered = ("--url", witness.url, "--public-key", made["public"])
        added = run("witness", "add", NAME, *entered, by="administrator")
        assert (added["origin"], added["log_key"]) == (origin, key)
        told = run("log", "witness", by="auditor")
        assert asked(told) == [(NAME, "cosigned", 200)]
        size = notes.read(told["note"], key).size
        assert witness.key in notes.Note.read(told["note"]).verified([witness.key])
        run("witness", "remove", NAME, by="administrator")
        misnamed = "witness.example/another"
        run("witness", "add", misnamed, *entered, by="administrator")
        told = run("log", "witness", by="administrator", code=1)
        assert asked(told) == [(misnamed, "refused", 200)]
    told = run("log", "witness", by="auditor")
    assert asked(told) == [(misnamed, "unreachable", None)]
    listed = run("witness", "list")["witnesses"]
    assert [(one["name"], one["asked"], one["cosigned"]) for one in listed] == [
        (misnamed, True, None),
        (NAME, False, size),
    ]
    (log,) = run("witness", "show", tmp_path / "w")["logs"]
    assert (log["origin"], log["size"]) == (origin, size)
    other = witnesses.GrownLog(None).origin
    assert len(run("witness", "trust", tmp_path / "w", "--origin", other, "--key", made["public"])["keys"]) == 1
    assert run("witness", "distrust", tmp_path / "w", "--origin", other, "--key", made["public"])["keys"] == []


def test_only_an_administrator_enters_and_removes_witnesses_and_only_who_watches_asks_them(run, market):
    entered = ("add", "w", "--url", "http://127.0.0.1:1", "--public-key", market.facts.log_key)
    for by in ("auditor", "steward", "licensee"):
        for words in (entered, ("remove", "w")):
            with pytest.raises(NotAMember):
                run("witness", *words, by=by)
    for by in ("steward", "licensee"):
        with pytest.raises(NotAMember):
            run("log", "witness", by=by)
