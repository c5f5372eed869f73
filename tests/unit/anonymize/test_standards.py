"""Values are read as the one code they can mean; what means none becomes empty and is counted."""

import pyarrow as pa
import pytest

from anonymize.standards import SYSTEMS, standardise
from policies.errors import PlanError
from policies.plan import Column, Role, Treatment

READ = {
    "icdo3_topography": {"C509": "C50.9", "c50.9": "C50.9", "Ｃ５０９": "C50.9", "C50": "C50", "C42.1": "C42.1"},
    "icdo3_morphology": {"M85003": "8500/3", "8500/3": "8500/3", "8520": "8520"},
    "icdo3_behaviour": {"3": "3", "/2": "2"},
    "icd10": {
        "c509": "C50.9",
        "C50.900x001": "C50.9",
        "I10.x00x002": "I10",
        "C61.900": "C61",
        "B18.1": "B18.1",
    },
    "gbt2260": {
        "500103": "500103",
        "500100": "5001",
        "500000": "50",
        "500103001002": "500103",
        "渝中区": "500103",
        "重庆市江北区": "500105",
    },
    "gbt2261_sex": {"男": "1", "M": "1", "Female": "2", "２": "2", "未知": "0"},
    "gbt2261_marital": {"已婚": "20", "离异": "40", "never married": "10", "30": "30"},
    "gbt3304_ethnic": {"汉": "01", "土家族": "15", "Han": "01", "HA": "01", "1": "01"},
    "iso_date": {
        "19900331": "1990-03-31",
        "1990/3/31": "1990-03-31",
        "1990年3月31日": "1990-03-31",
        "1990.3.31 9:05:00": "1990-03-31",
        "１９９０-０３-３１": "1990-03-31",
        "2017/12/01 15:15:00+00": "2017-12-01",
    },
}
UNREAD = {
    "icdo3_topography": ["C99.9", "D50.9", "breast"],
    "icdo3_morphology": ["8500/4", "9999/3", "85"],
    "icdo3_behaviour": ["4", "malignant"],
    "icd10": ["ZZ", "C61.5", "A00.7"],
    "gbt2260": ["江北区", "市辖区", "999999", "5001035"],
    "gbt2261_sex": ["3", "X"],
    "gbt2261_marital": ["1", "single"],
    "gbt3304_ethnic": ["57", "华"],
    "iso_date": ["31/03/1990", "90-03-31", "1990-02-30", "199003", "99991231"],
}


def column(standard: str | None, **more) -> Column:
    return Column(name="c", role=Role.QUASI_IDENTIFIER, treatment=Treatment.GROUP, standard=standard, **more)


@pytest.mark.parametrize("system", SYSTEMS)
def test_each_usual_form_is_read_as_its_code(system):
    assert {text: SYSTEMS[system](text) for text in READ[system]} == READ[system]


@pytest.mark.parametrize("system", SYSTEMS)
def test_what_means_no_code_or_several_is_not_guessed(system):
    assert [text for text in UNREAD[system] if SYSTEMS[system](text) is not None] == []


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_code_is_read_as_itself(system):
    assert all(SYSTEMS[system](code) == code for code in READ[system].values())


def test_the_mapping_of_the_plan_comes_first():
    done = standardise(
        pa.array(["3", "2", "丧", "男", None]), column("gbt2261_sex", mapping={"3": "9", "2": "1", "丧": "0"})
    )
    assert done.values.to_pylist() == ["9", "1", "0", "1", None]
    assert (done.mapped, done.unmapped) == (4, 0)


def test_what_did_not_map_is_empty_and_told_apart_from_what_was_empty():
    done = standardise(pa.array(["C509", "lung", None, "C50.9"]), column("icdo3_topography"))
    assert done.values.to_pylist() == ["C50.9", None, None, "C50.9"]
    assert done.known.to_pylist() == [True, False, None, True]
    assert (done.mapped, done.unmapped) == (2, 1)


def test_no_values_give_no_values():
    done = standardise(pa.array([], pa.string()), column("icd10"))
    assert (len(done.values), done.mapped, done.unmapped) == (0, 0, 0)


def test_a_mapping_to_what_is_no_code_is_refused():
    with pytest.raises(PlanError, match="no code of gbt2261_sex"):
        standardise(pa.array(["3"]), column("gbt2261_sex", mapping={"3": "7"}))


def test_an_unknown_code_system_is_refused_and_the_known_ones_are_named():
    with pytest.raises(PlanError, match="icd10"):
        standardise(pa.array(["3"]), column("icd11"))


def test_an_error_quotes_no_value():
    with pytest.raises(PlanError) as refused:
        standardise(pa.array(["secret"]), column("gbt2261_sex", mapping={"secret": "7"}))
    assert "secret" not in str(refused.value)
