"""Runs a campaign and prints its table: ``python -m tests.chaos.campaign --minutes 30 --seed 1 --jobs 1000``.

Ends with 1 where a law is broken; what breaks it, and the logs, then stand in the folder of the run.
"""

import argparse
import asyncio
import io
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.chaos.campaign.disturbed_suite import DisturbedSuite, disturbed_suite
from tests.chaos.campaign.disturbing import Disturber
from tests.chaos.campaign.evidence import Bucket, EventLog
from tests.chaos.campaign.judging import Verdict, compare_index, find_left, judge, list_open
from tests.chaos.campaign.load import Load
from tests.chaos.campaign.schedule import plan_faults, plan_jobs

INDEX_WITHIN_S = 120
# What was deleted is purged once more 150 s later (ten times the campaign's JOBS_ACK_WAIT_S), in a round of sweeping.
PURGED_WITHIN_S = 300
_LOOK_EVERY_S = 3.0


@dataclass(frozen=True, slots=True)
class Options:
    """What a campaign is to be. ``drain_minutes`` bounds the time that the jobs have after the last fault; ``older`` is
    the commit of a release that runs beside this one."""

    minutes: float
    seed: int
    jobs: int
    drain_minutes: float
    folder: Path
    older: str = ""


@dataclass
class Outcome:
    """What a campaign found. Times are in seconds after the last fault, for the index after the last job, and for what
    was deleted after that; None where it did not come in time."""

    verdict: Verdict
    refused: int
    answers: Counter[str]
    faults: Counter[str]
    skipped: int
    met: Counter[str]
    healed_after_s: float | None
    over_after_s: float | None
    index_after_s: float | None
    purged_after_s: float | None
    index_differences: Sequence[str]
    deaths: Sequence[str]
    swaps: int = 0

    @property
    def broken(self) -> dict[str, Sequence[str]]:
        """The laws that are broken, with what breaks them."""
        found: dict[str, Sequence[str]] = {law: items for law, items in self.verdict.laws.items() if items}
        if self.index_after_s is None:
            found["index equal to records"] = self.index_differences or ["not looked at"]
        if self.healed_after_s is None:
            found["healed without a restart"] = ["health is not ok"]
        if self.deaths:
            found["processes that ended by themselves"] = self.deaths
        return found


async def run(options: Options) -> Outcome:
    """Runs a campaign."""
    seconds = options.minutes * 60
    loop = asyncio.get_running_loop()
    older = _check_out(options.older, options.folder / "older") if options.older else None
    async with disturbed_suite(options.folder, older) as suite:
        bucket = _open_bucket(suite)
        load = Load(suite.rest, suite.secrets.api_key, options.seed)
        try:
            async with EventLog(suite.nats_url) as events:
                await load.prepare()
                _say(f"{options.jobs} jobs and faults for {options.minutes:g} minutes, seed {options.seed}")
                disturber = Disturber(suite, bucket, events)
                stop = asyncio.Event()
                looking = asyncio.create_task(load.look_on(stop))
                submitting = asyncio.create_task(load.run(plan_jobs(options.seed, seconds, options.jobs)))
                await disturber.run(plan_faults(options.seed, seconds))
                ended = loop.time()
                _say(f"{sum(disturber.done.values())} faults done; waiting for health and for the jobs' ends")
                healed = await _until(suite.is_healthy, 300)
                await submitting
                stop.set()
                await looking

                async def is_over() -> bool:
                    suite.note_deaths()
                    return not list_open(load.promises, await asyncio.to_thread(bucket.read_records))

                over = await _until(is_over, options.drain_minutes * 60)
                over_after_s = loop.time() - ended if over is not None else None
                differences: list[str] = []

                async def is_index_equal() -> bool:
                    differences[:] = await asyncio.to_thread(compare_index, bucket)
                    return not differences

                index = await _until(is_index_equal, INDEX_WITHIN_S)

                async def is_purged() -> bool:
                    return not await asyncio.to_thread(find_left, load.promises, bucket)

                purged = await _until(is_purged, PURGED_WITHIN_S)
                await events.collect()
                records = await asyncio.to_thread(bucket.read_records)
                verdict = await asyncio.to_thread(judge, load.promises, bucket, records, events)
        finally:
            await load.close()
        return Outcome(
            verdict, len(load.promises.refused), load.promises.answers, disturber.done, disturber.skipped,
            _count_met(suite), healed, over_after_s, index, purged, differences, suite.deaths, suite.swaps,
        )  # fmt: skip


