"""Thirty-two trainings at once with a model that takes its time: what the API and the memory notice of it."""

import asyncio
import base64
import statistics
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import nats
import pytest
from pydantic import SecretStr
from wealth.converter.v1 import converter_pb2 as pb
from wealth.converter.v1 import converter_pb2_grpc

from services.common.identity import Principal, encode_public_key
from services.common.jobs.topology import Topology, ensure_topology
from services.converter.adapters.crew.pool import CrewPool
from services.converter.app import build
from services.converter.domain.places import Places
from services.converter.servicer import SERVICE_NAME
from services.converter.settings import ConverterSettings
from services.launcher.embedded import NatsServer, S3Server
from tests.crew.test_jobs import DONE, EXPECTED, INPUT, RIGHT
from tests.integration.converter.conftest import USER, Converter, inline
from tests.support.scripted_model import KEY, PLAN, Act, ScriptedModel, run_scripted_model
from tests.support.servers import run_nats_server
from tests.support.services import GATEWAY_KEY, call_as_gateway, run_service
from tests.support.storage import new_bucket, run_storage

JOBS = 32
CALL_S = 10.0
MEDIAN_S = 0.05
PSS_BYTES = 60 << 20


@dataclass
class Crowd:
    """A converter of the test's own, its crew and its model."""

    converter: Converter
    crew: CrewPool
    model: ScriptedModel


@pytest.fixture
async def crowd(s3_server: S3Server, tmp_path: Path) -> AsyncIterator[Crowd]:
    """Apart from the other tests' queue and bucket, so that nobody else takes its jobs."""
    async with AsyncExitStack() as stack:
        broker: NatsServer = stack.enter_context(run_nats_server(tmp_path / "nats"))
        bucket = await stack.enter_async_context(new_bucket(s3_server))
        storage = await stack.enter_async_context(run_storage(s3_server, bucket.options.bucket))
        plan = Act(content=PLAN, delay_s=CALL_S)
        model = await stack.enter_async_context(run_scripted_model(Act(sql=RIGHT, delay_s=CALL_S), plans=[plan]))
        model.together = JOBS
        connection = await nats.connect(broker.url)
        stack.push_async_callback(connection.close)
        await ensure_topology(connection.jetstream(), Topology(ack_wait_s=60), services=("converter",))
        seed = storage.keys["converter"].private_bytes_raw()
        settings = ConverterSettings(
            converter_listen="127.0.0.1:0",
            converter_identity_key=SecretStr(base64.b64encode(seed).decode()),
            converter_engines=1,
            converter_crew_call_timeout_s=300,
            converter_crew_timeout_s=600,
            openai_base_url=model.url,
            openai_model="scripted",
            openai_api_key=SecretStr(KEY),
            storage_target=storage.target,
            nats_url=SecretStr(broker.url),
            jobs_concurrency=JOBS,
            jobs_ack_wait_s=60,
            jobs_sweep_interval_s=3600,
            drain_timeout_s=2,
            trusted_callers={"gateway": encode_public_key(GATEWAY_KEY)},
        )
        service = await stack.enter_async_context(run_service(build, settings, "all"))
        channel = await stack.enter_async_context(call_as_gateway(service.target, "converter", SERVICE_NAME))
        principal = Principal("t-crowd", "key:1", frozenset({USER}), frozenset({"converter", "files", "admin"}))
        stub = converter_pb2_grpc.ConverterServiceStub(channel)
        clients = (storage.client("converter"), storage.client("gateway"))
        converter = Converter(service, stub, principal, *clients, Places("jobs/"), lambda: None)
        yield Crowd(converter, service.part(CrewPool), model)


@pytest.mark.slow
@pytest.mark.timeout(400)
@pytest.mark.skipif(not Path("/proc/self/smaps_rollup").exists(), reason="memory is read from /proc")
async def test_thirty_two_trainings_leave_the_api_quick_and_the_memory_small(
    crowd: Crowd, capsys: pytest.CaptureFixture[str]
) -> None:
    converter, server = crowd.converter, crowd.crew.server_pid
    assert server is not None
    jobs = [await converter.train(EXPECTED, input_file=inline(INPUT)) for _ in range(JOBS)]
    while crowd.model.running < JOBS:  # noqa: ASYNC110 - what is waited for is in other processes
        await asyncio.sleep(0.1)

    answers_s: list[float] = []
    pss_bytes: list[int] = []
    # The model thinks: planning for CALL_S, then coding.
    while crowd.model.running == JOBS:
        began = time.monotonic()
        job = await converter.get(jobs[len(answers_s) % JOBS].job_id)
        answers_s.append(time.monotonic() - began)
        assert job.status in {pb.JOB_STATUS_PLANNING, pb.JOB_STATUS_CODING}
        if not pss_bytes:
            pss_bytes = [read_pss_bytes(pid) for pid in list_children(server)]
        await asyncio.sleep(0.05)
    ended = [await converter.until(job.job_id, DONE, within_s=300) for job in jobs]

    median_s, mean_bytes = statistics.median(answers_s), statistics.mean(pss_bytes)
    told = (
        f"{JOBS} trainings at once: {len(answers_s)} answers, median {median_s * 1000:.1f} ms, "
        f"95% within {statistics.quantiles(answers_s, n=20)[-1] * 1000:.1f} ms; "
        f"PSS of a job {mean_bytes / 2**20:.1f} MB "
        f"(at most {max(pss_bytes) / 2**20:.1f}), of the fork server {read_pss_bytes(server) / 2**20:.1f} MB"
    )
    with capsys.disabled():
        print(f"\n{told}")  # noqa: T201 - the measurement is what this test is run for
    assert len(ended) == len(pss_bytes) == JOBS == crowd.model.most_running
    assert median_s < MEDIAN_S
    assert mean_bytes < PSS_BYTES


def read_pss_bytes(pid: int) -> int:
    """A process's proportional share of memory: its own pages, and its part of those that it shares."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))


def list_children(pid: int) -> list[int]:
    """The processes that a process has forked and that live."""
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
