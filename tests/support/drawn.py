"""How much is drawn where inputs are made up.

A part in the usual run, all of it under ``THOROUGH=1`` (`make test-thorough`, which `.ci/run` calls too). What is drawn
is the same each time; the usual run takes the first of it.
"""

import os

THOROUGH = os.environ.get("THOROUGH") == "1"


def drawn(usual: int, thorough: int) -> int:
    """The usual number, or the thorough one where it is asked for."""
    return thorough if THOROUGH else usual
