"""Whether two runs of `benchmarks.by_example` learned the same: programs, reports and statuses, byte for byte.

    python -m benchmarks.same_results OUT OTHER

Times and memory apart. Names the cases that differ, and those that the clock cut; exits with 1 where there are any.
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

_TIMES = {"learn_s", "apply_s", "peak_rss_mb", "elapsed_s"}
_FILES = ("program.sql", "report.json", "result.json", "flags.json", "questions.json", "output.csv")


def differing(out: Path, other: Path) -> dict[str, list[str]]:
    """The cases of either run, by name, with the files in which the runs differ."""
    names = {str(file.parent.relative_to(run)) for run in (out, other) for file in run.glob("*/*/result.json")}
    found = {}
    for name in sorted(names):
        if files := [file for file in _FILES if _content(out / name / file) != _content(other / name / file)]:
            found[name] = files
    return found


def cut_cases(out: Path) -> list[str]:
    """The cases whose search the clock cut."""
    files = sorted(out.glob("*/*/result.json"))
    return [str(file.parent.relative_to(out)) for file in files if "OUT_OF_TIME" in file.read_text(encoding="utf-8")]


def _content(file: Path) -> Any:
    if not file.exists():
        return None
    if file.suffix != ".json":
        return file.read_bytes()
    content = json.loads(file.read_text(encoding="utf-8"))
    return {k: v for k, v in content.items() if k not in _TIMES} if isinstance(content, dict) else content


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.same_results", description=__doc__.split("\n")[0])
    parser.add_argument("out", type=Path, metavar="OUT")
    parser.add_argument("other", type=Path, metavar="OTHER")
    options = parser.parse_args()
    total = len(list(options.out.glob("*/*/result.json")))
    different, cut = differing(options.out, options.other), [*cut_cases(options.out), *cut_cases(options.other)]
    for name, files in different.items():
        print(f"{name}: {', '.join(files)}")
    for name in cut:
        print(f"{name}: out of time")
    print(f"{total - len(different)} of {total} cases are the same, {len(cut)} were cut by the clock")
    return 1 if different or cut or not total else 0


if __name__ == "__main__":
    sys.exit(main())
