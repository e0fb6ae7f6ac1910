"""Classes of signs that everybody knows are a rule, whichever rows show them; signs picked for rows are a list."""

import itertools
from random import Random

import pytest

from services.converter.domain.crew.by_heart import find_by_heart
from services.converter.domain.instructions import Instructions
from services.converter.domain.table import Table
from tests.support.duckdb_in_process import InProcessRunner

RUNNER = InProcessRunner()
RULES = (
    "regexp_matches(ref, '^[aeiou]')",
    "regexp_matches(ref, '^[^aeiou]')",
    "regexp_matches(ref, '[02468]$')",
    "regexp_extract(ref, '-([0-9]+)/', 1)",
    "regexp_extract(ref, '^([A-Za-z]+)-', 1)",
    "regexp_replace(ref, '[^0-9]', '', 'g')",
    "regexp_replace(ref, '[-/. ]', '_', 'g')",
    "translate(ref, '0123456789', '')",
    "translate(upper(ref), 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', '')",
    "CASE WHEN regexp_matches(ref, '^[a-zA-Z]{3}-') THEN 'old' ELSE 'new' END",
)
SIZES = (6, 8, 14)


def refs(seed: int, count: int) -> Table:
    """Rows of a text each, whose first letters and last digits are mixed."""
    at = Random(seed)
    letters, digits = "abcdefghijklmnopqrstuvwxyz", "0123456789"

    def draw() -> str:
        head = "".join(at.choices(letters, k=at.randint(2, 3)))
        return f"{head}-{at.randint(10, 9999)}/{at.choice(letters)}{at.choice(digits)}"

    return Table(("id", "ref"), tuple((f"R{n}", draw()) for n in range(count)))


def is_by_heart(answer: str, table: Table) -> bool:
    sql = f"SELECT id, CAST({answer} AS VARCHAR) AS answer FROM input ORDER BY _row"
    return bool(find_by_heart(sql, table, ("id", "answer"), Instructions(), RUNNER))


@pytest.mark.parametrize("count", SIZES)
@pytest.mark.parametrize("rule", RULES)
def test_a_class_that_everybody_knows_is_a_rule(rule: str, count: int) -> None:
    assert not is_by_heart(rule, refs(count + RULES.index(rule), count))


@pytest.mark.parametrize("count", SIZES)
@pytest.mark.parametrize("written", ["regexp_matches(ref, '^[{}]')", "contains('{}', ref[1])"])
def test_letters_that_are_picked_for_rows_are_a_list(written: str, count: int) -> None:
    letters = list("bcdfghjklmnpqrstvwxz"[:count])
    table = Table(("id", "ref"), tuple((f"R{n}", f"{letter}x-{n}") for n, letter in enumerate(letters)))
    picked = "".join(itertools.compress(letters, itertools.cycle((1, 0, 1, 1, 0))))
    assert is_by_heart(written.format(picked), table)
