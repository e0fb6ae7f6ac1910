"""One portfolio in forty notations gives the same figures from all, or a stated ambiguity: never a wrong one."""

from collections import Counter
from decimal import Decimal
from functools import lru_cache

import pytest

from services.portfolio.adapters.sections_file import load_catalogue
from services.portfolio.domain.facts import FactTable
from services.portfolio.domain.figures import compute
from services.portfolio.domain.reading import Context, Conventions
from services.portfolio.domain.sections import Detected, detect
from tests.support.portfolio_notations import NOTATIONS, Case, make_cases

CATALOGUE = load_catalogue()
CASES = make_cases()
# Series go through floating point; all else is exact but for what JSON's doubles cost on the way.
_EXACT = Decimal("1e-9")
_MOST_AMBIGUOUS = 0.05


def compute_case(case: Case, *, locale: str = "", conventions: Conventions | None = None) -> FactTable:
    (found,) = detect([case.payload], CATALOGUE.sections)
    assert isinstance(found, Detected), found.error
    return compute(found, CATALOGUE, Context(request=conventions or Conventions(), locale=locale))


@lru_cache(maxsize=2)
def judge(*, states_locale: bool) -> Counter[str]:
    """How many figures of all cases are right, and how many ambiguous, by whether their notation states units; raises
    at the first that is wrong or missing without a stated ambiguity."""
    counts: Counter[str] = Counter()
    for case in CASES:
        table = compute_case(case, locale=case.notation.locale if states_locale else "")
        for fact_id, true in case.truth.items():
            fact = table.find(fact_id)
            if fact is not None:
                assert abs(fact.value - true) <= abs(true) * _EXACT, (case.name, fact_id, fact.value, true)
                counts["right"] += 1
                continue
            absent = [item for item in table.absent if fact_id == item.id or fact_id.startswith(f"{item.id}.")]
            assert absent, (case.name, fact_id)
            assert absent[0].code == "AMBIGUOUS_INPUT", (case.name, fact_id, absent[0].reason)
            assert len(absent[0].alternatives) > 1
            counts["ambiguous, unit stated" if case.notation.style.states_units else "ambiguous"] += 1
    return counts


def test_there_are_enough_notations_and_payloads() -> None:
    assert len(NOTATIONS) == 40
    assert len(CASES) >= 150


@pytest.mark.parametrize("states_locale", [True, False])
def test_no_notation_gives_a_wrong_figure(states_locale: bool) -> None:
    counts = judge(states_locale=states_locale)

    assert counts["right"] > 2500
    assert counts["ambiguous, unit stated"] == 0
    assert counts["ambiguous"] <= _MOST_AMBIGUOUS * counts.total()


def test_conventions_settle_what_was_ambiguous() -> None:
    fractions = [case for case in CASES if case.notation.style.name == "fractions"]
    stated = Conventions(weights="fraction", rates="fraction")

    for case in fractions:
        table = compute_case(case, conventions=stated)
        for fact_id, true in case.truth.items():
            fact = table.find(fact_id)
            assert fact is not None, (case.name, fact_id)
            assert abs(fact.value - true) <= abs(true) * _EXACT, (case.name, fact_id)


def test_every_column_and_field_that_is_used_says_how_it_was_read() -> None:
    for case in CASES:
        for entry in compute_case(case).reading:
            assert entry.read_as or entry.alternatives, (case.name, entry)
            assert entry.alternatives or entry.why in {
                "marked", "convention", "column", "sibling", "sum", "range", "locale", "tenant",
            }, (case.name, entry)  # fmt: skip
