"""What the roles import when they start: nothing of another role, of tests, or for a text that is not there."""

import subprocess
import sys

import pytest

from services.common.optional import doing_without

NOT_NEEDED = {
    "storage": {"httpx", "rich"},
    "portfolio": {"aiohttp", "httpx", "rich", "services.portfolio.domain.claims.texts"},
    "converter": {
        "aiohttp",
        "httpx",
        "rich",
        "openpyxl",
        "sqlglot",
        "services.converter.domain.synthesis.operators.logic",
    },
    "events": {"httpx", "rich"},
    "gateway": {"aiohttp", "httpx", "rich", "nats"},
}


@pytest.mark.parametrize("service", NOT_NEEDED)
def test_a_role_imports_nothing_that_it_does_not_need(service: str) -> None:
    look = f"import sys, services.{service}.app; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", look], capture_output=True, check=True, text=True)

    assert NOT_NEEDED[service].isdisjoint(done.stdout.split())


def test_an_engine_imports_no_parser_that_only_agents_need() -> None:
    look = "import sys, services.converter.adapters.engine_process; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", look], capture_output=True, check=True, text=True)

    assert {"sqlglot", "openpyxl", "pycountry"}.isdisjoint(done.stdout.split())


def test_what_is_done_without_is_there_afterwards() -> None:
    look = (
        "from services.common.optional import doing_without\n"
        "with doing_without('wave'):\n"
        "    try:\n        import wave\n"
        "    except ImportError:\n        print('absent')\n"
        "import wave\nprint(wave.__name__)"
    )
    done = subprocess.run([sys.executable, "-c", look], capture_output=True, check=True, text=True)

    assert done.stdout.split() == ["absent", "wave"]


def test_what_is_imported_already_stays() -> None:
    with doing_without("subprocess"):
        import subprocess as found

    assert found is subprocess


def test_a_failure_within_leaves_nothing_absent() -> None:
    with pytest.raises(KeyError), doing_without("not_imported_by_anybody"):
        raise KeyError

    assert "not_imported_by_anybody" not in sys.modules
