"""What an auditor must be told of, planted into a month of normal life: two of each kind, at the edge and beyond it."""

from dataclasses import dataclass
from datetime import timedelta

from catalog.ids import new_id
from market.auditing.alerts import Alert
from tests.common.month import BEGIN, FIRST, Life

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Planted:
    """One anomaly: the rule that must find it, and by whom or at which checkpoint."""

    rule: str
    who: str | None

    def found_by(self, alert: Alert) -> bool:
        """Say whether *alert* is about this."""
        witness = alert.figures.get("witness")
        return alert.rule == self.rule and self.who in (alert.actor, alert.firm, witness)


def plant(life: Life) -> list[Planted]:
    """Plant anomalies of every kind into *life*, before it is entered."""
    return [*_denials(life), *_exports(life), *_dormant(life), *_checkpoints(life)]


def _denials(life: Life) -> list[Planted]:
    """Twenty refusals in nine and a half minutes; and forty that were counted together, and entered an hour later."""
    analyst = next(firm for firm in life.firms if firm.kind == "analyst")
    stranger, program = new_id(BEGIN), new_id(BEGIN)
    at = FIRST + 12 * DAY + timedelta(hours=22)
    for number in range(20):
        life.refused(analyst, stranger, at + number * timedelta(seconds=30), "purpose-not-covered")
    minute = (FIRST + 16 * DAY).isoformat().replace("+00:00", "Z")
    counted = {"minute": minute, "count": 40, "reasons": {"unknown_column": 30, "syntax": 10}}
    life.note("query:refusals", program, program, FIRST + 16 * DAY + 60 * MINUTE, **counted)
    return [Planted("denials", stranger), Planted("denials", program)]


def _exports(life: Life) -> list[Planted]:
    """Eleven times the median of a firm whose sizes hardly differ; far beyond all before of one whose sizes do."""
    old = [firm for firm in life.firms if firm.signed_at < BEGIN + 30 * DAY and not firm.weekly_pull]
    regular = next(firm for firm in old if firm.kind == "dashboard")
    erratic = max((firm for firm in old if firm.kind == "analyst"), key=lambda firm: firm.sigma)
    largest = max(life.sizes[erratic.id])
    for firm, size, day in (
        (regular, int(11.5 * regular.median_bytes), 14),
        (erratic, max(4 * largest, 150 * erratic.median_bytes), 19),
    ):
        life.answered(firm, firm.members[0], FIRST + day * DAY + timedelta(hours=23), size)
    return [Planted("export", regular.id), Planted("export", erratic.id)]


def _dormant(life: Life) -> list[Planted]:
    """A licence used again after more than ninety days, and one never used for as long after it was signed."""
    out = []
    for name, first_use in (("sleeper", BEGIN + 3 * DAY), ("never", None)):
        firm = life.firm("occasional", f"dataset-of-{name}")
        for dataset, agreement in firm.agreements.items():
            life.note("agreement:signed", agreement, firm.members[0], BEGIN, firm=firm.id, dataset=dataset)
        for at in filter(None, (first_use, FIRST + 20 * DAY, FIRST + 20 * DAY + MINUTE)):
            life.answered(firm, firm.members[0], at, 2_000)
        out.append(Planted("dormant", firm.id))
    return out


def _checkpoints(life: Life) -> list[Planted]:
    """Ten minutes without a checkpoint while somebody works, and a witness that refuses what it is shown."""
    begins, auditor = FIRST + 21 * DAY + timedelta(hours=10), new_id(BEGIN)
    life.outages.append((begins, begins + 10 * MINUTE))
    for number in range(11):
        life.note("log:searched", "log", auditor, begins + number * MINUTE)
    for number in range(3):
        life.note("witness:refused", "witness.example", new_id(BEGIN), FIRST + 25 * DAY + number * MINUTE, status=409)
    return [Planted("checkpoint", None), Planted("witness", "witness.example")]
