"""What the client decides, without a network: retries, resumed downloads, watching, paths."""

import hashlib
import io
import itertools
import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.client.rest import calls, converter_calls
from services.client.rest.problems import read_problem, read_retry_after
from services.client.rest.results import JobRef, TaskRef, parse_ref
from services.client.rest.retries import NO_RETRIES, Attempts, Retries, Terms
from services.client.rest.sse import EventParser
from services.client.rest.transfers import download as plan_download
from services.client.rest.watching import Deadline, Overdue, Watch
from services.client.rest.wire import Answer, Broken, Emit, Flow, Open, Pause, Read, Send, Step, Work
from services.common.clock import parse_time
from services.common.errors import Conflict, Exhausted, InvalidInput, NotFound, PreconditionFailed, Unavailable

TERMS = Terms(Retries(first_pause_s=0.5), 30.0)
JOB = JobRef("alice", "3f2c8a52-6f0e-4a7e-9b44-0d2f6f6b8a11")
ACCEPTED = Answer(202, {}, b'{"task_id": "task_1", "status": "pending", "message": "", "created_at": null}')


class Script:
    """Carries out a flow's steps: pauses and work at once, everything else by a list of outcomes."""

    def __init__(self, *outcomes: Any) -> None:
        self._outcomes = list(outcomes)
        self.steps: list[Step] = []
        self.emitted: list[Any] = []

    def run(self, flow: Flow[Any]) -> Any:
        """What the flow returns. Outcomes that are exceptions are raised inside of it."""
        outcome: Any = None
        try:
            step = next(flow)
            while True:
                self.steps.append(step)
                outcome = self._do(step)
                step = flow.throw(outcome) if isinstance(outcome, Exception) else flow.send(outcome)
        except StopIteration as end:
            return end.value

    def of(self, kind: type) -> list[Any]:
        """The steps of one kind."""
        return [step for step in self.steps if isinstance(step, kind)]

    def _do(self, step: Step) -> Any:
        if isinstance(step, Work):
            return step.do()
        if isinstance(step, Emit):
            self.emitted.append(step.item)
        return None if isinstance(step, Pause | Emit) else self._outcomes.pop(0)


def problem(status: int, retry_after: str = "", **fields: Any) -> Answer:
    headers = {"content-type": "application/problem+json", **({"retry-after": retry_after} if retry_after else {})}
    return Answer(status, headers, json.dumps({"status": status, **fields}).encode())


def submit() -> Flow[Any]:
    return calls.submit_task([{}], username="alice").flow(TERMS)


def test_a_refused_call_is_repeated_after_what_retry_after_says() -> None:
    script = Script(problem(429, "7"), ACCEPTED)
    assert script.run(submit()).task_id == "task_1"
    assert script.of(Pause) == [Pause(7.0)]


def test_a_repeated_creation_bears_the_same_idempotency_key() -> None:
    script = Script(Broken("gone"), problem(503), ACCEPTED)
    script.run(submit())
    assert len({send.request.headers["idempotency-key"] for send in script.of(Send)}) == 1


def test_two_creations_bear_different_idempotency_keys() -> None:
    first, second = (calls.submit_task([{}], username="alice").headers["idempotency-key"] for _ in range(2))
    assert first != second


def test_a_refusal_that_no_repetition_changes_is_raised_at_once() -> None:
    script = Script(problem(404, code="TASK_NOT_FOUND"))
    with pytest.raises(NotFound) as caught:
        script.run(calls.get_task("task_1").flow(TERMS))
    assert (caught.value.reason, len(script.steps)) == ("TASK_NOT_FOUND", 1)


def test_attempts_are_bounded() -> None:
    script = Script(*[problem(503, code="BUSY")] * 10)
    with pytest.raises(Unavailable):
        script.run(submit())
    assert len(script.of(Send)) == TERMS.retries.max_attempts


def test_a_longer_wait_than_the_budget_is_raised_at_once() -> None:
    script = Script(problem(429, "600"))
    with pytest.raises(Exhausted) as caught:
        script.run(submit())
    assert (caught.value.retry_after_s, script.of(Pause)) == (600, [])


