"""The JSON interface and the Python client, against the real service in a process of its own."""

import json
import os
import signal
import socket
import threading
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from market.client import Client, Incomplete, Job, JobFailed, Refused, Unavailable, connect
from market.parties import tokens
from market.query import receipts
from tests.common.market_world import PURPOSE, ROWS, Market, copied, now
from tests.common.served import Served, served, token_of
from tests.common.served_fixtures import client, market, service, token
from tests.soak.crash import descendants

__all__ = ["client", "market", "service", "token"]

SMALL = "SELECT sex, count(*) AS n FROM tumor GROUP BY sex ORDER BY sex"
LARGE = "SELECT t.*, r.range AS n FROM tumor t, range(1000) r"


def asked(market: Market, sql: str = SMALL, **more: str) -> dict[str, str]:
    return {"agreement": market.facts.agreement, "purpose": PURPOSE.value, "sql": sql, **more}


def under(market: Market) -> dict[str, str]:
    return {"agreement": market.facts.agreement, "purpose": PURPOSE.value}


def test_a_quote_costs_nothing_and_is_the_bill(market: Market, client: Client) -> None:
    before = market.balance()
    quote = client.quote(SMALL, **under(market))
    assert market.balance() == before
    answer = client.query(SMALL, **under(market))
    assert answer.list_fen == quote.amount_fen > 0
    table = answer.to_arrow()
    assert sum(table["n"].to_pylist()) <= ROWS
    assert market.balance() == before - quote.amount_fen


def test_values_go_beside_the_statement_and_a_quote_with_them_is_the_bill(market: Market, client: Client) -> None:
    sql = "SELECT sex, count(*) AS n FROM tumor WHERE sex = $sex GROUP BY sex"
    quote = client.quote(sql, **under(market), parameters={"sex": "2"})
    answer = client.query(sql, **under(market), parameters={"sex": "2"})
    assert answer.to_arrow()["sex"].to_pylist() == ["2"]
    assert answer.list_fen == quote.amount_fen
    assert client.query(sql.replace("$sex", "?"), **under(market), parameters=["1"]).to_arrow()["sex"].to_pylist() == [
        "1"
    ]
    for wrong in ({}, {"sex": "1", "other": 1}, {"sex": [1]}):
        with pytest.raises(Refused):
            client.query(sql, **under(market), parameters=wrong)


def test_a_long_question_takes_values(market: Market, client: Client) -> None:
    job = client.submit("SELECT $n AS n, count(*) AS c FROM tumor", **under(market), parameters={"n": 7})
    assert job.wait(timeout_s=30).to_arrow()["n"].to_pylist() == [7]


def test_the_receipt_proves_itself(market: Market, client: Client) -> None:
    answer = client.query(SMALL, **under(market))
    answer.to_arrow()
    receipt = answer.receipt()
    assert receipt.status == "complete"
    assert receipt.amount_fen == answer.list_fen
    assert receipts.check(receipt.document, market.facts.log_key) == []


def test_a_large_answer_arrives_batch_by_batch(market: Market, client: Client) -> None:
    seen: list[int] = []
    answer = client.query(LARGE, **under(market), progress=seen.append)
    batches = list(answer.batches())
    assert len(batches) > 1
    assert sum(batch.num_rows for batch in batches) == seen[-1]
    assert seen == sorted(seen)


def test_tables_come_as_arrow_and_as_data_frames_where_those_are_installed(market: Market, client: Client) -> None:
    table = client.query(SMALL, **under(market)).to_arrow()
    assert table.schema.field("n").type == pa.int64()
    for module, form in (("pandas", "to_pandas"), ("polars", "to_polars")):
        try:
            __import__(module)
        except ImportError:
            with pytest.raises(ImportError):
                getattr(client.query(SMALL, **under(market)), form)()
        else:
            assert len(getattr(client.query(SMALL, **under(market)), form)()) == table.num_rows


@pytest.mark.parametrize("format_", ["csv", "json", "arrow", "parquet"])
def test_each_format_comes_with_its_type_and_its_price(
    market: Market, service: Served, token: str, format_: str
) -> None:
    status, headers, body = service.call("POST", "/api/v1/queries", asked(market, format=format_), token=token)
    assert status == 200
    assert body
    assert int(headers["Sluice-List-Fen"]) > 0
    assert "no-store" in headers["Cache-Control"]


