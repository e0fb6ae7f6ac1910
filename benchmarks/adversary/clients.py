"""The adversaries' process, and one that only takes as much CPU: the control.

``python -m benchmarks.adversary.clients TARGETS SECONDS`` attacks, each attack its target; ``... burn SHARE SECONDS``
computes. Both print one line of JSON: what came of it, and the CPU seconds that it took.
"""

import asyncio
import json
import sys
import time
from collections import Counter
from collections.abc import Mapping
from typing import Any

from benchmarks.adversary import grpc_attacks, rest_attacks
from benchmarks.adversary.target import Target

ATTACKS = {**rest_attacks.ATTACKS, **grpc_attacks.ATTACKS}
_SLICE_S = 0.01


async def attack(targets: Mapping[str, Target], seconds: float) -> dict[str, dict[str, int]]:
    """Runs attacks by their names at once for so many seconds; returns how often each ended how."""
    if (poisoned := targets.get("rest poisoned")) is not None:
        rest_attacks.make_poison(poisoned.key, poisoned.user)  # takes its time, which is none of the attack's
    until_s = asyncio.get_running_loop().time() + seconds
    counts = {name: Counter[str]() for name in targets}
    attacks: list[Any] = [ATTACKS[name](target, until_s, counts[name]) for name, target in targets.items()]
    await asyncio.gather(*attacks)
    return {name: dict(count) for name, count in counts.items()}


def burn(share: float, seconds: float) -> None:
    """Computes for ``share`` of the time, in slices."""
    until_s = time.monotonic() + seconds
    used_s, started_s = time.process_time(), time.monotonic()
    while (now_s := time.monotonic()) < until_s:
        if time.process_time() - used_s < share * (now_s - started_s):
            sum(range(2000))
        else:
            time.sleep(_SLICE_S)


def main() -> None:
    """Runs the command line."""
    ended: dict[str, dict[str, int]] = {}
    if sys.argv[1] == "burn":
        burn(float(sys.argv[2]), float(sys.argv[3]))
    else:
        targets, seconds = sys.argv[1:]
        ended = asyncio.run(attack(Target.decode(targets), float(seconds)))
    sys.stdout.write(json.dumps({"ended": ended, "cpu_s": time.process_time()}) + "\n")


if __name__ == "__main__":
    main()