@given(st.integers(1, 12), st.floats(0, 1))
def test_pauses_grow_within_their_bounds(failures: int, share: float) -> None:
    retries = Retries(max_attempts=20, first_pause_s=0.2, max_pause_s=5, max_elapsed_s=1e9)
    attempts = Attempts(retries, monotonic_s=lambda: 0, random_share=lambda: share)
    pauses = [attempts.choose_pause_s(Unavailable("away", retry_after_s=0)) for _ in range(failures)]
    assert pauses == sorted(pauses)
    assert all(0.1 <= pause <= 5 for pause in pauses)


def test_health_of_a_suite_that_is_down_is_an_answer() -> None:
    answer = Answer(503, {"content-type": "application/json"}, b'{"status": "down", "services": {}}')
    assert Script(answer).run(calls.get_health().flow(TERMS)).status == "down"


def test_a_problem_becomes_the_error_that_the_service_raised() -> None:
    error = read_problem(
        problem(422, detail="wrong", code="CSV_BROKEN", request_id="r1", errors=[{"field": "data.0", "message": "no"}])
    )
    assert isinstance(error, InvalidInput)
    assert (error.message, error.reason, error.field, error.request_id) == ("wrong", "CSV_BROKEN", "data.0", "r1")


@pytest.mark.parametrize(
    ("title", "cls"), [("Not in this state", PreconditionFailed), ("Conflict", Conflict), ("", Conflict)]
)
def test_errors_of_one_status_are_told_apart_by_title(title: str, cls: type) -> None:
    assert type(read_problem(problem(409, title=title))) is cls


@pytest.mark.parametrize("content", [b"<html>Bad gateway</html>", b"", b"[]", b'{"errors": 7, "metadata": 7}'])
def test_an_answer_that_is_no_problem_document_is_still_an_error_of_its_status(content: bytes) -> None:
    error = read_problem(Answer(502, {"x-request-id": "r2"}, content))
    assert isinstance(error, Unavailable)
    assert error.request_id == "r2"


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("3", 3), ("Fri, 02 Jan 2026 03:04:15 GMT", 10), ("Fri, 02 Jan 2026 03:04:00 GMT", 0), ("soon", 1), ("", 1)],
)
def test_retry_after_is_read_as_seconds_or_as_a_date(text: str, seconds: float) -> None:
    now = parse_time("2026-01-02T03:04:05.000Z")
    assert read_retry_after(Answer(429, {"retry-after": text}), default_s=1, now=now) == seconds


@given(st.text(min_size=1, max_size=30).filter(lambda text: set(text) != {"."}))
def test_an_id_is_one_segment_of_the_path_whatever_it_holds(user: str) -> None:
    path = converter_calls.get_job(user, "j").request(1).path
    assert path.count("/") == 4
    assert path.isascii()


@pytest.mark.parametrize("user", ["", ".", ".."])
def test_an_id_that_would_change_the_path_is_refused(user: str) -> None:
    with pytest.raises(InvalidInput):
        converter_calls.get_job(user, "j").request(1)


@pytest.mark.parametrize(
    ("text", "default_user", "ref"),
    [
        ("task_20260102030405_0a1b2c3d", "", TaskRef("task_20260102030405_0a1b2c3d")),
        ("alice/j1", "", JobRef("alice", "j1")),
        ("a/b/j1", "bob", JobRef("a/b", "j1")),
        ("j1", "bob", JobRef("bob", "j1")),
    ],
)
def test_a_reference_reads_back(text: str, default_user: str, ref: Any) -> None:
    assert parse_ref(text, default_user) == ref


@pytest.mark.parametrize("text", ["", "j1", "/j1", "alice/"])
def test_a_reference_that_names_nobody_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        parse_ref(text)


# Server-sent events

EVENTS = (
    b'retry: 10\n\nid: 1\nevent: status\ndata: {"event_id":"a","revision":1,"status":"pending"}\n\n'
    b': keep-alive\n\nevent: section\ndata: {"event_id":"b","revision":2,"status":"processing"}\n\n'
    b'id: 3\r\nevent: status\r\ndata: {"event_id":"c","revision":3,"status":"completed","terminal":true}\r\n\r\n'
)


@given(st.lists(st.integers(0, len(EVENTS)), max_size=8))
def test_events_read_the_same_however_they_are_cut(cuts: list[int]) -> None:
    parser, found = EventParser(), []
    places = [0, *sorted(cuts), len(EVENTS)]
    for start, end in itertools.pairwise(places):
        found += parser.feed(EVENTS[start:end])
    assert [(message.name, message.id) for message in found] == [("status", "1"), ("section", None), ("status", "3")]


