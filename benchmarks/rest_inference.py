"""What an inference of a large file costs from the caller's upload to the output that was read, beside the bare engine.

    python -m benchmarks.rest_inference [--mb 40] [--pairs 1]

Starts the whole suite as `make run` does, learns the program of `benchmarks.inference_pass` by REST, and takes turns:
a file of that shape is uploaded, converted and its output read back by REST; one COPY of the same SQL runs in a bare
DuckDB process. What counts is the processor time of all of the suite's processes, NATS and S3 among them and the client
not, by role; the output is read uncompressed. Only ratios compare with another run. Linux only: it reads /proc.
"""

import argparse
import asyncio
import statistics
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import httpx

from benchmarks import inference_pass
from benchmarks.job_cost import SETTINGS, USER, read_costs
from tests.e2e.test_conversions import encode
from tests.support.eventually import eventually
from tests.support.launched_suite import TERMINAL, LaunchedSuite, launched_suite

_PIECE_BYTES = 1 << 20
_MB = 1_000_000


async def _pieces(path: Path) -> AsyncIterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(_PIECE_BYTES):
            yield piece


async def _ended(client: httpx.AsyncClient, job: str) -> None:
    async def is_over() -> bool:
        status = (await client.get(f"/api/v1/{USER}/{job}")).json()["job_status"]
        if status in TERMINAL and status != "completed":
            raise RuntimeError(f"the job ended as {status}")
        return status in TERMINAL

    await eventually(is_over, within_s=600, every_s=0.5)


async def learn(client: httpx.AsyncClient) -> str:
    """The trained job."""
    given, wanted = (content.decode() for content in inference_pass.example())
    body = {"user_id": USER, "owner": USER, "job_title": "Cost"}
    files = {"input_file": encode(given), "expected_output_file": encode(wanted)}
    answer = await client.post("/api/v1/train", json={**body, **files})
    job = str(answer.raise_for_status().json()["job_id"])
    await _ended(client, job)
    return job


async def convert(client: httpx.AsyncClient, trained: str, source: Path) -> int:
    """Upload a file, convert it, and read its output; the output's bytes."""
    headers = {"content-type": "text/csv"}
    answer = await client.post(f"/api/v1/files?user_id={USER}", content=_pieces(source), headers=headers)
    stored = answer.raise_for_status().json()["uri"]
    body = {"user_id": USER, "job_id": trained, "input_file": stored}
    answer = await client.post("/api/v1/inference/run", json=body)
    job = str(answer.raise_for_status().json()["job_id"])
    await _ended(client, job)
    read = 0
    plain = {"accept-encoding": "identity"}
    async with client.stream("GET", f"/api/v1/{USER}/{job}/output", headers=plain, follow_redirects=True) as output:
        output.raise_for_status()
        async for piece in output.aiter_raw():
            read += len(piece)
    return read


async def measure(suite: LaunchedSuite, folder: Path, size: int, pairs: int) -> list[tuple[dict[str, float], float]]:
    """CPU seconds by role, and of the bare COPY, of each pair."""
    source = folder / "input.csv"
    inference_pass.write_file(source, size, unseen=False, quoted=False)
    program = inference_pass.learn(folder).program
    found = []
    async with suite.client() as client:
        client.timeout = httpx.Timeout(600)
        trained = await learn(client)
        for _ in range(pairs):
            before = read_costs(suite)
            await convert(client, trained, source)
            after = read_costs(suite)
            roles = {name: (after[name] - before[name]) / 1000 for name in after if name != "calls to storage"}
            bare = inference_pass.measure(inference_pass.bare(source, folder / "bare.csv", program))
            found.append((roles, bare.cpu_s))
    return found


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--mb", type=float, default=40)
    parser.add_argument("--pairs", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, launched_suite(Path(folder) / "suite", SETTINGS) as suite:
        found = asyncio.run(measure(suite, Path(folder), int(options.mb * _MB), options.pairs))
    for name in found[0][0]:
        print(f"{name:18}{statistics.median(roles[name] for roles, _ in found):8.2f} s")
    ours = [sum(roles.values()) for roles, _ in found]
    print(f"{'all':18}{statistics.median(ours):8.2f} s")
    print(f"{'bare COPY':18}{statistics.median(bare for _, bare in found):8.2f} s")
    ratio = statistics.median(bare / own for own, (_, bare) in zip(ours, found, strict=True))
    print(f"{ratio:.2f} of the bare engine's rate, {options.mb:g} MB")


if __name__ == "__main__":
    main()
