"""A protocol that is wrong in one place.

A mutant replaces a text in a function of the services for as long as it is applied. Where the text does not stand
there exactly once, the function has changed and the mutant must be written anew.
"""

import contextlib
import importlib
import inspect
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

JOBS = "services.common.jobs."
RECORDS = "services.storage.usecases.records:Records."


@dataclass(frozen=True, slots=True)
class Mutant:
    """``where`` is ``module:function`` or ``module:Class.method``; ``old`` becomes ``new`` in it.

    ``seed`` was the first to show it when that was last looked at (``--mutants`` tells), and is tried before all
    others. What ``is_rare`` takes hundreds of seeds to show: too many for every run of the tests once it has moved.
    """

    name: str
    where: str
    old: str
    new: str
    seed: int = 0
    is_rare: bool = False

    @contextlib.contextmanager
    def applied(self) -> Iterator[None]:
        """The services with this fault inside of the block. Raises LookupError where the text is not there once."""
        module_name, _, path = self.where.partition(":")
        module = importlib.import_module(module_name)
        *owners, name = path.split(".")
        owner: Any = module
        for step in owners:
            owner = getattr(owner, step)
        original = inspect.getattr_static(owner, name)
        source = textwrap.dedent(inspect.getsource(original))
        old = textwrap.dedent(self.old)
        if source.count(old) != 1:
            raise LookupError(f"{self.where} has {source.count(old)} times: {self.old}")
        made: dict[str, Any] = {}
        code = compile(source.replace(old, self.new), inspect.getsourcefile(original) or self.where, "exec")
        exec(code, module.__dict__, made)  # noqa: S102 - our own source with one text replaced
        # In place: whoever imported the function by name has this one.
        former, original.__code__ = original.__code__, made[name].__code__
        try:
            yield
        finally:
            original.__code__ = former
