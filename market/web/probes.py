"""What machines ask for: is the service there, is it ready, and the log's newest checkpoint with its witnesses.

Nothing is signed here: whoever asks gets what was signed and kept.
"""

from collections.abc import Callable
from datetime import datetime

from flask import Blueprint, Response, jsonify

from market.audit import checkpoint as checkpoints
from market.home import Home
from market.operations.readiness import Readiness


def blueprint(home: Home, clock: Callable[[], datetime]) -> Blueprint:
    """Make the probes of *home*."""
    pages, readiness = Blueprint("probes", __name__), Readiness(home)

    @pages.get("/livez")
    def livez() -> Response:
        return jsonify(ok=True)

    @pages.get("/readyz")
    def readyz() -> tuple[Response, int]:
        faults = readiness.faults(clock())
        return jsonify(ok=not faults, faults=faults), 503 if faults else 200

    @pages.get("/log/checkpoint")
    def checkpoint() -> Response:
        with home.database.reading() as session:
            newest = checkpoints.newest(session)
            note = None if newest is None else checkpoints.note_of(session, newest)
        if note is None:
            return Response("There is no checkpoint yet.\n", 404, mimetype="text/plain")
        return Response(note, mimetype="text/plain")

    return pages
