"""Cases: what an auditor looks into, on which entries, what stewards answered, and the signed report."""

import json
from pathlib import Path
from typing import Any

import click

from market.cli.common import acting, json_option, key_option, now, opened, said, show
from market.cli.tables import printable

SHOWN = ("case", "title", "state", "opened_at", "closed_at")
output_option = click.option(
    "-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="Write the signed report into a new file."
)


@click.group()
def case() -> None:
    """What auditors look into. Stewards see the questions to their publisher; for everybody else there is no case."""


@case.command("open")
@click.argument("title")
@key_option
@json_option
def open_one(title: str, key: Path, as_json: bool) -> None:
    """Open a case.

    \b
    Example: sluice case open "Exports of the night of 3 March" --key auditor.key
    """
    from market.auditing import cases
    from market.parties.models import Role

    with opened() as home:
        _, auditor = acting(home, key, Role.AUDITOR)
        with home.database.writing() as session:
            row = cases.open_case(session, title, by=auditor.id, at=now())
        show({"case": row.id, "state": row.state}, f"Case {row.id} is open", as_json=as_json)


@case.command()
@click.argument("case_id")
@click.argument("entries", nargs=-1, required=True, type=click.IntRange(0))
@click.option("--note", "words", default="", help="Why they belong to it.")
@key_option
@json_option
def attach(case_id: str, entries: tuple[int, ...], words: str, key: Path, as_json: bool) -> None:
    """Attach ENTRIES of the log, by their numbers, to case CASE_ID.

    \b
    Example: sluice case attach 01H… 1207 1208 --note "twelve times the usual" --key auditor.key
    """
    from market.auditing import cases
    from market.parties.models import Role

    with opened() as home:
        _, auditor = acting(home, key, Role.AUDITOR)
        with home.database.writing() as session:
            fresh = cases.attach(session, case_id, entries, words=words, by=auditor.id, at=now())
        show({"case": case_id, "attached": fresh}, f"{len(fresh)} entries attached", as_json=as_json)


@case.command()
@click.argument("case_id")
@click.option("--publisher", "publisher_id", required=True, help="Whose stewards are asked.")
@click.option("--text", help="The question; read from standard input where it is not given.")
@key_option
@json_option
def ask(case_id: str, publisher_id: str, text: str | None, key: Path, as_json: bool) -> None:
    """Ask the stewards of a publisher about case CASE_ID. They read the question, and nothing else of the case.

    \b
    Example: sluice case ask 01H… --publisher 01H… --text "Who approved the copy of 3 March?" --key auditor.key
    """
    from market.auditing import cases
    from market.parties.models import Role

    with opened() as home:
        _, auditor = acting(home, key, Role.AUDITOR)
        words = said(text)
        with home.database.writing() as session:
            row = cases.ask(session, case_id, publisher_id=publisher_id, question=words, by=auditor.id, at=now())
        show({"case": case_id, "question": row.id}, f"Question {row.id} is asked", as_json=as_json)


@case.command()
@click.argument("question_id")
@click.option("--text", help="The answer; read from standard input where it is not given.")
@key_option
@json_option
def answer(question_id: str, text: str | None, key: Path, as_json: bool) -> None:
    """Answer question QUESTION_ID for your publisher; your key signs it, and it cannot be taken back.

    \b
    Example: sluice case answer 01H… --key steward.key < answer.txt
    """
    from market.auditing import cases

    with opened() as home:
        member, steward = acting(home, key)
        words = said(text)
        with home.database.writing() as session:
            row = cases.answer(session, question_id, words, sight=cases.Sight.of(member), by=steward, at=now())
        show({"question": row.id, "signature": row.signature}, f"Question {row.id} is answered", as_json=as_json)


@case.command("list")
@key_option
@json_option
def listed(key: Path, as_json: bool) -> None:
    """List the cases, for an auditor; for a steward, the questions to their publisher.

    \b
    Example: sluice case list --key auditor.key
    """
    from market.auditing import cases

    with opened() as home:
        member, _ = acting(home, key)
        sight = cases.Sight.of(member)
        with home.database.reading() as session:
            value = {
                "cases": [_case(row) for row in cases.cases(session, sight)],
                "questions": [_question(row) for row in cases.questions_for(session, sight)],
            }
    lines = [f"{one['case']}  {one['state']}  {printable(one['title'])}" for one in value["cases"]]
    lines += [f"{one['question']}  {_state(one)}  {printable(one['text'])}" for one in value["questions"]]
    show(value, "\n".join(lines) or "There is none.", as_json=as_json)