def stream(*pieces: bytes | Exception | None) -> list[Any]:
    """An open stream of events with its pieces."""
    return [Answer(200, {"content-type": "text/event-stream"}), *pieces]


def watch(deadline: Deadline | None = None, retries: Retries = NO_RETRIES) -> Flow[None]:
    return Watch(TaskRef("task_1"), terms=Terms(retries, 30), deadline=deadline or Deadline(None)).events()


def state(status: str, revision: int) -> Answer:
    document = {"task_id": "task_1", "status": status, "revision": revision, "generation": 1}
    return Answer(200, {}, json.dumps(document).encode())


def told(script: Script) -> list[str]:
    return [event.status for event in script.emitted]


def test_events_come_once_when_a_broken_stream_is_taken_up_again() -> None:
    first, second, third = (part + b"\n\n" for part in EVENTS.replace(b"\r\n", b"\n").split(b"\n\n") if b"data" in part)
    script = Script(*stream(first, second, Broken("cut")), state("processing", 1), *stream(second, third))
    script.run(watch())
    assert [event.event_id for event in script.emitted] == ["a", "b", "c"]
    assert [step.request.headers.get("last-event-id") for step in script.of(Open)] == [None, "1"]


def test_a_stream_that_is_cut_before_anything_new_is_not_asked_for_again_at_once() -> None:
    _, section, end = (part + b"\n\n" for part in EVENTS.replace(b"\r\n", b"\n").split(b"\n\n") if b"data" in part)
    script = Script(*stream(section, None), *stream(section, None), state("processing", 2), *stream(section, end))
    script.run(watch())
    assert [event.event_id for event in script.emitted] == ["b", "c"]
    assert len(script.of(Pause)) == 1


def test_the_state_is_read_where_no_stream_can_be_had() -> None:
    refused = problem(429, "5", code="TOO_MANY_WATCHERS")
    script = Script(refused, state("pending", 1), refused, state("pending", 1), refused, state("completed", 4))
    script.run(watch())
    assert told(script) == ["pending", "completed"]


def test_events_older_than_a_state_that_was_read_are_not_told() -> None:
    script = Script(Broken("away"), state("processing", 2), *stream(EVENTS))
    script.run(watch())
    assert told(script) == ["processing", "completed"]


def test_nothing_follows_an_answer_without_content() -> None:
    script = Script(Answer(204, {}))
    script.run(watch())
    assert script.emitted == []


def test_a_refusal_ends_the_watch() -> None:
    with pytest.raises(NotFound):
        Script(problem(404)).run(watch())


def test_a_problem_inside_of_the_stream_ends_the_watch() -> None:
    with pytest.raises(NotFound):
        Script(*stream(b'event: problem\ndata: {"status": 404, "code": "GONE"}\n\n')).run(watch())


def clock(*moments: float) -> Any:
    ticks = iter(moments)
    last = [0.0]

    def now() -> float:
        last[0] = next(ticks, last[0])
        return last[0]

    return now


def test_a_watch_ends_at_its_deadline() -> None:
    deadline = Deadline(10, clock(0, 1, 11))
    with pytest.raises(Overdue, match="10 seconds"):
        Script(*stream(b": keep-alive\n\n")).run(watch(deadline))


def test_a_stream_never_waits_past_the_deadline() -> None:
    deadline = Deadline(10, clock(0, 1, 8, 8, 11))
    script = Script(*stream(b": keep-alive\n\n"), state("pending", 1), *stream(b": keep-alive\n\n"))
    with pytest.raises(Overdue):
        script.run(watch(deadline))
    assert [step.request.timeout_s for step in script.of(Open)] == [9, 2]


# Downloads

CONTENT = b"name,amount\r\nalice,1\r\n"
TAG = f'"{hashlib.sha256(CONTENT).hexdigest()}"'


def head(status: int = 200, tag: str = TAG, size: int | None = len(CONTENT)) -> Answer:
    length = {} if size is None else {"content-length": str(size)}
    return Answer(status, {"etag": tag, "content-disposition": "attachment; filename*=UTF-8''o%C3%BC.csv", **length})


