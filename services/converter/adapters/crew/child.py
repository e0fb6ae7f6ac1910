"""One job's agents: a question comes as a JSON line, a small crew of one agent answers it, the answer goes back.

The only module that imports crewai; `server` has done so before it forks.
"""

import json
import os
import socket
from collections.abc import Collection, Mapping
from typing import Any

import httpx
import openai  # type: ignore[import-not-found]  # crewai brings it
from crewai import LLM, Agent, Crew, Process, Task  # type: ignore[import-not-found]
from crewai.llms.hooks.base import BaseInterceptor  # type: ignore[import-not-found]

from services.converter.adapters.crew.egress import EgressRefused, allow_only
from services.converter.adapters.crew.wire import Told, read_response
from services.converter.adapters.fork_server import read_line

_MESSAGE_CHARS = 300
"""What a log and a person still read of a fault."""


_ROLES: Mapping[str, tuple[str, str, str]] = {
    "planner": ("Planner", "a plan that holds for rows that nobody has shown", "A plan in a few sentences"),
    "lookup": ("Coder", "values that are right for what nobody has shown", "One JSON object"),
    "explainer": ("Tester", "words that hold for every row", "One JSON object"),
    "coder": ("Coder", "SQL that is right for rows that nobody has shown", "The SELECT, or the rules"),
}
"""Role, goal and what is expected of each agent: crewai puts them around what is asked, and the model reads them."""
_SETTINGS = frozenset({"max_tokens", "temperature", "n"})
"""Faults that a call without the setting does not have."""
_SAMPLED = 0.7
"""The temperature of several answers at once: at none they would be the same."""


class _Failed(Exception):
    """The endpoint's answer cannot be used. crewai would wait and ask again by itself; when is ours to say."""


class _Reader(BaseInterceptor[httpx.Request, httpx.Response]):  # type: ignore[misc]
    """Reads what the endpoint answers before crewai does, and gives it the text alone."""

    def __init__(self) -> None:
        self.told = Told()
        self.prompt_tokens = 0
        self.completion_tokens = 0

    def on_outbound(self, message: httpx.Request) -> httpx.Request:
        return message

    def on_inbound(self, message: httpx.Response) -> httpx.Response:
        if message.is_redirect:
            return message  # it leads nowhere: the process reaches its endpoint only
        message.read()
        self.told = read_response(message.status_code, message.headers, message.content)
        self.prompt_tokens += self.told.prompt_tokens
        self.completion_tokens += self.told.completion_tokens
        if self.told.fault:
            raise _Failed
        return httpx.Response(httpx.codes.OK, json=_PLAIN, request=message.request)


_PLAIN = {
    "id": "read", "object": "chat.completion", "created": 0, "model": "read",
    "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "read"}}],
    "usage": {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0},
}  # fmt: skip
"""What crewai gets to see of an answer: the real one is the reader's, in whatever form it came."""


def serve_job(connection: socket.socket) -> None:
    """Answers questions until the other end hangs up."""
    setting = read_line(connection)
    home = setting["directory"]
    os.environ.update(HOME=home, CREWAI_STORAGE_DIR=home, TMPDIR=home)
    os.chdir(home)
    allow_only(setting["endpoint"]["base_url"])
    _send(connection, {"ready": True})
    left_out: set[str] = set()  # settings that the endpoint does not take, once it has said so
    while True:
        try:
            question = read_line(connection)
        except ConnectionError:
            return
        _send(connection, _answer(question, setting["endpoint"], left_out))


def _send(connection: socket.socket, reply: Mapping[str, Any]) -> None:
    connection.sendall(json.dumps(reply).encode() + b"\n")


def _answer(question: Mapping[str, Any], endpoint: Mapping[str, Any], left_out: set[str]) -> dict[str, Any]:
    reader = _Reader()
    for _ in range(len(_SETTINGS) + 1):
        reader.told = Told()
        reply = _try(question, endpoint, reader, left_out)
        if reader.told.fault not in _SETTINGS or reader.told.fault in left_out:
            break
        left_out.add(reader.told.fault)
    if reply.get("fault") in _SETTINGS:
        reply["fault"] = "refused"
    return reply | {"prompt_tokens": reader.prompt_tokens, "completion_tokens": reader.completion_tokens}


