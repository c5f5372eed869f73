"""Departments and the datasets they answer for."""

from pathlib import Path

import click

from market.cli.common import acting, json_option, key_option, now, opened, show
from market.parties.models import Role


@click.group()
def publisher() -> None:
    """Departments that answer for datasets."""


@publisher.command()
@click.option("--zh", "name_zh", required=True, help="Its name in Chinese.")
@click.option("--en", "name_en", required=True, help="Its name in English.")
@key_option
@json_option
def add(name_zh: str, name_en: str, key: Path, as_json: bool) -> None:
    """Enter a department. Needs an administrator's key.

    \b
    Example: sluice publisher add --zh 市卫生健康委员会 --en "Health Commission" --key admin.key
    """
    from catalog.publishing import register_publisher

    with opened() as home:
        _, admin = acting(home, key, Role.ADMINISTRATOR)
        with home.database.writing() as session:
            row = register_publisher(session, name_zh=name_zh, name_en=name_en, by=admin.id, at=now())
        show({"publisher": row.id}, f"{name_en} is publisher {row.id}", as_json=as_json)


@click.group()
def dataset() -> None:
    """Datasets, in Chinese and English."""


@dataset.command("add")
@click.argument("id")
@click.option("--title-zh", required=True)
@click.option("--title-en", required=True)
@click.option("--description-zh", required=True)
@click.option("--description-en", required=True)
@click.option("--source", required=True, help="Where the records come from, and under which licence.")
@key_option
@json_option
def add_dataset(
    id: str,
    title_zh: str,
    title_en: str,
    description_zh: str,
    description_en: str,
    source: str,
    key: Path,
    as_json: bool,
) -> None:
    """Enter the dataset ID, for the publisher you are a steward of.

    \b
    Example: sluice dataset add tumor.breast --title-zh 乳腺癌登记 --title-en "Breast cancer registry" \\
               --description-zh … --description-en … --source "Registry, CC BY 4.0" --key steward.key
    """
    from catalog.models import Publisher
    from catalog.publishing import register_dataset

    with opened() as home:
        member, steward = acting(home, key, Role.STEWARD)
        with home.database.writing() as session:
            register_dataset(
                session,
                id=id,
                publisher=session.get_one(Publisher, member.organisation),
                titles=(title_zh, title_en),
                descriptions=(description_zh, description_en),
                source=source,
                by=steward.id,
                at=now(),
            )
        show({"dataset": id}, f"{title_en} is dataset {id}", as_json=as_json)


@dataset.command("list")
@json_option
def listed(as_json: bool) -> None:
    """List the datasets and the release that is published of each.

    \b
    Example: sluice dataset list --json
    """
    from sqlmodel import select

    from catalog.lifecycle import State
    from catalog.models import Dataset, Release

    with opened() as home, home.database.reading() as session:
        current = {r.dataset_id: r for r in session.exec(select(Release).where(Release.state == State.PUBLISHED))}
        value = [
            {"dataset": d.id, "title_zh": d.title_zh, "title_en": d.title_en, "release": current[d.id].id}
            if d.id in current
            else {"dataset": d.id, "title_zh": d.title_zh, "title_en": d.title_en, "release": None}
            for d in session.exec(select(Dataset).order_by(Dataset.id))
        ]
        words = "\n".join(f"{d['dataset']}  {d['title_zh']} / {d['title_en']}  {d['release'] or '–'}" for d in value)
        show({"datasets": value}, words, as_json=as_json)
