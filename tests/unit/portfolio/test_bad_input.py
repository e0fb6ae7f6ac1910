"""Payloads with nonsense in them: an error or a warning of that section, never a crash, never an unsupported figure."""

import copy
import json
import random
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from services.portfolio.domain.formats import make_style
from services.portfolio.domain.rendering import render_task
from services.portfolio.domain.report import render_report
from services.portfolio.domain.sections import Catalogue, Detected, detect
from services.portfolio.domain.task import analyse_section, assemble, fail_undetected
from tests.support.drawn import drawn
from tests.support.portfolio_payloads import make_payload

JUNK: tuple[Any, ...] = (
    None, "", -1, 0, "abc", [], {}, True, "1,2,3", 1e308, 1e-300, Decimal("1E-28"), "NaN", "9" * 70, "-", "(5)", "100%",
    "-100%", "₹5", "$7", "x" * 500, "2026-13-45", "0001-01-01", "9999-12-31", [1], {"a": 1}, 10**40, float("inf"),
    "5\x00",    "\n", "5 years", 0.0000001, "1e30", 10**28, -(10**25), 10**17, "1e17 crore",
)  # fmt: skip


def list_places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of everything inside a payload."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield (*path, key)
        yield from list_places(inner, (*path, key))


def spoil(rng: random.Random, payload: dict[str, Any]) -> dict[str, Any]:
    """The payload with one to three of its values missing or replaced by nonsense."""
    spoilt = copy.deepcopy(payload)
    for _ in range(rng.choice([1, 1, 2, 3])):
        places = list(list_places(spoilt))
        if not places:
            break
        *outer, last = rng.choice(places)
        holder: Any = spoilt
        for key in outer:
            holder = holder[key]
        if isinstance(holder, dict) and rng.random() < 0.15:
            del holder[last]
        else:
            holder[last] = rng.choice(JUNK)
    return spoilt


@pytest.mark.drawn
@pytest.mark.timeout(400)
async def test_nonsense_is_a_stated_error_or_a_grounded_result(catalogue: Catalogue) -> None:
    style = make_style("en_IN")
    failed = 0
    for seed in range(drawn(100, 400)):
        payload = spoil(random.Random(seed), make_payload(seed))
        (found,) = detect([payload], catalogue.sections)
        known = isinstance(found, Detected)
        result = await analyse_section(found, catalogue, style=style) if known else fail_undetected(found)
        rendered = render_task(assemble([result]))
        assert render_report(rendered)
        assert json.dumps(rendered, allow_nan=False)
        if result.succeeded:
            assert result.grounding is not None
            assert result.grounding.complete, (seed, result.grounding.unsupported)
        else:
            failed += 1
            assert result.error, seed
            assert result.error_code, seed

    assert failed > drawn(12, 50)
