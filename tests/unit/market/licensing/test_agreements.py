"""Offer, request, agreement: what both sides sign is what is executed, and only who may acts."""

import hashlib
import json
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select, text

from anonymize import signing
from anonymize.signing import Signer
from catalog.actors import Actor
from catalog.errors import CatalogError, NotFound, NotPermitted, WrongState
from catalog.events import Event, note
from catalog.ids import MemberId
from market.audit import log
from market.audit.verify import verify as verify_log
from market.ledger.models import Account, Kind, Unit
from market.ledger.transfers import ACCOUNTS, TRANSFERS
from market.ledger.verify import verify as verify_ledger
from market.licensing import agreements
from market.licensing.models import AccessRequest, Agreement, AgreementState, Offer, RequestState
from policies.decide import Reason, Refused, Use, decide
from policies.errors import TermsError
from policies.profile import Mode
from policies.terms import Action, Purpose, Quota
from tests.common.clock import BEGIN
from tests.common.world import PURPOSE


def agreement_row(world, agreement):
    with world.reading() as session:
        return session.get_one(Agreement, agreement)


def actions(world):
    with world.reading() as session:
        return [log.entry_body(session, seq)["action"] for seq in range(log.size(session))]


def quotas(world, agreement):
    with world.reading() as session:
        statement = select(Account).where(Account.owner == agreement, Account.kind == Kind.QUOTA)
        return {row.unit: row.balance for row in session.execute(statement).scalars()}


def tamper(world, statement, **values):
    """Change an agreement or offer as an operator could, its trigger dropped first."""
    with world.writing() as session:
        connection = session.connection()
        on = " ON agreement" if connection.dialect.name == "postgresql" else ""
        connection.execute(text(f"DROP TRIGGER IF EXISTS terms_fixed{on}"))
        connection.execute(text(statement), values)
        note(session, Event(action="test:tampered", subject="x", by=MemberId("m"), at=BEGIN))


def test_an_offer_becomes_an_agreement_step_by_step_with_an_entry_for_each(any_world):
    world = any_world
    offer = world.offer(world.published())
    before = len(actions(world))
    request = world.request(offer)
    agreement = world.draw_up(request)
    assert agreement_row(world, agreement).state == AgreementState.DRAFTED
    assert quotas(world, agreement) == {}
    world.sign(agreement)
    row = agreement_row(world, agreement)
    assert (row.state, row.firm_id, row.publisher_id) == (AgreementState.ACTIVE, world.firm, world.publisher)
    assert row.signed_at is not None
    assert quotas(world, agreement) == {"bytes": 10_000_000, "rows": 1_000, "queries": 10}
    with world.reading() as session:
        assert session.get_one(AccessRequest, request).state == RequestState.APPROVED
    told = actions(world)[before:]
    assert told[:3] == ["agreement:requested", "agreement:approved", "agreement:signed"]
    assert set(told[3:]) == {"transfer:posted"}
    with world.writing() as session:
        by = world.people["steward"].id
        agreements.revoke(session, agreement, reason="misuse", by=by, organisation=world.publisher, at=world.now())
    row = agreement_row(world, agreement)
    assert (row.state, row.revocation_reason) == (AgreementState.REVOKED, "misuse")
    assert actions(world)[-1] == "agreement:revoked"
    with world.reading() as session:
        assert verify_log(session, "") == []
        assert verify_ledger(session) == []


def test_both_signatures_hold_over_text_and_terms(world):
    agreement = world.agreement(world.published())
    row = agreement_row(world, agreement)
    assert hashlib.sha256(row.text.encode()).hexdigest() == row.text_hash
    assert agreements.terms_of(row).digest == row.terms_hash
    message = agreements.signing_message(row.id, row.text_hash, row.terms_hash)
    assert row.assigner_key == world.people["steward"].signer.public
    assert row.assignee_key == world.people["licensee"].signer.public
    assert signing.verify(row.assigner_key, row.assigner_signature, message)
    assert signing.verify(row.assignee_key, row.assignee_signature, message)
    for other in (("x", row.text_hash, row.terms_hash), (row.id, "x", row.terms_hash), (row.id, row.text_hash, "x")):
        assert not signing.verify(row.assigner_key, row.assigner_signature, agreements.signing_message(*other))


def test_the_text_says_in_words_and_in_odrl_what_the_terms_say(world):
    agreement = world.agreement(world.published())
    row = agreement_row(world, agreement)
    terms = agreements.terms_of(row)
    words, _, rest = row.text.partition("```json")
    for said in ("Example Works Department → Example Firm", PURPOSE, "10 queries", "1000 rows", "5000 fen per GB"):
        assert said in words
    policy = json.loads(rest.partition("```")[0])
    assert policy["uid"] == f"urn:sluice:agreement:{row.id}"
    assert policy["permission"][0]["target"] == f"urn:sluice:edition:{terms.edition}"
    assert policy["permission"][0]["constraint"][0]["rightOperand"] == ["duo:0000006"]


