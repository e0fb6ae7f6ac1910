"""One job's agents: a question comes as a JSON line, a small crew of one agent answers it, the answer goes back.

The only module that imports crewai; `server` has done so before it forks.
"""

import json
import os
import socket
from collections.abc import Mapping
from typing import Any

import httpx
import openai  # type: ignore[import-not-found]  # crewai brings it
from crewai import LLM, Agent, Crew, Process, Task  # type: ignore[import-not-found]
from crewai.llms.hooks.base import BaseInterceptor  # type: ignore[import-not-found]
from pydantic import BaseModel, ConfigDict, ValidationError

from services.converter.adapters.crew.egress import EgressRefused, allow_only
from services.converter.adapters.fork_server import read_line

_MESSAGE_CHARS = 300


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _PlannedColumn(_Strict):
    name: str
    rule: str


class _Plan(_Strict):
    approach: str
    columns: list[_PlannedColumn]


class _WrittenColumn(_Strict):
    name: str
    words: str


class _Code(_Strict):
    sql: str
    columns: list[_WrittenColumn]


_ROLES: Mapping[str, tuple[str, str, str, type[BaseModel]]] = {
    "planner": (
        "Planner",
        "Find the rule behind each open column of a conversion",
        "A JSON object: approach (text) and columns, each with name and rule",
        _Plan,
    ),
    "coder": (
        "Coder",
        "Write the one DuckDB SELECT that makes the expected output",
        "A JSON object: sql (one SELECT) and columns, each with name and words that say what is done for it",
        _Code,
    ),
}


class _Busy(Exception):
    """The endpoint asks for patience. crewai would wait and ask again by itself; when is ours to say."""


class _Meter(BaseInterceptor[httpx.Request, httpx.Response]):  # type: ignore[misc]
    """Counts what every answer says that it took, also those whose content cannot be used."""

    def __init__(self) -> None:
        self.prompt_tokens = 0
        self.completion_tokens = 0

    def on_outbound(self, message: httpx.Request) -> httpx.Request:
        return message

    def on_inbound(self, message: httpx.Response) -> httpx.Response:
        if message.status_code == httpx.codes.TOO_MANY_REQUESTS:
            raise _Busy
        message.read()
        try:
            usage = message.json().get("usage") or {}
        except (ValueError, AttributeError):
            return message
        self.prompt_tokens += _count(usage, "prompt_tokens")
        self.completion_tokens += _count(usage, "completion_tokens")
        return message


def serve_job(connection: socket.socket) -> None:
    """Answers questions until the other end hangs up."""
    setting = read_line(connection)
    home = setting["directory"]
    os.environ.update(HOME=home, CREWAI_STORAGE_DIR=home, TMPDIR=home)
    os.chdir(home)
    allow_only(setting["endpoint"]["base_url"])
    _send(connection, {"ready": True})
    while True:
        try:
            question = read_line(connection)
        except ConnectionError:
            return
        _send(connection, _answer(question, setting["endpoint"]))


def _send(connection: socket.socket, reply: Mapping[str, Any]) -> None:
    connection.sendall(json.dumps(reply).encode() + b"\n")


def _answer(question: Mapping[str, Any], endpoint: Mapping[str, Any]) -> dict[str, Any]:
    meter = _Meter()
    reply: dict[str, Any]
    try:
        reply = {"answer": _ask(question, endpoint, meter)}
    except (openai.APIStatusError, openai.APIConnectionError) as error:
        reply = _endpoint_fault(error)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"]))
        reply = {"fault": "malformed", "message": f"{where}: {first['msg']}".removeprefix(": ")[:_MESSAGE_CHARS]}
    except EgressRefused as error:
        reply = {"fault": "refused", "message": str(error)}
    except Exception as error:  # noqa: BLE001 - crewai raises much; the type says what without what was said
        cause = _find_cause(error)
        reply = cause or {"fault": "malformed", "message": f"no usable answer ({type(error).__name__})"}
    return reply | {"prompt_tokens": meter.prompt_tokens, "completion_tokens": meter.completion_tokens}


def warm_up() -> None:
    """Builds what a question needs, and asks nothing: what libraries import late is then shared by all children."""
    endpoint = {"model": "none", "provider": "openai", "base_url": "http://127.0.0.1", "api_key": "none"}
    _make_crew({"agent": "coder", "max_tokens": 1, "timeout_s": 1.0}, {**endpoint, "temperature": 0.0}, _Meter())
    with openai.OpenAI(base_url=endpoint["base_url"], api_key=endpoint["api_key"]) as client:
        _ = client.chat.completions


def _make_crew(question: Mapping[str, Any], endpoint: Mapping[str, Any], meter: _Meter) -> Crew:
    role, goal, expected, form = _ROLES[question["agent"]]
    # One LLM for each question: its token counts are its own.
    llm = LLM(
        model=endpoint["model"],
        provider=endpoint["provider"],
        base_url=endpoint["base_url"],
        api_key=endpoint["api_key"],
        temperature=endpoint["temperature"],
        max_tokens=question["max_tokens"],
        timeout=question["timeout_s"],
        max_retries=0,
        interceptor=meter,
    )
    # Instructions and task come as inputs: what is in braces there is not taken for a name of ours.
    agent = Agent(
        role=role,
        goal=goal,
        backstory="{instructions}",
        llm=llm,
        verbose=False,
        allow_delegation=False,
        max_iter=1,
        max_retry_limit=0,
        respect_context_window=False,
    )
    task = Task(description="{task}", expected_output=expected, agent=agent, output_pydantic=form)
    return Crew(
        agents=[agent], tasks=[task], process=Process.sequential,
        verbose=False, tracing=False, memory=False, cache=False,
    )  # fmt: skip


def _ask(question: Mapping[str, Any], endpoint: Mapping[str, Any], meter: _Meter) -> dict[str, Any]:
    crew = _make_crew(question, endpoint, meter)
    output = crew.kickoff(inputs={"instructions": question["instructions"], "task": question["task"]})
    if output.pydantic is None:
        raise TypeError("no structured answer")
    answer: dict[str, Any] = output.pydantic.model_dump()
    return answer


def _endpoint_fault(error: openai.OpenAIError) -> dict[str, Any]:
    """What the endpoint said, by its status alone: bodies of errors may repeat what was sent, or the key."""
    if isinstance(error, openai.APIStatusError):
        status = error.status_code
        later = status in {408, 409, 429} or status >= 500
        return {"fault": "unavailable" if later else "refused", "message": f"it answered {status}"}
    if isinstance(error, openai.APITimeoutError):
        return {"fault": "unavailable", "message": "it did not answer in time"}
    if isinstance(error, openai.APIConnectionError):
        refused = _in_chain(error, EgressRefused)
        if refused is not None:
            return {"fault": "refused", "message": str(refused)}
        if _in_chain(error, _Busy) is not None:
            return {"fault": "unavailable", "message": "it answered 429"}
    return {"fault": "unavailable", "message": "it could not be reached, or broke off"}


def _find_cause(error: BaseException) -> dict[str, Any] | None:
    refused = _in_chain(error, EgressRefused)
    if refused is not None:
        return {"fault": "refused", "message": str(refused)}
    said = _in_chain(error, openai.OpenAIError)
    return _endpoint_fault(said) if isinstance(said, openai.OpenAIError) else None


def _in_chain(error: BaseException, kind: type[BaseException]) -> BaseException | None:
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, kind):
            return seen
        seen = seen.__cause__ or seen.__context__
    return None


def _count(usage: Mapping[str, Any], name: str) -> int:
    value = usage.get(name)
    return value if isinstance(value, int) and value >= 0 else 0
