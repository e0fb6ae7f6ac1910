"""The list of allowed functions held against the DuckDB that is installed."""

import duckdb
import pytest

from services.converter.domain.program_policy import ALLOWED_FUNCTIONS

Stabilities = dict[str, set[str | None]]


@pytest.fixture(scope="module")
def stabilities() -> Stabilities:
    """What DuckDB says of the stability of its functions, by name; of operators and macros it says nothing."""
    found: Stabilities = {}
    with duckdb.connect() as connection:
        for name, stability in connection.execute("SELECT function_name, stability FROM duckdb_functions()").fetchall():
            found.setdefault(name.lower(), set()).add(stability)
    return found


def test_every_allowed_function_exists(stabilities: Stabilities) -> None:
    assert ALLOWED_FUNCTIONS - stabilities.keys() == set()


def test_no_allowed_function_depends_on_anything_but_its_arguments(stabilities: Stabilities) -> None:
    changing = {name for name in ALLOWED_FUNCTIONS if {"VOLATILE", "CONSISTENT_WITHIN_QUERY"} & stabilities[name]}
    assert changing == {"error"}  # it ends the program, whatever it is given