def test_an_agreement_grants_the_purposes_asked_for_and_no_more(world):
    agreement = world.agreement(world.published())
    terms = agreements.terms_of(agreement_row(world, agreement))
    assert terms.purposes == (PURPOSE,)


def test_an_agreement_begins_when_it_is_granted(world):
    release = world.published()
    agreement = world.draw_up(world.request(world.offer(release, starts_at=BEGIN - timedelta(days=9))))
    row = agreement_row(world, agreement)
    assert agreements.terms_of(row).starts_at == row.created_at
    later = BEGIN + timedelta(days=9)
    agreement = world.draw_up(world.request(world.offer(release, starts_at=later)))
    assert agreements.terms_of(agreement_row(world, agreement)).starts_at == later


def test_empty_purposes_allow_nothing(world):
    release = world.published()
    offer = world.offer(release, purposes=())
    with pytest.raises(CatalogError, match="is not among those offered"):
        world.request(offer)
    with pytest.raises(CatalogError, match="is not among those offered"):
        world.request(offer, purposes=())
    with world.reading() as session:
        terms = agreements.terms_of(session.get_one(Offer, offer))
    for purpose in (None, *Purpose):
        verdict = decide(terms, Use(purpose=purpose, action=Action.QUERY), at=BEGIN)
        assert isinstance(verdict, Refused)
        assert verdict.reason is Reason.PURPOSE_NOT_COVERED


def test_no_purpose_beyond_the_offer_is_granted(world):
    offer = world.offer(world.published())
    for purposes in ((), (Purpose.GENERAL_RESEARCH,), (PURPOSE, Purpose.GENERAL_RESEARCH)):
        with pytest.raises(CatalogError, match="Ask for one or more of: DUO:0000006, DUO:0000015"):
            world.request(offer, purposes=purposes)


def test_a_request_says_what_the_data_is_for_and_for_which_firm(world):
    offer = world.offer(world.published())
    with pytest.raises(CatalogError, match="statement: is empty"), world.writing() as session:
        agreements.request(
            session, offer, firm=world.firm, purposes=(PURPOSE,), statement=" ", by=MemberId("m"), at=BEGIN
        )
    for firm in (None, "unknown"):
        with pytest.raises(NotFound, match="firm"), world.writing() as session:
            agreements.request(
                session, offer, firm=firm, purposes=(PURPOSE,), statement="s", by=MemberId("m"), at=BEGIN
            )


def test_only_published_releases_are_offered(world):
    release = world.propose()
    with pytest.raises(WrongState, match="is assessed"):
        world.offer(release)
    world.approve(release)
    with pytest.raises(WrongState, match="is approved"):
        world.offer(release)
    world.publish(release)
    world.offer(release)
    world.withdraw(release)
    with pytest.raises(WrongState, match="is withdrawn"):
        world.offer(release)


def test_a_request_for_a_release_that_is_gone_is_not_granted(world):
    release = world.published()
    request = world.request(world.offer(release))
    world.withdraw(release)
    with pytest.raises(WrongState, match="is withdrawn"):
        world.draw_up(request)


def test_an_expired_offer_is_not_granted(world):
    offer = world.offer(world.published(), ends_at=world.now() + timedelta(seconds=30))
    request = world.request(offer)
    for _ in range(30):
        world.now()
    with pytest.raises(TermsError, match="ends_at"):
        world.draw_up(request)


def test_an_edition_is_offered_in_the_modes_of_its_profile_alone(world):
    release = world.published()
    for mode in Mode:
        world.offer(release, mode=mode)
    with pytest.raises(NotFound), world.writing() as session:
        agreements.offer(session, world.terms("unknown"), by=MemberId("m"), organisation=world.publisher, at=BEGIN)


def test_nobody_acts_for_another_publisher(world):
    release = world.published()
    request = world.request(world.offer(release))
    agreement = world.agreement(release)
    steward = world.people["steward"]
    terms = world.terms(world.edition(release))
    for organisation in (None, "another", world.firm):
        with pytest.raises(NotPermitted, match="you do not act for it"), world.writing() as session:
            agreements.offer(session, terms, by=steward.id, organisation=organisation, at=BEGIN)
        with pytest.raises(NotPermitted, match="you do not act for it"), world.writing() as session:
            agreements.approve(session, request, by=steward, organisation=organisation, at=BEGIN)
        with pytest.raises(NotPermitted, match="you do not act for it"), world.writing() as session:
            agreements.revoke(session, agreement, reason="r", by=steward.id, organisation=organisation, at=BEGIN)


def test_another_firms_agreement_is_not_found_like_one_that_is_not_there(world):
    agreement = world.draw_up(world.request(world.offer(world.published())))
    said = set()
    for firm, asked in ((None, agreement), ("another", agreement), (world.firm, "01UNKNOWN")):
        with pytest.raises(NotFound) as refusal, world.writing() as session:
            agreements.sign(session, asked, by=world.people["licensee"], firm=firm, at=BEGIN)
        said.add((refusal.value.found, refusal.value.fix))
    assert len(said) == 1
    assert agreement_row(world, agreement).state == AgreementState.DRAFTED


