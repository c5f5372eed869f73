"""What is final stays as it is, even for a statement that comes with its event: the database refuses it by itself."""

from importlib import import_module
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from anonymize.signing import Signer
from catalog.events import Event, note
from catalog.ids import MemberId
from market import migrations
from market.audit import checkpoint, witnesses
from tests.common import beside, questions
from tests.common.clock import BEGIN

VERSIONS = Path(migrations.__file__).parent / "versions"
ELSEWHERE = ("0004_recall",)
"""Tried in `tests/unit/market/recall/test_final.py`."""
STEMS = sorted({path.stem for path in VERSIONS.glob("0*.py")} - set(ELSEWHERE))
REVISIONS = [import_module(f"market.migrations.versions.{stem}") for stem in STEMS]
FINAL = {name for module in REVISIONS for name, *_ in getattr(module, "FINAL", ())}
NEVER_EMPTIED = sorted({table for module in REVISIONS for table in getattr(module, "NEVER_EMPTIED", ())})
PENDING, POSTED = "WHERE state = 'pending'", "WHERE state = 'posted'"
ATTEMPTS = {
    "transfer_born_pending": [
        "INSERT INTO transfer (id, debit, credit, amount, posted_amount, state, cause, epoch, created_at, expires_at) "
        f"SELECT 'x', debit, credit, amount, amount, 'posted', cause, epoch, created_at, expires_at "
        f"FROM transfer {POSTED} LIMIT 1"
    ],
    "transfer_resolved_once": [
        f"UPDATE transfer SET state = 'void', posted_amount = NULL {POSTED}",
        f"UPDATE transfer SET posted_amount = 0 {POSTED}",
        f"UPDATE transfer SET epoch = 'x' {POSTED}",
    ],
    "transfer_terms_fixed": [
        f"UPDATE transfer SET amount = amount + 1 {PENDING}",
        f"UPDATE transfer SET debit = credit, credit = debit {PENDING}",
        f"UPDATE transfer SET cause = 'x' {PENDING}",
        f"UPDATE transfer SET id = id || 'x' {PENDING}",
    ],
    "transfer_stays": [f"DELETE FROM transfer {PENDING}", f"DELETE FROM transfer {POSTED}"],
    "entry_fixed": ["UPDATE log_entry SET subject = 'x'", "UPDATE log_entry SET seq = seq + 1000"],
    "entry_stays": ["DELETE FROM log_entry WHERE seq = 1"],
    "node_fixed": ["UPDATE log_node SET position = position + 1000"],
    "node_stays": ["DELETE FROM log_node WHERE level = 0"],
    "checkpoint_fixed": ["UPDATE log_checkpoint SET note = 'x'"],
    "checkpoint_stays": ["DELETE FROM log_checkpoint"],
    "head_grows": ["UPDATE log_head SET size = size - 1"],
    "head_stays": ["DELETE FROM log_head"],
    "log_secret_fixed": ["UPDATE log_secret SET text = 'x'", "UPDATE log_secret SET seq = seq + 1000"],
    "log_witness_fixed": [
        "UPDATE log_witness SET name = 'x'",
        "UPDATE log_witness SET key = 'x'",
        "UPDATE log_witness SET url = 'x'",
        "UPDATE log_witness SET added_by = 'x'",
    ],
    "log_witness_removed_once": ["UPDATE log_witness SET removed_at = NULL WHERE removed_at IS NOT NULL"],
    "log_witness_stays": ["DELETE FROM log_witness"],
    "log_cosignature_fixed": ["UPDATE log_cosignature SET line = 'x'"],
    "log_cosignature_stays": ["DELETE FROM log_cosignature"],
    "tombstone_stays": ["DELETE FROM tombstone"],
    "tombstone_fixed": ["UPDATE tombstone SET reason = 'x'", "UPDATE tombstone SET evidence_hash = 'x'"],
    "evidence_fixed": [
        "UPDATE release SET evidence = '{}'",
        "UPDATE release SET evidence_hash = 'x'",
        "UPDATE release SET author_key = 'x'",
        "UPDATE release SET author_id = 'x'",
        "UPDATE release SET joined = 'x'",
    ],
    "terms_fixed": [
        "UPDATE agreement SET terms = '{}'",
        "UPDATE agreement SET terms_hash = 'x'",
        "UPDATE agreement SET text = 'x'",
        "UPDATE agreement SET text_hash = 'x'",
        "UPDATE agreement SET firm_id = 'x'",
        "UPDATE agreement SET edition_id = 'x'",
        "UPDATE agreement SET cut_id = (SELECT id FROM cut)",
        "UPDATE agreement SET assigner_signature = 'x'",
    ],
    "registration_fixed": ["UPDATE registration SET number = 'x'", "UPDATE registration SET reason = 'x'"],
    "registration_stays": ["DELETE FROM registration"],
    "class_table_fixed": ["UPDATE class_table SET sha256 = 'x'"],
    "class_table_stays": ["DELETE FROM class_table"],
    "cut_fixed": [
        "UPDATE cut SET spec = 'x'",
        "UPDATE cut SET spec_hash = 'x'",
        "UPDATE cut SET spec_hash = 'collected:' || id",
        "UPDATE cut SET collected_at = created_at",
        "UPDATE cut SET evidence = 'x'",
        "UPDATE cut SET evidence_hash = 'x'",
        "UPDATE cut SET edition_id = 'x'",
    ],
    "programme_fixed": [
        "UPDATE programme SET share_bp = share_bp + 1",
        "UPDATE programme SET firm_year_cap_fen = firm_year_cap_fen + 1",
        "UPDATE programme SET level = 'partner'",
        "UPDATE programme SET position = position + 1",
        "UPDATE programme SET starts_on = '2020-01-01'",
        "UPDATE programme SET ends_on = '2099-01-01'",
    ],
    "programme_closed_once": ["UPDATE programme SET closed_at = NULL WHERE closed_at IS NOT NULL"],
    "programme_stays": ["DELETE FROM programme"],
    "voucher_fixed": ["UPDATE voucher SET firm_id = 'x'", "UPDATE voucher SET programme_id = 'x'"],
    "voucher_revoked_once": ["UPDATE voucher SET revoked_at = NULL WHERE revoked_at IS NOT NULL"],
    "voucher_stays": ["DELETE FROM voucher"],
    "subscription_fixed": ["UPDATE subscription SET bill = 'x'", "UPDATE subscription SET month = 'x'"],
    "subscription_stays": ["DELETE FROM subscription"],
    "invoice_fixed": [
        "UPDATE invoice SET amount_fen = amount_fen + 1",
        "UPDATE invoice SET statement_hash = 'x'",
        "UPDATE invoice SET month = 'x'",
    ],
    "invoice_paid_once": ["UPDATE invoice SET paid_at = NULL WHERE paid_at IS NOT NULL"],
    "invoice_stays": ["DELETE FROM invoice"],
    "audit_case_fixed": [
        "UPDATE audit_case SET title = 'x' WHERE state = 'open'",
        "UPDATE audit_case SET opened_by = 'x' WHERE state = 'open'",
    ],
    "audit_case_closed_once": [
        "UPDATE audit_case SET state = 'open' WHERE state = 'closed'",
        "UPDATE audit_case SET report = 'x' WHERE state = 'closed'",
        "UPDATE audit_case SET signature = 'x' WHERE state = 'closed'",
    ],
    "audit_case_stays": ["DELETE FROM audit_case"],
    "case_entry_fixed": ["UPDATE case_entry SET note = 'x'", "UPDATE case_entry SET seq = seq + 1"],
    "case_entry_stays": ["DELETE FROM case_entry"],
    "case_question_fixed": [
        "UPDATE case_question SET question = 'x' WHERE answered_at IS NULL",
        "UPDATE case_question SET publisher_id = 'x' WHERE answered_at IS NULL",
    ],
    "case_question_answered_once": [
        "UPDATE case_question SET answer = 'x' WHERE answered_at IS NOT NULL",
        "UPDATE case_question SET answered_at = NULL WHERE answered_at IS NOT NULL",
    ],
    "case_question_stays": ["DELETE FROM case_question"],
    "idempotency_key_fixed": [
        "UPDATE idempotency_key SET subject = 'x'",
        "UPDATE idempotency_key SET body_hash = 'x'",
        "UPDATE idempotency_key SET tenant = 'x'",
    ],
    "api_token_fixed": [
        "UPDATE api_token SET secret_hash = 'x'",
        "UPDATE api_token SET member_id = (SELECT MIN(id) FROM member)",
    ],
    "api_token_revoked_once": ["UPDATE api_token SET revoked_at = NULL WHERE revoked_at IS NOT NULL"],
    "api_token_stays": ["DELETE FROM api_token"],
    "template_fixed": ["UPDATE template SET sql = 'x'", "UPDATE template SET parameters = 'x'"],
    "template_retired_once": ["UPDATE template SET retired_at = NULL WHERE retired_at IS NOT NULL"],
    "template_stays": ["DELETE FROM template"],
}


