"""What a tenant notices of clients that mean harm: ``python -m benchmarks.adversary`` (``make adversary``).

Stalled, oversized, poisoned, flooding and forging clients, over REST and gRPC, work beside a tenant whose calls come at
a steady rate. Each attack is followed by a control: a process that takes as much CPU as the attackers' clients took, so
that what is compared is what they cost the suite, not what they cost the machine. Printed: the tenant's p99 beside each
attack and its control, the median of their ratios, the highest memory of every process, and what was not answered.
"""

import argparse
import asyncio
import json
import os
import statistics
import sys
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import grpc.aio
import httpx

from benchmarks.adversary.clients import ATTACKS
from benchmarks.adversary.target import Target
from benchmarks.adversary.victim import Seen, Victim
from tests.support.launched_suite import LaunchedSuite, launched_suite

SETTINGS = {"LOG_FORMAT": "json"}
STRANGERS = ("rest stalled", "rest oversized", "rest forging", "grpc stalled", "grpc oversized", "grpc forging")


@asynccontextmanager
async def running_victim(suite: LaunchedSuite) -> AsyncIterator[Victim]:
    """A tenant of its own with its clients."""
    key = suite.make_key(tenant="victim")
    limits = httpx.Limits(max_connections=32, max_keepalive_connections=32)
    async with (
        httpx.AsyncClient(
            base_url=suite.rest, headers={"X-API-KEY": key}, timeout=60, trust_env=False, limits=limits
        ) as rest,
        grpc.aio.insecure_channel(suite.grpc_address("gateway")) as channel,
    ):
        victim = Victim(suite, key, rest, channel)
        await wait_for_key(rest)
        await victim.prepare()
        yield victim


async def wait_for_key(rest: httpx.AsyncClient) -> None:
    """Returns once the gateway knows a new key."""
    while (await rest.get("/tasks")).status_code == 401:  # noqa: ASYNC110 - its file is looked at every second
        await asyncio.sleep(0.1)


async def run_clients(*arguments: str) -> dict[str, Any]:
    """Runs a process of ``clients``; returns what it printed. Raises RuntimeError where it failed."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "benchmarks.adversary.clients", *arguments, stdout=asyncio.subprocess.PIPE
    )
    try:
        output, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
    if process.returncode:
        raise RuntimeError(f"the clients failed: {arguments[1:]}")
    found: dict[str, Any] = json.loads(output)
    return found


def quantile(times: Sequence[float], share: float) -> float:
    """The time that this share of the calls did not exceed."""
    return sorted(times)[min(len(times) - 1, int(len(times) * share))]


def read_memory(suite: LaunchedSuite) -> dict[str, dict[str, int]]:
    """VmRSS and VmHWM of every process, in bytes."""
    found: dict[str, dict[str, int]] = {}
    for name, pid in suite.document["pids"].items():
        lines = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
        found[name] = {field: int(lines[field].split()[0]) * 1024 for field in ("VmRSS", "VmHWM")}
    return found


def forget_peaks(suite: LaunchedSuite) -> None:
    """Has the kernel measure the highest memory from now on."""
    for pid in suite.document["pids"].values():
        Path(f"/proc/{pid}/clear_refs").write_text("5")


async def compare(
    victim: Victim, targets: Mapping[str, Target], *, rate: float, seconds: float
) -> tuple[Seen, Seen, dict[str, Any]]:
    """The victim beside an attack, then beside a control of equal CPU."""
    attacking = asyncio.create_task(run_clients(Target.encode(targets), str(seconds + 2)))
    await asyncio.sleep(1)  # until its process has started
    beside = await victim.act(rate, seconds)
    ended = await attacking
    share = ended["cpu_s"] / (seconds + 2)
    burning = asyncio.create_task(run_clients("burn", f"{share:.3f}", str(seconds + 2)))
    await asyncio.sleep(1)
    control = await victim.act(rate, seconds)
    await burning
    return beside, control, ended


def show(name: str, beside: Seen, control: Seen, ended: dict[str, Any]) -> float:
    """Prints one pair; returns its ratio."""
    first, second = quantile(beside.all_ms, 0.99), quantile(control.all_ms, 0.99)
    probes = [max(seen.times_ms["livez"]) for seen in (beside, control)]
    print(
        f"{name:16} p99 {first:8.1f} ms, control {second:8.1f} ms, ratio {first / second:5.2f}; "
        f"p50 {quantile(beside.all_ms, 0.5):6.1f} / {quantile(control.all_ms, 0.5):6.1f}; "
        f"livez at most {probes[0]:.0f} / {probes[1]:.0f}; clients' CPU {ended['cpu_s']:.1f} s; {ended['ended']}",
        flush=True,
    )
    return first / second


async def run(names: Sequence[str], pairs: int, rate: float, seconds: float) -> None:
    """Starts the suite, measures, stops it."""
    with tempfile.TemporaryDirectory() as folder, launched_suite(Path(folder), SETTINGS) as suite:
        target = Target.of(suite, suite.make_key(tenant="mallory"))
        async with running_victim(suite) as victim:
            await victim.act(rate, 2)
            idle = read_memory(suite)
            ratios: dict[str, list[float]] = {}
            faults: Counter[str] = Counter()
            peaks: dict[str, dict[str, int]] = {}
            for number in range(pairs):
                for name in names:
                    forget_peaks(suite)
                    beside, control, ended = await compare(victim, {name: target}, rate=rate, seconds=seconds)
                    memory = read_memory(suite)
                    for process, values in memory.items():
                        peak = peaks.setdefault(name, {})
                        peak[process] = max(peak.get(process, 0), values["VmHWM"])
                    ratios.setdefault(name, []).append(show(f"{number + 1} {name}", beside, control, ended))
                    faults.update(beside.faults)
                    await victim.require_finished([*beside.tasks, *control.tasks])
        report(ratios, faults, idle, peaks)


def report(
    ratios: dict[str, list[float]],
    faults: Counter[str],
    idle: dict[str, dict[str, int]],
    peaks: dict[str, dict[str, int]],
) -> None:
    """Prints the figures."""
    load = " ".join(f"{each:.1f}" for each in os.getloadavg())
    print(f"{os.cpu_count()} cores, load {load}; every task that was accepted was completed")
    for name, found in ratios.items():
        print(f"{name:16} median ratio of p99 {statistics.median(found):.2f} of {len(found)} pairs")
    every = [ratio for found in ratios.values() for ratio in found]
    print(
        f"all: median ratio {statistics.median(every):.2f}; not answered as it should be: {dict(faults) or 'nothing'}"
    )
    print("highest memory as a multiple of what it was before, by attack (strangers' are marked *)")
    for name, processes in peaks.items():
        shown = ", ".join(f"{process} {peak / idle[process]['VmRSS']:.2f}" for process, peak in processes.items())
        print(f"{'*' if name in STRANGERS else ' '} {name:16} {shown}")


def main() -> None:
    """Runs the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--rate", type=float, default=20, help="the victim's calls a second")
    parser.add_argument("--seconds", type=float, default=8, help="of each measurement")
    parser.add_argument("attacks", nargs="*", default=list(ATTACKS), help=f"of {', '.join(ATTACKS)}")
    options = parser.parse_args()
    asyncio.run(run(options.attacks, options.pairs, options.rate, options.seconds))


if __name__ == "__main__":
    main()
