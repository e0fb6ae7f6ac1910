"""Who writes objects: each name belongs to one attempt or one content, and nothing is replaced."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

SERVICES = Path(__file__).resolve().parents[3] / "services"
# Storage itself and its client; what has a reason to replace what stood there, and which.
_OWN = ("storage/", "common/storage/")
_REASONS = {
    ("portfolio/adapters/credentials.py", "put_object"): "a request that is repeated may bring another password",
    ("converter/worker.py", "copy_object"): "fixed names are copies, made after the terminal write",
    ("converter/teaching.py", "copy_object"): "the copy is named by its content",
    (
        "converter/migration.py",
        "put_object",
    ): "an import that was cut short begins anew, before any record names its output",
}


def _writes() -> Iterator[tuple[str, str]]:
    """Every call that may replace an object: the file, and the method."""
    for path in SERVICES.rglob("*.py"):
        name = path.relative_to(SERVICES).as_posix()
        if name.startswith(_OWN):
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
                continue
            method = node.func.attr
            if method in {"put_object", "copy_object", "PutObject", "CopyObject"}:
                yield name, method


@pytest.mark.parametrize("write", sorted(set(_writes())), ids=" ".join)
def test_a_write_that_may_replace_an_object_has_a_reason(write: tuple[str, str]) -> None:
    assert write in _REASONS, "keep_object never replaces anything"


def test_every_reason_is_still_needed() -> None:
    assert set(_REASONS) == set(_writes())
