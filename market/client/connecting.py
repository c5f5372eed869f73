"""Connect to a service: the address, a token, and the questions."""

import json
import secrets
from http.client import HTTPResponse
from pathlib import Path
from typing import Any, Unpack
from urllib.parse import quote as quoted

import pyarrow as pa

from market.client.answers import Answer, Progress, Receipt
from market.client.asking import Asking, body_of
from market.client.calling import Caller
from market.client.jobs import Job
from market.client.pulling import Pulled, Told, pull
from market.client.quotes import Quote

TIMEOUT_S = 120.0


def connect(url: str, token: str, *, timeout_s: float = TIMEOUT_S) -> "Client":
    """Make a client of the service at *url*, with a token of `sluice token issue`. Nothing is sent yet."""
    return Client(Caller(url, token, timeout_s=timeout_s))


class Client:
    """Asks one service in one member's name."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    def quote(self, sql: str | None = None, **asking: Unpack[Asking]) -> Quote:
        """Ask what *sql* would touch and cost, under one agreement or several. It reads no data and costs nothing."""
        said = self._caller.read("POST", "/quotes", body_of(sql, **asking))
        priced = said["quote"]
        return Quote(
            columns=tuple(priced["columns"]),
            billed_bytes=priced["billed_bytes"],
            amount_fen=priced["amount_fen"],
            monthly_fen_due=said["monthly_fen_due"],
            agreements=tuple(said.get("agreements", ())),
        )

    def query(
        self,
        sql: str | None = None,
        *,
        key: str | None = None,
        progress: Progress | None = None,
        **asking: Unpack[Asking],
    ) -> Answer:
        """Ask *sql*; gives the answer when its first rows are there.

        It is asked under one *agreement*, or under several that allow joins: *agreements* are each `ID`, or `NAME=ID`
        where the statement calls its table NAME.

        A template of the agreement, or a question that your firm keeps, is *named* instead.

        *parameters* are values for its ``$name``, or for its ``?`` in their order; they are never part of its text.

        The *key* makes trying again safe: one is drawn where none is given, and every try of this call carries it. Give
        your own to ask again after this program was ended.
        """
        return Answer(self._ask("/queries", body_of(sql, **asking), key), self.receipt, progress)

    def submit(self, sql: str | None = None, *, key: str | None = None, **asking: Unpack[Asking]) -> Job:
        """Submit a long question; its answer is kept for a day."""
        with self._ask("/jobs", body_of(sql, **asking), key) as response:
            return Job(self._caller, json.loads(response.read())["job"]["id"], self.receipt)

    def pull(self, folder: str | Path, *, agreement: str, purpose: str, progress: Told | None = None) -> Pulled:
        """Pull all files of *agreement* into *folder*, priced as reading all of it; each is checked by its hash.

        Stopped, it goes on where it was when it is called again with the same folder, at no further charge.
        """
        return pull(self._caller, Path(folder), agreement, purpose, self.receipt, progress)

    def try_out(self, sql: str, *, dataset: str) -> pa.Table:
        """Try *sql* on the mock table of a dataset: free, without an agreement; no row is of a person."""
        body = {"dataset": dataset, "sql": sql, "format": "arrow"}
        with self._caller.call("POST", "/trials", body) as response:
            return pa.ipc.open_stream(response.read()).read_all()

    def templates(self, agreement: str) -> list[dict[str, Any]]:
        """List the templates that may be asked under an agreement, with the types of their parameters."""
        path = f"/agreements/{quoted(agreement, safe='')}/templates"
        found: list[dict[str, Any]] = self._caller.read("GET", path)["templates"]
        return found

    def saved(self) -> dict[str, str]:
        """Give what your firm keeps: name → SQL."""
        return {row["name"]: row["sql"] for row in self._caller.read("GET", "/saved")["saved"]}

    def save(self, name: str, sql: str) -> None:
        """Keep *sql* under *name*; a name that is taken is given the new question."""
        self._caller.read("POST", "/saved", {"name": name, "sql": sql})

    def forget(self, name: str) -> None:
        """Forget the question of that name."""
        self._caller.read("DELETE", f"/saved/{quoted(name, safe='')}")

    def receipt(self, query: str) -> Receipt:
        """Get the receipt of an answered question."""
        return Receipt(self._caller.read("GET", f"/queries/{quoted(query, safe='')}/receipt"))

    def cancel(self, query: str) -> None:
        """Stop a question that is being answered; it is charged, as it had begun."""
        self._caller.read("DELETE", f"/queries/{quoted(query, safe='')}")

    def agreements(self) -> list[dict[str, Any]]:
        """List your firm's agreements: terms, and the columns of their tables."""
        found: list[dict[str, Any]] = self._caller.read("GET", "/agreements")["agreements"]
        return found

    def usage(self) -> list[dict[str, Any]]:
        """Say how much of each quota is used, and which level of warning is reached."""
        found: list[dict[str, Any]] = self._caller.read("GET", "/usage")["usage"]
        return found

    def _ask(self, path: str, body: dict[str, Any], key: str | None) -> HTTPResponse:
        headers = {"Idempotency-Key": key or secrets.token_urlsafe(18)}
        return self._caller.call("POST", path, {**body, "format": "arrow"}, headers=headers)
