"""The command line says what is wrong, where, and what would mend it; it exits 1 for a refusal and 2 for bad usage."""

import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from tests.common.market_world import PLANTED, Market, command, copied
from tests.common.processes import descendants, wait_gone
from tests.soak.questions import LARGE, SMALL

SECRET_CELL = "canary-in-a-cell"


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Market:
    """A market for tests that change nothing in it."""
    return copied(tmp_path_factory.mktemp("shared") / "market")


@pytest.fixture
def market(tmp_path: Path) -> Market:
    return copied(tmp_path / "market")


def refused(done: "subprocess.CompletedProcess[str]") -> dict[str, Any]:
    """Insist on a refusal: exit 1, one JSON object, words on stderr, and no trace of our insides."""
    assert done.returncode == 1, done.stderr
    value = json.loads(done.stdout)
    assert list(value) == ["error"]
    error: dict[str, Any] = value["error"]
    assert error["message"]
    assert error["message"] in done.stderr
    for inside in ("Traceback", "sqlalchemy", SECRET_CELL, PLANTED):
        assert inside not in done.stdout + done.stderr
    return error


def altered(market: Market, to: Path, change: Callable[[str], str]) -> Path:
    """Write the plan, changed, to a new file."""
    to.write_text(change(market.plan.read_text("utf-8")), encoding="utf-8")
    return to


def build(market: Market, plan: Path, source: Path, out: Path) -> dict[str, Any]:
    """Build what must be refused; nothing is left at the target or beside it."""
    error = refused(market.sluice("build", plan, source, "-o", out, "--json", by="steward"))
    assert not out.exists()
    assert [path for path in out.parent.iterdir() if "building" in path.name] == []
    return error


def test_a_column_without_a_role_stops_the_build(shared: Market, tmp_path: Path) -> None:
    plan = altered(shared, tmp_path / "plan.toml", lambda text: text.replace('role = "insensitive"\n', "", 1))
    error = build(shared, plan, shared.source, tmp_path / "out")
    assert "size" in error["place"]
    assert "role" in error["found"]
    assert "insensitive" in error["fix"]


def test_a_column_that_the_plan_does_not_know_stops_the_build(shared: Market, tmp_path: Path) -> None:
    source = tmp_path / "wider.csv"
    lines = shared.source.read_text("utf-8").splitlines()
    rest = (f'{line},"{SECRET_CELL}"' for line in lines[1:])
    source.write_text("\n".join([f'{lines[0]},"extra"', *rest]), encoding="utf-8")
    error = build(shared, shared.plan, source, tmp_path / "out")
    assert "'extra'" in error["found"]


def test_an_unknown_treatment_is_named_with_those_there_are(shared: Market, tmp_path: Path) -> None:
    plan = altered(shared, tmp_path / "plan.toml", lambda text: text.replace('"band"', '"blur"'))
    error = build(shared, plan, shared.source, tmp_path / "out")
    assert "age" in error["place"]
    assert "blur" in error["found"]
    assert "band" in error["fix"]


def test_a_plan_for_another_source_is_refused(shared: Market, tmp_path: Path) -> None:
    pinned = f'[source]\nsha256 = "{"0" * 64}"\n'
    plan = altered(shared, tmp_path / "plan.toml", lambda text: text.replace("[[column]]", f"{pinned}\n[[column]]", 1))
    error = build(shared, plan, shared.source, tmp_path / "out")
    assert "0" * 64 in error["found"]


def test_a_plan_that_is_no_toml_is_refused_with_its_line(shared: Market, tmp_path: Path) -> None:
    plan = altered(shared, tmp_path / "plan.toml", lambda text: text.replace('role = "subject"', "role = subject"))
    assert "line" in build(shared, plan, shared.source, tmp_path / "out")["found"]


@pytest.mark.parametrize(
    ("change", "place"),
    [
        pytest.param(lambda raw: raw + f'"x","{SECRET_CELL}"\n'.encode(), "line 602", id="ragged"),
        pytest.param(lambda raw: raw.replace(b"plain", b"\xd6\xd0\xff", 1), "line 2", id="mis-encoded"),
        pytest.param(lambda raw: raw.replace(b"plain", b"pl\0in", 1), "line 2", id="NUL"),
        pytest.param(lambda raw: raw + b'"', "line 602", id="open quote"),
        pytest.param(lambda raw: b"", "broken.csv", id="empty"),
        pytest.param(lambda raw: raw.replace(b'"sex"', b'"id"', 1), "line 1", id="a name twice"),
    ],
)
def test_a_broken_source_is_refused_with_its_place(
    shared: Market, tmp_path: Path, change: Callable[[bytes], bytes], place: str
) -> None:
    source = tmp_path / "broken.csv"
    source.write_bytes(change(shared.source.read_bytes()))
    error = build(shared, shared.plan, source, tmp_path / "out")
    assert place in error["place"]
    assert error["fix"]


