"""A submission is read strictly: what another witness could read otherwise is refused."""

import base64

import pytest

from market.witness.submission import MAX_BODY_BYTES, Submission
from tests.common.witnesses import submission

HASH = base64.b64encode(bytes(range(32))).decode()


def test_a_submission_reads_back_to_what_was_sent(log):
    read = Submission.read(log.submission(3))
    assert (read.old, list(read.proof), read.checkpoint) == (3, log.proof(3), log.checkpoint())
    assert read.note.text == log.checkpoint().text


def test_the_example_of_the_specification_reads():
    """tlog-witness, `add-checkpoint`: its example request body."""
    body = """old 20852014
PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=
jrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=
5+pKlUdi2LeF/BcMHBn+Ku6yhPGNCswZZD1X/6QgPd8=
/6WVhPs2CwSsb5rYBH5cjHV/wSmA79abXAwhXw3Kj/0=

example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
— example.com/behind-the-sofa opLqBQsREYCgu6xQkYQwJr9fo45a62DN9EdmHXnZdXNqlcVGlCum2Wks+49/V6267UEjw6QUXTS5Rovnzv++qbSzm9Q=
"""  # noqa: E501
    read = Submission.read(body.encode())
    assert (read.old, len(read.proof), len(read.note.lines)) == (20852014, 4, 2)
    assert (read.checkpoint.origin, read.checkpoint.size) == ("example.com/behind-the-sofa", 20852163)


def test_sixty_three_hashes_are_read_and_one_more_is_not(log):
    assert len(Submission.read(submission(3, [bytes(32)] * 63, log.note())).proof) == 63
    with pytest.raises(ValueError, match="at most 63"):
        Submission.read(submission(3, [bytes(32)] * 64, log.note()))


@pytest.mark.parametrize("old", ["", "-1", "+1", "01", "00", "1 ", " 1", "1.0", "1e3", "x", "٣", "9" * 20, "9" * 5000])
def test_a_size_that_is_written_in_another_way_is_refused(log, old):
    with pytest.raises(ValueError):
        Submission.read(submission(old, [], log.note()))


HEADS = ["", "old", "old3", "OLD 3", "old  3", "new 3", "old 3\n!", "old 3\nAAAA"]
HEADS += [f"{HASH}\nold 3", f"old 3\r\n{HASH}", f"old 3\n {HASH}", f"old 3\n{HASH} "]
HEADS += [f"old 3\n{HASH[:-1]}", f"old 3\n{HASH[:-2]}9="]


@pytest.mark.parametrize("head", HEADS)
def test_a_head_that_is_written_in_another_way_is_refused(log, head):
    with pytest.raises(ValueError):
        Submission.read(f"{head}\n\n{log.note()}".encode())


def test_a_body_without_a_whole_note_is_refused(log):
    whole = log.submission(3)
    for cut in range(len(whole)):
        with pytest.raises(ValueError):
            Submission.read(whole[:cut])


def test_what_is_no_utf_8_or_too_long_is_refused(log):
    with pytest.raises(ValueError):
        Submission.read(log.submission(3).replace(b"log.example", b"log\xffexample"))
    with pytest.raises(ValueError, match="at most"):
        Submission.read(log.submission(3) + b"x" * MAX_BODY_BYTES)