@pytest.fixture
def final(any_world):
    """Give a world in which every table with a trigger has rows, transfers pending and posted."""
    old = any_world.published(1)
    agreement = any_world.agreement(any_world.published(2))
    any_world.withdraw(old)
    any_world.account(amount=1000)
    questions.reserve(any_world, questions.assessed(any_world, agreement))
    beside.enter(any_world, old)
    for ended in (False, True):
        beside.enter_bills(any_world, agreement, ended=ended)
        beside.enter_case(any_world, closed=ended)
        beside.enter_doors(any_world, old, ended=ended)
    with any_world.writing() as session:
        key = Signer.create(any_world.folder / "log.key")
        checkpoint.take(session, key, origin="sluice.log/test", at=any_world.now())
        by, at = any_world.people["administrator"].id, any_world.now()
        witnesses.add(session, name="removed", key=key.public, url="http://127.0.0.1:1", by=by, at=at)
        session.flush()
        witnesses.remove(session, "removed", by=by, at=at)
    return any_world


def run(world, statement):
    with world.writing() as session:
        note(session, Event(action="test:tried", subject="x", by=MemberId("m"), at=BEGIN))
        session.connection().execute(text(statement))


def test_every_trigger_is_tried():
    assert set(ATTEMPTS) == FINAL