def test_the_same_key_is_the_same_question(market: Market, service: Served, token: str) -> None:
    before = market.balance()
    first = service.call("POST", "/api/v1/queries", asked(market), token=token, Idempotency_Key="same")
    assert first[0] == 200
    paid = before - market.balance()
    again = service.call("POST", "/api/v1/queries", asked(market), token=token, Idempotency_Key="same")
    other = service.call("POST", "/api/v1/queries", asked(market, LARGE), token=token, Idempotency_Key="same")
    assert again[2] == first[2]
    assert again[1]["Sluice-Query"] == first[1]["Sluice-Query"]
    assert len(market.entries("answer:given-again", subject=first[1]["Sluice-Query"])) == 1
    csv = service.call("POST", "/api/v1/queries", asked(market, format="csv"), token=token, Idempotency_Key="same")
    assert (csv[0], json.loads(csv[2])["error"]["code"]) == (409, "already-delivered")
    assert (other[0], json.loads(other[2])["error"]["code"]) == (422, "key-reused")
    assert before - market.balance() == paid


@pytest.mark.parametrize(
    ("sql", "status", "code"),
    [
        ("SELECT * FROM elsewhere", 400, "table_refused"),
        ("DELETE FROM tumor", 400, "not_a_select"),
        ("SELECT nothing FROM tumor", 400, "unknown_column"),
        ("SELECT current_setting('threads')", 400, "function_refused"),
        ("SELECT error('x') FROM tumor", 400, "function_refused"),
        ("SELECT 'x'::INTEGER FROM tumor", 422, "value_error"),
    ],
)
def test_a_refusal_says_which_rule_and_what_to_write_instead(
    market: Market, service: Served, token: str, sql: str, status: int, code: str
) -> None:
    found, _, body = service.call("POST", "/api/v1/queries", asked(market, sql), token=token)
    error = json.loads(body)["error"]
    assert (found, error["code"]) == (status, code)
    assert error["fix"]


def test_the_client_raises_what_the_service_refuses(market: Market, client: Client) -> None:
    with pytest.raises(Refused) as refused:
        client.query("SELECT * FROM elsewhere", **under(market))
    assert (refused.value.status, refused.value.code, refused.value.position) == (400, "table_refused", 14)


def test_who_has_no_living_token_gets_nothing(market: Market, service: Served, token: str) -> None:
    with market.open() as home:
        member = market.asker(home).id
        with home.database.writing() as session:
            revoked = tokens.issue(session, member=member, name="r", lasts=timedelta(days=1), at=now())
            expired = tokens.issue(
                session, member=member, name="e", lasts=timedelta(days=1), at=now() - timedelta(days=2)
            )
        with home.database.writing() as session:
            tokens.revoke(session, revoked.id, member=member, at=now())
    bad = [
        None,
        "",
        "x",
        revoked.text,
        expired.text,
        token[:-1],
        token[:-1] + "!",
        f"{token}x",
        token_of(market, "steward"),
    ]
    for text in bad:
        for method, path in (("POST", "/quotes"), ("POST", "/queries"), ("GET", "/usage"), ("GET", "/agreements")):
            status, headers, _ = service.call(method, f"/api/v1{path}", asked(market), token=text)
            assert status == 401, (text, path)
            assert headers["WWW-Authenticate"].startswith("Bearer")


def test_a_cookie_is_no_credential(market: Market, service: Served, token: str) -> None:
    status, _, _ = service.call("GET", "/api/v1/usage", token=token, Cookie="session=x")
    assert status == 400


def test_another_firms_things_do_not_exist(market: Market, service: Served, client: Client) -> None:
    rival = token_of(market, "rival")
    answer = client.query(SMALL, **under(market))
    answer.to_arrow()
    assert service.call("POST", "/api/v1/queries", asked(market), token=rival)[0] == 404
    assert service.call("GET", f"/api/v1/queries/{answer.query}/receipt", token=rival)[0] == 404
    assert service.call("DELETE", f"/api/v1/queries/{answer.query}", token=rival)[0] == 404
    listed = json.loads(service.call("GET", "/api/v1/agreements", token=rival)[2])["agreements"]
    assert [one["agreement"] for one in listed] == [market.facts.rival_agreement]


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b'"x"', b"{}", b'{"sql": 3}', b"\xff\xfe", json.dumps({"sql": "x" * 300_000}).encode()],
)
def test_a_body_that_is_none_is_refused_with_the_field(service: Served, token: str, body: bytes) -> None:
    status, _, answer = service.call("POST", "/api/v1/queries", body, token=token)
    assert status in (400, 413)
    assert json.loads(answer)["error"]["fix"]


