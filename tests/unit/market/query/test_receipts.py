"""A receipt outlives keys and doubts: it follows the log's keys, and stands under a checkpoint others have seen."""

import copy

import pytest

from anonymize.signing import Signer
from catalog.errors import CatalogError, NotFound, WrongState
from market.audit import checkpoint, log, notes
from market.audit.models import LogCosignature
from market.audit.notary import Notary
from market.audit.notes import COSIGNATURE, Checkpoint, Key, Note
from market.audit.rotation import rotate
from market.query import receipts
from tests.common import questions

WITNESS = "witness.example/w1"


class Place:
    """A world with a delivered answer, and whoever signs for its log."""

    def __init__(self, world):
        self.world, self.notary = world, Notary.create(world.folder / "log-keys")
        self.first = self.notary.publics()[0]
        self.witness = Signer.create(world.folder / "witness.key")
        self.seen = Key(WITNESS, self.witness.public, COSIGNATURE)
        agreement = world.agreement(world.published())
        world.account(amount=1000)
        question = questions.assessed(world, agreement)
        self.run = questions.reserve(world, question)
        questions.post(world, self.run, question)
        questions.settle(world, self.run)

    def receipt(self):
        with self.world.reading() as session:
            return receipts.receipt(session, self.run, self.notary)

    def upgrade(self, document):
        with self.world.reading() as session:
            return receipts.upgrade(session, document, self.notary)

    def cosign(self):
        """Sign the log as it is, and have the witness cosign it; gives the size."""
        with self.world.writing() as session:
            taken = checkpoint.take(
                session, self.notary.signer(session), origin=self.notary.origin, at=self.world.now()
            )
            line = notes.cosign(Note.read(taken.note).text, self.witness, name=WITNESS, at=self.world.now())
            session.add(LogCosignature(size=taken.size, witness=WITNESS, at=self.world.now(), line=line))
            return taken.size

    def rotate(self):
        fresh = self.notary.draw(self.world.now())
        by = self.world.people["administrator"].id
        with self.world.writing() as session:
            rotate(session, self.notary, fresh, by=by, at=self.world.now())
        return fresh.public


@pytest.fixture
def place(world):
    return Place(world)


def test_a_receipt_upgraded_stands_under_a_checkpoint_that_a_witness_has_seen(any_world):
    place = Place(any_world)
    early = place.receipt()
    assert receipts.check(early, place.first, witnesses=[place.seen]) == [f"the witness {WITNESS} has not cosigned it"]
    place.world.propose(2)
    size = place.cosign()
    place.world.enter("another", "auditor")
    late = place.upgrade(early)
    stated = notes.parse(Note.read(late["checkpoint"]).text)
    assert (stated.size, late["earlier"]["checkpoint"]) == (size, early["checkpoint"])
    assert receipts.check(late, place.first, witnesses=[place.seen]) == []
    assert receipts.check(late, place.first) == []
    assert [entry["body"] for entry in late["entries"]] == [entry["body"] for entry in early["entries"]]
    stranger = Key(WITNESS, place.first, COSIGNATURE)
    assert receipts.check(late, place.first, witnesses=[stranger]) != []


def test_a_receipt_upgraded_twice_still_begins_where_it_began(place):
    early = place.receipt()
    place.world.propose(2)
    place.cosign()
    middle = place.upgrade(early)
    place.world.propose(3)
    size = place.cosign()
    late = place.upgrade(middle)
    assert late["earlier"]["checkpoint"] == early["checkpoint"]
    assert notes.parse(Note.read(late["checkpoint"]).text).size == size
    assert receipts.check(late, place.first, witnesses=[place.seen]) == []


def test_a_receipt_whose_own_checkpoint_was_cosigned_needs_no_growth(place):
    early = place.receipt()
    place.cosign()
    late = place.upgrade(early)
    assert late["earlier"]["proof"] == []
    assert receipts.check(late, place.first, witnesses=[place.seen]) == []


def test_what_no_witness_has_seen_is_not_upgraded_yet(place):
    early = place.receipt()
    with pytest.raises(WrongState, match="no witness has cosigned"):
        place.upgrade(early)
    place.cosign()
    place.world.propose(2)
    with pytest.raises(WrongState, match="no witness has cosigned"):
        place.upgrade(place.receipt())


def test_an_upgrade_that_does_not_extend_what_was_signed_is_found(place):
    early = place.receipt()
    place.world.propose(2)
    place.cosign()
    late = place.upgrade(early)
    with place.world.reading() as session:
        signer, size = place.notary.signer(session), log.size(session)
    stated, proof = notes.parse(Note.read(early["checkpoint"]).text), late["earlier"]["proof"]
    assert receipts.check(late, place.first) == []
    for earlier in (
        {"proof": proof[::-1]},
        {"proof": proof[:-1]},
        {"proof": "x"},
        {"proof": None},
        {"checkpoint": notes.sign(Checkpoint(place.notary.origin, size - 3, bytes(32)), signer)},
        {"checkpoint": late["checkpoint"]},
        {"checkpoint": notes.sign(Checkpoint("sluice.log/other", stated.size, stated.root), signer)},
        {"checkpoint": 5},
    ):
        assert receipts.check({**late, "earlier": {**late["earlier"], **earlier}}, place.first) != []


def test_a_receipt_of_a_log_that_was_shown_otherwise_is_not_upgraded(place):
    """The log's key signed it, but this log never had that root: what the holder has is evidence."""
    early = place.receipt()
    place.cosign()
    with place.world.reading() as session:
        signer, size = place.notary.signer(session), log.size(session)
    for stated in (
        Checkpoint(place.notary.origin, size, bytes(32)),
        Checkpoint(place.notary.origin, size + 5, bytes(32)),
        Checkpoint("sluice.log/other", size, bytes(32)),
    ):
        with pytest.raises(WrongState, match="not one of this log"):
            place.upgrade({**early, "checkpoint": notes.sign(stated, signer)})


def test_what_is_no_receipt_of_a_query_is_not_upgraded(place):
    for document in ({}, {"checkpoint": 5}, {"checkpoint": "x", "query": "x"}, {"earlier": []}):
        with pytest.raises(CatalogError, match="it is none"):
            place.upgrade(document)
    early = place.receipt()
    place.cosign()
    with pytest.raises(NotFound, match="has no receipt"):
        place.upgrade({**early, "query": "0" * 26})


def test_receipts_follow_the_logs_keys_from_any_that_is_trusted(place, tmp_path):
    early = place.receipt()
    second = place.rotate()
    late = place.receipt()
    place.rotate()
    place.cosign()
    upgraded = place.upgrade(early)
    stranger = Signer.create(tmp_path / "stranger.key").public
    assert "rotations" not in early
    assert receipts.check(early, place.first) == []
    assert receipts.check(early, second) != []
    for document in (late, upgraded):
        assert receipts.check(document, place.first) == receipts.check(document, second) == []
        assert receipts.check(document, stranger) == ["none of the log's keys is a trusted one"]
        without = {name: value for name, value in document.items() if name != "rotations"}
        assert receipts.check(without, place.first) != []
        for field in ("new", "size", "old_signature"):
            forged = copy.deepcopy(document)
            said = forged["rotations"][0]
            said[field] = said[field] + 1 if field == "size" else said["old"]
            assert receipts.check(forged, place.first) != []
    for rotations in (5, [5], [{}], "x"):
        assert receipts.check({**early, "rotations": rotations}, place.first) != []
