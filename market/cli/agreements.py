"""From asking to a signed agreement."""

from pathlib import Path

import click

from market.cli.common import acting, json_option, key_option, now, opened, show
from market.cli.offers import PURPOSES
from market.parties.models import Role


@click.group()
def agreement() -> None:
    """Request, approve, sign, revoke."""


@agreement.command()
@click.argument("offer_id")
@click.option("--purpose", "purposes", multiple=True, required=True, type=click.Choice(PURPOSES), help="DUO code.")
@click.option("--statement", required=True, help="What the data is for, in a sentence.")
@click.option("--columns", help="Ask for these columns alone, separated by commas.")
@click.option("--where", "where", multiple=True, help="Ask for the rows alone that fulfil this; repeat for more.")
@key_option
@json_option
def request(
    offer_id: str,
    purposes: tuple[str, ...],
    statement: str,
    columns: str | None,
    where: tuple[str, ...],
    key: Path,
    as_json: bool,
) -> None:
    """Ask for OFFER_ID on behalf of your firm.

    With --columns you ask for a part of what is offered, and with --where for some of its rows. It is made and gated
    when the publisher approves; a part that fails its gate is not granted, and the publisher is told why.

    \b
    Examples: sluice agreement request 01H… --purpose DUO:0000006 --statement "Survival models" --key me.key
              sluice agreement request 01H… … --columns age,stage --where "stage in III,IV" --key me.key
    """
    from market.licensing import agreements
    from policies.cut import Condition, CutSpec
    from policies.terms import Purpose

    part = None
    if where and not columns:
        raise click.UsageError("--where goes with --columns: name the columns you need")
    if columns:
        named = tuple(name.strip() for name in columns.split(",") if name.strip())
        part = CutSpec(columns=named, where=tuple(Condition.parse(words) for words in where))
    with opened() as home:
        member, licensee = acting(home, key, Role.LICENSEE)
        with home.database.writing() as session:
            row = agreements.request(
                session,
                offer_id,
                firm=member.organisation,
                purposes=tuple(Purpose(code) for code in purposes),
                statement=statement,
                part=part,
                by=licensee.id,
                at=now(),
            )
        show({"request": row.id, "state": row.state}, f"Request {row.id} is {row.state}", as_json=as_json)


@agreement.command()
@click.argument("request_id")
@key_option
@json_option
def approve(request_id: str, key: Path, as_json: bool) -> None:
    """Grant REQUEST_ID for your publisher: the agreement is drawn up and signed for it.

    A part that was asked for is made and gated first; one that was made before is shared.

    \b
    Example: sluice agreement approve 01H… --key steward.key
    """
    from market.licensing import agreements, parts

    with opened() as home:
        member, steward = acting(home, key, Role.STEWARD)
        with home.database.reading() as session:
            asked = agreements.asked_part(session, request_id)
        made = None
        if asked is not None:
            edition, spec = asked
            made = parts.prepare(
                home.database,
                home.store,
                edition,
                columns=spec.columns,
                where=spec.where,
                organisation=member.organisation,
                by=steward,
                at=now(),
            )
        with home.database.writing() as session:
            cut = None if made is None else parts.enter(session, made, by=steward, at=now()).id
            row = agreements.approve(
                session, request_id, by=steward, organisation=member.organisation, at=now(), cut_id=cut
            )
        value = {"agreement": row.id, "state": row.state, "text_hash": row.text_hash}
        show(value, f"Agreement {row.id} is {row.state}", as_json=as_json)


@agreement.command()
@click.argument("agreement_id")
@key_option
@json_option
def sign(agreement_id: str, key: Path, as_json: bool) -> None:
    """Sign AGREEMENT_ID for your firm; from then on you may query.

    \b
    Example: sluice agreement show 01H… --key me.key, then: sluice agreement sign 01H… --key me.key
    """
    from market.licensing import agreements

    with opened() as home:
        member, licensee = acting(home, key, Role.LICENSEE)
        with home.database.writing() as session:
            row = agreements.sign(session, agreement_id, by=licensee, firm=member.organisation, at=now())
        value = {"agreement": row.id, "state": row.state, "terms": row.terms_hash}
        show(value, f"Agreement {row.id} is {row.state}", as_json=as_json)


@agreement.command("show")
@click.argument("agreement_id")
@key_option
@json_option
def show_text(agreement_id: str, key: Path, as_json: bool) -> None:
    """Print the text of AGREEMENT_ID, which your firm or publisher is a party of.

    \b
    Example: sluice agreement show 01H… --key me.key
    """
    from catalog.errors import NotFound
    from market.licensing.models import Agreement

    with opened() as home:
        member, _ = acting(home, key)
        with home.database.reading() as session:
            row = session.get(Agreement, agreement_id)
            if row is None or member.organisation not in (row.firm_id, row.publisher_id):
                raise NotFound(f"agreement {agreement_id!r}", "there is none", fix="Check the number.")
            value = {"agreement": row.id, "state": row.state, "text": row.text, "text_hash": row.text_hash}
            show(value, f"{row.text}\n{row.state}", as_json=as_json)


@agreement.command()
@click.argument("agreement_id")
@click.option("--reason", required=True, help="What the firm will read.")
@key_option
@json_option
def revoke(agreement_id: str, reason: str, key: Path, as_json: bool) -> None:
    """End AGREEMENT_ID early, for your publisher.

    \b
    Example: sluice agreement revoke 01H… --reason "Terms were broken" --key steward.key
    """
    from market.licensing import agreements

    with opened() as home:
        member, steward = acting(home, key, Role.STEWARD)
        with home.database.writing() as session:
            row = agreements.revoke(
                session, agreement_id, reason=reason, by=steward.id, organisation=member.organisation, at=now()
            )
        show({"agreement": row.id, "state": row.state}, f"Agreement {row.id} is {row.state}", as_json=as_json)
