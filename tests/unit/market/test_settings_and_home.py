"""Settings are read once, with words for what is wrong; a home is made whole and opened as it was made."""

import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from market.db import SchemaChanged
from market.home import Home, HomeError, database_url, downgrade, upgrade
from market.ledger.models import Kind, Unit
from market.ledger.transfers import open_account
from market.parties.members import add_member
from market.parties.models import Role
from market.settings import SettingError, Settings
from tests.common.clock import BEGIN
from tests.common.market_fixtures import any_market, market, postgres_market

__all__ = ["any_market", "market", "postgres_market"]


def settings(folder, **environment):
    return Settings.read({"SLUICE_HOME": str(folder), **environment})


def test_without_any_setting_everything_has_its_default():
    read = Settings.read({})
    assert read.home == Path.home() / ".sluice"
    assert (read.database_url, read.query_timeout_s, read.query_memory_mb) == (None, 30.0, 512)
    assert read.query_threads == min(os.cpu_count() or 1, 4)
    assert not read.allow_unsandboxed


@pytest.mark.parametrize("value", ["0", "-1", "1.5", "many", ""])
@pytest.mark.parametrize("name", ["TIMEOUT_S", "MEMORY_MB", "THREADS", "ROWS"])
def test_a_setting_that_is_no_number_is_named(name, value):
    with pytest.raises(SettingError, match=f"SLUICE_QUERY_{name} is "):
        Settings.read({f"SLUICE_QUERY_{name}": value})


@pytest.mark.parametrize("value", ["1", "true", "yes", ""])
def test_going_without_a_sandbox_names_the_risk(value):
    assert not Settings.read({"SLUICE_ALLOW_UNSANDBOXED": value}).allow_unsandboxed
    assert Settings.read({"SLUICE_ALLOW_UNSANDBOXED": "untrusted-sql-reads-my-files"}).allow_unsandboxed


def test_an_empty_database_setting_is_none():
    assert Settings.read({"SLUICE_DATABASE_URL": ""}).database_url is None


def test_a_home_is_made_once_for_its_owner_alone_and_opens_again(tmp_path):
    given = settings(tmp_path / "home")
    made = Home.create(given)
    made.close()
    assert given.home.stat().st_mode & 0o777 == 0o700
    assert (given.home / "keys" / "log.key").stat().st_mode & 0o777 == 0o600
    opened = Home.open(given)
    assert (opened.origin, opened.log_key.public) == (made.origin, made.log_key.public)
    with opened.database.writing() as session:
        add_member(session, name="first", role=Role.ADMINISTRATOR, public_key="key", at=datetime.now(UTC))
    opened.close()
    with pytest.raises(HomeError, match="is a home already"):
        Home.create(given)


def test_a_home_whose_making_was_killed_before_it_had_a_member_is_made_whole(tmp_path):
    given = settings(tmp_path / "home")
    first = Home.create(given)
    first.close()
    again = Home.create(given)
    assert again.log_key.public == first.log_key.public
    again.close()


def test_a_folder_that_is_no_home_is_not_opened(tmp_path):
    with pytest.raises(HomeError, match="is no home"):
        Home.open(settings(tmp_path))


def test_a_home_of_another_version_is_not_opened_until_it_is_upgraded(tmp_path):
    given = settings(tmp_path / "home")
    Home.create(given).close()
    url = f"sqlite:///{given.home / 'sluice.db'}"
    downgrade(url, "base")
    with pytest.raises(HomeError, match="has the schema None"):
        Home.open(given)
    upgrade(url)
    Home.open(given).close()


def test_a_process_is_alive_as_long_as_it_runs_even_if_it_is_killed(tmp_path):
    given = settings(tmp_path / "home")
    home = Home.create(given)
    with home.epoch(BEGIN) as own:
        assert home.is_alive(own)
    assert not home.is_alive(own)
    program = (
        "import sys\nfrom datetime import UTC, datetime\nfrom market.home import Home\nfrom market.settings import "
        f"Settings\nwith Home.open(Settings.read({{'SLUICE_HOME': {str(given.home)!r}}})).epoch(datetime.now(UTC)) "
        "as name:\n    print(name, flush=True)\n    sys.stdin.read()\n"
    )
    child = subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    name = child.stdout.readline().strip()
    assert home.is_alive(name)
    child.kill()
    child.communicate()
    assert not home.is_alive(name)
    home.close()


def test_a_process_that_was_open_during_an_upgrade_does_not_write_after_it(any_market):
    """It says what happened; the one started anew goes on."""
    with any_market.open() as home:
        url = database_url(home.settings)
        downgrade(url, "0007")
        with pytest.raises(SchemaChanged, match="has the schema 0007"), home.database.writing():
            pass
        with pytest.raises(SchemaChanged), home.database.reading() as session:
            session.connection().execute(text("SELECT * FROM api_token"))
        upgrade(url)
        with pytest.raises(DBAPIError), home.database.reading() as session:
            session.connection().execute(text("SELECT nothing FROM nowhere"))
        with home.database.writing() as session:
            open_account(session, owner="somebody", kind=Kind.CREDIT, unit=Unit.FEN, at=BEGIN)
