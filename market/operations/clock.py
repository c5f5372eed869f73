"""Has the clock jumped? The clock on the wall against the one that only counts, from one look to the next.

What is old by a clock that jumped ahead is not old. After a jump, ages say nothing until an hour has truly passed.
"""

import json
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from market.operations.files import replace

JUMP = timedelta(minutes=1)
"""A smaller difference is a correction of the clock."""

UNSURE = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Reading:
    """The clock that only counts: since which start of the machine, and how far."""

    boot: str
    seconds: float


def reading() -> Reading:
    """Read it now; it goes on while the machine sleeps."""
    boot = Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
    return Reading(boot, time.clock_gettime(time.CLOCK_BOOTTIME))


def is_steady(file: Path, at: datetime, counted: Reading) -> bool:
    """Say whether the clock has not jumped within the last hour, as far as the looks noted in *file* tell."""
    jumped: float | None = None
    try:
        last = json.loads(file.read_text("ascii"))
        if last["boot"] == counted.boot:
            passed = timedelta(seconds=counted.seconds - last["seconds"])
            jumped = last["jumped"]
            if abs(at - datetime.fromisoformat(last["at"]) - passed) > JUMP:
                jumped = counted.seconds
    except (OSError, ValueError, KeyError, TypeError):
        pass  # the first look, or a damaged note of the last: begin anew
    look = {"at": at.isoformat(), "boot": counted.boot, "seconds": counted.seconds, "jumped": jumped}
    replace(file, json.dumps(look).encode("ascii"))
    return jumped is None or counted.seconds - jumped >= UNSURE.total_seconds()
