"""An upgrade killed at any moment is whole or not there, is taken up again, and loses no row; so is a way back."""

import subprocess
import sys
import threading
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from market.db import Database, SchemaChanged
from market.home import downgrade, newest_revision, upgrade
from tests.common.filled import REVISION, fill
from tests.migrations.shape import contents, revision, schema
from tests.soak.fixtures import seed, warm
from tests.soak.migrating import faults, kill_migrations, shape
from tests.soak.warm import Warm

__all__ = ["seed", "warm"]


@pytest.mark.soak  # when a blow falls depends on the machine; two upgrades at once and a busy writer are tried below
def test_each_step_killed_is_taken_wholly_or_not_at_all_and_loses_nothing(
    url: str, tmp_path: Path, warm: Warm, seed: int
) -> None:
    fill(url, runs=100, seed=seed)
    print(kill_migrations(url, tmp_path, warm, 8, seed))


def test_an_upgrade_moves_each_key_and_bills_each_question(url: str) -> None:
    fill(url, runs=50, seed=1)
    engine = create_engine(url)
    with engine.connect() as connection:
        asked = connection.execute(text("SELECT id, key, question_hash FROM query_run ORDER BY id")).all()
    upgrade(url)
    with engine.connect() as connection:
        kept = connection.execute(text("SELECT subject, key, body_hash FROM idempotency_key ORDER BY subject")).all()
        bills = set(connection.execute(text("SELECT bill FROM query_run")).scalars())
    engine.dispose()
    assert kept == asked
    assert bills == {'{"account":"credit","discount_fen":0,"list_fen":15,"net_fen":15,"vouchers":[]}'}
    assert faults(url) == []


def test_of_two_upgrades_at_once_one_waits_for_the_other(url: str) -> None:
    fill(url, runs=50, seed=1)
    program = f"from market.home import upgrade\nupgrade({url!r})"
    both = [subprocess.Popen([sys.executable, "-c", program], stderr=subprocess.PIPE) for _ in range(2)]
    for process in both:
        _, said = process.communicate()
        assert process.returncode == 0, said.decode()
    engine = create_engine(url)
    assert revision(engine) == newest_revision()
    engine.dispose()
    assert faults(url) == []


def test_an_upgrade_waits_for_who_is_writing_and_then_nobody_writes_as_before(url: str) -> None:
    fill(url, runs=10, seed=1)
    older = Database(url, None, schema=REVISION)
    upgrading = threading.Thread(target=upgrade, args=(url,))
    with older.writing() as session:
        upgrading.start()
        upgrading.join(0.5)
        assert upgrading.is_alive()
        session.connection().execute(text("UPDATE account SET reserved = reserved"))
    upgrading.join()
    with pytest.raises(SchemaChanged, match="start this process again"), older.writing():
        pass
    older.close()
    assert faults(url) == []


LATER = (
    # revision that is kept, and a row that the one before has no place for
    ("0006", "UPDATE query_run SET bill = REPLACE(bill, 'credit', 'postpaid')", "put on account"),
    (
        "0006",
        "INSERT INTO idempotency_key VALUES ('t', 'r', 'k', 'h', 's', '2026-01-01', '2026-01-01')",
        "stand for other acts",
    ),
    ("0005", "INSERT INTO log_secret VALUES (1, 'name', 'text', 'salt')", "log_secret holds rows"),
    ("0008", "INSERT INTO saved_query VALUES ('i', 'firm', 'n', 's', 'm', '2026-01-01')", "saved_query holds rows"),
    ("0009", "UPDATE query_run SET part_of = id", "query_run holds rows"),
)


@pytest.mark.parametrize(("kept", "statement", "why"), LATER)
def test_what_only_a_later_version_knows_is_not_forgotten_by_going_back(
    url: str, kept: str, statement: str, why: str
) -> None:
    fill(url, runs=10, seed=1)
    upgrade(url)
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text(statement))
    with pytest.raises(RuntimeError, match=why):
        downgrade(url, REVISION)
    assert revision(engine) == kept
    found = schema(engine), contents(engine)
    with pytest.raises(RuntimeError, match=why):
        downgrade(url, REVISION)
    assert (schema(engine), contents(engine)) == found
    engine.dispose()


def test_the_filled_database_is_the_same_up_and_down(url: str) -> None:
    fill(url, runs=50, seed=1)
    engine = create_engine(url)
    before = shape(engine)
    upgrade(url)
    downgrade(url, REVISION)
    assert shape(engine) == before
    engine.dispose()
