"""One sandbox for all tests of this folder: its fork server is started once."""

from collections.abc import Iterator

import pytest

from services.converter.adapters.duckdb_sandbox import DuckDBSandbox


@pytest.fixture(scope="session")
def shared_sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DuckDBSandbox]:
    with DuckDBSandbox(directory=tmp_path_factory.mktemp("sandbox")) as sandbox:
        yield sandbox
