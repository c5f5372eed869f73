"""Pages for what went wrong: what happened, and what to do next. They tell nothing of what they hide."""

from flask import Flask, render_template
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from market.web.language import words
from market.web.words import texts


def register(app: Flask) -> None:
    """Give every error a page in the reader's language."""

    @app.errorhandler(HTTPException)
    def failed(error: HTTPException) -> tuple[str, int] | Response:
        code = error.code or 500
        if error.response is not None or code < 400:
            return error.get_response()
        kind = str(code) if f"error.{code}.title" in texts(words().language) else "other"
        return render_template("errors.html", kind=kind, code=code), code