def test_a_source_too_small_for_its_profile_gives_no_edition(shared: Market, tmp_path: Path) -> None:
    source = tmp_path / "tiny.csv"
    source.write_text("\n".join(shared.source.read_text("utf-8").splitlines()[:8]), encoding="utf-8")
    error = build(shared, shared.plan, source, tmp_path / "out")
    assert error["kind"] in ("InfeasibleError", "GateFailed")
    assert error["fix"]


def test_a_target_that_is_there_is_not_touched(shared: Market, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine").write_text("kept")
    done = shared.sluice("build", shared.plan, shared.source, "-o", tmp_path / "out", "--json", by="steward")
    assert "already" in refused(done)["message"]
    assert (tmp_path / "out" / "mine").read_text() == "kept"


def test_a_key_that_is_missing_or_open_to_others_or_no_key_is_refused(shared: Market, tmp_path: Path) -> None:
    shutil.copy(shared.key("licensee"), tmp_path / "open.key")
    (tmp_path / "open.key").chmod(0o644)
    (tmp_path / "no.key").write_text("nothing")
    (tmp_path / "no.key").chmod(0o600)
    for name, words in (("missing", "cannot be read"), ("open", "others may read it"), ("no", "is no Ed25519 key")):
        done = shared.sluice("ledger", "balance", "--key", tmp_path / f"{name}.key", "--json")
        assert words in refused(done)["found"]


def test_a_check_that_finds_a_fault_exits_with_1(shared: Market, tmp_path: Path) -> None:
    (tmp_path / "receipt.json").write_text("{}")
    done = shared.sluice("receipt", "verify", tmp_path / "receipt.json", "--log-key", shared.facts.log_key, "--json")
    assert (done.returncode, json.loads(done.stdout)["ok"]) == (1, False)


def test_the_key_of_nobody_and_of_the_wrong_role_are_refused(shared: Market, tmp_path: Path) -> None:
    assert shared.sluice("member", "key", tmp_path / "new.key").returncode == 0
    assert (
        "no active member"
        in refused(shared.sluice("ledger", "balance", "--key", tmp_path / "new.key", "--json"))["found"]
    )
    for words in (
        ("release", "publish", shared.facts.release),
        ("release", "withdraw", shared.facts.release, "--reason", "x"),
    ):
        assert "licensee" in refused(shared.sluice(*words, "--json", by="licensee"))["found"]


def test_the_steward_of_another_publisher_can_neither_publish_nor_withdraw(market: Market) -> None:
    key = market.key("other")
    public = json.loads(market.sluice("member", "key", key, "--json").stdout)["public"]
    added = market.sluice("publisher", "add", "--zh", "另一", "--en", "Other", "--json", by="administrator")
    publisher = json.loads(added.stdout)["publisher"]
    words = ("--name", "steward", "--role", "steward", "--public", public, "--organisation", publisher)
    assert market.sluice("member", "add", *words, by="administrator").returncode == 0
    with market.open() as home:
        later = market.following(home)
        approved, _ = market.release(home, later, publish=False)
    for step in (("publish", approved), ("withdraw", market.facts.release, "--reason", "x"), ("propose", later)):
        error = refused(market.sluice("release", *step, "--json", by="other"))
        assert error["kind"] in ("NotPermitted", "EvidenceError")
    assert market.ask(SMALL).returncode == 0


def test_an_approver_vouches_for_the_releases_of_their_publisher_and_those_below_it(market: Market) -> None:
    def enter(name: str, *organisation: str) -> None:
        public = json.loads(market.sluice("member", "key", market.key(name), "--json").stdout)["public"]
        words = ("--name", name, "--role", "approver", "--public", public, *organisation)
        assert market.sluice("member", "add", *words, by="administrator").returncode == 0

    added = market.sluice("publisher", "add", "--zh", "另一", "--en", "Other", "--json", by="administrator")
    enter("stranger", "--organisation", json.loads(added.stdout)["publisher"])
    enter("operator")
    with market.open() as home:
        folder = market.following(home)
    proposed = json.loads(market.sluice("release", "propose", folder, "--json", by="steward").stdout)["release"]
    error = refused(market.sluice("release", "approve", proposed, "--json", by="stranger"))
    assert (error["kind"], error["found"]) == ("NotPermitted", "is another publisher's")
    assert market.sluice("release", "approve", proposed, by="operator").returncode == 0


def test_an_upgrade_makes_the_search_index_again(market: Market) -> None:
    """A home from before there was one would find nothing."""
    with market.open() as home, home.database.writing() as session:
        for table in ("search_text", "search_facts", "search_word", "search_value", "search_document"):
            session.connection().execute(text(f"DELETE FROM {table}"))
    done = market.sluice("init", "--upgrade", "--json")
    assert json.loads(done.stdout)["datasets"] == 2, done.stderr
    found = json.loads(market.sluice("search", "tumours", "--json").stdout)
    assert [hit["dataset"] for hit in found["hits"]] == ["tumours"]


def test_a_folder_that_is_no_home_is_not_made_one(tmp_path: Path) -> None:
    environment = {**os.environ, "SLUICE_HOME": str(tmp_path / "nothing")}
    done = subprocess.run(
        command("ledger", "verify", "--json"), env=environment, capture_output=True, text=True, check=False
    )
    assert "sluice init" in refused(done)["fix"]
    assert not (tmp_path / "nothing").exists()


def test_a_home_is_made_once(shared: Market) -> None:
    assert "already" in refused(shared.sluice("init", "--json"))["message"]


def test_a_setting_of_the_wrong_kind_is_named(shared: Market) -> None:
    error = refused(shared.sluice("ledger", "verify", "--json", SLUICE_QUERY_TIMEOUT_S="soon"))
    assert "SLUICE_QUERY_TIMEOUT_S" in error["message"]


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("query",),
        ("nonsense",),
        ("query", "--nonsense"),
        ("build", "missing.toml", "missing.csv", "-o", "out"),
        ("ledger", "credit", "firm", "-5"),
        ("offer", "make", "x", "--table", "t", "--purpose", "no-code"),
    ],
    ids=lambda words: " ".join(words) or "no command",
)
def test_bad_usage_exits_2_and_says_how_to_go_on(shared: Market, words: tuple[str, ...]) -> None:
    done = shared.sluice(*words, by="licensee")
    assert done.returncode == 2
    assert "Usage:" in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


