"""A licensee attests deletion by signature, once and for good; the last of them closes the recall."""

from datetime import datetime

import pytest
from sqlmodel import Session

from anonymize import signing
from catalog.errors import CatalogError, NotFound, WrongState
from catalog.events import Event, note
from catalog.ids import MemberId
from market.audit.verify import verify as verify_log
from market.recall.attestation import attest, hash_of, holds, notices_of
from market.recall.models import Attestation
from policies.canonical import canonical_json
from tests.unit.market.recall.firms import DELETED, meanwhile


def test_the_last_attestation_closes_the_recall(firms):
    recall = firms.recalled()
    firms.attest("rival")
    assert firms.recall().closed_at is None
    assert firms.entries("recall:closed") == []
    last = firms.attest("licensee")
    assert firms.recall().closed_at == last.at
    closed = firms.entries("recall:closed")
    assert [(entry["subject"], entry["details"]["late"]) for entry in closed] == [(recall.id, False)]
    with firms.world.reading() as session:
        assert verify_log(session, "") == []


def test_the_log_alone_proves_who_attested_what(one_database):
    """All that was signed is in the entry: the statement by its hash, the release's evidence, the moment."""
    firms = one_database
    firms.recalled()
    firms.attest("licensee")
    (entry,) = firms.entries("deletion:attested")
    details = entry["details"]
    assert details["key"] == firms.world.people["licensee"].signer.public
    assert details["statement"] == hash_of(DELETED)
    assert details["evidence"] == firms.world.release(firms.release).evidence_hash
    signed = {name: details[name] for name in ("release", "evidence", "statement")}
    signed |= {"attest": entry["subject"], "at": entry["at"]}
    assert signing.verify(details["key"], details["signature"], canonical_json(signed))
    assert not signing.verify(details["key"], details["signature"], canonical_json({**signed, "release": "other"}))


def test_a_signature_holds_for_what_was_said_and_for_nothing_else(firms):
    firms.recalled()
    firms.attest("licensee")
    other = firms.attest("rival", "Nothing was kept.")
    with firms.world.reading() as session:
        row = session.get_one(Attestation, firms.notice("licensee"))
        assert holds(session, row)
        said = {name: getattr(row, name) for name in ("notice_id", "statement", "by", "key", "signature", "at")}
        for name, value in {
            "notice_id": other.notice_id,
            "statement": "Nothing was deleted.",
            "key": other.key,
            "signature": other.signature,
            "at": other.at,
        }.items():
            assert not holds(session, Attestation(**{**said, name: value})), name


def test_another_firms_notice_does_not_exist(one_database):
    firms = one_database
    firms.recalled()
    notice = firms.notice("rival")
    for firm in (firms.ids["licensee"], None):
        with pytest.raises(NotFound) as refused, firms.world.writing() as session:
            attest(session, notice, firm=firm, statement="x", by=firms.world.people["licensee"], at=firms.world.now())
        with pytest.raises(NotFound) as unknown, firms.world.writing() as session:
            attest(session, "0" * 26, firm=firm, statement="x", by=firms.world.people["licensee"], at=firms.world.now())
        assert str(refused.value).replace(notice, "0" * 26) == str(unknown.value)
    with firms.world.reading() as session:
        assert [row.firm_id for row in notices_of(session, firm=firms.ids["rival"])] == [firms.ids["rival"]]
        assert list(notices_of(session, firm=None)) == []
    assert firms.entries("deletion:attested") == []


def test_a_notice_is_attested_once(firms):
    firms.recalled()
    firms.attest("licensee")
    with pytest.raises(WrongState, match="already"):
        firms.attest("licensee", "and again")
    assert len(firms.entries("deletion:attested")) == 1


def test_one_notice_attested_twice_at_once_is_attested_once(firms):
    firms.recalled()
    notice = firms.notice("licensee")
    came = meanwhile(firms.world, firms.attesting("licensee", notice), firms.attesting("licensee", notice))
    assert isinstance(came, WrongState)
    assert len(firms.entries("deletion:attested")) == 1


