"""Keep measured tables in a page of the documentation, between markers that only this command writes.

    python -m benchmarks.measured_page learning OUT [--scores FILE] [--page PAGE]
    python -m benchmarks.measured_page reliability OUT --cases CASES [--page PAGE]
    python -m benchmarks.measured_page ablation OUT [--page PAGE]
    python -m benchmarks.measured_page guards OUT [--page PAGE]
    python -m benchmarks.measured_page prices OUT [--page PAGE]
    python -m benchmarks.measured_page generated-gate OUT [--page PAGE]
    python -m benchmarks.measured_page large-example OUT [--page PAGE]
    python -m benchmarks.measured_page csv-reading OUT [--page PAGE]

``OUT`` is what `benchmarks.by_example`, `ablation`, `guard_precision`, `fit_prices`, `generated_gate`, `large_example`
or `csv_reading` wrote; ``FILE`` is the text that a scorer printed of it. The block between ``<!-- learning:begin -->``
and ``<!-- learning:end -->`` (or the other name) is replaced, the rest stays as it is.
"""

import argparse
import datetime as dt
import json
import os
import platform
import statistics
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks import reliability

PAGE = Path("docs/converter-measured.md")
NAMES = (
    "learning", "reliability", "ablation", "guards", "prices", "generated-gate", "large-example", "csv-reading",
)  # fmt: skip


def put_between_markers(page: str, name: str, block: str) -> str:
    """The page with the text between a name's markers replaced. Raises ValueError where it has no such markers."""
    begin, end = f"<!-- {name}:begin -->", f"<!-- {name}:end -->"
    before, found_begin, rest = page.partition(begin)
    _, found_end, after = rest.partition(end)
    if not (found_begin and found_end):
        raise ValueError(f"the page has no {begin} ... {end}")
    return f"{before}{begin}\n{block.strip()}\n{end}{after}"


def describe_learning(results: Sequence[dict[str, Any]], scores: str, machine: str) -> str:
    """The block on learning by example: time and memory over all cases, and the scorer's table as it printed it."""
    counts = Counter(result["status"] for result in results)
    seconds = sorted(result["learn_s"] for result in results if "learn_s" in result)
    peaks = sorted(result["peak_rss_mb"] for result in results if "peak_rss_mb" in result)
    lines = [
        machine,
        "",
        f"{len(results)} cases: " + ", ".join(f"{count} {status}" for status, count in sorted(counts.items())) + ".",
        (
            f"Learning one takes {_quantile(seconds, 0.5):.3f} s (median), {_quantile(seconds, 0.95):.2f} s (95 %), "
            f"{_quantile(seconds, 1.0):.1f} s at most; a worker takes {_quantile(peaks, 0.5):.0f} MB (median), "
            f"{_quantile(peaks, 1.0):.0f} MB at most."
        ),
    ]
    if scores.strip():
        lines += ["", "```text", scores.rstrip(), "```"]
    return "\n".join(lines)


def describe_large_example(results: dict[str, dict[str, Any]], machine: str) -> str:
    """The block on large pairs: a row each."""
    lines = [machine, "", "| pair | rows | MB | learned and proved in | of it this process | memory |"]
    lines.append("| --- | --- | --- | --- | --- | --- |")
    for name, r in results.items():
        took = f"{r['learn_s']:.1f} s" if r["status"] == "completed" else "not learned"
        size, memory = f"{r['bytes'] / 1e6:.1f}", f"{r['peak_rss_mb']:.0f} MB"
        lines.append(f"| {name} | {r['rows']:,} | {size} | {took} | {r['cpu_s']:.1f} s | {memory} |")
    return "\n".join(lines)


def describe_csv_reading(summary: dict[str, Any], machine: str) -> str:
    """The block on reading: how many files were read, and the scores where there are any."""
    files = sum(summary.get(status, 0) for status in ("completed", "refused", "error"))
    each_ms = 1000 * summary["read_s"] / max(1, files)
    lines = [machine, "", f"{summary.get('completed', 0)} of {files} files read, in {each_ms:.0f} ms each."]
    if "simple" in summary:
        lines[-1] += f" Simple score {summary['simple']:.3f}, weighted score {summary['weighted']:.3f}, each of 10."
        lines += ["", "| | precision | recall | F1 |", "| --- | --- | --- | --- |"]
        for level in ("header", "record", "cell"):
            cells = " | ".join(f"{summary[f'{level}_{name}']:.4f}" for name in ("precision", "recall", "f1"))
            lines.append(f"| {level} | {cells} |")
    return "\n".join(lines)


def describe_machine() -> str:
    """When and on what was measured."""
    model = platform.processor() or platform.machine()
    day = dt.datetime.now(tz=dt.UTC).date()
    return f"Measured on {day}, Python {platform.python_version()}, {os.cpu_count()} cores ({model}); one core a case."


def _quantile(ordered: Sequence[float], share: float) -> float:
    if not ordered:
        return 0.0
    if share == 0.5:
        return statistics.median(ordered)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.measured_page", description=__doc__.split("\n")[0])
    parser.add_argument("name", choices=NAMES)
    parser.add_argument("out", type=Path, metavar="OUT", help="what the benchmark wrote")
    parser.add_argument("--scores", type=Path, help="the text that a scorer printed")
    parser.add_argument("--cases", type=Path, help="the cases with what is right, for `reliability`")
    parser.add_argument("--page", type=Path, default=PAGE)
    options = parser.parse_args()
    if options.name == "learning":
        files = sorted(options.out.glob("*/*/result.json"))
        results = [json.loads(file.read_text(encoding="utf-8")) for file in files]
        scores = options.scores.read_text(encoding="utf-8") if options.scores else ""
        block = describe_learning(results, scores, describe_machine())
    elif options.name == "reliability":
        if options.cases is None:
            parser.error("reliability needs --cases")
        block = f"{describe_machine()}\n\n{reliability.describe(reliability.outcomes(options.cases, options.out))}"
    elif options.name in ("ablation", "guards"):
        block = f"{describe_machine()}\n\n{(options.out / f'{options.name}.txt').read_text(encoding='utf-8')}"
    elif options.name == "prices":
        told = (options.out / "prices.txt").read_text(encoding="utf-8").strip()
        block = f"{describe_machine()}\n\n```text\n{told}\n```"
    elif options.name == "generated-gate":
        block = f"{describe_machine()}\n\n{(options.out / 'gate.md').read_text(encoding='utf-8')}"
    elif options.name == "large-example":
        block = describe_large_example(json.loads((options.out / "result.json").read_text("utf-8")), describe_machine())
    else:
        summary = json.loads((options.out / "result.json").read_text(encoding="utf-8"))["summary"]
        block = describe_csv_reading(summary, describe_machine())
    page = put_between_markers(options.page.read_text(encoding="utf-8"), options.name, block)
    options.page.write_text(page, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
