"""An operator keeps two logs and shows each to other people; witnesses and `sluice log compare` bring it to light."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from anonymize.signing import Signer
from catalog.ids import MemberId
from market.audit import checkpoint, export, log, notes, witnesses, witnessing
from market.audit.comparing import NOT_EXTENDED, NOT_IN_TREE, SAME_SIZE, Comparison
from market.audit.notes import Key, Note
from market.audit.replies import Outcome
from market.audit.statements import NoStatement
from market.audit.verify import verify as verify_log
from market.auditing.held import compare_held
from market.home import Home
from market.parties.members import add_member
from market.parties.models import Role
from market.web.app import create_app
from market.witness.folder import Folder, hash_of
from tests.common import witnesses as running
from tests.common.market_world import Market, copied, now
from tests.common.witnesses import Running, submission


class Half:
    """A home that the operator shows to some."""

    def __init__(self, market: Market, home: Home) -> None:
        self.market, self.home = market, home
        self.by: MemberId = market.asker(home, "administrator").id

    def enter(self, *names: str) -> None:
        for name in names:
            with self.home.database.writing() as session:
                add_member(session, name=name, role=Role.AUDITOR, public_key=f"key of {name}", by=self.by, at=now())

    def sign(self) -> str:
        with self.home.database.writing() as session:
            key = self.home.notary.signer(session)
            return checkpoint.take(session, key, origin=self.home.origin, at=now()).note

    def ask(self) -> dict[str, Outcome]:
        return {told.witness: told.outcome for told in witnessing.ask_all(self.home.database, at=now())}

    def note(self, size: int | None = None, root: bytes | None = None) -> str:
        """Sign as the operator could at any time, and keep nothing."""
        with self.home.database.reading() as session:
            size = log.size(session) if size is None else size
            stated = notes.Checkpoint(self.home.origin, size, root or log.root(session, size))
        return notes.sign(stated, self.home.log_key)


@dataclass(frozen=True)
class Split:
    """A home, a copy of it that went another way, and two witnesses of whom each has seen one of them last."""

    true: Half
    other: Half
    of_true: Running
    of_other: Running
    size: int
    """Of both, when they were signed after the fork."""
    asked: dict[str, Outcome]
    """What the witnesses answered to the true one, after the other had been shown to one of them."""

    @property
    def key(self) -> str:
        return self.true.market.facts.log_key

    @property
    def origin(self) -> str:
        return self.true.home.origin

    def latest(self, witness: Running) -> str:
        return f"{witness.url}/{hash_of(self.origin)}/checkpoint"

    def offline(self, *held: str | Path) -> Comparison:
        """Compare without any home."""
        return compare_held([str(place) for place in held], publics=[self.key], home=None)

    def at_home(self, *held: str | Path, half: Half | None = None) -> Comparison:
        """Compare beside a home."""
        return compare_held([str(place) for place in held], publics=[], home=(half or self.true).home)


def why(found: Comparison) -> list[str]:
    return [conflict.why for conflict in found.conflicts]


@pytest.fixture(scope="module")
def split(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Split]:
    folder = tmp_path_factory.mktemp("split")
    market = copied(folder / "true")
    with ExitStack() as stack:
        true = Half(market, stack.enter_context(market.open()))
        both = []
        for name in ("archives", "audit"):
            place = running.made(folder / name, name=f"witness.example/{name}")
            running.told_of(place, true.home.origin, market.facts.log_key)
            witness = stack.enter_context(running.running(place))
            both.append(witness)
            with true.home.database.writing() as session:
                public = witness.key.public
                witnesses.add(session, name=witness.name, key=public, url=witness.url, by=true.by, at=now())
        true.sign()
        assert set(true.ask().values()) == {Outcome.COSIGNED}
        # by another process: closing SQLite's files in this one would drop its locks on them
        subprocess.run(["cp", "-r", market.folder, folder / "other"], check=True)
        copy = replace(market, folder=folder / "other")
        other = Half(copy, stack.enter_context(copy.open()))
        with other.home.database.writing() as session:
            witnesses.remove(session, both[0].name, by=other.by, at=now())
        other.enter("x")
        other.sign()
        assert other.ask() == {both[1].name: Outcome.COSIGNED}
        true.enter("a", "b")
        size = notes.read(true.sign(), market.facts.log_key).size
        yield Split(true, other, *both, size, true.ask())


def test_each_half_looks_sound_to_whoever_sees_it_alone(split: Split) -> None:
    for half, witness in ((split.true, split.of_true), (split.other, split.of_other)):
        with half.home.database.reading() as session:
            assert verify_log(session, split.key) == []
        found = split.at_home(split.latest(witness), half=half)
        assert (why(found), len(found.agreeing)) == ([], 1)


def test_the_witness_that_saw_the_other_half_refuses_this_one_and_the_log_says_so(split: Split) -> None:
    assert split.asked == {split.of_true.name: Outcome.COSIGNED, split.of_other.name: Outcome.REFUSED}
    (event,) = split.true.market.entries("witness:refused")
    assert event["subject"] == split.of_other.name
    assert event["details"] == {"status": 409, "size": split.size, "known": None}
    ((_, kept),) = Folder.open(split.of_other.folder).refused()
    assert notes.read(kept, split.key).size == split.size


def test_a_fork_that_grows_is_refused_whatever_it_proves(split: Split) -> None:
    split.other.enter("y")
    with split.other.home.database.reading() as session:
        proof = list(log.consistency(session, split.size, log.size(session)))
    assert split.of_true.submit(submission(split.size, proof, split.other.note())).status == 422


def test_what_two_witnesses_remember_shows_the_split_without_the_log(split: Split) -> None:
    """The two notes are the proof: one log, one size, two roots, and the log's key under both."""
    folders = [str(witness.folder) for witness in (split.of_true, split.of_other)]
    found = split.offline(*folders)
    (conflict,) = (
        one for one in found.conflicts if one.why == SAME_SIZE and [one.one.place, one.other.place] == folders
    )
    one, other = (notes.read(side.note, split.key) for side in (conflict.one, conflict.other))
    assert one.origin == other.origin == split.origin
    assert one.size == other.size == split.size
    assert one.root != other.root
    for side, witness in ((conflict.one, split.of_true), (conflict.other, split.of_other)):
        assert side.signed_by[0] == f"{split.origin} {split.key}"
        assert f"{witness.name} {witness.key.public}" in side.signed_by