@case.command("show")
@click.argument("case_id")
@output_option
@key_option
@json_option
def show_one(case_id: str, output: Path | None, key: Path, as_json: bool) -> None:
    """Show case CASE_ID with its entries and questions; -o writes the report of a closed one.

    \b
    Example: sluice case show 01H… --key auditor.key
    """
    from market.auditing import cases, reports

    with opened() as home:
        member, _ = acting(home, key)
        with home.database.reading() as session:
            row = cases.find(session, case_id, cases.Sight.of(member))
            entries = [
                {"seq": one.seq, "note": one.note, "attached_by": one.attached_by, "attached_at": one.attached_at}
                for one in cases.entries_of(session, case_id)
            ]
            questions = [_question(one) for one in cases.questions_of(session, case_id)]
            if output is not None:
                _write(output, reports.document(row))
    value = {**_case(row), "entries": entries, "questions": questions, "report": row.report_hash}
    lines = [f"{row.id}  {row.state}  {printable(row.title)}"]
    lines += [f"  entry {one['seq']}  {printable(one['note'])}" for one in entries]
    for one in questions:
        lines.append(f"  question {one['question']} to {one['publisher']}: {printable(one['text'])}")
        lines.append(f"    {_state(one)}: {printable(one['answer'] or '')}")
    if row.report_hash is not None:
        lines.append(f"  report {row.report_hash}, signed by {row.key}")
    show(value, "\n".join(lines), as_json=as_json)


@case.command()
@click.argument("case_id")
@click.option("--conclusion", help="What was found; read from standard input where it is not given.")
@output_option
@key_option
@json_option
def close(case_id: str, conclusion: str | None, output: Path | None, key: Path, as_json: bool) -> None:
    """Close case CASE_ID for good; your key signs the report, which carries the proof of every entry.

    \b
    Example: sluice case close 01H… --conclusion "The copy was approved." -o report.json --key auditor.key
    """
    from market.auditing import reports
    from market.parties.models import Role

    if output is not None and output.exists():
        raise click.UsageError(f"{output} is there already: name a new file")
    with opened() as home:
        _, auditor = acting(home, key, Role.AUDITOR)
        words = said(conclusion)
        with home.database.writing() as session:
            row = reports.close(session, case_id, words, home.notary, by=auditor, at=now())
        if output is not None:
            _write(output, reports.document(row))
    value = {"case": row.id, "state": row.state, "report": row.report_hash, "key": row.key, "signature": row.signature}
    show(value, f"Case {row.id} is closed; its report is {row.report_hash}", as_json=as_json)


@case.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--log-key", "log_keys", required=True, multiple=True, help="A public key of the log.")
@click.option("--auditor-key", required=True, help="The public key of the auditor who closed the case.")
@json_option
def verify(file: Path, log_keys: tuple[str, ...], auditor_key: str, as_json: bool) -> None:
    """Check the report in FILE against the log's and the auditor's public keys; needs no home.

    \b
    Example: sluice case verify report.json --log-key AbC… --auditor-key DeF…
    """
    from market.auditing import reports

    try:
        given: Any = json.loads(file.read_text("utf-8"))
        faults = reports.check(given, *log_keys, auditor_key=auditor_key)
    except ValueError:
        faults = ["it is no JSON"]
    show({"ok": not faults, "faults": faults}, "\n".join(faults) or "The report holds.", as_json=as_json)
    if faults:
        raise click.exceptions.Exit(1)


def _write(output: Path, document: dict[str, Any]) -> None:
    with output.open("x", encoding="utf-8") as file:
        json.dump(document, file, ensure_ascii=False, indent=1)
        file.write("\n")


def _case(row: Any) -> dict[str, Any]:
    return {"case": row.id, **{name: getattr(row, name) for name in SHOWN[1:]}}


def _question(row: Any) -> dict[str, Any]:
    return {
        "question": row.id,
        "publisher": row.publisher_id,
        "text": row.question,
        "asked_at": row.asked_at,
        "answer": row.answer,
        "answered_by": row.answered_by,
        "answered_at": row.answered_at,
    }


def _state(question: dict[str, Any]) -> str:
    return "waits" if question["answered_at"] is None else "answered"
