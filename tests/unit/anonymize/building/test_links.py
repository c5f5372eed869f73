"""Rows of one subject are not linked by any value where no token links them."""

import pyarrow as pa
import pytest

from anonymize.errors import GateFailed
from tests.unit.anonymize.world import built, columns, registry

DROPPED = {"treatment": "drop"}


def numbered(values):
    """Give 4,000 tumours of up to 900 people, each row with `values` of its person's number."""
    table = registry(4000, subjects=900)
    people = [int(text[1:]) for text in table["id"].to_pylist()]
    return table.append_column("mrn", pa.array([values(row, person) for row, person in enumerate(people)]))


def planned(mrn, **changes):
    return [*columns(id=DROPPED, **changes), {"name": "mrn", "role": "insensitive", "treatment": "keep", **mrn}]


def own(row, person):
    return f"H{person * 7919 % 100003}"


@pytest.mark.parametrize(
    "mrn",
    [
        {},
        {"role": "sensitive_attribute"},
        {"treatment": "group", "level": 0},
        {"role": "free_text", "treatment": "redact"},
    ],
)
def test_a_value_of_one_subject_alone_fails_the_gate_and_its_column_is_named(tmp_path, mrn):
    rows = numbered(own) if mrn.get("treatment") != "redact" else numbered(lambda _, p: f"grey spot {own(0, p)} seen")
    with pytest.raises(GateFailed, match=r"gate of edition 'controlled': rows_linked by mrn is 0\.\d+, limit 0\.05"):
        built(tmp_path, rows, profiles=["controlled"], column=planned(mrn))
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "values",
    [
        lambda row, _: f"S{row}",  # a value per row links nothing
        lambda _, person: f"G{person % 90}",  # ten people share each value
        lambda row, person: own(row, person) if person < 20 else None,  # few rows, and empty cells are no value
    ],
)
def test_values_that_link_no_rows_pass(tmp_path, values):
    built(tmp_path, numbered(values), profiles=["controlled"], column=planned({}))


def test_what_counts_is_the_value_as_published(tmp_path):
    groups = {own(0, person): f"G{person % 9}" for person in range(900)}
    column = planned({"treatment": "group", "groups": groups})
    built(tmp_path, numbered(own), profiles=["controlled"], column=column)


@pytest.mark.parametrize("profile", ["enclave", "controlled"])
def test_a_token_or_aggregates_alone_need_no_such_rule(tmp_path, profile):
    """The enclave serves no rows; the other edition counts whole sets, for its token links them anyway."""
    column = [*columns(id=DROPPED if profile == "enclave" else {}), planned({})[-1]]
    table = registry(4000, subjects=3600)
    table = table.append_column("mrn", table["id"])
    built(tmp_path, table, profiles=[profile], column=column)


def test_a_token_withheld_leaves_the_rule_to_the_edition_without_it(tmp_path):
    table = registry(4000, subjects=900)
    column = [*columns(id={"withheld": ["controlled"]}), planned({})[-1]]
    with pytest.raises(GateFailed, match="'controlled': rows_linked by mrn"):
        built(tmp_path, table.append_column("mrn", table["id"]), profiles=["enclave", "controlled"], column=column)
