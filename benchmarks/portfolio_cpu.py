"""Processor time of a portfolio task in its worker's process: payloads in, the rendered result out.

``python -m benchmarks.portfolio_cpu [--beside TREE]`` analyses one and eight sections, each of the payload of
``benchmarks/job_cost.py`` and of a generated one of median size, and prints milliseconds of the process' own clock
(``time.process_time``): 50 repetitions, the best of 5 rounds. ``--beside`` names another checkout of this repository,
with its stubs made, which is measured in the same rounds by the same interpreter.
"""

import argparse
import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from services.portfolio.adapters.sections_file import load_catalogue
from services.portfolio.domain.formats import make_style
from services.portfolio.domain.rendering import render_task
from services.portfolio.domain.sections import Detected, detect
from services.portfolio.domain.task import analyse_section, assemble
from tests.support.portfolio_payloads import make_payload

SMALL = {"Market Value": "12000000", "Investment Value": "10000000", "Top Asset": "Equity (65%)"}
GENERATED = 64
"""Payloads of which the one of median size is taken: eight of each section."""
REPETITIONS, ROUNDS = 50, 5
SECTIONS = (1, 8)
CATALOGUE = load_catalogue()
STYLE = make_style("en_IN")


def find_median() -> dict[str, Any]:
    """The generated payload of median length."""
    payloads = sorted((make_payload(seed) for seed in range(GENERATED)), key=lambda payload: len(json.dumps(payload)))
    return payloads[GENERATED // 2]


async def analyse(payloads: Sequence[object]) -> None:
    """One task, as the worker does it with the builtin provider."""
    found = detect(payloads, CATALOGUE.sections)
    results = [await analyse_section(item, CATALOGUE, style=STYLE) for item in found if isinstance(item, Detected)]
    if len(results) != len(payloads):
        raise ValueError("a payload belongs to no section")
    json.dumps(render_task(assemble(results)))


async def time_once(payloads: Sequence[object]) -> float:
    """Milliseconds of processor time of one analysis, over all repetitions."""
    started_s = time.process_time()
    for _ in range(REPETITIONS):
        await analyse(payloads)
    return (time.process_time() - started_s) * 1000 / REPETITIONS


def measure() -> dict[str, float]:
    """Milliseconds by kind of task, of one round."""
    kinds = {"small": SMALL, "median": find_median()}
    return {
        f"{name}, {count}": asyncio.run(time_once([payload] * count))
        for name, payload in kinds.items()
        for count in SECTIONS
    }


def measure_in(tree: Path) -> dict[str, float]:
    """One round in a process of a tree's own."""
    environment = {**os.environ, "PYTHONPATH": f"{tree}:{tree / 'protos' / 'gen'}"}
    done = subprocess.run(
        [sys.executable, __file__, "--round"], env=environment, cwd=tree, capture_output=True, check=True, text=True
    )
    return {str(name): float(cost) for name, cost in json.loads(done.stdout).items()}


def main(show: Callable[[str], None] = print) -> None:
    """Runs the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--beside", type=Path, help="another checkout, measured in the same rounds")
    parser.add_argument("--round", action="store_true", help="one round here, as JSON")
    options = parser.parse_args()
    if options.round:
        show(json.dumps(measure()))
        return
    trees = [Path.cwd(), *([options.beside.resolve()] if options.beside else [])]
    rounds = [[measure_in(tree) for tree in trees] for _ in range(ROUNDS)]
    show(f"load {os.getloadavg()[0]:.1f}; ms of processor time, best of {ROUNDS} rounds of {REPETITIONS}")
    show(
        f"{'payload, sections':20}{'here':>9}{'beside':>9}"
        if len(trees) > 1
        else f"{'payload, sections':20}{'here':>9}"
    )
    for name in rounds[0][0]:
        costs = [min(done[place][name] for done in rounds) for place in range(len(trees))]
        show(f"{name:20}" + "".join(f"{cost:9.2f}" for cost in costs))


if __name__ == "__main__":
    main()