def test_a_request_is_decided_once(world):
    request = world.request(world.offer(world.published()))
    world.draw_up(request)
    with pytest.raises(WrongState, match="is approved"):
        world.draw_up(request)


def test_an_agreement_is_signed_once_and_its_quotas_open_once(world):
    agreement = world.agreement(world.published())
    with pytest.raises(WrongState, match="is active"):
        world.sign(agreement)
    assert quotas(world, agreement)["queries"] == 10


def revoke(world, agreement, reason="misuse"):
    with world.writing() as session:
        by = world.people["steward"].id
        agreements.revoke(session, agreement, reason=reason, by=by, organisation=world.publisher, at=world.now())


def test_what_is_revoked_stays_revoked(world):
    release = world.published()
    drafted = world.draw_up(world.request(world.offer(release)))
    for agreement in (world.agreement(release), drafted):
        with pytest.raises(CatalogError, match="no reason is given"):
            revoke(world, agreement, reason=" ")
        revoke(world, agreement)
        with pytest.raises(WrongState, match="is revoked already"):
            revoke(world, agreement)
        with pytest.raises(WrongState, match="is revoked"):
            world.sign(agreement)
    assert quotas(world, drafted) == {}


def test_a_quota_of_nothing_opens_an_account_that_gives_nothing(world):
    offer = world.offer(world.published(), quota=Quota(bytes=0, rows=0, queries=0))
    agreement = world.draw_up(world.request(offer))
    world.sign(agreement)
    assert quotas(world, agreement) == {"bytes": 0, "rows": 0, "queries": 0}


def test_tampered_terms_are_refused(any_world):
    world = any_world
    release = world.published()
    agreement = world.agreement(release)
    row = agreement_row(world, agreement)
    wider = replace(agreements.terms_of(row), purposes=tuple(Purpose))
    tamper(
        world,
        "UPDATE agreement SET terms = :terms WHERE id = :id",
        terms=json.dumps(wider.to_dict()),
        id=agreement,
    )
    with pytest.raises(CatalogError, match="are not those that were signed"):
        agreements.terms_of(agreement_row(world, agreement))


def test_a_tampered_offer_is_not_asked_for(world):
    offer = world.offer(world.published())
    with world.reading() as session:
        terms = agreements.terms_of(session.get_one(Offer, offer))
    wider = replace(terms, purposes=tuple(Purpose))
    tamper(world, "UPDATE offer SET terms = :terms", terms=json.dumps(wider.to_dict()))
    with pytest.raises(CatalogError, match="are not those that were signed"):
        world.request(offer, purposes=(Purpose.GENERAL_RESEARCH,))


def test_what_the_publisher_did_not_sign_is_not_signed_for_the_firm(world):
    release = world.published()
    stranger = Signer.create(world.folder / "stranger.key")
    changes = {
        "text": "another text",
        "terms_hash": "0" * 64,
        "assigner_signature": stranger.sign(b"x"),
        "assigner_key": stranger.public,
    }
    for column, value in changes.items():
        agreement = world.draw_up(world.request(world.offer(release)))
        tamper(world, f"UPDATE agreement SET {column} = :value WHERE id = :id", value=value, id=agreement)
        with pytest.raises(CatalogError, match="signed"):
            world.sign(agreement)
        assert agreement_row(world, agreement).assignee_signature is None
        assert quotas(world, agreement) == {}


def test_a_refused_step_leaves_no_row_and_no_entry(world):
    offer = world.offer(world.published())
    before = len(actions(world))

    def counts():
        with world.reading() as session:
            tables = (AccessRequest.__table__, Agreement.__table__, ACCOUNTS, TRANSFERS)
            return [session.connection().execute(select(func.count()).select_from(t)).scalar_one() for t in tables]

    rows = counts()
    with pytest.raises(CatalogError):
        world.request(offer, purposes=(Purpose.GENERAL_RESEARCH,))
    steward = world.people["steward"]
    with pytest.raises(NotFound), world.writing() as session:
        agreements.approve(session, "unknown", by=steward, organisation=world.publisher, at=BEGIN)
    with pytest.raises(NotFound), world.writing() as session:
        agreements.sign(session, "unknown", by=Actor(steward.id, steward.signer), firm=world.firm, at=BEGIN)
    assert (counts(), len(actions(world))) == (rows, before)


def test_the_units_of_a_quota_are_accounts_of_their_own(world):
    agreement = world.agreement(world.published())
    with world.reading() as session:
        columns = (ACCOUNTS.c.kind, ACCOUNTS.c.unit, ACCOUNTS.c.capped)
        found = session.connection().execute(select(*columns).where(ACCOUNTS.c.owner == agreement)).all()
    units = (Unit.BYTES, Unit.ROWS, Unit.QUERIES)
    assert set(found) == {(Kind.QUOTA, unit, True) for unit in units} | {(Kind.USED, unit, False) for unit in units}
