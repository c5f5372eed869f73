"""The texts of an edition are audited as written: the evidence tells what is left, and too much fails the gate."""

import json
import shutil
from pathlib import Path

import pyarrow as pa
import pytest

from anonymize.errors import GateFailed
from anonymize.evidence import Evidence, verify
from tests.unit.anonymize.test_evidence import places, resign
from tests.unit.anonymize.world import built, columns, registry, signer

NOTE = {"name": "note", "role": "free_text", "treatment": "redact"}
MISSED = ("李建国", "ZY000777")


def noted(folder: Path, notes: list[str], **note: object) -> Evidence:
    """Build a registry whose rows bear *notes* in turn; two direct identifiers are read in other rows' texts."""
    rows = registry(300)
    names = [MISSED[0], *rows["name"].to_pylist()[1:]]
    rows = rows.set_column(rows.column_names.index("name"), "name", pa.array(names))
    texts = [notes[number % len(notes)] for number in range(300)]
    return built(folder, rows.append_column("note", pa.array(texts)), column=[*columns(), {**NOTE, **note}])


@pytest.fixture(scope="module")
def release(tmp_path_factory) -> Path:
    """A build whose plan lets a name stay, so that there is something to find."""
    folder = tmp_path_factory.mktemp("audited")
    noted(folder, ["昨日李建国来电", "电话13800138000，已复查", "无特殊"], never=["李建国"])
    return folder


@pytest.fixture
def copy(release: Path, tmp_path: Path) -> Path:
    """Give the build to change."""
    shutil.copytree(release / "out", tmp_path / "out")
    return tmp_path / "out"


def residual(body, edition: str = "enclave"):
    return body["editions"][edition]["residual"]["note"]


def test_the_evidence_tells_what_is_left_per_million_characters_and_no_text(release):
    body = Evidence.read(release / "out").body
    told = residual(body)
    texts = {"昨日李建国来电", "电话[PHONE]，已复查", "无特殊"}
    assert (told["texts"], told["characters"]) == (3, sum(map(len, texts)))
    assert told["findings"] == {"PERSON": 1}
    assert told["lengths"] == {"PERSON": 3}
    assert told["per_million"] == {"PERSON": 1_000_000 / told["characters"]}
    assert told["stand_ins"] == []
    words = json.dumps(body["editions"], ensure_ascii=False)
    assert not any(secret in words for secret in (*MISSED, "13800138000", "复查"))


def test_a_value_of_another_row_of_the_source_is_found_in_a_text(release):
    told = residual(Evidence.read(release / "out").body)["known"]
    assert told["found"] == {"KNOWN_NAME": 1}
    assert told["values"]["KNOWN_NAME"] == 1
    assert told["values"]["KNOWN_VALUE"] > 500


def test_what_was_told_verifies_and_a_forged_figure_does_not(release, copy, tmp_path):
    assert verify(release / "out", frozenset({signer(release).public})).ok

    def forge(body) -> None:
        residual(body)["findings"] = {}
        residual(body)["per_million"] = {}

    forger = resign(copy, forge, tmp_path / "forger.key")
    found = verify(copy, frozenset({forger.public}))
    assert places(found) == {
        "editions.enclave.residual.note.findings.PERSON",
        "editions.enclave.residual.note.per_million.PERSON",
    }


def test_figures_of_another_method_are_judged_and_not_compared(copy, tmp_path):
    def older(body) -> None:
        residual(body).update({"method": 0, "findings": {"PERSON": 9}})

    forger = resign(copy, older, tmp_path / "forger.key")
    assert verify(copy, frozenset({forger.public})).ok


def test_evidence_that_leaves_a_text_out_does_not_verify(copy, tmp_path):
    forger = resign(copy, lambda body: body["editions"]["enclave"].pop("residual"), tmp_path / "forger.key")
    assert places(verify(copy, frozenset({forger.public}))) == {"editions.enclave.residual"}


@pytest.mark.parametrize(
    ("text", "kind"),
    [("电话13800138000", "MOBILE"), ("证件11010519491231002X", "CN_ID"), ("138-0013-8000转告", "MOBILE")],
)
def test_an_identifier_that_the_first_detector_left_fails_the_gate_and_nothing_is_released(
    tmp_path, monkeypatch, text, kind
):
    """The plan removes persons alone, so numbers reach the file."""
    with pytest.raises(GateFailed, match=f"maximum_residual of {kind} in note") as failed:
        noted(tmp_path, ["无特殊", text], types=["PERSON"])
    assert text not in str(failed.value)
    assert not (tmp_path / "out").exists()


def test_an_edition_without_texts_is_not_audited(tmp_path):
    assert built(tmp_path).body["editions"]["enclave"]["residual"] == {}


def test_what_stands_in_for_persons_is_said_to_be_found_too(tmp_path):
    body = noted(tmp_path, ["患者王秀英来电", "无特殊"], operators={"PERSON": "surrogate"}).body
    told = residual(body)
    assert told["stand_ins"] == (["PERSON"] if "PERSON" in told["findings"] else [])
    assert told["known"]["found"] == {}
