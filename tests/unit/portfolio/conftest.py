"""The shipped catalogue, and payloads as systems send them."""

from collections.abc import Callable
from typing import Any

import pytest

from services.portfolio.adapters.sections_file import load_catalogue
from services.portfolio.domain.facts import FactTable
from services.portfolio.domain.figures import compute
from services.portfolio.domain.sections import Catalogue, Detected, detect

Compute = Callable[[dict[str, Any]], FactTable]


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    """The sections as shipped."""
    return load_catalogue()


@pytest.fixture(scope="session")
def facts_of(catalogue: Catalogue) -> Compute:
    """Detect one payload's section and compute its facts."""

    def run(payload: dict[str, Any]) -> FactTable:
        (found,) = detect([payload], catalogue.sections)
        assert isinstance(found, Detected), found.error
        return compute(found, catalogue)

    return run
