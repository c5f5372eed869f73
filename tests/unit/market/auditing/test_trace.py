"""From a question to its source in one screen, and whatever is at rest otherwise than it was logged is named."""

import io

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from catalog.errors import NotFound
from market.audit import log
from market.auditing.trace import Step, trace
from market.delivery.formats import Format
from tests.common.market_world import Market

WAY = ["question", "member", "firm", "agreement", "terms", "release", "evidence", "dataset", "publisher", "source"]
PROVED = {
    "question": ["query:answered", "query:delivered"],
    "member": ["member:added"],
    "firm": ["firm:registered"],
    "agreement": ["offer:made", "agreement:requested", "agreement:approved", "agreement:signed"],
    "terms": ["agreement:approved", "agreement:signed"],
    "release": ["release:proposed", "release:approved", "release:published"],
    "evidence": ["release:proposed", "release:approved", "release:published"],
    "dataset": ["dataset:registered", "registration:entered"],
    "publisher": ["publisher:registered"],
    "source": [],
}


def asked(market: Market) -> str:
    with market.open() as home:
        asker = market.asker(home)
    with market.service() as service:
        question = market.question("SELECT sex FROM tumor LIMIT 3", "k")
        return service.answer(question, asker, io.BytesIO(), Format.CSV).run_id


def follow(market: Market, query: str) -> dict[str, Step]:
    with market.open() as home, home.database.reading() as session:
        steps = trace(session, query)
    assert [step.what for step in steps] == WAY
    return {step.what: step for step in steps}


def test_the_whole_way_is_shown_with_the_entries_that_prove_it(any_market):
    query = asked(any_market)
    steps = follow(any_market, query)
    assert [step.faults for step in steps.values()] == [()] * len(WAY)
    with any_market.open() as home, home.database.reading() as session:
        said = {what: [log.entry_body(session, seq)["action"] for seq in step.entries] for what, step in steps.items()}
    assert said == PROVED
    facts = any_market.facts
    assert steps["firm"].id == facts.firm
    assert (steps["agreement"].id, steps["release"].id) == (facts.agreement, facts.release)
    assert steps["dataset"].facts["registration"] == "TEST-tumours"
    assert steps["question"].facts["rows"] == 3
    assert steps["source"].id is not None


CHANGES = [
    ("question", "UPDATE query_run SET sql = 'SELECT 1'", "its sql"),
    ("question", "UPDATE query_run SET bill = '{}'", "its bill"),
    ("question", "UPDATE query_run SET result_hash = 'x'", "the hash of its result"),
    ("member", "UPDATE member SET organisation = 'x' WHERE name = 'licensee'", "the firm of the agreement"),
    ("member", "UPDATE member SET public_key = 'x' WHERE name = 'licensee'", "the log does not know their key"),
    ("agreement", "UPDATE agreement SET assignee_signature = 'x'", "the firm's signature"),
    ("agreement", "UPDATE agreement SET assignee_key = assigner_key", "the firm signed with this key"),
    ("evidence", "UPDATE release SET approval = 'x'", "no valid approval"),
    ("evidence", "UPDATE release SET approver_id = author_id", "the log does not know the key"),
]

FINAL = [
    "UPDATE agreement SET terms = '{}'",
    "UPDATE agreement SET text = 'x'",
    "UPDATE agreement SET assigner_key = 'x'",
    "UPDATE release SET evidence = '{}'",
]
"""What the database does not even let happen."""


def test_what_was_changed_at_rest_is_named_in_its_step(market):
    query = asked(market)
    with market.open() as home:
        for what, statement, fault in CHANGES:
            with home.database.writing() as session:
                session.connection().execute(text(statement))
                faults = {step.what: step.faults for step in trace(session, query) if step.faults}
                session.rollback()
            assert set(faults) == {what}, statement
            assert any(fault in one for one in faults[what]), statement
        for statement in FINAL:
            with pytest.raises(DBAPIError, match="this is final"), home.database.writing() as session:
                session.connection().execute(text(statement))
        with home.database.reading() as session:
            assert not any(step.faults for step in trace(session, query))


def test_a_question_that_there_is_not_cannot_be_traced(market):
    with pytest.raises(NotFound, match="there is none"):
        follow(market, "0" * 26)
