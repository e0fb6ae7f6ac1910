"""What an engine sets up once, done before somebody waits for it: patterns, tables of names, a fork server.

A training in a process that has not trained before takes half as much again. Listing what it sets up would be a second
list of everything that a search uses; a made-up example is learned instead, of the kinds that most files are made of.
"""

import gc
import math
from collections.abc import Callable
from dataclasses import dataclass

from services.converter.adapters.duckdb_sandbox import DuckDBSandbox
from services.converter.domain.faults import ConverterFault, Unanswered
from services.converter.domain.instructions import Instructions
from services.converter.domain.synthesis.budget import Budget, Clock
from services.converter.training import SearchLimits, train

_INPUT = """Account,Opened on,Client name,Product code,Status,Amount,Share
AC-1001,05-03-2024,ADA LOVELACE,FND-EQ/17,Open,"Rs. 1,204.50",12.5%
AC-1002,17-04-2024,ALAN M TURING,BND-GV/22,Closed,"Rs. 88.00",3.25%
AC-1003,30-11-2023,GRACE HOPPER,FND-DT/08,Open,"Rs. 23,411.75",40%
AC-1004,09-01-2024,KURT GODEL,FND-EQ/31,Open,"Rs. 512.20",8.75%
AC-1005,22-06-2024,EMMY NOETHER,BND-CP/05,Open,"Rs. 7,050.05",35.5%
"""
_EXPECTED = """client,opened,kind,region,amount
Ada Lovelace,2024-03-05,Fund,IN,1204.50
Grace Hopper,2023-11-30,Fund,IN,23411.75
Kurt Godel,2024-01-09,Fund,IN,512.20
Emmy Noether,2024-06-22,Bond,IN,7050.05
"""
_SAID = Instructions(
    "Closed accounts are left out.", {"kind": "Fund where the product code begins with FND, else Bond"}
)
_CPU_S = 20.0
"""Processor time that the example may take at the most: twenty times what it does. By the clock it may take what it
takes: nobody waits for it."""


@dataclass
class _Until(Clock):
    """Strikes as soon as somebody waits as well."""

    is_wanted: Callable[[], bool] = lambda: False

    @property
    def has_struck(self) -> bool:
        """Whether somebody waits, or one of the limits is passed."""
        return self.is_wanted() or super().has_struck


@dataclass(frozen=True, slots=True)
class _UntilWanted(SearchLimits):
    """Limits of a search that ends when somebody waits."""

    is_wanted: Callable[[], bool] = lambda: False

    def budget(self) -> Budget:
        """A budget whose clock begins now."""
        return Budget(self.work, _Until(self.cpu_s, math.inf, is_wanted=self.is_wanted))


def warm_up(sandbox: DuckDBSandbox, is_wanted: Callable[[], bool]) -> None:
    """Learns the example, unless ``is_wanted`` says that somebody waits: it is asked every few milliseconds of work.

    Nothing is kept of it but what any training would have set up.
    """
    if is_wanted():
        return
    try:
        train(
            _INPUT.encode(), _EXPECTED.encode(), runner=sandbox, instructions=_SAID,
            limits=_UntilWanted(cpu_s=_CPU_S, is_wanted=is_wanted),
        )  # fmt: skip
    except (ConverterFault, Unanswered, MemoryError, OSError):
        return  # whoever comes next is told what is wrong with the machine
    finally:
        # What is there by now stays: to look through it for what is no longer used takes a twentieth of each training.
        gc.freeze()
