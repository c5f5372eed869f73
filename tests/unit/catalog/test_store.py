"""Bytes rest under their hash, whole or not at all."""

import hashlib
import os
import subprocess
import sys
import textwrap

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.errors import DamagedBlob, NotFound
from catalog.store import CHUNK_BYTES, BlobStore


@pytest.fixture
def store(tmp_path):
    return BlobStore(tmp_path / "blobs")


def calls_while_storing(tmp_path, *content):
    """Store in a process of its own that writes down its system calls as Python sees them."""
    program = textwrap.dedent(f"""
        import os, sys
        from pathlib import Path
        from catalog.store import BlobStore
        def told(event, arguments):
            if event in ("os.rename", "os.chmod"):
                print(event, *[str(a) for a in arguments[:2]])
            elif event == "open" and arguments[1] is not None:
                print("create" if arguments[2] & os.O_EXCL else "read", arguments[0])
        fsync = os.fsync
        def synced(handle):
            fsync(handle)
            print("fsync", os.readlink(f"/proc/self/fd/{{handle}}"))
        os.fsync = synced
        sys.addaudithook(told)
        for content in {content!r}:
            BlobStore(Path({str(tmp_path / "blobs")!r})).put_bytes(content)
    """)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return [line.split() for line in done.stdout.splitlines()]


def test_bytes_are_written_synced_read_again_renamed_and_the_folder_synced_in_this_order(tmp_path):
    sha256 = hashlib.sha256(b"content").hexdigest()
    steps = calls_while_storing(tmp_path, b"content")
    temporary = steps[0][1]
    folder = tmp_path / "blobs"
    assert steps == [
        ["create", temporary],
        ["fsync", temporary],
        ["read", temporary],
        ["os.chmod", temporary, str(0o444)],
        ["os.rename", temporary, str(folder / sha256[:2] / sha256)],
        ["fsync", str(folder / sha256[:2])],
        ["fsync", str(folder)],
    ]


@given(st.binary(max_size=300))
@settings(max_examples=30)
def test_bytes_come_back_under_their_hash(tmp_path_factory, content):
    store = BlobStore(tmp_path_factory.getbasetemp() / "any" / "blobs")
    blob = store.put_bytes(content)
    assert blob.sha256 == hashlib.sha256(content).hexdigest()
    assert blob.size_bytes == len(content)
    assert store.open_path(blob.sha256).read_bytes() == content
    store.check(blob.sha256)


def test_a_file_of_many_chunks_is_stored_whole(store, tmp_path):
    source = tmp_path / "big"
    source.write_bytes(os.urandom(2 * CHUNK_BYTES + 7))
    blob = store.put(source)
    assert store.open_path(blob.sha256).read_bytes() == source.read_bytes()
    assert source.exists()


def test_the_same_bytes_are_stored_once_and_cannot_be_written_to(store):
    one, other = store.put_bytes(b"same"), store.put_bytes(b"same")
    assert one == other
    assert list(store.all()) == [one.sha256]
    assert store.path(one.sha256).stat().st_mode & 0o777 == 0o444
    assert list((store.root / "tmp").iterdir()) == []


def test_a_damaged_blob_is_found_and_storing_it_again_mends_it(store):
    blob = store.put_bytes(b"content")
    path = store.path(blob.sha256)
    path.chmod(0o644)
    path.write_bytes(b"Content")
    with pytest.raises(DamagedBlob, match="its bytes have changed"):
        store.check(blob.sha256)
    store.put_bytes(b"content")
    store.check(blob.sha256)


def test_a_truncated_blob_is_found(store):
    blob = store.put_bytes(b"content")
    store.path(blob.sha256).chmod(0o644)
    os.truncate(store.path(blob.sha256), 3)
    with pytest.raises(DamagedBlob):
        store.check(blob.sha256)


def test_what_is_not_there_is_not_found(store):
    for ask in (store.check, store.open_path):
        with pytest.raises(NotFound, match="its bytes are not here"):
            ask("0" * 64)


def test_what_is_erased_is_gone_and_erasing_it_again_is_no_fault(store):
    blob = store.put_bytes(b"content")
    store.erase(blob.sha256)
    store.erase(blob.sha256)
    store.erase("f" * 64)
    assert list(store.all()) == []
    with pytest.raises(NotFound):
        store.open_path(blob.sha256)


def test_a_source_that_fails_halfway_leaves_nothing(store, tmp_path):
    with pytest.raises(IsADirectoryError):
        store.put(tmp_path)
    assert list(store.root.rglob("*")) == []


def test_a_disk_that_fails_halfway_leaves_no_blob_and_no_temporary_file(store):
    """A limit on the size of files is the nearest thing to a full disk."""
    program = textwrap.dedent(f"""
        import resource, signal
        from pathlib import Path
        from catalog.store import BlobStore
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
        try:
            BlobStore(Path({str(store.root)!r})).put_bytes(bytes(5000))
        except OSError as error:
            print(type(error).__name__)
    """)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "OSError\n"
    assert list(store.all()) == []
    assert list((store.root / "tmp").iterdir()) == []


def test_the_torn_file_of_a_dead_writer_is_swept_and_that_of_a_living_one_stays(store):
    """The torn file is left by a process killed between writing and renaming."""
    program = textwrap.dedent(f"""
        import os, signal
        from pathlib import Path
        from catalog.store import BlobStore
        os.fsync = lambda handle: os.kill(os.getpid(), signal.SIGKILL)
        BlobStore(Path({str(store.root)!r})).put_bytes(b"torn")
    """)
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == -9
    assert len(list((store.root / "tmp").iterdir())) == 1
    assert list(store.all()) == []

    def chunks():
        yield b"a part"
        assert store.sweep_temporaries() == 1
        assert store.sweep_temporaries() == 0
        yield b"another"

    blob = store._write(chunks())
    store.check(blob.sha256)
    assert list((store.root / "tmp").iterdir()) == []


def test_a_room_is_swept_once_its_process_is_dead_whoever_has_its_number_by_then(store):
    with store.room() as room:
        (room / "file").write_bytes(b"rows")
        assert store.sweep_temporaries() == 0
        kept = room / "file"
        assert kept.exists()
    assert not room.exists()
    left = store.root / "tmp" / f"{os.getpid()}.{'0' * 16}"
    left.mkdir()
    (left / "file").write_bytes(b"rows")
    assert store.sweep_temporaries() == 1
    assert not left.exists()


def test_what_is_set_aside_is_not_served_and_goes_when_a_copy_mends_it(store, tmp_path):
    blob = store.put_bytes(b"content")
    path = store.path(blob.sha256)
    path.chmod(0o644)
    path.write_bytes(b"Content")
    store.set_aside(blob.sha256)
    with pytest.raises(NotFound):
        store.open_path(blob.sha256)
    assert list(store.all()) == []
    (tmp_path / "worse").write_bytes(b"CONTENT")
    with pytest.raises(DamagedBlob, match="a copy of it is damaged"):
        store.take(blob.sha256, tmp_path / "worse")
    (tmp_path / "copy").write_bytes(b"content")
    store.take(blob.sha256, tmp_path / "copy")
    store.check(blob.sha256)
    assert list((store.root / "damaged").iterdir()) == []


def test_what_is_erased_goes_from_where_it_was_set_aside_too(store):
    blob = store.put_bytes(b"content")
    store.set_aside(blob.sha256)
    store.erase(blob.sha256)
    assert list((store.root / "damaged").iterdir()) == []
