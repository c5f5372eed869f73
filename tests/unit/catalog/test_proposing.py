"""What is proposed is what was built and signed; its bytes are at rest before a row speaks of them."""

import json
import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from anonymize.errors import EvidenceError
from catalog import proposing, withdrawal
from catalog.errors import CatalogError, NotFound, NotPermitted
from market.parties.models import Role
from tests.common import editions


def test_a_folder_signed_by_another_key_is_not_proposed(world):
    with pytest.raises(EvidenceError, match="is not trusted"):
        proposing.store_proposal(world.store, editions.built(1)[0], world.people["approver"].signer.public)
    assert list(world.store.all()) == []


def test_a_proposal_is_made_by_the_key_that_signed_its_evidence(world):
    """Otherwise the evidence's author could approve it under the name of the one who proposed it."""
    proposal = proposing.store_proposal(world.store, editions.built(1)[0], world.people["steward"].signer.public)
    other = world.enter("other steward", Role.STEWARD, world.publisher)
    with pytest.raises(NotPermitted, match="another key than yours"), world.writing() as session:
        proposing.propose(session, proposal, by=other, at=world.now())


def test_an_altered_folder_is_not_proposed(world, tmp_path):
    folder = tmp_path / "built"
    shutil.copytree(editions.built(1)[0], folder)
    part = next(folder.rglob("*.parquet"))
    part.chmod(0o644)
    part.write_bytes(part.read_bytes() + b"!")
    with pytest.raises(EvidenceError, match="other bytes than were signed"):
        proposing.store_proposal(world.store, folder, world.people["steward"].signer.public)
    assert list(world.store.all()) == []


def test_a_proposal_for_an_unknown_dataset_enters_nothing(world):
    proposal = proposing.store_proposal(world.store, editions.built(1)[0], world.people["steward"].signer.public)
    document = json.loads(json.dumps(proposal.document))
    document["body"]["dataset"] = "unknown"
    with pytest.raises(NotFound, match="is not registered"), world.writing() as session:
        proposing.propose(session, replace(proposal, document=document), by=world.people["steward"], at=world.now())


def test_a_proposal_swept_before_it_was_entered_is_refused(world):
    steward = world.people["steward"]
    proposal = proposing.store_proposal(world.store, editions.built(1)[0], steward.signer.public)
    with world.writing() as session:
        withdrawal.sweep(session, world.store, at=datetime.now(UTC), older_than=timedelta(0))
    with pytest.raises(CatalogError, match="was swept"), world.writing() as session:
        proposing.propose(session, proposal, by=steward, at=world.now())
