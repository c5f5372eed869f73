"""The routes: quotes, queries, receipts, cancelling, agreements and usage."""

from collections.abc import Callable, Iterator
from datetime import datetime
from http import HTTPStatus
from typing import Any

from flask import Blueprint, Response, jsonify, request

from catalog.errors import NotFound, WrongState
from market.api import errors, library, pulls
from market.api.bodies import MEDIA_TYPES, BodyError, QueryBody, QuoteBody, read
from market.api.caller import Pace, caller
from market.api.keys import key_of
from market.api.streams import Pipe, streamed
from market.delivery.formats import Format
from market.delivery.spool import REDELIVERED_BYTES
from market.home import Home
from market.query import jobs, kept, receipts
from market.query import library as questions
from market.query.admission import Admission
from market.query.answer import QueryService
from market.query.asked import find as find_run
from market.query.asker import Asker
from market.query.jobs import Runner
from market.query.models import JobState, QueryJob
from market.query.question import Question
from market.query.statements import parameters
from market.query.usage import agreements_of, usage_of, warning_of
from policies.billing import Bill
from policies.canonical import plain
from policies.pricing import Quote

Clock = Callable[[], datetime]

QUOTES_A_MINUTE = 120
MOST_BODY_BYTES = 256 * 1024


def blueprint(home: Home, service: QueryService, admission: Admission, runner: Runner, clock: Clock) -> Blueprint:
    """Make the interface of *home*, answered by *service*, and long questions by *runner*."""
    pages = Blueprint("api", __name__, url_prefix="/api/v1")
    errors.register(pages)
    pace = Pace(QUOTES_A_MINUTE)

    def asking() -> Asker:
        return caller(home, request, at=clock())

    @pages.before_request
    def small() -> None:
        request.max_content_length = MOST_BODY_BYTES

    @pages.post("/quotes")
    def quotes() -> Response:
        asker, body = asking(), read(request, QuoteBody)
        pace.count(asker.id)
        question = asked(home, body, asker, key="")
        assessed = service.quote(question, asker)
        several = {"agreements": assessed.told()} if question.others else {}
        return jsonify(quote=plain(assessed.quote), monthly_fen_due=assessed.monthly_fen_due, **several)

    @pages.post("/queries")
    def queries() -> Response:
        asker, body = asking(), read(request, QueryBody)
        question = asked(home, body, asker, key=key_of(request, clock))
        said: dict[str, str] = {}

        def charged(run_id: str, quote: Quote, bill: Bill) -> None:
            said.update({"Sluice-Query": run_id, "Sluice-List-Fen": str(quote.amount_fen)})
            said.update({"Sluice-Net-Fen": str(bill.net_fen), "Sluice-Billed-Bytes": str(quote.billed_bytes)})
            with home.database.reading() as session:
                warning = warning_of(session, [one.agreement_id for one in question.under])
            said.update({} if warning is None else {"Sluice-Warning": warning})

        def write(pipe: Pipe) -> None:
            with admission.place(asker.party):
                service.answer(
                    question,
                    asker,
                    pipe,
                    body.format,
                    keep_bytes=REDELIVERED_BYTES,
                    charged=charged,
                    hand_over=pipe.drain,
                )

        return Response(_sent(streamed(write)), content_type=MEDIA_TYPES[body.format], headers=said)

    @pages.post("/jobs")
    def submit() -> tuple[Response, int]:
        asker, body = asking(), read(request, QueryBody)
        pace.count(asker.id)
        question = asked(home, body, asker, key=key_of(request, clock))
        with home.database.writing() as session:
            job = jobs.submit(session, question, asker, body.format, at=clock())
        runner.wake()
        return jsonify(job=told(job)), HTTPStatus.ACCEPTED

    @pages.get("/jobs/<job_id>")
    def poll(job_id: str) -> Response:
        asker = asking()
        with home.database.reading() as session:
            return jsonify(job=told(jobs.find(session, job_id, asker)))

    @pages.delete("/jobs/<job_id>")
    def stop(job_id: str) -> Response:
        asker = asking()
        with home.database.writing() as session:
            job = jobs.cancel(session, job_id, asker, at=clock())
        runner.stop(job.id, asker)
        return jsonify(job=told(job))

    @pages.get("/jobs/<job_id>/result")
    def fetch(job_id: str) -> Response:
        asker = asking()
        with home.database.reading() as session:
            job = jobs.find(session, job_id, asker)
        if job.state != JobState.DONE:
            raise WrongState(f"job {job_id}", f"is {job.state}", fix="Ask after it until it is done.")
        question = jobs.question_of(job)
        assessed = service.assess(question, asker)
        again = kept.find(home.database, service.spool, assessed, Format(job.format), by=asker.id, at=clock())
        if again is None:
            raise NotFound(f"job {job_id!r}", "its answer is kept no more", fix="Submit it again.")
        head = {"Sluice-Query": again.run_id, "Sluice-List-Fen": str(again.bill.list_fen)}
        head |= {"Sluice-Net-Fen": str(again.bill.net_fen), "Sluice-Sha256": again.sha256}
        return Response(service.spool.chunks(again.run_id), content_type=MEDIA_TYPES[Format(job.format)], headers=head)

    @pages.delete("/queries/<run_id>")
    def cancel(run_id: str) -> Response:
        service.cancel(run_id, asking())
        return jsonify(cancelled=run_id)

    @pages.get("/queries/<run_id>/receipt")
    def receipt(run_id: str) -> Response:
        asker = asking()
        with home.database.reading() as session:
            find_run(session, run_id, firm=asker.firm)
            return jsonify(receipts.receipt(session, run_id, home.notary))

    @pages.get("/agreements")
    def listed() -> Response:
        asker = asking()
        with home.database.reading() as session:
            return jsonify(agreements=plain(agreements_of(session, home.store, asker.firm)))

    @pages.get("/usage")
    def usage() -> Response:
        asker = asking()
        with home.database.reading() as session:
            return jsonify(usage=plain(usage_of(session, asker.firm)))

    pulls.register(pages, service, admission, asking, clock)
    library.register(pages, home, service, admission, pace, asking, clock)

    @pages.route("/<path:_>", methods=["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"])
    def nothing(_: str) -> Response:
        raise NotFound("route", "there is none of that path and method", fix="See the help on the API.")

    return pages


def asked(home: Home, body: QuoteBody, asker: Asker, *, key: str) -> Question:
    """Give the question that a body holds, or names.

    Raises:
        ParameterError: a value for a parameter is none.
        NotFound: there is no question of that name.
    """
    if (body.sql is None) == (body.named is None):
        raise BodyError("sql", "is not there, or beside a name", fix='Give "sql", or "named".')
    values = parameters.read(body.parameters)
    question = Question.of(body.under(), purpose=body.purpose, sql=body.sql or "", key=key, parameters=values)
    if body.named is None:
        return question
    with home.database.reading() as session:
        return questions.filled(session, question, body.named, firm=asker.firm)


def told(job: QueryJob) -> dict[str, Any]:
    """Say how far a job got."""
    return {
        "id": job.id,
        "state": job.state,
        "query": job.run_id,
        "failure": job.failure,
        "submitted_at": plain(job.submitted_at),
        "ended_at": plain(job.ended_at),
    }


def _sent(pipe: Pipe) -> Iterator[Any]:
    """Send the chunks of *pipe*; what fails on the way breaks the connection off."""
    yield from pipe
