"""What our dependencies would use if it were there, and our processes do not need.

A library that tries an import and does without is not given it: a development environment holds the packages of all
roles, and one that is for another role, or for tests, costs every process up to a sixth of a second at its start. In
the environment of one role (``requirements/<role>.lock``) most of these are not installed.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def doing_without(*packages: str) -> Iterator[None]:
    """Lets ``import`` of these fail within, but for those that are imported already."""
    absent = [name for name in packages if name not in sys.modules]
    sys.modules.update(dict.fromkeys(absent))  # type: ignore[arg-type]  # None: the import system raises ImportError
    try:
        yield
    finally:
        for name in absent:
            del sys.modules[name]
