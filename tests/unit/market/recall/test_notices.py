"""A withdrawn release is called back from everybody who took it or could have, in the same transaction."""

from datetime import timedelta

import pytest
from sqlmodel import select

from catalog import withdrawal
from catalog.errors import CatalogError, NotFound, WrongState
from catalog.lifecycle import State
from market.ledger.models import Unit
from market.licensing import agreements
from market.licensing.models import Agreement
from market.query import runs
from market.recall.models import Notice, Recall
from market.recall.notices import open_recall, recall_agreement, taken
from tests.common import questions
from tests.unit.market.recall.firms import REASON, meanwhile


def test_every_agreement_ever_signed_on_the_release_gets_a_notice(firms):
    """Active, expired and revoked ones do; what was never signed, and what is on another release, does not."""
    world = firms.world
    revoked, unsigned = firms.drawn("rival"), firms.drawn("rival")
    firms.sign("rival", revoked)
    expired = world.draw_up(world.request(world.offer(firms.release, ends_at=world.now() + timedelta(seconds=90))))
    world.sign(expired)
    with world.writing() as session:
        agreements.revoke(
            session,
            revoked,
            reason="terms were broken",
            by=world.people["steward"].id,
            organisation=world.publisher,
            at=world.now(),
        )
    newer = world.published(2)
    elsewhere = firms.drawn("rival", newer)
    firms.sign("rival", elsewhere)
    world._now += timedelta(days=1)
    recall = firms.recalled()
    assert set(firms.notices()) == {*firms.agreements.values(), revoked, expired}
    assert not {unsigned, elsewhere} & set(firms.notices())
    assert recall.due_at - recall.opened_at == timedelta(days=14)
    assert {notice.due_at for notice in firms.notices().values()} == {recall.due_at}
    opened = firms.entries("recall:opened")
    assert [(entry["subject"], entry["details"]["licensees"]) for entry in opened] == [(recall.id, 4)]
    told = {entry["details"]["agreement"]: entry["details"]["firm"] for entry in firms.entries("notice:sent")}
    assert told == {notice.agreement_id: notice.firm_id for notice in firms.notices().values()}


def test_a_notice_says_what_was_taken_and_what_was_refunded_counts(firms):
    """A refunded answer may have left in part: it is called back as well."""
    world, agreement = firms.world, firms.agreements["licensee"]
    world.account(amount=10**6)
    cost = 0
    for key in ("delivered", "refunded", "unpaid"):
        question = questions.assessed(world, agreement, key=key)
        run = questions.reserve(world, question)
        if key == "unpaid":
            continue
        questions.post(world, run, question)
        cost += question.quote.billed_bytes
        if key == "delivered":
            questions.settle(world, run, rows=7)
        else:
            with world.writing() as session:
                by = world.people["licensee"].id
                runs.give_up(session, run, reason="t", by=by, epoch=questions.EPOCH, at=world.now())
    firms.recalled()
    notice = firms.notices()[agreement]
    assert (notice.rows, notice.size_bytes, notice.answers) == (7, cost, 2)
    other = firms.notices()[firms.agreements["rival"]]
    assert (other.rows, other.size_bytes, other.answers) == (0, 0, 0)
    with world.reading() as session:
        assert taken(session, [agreement])[agreement] == {Unit.ROWS: 7, Unit.BYTES: cost, Unit.QUERIES: 2}


def test_a_release_nobody_licensed_is_recalled_and_closed_at_once(any_world):
    release = any_world.published()
    any_world.withdraw(release)
    with any_world.writing() as session:
        row = open_recall(session, release, reason=REASON, by=any_world.people["steward"].id, at=any_world.now())
    with any_world.reading() as session:
        assert session.get_one(Recall, row.id).closed_at is not None


def test_a_recall_comes_with_the_withdrawal_or_not_at_all(firms):
    with pytest.raises(CatalogError, match="due date"):
        firms.recalled(due_in_days=-1)
    assert firms.world.release(firms.release).state == State.PUBLISHED
    with firms.world.reading() as session:
        assert session.exec(select(Recall)).all() == []
        assert session.exec(select(Notice)).all() == []
    assert firms.entries("recall:opened") == []


