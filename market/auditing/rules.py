"""The figures of the anomaly rules, read from `rules.toml`, where each has its reason."""

import tomllib
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("rules.toml")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """Thresholds. Durations are whole seconds or days in the file."""

    denials: int
    denials_within: timedelta
    export_factor: int
    export_history: int
    """The deliveries that a firm must have before its median counts."""
    export_remembered: int
    """The deliveries of which the median is taken."""
    export_spread: float
    """In robust standard deviations of the logarithms of the sizes."""
    export_at_most: int
    """Beyond so many times the median, no scatter excuses a size."""
    export_twice_within: timedelta
    """Less than twice what was taken in this time before is no news."""
    export_burst: timedelta
    dormant: timedelta
    checkpoint_late: timedelta
    checkpoint_grace: timedelta
    """What an entry's own transaction may last until it is signed."""
    witness_burst: timedelta


@cache
def load() -> Rules:
    """Read the rules."""
    raw: dict[str, dict[str, Any]] = tomllib.loads(FILE.read_text("utf-8"))
    denials, export, witness = raw["denials"], raw["export"], raw["witness"]
    return Rules(
        denials=denials["count"],
        denials_within=timedelta(seconds=denials["within_s"]),
        export_factor=export["factor"],
        export_history=export["minimum_history"],
        export_remembered=export["remembered"],
        export_spread=export["spread"],
        export_at_most=export["spread_at_most"],
        export_twice_within=timedelta(days=export["twice_within_days"]),
        export_burst=timedelta(seconds=export["burst_s"]),
        dormant=timedelta(days=raw["dormant"]["days"]),
        checkpoint_late=timedelta(seconds=raw["checkpoint"]["late_s"]),
        checkpoint_grace=timedelta(seconds=raw["checkpoint"]["grace_s"]),
        witness_burst=timedelta(seconds=witness["burst_s"]),
    )
