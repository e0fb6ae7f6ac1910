"""How fast this machine computes, so that a bound of processor time says something on any."""

import re
import time

#: Processor seconds of the work below on the machine on which the bounds were set.
_USUAL_S = 0.055
_DIGITS, _LETTERS = re.compile("[0-9]+"), re.compile("[A-Za-z]+")


def slowness() -> float:
    """How many times longer than on that machine work on texts takes here, now; at least 1."""
    started = time.process_time()
    texts = [f"row {number} of {number * 7919 % 100_003}, {number / 8:.3f}" for number in range(30_000)]
    forms = {_LETTERS.sub("a", _DIGITS.sub("0", text)) for text in texts}
    counts: dict[str, int] = {}
    for text in texts:
        counts[text[:5]] = counts.get(text[:5], 0) + len(forms)
    return max(1.0, (time.process_time() - started) / _USUAL_S)
