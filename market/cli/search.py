"""Search the catalogue, and keep searches to run again."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from market.cli.common import F, acting, json_option, key_option, now, opened, progress, show
from market.parties.models import Role


def _facet(name: str, words: str) -> Callable[[F], F]:
    return click.option(f"--{name}", name, multiple=True, help=f"{words} May be given again: any of them.")


@click.command()
@click.argument("words", nargs=-1)
@_facet("theme", "Of this theme.")
@_facet("publisher", "Of this publisher or one below it.")
@_facet("spatial", "In this place of GB/T 2260.")
@_facet("profile", "With an edition of this profile.")
@_facet("level", "Of this level.")
@_facet("rhythm", "Released this often.")
@click.option("--year", "year", multiple=True, type=click.IntRange(1, 9999), help="Covering this year.")
@click.option("--all", "unpublished", is_flag=True, help="Your own datasets without a published release too.")
@click.option("--limit", default=20, type=click.IntRange(0, 100), show_default=True)
@click.option("--offset", default=0, type=click.IntRange(0, 10_000), show_default=True)
@click.option("--save", "name", help="Keep this search under a name.")
@click.option(
    "--key",
    "key",
    envvar="SLUICE_KEY",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Your private key file (or SLUICE_KEY), for --all and --save.",
)
@json_option
def search(
    words: tuple[str, ...],
    unpublished: bool,
    limit: int,
    offset: int,
    name: str | None,
    key: Path | None,
    as_json: bool,
    **facets: tuple[Any, ...],
) -> None:
    """Find datasets by WORDS in Chinese or English; column:NAME asks for a column.

    \b
    Examples: sluice search 肿瘤 登记 --theme health
              sluice search column:age_at_diagnosis --spatial 50 --json
              sluice search breast cancer --save breast --key you.key
    """
    from catalog.search import saved
    from catalog.search.find import PUBLIC
    from catalog.search.find import search as find
    from catalog.search.query import Query

    query = Query.parse(" ".join(words), **facets)
    if (unpublished or name is not None) and key is None:
        raise click.UsageError("Missing option '--key': --all and --save need to know who you are.")
    with opened() as home:
        scope = PUBLIC
        if unpublished or name is not None:
            assert key is not None  # asked for above
            member, actor = acting(home, key, *Role)
            scope = _scope(member.role, member.organisation) if unpublished else PUBLIC
            if name is not None:
                with home.database.writing() as session:
                    saved.save(session, name, query, by=actor.id, at=now())
        with home.database.reading() as session:
            found = find(session, query, at=now(), scope=scope, limit=limit, offset=offset)
    show(found, _words(found), as_json=as_json)


def _scope(role: str, organisation: str | None) -> Any:
    from catalog.search.find import Scope

    if role in (Role.ADMINISTRATOR, Role.AUDITOR):
        return Scope(everything=True)
    if role in (Role.STEWARD, Role.APPROVER) and organisation:
        return Scope(publishers=frozenset((organisation,)))
    raise click.UsageError("--all is for those who answer for datasets: stewards and approvers.")


def _words(found: Any) -> str:
    lines = [
        f"Searched for {' or '.join(each.tried)} {'besides' if each.beside else 'instead of'} {each.word}."
        for each in found.corrections
    ]
    if found.partial:
        lines.append("No dataset has all these words; some of them are in:")
    lines += [f"{hit.dataset}  {hit.title_zh} / {hit.title_en}  {hit.publisher_en}" for hit in found.hits]
    lines.append(f"{found.total:,} found" + (f", {len(found.hits)} shown" if len(found.hits) < found.total else ""))
    for facet, counts in found.facets.items():
        shown = ", ".join(f"{each.en or each.zh or each.value} {each.datasets:,}" for each in counts[:6])
        if shown:
            lines.append(f"  {facet}: {shown}{', …' if len(counts) > 6 else ''}")
    return "\n".join(lines)


@click.group()
def saved() -> None:
    """Searches you keep, and what is new in them."""


@saved.command("list")
@key_option
@json_option
def listed(key: Path, as_json: bool) -> None:
    """List your saved searches.

    \b
    Example: sluice saved list --key you.key
    """
    import json

    from catalog.search.saved import saved_searches

    with opened() as home:
        _, actor = acting(home, key, *Role)
        with home.database.reading() as session:
            value = [
                {"name": row.name, "query": json.loads(row.query), "run_at": row.run_at}
                for row in saved_searches(session, actor.id)
            ]
    words = "\n".join(f"{row['name']}  {json.dumps(row['query'], ensure_ascii=False)}" for row in value)
    show({"saved": value}, words or "You keep no searches.", as_json=as_json)


@saved.command()
@click.argument("name")
@key_option
@json_option
def run(name: str, key: Path, as_json: bool) -> None:
    """Run the search NAME again and say what is new since it was last run.

    \b
    Example: sluice saved run breast --key you.key
    """
    from catalog.search import saved

    with opened() as home:
        _, actor = acting(home, key, *Role)
        with home.database.writing() as session:
            news = saved.run(session, name, by=actor.id, at=now())
    told = (("new", news.new), ("with another release", news.released), ("no longer found", news.gone))
    lines = [f"{len(names)} {what}: {', '.join(names)}" for what, names in told if names]
    show(news, "\n".join(lines or ["Nothing new."]), as_json=as_json)


@saved.command()
@click.argument("name")
@key_option
@json_option
def remove(name: str, key: Path, as_json: bool) -> None:
    """Forget the search NAME.

    \b
    Example: sluice saved remove breast --key you.key
    """
    from catalog.search import saved

    with opened() as home:
        _, actor = acting(home, key, *Role)
        with home.database.writing() as session:
            saved.remove(session, name, by=actor.id)
    show({"removed": name}, f"{name} is forgotten", as_json=as_json)


@click.command()
@key_option
@json_option
def reindex(key: Path, as_json: bool) -> None:
    """Make the search index again from the catalogue. Needs an administrator's key.

    \b
    Example: sluice reindex --key admin.key
    """
    from catalog.search import index

    with opened() as home:
        acting(home, key, Role.ADMINISTRATOR)
        with home.database.writing() as session:
            done = index.reindex(session, lambda done, of: progress(f"{done:,} of {of:,} datasets"))
    show({"datasets": done}, f"{done:,} datasets can be found again", as_json=as_json)
