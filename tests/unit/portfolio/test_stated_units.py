"""A notation that states its unit gives the figure, in every way in which systems say it; none is silently wrong."""

from decimal import Decimal

import pytest

from services.portfolio.adapters.sections_file import load_catalogue
from services.portfolio.domain.errors import InputError
from services.portfolio.domain.figures import compute
from services.portfolio.domain.sections import Detected, detect
from tests.support.portfolio_units import FAMILIES, Stated

CATALOGUE = load_catalogue()
EXACT = Decimal("1e-9")


def judge(case: Stated) -> list[str]:
    """What is not as it should be of a case's figures."""
    (found,) = detect([case.payload], CATALOGUE.sections)
    if not isinstance(found, Detected):
        return [f"not detected: {found.error.message}"]
    try:
        table = compute(found, CATALOGUE)
    except InputError as error:
        return [f"refused: {error.message}"]
    wrong = []
    for fact_id, truth in case.truth.items():
        fact = table.find(fact_id)
        if fact is None:
            absent = [item.reason for item in table.absent if fact_id == item.id or fact_id.startswith(f"{item.id}.")]
            wrong.append(f"{fact_id} absent: {absent}")
        elif abs(fact.value - Decimal(truth)) > abs(Decimal(truth)) * EXACT:
            wrong.append(f"{fact_id} = {fact.value}, not {truth}")
    for fact_id in case.open_:
        fact = table.find(fact_id)
        absent = [item for item in table.absent if item.id == fact_id]
        if fact is not None:
            wrong.append(f"{fact_id} = {fact.value}, though two readings are left")
        elif not absent or absent[0].code != "AMBIGUOUS_INPUT" or len(absent[0].alternatives) < 2:
            wrong.append(f"{fact_id} absent without two readings: {absent}")
    return wrong


@pytest.mark.parametrize("family", FAMILIES)
def test_what_states_its_unit_is_read_in_it(family: str) -> None:
    failures = {case.name: wrong for case in FAMILIES[family]() if (wrong := judge(case))}

    assert not failures, f"{len(failures)}: " + "\n".join(f"{name}: {wrong}" for name, wrong in failures.items())


def test_there_are_enough_notations() -> None:
    assert sum(1 for make in FAMILIES.values() for _ in make()) > 1500
