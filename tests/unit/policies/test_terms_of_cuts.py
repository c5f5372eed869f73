"""Terms name a cut or the whole edition, and what was signed before there were cuts keeps its hash."""

import hashlib
import json
from dataclasses import replace

import pytest

from policies.canonical import canonical_json
from policies.errors import TermsError
from policies.terms import Terms
from tests.unit.policies.test_terms import TERMS

CUT = replace(TERMS, cut="c1")


def test_terms_of_a_cut_survive_being_stored_and_read():
    again = Terms.from_dict(json.loads(canonical_json(CUT.to_dict())))
    assert again == CUT
    assert again.digest == CUT.digest


def test_a_cut_is_another_promise_than_the_edition_or_another_cut():
    assert len({TERMS.digest, CUT.digest, replace(TERMS, cut="c2").digest}) == 3


def test_terms_without_a_cut_are_written_as_before_there_were_any():
    old = {key: value for key, value in CUT.to_dict().items() if key != "cut"}
    assert TERMS.to_dict() == old
    assert Terms.from_dict(old) == Terms.from_dict({**old, "cut": None}) == TERMS
    assert TERMS.digest == hashlib.sha256(canonical_json(old)).hexdigest()


def test_an_empty_cut_is_refused():
    with pytest.raises(TermsError) as refusal:
        replace(TERMS, cut="")
    assert refusal.value.place == "cut"
