"""NAACCR XML comes out as one row per tumour, with the items of its patient and of the file."""

import csv
import gzip
import io
from pathlib import Path

import pytest

from anonymize.errors import SourceError
from anonymize.sources.files import Files
from policies.source import Source
from tests.unit.anonymize.sources.files import here, naaccr, read

NAACCR = Source(format="naaccr")
SAMPLE = Path(__file__).parents[5] / "shared/data/tumor/naaccr_v250_abstract_1000.xml.gz"
BODY = """<Item naaccrId="registryId">R1</Item>
<Patient><Item naaccrId="patientIdNumber">00000001</Item><Item naaccrNum="220">2</Item>
  <Tumor><Item naaccrId="primarySite" naaccrNum="400">C509</Item><Item naaccrId="textRemarks">a &lt; b
c</Item></Tumor>
  <Tumor><Item naaccrId="primarySite">C340</Item><Item naaccrId="grade"></Item></Tumor>
  <x:Extension xmlns:x="urn:other"><x:Item>left out<x:Item/></x:Item></x:Extension></Patient>
<Patient><Item naaccrId="patientIdNumber">00000002</Item></Patient>
<Patient><Tumor><Item naaccrId="primarySite">C619</Item></Tumor></Patient>"""


def write(tmp_path: Path, raw: bytes) -> Path:
    path = tmp_path / "a.xml"
    path.write_bytes(raw)
    return path


def refused(tmp_path: Path, raw: bytes) -> SourceError:
    with pytest.raises(SourceError) as caught:
        here(write(tmp_path, raw), NAACCR)
    return caught.value


@pytest.mark.parametrize("version", range(18, 26))
def test_tumours_inherit_the_items_of_their_patient_and_of_the_file(tmp_path, version):
    table = here(write(tmp_path, naaccr(BODY, dictionary=f"naaccr-dictionary-{version}0.xml")), NAACCR)
    assert table.to_pydict() == {
        "registryId": ["R1"] * 3,
        "patientIdNumber": ["00000001", "00000001", None],
        "sex": ["2", "2", None],
        "primarySite": ["C509", "C340", "C619"],
        "textRemarks": ["a < b\nc", None, None],
        "grade": [None] * 3,
    }


def test_a_folder_of_files_has_the_items_of_all(tmp_path):
    (tmp_path / "all").mkdir()
    for name, item in (("b", "grade"), ("a", "laterality")):
        body = f'<Patient><Tumor><Item naaccrId="{item}">{name}</Item></Tumor></Patient>'
        (tmp_path / "all" / f"{name}.xml.gz").write_bytes(gzip.compress(naaccr(body)))
    assert here(tmp_path / "all", NAACCR).to_pydict() == {"laterality": ["a", None], "grade": [None, "b"]}


def test_a_file_of_a_folder_that_gains_an_item_after_the_first_look_is_refused(tmp_path):
    (tmp_path / "all").mkdir()
    for name in "ab":
        body = '<Patient><Tumor><Item naaccrId="grade">1</Item></Tumor></Patient>'
        (tmp_path / "all" / f"{name}.xml").write_bytes(naaccr(body))
    files = Files.open(tmp_path / "all", "all", NAACCR)
    (tmp_path / "all" / "b.xml").write_bytes(naaccr(body.replace("grade", "laterality")))
    with pytest.raises(SourceError, match="changed while it was read") as caught:
        list(files.batches())
    assert caught.value.place == "all/b.xml"


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ('<Patient><Item naaccrId="sex">1</Item><Item naaccrId="sex">2</Item></Patient>', "item sex is there twice"),
        ("<Patient><Item>1</Item></Patient>", "an item has no naaccrId"),
        ('<Patient><Item naaccrNum="999999">1</Item></Patient>', "item number '999999' is in no dictionary"),
        ('<Patient><Item naaccrId="sex">1<b/></Item></Patient>', "an item holds an element"),
        ("<Tumor></Tumor>", "an element stands where"),
        ("<Patient></Patient>\n<Item naaccrId='registryId'>1</Item>", "an item of the file follows a patient"),
        ("<Patient>", "is no XML: mismatched tag"),
    ],
)
def test_what_is_out_of_order_is_refused_by_line(tmp_path, body, found):
    error = refused(tmp_path, naaccr(body))
    assert found in error.found
    assert ", line " in error.place
    assert error.fix


def test_other_versions_and_files_that_end_early_are_refused(tmp_path):
    for dictionary in ("naaccr-dictionary-160.xml", "mine.xml"):
        assert "no version we know" in refused(tmp_path, naaccr("", dictionary=dictionary)).found
    assert "is no XML" in refused(tmp_path, naaccr(BODY)[:-20]).found
    assert "stands where" in refused(tmp_path, b"<Other/>").found


@pytest.mark.skipif(not SAMPLE.exists(), reason="needs ../shared/data: the NAACCR sample")
def test_a_thousand_abstracts_read_as_their_flat_file_does():
    with gzip.open(SAMPLE.with_name(SAMPLE.name.replace(".xml", ".csv"))) as raw:
        header, *rows = csv.reader(io.TextIOWrapper(raw, encoding="utf-8", newline=""))
    table = read(SAMPLE, NAACCR).select(header)
    assert table.num_rows == 1000
    assert [[cell or "" for cell in row.values()] for row in table.to_pylist()] == rows
