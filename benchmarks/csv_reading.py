"""Measure the reader on polluted CSV files: Vitagliano et al., "Pollock: A Data Loading Benchmark", PVLDB 2023.

    python -m benchmarks.csv_reading DIR OUT [--worst N]

``DIR`` holds a folder ``csv`` with the files, at any depth. The reader is told nothing of a file. What the pipeline
makes of it is written to ``OUT/<name>`` as plain CSV (comma, UTF-8, line feeds), and ``OUT/result.json`` says what
happened to every file: ``{"summary": ..., "files": {name: {status, reason, read_s, notes, ...}}}``. A file that is
refused has no ``OUT/<name>``.

Where a folder ``clean`` with the wanted forms stands beside ``csv``, the written files are scored as well, by ten
numbers from 0 to 1: success, and precision, recall and F1 of the header's cells, of the records and of all cells, each
as a multiset. Header cells and records are brought to one form first (case, numbers, prices, dates, times); a record is
the joined text of its cells. Simple score: the sum of the ten means over all files. Weighted score, where there is a
``pollock_weights.json``: files count as often as their pollution was met in real files.
"""

import argparse
import csv
import io
import json
import re
import sys
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from services.converter.domain.faults import ReadingFault
from services.converter.domain.reading.reader import HEAD_BYTES, plan_reading, read_table
from services.converter.domain.table import Dialect, Row
from services.converter.domain.writing import format_row

WEIGHTS = "pollock_weights.json"

MEASURES = (
    "success",
    *(f"{level}_{m}" for level in ("header", "record", "cell") for m in ("precision", "recall", "f1")),
)


def convert(source: Path, output: Path) -> tuple[str, ...]:
    """Read one file as the pipeline does and write it as plain CSV; the reader's remarks. Raises `ReadingFault`.

    A file without rows is written as what it has: for a loader of files, unlike for a conversion, it is no fault.
    """
    data = source.read_bytes()
    rows: list[Row] = []
    notes: tuple[str, ...] = ()
    try:
        read = read_table(data)
        rows, notes = [*([read.table.header] if read.table.header is not None else []), *read.table.rows], read.notes
    except ReadingFault as fault:
        if fault.reason not in ("INPUT_EMPTY", "INPUT_NO_ROWS"):
            raise
        notes = (fault.message,)
        if fault.reason == "INPUT_NO_ROWS":
            rows = [plan_reading(data[:HEAD_BYTES], whole=len(data) <= HEAD_BYTES).header or ()]
    output.write_text("".join(format_row(row, Dialect()) for row in rows), encoding="utf-8", newline="")
    return notes


def convert_all(folder: Path, out: Path) -> dict[str, dict[str, Any]]:
    """Convert every file of a folder; by name, what happened."""
    out.mkdir(parents=True, exist_ok=True)
    results: dict[str, dict[str, Any]] = {}
    for file in sorted(path for path in folder.iterdir() if path.is_file()):
        (out / file.name).unlink(missing_ok=True)
        started = time.perf_counter()
        try:
            result: dict[str, Any] = {"status": "completed", "notes": list(convert(file, out / file.name))}
        except ReadingFault as fault:
            result = {"status": "refused", "reason": f"{fault.reason}: {fault.message}"}
        except Exception as error:  # noqa: BLE001 - a crash is a result of the measurement
            result = {"status": "error", "reason": repr(error)}
        results[file.name] = {**result, "read_s": round(time.perf_counter() - started, 4)}
    return results


def measure(loaded: list[list[str]] | None, clean: list[list[str]]) -> dict[str, float]:
    """The ten numbers of one file; ``loaded`` is None where loading failed."""
    if loaded is None:
        return dict.fromkeys(MEASURES, 0.0)
    if not clean:
        return dict.fromkeys(MEASURES, 1.0)
    values = {"success": 1.0}
    levels = {
        "header": (map(normalise, clean[0]), map(normalise, loaded[0] if loaded else [])),
        "record": (_records(clean[1:]), _records(loaded[1:])),
        "cell": ((cell for row in clean[1:] for cell in row), (cell for row in loaded[1:] for cell in row)),
    }
    for level, (want, have) in levels.items():
        values |= {f"{level}_{name}": value for name, value in _agreement(Counter(want), Counter(have)).items()}
    return values


