"""Incidents: reported by anybody, decided by those who answer for the data, and their words can be erased."""

import pytest
from sqlalchemy import text

from catalog.errors import CatalogError, NotFound, NotPermitted, WrongState
from market.audit import log
from market.audit.commitments import commit, proves
from market.audit.verify import verify as verify_log
from market.parties.models import Role
from market.recall import incidents
from market.recall.models import IncidentKind, IncidentState
from tests.common import editions
from tests.unit.market.recall.firms import meanwhile

SECRET = "canary: the worker of crossing 17 is recognisable by her years"
SALT = bytes(range(32))


def report(firms, by="licensee", **changes):
    given = {
        "dataset_id": editions.DATASET,
        "kind": IncidentKind.REIDENTIFICATION,
        "text": SECRET,
        "by": firms.viewer(by),
        "at": firms.world.now(),
        **changes,
    }
    with firms.world.writing() as session:
        return incidents.report(session, **given).id


def deciding(firms, incident, to, by="steward", words="looked into", **changes):
    return lambda session: incidents.decide(
        session, incident, to=to, text=words, by=firms.viewer(by), at=firms.world.now(), **changes
    )


def decide(firms, incident, to, by="steward", **changes):
    with firms.world.writing() as session:
        return deciding(firms, incident, to, by, **changes)(session)


def steps(firms, incident):
    with firms.world.reading() as session:
        return incidents.steps_of(session, incident)


def test_an_incident_goes_from_report_to_close_with_who_when_and_what(firms):
    incident = report(firms, release_id=firms.release)
    firms.world.withdraw(firms.release)
    decide(firms, incident, IncidentState.TRIAGED)
    decide(firms, incident, IncidentState.CONTAINED, withdrawn_id=firms.release)
    decide(firms, incident, IncidentState.CLOSED, by="administrator", words="done")
    told = [(step.state, step.text, step.withdrawn_id) for step in steps(firms, incident)]
    assert told == [
        ("reported", SECRET, None),
        ("triaged", "looked into", None),
        ("contained", "looked into", firms.release),
        ("closed", "done", None),
    ]
    decided = [(entry["by"], entry["details"]["state"]) for entry in firms.entries("incident:decided")]
    people = firms.world.people
    assert decided == [
        (people["steward"].id, "triaged"),
        (people["steward"].id, "contained"),
        (people["administrator"].id, "closed"),
    ]
    with firms.world.reading() as session:
        assert verify_log(session, "") == []


def test_the_log_holds_a_commitment_and_never_the_words(firms):
    incident = report(firms)
    decide(firms, incident, IncidentState.TRIAGED, words=f"decided: {SECRET}")
    with firms.world.reading() as session:
        bodies = session.connection().execute(text("SELECT body FROM log_entry")).scalars().all()
        assert len(bodies) == log.size(session)
    assert not [body for body in bodies if b"canary" in bytes(body)]
    (entry,) = firms.entries("incident:reported")
    reported, decided = steps(firms, incident)
    assert entry["details"]["commitment"] == reported.commitment
    assert proves(reported.commitment, SECRET, bytes.fromhex(reported.salt))
    assert proves(decided.commitment, f"decided: {SECRET}", bytes.fromhex(decided.salt))
    assert not proves(reported.commitment, SECRET + ".", bytes.fromhex(reported.salt))
    assert reported.salt != decided.salt


def test_a_commitment_is_the_keyed_hash_that_anybody_can_compute():
    """RFC 4231, test case 2."""
    expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    assert commit("what do ya want for nothing?", b"Jefe") == expected


def test_erased_words_are_gone_and_their_commitment_stays(firms):
    incident = report(firms, salt=SALT)
    decide(firms, incident, IncidentState.TRIAGED)
    with firms.world.writing() as session:
        assert incidents.erase(session, incident, by=firms.viewer("administrator"), at=firms.world.now()) == 2
    for step in steps(firms, incident):
        assert (step.text, step.salt) == (None, None)
    assert proves(steps(firms, incident)[0].commitment, SECRET, SALT)
    (entry,) = firms.entries("incident:erased")
    assert entry["details"]["commitments"] == [step.commitment for step in steps(firms, incident)]
    with pytest.raises(WrongState, match="no words left"), firms.world.writing() as session:
        incidents.erase(session, incident, by=firms.viewer("administrator"), at=firms.world.now())
    with firms.world.reading() as session:
        assert verify_log(session, "") == []