def download(into: Any, outcomes: Iterable[Any]) -> tuple[Any, Script]:
    script = Script(*outcomes)
    return script.run(plan_download(JOB, into).flow(TERMS)), script


def test_a_download_goes_on_where_it_broke(tmp_path: Path) -> None:
    outcomes = [head(), CONTENT[:5], Broken("cut"), head(206), CONTENT[5:], None]
    done, script = download(tmp_path / "o.csv", outcomes)
    assert (tmp_path / "o.csv").read_bytes() == CONTENT
    assert (done.size, f'"{done.sha256}"', done.file_name) == (len(CONTENT), TAG, "oü.csv")
    resumed = script.of(Open)[1].request.headers
    assert (resumed["range"], resumed["if-range"]) == ("bytes=5-", TAG)


def test_a_download_that_ends_too_early_goes_on(tmp_path: Path) -> None:
    download(tmp_path / "o.csv", [head(), CONTENT[:5], None, head(206), CONTENT[5:], None])
    assert (tmp_path / "o.csv").read_bytes() == CONTENT


def test_a_download_of_content_that_changed_begins_anew(tmp_path: Path) -> None:
    new = b"other"
    tag = f'"{hashlib.sha256(new).hexdigest()}"'
    download(tmp_path / "o.csv", [head(), CONTENT[:9], Broken("cut"), head(tag=tag, size=5), new, None])
    assert (tmp_path / "o.csv").read_bytes() == new


def test_what_is_not_as_announced_leaves_no_file(tmp_path: Path) -> None:
    with pytest.raises(Exception, match="not what is stored") as caught:
        download(tmp_path / "o.csv", [head(), CONTENT[::-1], None])
    assert getattr(caught.value, "reason", "") == "CHECKSUM_MISMATCH"
    assert list(tmp_path.iterdir()) == []


def test_a_download_that_fails_leaves_the_older_file(tmp_path: Path) -> None:
    (tmp_path / "o.csv").write_text("older")
    with pytest.raises(NotFound):
        download(tmp_path / "o.csv", [head(), CONTENT[:5], Broken("cut"), problem(404)])
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("o.csv", "older")]


def test_a_download_that_is_interrupted_leaves_no_file(tmp_path: Path) -> None:
    flow = plan_download(JOB, tmp_path / "o.csv").flow(TERMS)
    step, outcomes = next(flow), iter([head(), CONTENT[:5]])
    while not (isinstance(step, Read) and list(tmp_path.iterdir())):
        step = flow.send(step.do() if isinstance(step, Work) else next(outcomes))
    flow.close()
    assert list(tmp_path.iterdir()) == []


def test_a_stream_that_took_bytes_is_not_begun_anew() -> None:
    with pytest.raises(Conflict):
        download(io.BytesIO(), [head(), CONTENT[:9], Broken("cut"), head(tag='"other"'), b"other", None])


def test_a_download_of_unknown_length_begins_anew(tmp_path: Path) -> None:
    unknown = head(tag='"x-safe"', size=None)
    _, script = download(tmp_path / "o.csv", [unknown, CONTENT[:5], Broken("cut"), unknown, CONTENT, None])
    assert (tmp_path / "o.csv").read_bytes() == CONTENT
    assert all("range" not in step.request.headers for step in script.of(Open))


def test_reads_are_of_the_open_answer_alone() -> None:
    _, script = download(io.BytesIO(), [head(), CONTENT, None])
    assert [type(step) for step in script.steps if isinstance(step, Open | Read)] == [Open, Read, Read]


@pytest.mark.parametrize(
    "plan",
    [
        lambda: calls.submit_task({"Market Value": "1"}, username="alice"),  # type: ignore[arg-type]
        lambda: calls.submit_task("hello", username="alice"),  # type: ignore[arg-type]
        lambda: calls.check_claims("The portfolio gained.", [{}]),
        lambda: converter_calls.explain("alice", "j", columns="side"),
        lambda: converter_calls.teach("alice", "j", answers={"question_id": "q1"}),  # type: ignore[arg-type]
    ],
)
def test_one_thing_where_a_list_is_wanted_is_refused_rather_than_taken_apart(plan: Callable[[], Any]) -> None:
    with pytest.raises(InvalidInput, match=r"is a list, not a (str|dict): put it into one"):
        plan()
