"""The routes of questions by name – templates, and what a firm keeps – and of trying SQL on a mock table."""

import io
import json
from collections.abc import Callable
from datetime import datetime

from flask import Blueprint, Response, jsonify, request

from market.api.bodies import MEDIA_TYPES, SavedBody, TrialBody, read
from market.api.caller import Pace
from market.delivery.formats import Outlet, check, write
from market.home import Home
from market.licensing import agreements
from market.query import library, trying
from market.query.admission import Admission
from market.query.answer import QueryService
from market.query.asker import Asker


def register(
    pages: Blueprint,
    home: Home,
    service: QueryService,
    admission: Admission,
    pace: Pace,
    asking: Callable[[], Asker],
    clock: Callable[[], datetime],
) -> None:
    """Give *pages* the routes of questions by name."""

    @pages.get("/agreements/<agreement_id>/templates")
    def list_templates(agreement_id: str) -> Response:
        asker = asking()
        with home.database.reading() as session:
            edition = agreements.find(session, agreement_id, firm=asker.firm).edition_id
            found = [
                {"name": row.name, "sql": row.sql, "parameters": json.loads(row.parameters)}
                for row in library.templates(session, edition)
            ]
        return jsonify(templates=found)

    @pages.get("/saved")
    def list_saved() -> Response:
        asker = asking()
        with home.database.reading() as session:
            found = [{"name": row.name, "sql": row.sql} for row in library.saved(session, asker.firm)]
        return jsonify(saved=found)

    @pages.post("/saved")
    def save_question() -> Response:
        asker, body = asking(), read(request, SavedBody)
        with home.database.writing() as session:
            library.save(session, body.name, body.sql, firm=asker.firm, by=asker.id, at=clock())
        return jsonify(saved={"name": body.name, "sql": body.sql})

    @pages.delete("/saved/<name>")
    def remove_saved(name: str) -> Response:
        asker = asking()
        with home.database.writing() as session:
            library.remove(session, name, firm=asker.firm)
        return jsonify(removed=name)

    @pages.post("/trials")
    def try_sql() -> Response:
        asker, body = asking(), read(request, TrialBody)
        pace.count(asker.id)
        with home.database.reading() as session:
            mock = trying.mock_table(session, home.store, body.dataset, at=clock())
        with admission.place(asker.party):
            table = trying.attempt(service.pool, mock, body.sql, firm=asker.party)
        check(table.schema, body.format)
        rows = io.BytesIO()
        write(table.schema, table.to_batches(), Outlet(rows), body.format)
        return Response(rows.getvalue(), content_type=MEDIA_TYPES[body.format], headers={"Sluice-Table": mock.table})
