"""A sealed file gives back its bytes from any place with its key, and nothing with another or once altered."""

import hashlib
import io
import os
import random
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from anonymize.errors import SourceError
from anonymize.vault import CHUNK, opened, seal

KEY = bytes(range(32))
HEADER, TAG = 47, 16


def plain(size: int) -> bytes:
    return random.Random(size).randbytes(size)


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK, 3 * CHUNK + 77])
def test_what_is_sealed_comes_back_with_its_hash_and_size(tmp_path, size):
    raw = plain(size)
    sealed = seal(io.BytesIO(raw), tmp_path / "sealed", KEY)
    assert (sealed.sha256, sealed.size_bytes) == (hashlib.sha256(raw).hexdigest(), size)
    with opened(tmp_path / "sealed", KEY) as file:
        assert file.read() == raw
    assert size < 32 or raw[:32] not in (tmp_path / "sealed").read_bytes()
    assert (tmp_path / "sealed").stat().st_mode & 0o777 == 0o600


def test_any_place_can_be_read(tmp_path):
    raw = plain(2 * CHUNK + 500)
    seal(io.BytesIO(raw), tmp_path / "sealed", KEY)
    draw, like = random.Random(5), io.BytesIO(raw)
    with opened(tmp_path / "sealed", KEY) as file:
        for _ in range(200):
            place, size = draw.randrange(len(raw) + 50), draw.randrange(3000)
            for each in (file, like):
                each.seek(place)
            assert file.read(size) == like.read(size)
        assert file.seek(-10, os.SEEK_END) == len(raw) - 10
        assert file.read() == raw[-10:]


def test_a_parquet_file_is_read_in_place(tmp_path):
    pq.write_table(pa.table({"a": range(100_000)}), tmp_path / "a.parquet", row_group_size=10_000)
    seal(tmp_path / "a.parquet", tmp_path / "sealed", KEY)
    with opened(tmp_path / "sealed", KEY) as file:
        assert pq.ParquetFile(pa.PythonFile(file, "r")).read_row_group(5)["a"][0].as_py() == 50_000


def test_two_files_of_the_same_bytes_do_not_look_alike(tmp_path):
    for name in "ab":
        seal(io.BytesIO(bytes(5000)), tmp_path / name, KEY)
    one, other = ((tmp_path / name).read_bytes() for name in "ab")
    assert one[HEADER:] != other[HEADER:]
    assert one[8:HEADER] != other[8:HEADER]


def _part(raw: bytes, number: int) -> bytes:
    start = HEADER + number * (CHUNK + TAG)
    return raw[start : start + CHUNK + TAG]


ALTERATIONS = {
    "a byte of a part": lambda raw, other: raw[:-5] + bytes([raw[-5] ^ 1]) + raw[-4:],
    "a byte of the header": lambda raw, other: raw[:20] + bytes([raw[20] ^ 1]) + raw[21:],
    "cut within a part": lambda raw, other: raw[:-1],
    "cut between parts": lambda raw, other: raw[: HEADER + 2 * (CHUNK + TAG)],
    "cut to the header": lambda raw, other: raw[:HEADER],
    "cut in the header": lambda raw, other: raw[:10],
    "two parts in another order": lambda raw, other: raw[:HEADER] + _part(raw, 1) + _part(raw, 0) + _part(raw, 2),
    "a part left out": lambda raw, other: raw[:HEADER] + _part(raw, 0) + _part(raw, 2),
    "a part twice": lambda raw, other: raw[:HEADER] + _part(raw, 0) + _part(raw, 0) + _part(raw, 2),
    "a part of another file": lambda raw, other: raw[:HEADER] + _part(raw, 0) + _part(other, 1) + _part(raw, 2),
    "something behind it": lambda raw, other: raw + bytes(100),
    "no sealed file": lambda raw, other: plain(5000),
    "nothing": lambda raw, other: b"",
}


@pytest.fixture(scope="module")
def two(tmp_path_factory) -> tuple[bytes, bytes]:
    folder = tmp_path_factory.mktemp("two")
    for name in "ab":
        seal(io.BytesIO(plain(2 * CHUNK + 500)), folder / name, KEY)
    return (folder / "a").read_bytes(), (folder / "b").read_bytes()


@pytest.mark.parametrize("alteration", ALTERATIONS)
def test_what_is_altered_is_refused(tmp_path, two, alteration):
    path = tmp_path / "sealed"
    path.write_bytes(ALTERATIONS[alteration](*two))
    with pytest.raises(SourceError) as caught, opened(path, KEY) as file:
        file.read()
    assert caught.value.place == str(path)


def test_another_key_opens_nothing_and_a_short_one_is_no_key(tmp_path, two):
    (tmp_path / "sealed").write_bytes(two[0])
    with pytest.raises(SourceError, match="key is another"):
        opened(tmp_path / "sealed", bytes(32))
    with pytest.raises(ValueError, match="32 bytes"):
        seal(io.BytesIO(b"x"), tmp_path / "new", b"short")
    with pytest.raises(SourceError, match="cannot be opened"):
        opened(tmp_path / "none", KEY)
    assert [entry.name for entry in tmp_path.iterdir()] == ["sealed"]


def test_a_seal_that_fails_leaves_nothing_and_one_that_is_there_stays(tmp_path):
    class Broken(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            if self.tell() > CHUNK:
                raise OSError("the disk is gone")
            return super().read(size)

    with pytest.raises(OSError, match="disk is gone"):
        seal(Broken(plain(3 * CHUNK)), tmp_path / "sealed", KEY)
    assert not list(tmp_path.iterdir())
    seal(io.BytesIO(b"first"), tmp_path / "sealed", KEY)
    with pytest.raises(SourceError, match="is there already"):
        seal(io.BytesIO(b"second"), tmp_path / "sealed", KEY)
    assert opened(tmp_path / "sealed", KEY).read() == b"first"
    assert [entry.name for entry in Path(tmp_path).iterdir()] == ["sealed"]
