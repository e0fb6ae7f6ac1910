"""The breaker that refuses calls for a moment after several failures."""

import pytest

from services.common.errors import Unavailable
from services.storage.adapters.s3_options import Breaker, name_failure


class Time:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def tripped(time: Time) -> Breaker:
    breaker = Breaker(3, pause_s=1, clock=time)
    for _ in range(3):
        breaker.check()
        breaker.note_failure()
    return breaker


def test_several_failures_in_a_row_refuse_calls(tripped: Breaker) -> None:
    with pytest.raises(Unavailable):
        tripped.check()


def test_a_success_between_starts_the_count_again(time: Time) -> None:
    breaker = Breaker(2, clock=time)
    for _ in range(5):
        breaker.note_failure()
        breaker.note_success()
    breaker.check()


def test_calls_are_tried_again_after_the_pause(tripped: Breaker, time: Time) -> None:
    time.now = 1.1
    tripped.check()


def test_a_failure_after_the_pause_refuses_calls_again(tripped: Breaker, time: Time) -> None:
    time.now = 1.1
    tripped.note_failure()
    with pytest.raises(Unavailable):
        tripped.check()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("status code: 403 Forbidden: <Code>SignatureDoesNotMatch</Code>", "S3_ACCESS_DENIED"),
        ("status code: 404 Not Found: <Code>NoSuchBucket</Code>", "S3_BUCKET_MISSING"),
        ("error sending request for https://secret-host/bucket/alice.csv", "S3_UNAVAILABLE"),
    ],
)
def test_failures_are_named_without_their_text(text: str, reason: str) -> None:
    error = name_failure("get", RuntimeError(text))
    assert error.reason == reason
    assert not {"secret-host", "alice", "Signature"} & set(error.message.split("/"))
