"""The background: where a question runs that must not make others wait.

A firm's first question at work runs in front; those it asks beside it, and any that has used `FRONT_CPU_S` of
processor time, run in the background (sched(7), SCHED_IDLE): with all the processor nobody else wants, and no more.
Linux weighs sessions before it weighs processes (sched(7), "The autogroup feature"), so workers stay in the
service's session; the terminal they leave instead.
"""

import contextlib
import fcntl
import os
import termios
from typing import Final

FRONT_CPU_S: Final = 1.0


def to_background(thread: int = 0) -> None:
    """Move *thread* (of the kernel's numbers; 0 is this one) there; those it starts later follow it."""
    os.sched_setscheduler(thread, os.SCHED_IDLE, os.sched_param(0))


def leave_terminal() -> None:
    """Give up the terminal this process may have been started from; those it forks later have none."""
    with contextlib.suppress(OSError):
        terminal = os.open("/dev/tty", os.O_RDWR | os.O_CLOEXEC)
        try:
            fcntl.ioctl(terminal, termios.TIOCNOTTY)
        finally:
            os.close(terminal)
