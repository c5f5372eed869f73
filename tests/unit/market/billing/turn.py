"""The turn of a year in the books of two firms: every way to price, pay and give back, drawn by a seed."""

import random
from dataclasses import dataclass, field
from datetime import timedelta

from market.billing import invoices
from market.billing.models import Level
from market.query.verdicts import Denied
from policies.calendar import Month, day_of
from policies.pricing import Price
from policies.terms import Purpose
from tests.common.books import Books, begins

MONTHS = (Month(2026, 12), Month(2027, 1))
PURPOSES = (Purpose.HEALTH_RESEARCH, Purpose.METHODS_DEVELOPMENT)
FREE = (Purpose.METHODS_DEVELOPMENT,)
PRICES = (
    Price(per_query_fen=997, free_purposes=FREE),
    Price(per_query_fen=801, per_gb_fen=5000, monthly_maximum_fen=2000),
    Price(per_query_fen=101, flat_monthly_fen=3333, monthly_maximum_fen=3600),
    Price(flat_monthly_fen=2501),
)
FIRMS = ("licensee", "rival")


@dataclass
class Turn:
    """What was done."""

    books: Books
    agreements: dict[str, list[str]] = field(default_factory=dict)
    programmes: list[str] = field(default_factory=list)
    open_runs: list[tuple[str, str]] = field(default_factory=list)
    asked: int = 0
    denied: int = 0
    refunded: int = 0


def play(books: Books, seed: int, *, questions: int = 30) -> Turn:
    """Ask so many *questions* around midnight of the last day of the year, refund some at once and some later."""
    chance, turn = random.Random(seed), Turn(books)
    books.set_clock(begins(2026, 12, 29))
    books.firm("rival")
    turn.programmes = [
        books.programme(fund_fen=1501),
        books.programme(level=Level.DISTRICT, share_bp=3333, fund_fen=20_000, firm_year_cap_fen=1777),
        books.programme(level=Level.PARTNER, share_bp=900),
    ]
    for name in FIRMS:
        turn.agreements[name] = [books.agree(price, by=name, purposes=PURPOSES) for price in PRICES]
        books.credit(9000, of=name)
        for programme in turn.programmes:
            books.admit(programme, firm=name)
    books.limit(60_000, of="rival")
    for number in range(12):  # something of everything, whatever the seed
        run, _ = books.ask(turn.agreements["rival"][number % 4], f"first {number}", by="rival", settled=number > 3)
        if number < 4:
            turn.open_runs.append((run, "rival"))
    for number in range(questions):
        if number == questions // 2:
            books.set_clock(begins(2027, 1))
        _step(turn, chance, number)
    for run, by in turn.open_runs:
        books.give_up(run, by=by)
        turn.refunded += 1
    books.set_clock(begins(2027, 2) + timedelta(hours=2))
    for month in MONTHS:
        with books.world.writing() as session:
            at = books.world.now()
            invoices.issue(session, month, due_on=day_of(at) + timedelta(days=30), by=books.admin, at=at)
    return turn


def _step(turn: Turn, chance: random.Random, number: int) -> None:
    books, by = turn.books, chance.choice(FIRMS)
    agreement, purpose = chance.choice(turn.agreements[by]), chance.choice((*PURPOSES, *PURPOSES[:1] * 3))
    fate = chance.random()
    try:
        run, _ = books.ask(agreement, f"k{number}", by=by, purpose=purpose, settled=fate >= 0.3)
    except Denied:
        turn.denied += 1
        return
    turn.asked += 1
    if fate < 0.1:
        books.give_up(run, by=by)
        turn.refunded += 1
    elif fate < 0.3:
        turn.open_runs.append((run, by))
