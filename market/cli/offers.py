"""Offers: terms under which anybody may ask for an edition."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import click

from market.cli.common import acting, json_option, key_option, now, opened, show
from market.parties.models import Role
from policies.terms import Duty, Purpose

JOINS = {"none": (), "others": ("sluice:join",), "any": ("sluice:join", "sluice:joinSubjects")}
"""What terms allow, by the word for it."""

PURPOSES = [purpose.value for purpose in Purpose]
COUNT = click.IntRange(0, 10**15)
"""Of queries, bytes or rows: the ledger counts in 64 bits."""
FEN = click.IntRange(0, 10**9)
MAXIMUM = click.IntRange(1, 10**15)
AT_ONCE = click.IntRange(1, 1000)
DAYS = click.IntRange(1, 36_500)


@click.group()
def offer() -> None:
    """Offer an edition under terms."""


@offer.command()
@click.argument("edition_id")
@click.option(
    "--mode",
    default="records",
    show_default=True,
    type=click.Choice(["records", "aggregates"]),
    help="How it may be asked: for rows, or for guarded aggregates.",
)
@click.option(
    "--joins",
    default="none",
    show_default=True,
    type=click.Choice(list(JOINS)),
    help="Let rows be asked together with other agreements': about other subjects, or about the same ones as well.",
)
@click.option("--table", required=True, help="The name under which the edition is queried.")
@click.option(
    "--purpose", "purposes", multiple=True, type=click.Choice(PURPOSES), help="DUO code; none allows nothing."
)
@click.option("--queries", required=True, type=COUNT, help="Queries over the whole term.")
@click.option("--bytes", "quota_bytes", required=True, type=COUNT, help="Billed bytes over the whole term.")
@click.option("--rows", required=True, type=COUNT, help="Delivered rows over the whole term.")
@click.option(
    "--at-once", type=AT_ONCE, help="Queries at the same time; as many as the service gives a firm unless told."
)
@click.option("--per-query-fen", default=0, type=FEN, show_default=True)
@click.option("--per-gb-fen", default=0, type=FEN, show_default=True)
@click.option("--minimum-bytes", default=1_000_000, type=COUNT, show_default=True)
@click.option("--flat-monthly-fen", default=0, type=FEN, help="Due for each calendar month in which it is used.")
@click.option("--monthly-maximum-fen", type=MAXIMUM, help="The most in a calendar month, the flat price included.")
@click.option("--free-purpose", "free", multiple=True, type=click.Choice(PURPOSES), help="Use for it is free.")
@click.option("--days", default=365, type=DAYS, show_default=True, help="How long the terms hold, from now.")
@click.option("--columns", help="Offer these columns alone, separated by commas.")
@click.option("--where", "where", multiple=True, help="Offer the rows alone that fulfil this; repeat for more.")
@key_option
@json_option
def make(
    edition_id: str,
    mode: str,
    joins: str,
    table: str,
    purposes: tuple[str, ...],
    queries: int,
    quota_bytes: int,
    rows: int,
    at_once: int | None,
    per_query_fen: int,
    per_gb_fen: int,
    minimum_bytes: int,
    flat_monthly_fen: int,
    monthly_maximum_fen: int | None,
    free: tuple[str, ...],
    days: int,
    columns: str | None,
    where: tuple[str, ...],
    key: Path,
    as_json: bool,
) -> None:
    """Offer EDITION_ID of a published release, or a part of it, for rows or aggregates by SQL.

    With --columns or --where a cut of the edition is made, or the one that is there already is offered. Conditions are
    "COLUMN in A,B", "COLUMN between A and B", "COLUMN is null" and "COLUMN is not null", with values as published. A
    cut that fails its gate is refused with the rule and the column at fault, and nothing is offered.

    \b
    Examples: sluice offer make 01H… --table tumor --purpose DUO:0000006 --queries 1000 --bytes 10000000000 \\
                --rows 1000000 --per-query-fen 10 --per-gb-fen 5000 --key steward.key
              sluice offer make 01H… … --columns age,stage,size --where "stage in III,IV" --key steward.key
    """
    from market.licensing import agreements, parts
    from policies.cut import Condition
    from policies.pricing import Price
    from policies.profile import Mode
    from policies.terms import Action, Quota, Terms

    at = now()
    conditions = [Condition.parse(words) for words in where]
    terms = Terms(
        edition=edition_id,
        table=table,
        mode=Mode(mode),
        purposes=tuple(Purpose(code) for code in purposes),
        actions=(Action.QUERY, *(Action(code) for code in JOINS[joins])),
        duties=tuple(Duty),
        quota=Quota(bytes=quota_bytes, rows=rows, queries=queries, at_once=at_once),
        price=Price(
            per_query_fen=per_query_fen,
            per_gb_fen=per_gb_fen,
            minimum_bytes=minimum_bytes,
            free_purposes=tuple(Purpose(code) for code in free),
            flat_monthly_fen=flat_monthly_fen,
            monthly_maximum_fen=monthly_maximum_fen,
        ),
        starts_at=at,
        ends_at=at + timedelta(days=days),
    )
    with opened() as home:
        member, steward = acting(home, key, Role.STEWARD)
        part = None
        if columns or conditions:
            named = [name.strip() for name in (columns or "").split(",") if name.strip()]
            part = parts.prepare(
                home.database,
                home.store,
                edition_id,
                columns=named,
                where=conditions,
                organisation=member.organisation,
                by=steward,
                at=at,
            )
        with home.database.writing() as session:
            if part is not None:
                terms = replace(terms, cut=parts.enter(session, part, by=steward, at=now()).id)
            row = agreements.offer(session, terms, by=steward.id, organisation=member.organisation, at=now())
        value = {"offer": row.id, "terms": row.terms_hash, "cut": terms.cut}
        show(value, f"Offer {row.id} of {table}{f', cut {terms.cut}' if terms.cut else ''}", as_json=as_json)


@offer.command("list")
@json_option
def listed(as_json: bool) -> None:
    """List the offers and their terms.

    \b
    Example: sluice offer list --json
    """
    from sqlmodel import select

    from market.licensing.agreements import terms_of
    from market.licensing.models import Offer

    with opened() as home, home.database.reading() as session:
        terms = {offer.id: terms_of(offer) for offer in session.exec(select(Offer).order_by(Offer.id))}
    words = "\n".join(f"{id}  {offered.table}  {', '.join(offered.purposes)}" for id, offered in terms.items())
    show({"offers": [{"offer": id, "terms": offered} for id, offered in terms.items()]}, words, as_json=as_json)
