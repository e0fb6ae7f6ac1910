"""Who writes objects: each name belongs to one attempt or one content, and nothing is replaced."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from wealth.storage.v1 import storage_pb2

from tests.support.kept_names import says_whose

SERVICES = Path(__file__).resolve().parents[3] / "services"
# Storage itself and its client; what has a reason to replace what stood there, and which.
# The command-line client speaks REST.
_OWN = ("storage/", "common/storage/", "client/")
_REASONS = {
    ("portfolio/adapters/credentials.py", "put_object"): "a request that is repeated may bring another password",
    ("converter/worker.py", "copy_object"): "fixed names are copies, made after the terminal write",
    ("converter/teaching.py", "copy_object"): "the copy is named by its content",
    ("converter/attempt_files.py", "import_object"): "an import that is repeated is the attempt's",
    (
        "converter/migration.py",
        "put_object",
    ): "an import that was cut short begins anew, before any record names its output",
}


# Of storage's methods those that write bytes under a name, and the client's names for them. All else is done by
# keep_object: write-if-absent, under a name that tests/support/kept_names.py looks at.
_WRITING = {
    "PutObject": "put_object",
    "CopyObject": "copy_object",
    "ImportObject": "import_object",
}
_OTHERS = """
    CreateRecord DeleteFile DeleteObject DeletePrefix DeleteRecord DownloadFile GetFile GetObject GetObjectInfo
    GetRecord ListFiles ListObjects ListRecords ListTenants PresignObject ReconcileIndex ReindexRecord ScanRecords
    UpdateRecord UploadFile
"""
# Of these UploadFile writes bytes as well, under a name of each upload's own that storage makes up.


@cache
def _writes() -> frozenset[tuple[str, str]]:
    """Everything that may replace an object, called or handed on: the file, and the method."""
    return frozenset(_read_writes())


def _read_writes() -> Iterator[tuple[str, str]]:
    for path in SERVICES.rglob("*.py"):
        name = path.relative_to(SERVICES).as_posix()
        if name.startswith(_OWN):
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            method = node.attr if isinstance(node, ast.Attribute) else getattr(node, "value", None)
            if isinstance(method, str) and method in {*_WRITING, *_WRITING.values()}:
                yield name, method


def test_storage_has_no_other_way_to_write_an_object() -> None:
    service = storage_pb2.DESCRIPTOR.services_by_name["StorageService"]
    assert set(service.methods_by_name) == {*_WRITING, *_OTHERS.split()}


@pytest.mark.parametrize(
    ("key", "is_named"),
    [
        ("conv/ann/job/g2/a1/output.csv", True),
        (f"conv/ann/job/programs/1-{'ab' * 32}.sql", True),
        (f"conv/ann/job/g1/input-{'ab' * 8}.csv", True),
        ("conv/ann/job/report.json", False),
        ("conv/ann/job/g2/report.json", False),
        (f"conv/ann/{'ab' * 32}/report.json", False),
    ],
)
def test_a_name_says_its_attempt_or_its_content(key: str, is_named: bool) -> None:
    assert says_whose(key, "ab" * 32) is is_named


@pytest.mark.parametrize("write", sorted(_writes()), ids=" ".join)
def test_a_write_that_may_replace_an_object_has_a_reason(write: tuple[str, str]) -> None:
    assert write in _REASONS, "keep_object never replaces anything"


def test_every_reason_is_still_needed() -> None:
    assert set(_REASONS) == _writes()
