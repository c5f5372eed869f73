"""A source being read, seen from the side that asked: batches of text out of a child that may die at no cost.

Sources come from outside. Whoever parses them may run out of memory or be led astray by hostile bytes, so the parsing
is done by a child process with a cap on its memory, and what it sends is checked before it is used.
"""

import fcntl
import io
import json
import os
import subprocess
import sys
import time
import weakref
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pyarrow as pa

from anonymize.errors import SourceError
from anonymize.sources.limits import MEMORY
from policies.source import Source

Progress = Callable[[str], None]

_ROOT = str(Path(__file__).resolve().parents[2])
_BOOT = "import sys; sys.path.insert(0, sys.argv[1]); from anonymize.sources.child import main; main()"
_LARGEST = 512 << 20
"""Bytes of the largest message a child may send; a batch has 64 MiB, one row more at most."""
_PIPE = 1 << 20
"""Bytes of the pipe between the two; the usual 64 KiB wake them too often."""
_EVERY_S = 1.0


def open_source(
    path: Path,
    source: Source,
    *,
    key: bytes | None = None,
    progress: Progress | None = None,
    memory_bytes: int = MEMORY,
) -> "Reading":
    """Open the source at *path*, a file or a folder of files, and give its columns and its rows as text.

    With *key* the files are sealed ones of a vault. *memory_bytes* caps the child's address space.

    Raises:
        SourceError: the source cannot be read, or its header is at fault; while it is read, also that it is not the
            one *source* pins, mis-encoded, ragged or otherwise broken, or changed meanwhile.
    """
    return Reading(_Child("read", path, source, key, memory_bytes), progress)


def columns_of(path: Path, source: Source, *, key: bytes | None = None) -> tuple[str, ...]:
    """Name the columns of the source at *path*, in order.

    Raises:
        SourceError: the source cannot be read, or its header is at fault.
    """
    with open_source(path, source, key=key) as reading:
        return reading.columns


class Reading:
    """The rows of a source, once: `sha256` and `rows` are known when all were given."""

    def __init__(self, child: "_Child", progress: Progress | None) -> None:
        self.sha256, self.rows = "", 0
        self._child, self._progress = child, progress
        with child.faults():
            self._stream = pa.ipc.open_stream(pa.PythonFile(child.data, "r"))
        schema = self._stream.schema
        self.columns: tuple[str, ...] = tuple(schema.names)
        if any(field.type != pa.string() for field in schema) or len(set(self.columns)) < len(self.columns):
            child.close()
            raise child.astray()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the child, whether or not it is done."""
        self._child.close()

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        """Give the rows.

        Raises:
            SourceError: the source is at fault, or changed while it was read.
        """
        told = time.monotonic()
        while True:
            with self._child.faults():
                try:
                    batch, metadata = self._stream.read_next_batch_with_custom_metadata()
                except StopIteration:
                    break
                batch.validate(full=True)
            self.rows += batch.num_rows
            if self._progress is not None and time.monotonic() - told >= _EVERY_S:
                told = time.monotonic()
                share = int(metadata["read"]) / max(int(metadata["of"]), 1)
                self._progress(f"read {self.rows:,} rows, {min(share, 1):.0%} of the source")
            yield batch
        end = self._child.end()
        if end.get("rows") != self.rows:
            raise self._child.astray()
        self.sha256 = str(end["sha256"])
        if self._progress is not None:
            self._progress(f"read {self.rows:,} rows of {len(self.columns)} columns")


def ask(do: str, path: Path, source: Source, key: bytes | None = None, memory_bytes: int = MEMORY) -> Mapping[str, Any]:
    """Let a child *do* something that gives no rows, and give what it says."""
    child = _Child(do, path, source, key, memory_bytes)
    try:
        return child.end()
    finally:
        child.close()


class _Child:
    """The child process that reads, and its two pipes."""

    def __init__(self, do: str, path: Path, source: Source, key: bytes | None, memory_bytes: int) -> None:
        self._name, self._memory = str(path), memory_bytes
        control, inner = os.pipe()
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-c", _BOOT, _ROOT],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, pass_fds=(inner,),
                env={"OPENBLAS_NUM_THREADS": "1"},  # numpy's own threads would only wait
                start_new_session=True,
            )  # fmt: skip
        except BaseException:
            os.close(control)
            raise
        finally:
            os.close(inner)
        self._control = os.fdopen(control, "rb")
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with suppress(OSError):  # an account may be short of pipe pages; it works with fewer
            fcntl.fcntl(self._process.stdout, fcntl.F_SETPIPE_SZ, _PIPE)
        self.data = _Bounded(self._process.stdout)
        self._finish = weakref.finalize(self, _end, self._process, self._control)
        order = {
            "do": do, "path": str(path.absolute()), "name": self._name, "source": asdict(source),
            "key": key.hex() if key is not None else None, "memory": memory_bytes, "control": inner,
        }  # fmt: skip
        try:
            self._process.stdin.write(json.dumps(order).encode())
            self._process.stdin.close()
        except BrokenPipeError:
            pass  # it ended before it listened; `end` says why
        except BaseException:
            self.close()
            raise

    def faults(self) -> "_Faults":
        """Turn whatever goes wrong with the stream into what the child says of it."""
        return _Faults(self)

    def end(self) -> Mapping[str, Any]:
        """Wait for the child's last word, and give it.

        Raises:
            SourceError: it found a fault, or died.
        """
        self.data.release()
        last = self._control.readline(1 << 20)
        if not last:
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(5)
        self.close()
        said: Mapping[str, Any] = json.loads(last) if last.endswith(b"\n") else {"died": self._process.returncode}
        if "memory" in said or "died" in said:
            why = f"; it ended with status {said['died']}" if "died" in said else ""
            found = f"its reader needs more than {self._memory >> 20:,} MiB of memory, or failed{why}"
            fix = "Check that the file is what you expect; split it, or write it in smaller row groups."
            raise SourceError(self._name, found, fix=fix)
        if "fault" in said:
            place, found, fix = said["fault"]
            raise SourceError(place, found, fix=fix)
        return said

    def astray(self) -> SourceError:
        """Say that what the child sent is not what it should send."""
        self.close()
        return SourceError(self._name, "its reader sent no table", fix="Check that the file is what you expect.")

    def close(self) -> None:
        """End the child and wait for it."""
        self._finish()


class _Faults:
    """A broken stream means that the child has something to say, or died."""

    def __init__(self, child: _Child) -> None:
        self._child = child

    def __enter__(self) -> None:
        pass

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if isinstance(error, pa.ArrowException | OSError | ValueError):
            try:
                self._child.end()
            except SourceError as fault:
                raise fault from None
            raise self._child.astray() from None
        if error is not None:
            self._child.close()


class _Bounded:
    """The child's stream, of which no message may be larger than any batch."""

    closed = False

    def __init__(self, file: Any) -> None:
        self._file: io.BufferedReader = file

    def read(self, size: int = -1) -> bytes:
        if not 0 <= size <= _LARGEST:
            raise ValueError("a message is too large")
        return self._file.read(size)

    def close(self) -> None:
        """Stay open: the child's owner closes it."""

    def release(self) -> None:
        """Listen no more, so that a child that still sends comes to its end."""
        self._file.close()


def _end(process: "subprocess.Popen[bytes]", control: io.BufferedReader) -> None:
    process.kill()
    for pipe in (process.stdin, process.stdout, control):
        if pipe is not None:
            with suppress(BrokenPipeError):
                pipe.close()
    process.wait()
