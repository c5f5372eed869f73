"""Settings: read once from the environment, each with a default and a sentence. Secrets have no default."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

RETENTION_YEARS = 30
"""Shenzhen keeps registration records for at least so long; nothing of the log is deleted before, nor after."""


class SettingError(Exception):
    """A setting cannot be used; the message names it and the fix."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How this home runs."""

    home: Path
    """SLUICE_HOME: the folder of the database, blobs and keys. Default `~/.sluice`."""
    database_url: str | None
    """SLUICE_DATABASE_URL: another database than the SQLite file in the home, such as `postgresql+psycopg://…`."""
    query_timeout_s: float
    """SLUICE_QUERY_TIMEOUT_S: the longest a query may run. Default 30."""
    query_memory_mb: int
    """SLUICE_QUERY_MEMORY_MB: the memory of one worker's engine. Default 512."""
    query_threads: int
    """SLUICE_QUERY_THREADS: the threads of one worker's engine. Default: the cores, at most 4."""
    query_rows: int
    """SLUICE_QUERY_ROWS: the most rows one query may deliver. Default 1,000,000."""
    disk_free_mb: int
    """SLUICE_DISK_FREE_MB: with less free, and less than 5 % of the disk, the service is not ready. Default 1024."""
    scrub_mb_s: int
    """SLUICE_SCRUB_MB_S: how fast the store is read through, in MB a second. Default 50."""
    log_retention_years: int
    """SLUICE_LOG_RETENTION_YEARS: for how many years entries of the log are kept at least. Default 30, never fewer."""
    allow_unsandboxed: bool
    """SLUICE_ALLOW_UNSANDBOXED=name-of-the-risk: answer SQL although no sandbox layer passes. Default: refuse."""

    @classmethod
    def read(cls, environment: Mapping[str, str] | None = None) -> Self:
        """Read the settings.

        Raises:
            SettingError: a value is of the wrong type.
        """
        given = os.environ if environment is None else environment

        def number(name: str, default: int) -> int:
            text = given.get(name, str(default))
            if not text.isdecimal() or int(text) == 0:
                raise SettingError(f"{name} is {text!r}: give a whole number from 1 up")
            return int(text)

        retention_years = number("SLUICE_LOG_RETENTION_YEARS", RETENTION_YEARS)
        if retention_years < RETENTION_YEARS:
            found = f"SLUICE_LOG_RETENTION_YEARS is {retention_years}"
            raise SettingError(f"{found}: give {RETENTION_YEARS} or more; nothing of the log is ever deleted")
        cores = os.cpu_count() or 1
        return cls(
            home=Path(given.get("SLUICE_HOME", "~/.sluice")).expanduser().absolute(),
            database_url=given.get("SLUICE_DATABASE_URL") or None,
            query_timeout_s=float(number("SLUICE_QUERY_TIMEOUT_S", 30)),
            query_memory_mb=number("SLUICE_QUERY_MEMORY_MB", 512),
            query_threads=number("SLUICE_QUERY_THREADS", min(cores, 4)),
            query_rows=number("SLUICE_QUERY_ROWS", 1_000_000),
            disk_free_mb=number("SLUICE_DISK_FREE_MB", 1024),
            scrub_mb_s=number("SLUICE_SCRUB_MB_S", 50),
            log_retention_years=retention_years,
            allow_unsandboxed=given.get("SLUICE_ALLOW_UNSANDBOXED") == "untrusted-sql-reads-my-files",
        )
