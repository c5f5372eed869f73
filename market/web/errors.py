"""Pages for what went wrong: what happened, and what to do next. They tell nothing of what they hide."""

from flask import Flask, current_app, render_template
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from catalog.errors import CatalogError
from market.faults import explained
from market.web.language import words
from market.web.words import texts

RETRY_AFTER_S = 10


def register(app: Flask) -> None:
    """Give every error a page in the reader's language."""

    @app.errorhandler(HTTPException)
    def failed(error: HTTPException) -> tuple[str, int] | Response:
        code = error.code or 500
        if error.response is not None or code < 400:
            return error.get_response()
        kind = str(code) if f"error.{code}.title" in texts(words().language) else "other"
        return render_template("errors.html", kind=kind, code=code), code

    @app.errorhandler(Exception)
    def broken(error: Exception) -> tuple[str, int, dict[str, str]]:
        fault = error if isinstance(error, CatalogError) else explained(error)
        if fault is None:
            raise error
        current_app.logger.error("%s", fault)
        return render_template("errors.html", kind="503", code=503), 503, {"Retry-After": str(RETRY_AFTER_S)}
