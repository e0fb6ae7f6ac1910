"""``python -m tests.simulation --seeds 10000``: runs seeds, says which laws broke, how fast it was and what it reached.

``--seed N`` runs one and tells what happened; it is the same again every time. ``--mutants`` runs protocols that are
wrong in one place, each until a law breaks.
"""

import argparse
import logging
import multiprocessing
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator

import structlog

from tests.simulation.many import CHUNK, Chunk, begin, hunt, run_chunk
from tests.simulation.mutant import Mutant
from tests.simulation.mutants import MUTANTS
from tests.simulation.run import Verdict, run_seed
from tests.simulation.sites import Sites


def main() -> int:
    """Runs what the arguments say; returns 1 where a law broke, or a mutant was not found."""
    parser = argparse.ArgumentParser(prog="make simulate")
    parser.add_argument("--seed", type=int, help="run this one and tell what happened")
    parser.add_argument("--seeds", type=int, default=1000, help="how many to run")
    parser.add_argument("--first", type=int, default=0, help="the first of them")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--mutants", action="store_true", help="run wrong protocols, each for at most so many seeds")
    given = parser.parse_args()
    if given.seed is not None:
        return _run_one(given.seed)
    context = multiprocessing.get_context("spawn")
    with context.Pool(given.processes, initializer=begin) as pool:
        if given.mutants:
            return _tell_mutants(pool.imap(hunt, [(name, given.seeds) for name in range(len(MUTANTS))]), given.seeds)
        started = time.perf_counter()
        starts = range(given.first, given.first + given.seeds, CHUNK)
        spans = [(start, min(start + CHUNK, given.first + given.seeds)) for start in starts]
        return _tell(pool.imap_unordered(run_chunk, spans), lambda: time.perf_counter() - started)


def _run_one(seed: int) -> int:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.INFO))
    verdict = run_seed(seed)
    _say(f"seed {seed}: {verdict.steps} steps, {verdict.jobs} jobs, {verdict.runs} attempts; {_shown(verdict)}")
    _say("\n".join(verdict.broken) or "every law held")
    return 1 if verdict.broken else 0


def _tell(chunks: Iterator[Chunk], elapsed_s: Callable[[], float]) -> int:
    sites, faults = Sites(), Counter[str]()
    least = Verdict(-1, [], steps=sys.maxsize, jobs=sys.maxsize, faults=["?"] * 99)
    seeds = broken = 0
    cpu_s = 0.0
    for chunk in chunks:
        sites.seen |= chunk.sites.seen
        for verdict in chunk.verdicts:
            seeds, cpu_s = seeds + 1, cpu_s + verdict.took_s
            faults.update(verdict.faults)
            least.steps, least.jobs = min(least.steps, verdict.steps), min(least.jobs, verdict.jobs)
            least.faults = min(least.faults, verdict.faults, key=len)
            if verdict.broken:
                broken += 1
                _say(f"seed {verdict.seed} ({_shown(verdict)}):", *(f"  {what}" for what in verdict.broken[:5]))
    _say(sites.report())
    _say("faults:", ", ".join(f"{kind} {count}" for kind, count in faults.most_common()))
    _say(f"at least: {least.steps} steps, {least.jobs} jobs, {len(least.faults)} faults a seed")
    _say(
        f"{seeds} seeds in {elapsed_s():.0f} s, {1000 * cpu_s / max(1, seeds):.0f} ms of CPU each; {broken} broke a law"
    )
    return 1 if broken else 0


def _tell_mutants(found: Iterator[tuple[Mutant, Verdict | None]], seeds: int) -> int:
    missed = 0
    for mutant, verdict in found:
        missed += verdict is None
        said = f"seed {verdict.seed}: {verdict.broken[0]}" if verdict else f"not found in {seeds} seeds"
        _say(f"{mutant.name}: {said}")
    _say(f"{len(MUTANTS) - missed} of {len(MUTANTS)} mutants found")
    return 1 if missed else 0


def _say(*lines: str) -> None:
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()


def _shown(verdict: Verdict) -> str:
    return f"faults: {', '.join(verdict.faults)}"


if __name__ == "__main__":
    sys.exit(main())
