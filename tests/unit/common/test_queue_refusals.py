"""Rule 1: only a queue that is full by its own bounds refuses a job for good; a server without a disk does not."""

from types import SimpleNamespace
from typing import Any

import pytest
from nats.js.errors import APIError

from services.common.errors import Exhausted, Unavailable
from services.common.jobs.queue import JobQueue
from tests.support.jobs import make_probe_kind

STORE_FAILED = 10077


def make_queue(error: APIError) -> JobQueue:
    """A queue whose server answers every publish with an error."""

    async def publish(*_given: Any, **_options: Any) -> None:
        raise error

    broker: Any = SimpleNamespace(jetstream=lambda *_: SimpleNamespace(publish=publish))
    return JobQueue(broker, make_probe_kind("probe"))


@pytest.mark.parametrize("words", ["maximum messages exceeded", "maximum bytes exceeded"])
async def test_1_a_queue_that_is_full_refuses_the_job(words: str) -> None:
    queue = make_queue(APIError(code=503, err_code=STORE_FAILED, description=words))
    with pytest.raises(Exhausted):
        await queue._publish("JOBS", "jobs.a", b"{}", {})


async def test_2_a_job_that_stands_there_is_left_as_it_is() -> None:
    error = APIError(code=503, err_code=STORE_FAILED, description="maximum messages per subject exceeded")
    assert await make_queue(error)._publish("JOBS", "jobs.a", b"{}", {}) is False


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (STORE_FAILED, "write /data/jetstream/msgs/1.blk: no space left on device"),
        (STORE_FAILED, "file store is closed"),
        (10047, "insufficient storage resources available"),
        (10023, "insufficient resources"),
        (10008, "JetStream system temporarily unavailable"),
    ],
)
async def test_1_a_server_without_a_disk_says_nothing_of_the_job(code: int, words: str) -> None:
    with pytest.raises(Unavailable):
        await make_queue(APIError(code=503, err_code=code, description=words))._publish("JOBS", "jobs.a", b"{}", {})
