"""Measure the reader on polluted CSV files: Vitagliano et al., "Pollock: A Data Loading Benchmark", PVLDB 2023.

    python -m benchmarks.pollock pollock-dev.tar.xz|FOLDER [--worst N] [--json FILE]

The reader is told nothing of a file. What it makes of it is written as plain CSV and compared with the file's clean
form by ten numbers from 0 to 1: success, and precision, recall and F1 of the header's cells, of the records and of all
cells, each as a multiset. Header cells and records are brought to one form first (case, numbers, prices, dates, times);
a record is the joined text of its cells. Simple score: the sum of the ten means over all files. Weighted score: files
count as often as their pollution was met in real files.
"""

import argparse
import csv
import io
import json
import re
import sys
import tarfile
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

from services.converter.domain.faults import ReadingFault
from services.converter.domain.reading.reader import read_table
from services.converter.domain.table import Dialect
from services.converter.domain.writing import format_row

MEASURES = (
    "success",
    *(f"{level}_{m}" for level in ("header", "record", "cell") for m in ("precision", "recall", "f1")),
)


def load(data: bytes) -> list[list[str]]:
    """A polluted file as our reader sees it, written as CSV and read back. Raises `ReadingFault`."""
    try:
        table = read_table(data).table
    except ReadingFault as fault:
        # For a loader of files an empty one is no failure, nor is a header alone.
        if fault.reason == "INPUT_EMPTY":
            return []
        if fault.reason == "INPUT_NO_ROWS":
            return list(csv.reader(io.StringIO(data.decode("utf-8", "replace"))))
        raise
    rows = [table.header, *table.rows] if table.header is not None else list(table.rows)
    return list(csv.reader(io.StringIO("".join(format_row(row, Dialect()) for row in rows), newline="")))


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


def score(folder: Path, weights: Mapping[str, float]) -> dict[str, dict[str, float]]:
    """The measures of every file in ``csv/`` against ``clean/``."""
    results: dict[str, dict[str, float]] = {}
    for file in sorted((folder / "csv").iterdir()):
        clean = list(csv.reader(io.StringIO((folder / "clean" / file.name).read_bytes().decode(), newline="")))
        try:
            loaded: list[list[str]] | None = load(file.read_bytes())
        except ReadingFault as fault:
            print(f"{file.name}: {fault.reason}: {fault.message}", file=sys.stderr)
            loaded = None
        results[file.name] = measure(loaded, clean) | {"weight": float(weights.get(file.name, 0.0))}
    return results


def summarise(results: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
    """Simple and weighted score, both from 0 to 10, and the mean of each measure."""
    means = {name: sum(r[name] for r in results.values()) / len(results) for name in MEASURES}
    weight = sum(r["weight"] for r in results.values()) or 1.0
    weighted = sum(r["weight"] * sum(r[name] for name in MEASURES) for r in results.values()) / weight
    return {"simple": sum(means.values()), "weighted": weighted} | means


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.pollock", description=__doc__.split("\n")[0])
    parser.add_argument("source", type=Path, help="the archive, or the folder that it was unpacked to")
    parser.add_argument("--worst", type=int, default=0, help="show this many of the files that cost most")
    parser.add_argument("--json", type=Path, help="write the measures of every file here")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as unpacked:
        root = options.source
        if root.is_file():
            with tarfile.open(root) as archive:
                archive.extractall(unpacked, filter="data")
            root = Path(unpacked)
        weights_file = next(root.rglob("pollock_weights.json"))
        started = time.perf_counter()
        results = score(weights_file.parent / "polluted_files", json.loads(weights_file.read_text(encoding="utf-8")))
        elapsed_s = time.perf_counter() - started
    summary = summarise(results)
    print(
        f"{len(results)} files in {elapsed_s:.1f} s; simple {summary['simple']:.3f}, weighted {summary['weighted']:.3f}"
    )
    print("  ".join(f"{name} {summary[name]:.4f}" for name in MEASURES))
    worst = sorted(results.items(), key=lambda item: sum(item[1][name] for name in MEASURES))
    for name, result in worst[: options.worst]:
        print(f"{sum(result[m] for m in MEASURES):7.3f}  weight {result['weight']:8.2f}  {name}")
    if options.json:
        options.json.write_text(json.dumps({"summary": summary, "files": results}, indent=1), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
