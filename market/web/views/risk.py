"""The risk card of a release: what was measured on the bytes of each edition, and on all of them together."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from market.web.views.bodies import Body, editions_in, rows_of

LEAST = 0.001
"""The left end of a gauge, a probability; its scale is logarithmic."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured value and the limit it was held to."""

    column: str
    value: float
    limit: float


@dataclass(frozen=True, slots=True)
class Gauge:
    """Where the bar ends and where the limit stands, in per cent of the gauge's width."""

    measured: float
    limit: float

    @property
    def over(self) -> bool:
        """Say whether the limit is passed."""
        return self.measured > self.limit + 1e-6

    @property
    def shown(self) -> float:
        """Where the figure is written: not past the ends."""
        return min(max(self.measured, 6), 94)

    @property
    def told(self) -> float:
        """Where the limit is written: not past the ends."""
        return min(max(self.limit, 12), 84)


@dataclass(frozen=True, slots=True)
class Left:
    """What an audit found in one column of texts, as written."""

    column: str
    characters: int
    rates: tuple[tuple[str, float], ...]
    """Type and findings per million characters."""
    known: int
    """Places where a value of the source stands."""


@dataclass(frozen=True, slots=True)
class Risk:
    """The risk of one edition."""

    profile: str
    modes: tuple[str, ...]
    rows: int
    subjects: int | None
    k: int
    k_limit: int
    highest: float
    """Prosecutor risk: of the record that is easiest to single out."""
    average: float | None
    diversity: tuple[Figure, ...]
    closeness: tuple[Figure, ...]
    suppressed: int
    suppressed_share: float
    suppression_limit: float
    waiting: int
    gauge: Gauge
    texts: tuple[Left, ...]

    @property
    def highest_limit(self) -> float:
        """The highest risk that the profile permits."""
        return 1 / self.k_limit


def risks(body: Body) -> list[Risk]:
    """Give the risk of each edition as measured on its own bytes, the finest first."""
    return [_risk(profile, told, body) for profile, told in editions_in(body).items()]


def _risk(profile: str, told: Body, body: Body) -> Risk:
    # by subjects where a subject owns several rows, else by rows: whichever is the stricter
    measured = min(told["risk"]["after"], told["risk"]["from_parquet"], key=lambda risk: int(risk["k"]))
    limits, suppression = told["profile"], told["suppression"]
    k_limit = int(limits["minimum_class_size"])
    highest = float(measured["prosecutor_risk"])
    return Risk(
        profile=profile,
        modes=tuple(limits["modes"]),
        rows=rows_of(told),
        subjects=measured.get("subjects"),
        k=measured["k"],
        k_limit=k_limit,
        highest=highest,
        average=measured.get("marketer_risk"),
        diversity=tuple(
            Figure(name, found["distinct"], limits["minimum_l"]) for name, found in sorted(measured["l"].items())
        ),
        closeness=tuple(
            Figure(name, _distance(found), limits["maximum_t"]) for name, found in sorted(measured["t"].items())
        ),
        suppressed=suppression["rows"],
        suppressed_share=suppression["rows"] / max(body["source"]["rows"], 1),
        suppression_limit=limits["suppression_limit"],
        waiting=suppression.get("waiting", 0),
        gauge=Gauge(_place(highest), _place(1 / k_limit)),
        texts=tuple(_left(name, audit) for name, audit in sorted(told.get("residual", {}).items())),
    )


def _left(name: str, audit: Body) -> Left:
    return Left(
        column=name,
        characters=audit["characters"],
        rates=tuple(sorted(audit["per_million"].items())),
        known=sum(audit["known"]["found"].values()),
    )


def _distance(found: Mapping[str, Any]) -> float:
    """Give the distance that the gate judged: the ordered one where the values have an order."""
    return float(found["equal"] if found.get("ordered") is None else found["ordered"])


def _place(risk: float) -> float:
    if risk <= LEAST:
        return 0.0
    return round(100 * min(1.0, 1 - math.log10(risk) / math.log10(LEAST)), 1)


@dataclass(frozen=True, slots=True)
class Joined:
    """The risk together with everything published of the dataset."""

    k: int
    floor: int
    counted: str
    others: int
    unmeasured: int
    weakest: tuple[str, ...]
    series: str | None
    series_k: int | None
    series_floor: int | None


def joined(raw: Mapping[str, Any]) -> Joined | None:
    """Read what a release carries; none where nothing was measured together."""
    if not raw:
        return None
    series = raw.get("series") or {}
    return Joined(
        k=raw["minimum"],
        floor=raw["floor"],
        counted=raw["counted"],
        others=len(raw["against"]),
        unmeasured=len(raw["unmeasured"]),
        weakest=tuple(raw["weakest"]),
        series=series.get("name"),
        series_k=series.get("k"),
        series_floor=series.get("floor"),
    )
