"""Many seeds in one process of several: what such a process is asked to do."""

import gc
import itertools
from dataclasses import dataclass, field

from tests.simulation.mutant import Mutant
from tests.simulation.mutants import MUTANTS
from tests.simulation.run import Verdict, be_quiet, run_seed
from tests.simulation.sites import Sites

CHUNK = 50
# One run in so many is looked at for the awaits that it waits at.
_SITES_EVERY = 20


@dataclass(slots=True)
class Chunk:
    """What some seeds came to."""

    verdicts: list[Verdict] = field(default_factory=list)
    sites: Sites = field(default_factory=Sites)


def begin() -> None:
    """Makes a process ready for many seeds: what is loaded by now is no garbage, and is not looked through for any."""
    be_quiet()
    gc.freeze()


def run_chunk(span: tuple[int, int]) -> Chunk:
    """Runs the seeds from the first number up to the second."""
    chunk = Chunk()
    for seed in range(*span):
        chunk.verdicts.append(run_seed(seed, sites=chunk.sites if seed % _SITES_EVERY == 0 else None))
    return chunk


def hunt(task: tuple[int, int]) -> tuple[Mutant, Verdict | None]:
    """Looks for a mutant by its number, in so many seeds."""
    mutant = MUTANTS[task[0]]
    return mutant, find(mutant, task[1])


def find(mutant: Mutant, seeds: int) -> Verdict | None:
    """A seed's verdict that a mutant breaks a law with: its own, or the first of so many; None where it breaks none."""
    with mutant.applied():
        candidates = itertools.chain((mutant.seed,), range(seeds))
        return next(
            (verdict for seed in candidates if (verdict := run_seed(seed, stops_when_broken=True)).broken), None
        )