def test_erased_words_are_in_no_page_of_the_database(one_database):
    """The words are looked for in the file's bytes, write-ahead log included, once it is checkpointed."""
    firms, folder = one_database, one_database.world.folder
    incident = report(firms)
    held = lambda: [path.name for path in folder.glob("sluice.db*") if b"canary: the worker" in path.read_bytes()]  # noqa: E731 – asked twice
    assert held() != []
    with firms.world.writing() as session:
        incidents.erase(session, incident, by=firms.viewer("administrator"), at=firms.world.now())
    firms.world.database.close()
    assert held() == []


def test_those_it_concerns_see_an_incident_and_for_others_it_does_not_exist(one_database):
    firms = one_database
    firms.enter("stranger", Role.STEWARD, "0ELSEWHERE")
    incident = report(firms)

    def sees(name):
        with firms.world.reading() as session:
            listed = incidents.incidents(session, firms.viewer(name))
            try:
                incidents.find(session, incident, viewer=firms.viewer(name))
            except NotFound:
                assert listed == []
                return False
        assert len(listed) == 1
        return True

    names = ("administrator", "auditor", "steward", "licensee", "rival", "approver", "stranger")
    assert [name for name in names if sees(name)] == ["administrator", "auditor", "steward", "licensee"]
    for name in ("rival", "stranger"):
        with pytest.raises(NotFound):
            decide(firms, incident, IncidentState.TRIAGED, by=name)


def test_those_who_only_see_an_incident_do_not_decide_on_it(one_database):
    firms = one_database
    incident = report(firms)
    for name in ("auditor", "licensee"):
        with pytest.raises(NotPermitted):
            decide(firms, incident, IncidentState.TRIAGED, by=name)
    for name in ("auditor", "licensee", "steward"):
        with pytest.raises(NotPermitted), firms.world.writing() as session:
            incidents.erase(session, incident, by=firms.viewer(name), at=firms.world.now())
    assert [step.state for step in steps(firms, incident)] == ["reported"]


@pytest.mark.parametrize("start", list(IncidentState))
def test_no_step_is_left_out(one_database, start):
    """A false alarm alone is closed without being contained."""
    path = {
        IncidentState.REPORTED: [],
        IncidentState.TRIAGED: [IncidentState.TRIAGED],
        IncidentState.CONTAINED: [IncidentState.TRIAGED, IncidentState.CONTAINED],
        IncidentState.CLOSED: [IncidentState.TRIAGED, IncidentState.CLOSED],
    }
    wanted = {
        IncidentState.REPORTED: {IncidentState.TRIAGED},
        IncidentState.TRIAGED: {IncidentState.CONTAINED, IncidentState.CLOSED},
        IncidentState.CONTAINED: {IncidentState.CLOSED},
        IncidentState.CLOSED: set(),
    }
    reached = set()
    for to in IncidentState:
        incident = report(one_database)
        for step in path[start]:
            decide(one_database, incident, step)
        try:
            decide(one_database, incident, to)
        except WrongState:
            continue
        reached.add(to)
    assert reached == wanted[start]


def test_one_step_taken_twice_at_once_is_taken_once(firms):
    incident = report(firms)
    triage = deciding(firms, incident, IncidentState.TRIAGED)
    assert isinstance(meanwhile(firms.world, triage, triage), WrongState)
    assert len(firms.entries("incident:decided")) == 1


def test_a_decision_names_only_a_release_that_was_withdrawn(one_database):
    firms = one_database
    incident = report(firms)
    for release in (firms.release, "nothing"):
        with pytest.raises(WrongState, match="no withdrawn release"):
            decide(firms, incident, IncidentState.TRIAGED, withdrawn_id=release)
    assert firms.entries("incident:decided") == []


def test_a_report_names_a_dataset_and_a_release_of_it(one_database):
    for changes in ({"dataset_id": "nothing"}, {"release_id": "nothing"}):
        with pytest.raises(NotFound):
            report(one_database, **changes)


@pytest.mark.parametrize("words", ["", " ", "canary\0", "canary" * 20_000], ids=["none", "blank", "NUL", "long"])
def test_words_that_cannot_be_kept_are_refused_and_not_repeated(one_database, words):
    with pytest.raises(CatalogError, match="text") as refused:
        report(one_database, text=words)
    assert "canary" not in str(refused.value)
