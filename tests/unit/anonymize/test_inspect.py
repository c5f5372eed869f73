"""Inspection looks at every value, tells no cell, and proposes a plan that loads."""

import gzip
import json
from pathlib import Path

import pyarrow as pa
import pytest

from anonymize.errors import SourceError
from anonymize.inspect import inspect
from anonymize.vault import seal
from policies.plan import Plan, Role, Treatment
from policies.source import Source

HEADER = "住院号,姓名,身份证号,电话,家庭住址,居住地,出生日期,年龄,入院日期,部位,性别,分级,指标,备注,空,编号,别的"


def row(number: int) -> str:
    name = "王李张刘陈"[number % 5] + "伟芳娜敏静"[number % 5] + "甲乙丙丁戊己庚辛"[number % 8]
    note = "一般情况可，饮食睡眠如常，二便正常，近期体重无明显变化，继续观察，择期复查，不适随诊。" + (
        "患者电话13800138000" if number == 57 else ""
    )
    cells = [
        *(f"ZY{number:06}", name, f"50010319{number % 90 + 10}0101{number:04}", f"138{number:08}"),
        *(
            f"重庆市渝中区民生路{number}号",
            ("500103", "510104")[number % 2],
            f"19{number % 90 + 10}-01-01",
            str(20 + number % 60),
        ),
        *(f"2019-01-{number % 28 + 1:02}", "C50.9", "男女"[number % 2], str(number % 3), f"{number * 7 % 97}.5"),
        *(note, "", str(5000 + number), f"标签{number % 40}"),
    ]
    return ",".join(cells)


