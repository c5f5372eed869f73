"""Over HTTP and in the client: all files of an agreement, questions by name, several agreements, mock tables."""

import hashlib
import json
import os
import signal
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from catalog import releases, withdrawal
from catalog.errors import NotFound
from catalog.previews import enter_preview, make_preview
from market.client import Client, PullError, Refused, connect
from market.ledger.models import Kind, Unit
from market.query import fetching, library, pulls, receipts
from policies.profile import Mode
from policies.terms import Action
from tests.common.market_world import PURPOSE, QUOTA, Market, copied, now
from tests.common.served import Served, served, token_of
from tests.common.served_fixtures import client, market, service, token

__all__ = ["client", "market", "service", "token"]

EVERYTHING = 'FROM "tumor"'


def under(market: Market, agreement: str | None = None) -> dict[str, str]:
    return {"agreement": agreement or market.facts.agreement, "purpose": PURPOSE.value}


def test_all_files_arrive_for_the_price_that_was_quoted(market: Market, client: Client, tmp_path: Path) -> None:
    quote = client.quote(EVERYTHING, **under(market))
    before, rows = market.balance(), market.balance(market.facts.agreement, Kind.QUOTA, Unit.ROWS)
    told: list[tuple[int, int]] = []
    done = client.pull(tmp_path / "out", **under(market), progress=lambda *seen: told.append(seen))
    assert before - market.balance() == quote.amount_fen == done.list_fen == done.net_fen
    assert rows - market.balance(market.facts.agreement, Kind.QUOTA, Unit.ROWS) == done.rows
    assert sum(pq.read_metadata(path).num_rows for path in done.files) == done.rows
    assert told[-1] == (done.size_bytes, done.size_bytes)
    receipt = done.receipt()
    assert (receipt.status, receipt.amount_fen) == ("complete", quote.amount_fen)
    assert receipts.check(receipt.document, market.facts.log_key) == []
    whole = hashlib.sha256(b"".join(path.read_bytes() for path in done.files)).hexdigest()
    assert receipt.document["sha256"] == whole
    assert market.faults() == []


