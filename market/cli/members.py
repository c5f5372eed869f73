"""People, their keys, and the firms they act for."""

from pathlib import Path

import click

from market.cli.common import acting, json_option, key_option, now, opened, show
from market.parties.models import Role


@click.group()
def member() -> None:
    """People and their keys."""


@member.command("key")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@json_option
def draw(file: Path, as_json: bool) -> None:
    """Draw a private key into FILE (mode 0600) and print its public half.

    \b
    Example: sluice member key ~/me.key
    """
    from anonymize.signing import Signer

    signer = Signer.create(file)
    show({"key": str(file), "public": signer.public}, signer.public, as_json=as_json)


@member.command()
@click.option("--name", required=True)
@click.option("--role", required=True, type=click.Choice([role.value for role in Role]))
@click.option("--public", "public_key", required=True, help="Their public key, as `sluice member key` printed it.")
@click.option("--organisation", help="The publisher's or firm's identifier they act for.")
@key_option
@json_option
def add(name: str, role: str, public_key: str, organisation: str | None, key: Path, as_json: bool) -> None:
    """Enter a person. Needs an administrator's key. A steward's key becomes trusted to sign evidence.

    \b
    Example: sluice member add --name "Li" --role steward --public AbC… --organisation 01H… --key admin.key
    """
    from market.parties.members import add_member

    with opened() as home:
        _, admin = acting(home, key, Role.ADMINISTRATOR)
        with home.database.writing() as session:
            row = add_member(
                session,
                name=name,
                role=Role(role),
                public_key=public_key,
                organisation=organisation,
                by=admin.id,
                at=now(),
            )
            if row.role == Role.STEWARD:
                home.trust(public_key)  # before the commit: a member whose key is not trusted could not be mended
        show({"member": row.id, "role": row.role}, f"{name} is {row.role} {row.id}", as_json=as_json)


@member.command("rotate-key")
@click.argument("new_file", type=click.Path(path_type=Path, dir_okay=False))
@key_option
@json_option
def rotate_key(new_file: Path, key: Path, as_json: bool) -> None:
    """Draw yourself a new key into NEW_FILE; your old one signs it, and is yours no more.

    What the old key has signed stays signed. A key that is in NEW_FILE already is taken, so that a step that was
    interrupted can be repeated.

    \b
    Example: sluice member rotate-key ~/me-2027.key --key ~/me.key
    """
    from anonymize.signing import Signer
    from market.parties.members import rotate_key as rotate

    with opened() as home:
        row, holder = acting(home, key)
        fresh = Signer.load(new_file) if new_file.exists() else Signer.create(new_file)
        with home.database.writing() as session:
            rotate(session, holder.id, holder.signer, fresh, at=now())
            if row.role == Role.STEWARD:
                home.trust(fresh.public)  # before the commit, as for a new member
        value = {"member": row.id, "key": str(new_file), "public": fresh.public}
        show(value, f"{row.id} signs with {new_file} from now on: {fresh.public}", as_json=as_json)


@member.command("list")
@json_option
def listed(as_json: bool) -> None:
    """List the members.

    \b
    Example: sluice member list --json
    """
    from sqlmodel import select

    from market.parties.models import Member

    with opened() as home, home.database.reading() as session:
        rows = session.exec(select(Member).order_by(Member.id)).all()
        value = [{"member": m.id, "name": m.name, "role": m.role, "organisation": m.organisation} for m in rows]
        words = "\n".join(f"{m.id}  {m.role:13}  {m.name}  {m.organisation or ''}" for m in rows)
        show({"members": value}, words, as_json=as_json)


@click.group()
def firm() -> None:
    """Companies that license data."""


@firm.command("add")
@click.argument("name")
@key_option
@json_option
def add_firm(name: str, key: Path, as_json: bool) -> None:
    """Enter the company NAME. Needs an administrator's key.

    \b
    Example: sluice firm add "Example AI" --key admin.key
    """
    from market.parties.members import register_firm

    with opened() as home:
        _, admin = acting(home, key, Role.ADMINISTRATOR)
        with home.database.writing() as session:
            row = register_firm(session, name=name, by=admin.id, at=now())
        show({"firm": row.id, "name": row.name}, f"{row.name} is firm {row.id}", as_json=as_json)
