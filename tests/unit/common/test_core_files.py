"""Whatever of the suite is started as a process leaves no core file: keys and clients' data would be in it."""

import ast
import importlib
import resource
from collections.abc import Callable
from pathlib import Path

import pytest

SERVICES = Path(__file__).parents[3] / "services"
# What writes a page of the repository and ends.
GENERATORS = {"services.converter.language_page", "services.gateway.rest.api", "services.launcher.env_example"}
SWITCHES = {"start_service", "leave_no_core_files", "setrlimit"}


def find_entries() -> dict[str, Path]:
    """Every module that can be run, and what the distribution installs as a command."""
    return {
        ".".join(path.relative_to(SERVICES.parent).with_suffix("").parts): path
        for path in sorted(SERVICES.rglob("*.py"))
        if '__name__ == "__main__"' in path.read_text()
    }


def called_in(path: Path) -> set[str]:
    calls = [node.func for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]
    return {call.attr if isinstance(call, ast.Attribute) else getattr(call, "id", "") for call in calls}


@pytest.mark.parametrize("name", sorted(find_entries().keys() - GENERATORS))
def test_a_process_switches_core_files_off(name: str) -> None:
    assert called_in(find_entries()[name]) & SWITCHES


def test_every_service_does_so_before_anything_else(monkeypatch: pytest.MonkeyPatch) -> None:
    entry = importlib.import_module("services.common.entry")
    seen: list[str] = []

    def noting(name: str) -> Callable[..., None]:
        return lambda *_: seen.append(name)

    monkeypatch.setattr(entry, "leave_no_core_files", noting("core files"))
    monkeypatch.setattr(entry, "_ask_health", noting("health"))
    with pytest.raises(SystemExit):
        entry.start_service("x", None, None, ["--health", "127.0.0.1:1"], roles=("server",))
    assert seen == ["core files", "health"]


def test_the_limit_is_none_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    limits: list[tuple[int, tuple[int, int]]] = []
    monkeypatch.setattr(resource, "setrlimit", lambda kind, limit: limits.append((kind, limit)))
    importlib.import_module("services.common.core_files").leave_no_core_files()
    assert limits == [(resource.RLIMIT_CORE, (0, 0))]
