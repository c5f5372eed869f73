"""Texts of a release follow their plan: the subject's own shift, one invented person, nothing of the steward's list."""

import re
from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.csv as arrow_csv
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anonymize.pipeline import build
from anonymize.signing import Signer
from anonymize.transform.dates import WIDEST_SHIFT_DAYS
from anonymize.transform.tokens import drawn_of, shift_days, shift_of
from policies.errors import PlanError
from policies.plan import Plan
from tests.unit.anonymize.world import AT, SECRET

SURNAMES, GIVEN = "李王赵周吴郑孙钱", ["建国", "秀英", "志强", "丽华", "文博", "晓燕"]
ROWS = 96


def source(folder: Path, subjects: int = ROWS) -> Path:
    rows = range(ROWS)
    owner = [number % subjects for number in rows]
    names = [SURNAMES[n % 8] + GIVEN[n % 6] for n in owner]
    days = [date(2020, 1 + n % 12, 1 + n % 28) for n in rows]
    table = pa.table(
        {
            "id": [f"P{n:04}" for n in owner],
            "name": names,
            "born": [f"19{50 + n % 40}-03-{1 + (n + 9) % 28:02}" for n in owner],
            "sex": [str(1 + n // 4 % 2) for n in rows],
            "dx": [day.isoformat() for day in days],
            "note": [
                f"{name}，生于19{50 + n % 40}年3月{1 + (n + 9) % 28}日，{name[0]}某，"
                f"{day.year}年{day.month}月{day.day}日确诊，三楼转角那家陪同，随访{number}。"
                for number, (n, name, day) in enumerate(zip(owner, names, days, strict=True))
            ],
        }
    )
    path = folder / "source.csv"
    arrow_csv.write_csv(table, path)
    return path


def plan(*, token: bool = True, profiles: tuple[str, ...] = ("enclave",), **said: object) -> Plan:
    columns = [
        {"name": "id", "role": "subject", "treatment": "token" if token else "drop"},
        {"name": "name", "role": "direct_identifier", "treatment": "drop", "scrub": "name"},
        {"name": "born", "role": "direct_identifier", "treatment": "drop", "scrub": "value"},
        {"name": "sex", "role": "quasi_identifier", "treatment": "group"},
        {"name": "dx", "role": "sensitive_attribute", "treatment": "date"},
        {"name": "note", "role": "free_text", "treatment": "redact", **said},
    ]
    return Plan.from_dict({"dataset": "d", "profiles": list(profiles), "column": columns})


def built(tmp_path: Path, wanted: Plan, subjects: int = ROWS) -> tuple[pa.Table, str]:
    """Build; give the rows of its only edition, and its evidence as text."""
    out = tmp_path / "out"
    build(wanted, source(tmp_path, subjects), out, signer=Signer.create(tmp_path / "key"), at=AT, secret=SECRET)
    (edition,) = wanted.profiles
    return pq.read_table(out / edition), (out / "evidence.json").read_text("utf-8")


def test_dates_in_a_text_move_as_its_date_column_and_the_birth_date_goes(tmp_path: Path) -> None:
    rows, _ = built(tmp_path, plan(operators={"DATE": "shift"}))
    for row in rows.to_pylist():
        shifted = row["dx"]
        assert f"，{shifted.year}年{shifted.month}月{shifted.day}日确诊" in row["note"]
        assert re.search(r"生于\[DATE(_OF_BIRTH)?\]", row["note"])
        assert row["note"].startswith("[PERSON]，")


def test_strings_that_always_go_are_neither_in_the_rows_nor_in_the_evidence(tmp_path: Path) -> None:
    rows, evidence = built(tmp_path, plan(always={"三楼转角那家": "PERSON"}, never=["随访"]))
    assert all("[PERSON]陪同，随访" in note for note in rows["note"].to_pylist())
    assert "三楼转角" not in evidence
    assert "随访" in evidence


@given(
    st.binary(min_size=32, max_size=32),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12),
)
def test_the_shift_of_texts_is_that_of_columns(key: bytes, subject: str) -> None:
    sql = f"SELECT {shift_of(drawn_of('$subject::VARCHAR'))}"
    row = duckdb.execute(sql, {"shift_key": key, "subject": subject}).fetchone()
    assert row == (shift_days(key, subject),)
    assert 0 < abs(shift_days(key, subject)) <= WIDEST_SHIFT_DAYS


def test_days_in_texts_are_refused_where_an_edition_may_publish_none(tmp_path: Path) -> None:
    wanted = plan(profiles=("enclave", "controlled"), operators={"DATE": "shift"})
    with pytest.raises(PlanError, match=r"column 'note': .* profile 'controlled' allows month\. Withhold the column"):
        build(wanted, source(tmp_path), tmp_path / "out", signer=Signer.create(tmp_path / "key"), at=AT)
    with pytest.raises(PlanError, match="nothing finds SHOE"):
        build(plan(types=["SHOE"]), source(tmp_path), tmp_path / "out", signer=Signer.create(tmp_path / "key2"), at=AT)
    assert not (tmp_path / "out").exists()


def persons(rows: pa.Table) -> dict[str, set[str]]:
    """Give for each subject, by its follow-up number, the invented names its rows begin with."""
    out: dict[str, set[str]] = {}
    for note in rows["note"].to_pylist():
        number = int(re.findall(r"随访(\d+)", note)[0])
        out.setdefault(f"{number % 12}", set()).add(note.partition("，")[0])
    return out


def test_one_subject_is_one_invented_person_where_a_token_links_its_rows_anyway(tmp_path: Path) -> None:
    rows, evidence = built(tmp_path, plan(operators={"PERSON": "surrogate"}), subjects=12)
    found = persons(rows)
    assert {len(names) for names in found.values()} == {1}
    assert len({name for names in found.values() for name in names}) > 8
    real = {SURNAMES[n % 8] + GIVEN[n % 6] for n in range(12)}
    assert not any(name in evidence + "".join(rows["note"].to_pylist()) for name in real)


def test_without_a_token_no_invented_name_links_the_rows_of_a_subject(tmp_path: Path) -> None:
    wanted = plan(token=False, profiles=("controlled",), operators={"PERSON": "surrogate"})
    columns = [column for column in wanted.to_dict()["column"] if column["name"] != "dx"]
    rows, _ = built(tmp_path, Plan.from_dict({**wanted.to_dict(), "column": [*columns, DROPPED]}), subjects=12)
    assert all(len(names) > 1 for names in persons(rows).values())


DROPPED = {"name": "dx", "role": "sensitive_attribute", "treatment": "drop"}
