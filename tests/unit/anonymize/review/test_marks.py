"""What a steward marks in a review file becomes lists; the file is private, and its errors tell no text."""

import stat
from pathlib import Path

import pytest
import tomlkit

from anonymize.residual import Left
from anonymize.review.marks import ReviewError, read_marks, write_review
from anonymize.review.texts import Reviewed
from anonymize.transform.text.spans import Span

TEXT = '来电人张伟民说："三环路"积水\\'
REVIEWED = {"备注": [Reviewed(TEXT, (Span(3, 6, "PERSON", False),), (Left(9, 12, "PERSON"),)), Reviewed("无", (), ())]}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    folder = tmp_path / "private"
    folder.mkdir(mode=0o700)
    write_review(folder / "review.toml", REVIEWED, sha256="0" * 64, seed=3)
    return folder / "review.toml"


def edited(file: Path, change) -> Path:
    document = tomlkit.parse(file.read_text("utf-8"))
    change(document["text"])
    file.write_text(tomlkit.dumps(document), encoding="utf-8")
    return file


def test_the_file_is_its_owners_alone_warns_and_holds_each_text_as_it_is(file):
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    text = file.read_text("utf-8")
    assert text.startswith("# RAW TEXT")
    raw = tomlkit.parse(text).unwrap()
    assert [entry["text"] for entry in raw["text"]] == [TEXT, "无"]
    assert raw["text"][0]["spans"] == [{"text": "张伟民", "type": "PERSON"}]
    assert raw["text"][0]["doubtful"] == [{"text": "三环路", "type": "PERSON"}]


def test_what_is_left_as_it_was_marks_nothing(file):
    marks = read_marks(file)["备注"]
    assert (marks.always, marks.never) == ({}, set())


def test_an_added_span_is_always_removed_and_a_removed_one_stays(file):
    def change(texts):
        texts[0]["spans"] = [{"text": "三环路", "type": "LOCATION"}]

    marks = read_marks(edited(file, change))["备注"]
    assert (marks.always, marks.never) == ({"三环路": "LOCATION"}, {"张伟民"})


@pytest.mark.parametrize(
    ("spans", "told"),
    [
        ([{"text": "王五六", "type": "PERSON"}], "does not stand in the text"),
        ([{"text": "张伟民", "type": "person name"}], "no list of strings"),
        ([{"text": "", "type": "PERSON"}], "does not stand"),
        (["张伟民"], "no list of strings"),
        ("张伟民", "no list of strings"),
    ],
)
def test_a_mark_that_cannot_be_meant_is_refused_without_its_text(file, spans, told):
    with pytest.raises(ReviewError, match=told) as refused:
        read_marks(edited(file, lambda texts: texts[0].update({"spans": spans})))
    assert "text 1" in str(refused.value)
    assert not any(part in str(refused.value) for part in ("张伟民", "王五六"))


def test_marks_that_contradict_each_other_are_refused(file):
    def change(texts):
        texts[0]["spans"] = []
        texts[1].update({"text": "张伟民", "spans": [{"text": "张伟民", "type": "PERSON"}]})

    with pytest.raises(ReviewError, match="stay in one text") as refused:
        read_marks(edited(file, change))
    assert "张伟民" not in str(refused.value)


@pytest.mark.parametrize("raw", [b"\xff\xfe", b"format = 1\ntext = [", b"format = 9\n", b"format = 1\ntext = 3\n"])
def test_what_is_no_review_file_is_refused(tmp_path, raw):
    path = tmp_path / "review.toml"
    path.write_bytes(raw)
    with pytest.raises(ReviewError):
        read_marks(path)


def test_a_folder_that_others_may_read_and_a_file_that_is_there_are_refused(file, tmp_path):
    tmp_path.chmod(0o755)
    with pytest.raises(ReviewError, match="others may read it"):
        write_review(tmp_path / "review.toml", REVIEWED, sha256="", seed=0)
    assert not (tmp_path / "review.toml").exists()
    with pytest.raises(ReviewError, match="there already"):
        write_review(file, REVIEWED, sha256="", seed=0)
    with pytest.raises(ReviewError, match="is no folder"):
        write_review(tmp_path / "none" / "review.toml", REVIEWED, sha256="", seed=0)
