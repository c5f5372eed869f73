"""Evidence holds as long as not one byte of what it speaks of is changed."""

import json
import shutil
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from anonymize.errors import EvidenceError
from anonymize.evidence import Evidence, differences, evidence_hash, verify
from anonymize.signing import Signer
from policies.canonical import digest
from policies.plan import Plan

from .world import built, plan, signer

PART = "enclave/part-00000.parquet"


@pytest.fixture(scope="module")
def release(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("release")
    built(folder)
    return folder


@pytest.fixture
def copy(release: Path, tmp_path: Path) -> Path:
    shutil.copytree(release / "out", tmp_path / "out")
    return tmp_path / "out"


def places(verification) -> set[str]:
    return {finding.place for finding in verification.findings}


def resign(folder: Path, change, key: Path) -> Signer:
    """Change the body and sign it anew, as a forger would."""
    body = json.loads((folder / "evidence.json").read_text())["body"]
    change(body)
    forger = Signer.create(key)
    Evidence.sign(body, forger).write(folder)
    return forger


def test_what_was_built_verifies_for_who_trusts_its_signer(release):
    found = verify(release / "out", frozenset({signer(release).public}))
    assert found.ok
    assert found.findings == ()
    assert found.hash == Evidence.read(release / "out").hash
    assert found.to_dict()["ok"] is True


def test_without_trust_only_integrity_is_shown(release):
    found = verify(release / "out")
    assert (found.signed, found.trusted, found.findings, found.ok) == (True, None, (), False)


def test_a_signer_who_is_not_trusted_is_found(release):
    found = verify(release / "out", frozenset({"somebody else"}))
    assert (found.signed, found.trusted, found.ok) == (True, False, False)
    assert places(found) == {"signature.key"}


def test_one_changed_byte_of_the_parquet_is_found(copy):
    raw = bytearray((copy / PART).read_bytes())
    raw[len(raw) // 2] ^= 1
    (copy / PART).write_bytes(raw)
    assert places(verify(copy)) == {PART}


def test_one_changed_number_of_the_body_is_found(copy):
    text = (copy / "evidence.json").read_text()
    body = json.loads(text)["body"]
    changed = text.replace(
        f'"rows": {body["editions"]["enclave"]["suppression"]["rows"]}',
        f'"rows": {body["editions"]["enclave"]["suppression"]["rows"] + 1}',
    )
    assert changed != text
    (copy / "evidence.json").write_text(changed)
    found = verify(copy)
    assert not found.signed
    assert "signature" in places(found)


def test_swapped_files_are_found(copy, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    built(other, profiles=["controlled"], sort_by=[])
    shutil.copy(other / "out" / "controlled" / "part-00000.parquet", copy / PART)
    assert places(verify(copy)) == {PART}


def test_a_missing_file_and_an_added_one_are_found(copy):
    (copy / PART).rename(copy / "enclave" / "part-00001.parquet")
    assert places(verify(copy)) == {PART, "enclave/part-00001.parquet"}


def test_a_link_in_place_of_a_file_is_found(copy, tmp_path):
    shutil.move(copy / PART, tmp_path / "elsewhere.parquet")
    (copy / PART).symlink_to(tmp_path / "elsewhere.parquet")
    assert places(verify(copy)) == {PART}


@pytest.mark.parametrize("number", ["k", "marketer_risk", "sample_uniques"])
def test_a_forged_figure_is_measured_again_even_when_it_is_signed(copy, tmp_path, number):
    forger = resign(
        copy, lambda body: body["editions"]["enclave"]["risk"]["from_parquet"].update({number: 0.123}), tmp_path / "key"
    )
    found = verify(copy, frozenset({forger.public}))
    assert found.signed
    assert places(found) == {f"editions.enclave.risk.from_parquet.{number}"}


def test_a_forged_gate_is_judged_again_even_when_it_is_signed(copy, tmp_path):
    resign(
        copy, lambda body: body["editions"]["enclave"]["profile"].update({"minimum_class_size": 500}), tmp_path / "key"
    )
    assert "editions.enclave.gate: minimum_class_size" in places(verify(copy))


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (lambda body: body["plan"].update(dataset="another"), "plan_hash"),
        (
            lambda body: body["editions"]["enclave"]["files"][0].update(row_groups=9),
            "editions.enclave.files.row_groups",
        ),
        (lambda body: body["editions"]["enclave"]["published"].reverse(), "editions.enclave.published"),
        (lambda body: body["editions"]["enclave"].pop("risk"), "body"),
        (lambda body: body["editions"]["enclave"].update(files=[{"path": "../../etc/passwd"}]), "../../etc/passwd"),
    ],
)
def test_a_body_that_contradicts_its_files_is_found(copy, tmp_path, change, place):
    resign(copy, change, tmp_path / "key")
    assert place in places(verify(copy))


def test_a_folder_without_evidence_is_refused(tmp_path):
    with pytest.raises(EvidenceError, match="cannot be read"):
        verify(tmp_path)
    for text in ("{", "[]", '{"body": 1}', '{"body": {"x": NaN}, "signature": {"key": "", "value": ""}}'):
        (tmp_path / "evidence.json").write_text(text)
        with pytest.raises(EvidenceError, match=r"is no evidence|has no canonical form"):
            verify(tmp_path)


def test_evidence_says_what_can_be_measured_again_and_what_is_attested(release):
    body = Evidence.read(release / "out").body
    assert set(body["recomputable"]) & set(body["attested"]) == set()
    for name in [*body["recomputable"], *body["attested"]]:
        top = name.split(".")[0]
        assert top == "gate" or top in body or top in body["editions"]["enclave"]
    assert body["attacks"] == "not run"
    assert "operator attests deletion" in body["keys"]
    assert body["editions"]["enclave"]["profile"]["source"]["el-emam-2013"]
    assert evidence_hash(body) == Evidence.read(release / "out").hash


def test_the_plan_can_be_read_back_from_the_evidence(release):
    body = Evidence.read(release / "out").body
    assert Plan.from_dict(body["plan"]) == plan()
    assert body["plan_hash"] == digest(plan().to_dict())


def test_the_figures_are_those_of_the_written_file(release):
    body = Evidence.read(release / "out").body
    rows = pq.read_metadata(release / "out" / PART).num_rows
    assert (
        body["editions"]["enclave"]["files"][0]["rows"]
        == rows
        == body["source"]["rows"] - body["editions"]["enclave"]["suppression"]["rows"]
    )
    assert body["editions"]["enclave"]["risk"]["after"]["rows"] == rows
    assert body["editions"]["enclave"]["risk"]["after"]["k"] >= 5 > body["editions"]["enclave"]["risk"]["before"]["k"]
    assert body["editions"]["enclave"]["risk"]["after"] == body["editions"]["enclave"]["risk"]["from_parquet"]


def test_differences_name_the_place_and_forgive_rounding():
    assert differences({"a": {"b": 0.1 + 0.2}}, {"a": {"b": 0.3}}) == []
    assert differences({"a": {"b": 1, "c": None}}, {"a": {"b": 2}}) == ["a.b", "a.c"]
    assert differences({"a": "x"}, {"a": {"x": 1}}) == ["a"]
