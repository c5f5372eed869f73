"""All files of an agreement, into a folder: each by its hash, taken up where it was stopped, paid once."""

import hashlib
import http.client
import json
import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from market.client.answers import Receipt
from market.client.calling import Caller
from market.client.errors import ClientError, Incomplete, Refused

STATE = ".sluice-pull.json"
"""Where the key of a pull is kept; `sluice pull` keeps it in the same way."""

CHUNK_BYTES = 1 << 20
TRIES = 10
"""How often a file is taken up again that brought something before it broke off."""

Told = Callable[[int, int], None]
"""Called with the bytes that are there, and those there are in all."""


class PullError(ClientError):
    """A folder, or what came, is not as it must be."""


@dataclass(frozen=True, slots=True)
class Pulled:
    """What was pulled, and what it cost."""

    query: str
    list_fen: int
    net_fen: int
    rows: int
    size_bytes: int
    files: tuple[Path, ...]
    receipt: Callable[[], Receipt]


def pull(
    caller: Caller, folder: Path, agreement: str, purpose: str, receipt: Callable[[str], Receipt], progress: Told | None
) -> Pulled:
    """Pull into *folder* what *agreement* gives access to; what is there and whole is not fetched again.

    Raises:
        PullError: the folder holds something else, or a file is not what was published.
        Refused, Unavailable, Incomplete: as for a question.
    """
    key = _key_in(folder, agreement)
    body = {"agreement": agreement, "purpose": purpose}
    with caller.call("POST", "/pulls", body, headers={"Idempotency-Key": key}) as response:
        said = json.loads(response.read())["pull"]
    done, total, paths = 0, int(said["size_bytes"]), []
    for file in said["files"]:
        before = done

        def tell(size: int, before: int = before) -> None:
            if progress is not None:
                progress(before + size, total)

        paths.append(_fetched(caller, said["query"], file, folder, tell))
        done += int(file["size_bytes"])
    query = str(said["query"])
    rows, size = int(said["rows"]), total
    return Pulled(query, said["list_fen"], said["net_fen"], rows, size, tuple(paths), lambda: receipt(query))


def _key_in(folder: Path, agreement: str) -> str:
    state = folder / STATE
    if state.exists():
        said = json.loads(state.read_text("utf-8"))
        if said.get("agreement") != agreement:
            raise PullError(f"{folder} holds a pull under another agreement: name another folder")
        return str(said["key"])
    if folder.exists() and any(folder.iterdir()):
        raise PullError(f"{folder} is not empty: name a new folder, or one where a pull was begun")
    folder.mkdir(parents=True, exist_ok=True)
    key = f"pull-{secrets.token_urlsafe(18)}"
    with state.open("x", encoding="utf-8") as file:
        json.dump({"agreement": agreement, "key": key}, file)
        file.flush()
        os.fsync(file.fileno())
    return key


def _fetched(caller: Caller, query: str, file: Mapping[str, Any], folder: Path, tell: Callable[[int], None]) -> Path:
    """Bring one file, unless it is there and whole; it gets its name when it is."""
    name = str(file["name"])
    if Path(name).name != name:
        raise PullError("the service names a file outside of the folder")
    target = folder / name
    if target.exists() and _hash_of(target).hexdigest() == file["sha256"]:
        tell(int(file["size_bytes"]))
        return target
    target.unlink(missing_ok=True)
    partial = target.with_suffix(".partial")
    size, path = int(file["size_bytes"]), f"/pulls/{query}/files/{file['sha256']}"
    there, fruitless = partial.stat().st_size if partial.exists() else 0, 0
    while there < size:
        came = _take(caller, path, partial, there, lambda come, base=there: tell(base + come))  # type: ignore[misc]  # bound now
        there, fruitless = there + came, 0 if came else fruitless + 1
        if fruitless == TRIES:
            raise Incomplete(f"{name} broke off after {there:,} of {size:,} bytes; call again with the same folder")
    if _hash_of(partial).hexdigest() != file["sha256"]:
        partial.unlink()
        raise PullError(f"{name} is not what was published: pull again, it is fetched anew")
    tell(size)
    partial.rename(target)
    return target


def _take(caller: Caller, path: str, partial: Path, there: int, tell: Callable[[int], None]) -> int:
    """Append what comes from byte *there* on; gives how much came before the end, or before it broke off."""
    came = 0
    try:
        response = caller.call("GET", path, headers={"Range": f"bytes={there}-"} if there else {})
    except Refused as refused:
        if refused.status == http.HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
            raise PullError("a file is shorter than was said: pull again") from refused
        raise
    with response, partial.open("ab") as file:
        if there and response.status != http.HTTPStatus.PARTIAL_CONTENT:
            raise PullError("the service gives no parts of files: remove what is partial, and pull again")
        try:
            while chunk := response.read(CHUNK_BYTES):
                file.write(chunk)
                came += len(chunk)
                tell(came)
        except (OSError, http.client.HTTPException):
            pass  # what came is kept, and the rest asked for
        file.flush()
        os.fsync(file.fileno())
    return came


def _hash_of(path: Path) -> "hashlib._Hash":
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256")
