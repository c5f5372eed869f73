"""A licence and its use: offer → request → agreement, the price before, rows and receipt after, and what is refused."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime

from market.demo.cast import Cast
from market.demo.releasing import Released
from market.demo.stage import Stage, Surprise
from policies.calendar import Month

PURPOSE = "DUO:0000006"
QUESTION = "SELECT grade, count(*) AS patients, round(avg(death), 3) AS died FROM tumor GROUP BY grade ORDER BY grade"


@dataclass(frozen=True, slots=True)
class Licence:
    """An agreement in force, and what one answer under it cost."""

    agreement: str
    fen: int
    refusals: int

    @property
    def asked(self) -> tuple[str, ...]:
        """The words that ask under it."""
        return ("--agreement", self.agreement, "--purpose", PURPOSE)


def license_and_ask(stage: Stage, released: Released, cast: Cast) -> Licence:
    """License the controlled edition to the firm, ask a question, and check the bill."""
    agreement = _agree(stage, released)
    receipt = stage.folder / "receipt.json"
    asked = ("--agreement", agreement, "--purpose", PURPOSE)
    quote = stage.run("quote", *asked, QUESTION, by="licensee")
    stage.say(f"quote: {quote['amount_fen']} fen for {quote['billed_bytes']:,} bytes of {', '.join(quote['columns'])}")
    answer = stage.run("query", *asked, QUESTION, "--receipt", str(receipt), by="licensee")
    for row in answer["rows"]:
        stage.say(json.dumps(row, ensure_ascii=False))
    bill = answer["bill"]
    if {**answer["quote"], "monthly_fen_due": 0} != quote or bill["list_fen"] != quote["amount_fen"]:
        raise Surprise("the bill is not the quote")
    paid = sum(part["amount_fen"] for part in bill["vouchers"])
    stage.say(f"bill: {bill['list_fen']} fen, of which the city's voucher pays {paid} and the firm {bill['net_fen']}")
    month = ("--month", str(Month.of(datetime.now(UTC))))
    stage.run("ledger", "focus", *month, "-o", str(stage.folder / "bill.csv"), by="licensee")
    stage.run("receipt", "verify", str(receipt), "--log-key", cast.log_key)
    stage.run("ledger", "balance", by="licensee")
    stage.say("what the agreement does not grant is refused, costs nothing, and says why:")
    refusals = [
        stage.refused("query", "--agreement", agreement, "--purpose", "DUO:0000042", QUESTION, by="licensee"),
        stage.refused("query", *asked, "SELECT * FROM read_csv('/etc/passwd')", by="licensee"),
        stage.refused("query", *asked, "SELECT patient_name FROM tumor", by="licensee"),
    ]
    return Licence(agreement, int(quote["amount_fen"]), len(refusals))


def _agree(stage: Stage, released: Released) -> str:
    """Go from an offer to an agreement signed by both sides; gives its identifier."""
    offer = stage.run(
        *("offer", "make", released.editions["controlled"], "--table", "tumor", "--purpose", PURPOSE),
        *("--queries", "100", "--bytes", "1000000000", "--rows", "1000000"),
        *("--per-query-fen", "10", "--per-gb-fen", "5000"),
        by=released.exhibit.steward,
    )["offer"]
    statement = "Survival models for a decision aid"
    asked = stage.run("agreement", "request", offer, "--purpose", PURPOSE, "--statement", statement, by="licensee")
    drawn = stage.run("agreement", "approve", asked["request"], by=released.exhibit.steward)
    stage.run("agreement", "sign", drawn["agreement"], by="licensee")
    return str(drawn["agreement"])