def test_a_pull_is_taken_up_where_it_was_stopped_and_paid_once(market: Market, client: Client, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    first = client.pull(folder, **under(market))
    paid, path = market.balance(), first.files[0]
    whole = path.read_bytes()
    path.rename(path.with_suffix(".partial"))
    path.with_suffix(".partial").write_bytes(whole[: len(whole) // 2])
    came: list[int] = []
    again = client.pull(folder, **under(market), progress=lambda done, of: came.append(done))
    assert (again.query, path.read_bytes() == whole) == (first.query, True)
    assert came[0] > len(whole) // 2
    path.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    client.pull(folder, **under(market))
    assert path.read_bytes() == whole
    path.unlink()
    path.with_suffix(".partial").write_bytes(b"x" * 10)
    with pytest.raises(PullError, match="not what was published"):
        client.pull(folder, **under(market))
    client.pull(folder, **under(market))
    assert path.read_bytes() == whole
    assert market.balance() == paid
    assert len(market.entries("answer:given-again", subject=first.query)) == 4
    with pytest.raises(PullError, match="another agreement"):
        client.pull(folder, **under(market, "another"))
    (tmp_path / "mine.txt").write_text("x")
    with pytest.raises(PullError, match="not empty"):
        client.pull(tmp_path, **under(market))
    assert market.faults() == []


def test_parts_of_a_file_are_given_as_they_are_asked_for(market: Market, service: Served, token: str) -> None:
    _, _, body = service.call("POST", "/api/v1/pulls", under(market), token=token, Idempotency_Key="parts")
    pull = json.loads(body)["pull"]
    path = f"/api/v1/pulls/{pull['query']}/files/{pull['files'][0]['sha256']}"
    status, headers, whole = service.call("GET", path, token=token)
    assert (status, headers["Accept-Ranges"], len(whole)) == (200, "bytes", pull["files"][0]["size_bytes"])
    assert hashlib.sha256(whole).hexdigest() == pull["files"][0]["sha256"]
    status, headers, part = service.call("GET", path, token=token, Range="bytes=10-19")
    assert (status, part) == (206, whole[10:20])
    assert headers["Content-Range"] == f"bytes 10-19/{len(whole)}"
    assert service.call("GET", path, token=token, Range=f"bytes={len(whole)}-")[0] == 416
    assert service.call("GET", path[:-1] + "x", token=token)[0] == 404
    assert service.call("GET", path)[0] == 401
    assert service.call("GET", path, token=token_of(market, "rival"))[0] == 404
    sql = f"/api/v1/pulls/{client_query(service, market, token)}/files/{pull['files'][0]['sha256']}"
    assert service.call("GET", sql, token=token)[0] == 404


def client_query(service: Served, market: Market, token: str) -> str:
    answer = connect(service.url, token).query("SELECT count(*) AS n FROM tumor", **under(market))
    answer.to_arrow()
    return answer.query


def test_files_of_aggregates_are_never_given(market: Market, client: Client, tmp_path: Path) -> None:
    with market.open() as home:
        aggregates = market.agree(home, mode=Mode.AGGREGATES)
    with pytest.raises(Refused) as refused:
        client.pull(tmp_path / "out", **under(market, aggregates))
    assert (refused.value.status, refused.value.code) == (400, "shape_refused")
    assert list((tmp_path / "out").glob("*.parquet")) == []


def test_a_pull_outlives_the_service_that_was_paid(tmp_path: Path) -> None:
    market = copied(tmp_path / "market")
    token, folder = token_of(market), tmp_path / "out"
    with served(market) as first:
        path = connect(first.url, token).pull(folder, **under(market)).files[0]
        paid, whole = market.balance(), path.read_bytes()
        path.unlink()
        os.kill(first.pid, signal.SIGKILL)
    with served(market) as second:
        assert connect(second.url, token).pull(folder, **under(market)).files[0].read_bytes() == whole
    assert market.balance() == paid
    assert market.faults() == []


def test_files_are_given_for_a_week_and_never_once_withdrawn(tmp_path: Path) -> None:
    market = copied(tmp_path / "market")
    with market.open() as home:
        asker, steward = market.asker(home), market.asker(home, "steward")
    moment = [now()]
    with market.service(clock=lambda: moment[0]) as service:
        with service.database.reading() as session:
            question = fetching.question_of(session, market.facts.agreement, PURPOSE, "key", firm=asker.firm)
        pull = pulls.begin(service, service.assess(question, asker), asker)
        sha256 = pull.files[0].sha256
        assert fetching.find(service, pull.run_id, sha256, asker)[1].is_file()
        moment[0] += pulls.WITHIN
        with pytest.raises(NotFound):
            fetching.find(service, pull.run_id, sha256, asker)
        moment[0] -= timedelta(days=1)
        assessed, path = fetching.find(service, pull.run_id, sha256, asker)
        assert b"".join(fetching.chunks(service, assessed, path, 5, 9)) == path.read_bytes()[5:9]
        with service.database.writing() as session:
            withdrawal.withdraw(session, market.facts.release, reason="A test", by=steward.id, at=moment[0])
        with pytest.raises(Exception, match="release not available"):
            fetching.find(service, pull.run_id, sha256, asker)


def test_a_template_and_a_kept_question_are_asked_by_their_names(market: Market, client: Client) -> None:
    with market.open() as home:
        steward = market.asker(home, "steward")
        with home.database.writing() as session:
            library.approve(
                session,
                market.facts.edition,
                "of-sex",
                "SELECT count(*) AS n FROM tumor WHERE sex = $sex",
                {"sex": library.ParameterType.STRING},
                by=steward.id,
                organisation=steward.firm,
                at=now(),
            )
    (template,) = client.templates(market.facts.agreement)
    assert (template["name"], template["parameters"]) == ("of-sex", {"sex": "string"})
    price = client.quote(named="of-sex", **under(market), parameters={"sex": "1"}).amount_fen
    answer = client.query(named="of-sex", **under(market), parameters={"sex": "1"})
    assert answer.list_fen == price
    typed = client.query("SELECT count(*) AS n FROM tumor WHERE sex = '1'", **under(market))
    assert answer.to_arrow() == typed.to_arrow()
    for wrong in ({}, {"sex": 1}, {"sex": "1", "more": 2}):
        with pytest.raises(Refused) as refused:
            client.query(named="of-sex", **under(market), parameters=wrong)
        assert refused.value.status == 400
    client.save("all", "SELECT count(*) AS n FROM tumor")
    assert client.saved() == {"all": "SELECT count(*) AS n FROM tumor"}
    job = client.submit(named="all", **under(market))
    assert job.wait(timeout_s=60).to_arrow().num_rows == 1
    client.forget("all")
    assert client.saved() == {}
    with pytest.raises(Refused, match="none of that name"):
        client.query(named="all", **under(market))
    done = market.sluice("quote", *market.under(), "--named", "of-sex", "--param", 'sex="1"', "--json", by="licensee")
    assert json.loads(done.stdout)["amount_fen"] == price


def test_several_agreements_are_asked_over_http(market: Market, client: Client) -> None:
    joins = (Action.QUERY, Action.JOIN)
    with market.open() as home:
        one = market.agree(home, actions=joins)
        other = market.agree(home, edition=market.facts.rival_edition, actions=joins)
    sql = "SELECT tumor.sex, count(*) AS n FROM tumor JOIN b ON tumor.size = b.size GROUP BY 1"
    asked = {"agreements": [one, f"b={other}"], "purpose": PURPOSE.value}
    quote = client.quote(sql, **asked)
    assert [share["agreement"] for share in quote.agreements] == [one, other]
    assert sum(share["amount_fen"] for share in quote.agreements) == quote.amount_fen
    answer = client.query(sql, **asked)
    answer.to_arrow()
    receipt = answer.receipt()
    assert answer.list_fen == quote.amount_fen == receipt.amount_fen
    assert receipts.check(receipt.document, market.facts.log_key) == []
    assert client.submit(sql, **asked).wait(timeout_s=60).list_fen == quote.amount_fen
    with pytest.raises(Refused) as refused:
        client.query(sql, agreements=[one, other], purpose=PURPOSE.value)
    assert (refused.value.status, refused.value.code) == (400, "table-names-clash")
    with pytest.raises(Refused) as refused:
        client.query(sql, agreements=[market.facts.agreement, f"b={other}"], purpose=PURPOSE.value)
    assert (refused.value.status, refused.value.code) == (403, "join-not-covered")
    words = ("--agreement", one, "--agreement", f"b={other}", "--purpose", PURPOSE.value, "--json")
    done = market.sluice("query", *words, sql, by="licensee")
    assert json.loads(done.stdout)["receipt"]["total_fen"] == quote.amount_fen, done.stderr
    assert market.faults() == []


def test_as_many_as_allowed_at_once_are_answered_and_another_is_told_when_to_ask(
    market: Market, service: Served, token: str, client: Client
) -> None:
    with market.open() as home:
        agreement = market.agree(home, quota=replace(QUOTA, at_once=1))
    streaming = client.query("SELECT t.*, r.range FROM tumor t, range(1000) r", **under(market, agreement)).batches()
    next(streaming)
    body = {**under(market, agreement), "sql": "SELECT count(*) AS n FROM tumor"}
    status, headers, said = service.call("POST", "/api/v1/queries", body, token=token)
    assert (status, json.loads(said)["error"]["code"]) == (429, "too-many-at-once")
    assert int(headers["Retry-After"]) > 0
    (used,) = (one for one in client.usage() if (one["agreement"], one["unit"]) == (agreement, "at_once"))
    assert (used["granted"], used["used"], used["left"]) == (1, 1, 0)
    waiting = client.submit("SELECT count(*) AS n FROM tumor", **under(market, agreement))
    for _ in streaming:
        pass
    assert waiting.wait(timeout_s=60).to_arrow().num_rows == 1
    assert client.query("SELECT count(*) AS n FROM tumor", **under(market, agreement)).to_arrow().num_rows == 1


def test_mock_tables_are_asked_without_an_agreement(market: Market, service: Served) -> None:
    with market.open() as home:
        with home.database.reading() as session:
            body = json.loads(releases.find_release(session, market.facts.release).evidence)["body"]
            files = [home.store.open_path(file.sha256) for file in releases.files_of(session, market.facts.edition)]
        made = make_preview(home.store, body, {"controlled": files})
        by = market.asker(home, "steward").id
        with home.database.writing() as session:
            enter_preview(session, market.facts.release, made, at=now(), by=by)
    rival = connect(service.url, token_of(market, "rival"))
    table = rival.try_out("SELECT sex, count(*) AS n FROM tumours GROUP BY sex", dataset="tumours")
    assert table.num_rows > 0
    with pytest.raises(Refused, match="no mock table"):
        rival.try_out("SELECT 1", dataset="none")
    with pytest.raises(Refused) as refused:
        rival.try_out("SELECT * FROM read_csv('/etc/passwd')", dataset="tumours")
    assert refused.value.status == 400