def _check_out(commit: str, folder: Path) -> Path:
    """Writes a commit's files into a folder."""
    folder.mkdir()
    archive = subprocess.run(["git", "archive", commit], check=True, stdout=subprocess.PIPE).stdout
    with tarfile.open(fileobj=io.BytesIO(archive)) as files:
        files.extractall(folder, filter="data")
    return folder


async def _until(check: object, within_s: float) -> float | None:
    """Asks until it is true; returns after how many seconds, None where it was not in time."""
    loop = asyncio.get_running_loop()
    begun = loop.time()
    while loop.time() - begun < within_s:
        if await check():  # type: ignore[operator]
            return loop.time() - begun
        await asyncio.sleep(_LOOK_EVERY_S)
    return None


def _open_bucket(suite: DisturbedSuite) -> Bucket:
    return Bucket(suite.s3.url, suite.bucket, suite.secrets.s3_access_key, suite.secrets.s3_secret_key)


def _count_met(suite: DisturbedSuite) -> Counter[str]:
    met: Counter[str] = Counter()
    for name, proxy in {"s3": suite.s3_proxy, **suite.nats_proxies}.items():
        for kind, count in proxy.met.items():
            met[f"{'s3' if name == 's3' else 'nats'} {kind}"] += count
    return met


def make_table(options: Options, outcome: Outcome) -> str:
    """The report: one table."""

    def seconds(value: float | None) -> str:
        return "NOT IN TIME" if value is None else f"{value:.0f} s"

    verdict = outcome.verdict
    rows: list[tuple[str, object]] = [
        ("seed, minutes, jobs", f"{options.seed}, {options.minutes:g}, {options.jobs}"),
        ("jobs accepted", verdict.accepted),
        ("jobs that nobody accepted", outcome.refused),
        *((law, len(items)) for law, items in verdict.laws.items()),
        ("all jobs over after the last fault", seconds(outcome.over_after_s)),
        (f"index equal to records (within {INDEX_WITHIN_S} s)", seconds(outcome.index_after_s)),
        (f"nothing left of deleted jobs (within {PURGED_WITHIN_S} s)", seconds(outcome.purged_after_s)),
        ("healed without a restart", seconds(outcome.healed_after_s)),
        ("processes that ended by themselves", len(outcome.deaths)),
        *([(f"changes between this release and {options.older}", outcome.swaps)] if options.older else []),
        ("faults", f"{sum(outcome.faults.values())} done, {outcome.skipped} met a target that was down"),
        *((f"  {name}", f"{count}" + _met(outcome, name)) for name, count in sorted(outcome.faults.items())),
        ("answers that were no yes", sum(outcome.answers.values())),
        *((f"  {name}", count) for name, count in outcome.answers.most_common()),
    ]
    width = max(len(name) for name, _ in rows)
    return "\n".join(f"{name:<{width}}  {value}" for name, value in rows)


def _met(outcome: Outcome, name: str) -> str:
    return f" ({outcome.met[name]} requests or messages)" if name in outcome.met else ""


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main() -> None:
    """Runs a campaign and prints its table."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.campaign", description=__doc__)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=1000)
    parser.add_argument("--drain-minutes", type=float, default=20)
    parser.add_argument("--older", default="", help="a commit of the release before, which runs beside this one")
    parser.add_argument("--artifacts", type=Path, default=Path("artifacts/chaos-campaign"))
    arguments = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="wealth-campaign-"))
    options = Options(
        arguments.minutes, arguments.seed, arguments.jobs, arguments.drain_minutes, folder, arguments.older
    )
    kept = arguments.artifacts / f"seed-{options.seed}"
    try:
        outcome = asyncio.run(run(options))
        table = make_table(options, outcome)
        shutil.rmtree(kept, ignore_errors=True)
        kept.mkdir(parents=True)
        broken = "".join(
            f"\n{law}:\n" + "".join(f"  {item}\n" for item in items) for law, items in outcome.broken.items()
        )
        (kept / "report.txt").write_text(f"{table}\n{broken}")
        _say(f"\n{table}\n{broken}")
    finally:
        if (folder / "logs").exists():
            kept.mkdir(parents=True, exist_ok=True)
            shutil.copytree(folder / "logs", kept / "logs", dirs_exist_ok=True)
        shutil.rmtree(folder, ignore_errors=True)
    sys.exit(1 if outcome.broken else 0)


if __name__ == "__main__":
    main()
