"""Publishers as a tree, and what they may release."""

from pathlib import Path

import click

from market.cli.common import acting, json_option, key_option, now, opened, show
from market.parties.models import Role


@click.group()
def publisher() -> None:
    """The city, its districts and departments, and what each may release."""


@publisher.command()
@click.option("--zh", "name_zh", required=True, help="Its name in Chinese.")
@click.option("--en", "name_en", required=True, help="Its name in English.")
@click.option("--kind", type=click.Choice(["city", "district", "department"]), default="department", show_default=True)
@click.option("--parent", metavar="PUBLISHER", help="The publisher above it; none makes it the root of a tree.")
@key_option
@json_option
def add(name_zh: str, name_en: str, kind: str, parent: str | None, key: Path, as_json: bool) -> None:
    """Enter a publisher. Needs an administrator's key.

    A district lies under a city, a department under either, or it is the root of a tree of its own.

    \b
    Example: sluice publisher add --zh 市卫生健康委员会 --en "Health Commission" --parent 01H… --key admin.key
    """
    from catalog.publishers import PublisherKind, register_publisher

    with opened() as home:
        _, admin = acting(home, key, Role.ADMINISTRATOR)
        with home.database.writing() as session:
            row = register_publisher(
                session,
                name_zh=name_zh,
                name_en=name_en,
                kind=PublisherKind(kind),
                parent=parent,
                by=admin.id,
                at=now(),
            )
        show({"publisher": row.id}, f"{name_en} is publisher {row.id}", as_json=as_json)


@publisher.command("list")
@json_option
def listed(as_json: bool) -> None:
    """List the publishers as a tree, with what each was granted.

    \b
    Example: sluice publisher list
    """
    from sqlmodel import select

    from catalog.models import Mandate
    from catalog.publishers import tree

    with opened() as home, home.database.reading() as session:
        granted: dict[str, dict[str, list[str]]] = {}
        for held in session.exec(select(Mandate).order_by(Mandate.theme)):
            granted.setdefault(held.publisher_id, {})[held.theme] = held.profiles.split(",")
        value, lines = [], []
        for depth, row in tree(session):
            own = granted.get(row.id, {})
            value.append(
                {
                    "publisher": row.id,
                    "kind": row.kind,
                    "parent": row.parent_id,
                    "zh": row.name_zh,
                    "en": row.name_en,
                    "mandates": own,
                }
            )
            words = "; ".join(f"{theme}: {', '.join(profiles)}" for theme, profiles in own.items())
            lines.append(f"{'  ' * depth}{row.id}  {row.kind}  {row.name_zh} / {row.name_en}  {words}".rstrip())
        show({"publishers": value}, "\n".join(lines), as_json=as_json)


@publisher.command()
@click.argument("publisher_id")
@click.option("--theme", required=True, help="A theme, as in: sluice dataset add --help.")
@click.option("--profile", "profiles", multiple=True, help="A profile of the editions it may release; repeat.")
@click.option("--revoke", is_flag=True, help="Take the mandate for this theme back.")
@key_option
@json_option
def mandate(publisher_id: str, theme: str, profiles: tuple[str, ...], revoke: bool, key: Path, as_json: bool) -> None:
    """Say what PUBLISHER_ID, and all below it, may release. Needs an administrator's key.

    A theme is granted in editions of the profiles given, in place of those granted before. Without a mandate, nothing
    of a theme may be registered, proposed or published.

    \b
    Example: sluice publisher mandate 01H… --theme health --profile enclave --profile open --key admin.key
    """
    from catalog.mandates import grant_mandate, revoke_mandate

    if revoke == bool(profiles):
        raise click.UsageError("Give the profiles it may release with --profile, or --revoke.")
    with opened() as home:
        _, admin = acting(home, key, Role.ADMINISTRATOR)
        with home.database.writing() as session:
            if revoke:
                revoke_mandate(session, publisher_id, theme=theme, by=admin.id, at=now())
            else:
                grant_mandate(session, publisher_id, theme=theme, profiles=profiles, by=admin.id, at=now())
        value = {"publisher": publisher_id, "theme": theme, "profiles": sorted(set(profiles))}
        may = f"may release {theme} in {', '.join(value['profiles'])}" if profiles else f"holds no {theme} mandate"
        show(value, f"Publisher {publisher_id} {may}", as_json=as_json)
