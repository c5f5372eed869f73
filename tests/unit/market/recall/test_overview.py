"""Who sees which recall, and what it says of those who have not attested."""

from datetime import timedelta

import pytest

from catalog.errors import NotFound
from market.parties.models import Role
from market.recall.overview import own_notices, recall, recalls
from tests.unit.market.recall.test_escalation import under


def test_a_recall_tells_who_attested_and_who_did_not(one_database):
    firms = one_database
    row = firms.recalled(due_in_days=1)
    firms.attest("licensee")
    later = firms.world.now() + timedelta(days=2)
    with firms.world.reading() as session:
        view = recall(session, row.id, firms.viewer("steward"), at=later)
    assert (view.state, view.overdue, view.licensees, view.attested) == ("open", True, 2, 1)
    by_firm = {notice.firm: notice for notice in view.notices}
    done, owed = by_firm[firms.ids["licensee"]], by_firm[firms.ids["rival"]]
    assert (done.overdue, done.signature_holds) == (False, True)
    assert (owed.overdue, owed.signature_holds, owed.attested_at) == (True, None, None)


def test_lists_narrow_to_the_open_and_the_overdue(one_database):
    firms = one_database
    firms.recalled(due_in_days=1)
    viewer, now = firms.viewer("auditor"), firms.world.now()

    def listed(**which):
        with firms.world.reading() as session:
            return len(recalls(session, viewer, **which))

    assert listed(at=now) == listed(at=now, only_open=True) == 1
    assert listed(at=now, only_overdue=True) == 0
    assert listed(at=now + timedelta(days=2), only_overdue=True) == 1
    firms.attest("licensee")
    firms.attest("rival")
    assert listed(at=now) == 1
    assert listed(at=now + timedelta(days=2), only_open=True) == 0
    assert listed(at=now + timedelta(days=2), only_overdue=True) == 0


def test_a_recall_exists_for_those_who_answer_for_it_and_for_no_others(one_database):
    firms = one_database
    city = under(firms)
    row = firms.recalled(due_in_days=0)
    firms.enter("above", Role.STEWARD, city)
    firms.enter("elsewhere", Role.STEWARD, "0NOWHERE")

    def sees(name: str) -> bool:
        with firms.world.reading() as session:
            listed = recalls(session, firms.viewer(name), at=firms.world.now())
            try:
                recall(session, row.id, firms.viewer(name), at=firms.world.now())
            except NotFound:
                assert listed == []
                return False
        assert len(listed) == 1
        return True

    seen = {name: sees(name) for name in ("administrator", "auditor", "steward", "approver", "licensee", "elsewhere")}
    assert seen == {
        "administrator": True,
        "auditor": True,
        "steward": True,
        "approver": False,
        "licensee": False,
        "elsewhere": False,
    }
    assert not sees("above")
    firms.escalate(days=1)
    firms.escalate(days=9)
    assert sees("above")
    assert not sees("elsewhere")


def test_a_firm_sees_its_own_notices_with_the_reason(one_database):
    firms = one_database
    firms.recalled()
    with firms.world.reading() as session:
        (view,) = own_notices(session, firm=firms.ids["rival"], at=firms.world.now())
    assert (view.agreement, view.reason) == (firms.agreements["rival"], "a worker objected")
    with firms.world.reading() as session, pytest.raises(NotFound):
        recall(session, view.recall, firms.viewer("rival"), at=firms.world.now())
