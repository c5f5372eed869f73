"""What is kept between releases is private, sealed, and never lost or doubled by two at once."""

import hashlib
import hmac
import io
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

from anonymize.building.loading import digest_of
from anonymize.custody import Custody, CustodyError, drawn_key
from anonymize.errors import SourceError
from anonymize.transform.tokens import pads
from tests.common.successive import Successive, people


@pytest.fixture
def custody(tmp_path: Path) -> Custody:
    return Custody.open(tmp_path / "kept")


def test_folder_and_key_are_their_owners_alone(custody):
    assert custody.folder.stat().st_mode & 0o777 == 0o700
    key = custody.folder / "subjects.key"
    assert (key.stat().st_mode & 0o777, len(key.read_bytes())) == (0o600, 32)
    assert Custody.open(custody.folder).key == custody.key
    assert custody.key.hex() not in repr(custody)


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda folder: folder.chmod(0o750), "others may read it"),
        (lambda folder: (folder / "subjects.key").chmod(0o640), "has mode 640"),
        (lambda folder: (folder / "subjects.key").write_bytes(b"short"), "holds 5 bytes"),
    ],
)
def test_what_others_may_read_or_what_is_no_key_is_refused(custody, spoil, words):
    spoil(custody.folder)
    with pytest.raises(CustodyError, match=words):
        Custody.open(custody.folder)


def test_two_who_draw_a_key_at_once_get_the_same(tmp_path):
    with ThreadPoolExecutor(8) as many:
        keys = set(many.map(lambda _: drawn_key(tmp_path / "series.key"), range(8)))
    assert len(keys) == 1
    assert os.listdir(tmp_path) == ["series.key"]


def test_a_digest_is_the_hmac_of_the_subject_here_and_in_the_engine(custody):
    subjects = ["P1", "张三", "", "a" * 200]
    digests = custody.digests(subjects)
    assert digests[0] == hmac.digest(custody.key, b"P1", "sha256").hex()[:32]
    assert digests[0] != hashlib.sha256(b"P1").hexdigest()[:32]
    sql = f"SELECT replace({digest_of('s')}::VARCHAR, '-', '') FROM (SELECT unnest($subjects) AS s)"
    with duckdb.connect() as connection:
        found = connection.execute(sql, {"subjects": subjects, **pads(custody.key, "custody")}).fetchall()
    assert [row[0] for row in found] == digests


def test_objections_are_kept_as_digests_once_each(custody):
    assert custody.objections() == frozenset()
    assert custody.note_objections(["P1", "P2", "P1"]) == 2
    assert custody.note_objections(["P2", "P3"]) == 1
    assert custody.objections() == frozenset(custody.digests(["P1", "P2", "P3"]))
    path = custody.folder / "objections"
    assert path.stat().st_mode & 0o777 == 0o600
    assert "P1" not in path.read_text()
    assert len(path.read_text().splitlines()) == 3


def test_objections_of_two_at_once_are_all_kept(custody):
    groups = [[f"P{n}" for n in range(start, start + 40)] for start in range(0, 200, 20)]
    with ThreadPoolExecutor(8) as many:
        new = sum(many.map(custody.note_objections, groups))
    assert new == len(custody.objections()) == 220


def test_a_damaged_list_of_objections_stops_everything(custody):
    custody.note_objections(["P1"])
    with (custody.folder / "objections").open("a") as file:
        file.write("half a li")
    with pytest.raises(CustodyError, match="no digest"):
        custody.objections()
    with pytest.raises(CustodyError, match="no digest"):
        custody.note_objections(["P2"])


def test_members_are_sealed_and_open_with_their_own_key_alone(custody, tmp_path):
    custody.keep("e" * 64, "open", io.FileIO(_file(tmp_path, b"the members")))
    sealed = custody.folder / "members" / ("e" * 64) / "open"
    assert b"members" not in sealed.read_bytes()
    assert sealed.stat().st_mode & 0o077 == 0
    with custody.members("e" * 64, "open") as file:
        assert file.read() == b"the members"
    custody.keep("e" * 64, "open", io.FileIO(_file(tmp_path, b"others")))
    with custody.members("e" * 64, "open") as file:
        assert file.read() == b"the members", "what was kept is never exchanged"
    with pytest.raises(CustodyError, match="were not kept"):
        custody.members("f" * 64, "open")
    with pytest.raises(SourceError, match="the key is another"):
        Custody(custody.folder, bytes(32)).members("e" * 64, "open")


def test_members_that_nobody_needs_are_removed(custody, tmp_path):
    assert custody.prune(["a"]) == []
    for name in "abc":
        custody.keep(name, "open", io.FileIO(_file(tmp_path, b"x")))
    assert custody.prune(["b"]) == ["a", "c"]
    assert os.listdir(custody.folder / "members") == ["b"]


def test_a_build_keeps_the_members_of_each_edition_and_no_word_of_the_source(tmp_path):
    made = Successive(tmp_path)
    table = people(0, 1500, several=True)
    evidence = made.build("one", table)
    for profile, told in evidence.body["editions"].items():
        with made.custody.members(evidence.hash, profile) as file:
            members = pq.read_table(file)
        quasi = [entry for entry in told["published"] if entry["role"] == "quasi_identifier"]
        assert members.column_names == ["who", *(f"c{place}" for place in range(len(quasi)))]
        digests = set(made.custody.digests(sorted(made.subjects("one", profile))))
        assert {who.hex() for who in members["who"].to_pylist()} == digests
        assert members.num_rows == sum(len(each) for each in made.classes("one", profile).values())
    built = b"".join(path.read_bytes() for path in (tmp_path / "one").rglob("*") if path.is_file())
    assert made.custody.key not in built
    kept = b"".join(path.read_bytes() for path in made.custody.folder.rglob("*") if path.is_file())
    assert b"PAR1" not in kept
    assert not list(tmp_path.glob(".one.building-*"))


def _file(folder: Path, content: bytes) -> Path:
    path = folder / "plain"
    path.write_bytes(content)
    return path
