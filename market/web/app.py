"""Make the web application. It reads; nothing can be changed through it."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from flask import Flask, Response, abort, request

from market.home import Home
from market.web import catalogue, datasets, errors, probes, publishers, releases
from market.web.figures import FILTERS
from market.web.language import link, switched, words

SECURITY_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none';"
    " form-action 'self'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}

Clock = Callable[[], datetime]


def now() -> datetime:
    """Give this moment."""
    return datetime.now(UTC)


def create_app(home: Home, *, clock: Clock = now) -> Flask:
    """Make the application of *home*."""
    app = Flask(__name__)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters.update(FILTERS)
    for family in (catalogue, datasets, releases, publishers):
        app.register_blueprint(family.blueprint(home, clock))
    app.register_blueprint(probes.blueprint(home, clock))
    errors.register(app)

    @app.before_request
    def meant() -> None:
        if "\0" in request.path:  # names nothing here, and PostgreSQL cannot be asked for it
            abort(404)

    @app.context_processor
    def spoken() -> dict[str, Any]:
        t = words()
        return {"t": t, "code": t.code, "said": t.of, "link": link, "switched": switched}

    @app.after_request
    def secure(response: Response) -> Response:
        response.headers.update(SECURITY_HEADERS)
        if response.mimetype == "text/html":
            response.vary.add("Accept-Language")
            response.headers["Content-Language"] = words().tag
        return response

    return app
