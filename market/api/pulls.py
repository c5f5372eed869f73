"""The routes of pulls: pay for all files of an agreement, then fetch each, whole or from where it broke off."""

from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus

from flask import Blueprint, Response, jsonify, request
from werkzeug.exceptions import RequestedRangeNotSatisfiable

from market.api.bodies import PullBody, read
from market.api.keys import key_of
from market.query import fetching, pulls
from market.query.admission import Admission
from market.query.answer import QueryService
from market.query.asker import Asker


def register(
    pages: Blueprint,
    service: QueryService,
    admission: Admission,
    asking: Callable[[], Asker],
    clock: Callable[[], datetime],
) -> None:
    """Give *pages* the routes of pulls."""

    @pages.post("/pulls")
    def begin_pull() -> Response:
        asker, body = asking(), read(request, PullBody)
        key = key_of(request, clock)
        with service.database.reading() as session:
            question = fetching.question_of(session, body.agreement, body.purpose, key, firm=asker.firm)
        with admission.place(asker.party):
            pull = pulls.begin(service, service.assess(question, asker), asker)
        return jsonify(pull=pull.to_dict())

    @pages.get("/pulls/<run_id>/files/<sha256>")
    def fetch_file(run_id: str, sha256: str) -> Response:
        asker = asking()
        assessed, path = fetching.find(service, run_id, sha256, asker)
        size = path.stat().st_size
        first, end, status = 0, size, HTTPStatus.OK
        if request.range is not None:
            asked = request.range.range_for_length(size)
            if asked is None:
                raise RequestedRangeNotSatisfiable(size)
            (first, end), status = asked, HTTPStatus.PARTIAL_CONTENT
        head = {"Accept-Ranges": "bytes", "Content-Length": str(end - first), "ETag": f'"{sha256}"'}
        if status is HTTPStatus.PARTIAL_CONTENT:
            head["Content-Range"] = f"bytes {first}-{end - 1}/{size}"
        sent = fetching.chunks(service, assessed, path, first, end)
        return Response(sent, status, head, content_type="application/vnd.apache.parquet")