def test_what_two_witnesses_answer_shows_it_as_well(split: Split) -> None:
    found = split.offline(split.latest(split.of_true), split.latest(split.of_other))
    assert why(found) == [SAME_SIZE]
    assert f"{split.of_true.name} (key not known here)" in found.conflicts[0].one.signed_by


def test_the_command_says_it_in_words_and_in_json(split: Split) -> None:
    """In words the two notes stand whole, for whoever shall check them."""
    words = ("log", "compare", split.of_other.folder)
    said, told = split.true.market.sluice(*words), split.true.market.sluice(*words, "--json")
    assert said.returncode == told.returncode == 1
    for expected in ("SPLIT VIEW", f"{split.origin}\n{split.size}\n", split.of_other.name, "Keep both notes"):
        assert expected in said.stdout
    value = json.loads(told.stdout)
    assert value["ok"] is False
    assert notes.read(value["conflicts"][0]["one"]["note"], split.key).origin == split.origin


def test_the_page_of_the_checkpoint_carries_its_witnesses_and_can_be_compared(split: Split, tmp_path: Path) -> None:
    page = create_app(split.true.home).test_client().get("/log/checkpoint").text
    (tmp_path / "page.note").write_text(page)
    known = Key(split.origin, split.key)
    assert known in Note.read(page).verified([known])
    assert SAME_SIZE in why(split.offline(tmp_path / "page.note", split.of_other.folder))


def exported(split: Split, path: Path) -> Path:
    home = split.true.home
    with home.database.reading() as session, path.open("wb") as file:
        export.write(session, file, home.notary, retention_years=30, at=now())
    return path


def test_by_an_export_any_smaller_note_is_held_against_the_log_offline(split: Split, tmp_path: Path) -> None:
    split.true.enter("c")
    (tmp_path / "larger.note").write_text(split.true.sign())
    path = exported(split, tmp_path / "true.export")
    agreeing = split.offline(path, tmp_path / "larger.note", split.latest(split.of_true))
    assert (why(agreeing), len(agreeing.agreeing)) == ([], 3)
    assert why(split.offline(path, split.latest(split.of_other))) == [NOT_EXTENDED]
    without = split.offline(tmp_path / "larger.note", split.latest(split.of_other))
    assert (why(without), len(without.unknown)) == ([], 1)


def test_an_altered_export_is_no_evidence(split: Split, tmp_path: Path) -> None:
    path = exported(split, tmp_path / "true.export")
    path.write_bytes(path.read_bytes().replace(b'"action":"member:added"', b'"action":"member:adder"', 1))
    with pytest.raises(NoStatement, match="is not what its hash says"):
        split.offline(path, split.latest(split.of_other))


def test_a_note_that_only_a_receipt_quotes_is_found_in_it(split: Split, tmp_path: Path) -> None:
    (tmp_path / "receipt.json").write_text(
        json.dumps({"rows": 5, "proofs": [{"checkpoint": split.other.note(split.size)}]})
    )
    assert why(split.at_home(tmp_path / "receipt.json")) in ([SAME_SIZE], [NOT_EXTENDED])


def test_a_note_that_the_log_signed_nowhere_is_held_against_the_home(split: Split, tmp_path: Path) -> None:
    """It is larger than the newest checkpoint, but the home has the entries."""
    split.true.sign()
    split.true.enter("d")
    (tmp_path / "beyond.note").write_text(split.true.note(root=bytes(32)))
    assert why(split.at_home(tmp_path / "beyond.note")) == [NOT_IN_TREE]


CONTENTS = [b"", b"\x00", b"\xff\xfe", b"{}", b"{", b'{"checkpoint": "no note"}', b"[" * 100_000]
CONTENTS += [b"a\n5\n!\n\n\xe2\x80\x94 a AAAA\n", b'{"checkpoint": "a\\n5\\n!\\n\\n\xe2\x80\x94 a AAAA\\n"}']


def test_what_holds_no_note_is_refused_with_its_place(split: Split, tmp_path: Path) -> None:
    for content in CONTENTS:
        (tmp_path / "held").write_bytes(content)
        with pytest.raises(NoStatement) as refused:
            split.offline(split.of_true.folder, tmp_path / "held")
        assert refused.value.place == str(tmp_path / "held")


def test_a_note_signed_by_no_known_key_states_nothing(split: Split, tmp_path: Path) -> None:
    stranger = Signer.create(tmp_path / "stranger.key")
    forged = notes.sign(notes.Checkpoint(split.origin, split.size, bytes(32)), stranger)
    (tmp_path / "forged.note").write_text(forged)
    with pytest.raises(NoStatement, match="not signed by a known key"):
        split.at_home(tmp_path / "forged.note", split.of_true.folder)


def test_an_address_that_gives_no_note_is_told(split: Split) -> None:
    for url in (f"{split.of_true.url}/nothing", "http://127.0.0.1:1/"):
        with pytest.raises(NoStatement) as refused:
            split.offline(url, split.of_true.folder)
        assert refused.value.place == url
