"""What all tests share: the servers, started once per test process when a test first asks."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import structlog
from hypothesis import settings

from services.launcher.embedded import NatsServer, S3Server
from tests.support.drawn import drawn
from tests.support.servers import run_nats_server, run_s3_server

# Machines of CI are shared: how long an example takes says nothing of what is tested.
settings.register_profile("suite", deadline=None, max_examples=drawn(30, 100))
settings.load_profile("suite")
# What is logged in a test's own process. structlog's own choice shows tracebacks with all variables: seconds for each.
structlog.configure(
    processors=[
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback),
    ]
)


_WAITING = {Path(__file__).parent / name for name in ("contract", "e2e", "integration")}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks what Hypothesis makes up as `drawn`, and orders the files, which test processes take one after another.

    Those with long tests come first, so that none is left to one process at the end; then such as wait for servers in
    turn with such as compute, so that the cores are busy.
    """
    files: dict[Path, list[pytest.Item]] = {}
    for item in items:
        if getattr(getattr(item, "function", None), "is_hypothesis_test", False):
            item.add_marker("drawn")
        files.setdefault(item.path, []).append(item)
    long = [path for path, found in files.items() if any(item.get_closest_marker("slow") for item in found)]
    rest = [path for path in files if path not in long]
    waiting = [path for path in rest if not _WAITING.isdisjoint(path.parents)]
    computing = [path for path in rest if _WAITING.isdisjoint(path.parents)]
    items[:] = [item for path in [*long, *_in_turn(waiting, computing)] for item in files[path]]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """One test process for all that stands before the shared suite, which is so started once."""
    from tests.support.scheduling import SharedSuiteScheduling

    return SharedSuiteScheduling(config, log) if config.getvalue("dist") == "loadfile" else None


def _in_turn(first: Sequence[Path], second: Sequence[Path]) -> list[Path]:
    """Both in their order, evenly mixed."""
    placed = [((place + 0.5) / len(paths), path) for paths in (first, second) for place, path in enumerate(paths)]
    return [path for _, path in sorted(placed)]


@pytest.fixture(scope="session")
def nats_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NatsServer]:
    """A running NATS server with JetStream (``.url``). Shared: name streams your own, never kill it."""
    with run_nats_server(tmp_path_factory.mktemp("nats")) as server:
        yield server


@pytest.fixture(scope="session")
def s3_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    """A running S3 server (``.url``, ``.credentials``). Shared: use a bucket of your own, never kill it."""
    with run_s3_server(tmp_path_factory.mktemp("s3")) as server:
        yield server
