"""Datasets: described, listed, shown and changed."""

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click

from catalog.describe import LEVELS, RHYTHMS, THEMES
from catalog.models import Dataset
from market.cli import previews
from market.cli.common import F, acting, json_option, key_option, now, opened, show
from market.cli.registration import COMMANDS
from market.cli.stewards import insist_on_own
from market.parties.models import Role


@click.group()
def dataset() -> None:
    """Datasets, in Chinese and English: what they are, their registration, and what may be asked for them."""


for command in (*COMMANDS, previews.statistics, previews.rows, previews.mock):
    dataset.add_command(command)


def _day(_: click.Context, __: click.Parameter, value: datetime | None) -> date | None:
    return None if value is None else value.date()


def described(*, whole: bool) -> Callable[[F], F]:
    """Offer what can be said of a dataset as options; *whole*, what must be said is asked for."""
    day = click.DateTime(["%Y-%m-%d"])
    options = (
        click.option("--title-zh", required=whole),
        click.option("--title-en", required=whole),
        click.option("--description-zh", required=whole),
        click.option("--description-en", required=whole),
        click.option("--source", required=whole, help="Where the records come from, and under which licence."),
        click.option("--theme", required=whole, type=click.Choice(list(THEMES)), help="What it is about."),
        click.option("--legal-basis", required=whole, help="The law or decision under which it may be released."),
        click.option("--contact", required=whole, help="Where questions go: an office, not a person."),
        click.option("--keyword-zh", "keywords_zh", multiple=True, help="A keyword in Chinese; repeat."),
        click.option("--keyword-en", "keywords_en", multiple=True, help="A keyword in English; repeat."),
        click.option("--spatial", help="The area covered: a code of GB/T 2260, or a name."),
        click.option("--temporal-start", type=day, callback=_day, help="The first day covered, YYYY-MM-DD."),
        click.option("--temporal-end", type=day, callback=_day, help="The last day covered; none while it goes on."),
        click.option("--level", type=click.Choice(list(LEVELS)), help="Its level by GB/T 43697: core is refused."),
        click.option("--rhythm", type=click.Choice(list(RHYTHMS)), help="How often a release is due."),
        click.option("--citation", help="How to cite it."),
        click.option("--series", help="The series whose datasets stay linkable by their tokens."),
    )

    def decorate(function: F) -> F:
        for option in reversed(options):
            function = option(function)
        return function

    return decorate


def _given(options: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in options.items() if value is not None and value != ()}


@dataset.command("add")
@click.argument("id")
@described(whole=True)
@key_option
@json_option
def add_dataset(id: str, key: Path, as_json: bool, **options: Any) -> None:
    """Enter the dataset ID, for the publisher you are a steward of, which needs a mandate for its theme.

    \b
    Example: sluice dataset add tumor.breast --title-zh 乳腺癌登记 --title-en "Breast cancer registry" \\
               --description-zh … --description-en … --source "Registry, CC BY 4.0" --theme health \\
               --legal-basis "Registry regulation, art. 12" --contact registry@example.org --key steward.key
    """
    from catalog.datasets import register_dataset
    from catalog.describe import Description
    from catalog.publishers import find_publisher

    description = Description(**_given(options))
    with opened() as home:
        member, steward = acting(home, key, Role.STEWARD)
        with home.database.writing() as session:
            publisher = find_publisher(session, member.organisation or "")
            row = register_dataset(
                session, id=id, publisher=publisher, description=description, by=steward.id, at=now()
            )
        show({"dataset": row.id}, f"{row.title_en} is dataset {row.id}", as_json=as_json)


@dataset.command()
@click.argument("id")
@described(whole=False)
@key_option
@json_option
def change(id: str, key: Path, as_json: bool, **options: Any) -> None:
    """Say something else of the dataset ID; the log keeps what was said before.

    \b
    Example: sluice dataset change tumor.breast --rhythm annual --keyword-en oncology --key steward.key
    """
    from catalog.datasets import change_dataset

    changes = _given(options)
    if not changes:
        raise click.UsageError("Name what is to change.")
    with opened() as home:
        member, steward = acting(home, key, Role.STEWARD)
        with home.database.writing() as session:
            insist_on_own(session, id, member)
            change_dataset(session, id, changes, by=steward.id, at=now())
        show({"dataset": id, "changed": sorted(changes)}, f"Changed: {', '.join(sorted(changes))}", as_json=as_json)


@dataset.command("show")
@click.argument("id")
@json_option
def show_dataset(id: str, as_json: bool) -> None:
    """Show all that is said of the dataset ID, its registration, and its releases.

    \b
    Example: sluice dataset show tumor.breast
    """
    from sqlmodel import select

    from catalog.datasets import find_dataset
    from catalog.describe import Description
    from catalog.models import Release
    from catalog.registration import history
    from policies.canonical import plain

    with opened() as home, home.database.reading() as session:
        row = find_dataset(session, id)
        said = plain(Description.of(row))
        acts = [
            {"number": act.number, "kind": act.kind, "reason": act.reason, "at": plain(act.at)}
            for act in history(session, id)
        ]
        releases = [
            {"release": release.id, "number": release.number, "state": release.state}
            for release in session.exec(select(Release).where(Release.dataset_id == id).order_by(Release.id))
        ]
        value = {"dataset": id, "publisher": row.publisher_id, **said, "registration": acts, "releases": releases}
    lines = [f"{name.replace('_', ' ')}: {_words(told)}" for name, told in value.items() if _words(told)]
    show(value, "\n".join(lines), as_json=as_json)


@dataset.command("list")
@json_option
def listed(as_json: bool) -> None:
    """List the datasets and the release that is published of each.

    \b
    Example: sluice dataset list --json
    """
    from sqlmodel import select

    from catalog.lifecycle import State
    from catalog.models import Release

    with opened() as home, home.database.reading() as session:
        current = {r.dataset_id: r.id for r in session.exec(select(Release).where(Release.state == State.PUBLISHED))}
        value = [
            {
                "dataset": row.id,
                "title_zh": row.title_zh,
                "title_en": row.title_en,
                "theme": row.theme,
                "publisher": row.publisher_id,
                "release": current.get(row.id),
            }
            for row in session.exec(select(Dataset).order_by(Dataset.id))
        ]
        words = "\n".join(f"{d['dataset']}  {d['title_zh']} / {d['title_en']}  {d['release'] or '–'}" for d in value)
        show({"datasets": value}, words, as_json=as_json)


def _words(value: Any) -> str:
    if isinstance(value, list):
        return "; ".join(_words(item) for item in value)
    if isinstance(value, dict):
        return " ".join(_words(item) for item in value.values() if item)
    return "" if value is None else str(value)
