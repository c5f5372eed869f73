"""Cuts: parts of editions, as they were gated and as they are offered."""

import json
from typing import Any

import click

from market.cli.common import json_option, opened, show


@click.group()
def cut() -> None:
    """Parts of editions; `sluice offer make --columns … --where …` makes them."""


@cut.command("list")
@click.option("--edition", "edition_id", help="Of this edition alone.")
@json_option
def listed(edition_id: str | None, as_json: bool) -> None:
    """List the cuts: of which edition, with which columns, and how many rows.

    \b
    Example: sluice cut list --edition 01H… --json
    """
    from sqlmodel import select

    from catalog.models import Cut

    with opened() as home, home.database.reading() as session:
        statement = select(Cut).order_by(Cut.id)
        if edition_id is not None:
            statement = statement.where(Cut.edition_id == edition_id)
        value = [
            {
                "cut": row.id,
                "edition": row.edition_id,
                "columns": json.loads(row.spec)["columns"],
                "filtered_by": [item["column"] for item in json.loads(row.spec)["where"]],
                "rows": row.rows,
                "evidence": row.evidence_hash,
                "collected_at": row.collected_at,
            }
            for row in session.exec(statement)
        ]
    words = "\n".join(
        f"{c['cut']}  {c['edition']}  {', '.join(c['columns'])}  {c['rows']:,} rows{_gone(c)}" for c in value
    )
    show({"cuts": value}, words, as_json=as_json)


@cut.command("show")
@click.argument("cut_id")
@json_option
def show_one(cut_id: str, as_json: bool) -> None:
    """Show CUT_ID: its filter, its evidence, and whether its bytes are what was signed, measured again.

    \b
    Example: sluice cut show 01H… --json
    """
    from anonymize.cut import check_cut
    from anonymize.evidence import Evidence
    from catalog.cuts import cut_files_of, find_cut
    from catalog.errors import WrongState

    with opened() as home:
        with home.database.reading() as session:
            row = find_cut(session, cut_id)
            if row.collected_at is not None:
                found, fix = (
                    f"was collected on {row.collected_at:%Y-%m-%d}",
                    "Its evidence stays: sluice cut list --json.",
                )
                raise WrongState(f"cut {cut_id}", f"{found}: its bytes are gone", fix=fix)
            paths = [home.store.open_path(file.sha256) for file in cut_files_of(session, cut_id)]
        document = json.loads(row.evidence)
        evidence = Evidence(document["body"], document["signature"]["key"], document["signature"]["value"])
        trusted = frozenset(home.trusted.read_text("ascii").split()) if home.trusted.exists() else frozenset()
        verified = check_cut(evidence, paths, trusted)
        told = document["body"]
        value = {
            "cut": row.id,
            "edition": row.edition_id,
            "spec": json.loads(row.spec),
            "rows": row.rows,
            "suppression": told["suppression"],
            "inherited": sorted(told["inherited"]),
            "risk": told["risk"]["after"],
            "evidence": row.evidence_hash,
            "verified": verified.to_dict(),
        }
        words = (
            f"Cut {row.id} of edition {row.edition_id}: {', '.join(value['spec']['columns'])}\n"
            f"{row.rows:,} rows, {told['suppression']['rows']:,} suppressed, k = {told['risk']['after']['k']}\n"
            + ("What was signed is what is there." if verified.ok else "\n".join(f.found for f in verified.findings))
        )
        show(value, words, as_json=as_json)


def _gone(value: dict[str, Any]) -> str:
    return "" if value["collected_at"] is None else f", collected on {value['collected_at']:%Y-%m-%d}"
