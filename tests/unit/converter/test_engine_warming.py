"""What an engine sets up before its first request."""

import gc
import subprocess
import sys
from collections.abc import Iterator

import pytest

from services.converter.adapters import engine_warming
from services.converter.adapters.duckdb_sandbox import DuckDBSandbox
from services.converter.training import train
from tests.unit.converter.synthesis.duck import InProcessRunner


@pytest.fixture
def sandbox() -> Iterator[DuckDBSandbox]:
    with DuckDBSandbox() as sandbox:
        yield sandbox
    gc.unfreeze()  # what an engine keeps for good is not the tests' to keep


def test_the_example_that_an_engine_warms_up_with_is_learned() -> None:
    pair = engine_warming._INPUT.encode(), engine_warming._EXPECTED.encode()

    training = train(*pair, runner=InProcessRunner(), instructions=engine_warming._SAID)

    assert training.status == "completed"


def test_an_engine_stops_warming_up_as_soon_as_it_is_asked(sandbox: DuckDBSandbox) -> None:
    looks = iter((False, False, True))

    engine_warming.warm_up(sandbox, lambda: next(looks))

    assert not [*looks]
    assert sandbox.cpu_s == 0  # nothing was proved


def test_an_engine_that_is_asked_at_once_warms_up_with_nothing(
    sandbox: DuckDBSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object, **__: object) -> None:
        raise AssertionError

    monkeypatch.setattr(engine_warming, "train", never)

    engine_warming.warm_up(sandbox, lambda: True)


def test_a_training_in_a_warm_engine_imports_nothing() -> None:
    look = (
        "import sys\n"
        "from services.converter.adapters import engine_process\n"
        "from services.converter.adapters.duckdb_sandbox import DuckDBSandbox\n"
        "from services.converter.adapters.engine_warming import warm_up\n"
        "from services.converter.training import train\n"
        "with DuckDBSandbox() as sandbox:\n"
        "    warm_up(sandbox, lambda: False)\n"
        "    known = set(sys.modules)\n"
        "    train(b'Name,Sum\\nAda,1.50\\nAlan,22.00\\n', b'who,sum\\nADA,1.5\\nALAN,22\\n', runner=sandbox)\n"
        "    print(*sys.modules.keys() - known)\n"
    )
    done = subprocess.run([sys.executable, "-c", look], capture_output=True, check=True, text=True)

    assert done.stdout.split() == []
