"""Incidents: report that a person can be recognised or that data leaked, and record what was decided."""

from pathlib import Path

import click

from market.cli.common import acting, json_option, key_option, now, opened, said, show

KINDS = ("reidentification", "leak", "other")
DECISIONS = ("triaged", "contained", "closed")


@click.group()
def incident() -> None:
    """Re-identification, leaks and other faults: reported by anybody here, decided by those who answer for the data."""


@incident.command()
@click.option("--dataset", "dataset_id", required=True, help="The dataset it is about.")
@click.option("--release", "release_id", help="The release, where it is known.")
@click.option("--kind", required=True, type=click.Choice(KINDS))
@click.option("--text", help="What happened; read from standard input where it is not given.")
@key_option
@json_option
def report(dataset_id: str, release_id: str | None, kind: str, text: str | None, key: Path, as_json: bool) -> None:
    """Report an incident. Say how it came about; do not name the person. The log keeps a commitment, not the words.

    \b
    Example: sluice incident report --dataset tumor-registry --kind reidentification --key me.key < report.txt
    """
    from market.recall import incidents
    from market.recall.models import IncidentKind
    from market.recall.viewers import Viewer

    with opened() as home:
        member, _ = acting(home, key)
        words = said(text)
        with home.database.writing() as session:
            row = incidents.report(
                session,
                dataset_id=dataset_id,
                release_id=release_id,
                kind=IncidentKind(kind),
                text=words,
                by=Viewer.of(member),
                at=now(),
            )
        show({"incident": row.id, "state": row.state}, f"Incident {row.id} is {row.state}", as_json=as_json)


@incident.command("list")
@key_option
@json_option
def listed(key: Path, as_json: bool) -> None:
    """List the incidents you reported and those of your publisher; administrators and auditors see all.

    \b
    Example: sluice incident list --key steward.key
    """
    from market.recall import incidents
    from market.recall.viewers import Viewer

    with opened() as home:
        member, _ = acting(home, key)
        with home.database.reading() as session:
            value = [
                {
                    "incident": row.id,
                    "dataset": row.dataset_id,
                    "release": row.release_id,
                    "kind": row.kind,
                    "state": row.state,
                    "reported_at": row.reported_at,
                }
                for row in incidents.incidents(session, Viewer.of(member))
            ]
    words = "\n".join(f"{row['incident']}  {row['dataset']}  {row['kind']}  {row['state']}" for row in value)
    show({"incidents": value}, words or "None.", as_json=as_json)


@incident.command("show")
@click.argument("incident_id")
@key_option
@json_option
def show_one(incident_id: str, key: Path, as_json: bool) -> None:
    """Show INCIDENT_ID: the report, the decisions, and whether their words are those the log committed to.

    \b
    Example: sluice incident show 01H… --key steward.key
    """
    from market.audit.commitments import proves
    from market.recall import incidents
    from market.recall.viewers import Viewer

    with opened() as home:
        member, _ = acting(home, key)
        with home.database.reading() as session:
            row = incidents.find(session, incident_id, viewer=Viewer.of(member))
            steps = [
                {
                    "state": step.state,
                    "text": step.text,
                    "commitment": step.commitment,
                    "proved": None
                    if step.text is None or step.salt is None
                    else proves(step.commitment, step.text, bytes.fromhex(step.salt)),
                    "by": step.by,
                    "at": step.at,
                    "withdrawn": step.withdrawn_id,
                }
                for step in incidents.steps_of(session, incident_id)
            ]
            value = {
                "incident": row.id,
                "dataset": row.dataset_id,
                "release": row.release_id,
                "kind": row.kind,
                "state": row.state,
                "steps": steps,
            }
    told = [f"{step['at']:%Y-%m-%d %H:%M}  {step['state']}: {step['text'] or '(erased)'}" for step in steps]
    show(value, "\n".join([f"{row.id}  {row.dataset_id}  {row.kind}  {row.state}", *told]), as_json=as_json)


@incident.command()
@click.argument("incident_id")
@click.option("--to", "to", required=True, type=click.Choice(DECISIONS))
@click.option("--text", help="The decision in words; read from standard input where it is not given.")
@click.option("--withdrew", "withdrawn_id", help="The release that was withdrawn because of it.")
@key_option
@json_option
def decide(incident_id: str, to: str, text: str | None, withdrawn_id: str | None, key: Path, as_json: bool) -> None:
    """Take INCIDENT_ID a step further, for the dataset's publisher or as an administrator.

    \b
    Example: sluice incident decide 01H… --to triaged --text "Reproduced; the release is withdrawn" --key steward.key
    """
    from market.recall import incidents
    from market.recall.models import IncidentState
    from market.recall.viewers import Viewer

    with opened() as home:
        member, _ = acting(home, key)
        words = said(text)
        with home.database.writing() as session:
            row = incidents.decide(
                session,
                incident_id,
                to=IncidentState(to),
                text=words,
                withdrawn_id=withdrawn_id,
                by=Viewer.of(member),
                at=now(),
            )
        show({"incident": row.id, "state": row.state}, f"Incident {row.id} is {row.state}", as_json=as_json)


@incident.command()
@click.argument("incident_id")
@key_option
@json_option
def erase(incident_id: str, key: Path, as_json: bool) -> None:
    """Erase the words of INCIDENT_ID, where they hold what must not be kept. Needs an administrator's key.

    \b
    Example: sluice incident erase 01H… --key admin.key
    """
    from market.recall import incidents
    from market.recall.viewers import Viewer

    with opened() as home:
        member, _ = acting(home, key)
        with home.database.writing() as session:
            erased = incidents.erase(session, incident_id, by=Viewer.of(member), at=now())
        words = f"{erased} texts erased; the log's commitments stay"
        show({"incident": incident_id, "erased": erased}, words, as_json=as_json)
