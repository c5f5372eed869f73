"""What machines ask for: is the service there, can it read, and the log's newest checkpoint with its witnesses.

Nothing is signed here: whoever asks gets what was signed and kept.
"""

from flask import Blueprint, Response, jsonify
from sqlalchemy import text

from market.audit import checkpoint as checkpoints
from market.audit import log
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
            newest = checkpoints.newest(session)
            note = None if newest is None else checkpoints.note_of(session, newest)
        if note is None:
            return Response("There is no checkpoint yet.\n", 404, mimetype="text/plain")
        return Response(note, mimetype="text/plain")

    return pages