@pytest.fixture(scope="module")
def source(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("inspect") / "source.csv"
    path.write_text("\n".join([HEADER, *map(row, range(100))]) + "\n", encoding="utf-8")
    return path


def test_each_column_gets_the_expected_role_and_treatment(source):
    proposed = {
        c.name: (c.proposal.column.role.value, c.proposal.column.treatment.value) for c in inspect(source).columns
    }
    assert proposed == {
        "住院号": ("subject", "token"),
        "姓名": ("direct_identifier", "drop"),
        "身份证号": ("direct_identifier", "drop"),
        "电话": ("direct_identifier", "drop"),
        "家庭住址": ("direct_identifier", "drop"),
        "居住地": ("quasi_identifier", "place"),
        "出生日期": ("direct_identifier", "drop"),
        "年龄": ("quasi_identifier", "age"),
        "入院日期": ("quasi_identifier", "date"),
        "部位": ("quasi_identifier", "icdo3_topography"),
        "性别": ("quasi_identifier", "group"),
        "分级": ("sensitive_attribute", "keep"),
        "指标": ("sensitive_attribute", "band"),
        "备注": ("free_text", "redact"),
        "空": ("insensitive", "drop"),
        "编号": ("direct_identifier", "drop"),
        "别的": ("direct_identifier", "drop"),
    }


def test_what_identifies_is_also_scrubbed_from_the_notes(source):
    scrub = {column.name: column.scrub for column in inspect(source).to_plan("d", "controlled").columns if column.scrub}
    assert scrub["姓名"] == "name"
    assert scrub["家庭住址"] == "address"
    assert {scrub[name] for name in ("住院号", "身份证号", "电话", "出生日期")} == {"value"}


def test_a_single_finding_among_many_values_is_not_missed(source):
    note = next(column for column in inspect(source).columns if column.name == "备注")
    assert note.shape.findings == {"PHONE": 1}


def test_the_plan_is_complete_loads_and_is_the_same_each_time(source):
    plan = inspect(source, Source()).to_plan("registry", "controlled")
    assert Plan.from_dict(plan.to_dict()) == plan
    assert [column.name for column in plan.columns] == HEADER.split(",")
    assert inspect(source).to_plan("registry", "controlled") == plan


def test_the_report_holds_counts_and_no_cell(source):
    report = json.dumps(inspect(source).to_dict(), ensure_ascii=False)
    for cell in row(57).split(","):
        if len(cell) > 6:
            assert cell not in report
    assert '"rows": 100' in report


def test_doubt_is_said_in_the_reason(source):
    reasons = {column.name: column.proposal.reason for column in inspect(source).columns}
    assert "Unsure" in reasons["别的"]
    assert all(reasons.values())


def test_a_source_without_an_obvious_subject_still_has_one(tmp_path):
    path = tmp_path / "s.csv"
    path.write_text("a,b\n" + "".join(f"{n % 7},{n % 3}\n" for n in range(50)), encoding="utf-8")
    plan = inspect(path).to_plan("d", "open")
    assert (plan.subject.name, plan.subject.role, plan.subject.treatment) == ("a", Role.SUBJECT, Treatment.TOKEN)


def test_a_source_without_rows_gives_a_plan(tmp_path):
    path = tmp_path / "s.csv"
    path.write_text("a,b\n", encoding="utf-8")
    assert inspect(path).to_plan("d", "open").columns[1].treatment is Treatment.DROP


def test_the_words_of_a_camel_case_column_name_are_read_as_words(tmp_path: Path) -> None:
    path = tmp_path / "registry.csv"
    rows = (f"{number},{number % 9 * 10}-{number % 9 * 10 + 9},{number % 45 + 100000000}" for number in range(90))
    path.write_text("\n".join(["patientIdNumber,ageGroup,someNumber", *rows]), encoding="utf-8")
    roles = {column.name: column.to_dict()["role"] for column in inspect(path).columns}
    assert roles["patientIdNumber"] == "subject"
    assert roles["ageGroup"] == "quasi_identifier"
    assert roles["someNumber"] == "direct_identifier"


def test_a_number_that_hardly_varies_still_gets_bands_that_are_a_plan(tmp_path: Path) -> None:
    path = tmp_path / "registry.csv"
    rows = (f"P{number},{7 if number < 980 else number}" for number in range(1000))
    path.write_text("\n".join(["patient_id,size", *rows]), encoding="utf-8")
    assert Plan.from_dict(inspect(path).to_plan("d", "controlled").to_dict()).columns


def test_what_was_guessed_of_the_source_is_pinned_in_the_plan_and_doubts_are_told(tmp_path: Path) -> None:
    path = tmp_path / "registry.csv.gz"
    rows = "".join(f"P{n};重庆市渝中区解放路{n}号;{n if n % 200 else 'n/a'}\n" for n in range(1, 1001))
    path.write_bytes(gzip.compress(f"patient_id;地址;size\n{rows}".encode("gb18030")))
    found = inspect(path)
    assert found.source == Source(encoding="gb18030", delimiter=";")
    assert found.doubts == ("column 3 (size): 99.8 % integers, 1 other values; read as text",)
    assert found.to_dict()["doubts"] == list(found.doubts)
    plan = Plan.from_dict(found.to_plan("d", "controlled").to_dict())
    assert plan.source == found.source


def test_a_pinned_type_wins_over_the_guess_and_says_what_does_not_fit(tmp_path: Path) -> None:
    path = tmp_path / "registry.csv"
    path.write_text("patient_id,size,code\n" + "".join(f"P{n},{n if n > 5 else 'x'},{n % 4}\n" for n in range(1000)))
    found = inspect(path, Source(types={"size": "integer", "code": "category"}))
    assert {column.name: column.shape.type for column in found.columns} == {
        "patient_id": "text",
        "size": "integer",
        "code": "category",
    }
    assert found.doubts == ("column 2 (size): pinned as integer; 1 distinct values are not",)
    assert found.columns[1].shape.quantiles == (55.0, 502.0, 949.0)
    with pytest.raises(SourceError, match="no column of the source"):
        inspect(path, Source(types={"sise": "integer"}))


def test_a_sealed_source_is_inspected_with_its_key(tmp_path: Path, source: Path) -> None:
    seal(source, tmp_path / "sealed", b"k" * 32)
    assert inspect(tmp_path / "sealed", key=b"k" * 32) == inspect(source)


def test_what_is_larger_than_the_memory_is_laid_aside_and_removed(tmp_path: Path, monkeypatch) -> None:
    from anonymize import distincts

    monkeypatch.setattr(distincts, "MEMORY", "40MB")
    with distincts.Distincts(2, folder=tmp_path) as cells:
        for start in range(0, 400_000, 50_000):
            texts = [f"{n:0120}" for n in range(start, start + 50_000)]
            cells.add(pa.record_batch([texts, ["5", None] * 25_000], names=["a", "b"]))
        spilled = sum(file.stat().st_size for file in tmp_path.rglob("*") if file.is_file())
        for file in tmp_path.rglob("*"):
            assert not file.is_file() or b"0" * 40 not in file.read_bytes(), "who kills an inspection could read cells"
        assert sum(map(len, cells.values(0))) == 400_000
        assert (cells.present(1), [*cells.values(1)]) == (200_000, [["5"]])
    assert spilled > 1_000_000
    assert not list(tmp_path.iterdir())
