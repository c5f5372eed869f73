"""A database as an earlier version left it, with years of questions: thousands of runs, transfers and log entries.

The rows go in by SQL at revision 0004, before keys and bills had rows of their own, and say what the program of that
time would have said: the accounts come to the same, every posting is named by an entry, and the log proves itself.
"""

import hashlib
import json
import random
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, MetaData, create_engine, insert, text

from catalog.ids import new_id
from market.audit import merkle
from market.home import upgrade
from policies.canonical import canonical_json

REVISION = "0004"
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
STEP = timedelta(milliseconds=50)
PURPOSE = "DUO:0000006"
SQL = "SELECT sex, age, count(*) AS n FROM tumor GROUP BY ALL"
QUOTE = {"amount_fen": 15, "billed_bytes": 1_000_000, "columns": ["tumor.age", "tumor.sex"], "footprint_bytes": 319}
COST = {"fen": 15, "bytes": 1_000_000, "queries": 1}
EPOCH = "of an earlier process"
MOST_ROWS = 1000
STATES = {"delivered": 70, "failed": 10, "refunded": 5, "unknown": 5, "posted": 5, "reserved": 5}
"""Of a hundred runs, how many are in which state."""

PARTIES: tuple[tuple[str, dict[str, Any]], ...] = (
    ("publisher", {"id": "publisher", "name_zh": "局", "name_en": "Department"}),
    ("firm", {"id": "firm", "name": "Firm"}),
    (
        "dataset",
        {"id": "tumours", "publisher_id": "publisher", "source": "generated"}
        | dict.fromkeys(("title_zh", "title_en", "description_zh", "description_en"), "words"),
    ),
    (
        "release",
        {"id": "release", "dataset_id": "tumours", "number": 1, "state": "draft", "evidence": "{}"}
        | dict.fromkeys(("evidence_hash", "author_id", "author_key"), "words"),
    ),
    ("edition", {"id": "edition", "release_id": "release", "profile": "controlled", "rows": 600, "manifest": "hash"}),
    (
        "offer",
        {"id": "offer", "edition_id": "edition", "publisher_id": "publisher", "terms": "{}"}
        | dict.fromkeys(("terms_hash", "created_by"), "words"),
    ),
    (
        "access_request",
        {"id": "request", "offer_id": "offer", "firm_id": "firm", "purposes": "[]", "state": "approved"}
        | dict.fromkeys(("statement", "created_by"), "words"),
    ),
    (
        "agreement",
        {"id": "agreement", "request_id": "request", "publisher_id": "publisher", "firm_id": "firm"}
        | {"edition_id": "edition", "state": "active", "terms": '{"price":{"per_query_fen":10}}'}
        | dict.fromkeys(("terms_hash", "text", "text_hash", "assigner_key", "assigner_signature"), "words"),
    ),
)
"""Who asks whom, and for what; each row was made at the beginning."""


def fill(url: str, *, runs: int, seed: int) -> None:
    """Make the schema of `REVISION` in the empty database at *url*, and let as many questions have been asked there."""
    upgrade(url, REVISION)
    engine = create_engine(url)
    with engine.begin() as connection:
        _Filling(connection, random.Random(seed)).fill(runs)
    engine.dispose()


