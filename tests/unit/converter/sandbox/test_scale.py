"""Large files: memory does not grow with them, on either side of the sandbox."""

import resource
from pathlib import Path

import pytest

from services.converter.adapters.duckdb_sandbox import DuckDBSandbox
from services.converter.adapters.spool import FileSpooler
from services.converter.domain.stored_report import StoredTraining
from services.converter.domain.table import Dialect
from services.converter.inference import infer

_MIB = 1 << 20
_FILE_BYTES = 40 * _MIB
_CHILD_BYTES = 400 * _MIB
_PARENT_GROWTH_BYTES = 60 * _MIB


@pytest.mark.slow
@pytest.mark.timeout(600)  # megabytes take minutes where the processors have other work
@pytest.mark.parametrize("order", ["_row", "name, _row"], ids=["as_it_comes", "sorted"])
def test_memory_stays_bounded_on_a_large_file(shared_sandbox: DuckDBSandbox, tmp_path: Path, order: str) -> None:
    source, output = tmp_path / "large.csv", tmp_path / "out.csv"
    lines = "".join(
        f'{n},2026-01-05,"ACME ""{n}"", Inc",{n}.25,EUR,a note on this row\n' for n in range(10_000)
    ).encode()
    blocks = _FILE_BYTES // len(lines) + 1
    with source.open("wb") as file:
        file.write(b"id,date,name,amount,currency,note\n")
        for _ in range(blocks):
            file.write(lines)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    done = infer(
        f"SELECT id, upper(name) AS name, amount::DECIMAL(18, 2) * 2 AS doubled FROM input ORDER BY {order}",
        source,
        output,
        sandbox=shared_sandbox,
        spooler=FileSpooler(),
        training=StoredTraining(
            Dialect(),
            ("id", "date", "name", "amount", "currency", "note"),
            Dialect(delimiter=";"),
            ("id", "name", "doubled"),
        ),
    )
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 - before
    assert (done.rows_in, done.rows_out) == (blocks * 10_000, blocks * 10_000)
    assert done.peak_rss_bytes < _CHILD_BYTES
    assert grown < _PARENT_GROWTH_BYTES
    with output.open(encoding="utf-8") as converted:
        assert [next(converted) for _ in range(3)] == [
            "id;name;doubled\n",
            '0;"ACME ""0"", INC";0.50\n',
            '1;"ACME ""1"", INC";2.50\n' if order == "_row" else '0;"ACME ""0"", INC";0.50\n',
        ]
