"""The throw-away process in which a source is read: capped, and gone when the source is read or found at fault.

It is told on standard input what to read, sends an Arrow stream on standard output, and says on a pipe of its own how
it went: the hash and the rows, or the place, the finding and the fix. Nothing it says holds a cell.
"""

import json
import os
import resource
import select
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from policies.source import Source

Say = Callable[[Mapping[str, Any]], None]
LONGEST = 2000
"""Characters of any part of a fault."""


def main() -> None:
    """Read what standard input asks for."""
    order = json.load(sys.stdin)
    _confine(order["memory"])
    control = os.fdopen(order["control"], "w")
    threading.Thread(target=_end_with_whoever_asked, args=[order["control"]], daemon=True).start()

    def say(message: Mapping[str, Any]) -> None:
        control.write(json.dumps(message) + "\n")
        control.flush()

    from anonymize.errors import AnonymizeError

    try:
        _obey(order, say)
    except AnonymizeError as error:
        say({"fault": [str(part)[:LONGEST] for part in (error.place, error.found, error.fix)]})
    except MemoryError:
        say({"memory": True})
    except BrokenPipeError:
        pass  # nobody listens any more
    except Exception as error:  # the message of a library may hold a cell
        found = f"cannot be read as {order['source']['format']} ({type(error).__name__})"
        say({"fault": [order["name"], found, "Check the format under [source] in the plan, or export it again."]})
    finally:
        os._exit(0)  # threads that still parse are of no use to anybody


def _confine(memory: int) -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))


def _end_with_whoever_asked(control: int) -> None:
    """End as soon as nobody holds the other end of the pipe, in the middle of whatever is done."""
    poll = select.poll()
    poll.register(control, select.POLLERR)
    poll.poll()
    os._exit(0)


def _obey(order: Mapping[str, Any], say: Say) -> None:
    from policies.source import Source

    source = Source(**order["source"])
    key = bytes.fromhex(order["key"]) if order["key"] else None
    if order["do"] == "sniff":
        from anonymize.sources.sniff import sniffed

        say({"sniffed": sniffed(Path(order["path"]), order["name"], key)})
        return
    _read(order, source, key, say)


def _read(order: Mapping[str, Any], source: "Source", key: bytes | None, say: Say) -> None:
    import pyarrow as pa

    from anonymize.sources.feed import schema_of
    from anonymize.sources.files import Files

    out = os.fdopen(os.dup(1), "wb", buffering=1 << 20)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nowhere, descriptor)
    files = Files.open(Path(order["path"]), order["name"], source, key)
    rows = 0
    with pa.ipc.new_stream(pa.PythonFile(out, "w"), schema_of(files.columns)) as stream:
        out.flush()
        for batch in files.batches():
            stream.write_batch(batch, custom_metadata={"read": str(files.done), "of": str(files.size)})
            rows += batch.num_rows
        sha256 = files.settle()
    out.flush()
    say({"sha256": sha256, "rows": rows})
