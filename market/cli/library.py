"""Questions by name: templates that stewards approve, and what a firm keeps; and trying SQL on a mock table."""

import json
import sys
from pathlib import Path

import click

from market.cli.common import acting, json_option, key_option, now, opened, show
from market.parties.models import Role


@click.group()
def template() -> None:
    """Questions with typed parameters that a steward approved for an edition."""


@template.command()
@click.argument("edition_id")
@click.argument("name")
@click.argument("sql")
@click.option("--param", "params", multiple=True, help="NAME=TYPE: string, integer, decimal, boolean or date.")
@key_option
@json_option
def approve(edition_id: str, name: str, sql: str, params: tuple[str, ...], key: Path, as_json: bool) -> None:
    """Approve SQL as the template NAME of EDITION_ID. Needs a steward of its publisher.

    \b
    Example: sluice template approve 01H… at-stage "SELECT count(*) FROM tumor WHERE stage = \\$stage" \\
               --param stage=string --key steward.key
    """
    from market.query import library

    types = {}
    for word in params:
        parameter, _, kind = word.partition("=")
        if kind not in tuple(library.ParameterType) or not parameter.isidentifier():
            raise click.UsageError(f"{word!r}: write NAME=TYPE, with one of {', '.join(library.ParameterType)}")
        types[parameter] = library.ParameterType(kind)
    with opened() as home:
        member, steward = acting(home, key, Role.STEWARD)
        with home.database.writing() as session:
            row = library.approve(
                session, edition_id, name, sql, types, by=steward.id, organisation=member.organisation, at=now()
            )
            value = {"template": row.id, "name": row.name}
    show(value, f"Template {name} of edition {edition_id} is approved.", as_json=as_json)


@template.command("list")
@click.argument("edition_id")
@json_option
def listed(edition_id: str, as_json: bool) -> None:
    """List the templates of EDITION_ID.

    \b
    Example: sluice template list 01H…
    """
    from market.query import library

    with opened() as home, home.database.reading() as session:
        value = [
            {"template": row.id, "name": row.name, "sql": row.sql, "parameters": json.loads(row.parameters)}
            for row in library.templates(session, edition_id)
        ]
    words = "\n".join(f"{row['name']}  {row['parameters'] or ''}\n  {row['sql']}" for row in value)
    show({"templates": value}, words or "There are none.", as_json=as_json)


@template.command()
@click.argument("template_id")
@key_option
@json_option
def retire(template_id: str, key: Path, as_json: bool) -> None:
    """Offer the template TEMPLATE_ID no more.

    \b
    Example: sluice template retire 01H… --key steward.key
    """
    from market.query import library

    with opened() as home:
        member, steward = acting(home, key, Role.STEWARD)
        with home.database.writing() as session:
            library.retire(session, template_id, by=steward.id, organisation=member.organisation, at=now())
    show({"template": template_id, "retired": True}, f"Template {template_id} is retired.", as_json=as_json)


@click.group()
def kept() -> None:
    """Questions that your firm keeps under names."""


@kept.command()
@click.argument("name")
@click.argument("sql")
@key_option
@json_option
def save(name: str, sql: str, key: Path, as_json: bool) -> None:
    """Keep SQL under NAME; a name that is taken is given the new question.

    \b
    Example: sluice kept save by-grade "SELECT grade, count(*) FROM tumor GROUP BY 1" --key me.key
    """
    from market.query import library

    with opened() as home:
        member, actor = acting(home, key, Role.LICENSEE)
        with home.database.writing() as session:
            library.save(session, name, sql, firm=member.organisation, by=actor.id, at=now())
    show({"name": name}, f"{name} is kept.", as_json=as_json)


@kept.command("list")
@key_option
@json_option
def listed_kept(key: Path, as_json: bool) -> None:
    """List the questions that your firm keeps.

    \b
    Example: sluice kept list --key me.key
    """
    from market.query import library

    with opened() as home:
        member, _ = acting(home, key, Role.LICENSEE)
        with home.database.reading() as session:
            value = [{"name": row.name, "sql": row.sql} for row in library.saved(session, member.organisation)]
    show({"kept": value}, "\n".join(f"{r['name']}  {r['sql']}" for r in value) or "There are none.", as_json=as_json)


@kept.command()
@click.argument("name")
@key_option
@json_option
def remove(name: str, key: Path, as_json: bool) -> None:
    """Forget the question NAME.

    \b
    Example: sluice kept remove by-grade --key me.key
    """
    from market.query import library

    with opened() as home:
        member, _ = acting(home, key, Role.LICENSEE)
        with home.database.writing() as session:
            library.remove(session, name, firm=member.organisation)
    show({"name": name, "removed": True}, f"{name} is forgotten.", as_json=as_json)


@click.command("try")
@click.argument("dataset_id")
@click.argument("sql")
@json_option
def attempt(dataset_id: str, sql: str, as_json: bool) -> None:
    """Try SQL on the mock table of DATASET_ID: free, without a licence, on the same engine. No row is of a person.

    The table is called as the dataset, with _ for what is no letter or digit. Rows go out as CSV.

    \b
    Example: sluice try breast-cancer-registry "SELECT grade, count(*) FROM breast_cancer_registry GROUP BY 1"
    """
    import pyarrow.csv as arrow_csv

    from market.query import trying
    from market.query.service import serving

    with opened() as home:
        with home.database.reading() as session:
            mock = trying.mock_table(session, home.store, dataset_id, at=now())
        with serving(home, now, workers=1) as service:
            table = trying.attempt(service.pool, mock, sql)
    if as_json:
        show({"table": mock.table, "rows": table.to_pylist()}, "", as_json=True)
    else:
        arrow_csv.write_csv(table, sys.stdout.buffer)
