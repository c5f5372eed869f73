"""Look into one question: follow it to where its data came from, and run it once more."""

from pathlib import Path

import click

from market.cli.common import acting, json_option, key_option, now, opened, show


@click.command()
@click.argument("query_id")
@key_option
@json_option
def replay(query_id: str, key: Path, as_json: bool) -> None:
    """Run question QUERY_ID once more on the same bytes, and compare hashes with what the log says was delivered.

    Nothing is charged and no row is shown. Needs an auditor's key, and is itself logged. It ends with 1 where the
    result differs, or could not be had.

    \b
    Example: sluice log replay 01H… --json --key auditor.key
    """
    from market.auditing.replay import GOOD
    from market.auditing.replay import replay as run_again
    from market.parties.models import Role
    from market.query.service import serving

    with opened() as home:
        _, auditor = acting(home, key, Role.AUDITOR)
        with serving(home, now, workers=1) as service:
            found = run_again(service, query_id, by=auditor.id)
    lines = [f"{found.verdict}{'' if found.reason is None else f': {found.reason}'}"]
    for name, one in (("logged", found.logged), ("now", found.found)):
        if one is not None:
            lines.append(f"  {name}: {one.rows} rows, {one.size_bytes} bytes, SHA-256 {one.sha256}")
    lines.append(f"  release {found.release}, edition {found.edition}, evidence {found.evidence}")
    lines += [f"  file {sha256}" for sha256 in found.files]
    if found.erased_at is not None:
        lines.append(f"  erased at {found.erased_at:%Y-%m-%d %H:%M} UTC")
    show(found, "\n".join(lines), as_json=as_json)
    if found.verdict not in GOOD:
        raise click.exceptions.Exit(1)


@click.command()
@click.argument("query_id")
@key_option
@json_option
def trace(query_id: str, key: Path, as_json: bool) -> None:
    """Follow question QUERY_ID from the person who asked to the source of the data, with the entries that prove it.

    Signatures on the way are checked, and what is at rest is held against the log. Needs an auditor's key, and is
    itself logged. It ends with 1 where something does not hold.

    \b
    Example: sluice log trace 01H… --key auditor.key
    """
    from market.auditing.reading import searched
    from market.auditing.trace import trace as follow
    from market.cli.tables import printable
    from market.parties.models import Role
    from policies.canonical import plain

    with opened() as home:
        _, auditor = acting(home, key, Role.AUDITOR)
        with home.database.writing() as session:
            searched(session, by=auditor.id, at=now(), traced=query_id)
        with home.database.reading() as session:
            steps = follow(session, query_id)
    lines = []
    for step in steps:
        mark = "✗" if step.faults else "✓"
        entries = ", ".join(map(str, step.entries)) or "none"
        lines.append(f"{mark} {step.what} {step.id or ''}  [entries {entries}]")
        facts = {name: value for name, value in plain(dict(step.facts)).items() if value not in (None, [], {})}
        lines += [f"    {name}: {printable(value)}" for name, value in facts.items()]
        lines += [f"    NOT PROVED: {fault}" for fault in step.faults]
    faulty = any(step.faults for step in steps)
    show({"query": query_id, "ok": not faulty, "steps": steps}, "\n".join(lines), as_json=as_json)
    if faulty:
        raise click.exceptions.Exit(1)