def test_an_answer_never_replaces_a_file(market: Market) -> None:
    (market.folder / "mine.csv").write_text("kept")
    before = market.balance()
    assert market.ask(SMALL, "-o", market.folder / "mine.csv").returncode == 2
    assert (market.folder / "mine.csv").read_text() == "kept"
    assert market.balance() == before


def test_a_receipt_that_cannot_be_written_is_refused_before_it_is_paid(market: Market) -> None:
    before = market.balance()
    error = refused(market.ask(SMALL, "--receipt", market.folder / "no" / "receipt.json", "--json"))
    assert "receipt.json" in error["message"]
    assert market.balance() == before


def interrupt(market: Market, *words: str | Path, by: str, when: Callable[[int], bool]) -> tuple[int, str]:
    """Press Ctrl-C as a terminal does, in the whole group, as soon as *when* holds."""
    process = subprocess.Popen(
        command(*words),
        env=market.environment(by),
        cwd=market.folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        end = time.monotonic() + 30
        while not when(process.pid):
            assert process.poll() is None, "it ended before it could be stopped"
            assert time.monotonic() < end
            time.sleep(0.002)
        family = descendants(process.pid)
        os.killpg(process.pid, signal.SIGINT)
        _, errors = process.communicate(timeout=15)
    finally:
        process.kill()
        process.wait()
    wait_gone(family)
    return process.returncode, errors


def test_ctrl_c_stops_a_build_and_leaves_nothing(market: Market) -> None:
    """The source is made larger, so that the build is still at work when it is stopped."""
    head, *rows = market.source.read_text("utf-8").splitlines()
    large = market.folder / "large.csv"
    people = (row.replace('"P', f'"P{number:04}') for number in range(300) for row in rows)
    large.write_text("\n".join([head, *people]), encoding="utf-8")
    out = market.folder / "out"
    code, errors = interrupt(
        market,
        *("build", market.plan, large, "-o", out),
        by="steward",
        when=lambda _: any(market.folder.glob(".out.building-*")),
    )
    assert code == 130, errors
    assert "Stopped" in errors
    assert "Traceback" not in errors
    assert not out.exists()
    assert list(market.folder.glob(".out.building-*")) == []


def test_ctrl_c_before_the_first_batch_costs_nothing(market: Market) -> None:
    before = market.balance()
    endless = "SELECT count(*) FROM range(10000000) a, range(10000000) b WHERE a.range * b.range % 7 = 3"
    code, errors = interrupt(
        market,
        *("query", *market.under(), "-o", market.folder / "answer.csv", endless),
        by="licensee",
        when=lambda _: market.balance() < before,
    )
    assert code == 130, errors
    assert "Traceback" not in errors
    assert list(market.folder.glob("answer.csv*")) == []
    assert market.balance() == before
    assert market.faults() == []
    assert list((market.root / "run").glob("*.epoch")) == []


def test_ctrl_c_while_rows_arrive_leaves_no_file_and_settles_once(market: Market) -> None:
    before = market.balance()
    long = "SELECT a.id FROM tumor a, tumor b, range(25)"
    code, errors = interrupt(
        market,
        *("query", *market.under(), "--format", "json", "-o", market.folder / "answer.json", long),
        by="licensee",
        when=lambda _: bool(market.entries("query:answered")),
    )
    assert code == 130, errors
    assert "Traceback" not in errors
    assert list(market.folder.glob("answer.json*")) == []
    assert before - market.balance() == 15
    assert len(market.entries("query:delivered", status="cancelled")) == 1
    assert market.faults() == []


def mounted(folder: Path, size: str, *words: str) -> list[str]:
    """Give the words that run a command with a small file system over *folder*, seen by it alone."""
    script = 'mount -t tmpfs -o size="$1" tmpfs "$2" && shift 2 && exec "$@"'
    flags = "-m" if os.geteuid() == 0 else "-Urm"
    return ["unshare", flags, "sh", "-c", script, "sh", size, str(folder), *words]


@pytest.fixture
def small_disk(tmp_path: Path) -> Path:
    """A folder over which a small file system can be mounted."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if shutil.which("unshare") is None:
        pytest.skip("needs the system package util-linux: unshare")
    tried = subprocess.run(mounted(folder, "1m", "true"), capture_output=True, text=True, check=False)
    if tried.returncode != 0:
        pytest.skip(f"no private mount is possible here: {tried.stderr.strip()}")
    return folder


def on_full_disk(
    market: Market, disk: Path, size: str, words: tuple[str | Path, ...], *, by: str, then: str = "ls -A"
) -> tuple["subprocess.CompletedProcess[str]", str]:
    """Run a command with its output on a full disk; gives its end and what is left on the disk."""
    listing = market.folder / "listing"
    # What is mounted vanishes with the command, so the command lists it before it goes.
    script = f'"$@"; code=$?; {then} "$DISK" > "$LISTING"; exit $code'
    done = subprocess.run(
        mounted(disk, size, "sh", "-c", script, "sh", *command(*words)),
        env={**market.environment(by), "DISK": str(disk), "LISTING": str(listing)},
        cwd=market.folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    return done, listing.read_text() if listing.exists() else ""


def test_a_disk_that_fills_up_during_a_build_leaves_nothing_on_it(market: Market, small_disk: Path) -> None:
    words = ("build", market.plan, market.source, "-o", small_disk / "out", "--json")
    done, left = on_full_disk(market, small_disk, "8k", words, by="steward")
    assert "the disk is full" in refused(done)["message"]
    assert left == ""


def test_a_disk_that_fills_up_during_a_query_leaves_no_part_of_the_answer(market: Market, small_disk: Path) -> None:
    before = market.balance()
    words = ("query", *market.under(), "-o", small_disk / "answer.csv", "--idempotency-key", "k", LARGE, "--json")
    done, left = on_full_disk(market, small_disk, "1m", words, by="licensee")
    assert "the disk is full" in refused(done)["message"]
    assert left == ""
    assert before - market.balance() == 15
    assert len(market.entries("query:delivered", status="cancelled")) == 1
    assert market.faults() == []


@pytest.mark.usefixtures("small_disk")
def test_a_disk_that_fills_up_during_a_proposal_enters_no_release(market: Market) -> None:
    """The store's folder is the full disk."""
    asked = len(market.entries("release:proposed"))
    with market.open() as home:
        later = market.following(home)
    done, left = on_full_disk(
        market,
        market.root / "blobs",
        "4k",
        ("release", "propose", later, "--json"),
        by="steward",
        then="find -type f",
    )
    assert "the disk is full" in refused(done)["message"]
    assert "blobs/tmp" not in left
    assert len(market.entries("release:proposed")) == asked
    assert market.faults() == []
    assert market.sluice("release", "propose", later, "--json", by="steward").returncode == 0


def test_a_disk_that_fills_up_under_the_database_is_said_in_words(market: Market, small_disk: Path) -> None:
    """The whole home is on a disk with no room for another page; the home outside of it is as before."""
    before = market.faults()
    script = 'cp -a "$ORIGIN/." "$DISK/" && dd if=/dev/zero of="$DISK/filler" bs=4k 2>/dev/null; "$@"'
    words = mounted(
        small_disk,
        "3m",
        "sh",
        "-c",
        script,
        "sh",
        *command("release", "withdraw", market.facts.release, "--reason", "x"),
    )
    environment = {**market.environment("steward"), "ORIGIN": str(market.root), "DISK": str(small_disk)}
    done = subprocess.run(
        [*words, "--json"],
        env={**environment, "SLUICE_HOME": str(small_disk)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    error = refused(done)
    assert "full" in error["message"] or "the disk did not read or write" in error["message"]
    assert market.faults() == before == []
