"""The committed list of functions is complete and says what the review says."""

import pytest

from market.query.statements import update_functions
from market.query.statements.functions import judge, reviewed


def test_every_function_of_the_installed_engine_is_allowed_or_refused() -> None:
    assert update_functions.installed() == set(reviewed())


def test_the_list_is_what_the_review_makes() -> None:
    assert all(update_functions.review(overload) == verdict for overload, verdict in reviewed().items())


def test_every_verdict_has_a_reason() -> None:
    assert all(verdict.reason for verdict in reviewed().values())


@pytest.mark.parametrize(
    "name",
    [
        "read_csv",
        "read_parquet",
        "parquet_scan",
        "read_text",
        "glob",
        "query",
        "query_table",
        "duckdb_settings",
        "json_execute_serialized_sql",
        "pragma_table_info",
        "which_secret",
        "test_all_types",
        "repeat",
    ],
)
def test_table_functions_other_than_value_makers_are_refused(name: str) -> None:
    verdict = judge(name, 1, makes_rows=True)
    assert verdict is not None
    assert not verdict.allowed


@pytest.mark.parametrize(
    "name",
    [
        "current_setting",
        "version",
        "setseed",
        "sleep_ms",
        "write_log",
        "levenshtein",
        "getvariable",
        "nextval",
        "json_serialize_sql",
        "error",
        "finalize",
        "now",
        "current_database",
        "__internal_compress_string_hugeint",
    ],
)
def test_functions_that_reach_beyond_their_values_are_refused(name: str) -> None:
    verdict = judge(name, 1)
    assert verdict is not None
    assert not verdict.allowed


def test_age_between_two_dates_is_allowed_but_age_from_today_is_not() -> None:
    two, one = judge("AGE", 2), judge("age", 1)
    assert two is not None
    assert two.allowed
    assert one is not None
    assert not one.allowed


def test_an_unknown_name_has_no_verdict() -> None:
    assert judge("no_such_function", 1) is None
