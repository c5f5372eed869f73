"""What a witness answers: one view of each log, in the order and with the codes of tlog-witness."""

import tempfile
import threading
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from market.audit import notes
from market.audit.notes import Checkpoint, Note
from market.witness.cosigning import SIZE_TYPE, Witness
from market.witness.folder import Folder, hash_of
from market.witness.trusting import distrust, trust
from tests.common.clock import BEGIN
from tests.common.witnesses import GrownLog, submission


def codes(witness, *bodies):
    return [witness.add_checkpoint(body).status for body in bodies]


def seen(folder):
    (known,) = folder.logs()
    return known.checkpoint


def test_a_log_that_only_grows_is_cosigned_each_time(witness, folder, log):
    for old, size in ((0, 1), (1, 1), (1, 4), (4, 7)):
        answer = witness.add_checkpoint(log.submission(old, size))
        assert answer.status == 200
        note = Note.read(log.note(size) + answer.text)
        assert note.verified([folder.key])[folder.key] > 0
        assert seen(folder) == log.checkpoint(size)


def test_the_empty_tree_can_be_cosigned_and_only_with_its_own_root(witness, log_key):
    empty = GrownLog(log_key)
    other = notes.sign(Checkpoint(empty.origin, 0, bytes(32)), log_key)
    assert codes(witness, submission(0, [], other), empty.submission(0), empty.submission(0)) == [409, 200, 200]


def test_a_stale_old_size_is_answered_with_the_size_that_is_known(witness, log):
    witness.add_checkpoint(log.submission(0, 4))
    for old in (0, 3, 5, 7):
        answer = witness.add_checkpoint(log.submission(old))
        assert (answer.status, answer.text, answer.content_type) == (409, "4\n", SIZE_TYPE)


def test_another_root_of_the_same_size_is_refused_and_kept_as_evidence(witness, folder, log):
    witness.add_checkpoint(log.submission(0))
    fork = log.fork(5, 2)
    answer = witness.add_checkpoint(fork.submission(7))
    assert answer.status == 409
    assert answer.content_type != SIZE_TYPE
    ((_, kept),) = folder.refused()
    assert notes.read(kept, log.signer.public) == fork.checkpoint()
    assert seen(folder) == log.checkpoint()


def test_another_root_of_the_same_size_is_evidence_whatever_size_it_was_sent_with(witness, folder, log):
    witness.add_checkpoint(log.submission(0))
    assert codes(witness, log.fork(5, 2).submission(0)) == [409]
    assert len(folder.refused()) == 1


def test_a_fork_that_grows_beyond_is_refused_whatever_proof_it_brings(witness, folder, log):
    witness.add_checkpoint(log.submission(0))
    fork = log.fork(5, 5)
    proofs = [fork.proof(7), fork.proof(6), log.fork(7, 3).proof(7), []]
    for proof in proofs:
        assert codes(witness, submission(7, proof, fork.note())) == [422]
    assert [notes.read(kept, log.signer.public) for _, kept in folder.refused()] == [fork.checkpoint()]


def test_what_a_stranger_signed_is_no_evidence(witness, folder, log, other_key):
    witness.add_checkpoint(log.submission(0))
    fork = log.fork(5, 2)
    assert codes(witness, submission(7, [], notes.sign(fork.checkpoint(), other_key))) == [403]
    assert folder.refused() == []


def test_a_checkpoint_smaller_than_the_old_size_is_malformed(witness, log):
    witness.add_checkpoint(log.submission(0))
    assert codes(witness, submission(7, [], log.note(6))) == [400]


def test_a_proof_where_there_is_nothing_to_prove_is_refused(witness, log):
    assert codes(witness, submission(0, [bytes(32)], log.note())) == [422]
    witness.add_checkpoint(log.submission(0))
    assert codes(witness, submission(7, [bytes(32)], log.note())) == [422]


def test_an_unknown_log_is_told_apart_from_an_unknown_key(witness, log, other_key):
    stranger = GrownLog(other_key, "log.example/unknown").grow(2)
    impostor = notes.sign(log.checkpoint(), other_key)
    assert codes(witness, stranger.submission(0), submission(0, [], impostor)) == [404, 403]


def test_a_signature_of_the_log_that_does_not_hold_spoils_the_note(witness, log, log_key):
    """signed-note: if a signature from a known key fails to verify, the whole note is refused."""
    wrong = notes.sign(log.checkpoint(6), log_key).rpartition("\n\n")[2]
    assert codes(witness, submission(0, [], log.note() + wrong)) == [403]


def test_signatures_of_others_are_ignored_and_not_kept(witness, folder, log, other_key):
    others = "".join(
        notes.cosign(log.checkpoint().text, other_key, name=f"w{number}.example", at=witness._clock())
        for number in range(16)
    )
    assert codes(witness, submission(0, [], log.note() + others)) == [200]
    (known,) = folder.logs()
    assert [line.name for line in Note.read(known.note).lines] == [log.origin, folder.key.name]