class _Filling:
    """The rows to be, and the sums that the accounts must come to."""

    def __init__(self, connection: Connection, chance: random.Random) -> None:
        self.connection, self.chance = connection, chance
        metadata = MetaData()
        metadata.reflect(connection)
        self.tables = metadata.tables
        self.rows: dict[str, list[dict[str, Any]]] = defaultdict(list)
        self.nodes: dict[tuple[int, int], bytes] = {}
        self.balance, self.reserved = Counter[str](), Counter[str]()
        self.at, self.size = BEGIN, 0
        self.money = self._account("firm", "credit", "fen"), self._account("publisher", "income", "fen")
        self.quotas = {
            unit: (self._account("agreement", "quota", unit), self._account("agreement", "used", unit))
            for unit in ("bytes", "queries", "rows")
        }

    def fill(self, runs: int) -> None:
        """Enter *runs* runs, with all that goes with them."""
        for table, row in PARTIES:
            self.rows[table].append({**row, **({"created_at": BEGIN} if "created_at" in self.tables[table].c else {})})
        for unit, (account, _) in {"fen": self.money, **self.quotas}.items():
            moved = self._move("grant", self._account("operator", "issued", unit), account, 10**10, "posted")
            self._enter("transfer:posted", moved, {"account": account, "unit": unit, "amount": 10**10})
        for number, state in enumerate(self.chance.choices(list(STATES), list(STATES.values()), k=runs)):
            self._run(number, state)
        for row in self.rows["account"]:
            if row["capped"]:
                row |= {"balance": self.balance[row["id"]], "reserved": self.reserved[row["id"]]}
        for table, rows in self.rows.items():
            self.connection.execute(insert(self.tables[table]), rows)
        self.connection.execute(text("UPDATE log_head SET size = :size"), {"size": self.size})
        resolved = (
            "posted_amount = CASE WHEN epoch = 'posted' THEN amount END, state = epoch, epoch = :epoch,"
            " resolved_at = CASE WHEN epoch <> 'pending' THEN created_at END"
        )
        self.connection.execute(text(f"UPDATE transfer SET {resolved}"), {"epoch": EPOCH})

    def _run(self, number: int, state: str) -> None:
        """Let a question be asked, and get as far as *state*."""
        self.at += STEP
        at, run = self.at, new_id(self.at)
        charged = state not in ("reserved", "failed")
        rows = self.chance.randrange(1, MOST_ROWS)
        first = "posted" if charged else "pending" if state == "reserved" else "void"
        pairs = {"fen": self.money, **self.quotas}
        paid = [self._move(run, *pairs[unit], amount, first) for unit, amount in COST.items()]
        last = {"delivered": "posted", "posted": "pending", "reserved": "pending"}.get(state, "void")
        counted = self._move(run, *pairs["rows"], rows if last == "posted" else MOST_ROWS, last)
        result = hashlib.sha256(run.encode()).hexdigest()
        done = {"rows": rows, "result_hash": result, "result_format": "csv"} if state == "delivered" else {}
        self.rows["query_run"].append(
            {
                "id": run,
                "agreement_id": "agreement",
                "edition_id": "edition",
                "member_id": "member",
                "purpose": PURPOSE,
                "key": f"key-{number}",
                "question_hash": hashlib.sha256(f"question {number}".encode()).hexdigest(),
                "sql": SQL,
                "quote": json.dumps(QUOTE, sort_keys=True, separators=(",", ":")),
                "state": state,
                "epoch": EPOCH,
                "created_at": at,
                "posted_at": at if charged else None,
                **dict.fromkeys(("rows", "result_hash", "result_format")),
                **done,
                "failure": "a test" if state in ("failed", "refunded") else None,
            }
        )
        if charged:
            known = {name: QUOTE[name] for name in ("amount_fen", "billed_bytes", "columns")}
            told = {"agreement": "agreement", "firm": "firm", "edition": "edition", "sql": "hash", "purpose": PURPOSE}
            self._enter("query:answered", run, {**told, **known, "transfers": paid})
        if state == "delivered":
            told = {"rows": rows, "sha256": result, "bytes": rows, "format": "csv", "status": "complete"}
            self._enter("query:delivered", run, {**told, "transfers": [counted]})
        elif state == "refunded":
            back = [self._move(run, *pairs[unit][::-1], amount, "posted") for unit, amount in COST.items()]
            self._enter("query:refunded", run, {"reason": "a test", "transfers": back})
        elif state in ("failed", "unknown"):
            self._enter("query:failed" if state == "failed" else "query:delivery-unknown", run, {})

    def _move(self, cause: str, debit: str, credit: str, amount: int, state: str) -> str:
        """Make a transfer; it is born pending, and becomes in the end what its epoch says here."""
        row = {"id": new_id(self.at), "debit": debit, "credit": credit, "amount": amount, "cause": cause}
        later = {"posted_amount": None, "resolved_at": None, "expires_at": self.at + timedelta(minutes=15)}
        self.rows["transfer"].append({**row, **later, "state": "pending", "epoch": state, "created_at": self.at})
        if state == "posted":
            self.balance[debit] -= amount
            self.balance[credit] += amount
        elif state == "pending":
            self.reserved[debit] += amount
        return str(row["id"])

    def _account(self, owner: str, kind: str, unit: str) -> str:
        row = {"id": new_id(self.at), "owner": owner, "kind": kind, "unit": unit, "capped": kind in ("credit", "quota")}
        self.rows["account"].append({**row, "balance": 0, "reserved": 0})
        return str(row["id"])

    def _enter(self, action: str, subject: str, details: dict[str, Any]) -> None:
        """Append an entry, and the nodes that it completes."""
        told = {"action": action, "subject": subject, "by": "member"}
        body = canonical_json({**told, "at": self.at, "details": details})
        self.rows["log_entry"].append({**told, "seq": self.size, "at": self.at, "body": body})
        for level, position, digest in merkle.completed(self.size, merkle.leaf_hash(body), self._node):
            self.nodes[level, position] = digest
            self.rows["log_node"].append({"level": level, "position": position, "hash": digest})
        self.size += 1

    def _node(self, level: int, position: int) -> bytes:
        return self.nodes[level, position]
