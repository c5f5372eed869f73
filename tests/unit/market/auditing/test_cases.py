"""A case is open to auditors, its questions to the stewards who are asked, and nothing of it to anybody else."""

import pytest
from sqlmodel import Session

from catalog.errors import CatalogError, NotFound, WrongState
from catalog.publishers import register_publisher
from market.audit import log
from market.auditing import cases
from market.auditing.cases import Sight, hash_of
from market.parties.members import holder_of
from market.parties.models import Role
from tests.common.world import World


@pytest.fixture
def staffed(any_world: World) -> World:
    """Give a world with an auditor, and a steward of another publisher."""
    return staff(any_world)


def staff(world: World) -> World:
    with world.writing() as session:
        by = world.people["administrator"].id
        other = register_publisher(session, name_zh="另一", name_en="Other", by=by, at=world.now()).id
    world.people["auditor"] = world.enter("auditor", Role.AUDITOR)
    world.people["stranger"] = world.enter("stranger", Role.STEWARD, other)
    return world


def sight(world: World, name: str) -> Sight:
    with world.reading() as session:
        return Sight.of(holder_of(session, world.people[name].signer.public))


def opened(world: World, title: str = "Exports of the night") -> str:
    with world.writing() as session:
        return cases.open_case(session, title, by=world.people["auditor"].id, at=world.now()).id


def attach(world: World, case: str, *entries: int, words: str = "why") -> list[int]:
    with world.writing() as session:
        by = world.people["auditor"].id
        return cases.attach(session, case, entries, words=words, by=by, at=world.now())


def ask(world: World, case: str, words: str = "Who approved it?") -> str:
    with world.writing() as session:
        by = world.people["auditor"].id
        row = cases.ask(session, case, publisher_id=world.publisher, question=words, by=by, at=world.now())
        return row.id


def answer(world: World, question: str, words: str = "I did.", *, by: str = "steward") -> None:
    with world.writing() as session:
        cases.answer(session, question, words, sight=sight(world, by), by=world.people[by], at=world.now())


def told(world: World, action: str) -> list[dict[str, object]]:
    with world.reading() as session:
        bodies = [log.entry_body(session, seq) for seq in range(log.size(session))]
    return [body for body in bodies if body["action"] == action]


def test_each_step_is_in_the_log_and_its_words_are_not(staffed: World):
    case = opened(staffed)
    attach(staffed, case, 3, 1, words="twelve times the usual")
    question = ask(staffed, case)
    answer(staffed, question)
    (one,), (attached,) = told(staffed, "case:opened"), told(staffed, "case:attached")
    (asked,), (answered,) = told(staffed, "case:asked"), told(staffed, "case:answered")
    assert {entry["subject"] for entry in (one, attached, asked, answered)} == {case}
    assert one["details"] == {"title": hash_of("Exports of the night")}
    assert attached["details"] == {"entries": [1, 3], "note": hash_of("twelve times the usual")}
    assert asked["details"]["text"] == hash_of("Who approved it?")
    assert answered["details"]["text"] == hash_of("I did.")
    assert answered["details"]["key"] == staffed.people["steward"].signer.public
    assert not any(word in str([one, attached, asked, answered]) for word in ("night", "twelve", "approved", "I did"))


def test_an_entry_is_attached_once_and_only_one_that_there_is(staffed: World):
    case = opened(staffed)
    assert attach(staffed, case, 2, 0, 2) == [0, 2]
    assert attach(staffed, case, 2, 1, words="another reason") == [1]
    assert attach(staffed, case, 1) == []
    assert len(told(staffed, "case:attached")) == 2
    with pytest.raises(NotFound, match="entry 9999"):
        attach(staffed, case, 3, 9999)
    with staffed.reading() as session:
        assert [(row.seq, row.note) for row in cases.entries_of(session, case)] == [
            (0, "why"),
            (1, "another reason"),
            (2, "why"),
        ]


def test_a_steward_sees_the_questions_to_their_publisher_and_nothing_else(world: World):
    staffed = staff(world)
    case = opened(staffed)
    question = ask(staffed, case)
    with staffed.reading() as session:
        steward = sight(staffed, "steward")
        assert [row.id for row in cases.questions_for(session, steward)] == [question]
        assert_hidden(session, case, steward)


@pytest.mark.parametrize("name", ["stranger", "approver", "licensee", "administrator"])
def test_for_everybody_else_there_is_no_case(world: World, name: str):
    staffed = staff(world)
    case = opened(staffed)
    question = ask(staffed, case)
    who = sight(staffed, name)
    with staffed.reading() as session:
        assert_hidden(session, case, who)
        assert list(cases.questions_for(session, who)) == []
    with pytest.raises(NotFound, match=f"question '{question}': there is none"):
        answer(staffed, question, by=name)


def assert_hidden(session: Session, case: str, who: Sight) -> None:
    """A case that is there and one that is not look the same."""
    assert list(cases.cases(session, who)) == []
    found = []
    for id in (case, "0" * 26):
        with pytest.raises(NotFound) as refused:
            cases.find(session, id, who)
        found.append(str(refused.value).replace(id, ""))
    assert found[0] == found[1]


def test_an_auditor_sees_all_and_answers_nothing(world: World):
    staffed = staff(world)
    case = opened(staffed)
    question = ask(staffed, case)
    with staffed.reading() as session:
        auditor = sight(staffed, "auditor")
        assert [row.id for row in cases.cases(session, auditor)] == [case]
        assert cases.find(session, case, auditor).id == case
        assert [row.id for row in cases.questions_of(session, case)] == [question]
    with pytest.raises(NotFound):
        answer(staffed, question, by="auditor")


def test_a_question_is_answered_once(world: World):
    staffed = staff(world)
    question = ask(staffed, opened(staffed))
    answer(staffed, question)
    with pytest.raises(WrongState, match="answered already"):
        answer(staffed, question, "On second thought")


def test_a_publisher_that_there_is_not_cannot_be_asked(world: World):
    staffed = staff(world)
    case = opened(staffed)
    by = staffed.people["auditor"].id
    with pytest.raises(NotFound, match="publisher"), staffed.writing() as session:
        cases.ask(session, case, publisher_id="none", question="?", by=by, at=staffed.now())


@pytest.mark.parametrize("words", ["", " \n", "x" * 10_001, "a\0b"])
def test_words_that_say_nothing_or_too_much_are_refused(world: World, words: str):
    staffed = staff(world)
    case = opened(staffed)
    question = ask(staffed, case)
    with pytest.raises(CatalogError):
        opened(staffed, words)
    with pytest.raises(CatalogError):
        ask(staffed, case, words)
    with pytest.raises(CatalogError):
        answer(staffed, question, words)
