"""Blobs of a market, and what may befall them."""

import os

from catalog import releases
from market.home import Home
from tests.common.market_world import Market


def files_of(market: Market, home: Home) -> list[str]:
    """Name the files of the tumours' edition."""
    with home.database.reading() as session:
        return [file.sha256 for file in releases.files_of(session, market.facts.edition)]


def flip(home: Home, sha256: str) -> None:
    """Change one bit, and let size and times look as before."""
    path = home.store.path(sha256)
    before = path.stat()
    path.chmod(0o644)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    path.chmod(0o444)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