def _records(rows: list[list[str]]) -> Iterable[str]:
    return ("".join(map(normalise, row)) for row in rows)


def _agreement(want: Counter[str], have: Counter[str]) -> dict[str, float]:
    if not want and not have:
        return {"precision": 1.0, "recall": 1.0, "f1": 1.0}
    both = (want & have).total()
    precision, recall = both / want.total() if want else 0.0, both / have.total() if have else 0.0
    return {"precision": precision, "recall": recall, "f1": 2 * both / (want.total() + have.total())}


def normalise(cell: str) -> str:
    """Lower case, with numbers, prices, dates and times in one form each."""
    text = cell.strip().lower()
    if found := re.fullmatch(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})", text):
        return f"{found[3]}-{int(found[2]):02}-{int(found[1]):02}"
    if found := re.fullmatch(r"(\d{1,2}):(\d{2})(?::(\d{2}))?", text):
        return f"{int(found[1]):02}:{found[2]}:{found[3] or '00'}"
    if re.fullmatch(r"[$€£]?[-+]?\d+(\.\d+)?", text):
        return f"{float(text.lstrip('$€£')):.6g}"
    return text


def score(out: Path, clean: Path, results: dict[str, dict[str, Any]], weights: Mapping[str, float]) -> dict[str, float]:
    """Add the measures of every written file to its result; the summary of all."""
    measured: dict[str, dict[str, float]] = {}
    for name, result in results.items():
        loaded = _load_plain(out / name) if result["status"] == "completed" else None
        measured[name] = measure(loaded, _load_plain(clean / name)) | {"weight": float(weights.get(name, 0.0))}
        result["measures"] = measured[name]
    return summarise(measured)


def _load_plain(file: Path) -> list[list[str]]:
    return list(csv.reader(io.StringIO(file.read_bytes().decode(), newline="")))


def summarise(results: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
    """Simple and weighted score, both from 0 to 10, and the mean of each measure."""
    means = {name: sum(r[name] for r in results.values()) / len(results) for name in MEASURES}
    weight = sum(r["weight"] for r in results.values()) or 1.0
    weighted = sum(r["weight"] * sum(r[name] for name in MEASURES) for r in results.values()) / weight
    return {"simple": sum(means.values()), "weighted": weighted} | means


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.csv_reading", description=__doc__.split("\n")[0])
    parser.add_argument("source", type=Path, metavar="DIR", help="the unpacked benchmark")
    parser.add_argument("out", type=Path, metavar="OUT", help="where the clean files and result.json are written")
    parser.add_argument("--worst", type=int, default=0, help="show this many of the files that cost most")
    options = parser.parse_args()
    folder = _find(options.source, "csv")
    if folder is None or not folder.is_dir():
        parser.error(f"there is no folder csv in {options.source}")
    started = time.perf_counter()
    results = convert_all(folder, options.out)
    statuses = Counter(result["status"] for result in results.values())
    summary: dict[str, Any] = dict(statuses) | {"read_s": round(time.perf_counter() - started, 2)}
    clean, weights_file = folder.parent / "clean", _find(options.source, WEIGHTS)
    if clean.is_dir():
        weights = json.loads(weights_file.read_text(encoding="utf-8")) if weights_file else {}
        summary |= score(options.out, clean, results, weights)
    (options.out / "result.json").write_text(json.dumps({"summary": summary, "files": results}, indent=1))
    print("  ".join(f"{name} {value:.4f}" if isinstance(value, float) else f"{name} {value}" for name, value in
                    summary.items()))  # fmt: skip
    if options.worst and clean.is_dir():
        _show_worst(results, options.worst)
    return 0 if results else 1


def _find(root: Path, name: str) -> Path | None:
    """The file or folder of a name in a folder: itself, or the first below it."""
    return root if root.name == name else min(root.rglob(name), default=None, key=lambda path: len(path.parts))


def _show_worst(results: Mapping[str, Mapping[str, Any]], count: int) -> None:
    totals = {name: sum(result["measures"][m] for m in MEASURES) for name, result in results.items()}
    for name in sorted(totals, key=lambda name: totals[name])[:count]:
        print(f"{totals[name]:7.3f}  weight {results[name]['measures']['weight']:8.2f}  {name}")


if __name__ == "__main__":
    sys.exit(main())
