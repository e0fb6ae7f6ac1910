"""In how many programs each operator and step stands whose output is right, wrong or that were refused.

    python -m benchmarks.census CASES OUT

``CASES`` and ``OUT`` are those of `benchmarks.by_example`, whose results in ``OUT`` are read; nothing is learned. Cases
whose test file is their training file (`meta.json`) are left out: what is right there may be so by chance. Units that
stand in no right program come first.
"""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from benchmarks import by_example
from benchmarks.ablation import Outcome, outcome
from benchmarks.without import kinds

_SAME = ("test_is_train", "train_equals_test_input")


def count(
    outcomes: Iterable[Outcome], refused: Iterable[frozenset[str]], units: Sequence[str]
) -> list[tuple[str, int, int, int]]:
    """For each unit: right, wrong and refused programs that it stands in, the least useful first."""
    right, wrong, none = Counter[str](), Counter[str](), Counter[str]()
    for found in outcomes:
        (right if found.right else wrong).update(found.units)
    for held in refused:
        none.update(held)
    return sorted(((unit, right[unit], wrong[unit], none[unit]) for unit in units), key=lambda row: (row[1], -row[2]))


def _is_proof(case: Path) -> bool:
    path = case / "meta.json"
    meta = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return not any(meta.get(key) for key in _SAME)


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.census", description=__doc__.split("\n")[0])
    by_example.add_arguments(parser)
    options = parser.parse_args()
    cases = by_example.find_cases(options.cases, options.out, options.suite, options.limit)
    done = [(case, out) for case, out in cases if (out / "result.json").exists() and _is_proof(case)]
    results = [json.loads((out / "result.json").read_text(encoding="utf-8")) for _, out in done]
    completed = [outcome(*pair) for pair, result in zip(done, results, strict=True) if result["status"] == "completed"]
    refused = [frozenset(result.get("units", ())) for result in results if result["status"] != "completed"]
    print(f"{len(done)} cases.\n\n| unit | right | wrong | refused |\n| --- | ---: | ---: | ---: |")
    for row in count(completed, refused, sorted(kinds())):
        print("| " + " | ".join(map(str, row)) + " |")
    return 0 if done else 1


if __name__ == "__main__":
    sys.exit(main())
