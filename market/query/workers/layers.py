"""The layers around untrusted SQL inside a worker, and the limits every query runs under."""

from dataclasses import dataclass
from enum import StrEnum


class Layer(StrEnum):
    """One layer of protection; tests switch them off one at a time to show that the others hold."""

    NAMESPACES = "namespaces"  # user, mount, network, IPC and process namespaces; only the set's files exist
    LANDLOCK = "landlock"  # the kernel opens the set's files for reading and nothing else; no TCP
    SECCOMP = "seccomp"  # no sockets, programs, mounts or tracing
    RLIMITS = "rlimits"  # memory, open files, core dumps
    ENGINE = "engine"  # DuckDB's own lock-down
    LEAVES = "leaves"  # every leaf of the real plan is a licensed file or a literal


ALL_LAYERS = frozenset(Layer)


def confined(applied: frozenset[Layer]) -> bool:
    """Say whether files and network are out of reach by the kernel's word: either way of it is enough to serve."""
    return Layer.NAMESPACES in applied or {Layer.LANDLOCK, Layer.SECCOMP} <= applied


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one query may use. *cpu_s* counts all threads; without it, the whole of *timeout_s* on each thread."""

    memory_mb: int = 512
    threads: int = 2
    timeout_s: float = 30.0
    max_rows: int = 100_000_000
    cpu_s: float | None = None

    def __post_init__(self) -> None:
        if min(self.memory_mb, self.threads, self.timeout_s, self.max_rows) <= 0:
            raise ValueError("Limits must be above zero.")

    @property
    def cpu_budget_s(self) -> float:
        """Seconds of processor time one query may use."""
        return self.cpu_s if self.cpu_s is not None else self.timeout_s * (self.threads + 1)