def _try(
    question: Mapping[str, Any], endpoint: Mapping[str, Any], reader: _Reader, left_out: Collection[str]
) -> dict[str, Any]:
    failure: Exception | None = None
    try:
        crew = _make_crew(question, endpoint, reader, left_out)
        crew.kickoff(inputs={"instructions": question["instructions"], "task": question["task"]})
    except EgressRefused as error:
        return {"fault": "refused", "message": str(error)}
    except Exception as error:  # noqa: BLE001 - crewai raises much; the reader and the type say what it was
        failure = error
    told = reader.told
    if told.fault:
        return {"fault": told.fault, "message": told.message, "retry_after_s": told.retry_after_s}
    if told.content is not None:
        return {"answer": told.content, "others": list(told.others), "was_cut": told.was_cut}
    return _find_cause(failure) or {
        "fault": "malformed", "message": f"no usable answer ({type(failure).__name__})"[:_MESSAGE_CHARS],
    }  # fmt: skip


def warm_up() -> None:
    """Builds what a question needs, and asks nothing: what libraries import late is then shared by all children."""
    endpoint = {"model": "none", "provider": "openai", "base_url": "http://127.0.0.1", "api_key": "none"}
    question = {"agent": "coder", "max_tokens": 1, "timeout_s": 1.0, "candidates": 1}
    _make_crew(question, {**endpoint, "temperature": 0.0}, _Reader(), ())
    with openai.OpenAI(base_url=endpoint["base_url"], api_key=endpoint["api_key"]) as client:
        _ = client.chat.completions


def _make_crew(
    question: Mapping[str, Any], endpoint: Mapping[str, Any], reader: _Reader, left_out: Collection[str]
) -> Crew:
    role, goal, expected = _ROLES[question["agent"]]
    limit = "max_completion_tokens" if "max_tokens" in left_out else "max_tokens"
    settings = {limit: question["max_tokens"]}
    several = question["candidates"] > 1 and "n" not in left_out
    if several:
        settings["additional_params"] = {"n": question["candidates"]}  # crewai has no setting of its own for it
    if "temperature" not in left_out:
        settings["temperature"] = max(endpoint["temperature"], _SAMPLED) if several else endpoint["temperature"]
    llm = LLM(
        model=endpoint["model"],
        provider=endpoint["provider"],
        base_url=endpoint["base_url"],
        api_key=endpoint["api_key"],
        timeout=question["timeout_s"],
        max_retries=0,
        interceptor=reader,
        **settings,
    )
    # Instructions and task come as inputs: what is in braces there is not taken for a name of ours. Without a form for
    # its output crewai adds no schema and no words on it, some 400 tokens a call: forms are read by `domain.crew`.
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
    task = Task(description="{task}", expected_output=expected, agent=agent)
    return Crew(
        agents=[agent], tasks=[task], process=Process.sequential,
        verbose=False, tracing=False, memory=False, cache=False,
    )  # fmt: skip


def _find_cause(error: BaseException | None) -> dict[str, Any] | None:
    """What kept an answer from coming at all."""
    if error is None:
        return None
    refused = _in_chain(error, EgressRefused)
    if refused is not None:
        return {"fault": "refused", "message": str(refused)}
    if _in_chain(error, openai.APITimeoutError) is not None:
        return {"fault": "unavailable", "message": "it did not answer in time"}
    if _in_chain(error, openai.OpenAIError) is not None or _in_chain(error, httpx.HTTPError) is not None:
        return {"fault": "unavailable", "message": "it could not be reached, or broke off"}
    return None


def _in_chain(error: BaseException, kind: type[BaseException]) -> BaseException | None:
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, kind):
            return seen
        seen = seen.__cause__ or seen.__context__
    return None
