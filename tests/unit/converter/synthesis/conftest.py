import pytest

from tests.unit.converter.synthesis.duck import InProcessRunner


@pytest.fixture(scope="session")
def runner() -> InProcessRunner:
    return InProcessRunner()
