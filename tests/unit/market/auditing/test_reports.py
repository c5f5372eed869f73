"""A report convinces whoever knows the log's and the auditor's key, and no change to it goes unseen."""

import base64
import copy
import json

import pytest

from anonymize.signing import Signer
from catalog.errors import WrongState
from market.audit.notary import Notary
from market.audit.rotation import rotate
from market.auditing import cases, reports
from policies.canonical import canonical_json
from tests.common.world import World
from tests.unit.market.auditing.test_cases import answer, ask, attach, opened, staff, told


@pytest.fixture
def world(world: World) -> World:
    """Give a world with an auditor, on SQLite alone."""
    return staff(world)


def notary(world: World) -> Notary:
    return Notary.create(world.folder / "log-keys")


def close(world: World, case: str, words: str = "It was approved.") -> dict[str, object]:
    with world.writing() as session:
        by = world.people["auditor"]
        row = reports.close(session, case, words, notary(world), by=by, at=world.now())
    return json.loads(json.dumps(reports.document(row)))


def log_key(world: World) -> str:
    with world.reading() as session:
        return notary(world).signer(session).public


def check(world: World, document: dict[str, object], *log_keys: str, auditor: str = "auditor") -> list[str]:
    return reports.check(document, *(log_keys or (log_key(world),)), auditor_key=world.people[auditor].signer.public)


def investigated(world: World) -> str:
    """Take a case as far as to its end."""
    case = opened(world)
    attach(world, case, 1, 3, words="twelve times the usual")
    answer(world, ask(world, case))
    ask(world, case, "And who read it?")
    return case


def test_a_report_holds_for_a_stranger_with_two_keys(any_world: World):
    world = staff(any_world)
    document = close(world, investigated(world))
    assert check(world, document) == []
    report = document["report"]
    assert [entry["seq"] for entry in report["entries"]] == [1, 3]
    assert [question["answer"] for question in report["questions"]] == ["I did.", None]
    assert report["conclusion"] == "It was approved."


def test_a_case_without_entries_and_questions_has_a_report_too(world: World):
    assert check(world, close(world, opened(world))) == []


def test_closing_is_logged_with_the_hash_and_signature_of_the_report(world: World):
    case = opened(world)
    document = close(world, case)
    (entry,) = told(world, "case:closed")
    assert (entry["subject"], entry["details"]["signature"]) == (case, document["signature"])
    written = canonical_json(document["report"])
    assert entry["details"]["report"] == cases.hash_of(written.decode())


def test_closed_is_final(any_world: World):
    world = staff(any_world)
    case = opened(world)
    question = ask(world, case)
    close(world, case)
    for step in (
        lambda: close(world, case),
        lambda: attach(world, case, 1),
        lambda: ask(world, case),
        lambda: answer(world, question),
    ):
        with pytest.raises(WrongState, match="closed for good"):
            step()


def test_an_open_case_has_no_report(world: World):
    case = opened(world)
    with world.reading() as session, pytest.raises(WrongState, match="has no report"):
        reports.document(cases.find(session, case, cases.Sight(world.people["auditor"].id, True, None)))


def test_the_report_stays_checkable_with_either_key_after_the_logs_key_changed(world: World):
    first = log_key(world)
    fresh = notary(world).draw(world.now())
    with world.writing() as session:
        rotate(session, notary(world), fresh, by=world.people["administrator"].id, at=world.now())
    document = close(world, investigated(world))
    assert check(world, document, first) == check(world, document, fresh.public) == []
    assert check(world, document, Signer.create(world.folder / "other.key").public) != []


def paths(value: object, path: tuple[object, ...] = ()) -> list[tuple[object, ...]]:
    """Name every place of a document."""
    if isinstance(value, dict):
        return [one for name, item in value.items() for one in paths(item, (*path, name))]
    if isinstance(value, list):
        return [one for place, item in enumerate(value) for one in paths(item, (*path, place))]
    return [path]


def changed(value: object) -> object:
    match value:
        case str():
            return f"{value}x" if value else "x"
        case int():
            return value + 1
        case _:
            return "x"


def altered(document: dict[str, object], path: tuple[object, ...]) -> dict[str, object]:
    made = copy.deepcopy(document)
    place = made
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = changed(place[path[-1]])
    return made


def test_no_value_of_a_report_changes_unseen(world: World):
    document = close(world, investigated(world))
    for path in paths(document):
        assert check(world, altered(document, path)) != [], path


def resigned(world: World, document: dict[str, object]) -> dict[str, object]:
    """Sign a changed report again, as a dishonest auditor would."""
    signature = world.people["auditor"].signer.sign(canonical_json(document["report"]))
    return {**document, "signature": signature}


FREE = {"conclusion", "closed_at"}
"""What the auditor says alone, and nobody else has signed."""


def test_even_the_auditor_cannot_change_what_others_said_or_the_log_holds(world: World):
    document = close(world, investigated(world))
    for path in paths(document["report"]):
        if path[0] not in FREE:
            forged = resigned(world, altered(document, ("report", *path)))
            assert check(world, forged) != [], path


def test_an_answer_a_question_or_an_entry_cannot_be_left_out_while_its_proof_is_there(world: World):
    document = close(world, investigated(world))
    for part in ("entries", "questions"):
        shorter = copy.deepcopy(document)
        shorter["report"][part].pop()
        assert any("the log says that other" in fault for fault in check(world, resigned(world, shorter))), part
    silent = copy.deepcopy(document)
    silent["report"]["questions"][0] |= dict.fromkeys(reports.ANSWERED)
    assert any("was answered so" in fault for fault in check(world, resigned(world, silent)))


def test_an_answer_cannot_be_put_into_anothers_mouth(world: World):
    document = close(world, investigated(world))
    question = document["report"]["questions"][0]
    signer = world.people["stranger"].signer
    question["answered_by"], question["key"] = world.people["stranger"].id, signer.public
    question["signature"] = signer.sign(cases.answer_message(document["report"]["case"]["id"], question))
    assert any("was answered so" in fault for fault in check(world, resigned(world, document)))


def test_another_key_than_the_auditors_is_refused(world: World):
    document = close(world, opened(world))
    stranger = world.people["stranger"].signer
    forged = {**document, "key": stranger.public, "signature": stranger.sign(canonical_json(document["report"]))}
    assert "the auditor's signature does not hold" in check(world, forged)
    assert any("is the auditor's" in fault for fault in check(world, forged, auditor="stranger"))


@pytest.mark.parametrize(
    "document",
    [{}, {"report": {}}, {"report": [], "key": "", "signature": ""}, {"report": {"format": "other"}}, [], None, "x"],
)
def test_what_is_no_report_is_said_to_be_none(world: World, document):
    (fault,) = check(world, document)
    assert "no report" in fault or "format" in fault


def test_a_proof_of_another_entry_does_not_hold(world: World):
    document = close(world, investigated(world))
    proofs = document["report"]["proofs"]
    proofs[0]["proof"], proofs[1]["proof"] = proofs[1]["proof"], proofs[0]["proof"]
    faults = check(world, resigned(world, document))
    assert sum("is not in the log that was signed" in fault for fault in faults) == 2
    proofs[0]["proof"] = [base64.b64encode(b"short").decode()]
    assert any("is not in the log" in fault for fault in check(world, resigned(world, document)))
