"""A DuckDB in memory of bounded size: what exceeds it goes to encrypted files in a folder that the caller removes.

The engine encrypts with AES and a key it draws for itself and never writes, so who kills the process finds nothing in
clear. It calls its built-in cipher module unsafe for writing because that draws its random numbers from an ordinary
generator; so the folder must be closed to others as well.
"""

from pathlib import Path

import duckdb


def spilling(folder: Path | str, memory: str, *, threads: int | None = None) -> duckdb.DuckDBPyConnection:
    """Open an engine that holds at most *memory*, such as `512MB`, and spills into *folder*; nothing is installed."""
    config: dict[str, str | bool | int | float | list[str]] = {
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
        "memory_limit": memory,
        "temp_directory": str(folder),
    }
    if threads is not None:
        config["threads"] = threads
    connection = duckdb.connect(":memory:", config=config)
    for statement in ("force_mbedtls_unsafe = true", "temp_file_encryption = true", "enable_progress_bar = false"):
        connection.execute(f"SET {statement}")
    return connection
