"""What machines ask for: is the service there, can it read, and the log's newest checkpoint."""

from flask import Blueprint, Response, jsonify
from sqlalchemy import text

from market.audit import log
from market.audit.notes import Checkpoint, sign
from market.home import Home


def blueprint(home: Home) -> Blueprint:
    """Make the probes of *home*."""
    pages = Blueprint("probes", __name__)

    @pages.get("/livez")
    def livez() -> Response:
        return jsonify(ok=True)

    @pages.get("/readyz")
    def readyz() -> Response:
        with home.database.reading() as session:
            session.connection().execute(text("SELECT 1"))
            return jsonify(ok=True, log_size=log.size(session))

    @pages.get("/log/checkpoint")
    def checkpoint() -> Response:
        with home.database.reading() as session:
            size = log.size(session)
            note = sign(Checkpoint(home.origin, size, log.root(session, size)), home.log_key)
        return Response(note, mimetype="text/plain")

    return pages
