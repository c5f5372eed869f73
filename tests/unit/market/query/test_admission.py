"""Places are few, a firm never holds the last of several, and the next one goes to whoever holds the fewest."""

import threading
import time
from contextlib import ExitStack

import pytest

from market.query.admission import Admission
from market.query.errors import Code, QueryFailed


def test_one_firm_leaves_a_place_to_others() -> None:
    admission = Admission(places=3, queue=0)
    with ExitStack() as held:
        for _ in range(2):
            held.enter_context(admission.place("many"))
        with pytest.raises(QueryFailed) as failed:
            held.enter_context(admission.place("many"))
        assert failed.value.code == Code.BUSY
        held.enter_context(admission.place("other"))


def test_one_who_waits_for_their_own_firm_does_not_hold_up_another() -> None:
    admission = Admission(places=2, queue=4)
    began = threading.Event()

    def second() -> None:
        with admission.place("many"):
            began.set()

    with admission.place("many"):
        thread = threading.Thread(target=second)
        thread.start()
        while admission.waiting() == 0:
            time.sleep(0.01)
        with admission.place("other"):
            assert not began.is_set()
    assert began.wait(5)
    thread.join()


def test_a_single_place_serves_everybody_in_turn() -> None:
    admission = Admission(places=1, queue=1, patience_s=0.05)
    with admission.place("a"), pytest.raises(QueryFailed), admission.place("b"):
        pass
    with admission.place("a"):
        pass
