"""The shipped catalogue, and payloads as systems send them."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from services.portfolio.adapters.sections_file import load_catalogue
from services.portfolio.domain.facts import FactTable
from services.portfolio.domain.figures import compute
from services.portfolio.domain.formats import make_style
from services.portfolio.domain.sections import Catalogue, Detected, detect
from tests.support.told_sources import list_differences, tell

Compute = Callable[[dict[str, Any]], FactTable]
_computed: list[FactTable] = []


@pytest.fixture(autouse=True)
def _told_as_read() -> Iterator[None]:
    """The builtin text of each section that a test computes is read by the checker as well, which says of it what the
    writer told: the texts of all of these tests are those on which the two are held against one another."""
    _computed.clear()
    yield
    for table in _computed:
        assert list_differences(tell(table, make_style("en_GB"))) == []


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
        table = compute(found, catalogue)
        _computed.append(table)
        return table

    return run