def test_unknown_routes_and_methods_answer_in_json(service: Served, token: str) -> None:
    for method, path in (("GET", "/api/v1/queries"), ("PUT", "/api/v1/quotes"), ("POST", "/api/v1/none")):
        status, _, body = service.call(method, path, token=token)
        assert status == 404
        assert json.loads(body)["error"]["code"] == "not-found"


def test_usage_warns_at_its_levels(client: Client) -> None:
    usage = {one["unit"]: one for one in client.usage()}
    assert set(usage) == {"bytes", "rows", "queries"}
    assert all(one["used"] + one["left"] == one["granted"] for one in usage.values())
    assert all(one["warning"] is None for one in usage.values())


def test_agreements_tell_terms_and_columns(market: Market, client: Client) -> None:
    (agreement,) = client.agreements()
    assert agreement["agreement"] == market.facts.agreement
    assert {"name": "sex", "type": "VARCHAR"} in agreement["columns"]


def test_a_reader_who_goes_away_is_charged_and_leaves_no_question_open(
    market: Market, service: Served, token: str
) -> None:
    before = len(market.entries("query:delivered", status="cancelled"))
    host, port = service.url.removeprefix("http://").split(":")
    body = json.dumps(asked(market, LARGE, format="csv")).encode()
    with socket.create_connection((host, int(port))) as connection:
        head = f"POST /api/v1/queries HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\n"
        head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        connection.sendall(head.encode() + body)
        assert connection.recv(100).startswith(b"HTTP/1.1 200")
    waited = threading.Event()
    for _ in range(100):
        if len(market.entries("query:delivered", status="cancelled")) > before:
            break
        waited.wait(0.1)
    else:
        raise AssertionError("the question is still open")
    assert market.faults() == []


def test_an_answer_that_breaks_off_is_seen_and_asked_again_at_no_charge(tmp_path: Path, market: Market) -> None:
    """The service is killed in mid-stream; its successor answers under the same key."""
    own = copied(tmp_path / "market")
    token = token_of(own)
    with served(own) as first:
        answer = connect(first.url, token).query(LARGE, **under(own), key="again")
        batches = answer.batches()
        next(batches)
        for pid in (first.pid, *descendants(first.pid)):
            os.kill(pid, signal.SIGKILL)
        with pytest.raises(Incomplete):
            list(batches)
    paid = own.balance()
    with served(own) as second:
        table = connect(second.url, token).query(LARGE, **under(own), key="again").to_arrow()
        assert table.num_rows > 0
        assert own.balance() == paid
    assert own.faults() == []


def test_many_clients_at_once_are_all_answered(market: Market, service: Served, token: str) -> None:
    failures: list[BaseException] = []

    def one(number: int) -> None:
        try:
            client = connect(service.url, token)
            for step in range(3):
                client.query(SMALL, **under(market), key=f"many-{number}-{step}").to_arrow()
        except BaseException as error:  # told in the test's own thread
            failures.append(error)

    threads = [threading.Thread(target=one, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert market.faults() == []


def test_a_long_question_is_answered_later_and_fetched_for_one_price(market: Market, client: Client) -> None:
    before = market.balance()
    job = client.submit(SMALL, **under(market), key="a job")
    assert client.submit(SMALL, **under(market), key="a job").id == job.id
    first = job.wait(timeout_s=60)
    table = first.to_arrow()
    again = job.wait(timeout_s=60)
    assert again.to_arrow() == table
    assert again.query == first.query
    assert before - market.balance() == first.list_fen
    assert first.receipt().status == "complete"


def test_a_long_question_that_is_refused_says_why(market: Market, client: Client) -> None:
    with pytest.raises(JobFailed) as failed:
        client.submit("SELECT * FROM elsewhere", **under(market)).wait(timeout_s=60)
    assert failed.value.failure == "table_refused"


def test_a_long_question_can_be_stopped(market: Market, client: Client) -> None:
    endless = "SELECT count(*) FROM range(100000000000) a, range(1000) b"
    job = client.submit(endless, **under(market))
    job.cancel()
    with pytest.raises(JobFailed):
        stop(job)


def stop(job: Job) -> None:
    """Stop a job, whether it waits or runs, and wait for its end."""
    for _ in range(100):
        job.cancel()
        with suppress(Unavailable):
            job.wait(timeout_s=0.2)


def test_another_firms_job_does_not_exist(market: Market, service: Served, client: Client) -> None:
    job = client.submit(SMALL, **under(market))
    rival = token_of(market, "rival")
    for method, path in (("GET", ""), ("GET", "/result"), ("DELETE", "")):
        assert service.call(method, f"/api/v1/jobs/{job.id}{path}", token=rival)[0] == 404