def test_what_is_not_withdrawn_is_not_recalled(one_database):
    firms = one_database
    by, at = firms.world.people["steward"].id, firms.world.now()
    with pytest.raises(WrongState, match="is published"), firms.world.writing() as session:
        open_recall(session, firms.release, reason=REASON, by=by, at=at)
    with pytest.raises(NotFound), firms.world.writing() as session:
        open_recall(session, "nothing", reason=REASON, by=by, at=at)


def test_a_release_is_recalled_once_and_with_a_reason(one_database):
    firms = one_database
    by, at = firms.world.people["steward"].id, firms.world.now()
    firms.world.withdraw(firms.release)
    with pytest.raises(CatalogError, match="no reason"), firms.world.writing() as session:
        open_recall(session, firms.release, reason=" ", by=by, at=at)
    for tried in (False, True):
        if tried:
            with pytest.raises(WrongState, match="already"), firms.world.writing() as session:
                open_recall(session, firms.release, reason=REASON, by=by, at=at)
        else:
            with firms.world.writing() as session:
                open_recall(session, firms.release, reason=REASON, by=by, at=at)
    assert len(firms.entries("recall:opened")) == 1


def test_an_agreement_revoked_is_called_back_from_its_firm_alone(firms):
    world, agreement = firms.world, firms.agreements["rival"]
    by = world.people["steward"].id
    with pytest.raises(WrongState, match="is active"), world.writing() as session:
        recall_agreement(session, agreement, reason=REASON, by=by, at=world.now())
    with world.writing() as session:
        agreements.revoke(session, agreement, reason="r", by=by, organisation=world.publisher, at=world.now())
        recall_agreement(session, agreement, reason="r", by=by, at=world.now())
    assert set(firms.notices()) == {agreement}
    assert world.release(firms.release).state == State.PUBLISHED
    firms.attest("rival")
    assert firms.recall().closed_at is not None
    with world.writing() as session:
        withdrawal.withdraw(session, firms.release, reason=REASON, by=by, at=world.now())
        later = open_recall(session, firms.release, reason=REASON, by=by, at=world.now())
    with world.reading() as session:
        told = session.exec(select(Notice.firm_id).where(Notice.recall_id == later.id)).all()
    assert sorted(told) == sorted(firms.ids.values())


def test_an_agreement_never_signed_has_nothing_to_call_back(one_database):
    firms, world = one_database, one_database.world
    drawn, by = firms.drawn("rival"), world.people["steward"].id
    with world.writing() as session:
        agreements.revoke(session, drawn, reason="r", by=by, organisation=world.publisher, at=world.now())
    with pytest.raises(WrongState, match="never signed"), world.writing() as session:
        recall_agreement(session, drawn, reason="r", by=by, at=world.now())


def test_an_agreement_that_is_being_signed_while_its_release_is_withdrawn_is_not_missed(firms):
    """Withdrawing waits for the signature; what is signed afterwards can take nothing any more."""
    drawn = firms.drawn("rival")
    meanwhile(firms.world, firms.signing("rival", drawn), firms.withdrawing())
    assert drawn in firms.notices()


def test_what_is_withdrawn_is_not_signed_any_more(firms):
    """It would be an agreement that no recall knows of."""
    drawn = firms.drawn("rival")
    firms.recalled()
    with pytest.raises(WrongState, match="is withdrawn"):
        firms.sign("rival", drawn)
    with firms.world.reading() as session:
        assert session.get_one(Agreement, drawn).signed_at is None
    assert len(firms.notices()) == 2


def test_what_is_being_withdrawn_is_not_signed_meanwhile(firms):
    drawn = firms.drawn("rival")
    assert isinstance(meanwhile(firms.world, firms.withdrawing(), firms.signing("rival", drawn)), WrongState)
    assert drawn not in firms.notices()


def test_a_release_withdrawn_twice_at_once_is_recalled_once(firms):
    assert isinstance(meanwhile(firms.world, firms.withdrawing(), firms.withdrawing()), WrongState)
    assert len(firms.notices()) == 2
