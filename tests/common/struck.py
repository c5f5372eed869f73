"""A process that is really killed at a step of its own: a statement, a commit, a file that is removed."""

import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from itertools import count
from multiprocessing import get_context
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Engine

FILES = ("os.remove", "os.rename", "os.rmdir")
"""Audit events of Python, which it raises before it does so."""


def steps_of(act: Callable[[], object]) -> int:
    """Run *act* in a fork to its end; gives how many steps it takes."""
    taken: Any = get_context("fork").Value("l", 0)
    _end_of(act, lambda number: setattr(taken, "value", number + 1))
    return int(taken.value)


def struck(act: Callable[[], object], number: int, *, delay_s: float = 0.0) -> bool:
    """Run *act* in a fork and send it SIGKILL before its step *number*, or *delay_s* into it.

    Gives whether the blow fell: False where the act had ended before.
    """

    def strike(step: int) -> None:
        if step == number and delay_s:
            threading.Thread(target=_die, args=(delay_s,), daemon=True).start()
        elif step == number:
            _die()

    return _end_of(act, strike) != 0


def _end_of(act: Callable[[], object], before: Callable[[int], None]) -> int:
    """Run *act* in a fork, where *before* is called with the number of each step; gives its exit code."""
    process = get_context("fork").Process(target=_run, args=(act, before))
    process.start()
    process.join()
    assert process.exitcode in (0, -signal.SIGKILL), process.exitcode
    return process.exitcode


def _run(act: Callable[[], object], before: Callable[[int], None]) -> None:
    numbers = count()

    def step(*_: Any, **__: Any) -> None:
        before(next(numbers))

    event.listen(Engine, "before_cursor_execute", step)
    event.listen(Engine, "commit", step)
    sys.addaudithook(lambda name, _: step() if name in FILES else None)
    act()


def _die(after_s: float = 0.0) -> None:
    time.sleep(after_s)
    os.kill(os.getpid(), signal.SIGKILL)