def test_extension_lines_are_signed_as_they_came(witness, folder, log, log_key):
    stated = Checkpoint(log.origin, log.size, log.root(), ("one", "two"))
    note = notes.sign(stated, log_key)
    answer = witness.add_checkpoint(submission(0, [], note))
    assert Note.read(note + answer.text).verified([folder.key])
    assert seen(folder).extensions == ("one", "two")


def test_no_two_moments_are_signed_out_of_order(witness, folder, log, clock):
    """A cosignature says what was the largest tree at its moment; an earlier moment for a larger one would belie it."""
    witness.add_checkpoint(log.submission(0, 3))
    clock.step(-5)
    assert codes(witness, log.submission(3)) == [503]
    assert seen(folder).size == 3
    assert codes(Witness(folder, clock), log.submission(3)) == [503]
    clock.step(5)
    assert codes(witness, log.submission(3)) == [200]


def test_what_cannot_be_kept_is_not_signed(witness, folder, log, clock):
    witness.add_checkpoint(log.submission(0, 3))
    away = folder.path / "away"
    (folder.path / "logs").rename(away)
    try:
        witness.add_checkpoint(log.submission(3))
    except FileNotFoundError:
        away.rename(folder.path / "logs")
    assert seen(folder).size == 3
    fork = log.fork(3, 4)
    assert codes(witness, fork.submission(3), log.submission(3)) == [200, 409]
    assert codes(Witness(folder, clock), log.submission(3), log.submission(7)) == [409, 409]


def test_a_log_may_change_its_key(folder, clock, log, log_key, other_key):
    assert codes(Witness(folder, clock), log.submission(0, 3)) == [200]
    trust(folder, log.origin, other_key.public)
    fresh = GrownLog(other_key, leaves=log.leaves, _nodes=log._nodes)
    witness = Witness(folder, clock)
    assert codes(witness, log.submission(3, 5), fresh.submission(5, 6)) == [200, 200]
    both = log.note() + fresh.note().rpartition("\n\n")[2]
    assert codes(witness, submission(6, log.proof(6), both)) == [200]
    distrust(folder, log.origin, log_key.public)
    assert codes(Witness(folder, clock), log.submission(7), fresh.submission(7)) == [403, 200]


def test_the_newest_note_is_given_by_the_hash_of_its_origin(witness, log):
    assert witness.latest(hash_of(log.origin)) is None
    line = witness.add_checkpoint(log.submission(0)).text
    assert witness.latest(hash_of(log.origin)) == log.note() + line
    assert witness.latest(hash_of("log.example/unknown")) is None


def test_many_at_once_are_weighed_one_after_another(witness, folder, log):
    """tlog-witness: checking the old size and keeping the checkpoint is one step, or a view could be rolled back."""
    log.grow(40)
    fork = log.fork(20, 27)
    answers = []

    def send(tree):
        while (old := seen(folder).size) < tree.size:
            for size in range(old, min(old + 4, tree.size) + 1):
                answer = witness.add_checkpoint(tree.submission(old, size))
                if answer.status == 200:
                    answers.append((tree, size))
            if tree.root(min(old, tree.size)) != seen(folder).root and old > 20:
                return

    threads = [threading.Thread(target=send, args=(tree,)) for tree in (log, fork) * 4]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    final = log if seen(folder).root == log.root(seen(folder).size) else fork
    assert {tree.root(size) == final.root(size) for tree, size in answers} == {True}


SIZES = st.integers(0, 12)
JUNK = [bytes(32)] * 2


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), SIZES, SIZES, st.booleans()), max_size=14))
def test_whatever_is_sent_the_answers_are_those_of_a_plain_model(log_key, sent):
    """Four logs that part at different leaves; the model compares their leaves one by one."""
    trunk = GrownLog(log_key).grow(12)
    trees = [trunk, trunk.fork(4, 8, "a"), trunk.fork(9, 3, "b"), trunk.fork(4, 8, "a").fork(8, 4, "c")]
    known = []
    with tempfile.TemporaryDirectory() as place:
        folder = Folder.create(Path(place), "witness.example/model")
        trust(folder, trunk.origin, log_key.public)
        witness = Witness(folder, lambda: BEGIN)
        for number, old, size, honest in sent:
            tree = trees[number]
            proof, leaves = tree.proof(old, size) if honest and old <= size else JUNK, tree.leaves[:size]
            if old > size:
                expected = 400
            elif old != len(known) or (size == old and leaves != known):
                expected = 409
            elif proof == JUNK or leaves[:old] != known:
                expected = 422
            else:
                expected, known = 200, leaves
            assert witness.add_checkpoint(submission(old, proof, tree.note(size))).status == expected