def test_two_firms_that_attest_at_once_close_the_recall_once(firms):
    firms.recalled()
    first, second = firms.notice("licensee"), firms.notice("rival")
    meanwhile(firms.world, firms.attesting("licensee", first), firms.attesting("rival", second))
    assert len(firms.entries("deletion:attested")) == 2
    assert len(firms.entries("recall:closed")) == 1
    assert firms.recall().closed_at is not None
    with firms.world.reading() as session:
        assert verify_log(session, "") == []


def test_an_attestation_after_its_date_is_taken_and_said_to_be_late(one_database):
    one_database.recalled(due_in_days=0)
    one_database.attest("licensee")
    one_database.attest("rival")
    assert [entry["details"]["late"] for entry in one_database.entries("deletion:attested")] == [True, True]
    assert [entry["details"]["late"] for entry in one_database.entries("recall:closed")] == [True]


@pytest.mark.parametrize("statement", ["", " \n", "a\0b", "x" * 10_001], ids=["none", "blank", "NUL", "long"])
def test_a_statement_says_something_that_can_be_kept(one_database, statement):
    one_database.recalled()
    with pytest.raises(CatalogError, match="statement") as refused:
        one_database.attest("licensee", statement)
    assert "x" * 100 not in str(refused.value)


def test_what_was_attested_stays_in_the_session_of_a_reader(firms):
    """A reader sees one moment: an attestation that comes meanwhile does not change it."""
    firms.recalled()

    def look(session: Session) -> bool:
        return session.get(Attestation, firms.notice("licensee")) is None

    with firms.world.reading() as session:
        assert look(session)
        firms.attest("licensee")
        session.expire_all()
        assert look(session)


FORGERIES = {
    "another statement": {"statement": hash_of("Nothing was deleted.")},
    "another release": {"release": "other"},
    "another evidence": {"evidence": "0" * 64},
    "no signature": {"signature": ""},
    "no key": {"key": None},
    "a statement that is no hash": {"statement": ["x"]},
}


def attested_by_hand(firms, entry, *, by=None, at=None, **changes):
    """Tell the log of an attestation once more, with *changes*."""
    with firms.world.writing() as session:
        details = {**entry["details"], **changes}
        event = {"subject": entry["subject"], "by": by or entry["by"], "at": at or datetime.fromisoformat(entry["at"])}
        note(session, Event(action="deletion:attested", details=details, **event))


def faults_of(firms):
    with firms.world.reading() as session:
        return [fault.found for fault in verify_log(session, "")]


@pytest.mark.parametrize("changes", FORGERIES.values(), ids=FORGERIES)
def test_a_forged_attestation_in_the_log_is_found(one_database, changes):
    firms = one_database
    firms.recalled()
    firms.attest("licensee")
    (entry,) = firms.entries("deletion:attested")
    assert faults_of(firms) == []
    attested_by_hand(firms, entry, **changes)
    assert len(faults_of(firms)) == 1
    assert "attested without a valid signature" in faults_of(firms)[0]


def test_an_attestation_by_a_key_that_is_not_its_members_is_found(one_database):
    """Neither a key of nobody's, nor another member's, nor the right key at another moment."""
    firms = one_database
    firms.recalled()
    firms.attest("licensee")
    (entry,) = firms.entries("deletion:attested")
    forger = signing.Signer.create(firms.world.folder / "forger.key")
    said = {name: entry["details"][name] for name in ("release", "evidence", "statement")}
    signed = forger.sign(canonical_json({**said, "attest": entry["subject"], "at": entry["at"]}))
    attested_by_hand(firms, entry, key=forger.public, signature=signed)
    attested_by_hand(firms, entry, by=firms.world.people["rival"].id)
    attested_by_hand(firms, entry, by=MemberId("nobody"))
    attested_by_hand(firms, entry, at=firms.world.now())
    assert len(faults_of(firms)) == 4
