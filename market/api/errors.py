"""Refusals and failures as JSON: a code for programs, a message and a fix for people, and a status."""

import logging
from http import HTTPStatus
from typing import Any

from flask import Blueprint, Response, jsonify
from sqlalchemy.exc import DBAPIError
from werkzeug.exceptions import HTTPException

from catalog.errors import CatalogError, NotFound, WrongState
from market.parties.errors import NotAMember
from market.query.errors import Code, QueryError, QueryFailed
from market.query.verdicts import Denied
from policies.decide import Reason

REASONS: dict[str, HTTPStatus] = {
    "key-reused": HTTPStatus.UNPROCESSABLE_ENTITY,
    "in-progress": HTTPStatus.CONFLICT,
    "already-delivered": HTTPStatus.CONFLICT,
    Reason.CREDIT_TOO_LOW: HTTPStatus.PAYMENT_REQUIRED,
    **{reason: HTTPStatus.FORBIDDEN for reason in Reason if reason is not Reason.CREDIT_TOO_LOW},
    Reason.TOO_MANY_AT_ONCE: HTTPStatus.TOO_MANY_REQUESTS,
}
"""By what the terms or the key say; what the gate refuses is a bad request."""

FAILURES = {
    Code.BUSY: HTTPStatus.TOO_MANY_REQUESTS,
    Code.CANCELLED: HTTPStatus.CONFLICT,
    Code.ENGINE_ERROR: HTTPStatus.SERVICE_UNAVAILABLE,
    Code.WORKER_LOST: HTTPStatus.SERVICE_UNAVAILABLE,
    Code.CLOSED: HTTPStatus.SERVICE_UNAVAILABLE,
    Code.SANDBOX_MISSING: HTTPStatus.SERVICE_UNAVAILABLE,
}
"""By what went wrong; what the statement itself brought about is an unprocessable one."""

RETRY_AFTER_S = 2


def register(pages: Blueprint) -> None:
    """Give every error of *pages* its JSON."""

    @pages.errorhandler(Exception)
    def failed(error: Exception) -> Response:
        return described(error)


def described(error: Exception) -> Response:
    """Describe *error*; one that is no answer of ours tells nothing of itself, and is in the server's log."""
    if isinstance(error, Denied):
        status = REASONS.get(error.reason, HTTPStatus.BAD_REQUEST)
        return _answer(status, str(error.reason), error.message, error.fix, position=error.position)
    if isinstance(error, QueryFailed):
        status = FAILURES.get(error.code, HTTPStatus.UNPROCESSABLE_ENTITY)
        return _answer(status, str(error.code), error.message, error.fix)
    if isinstance(error, QueryError):
        return _answer(HTTPStatus.BAD_REQUEST, str(error.code), error.message, error.fix)
    if isinstance(error, NotAMember):
        return _answer(HTTPStatus.UNAUTHORIZED, "not-a-member", f"{error.place} {error.found}.", error.fix)
    if isinstance(error, NotFound):
        return _answer(HTTPStatus.NOT_FOUND, "not-found", f"{error.place}: {error.found}.", error.fix)
    if isinstance(error, WrongState):
        return _answer(HTTPStatus.CONFLICT, "wrong-state", f"{error.place}: {error.found}.", error.fix)
    if isinstance(error, CatalogError):
        return _answer(HTTPStatus.BAD_REQUEST, "bad-request", f"{error.place}: {error.found}.", error.fix)
    if isinstance(error, HTTPException):
        code = error.code or HTTPStatus.INTERNAL_SERVER_ERROR
        return _answer(code, "http", str(error.name), "See the help on the API.")
    if isinstance(error, DBAPIError):
        return _answer(HTTPStatus.SERVICE_UNAVAILABLE, "database", "The database does not answer.", "Ask again soon.")
    logging.getLogger(__name__).error("a request failed: %s", type(error).__name__, exc_info=error)
    return _answer(HTTPStatus.INTERNAL_SERVER_ERROR, "internal", "Something went wrong here.", "Ask again soon.")


def _answer(status: int, code: str, message: str, fix: str, *, position: int | None = None) -> Response:
    body: dict[str, Any] = {"code": code, "message": message, "fix": fix}
    if position is not None:
        body["position"] = position
    response = jsonify(error=body)
    response.status_code = int(status)
    if status in (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE):
        response.headers["Retry-After"] = str(RETRY_AFTER_S)
    if status == HTTPStatus.UNAUTHORIZED:
        response.headers["WWW-Authenticate"] = 'Bearer realm="sluice"'
    return response