def test_each_trigger_refuses_what_it_is_there_for(final):
    for name, statements in ATTEMPTS.items():
        for statement in statements:
            with pytest.raises(DBAPIError, match=f"{name}: this is final"):
                run(final, statement)


def test_what_is_final_cannot_be_replaced_or_emptied(final):
    """SQLite replaces a row past its triggers unless they are recursive; PostgreSQL empties a table past them."""
    if final.database.writer.dialect.name == "sqlite":
        statements = [f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}" for table in NEVER_EMPTIED]
    else:
        statements = [f"TRUNCATE {table} CASCADE" for table in NEVER_EMPTIED]
    for statement in statements:
        with pytest.raises(DBAPIError, match="this is final"):
            run(final, statement)


def test_the_ledger_refuses_figures_that_cannot_be(final):
    rules = {
        "balance_not_negative": "UPDATE account SET balance = -1, reserved = -1",
        "reserved_within_balance": "UPDATE account SET reserved = balance + 1",
        "posted_part": f"UPDATE transfer SET state = 'posted', posted_amount = amount + 1 {PENDING}",
        "posted_has_amount": f"UPDATE transfer SET state = 'posted' {PENDING}",
    }
    for rule, statement in rules.items():
        with pytest.raises(DBAPIError, match=f"{rule}|reserved_within_balance"):
            run(final, statement)
