"""Make the web application. It reads; nothing can be changed through it."""

import json
from typing import Any

from flask import Flask, Response, abort, jsonify, render_template
from sqlalchemy import text
from sqlmodel import Session, col, select

from catalog.lifecycle import State
from catalog.models import Dataset, Release, Tombstone
from market.audit import log
from market.audit.checkpoint import Checkpoint, sign
from market.home import Home

SECURITY_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none';"
    " frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


def create_app(home: Home) -> Flask:
    """Make the application of *home*."""
    app = Flask(__name__)

    @app.after_request
    def secure(response: Response) -> Response:
        response.headers.update(SECURITY_HEADERS)
        return response

    @app.get("/livez")
    def livez() -> Response:
        return jsonify(ok=True)

    @app.get("/readyz")
    def readyz() -> Response:
        with home.database.reading() as session:
            session.connection().execute(text("SELECT 1"))
            return jsonify(ok=True, log_size=log.size(session))

    @app.get("/")
    def index() -> str:
        with home.database.reading() as session:
            return render_template("index.html", datasets=_published(session))

    @app.get("/datasets/<dataset_id>")
    def dataset(dataset_id: str) -> str:
        with home.database.reading() as session:
            found = session.get(Dataset, dataset_id)
            if found is None:
                abort(404)
            release = _current(session, dataset_id)
            stones = session.exec(
                select(Tombstone).join(Release).where(Release.dataset_id == dataset_id).order_by(col(Release.number))
            ).all()
            body = None if release is None else json.loads(release.evidence)["body"]
            return render_template("dataset.html", dataset=found, release=release, body=body, tombstones=stones)

    @app.get("/datasets/<dataset_id>/evidence.json")
    def evidence(dataset_id: str) -> Response:
        with home.database.reading() as session:
            release = _current(session, dataset_id)
            if release is None:
                abort(404)
            return Response(release.evidence, mimetype="application/json")

    @app.get("/log/checkpoint")
    def checkpoint() -> Response:
        with home.database.reading() as session:
            size = log.size(session)
            note = sign(Checkpoint(home.origin, size, log.root(session, size)), home.log_key)
        return Response(note, mimetype="text/plain")

    return app


def _current(session: Session, dataset_id: str) -> Release | None:
    where = (Release.dataset_id == dataset_id, Release.state == State.PUBLISHED)
    return session.exec(select(Release).where(*where)).first()


def _published(session: Session) -> list[tuple[Dataset, dict[str, Any]]]:
    rows = session.exec(
        select(Dataset, Release).join(Release).where(Release.state == State.PUBLISHED).order_by(Dataset.id)
    ).all()
    return [(dataset, json.loads(release.evidence)["body"]) for dataset, release in rows]
