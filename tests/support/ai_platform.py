"""A stand-in for the tenant's AI platform: its protocol over real HTTP, and its bad days on request."""

import asyncio
import json
import re
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

ANSWER = "The portfolio is worth ₹1.2 crore."


@dataclass
class AiPlatform:
    """What the platform does, and what it saw.

    ``tokens_good_for`` is how many calls a token serves before it has expired (None: for ever); ``expired_as_html``
    makes that a page instead of a 401. ``answers`` are those of the first messages, the last for ever, instead of
    ``answer``. ``quotes`` makes every answer the first figure of its prompt. ``polls_until_done`` answers so many
    polls with ``in_progress``; ``answer_delay_s`` makes the answer take that long in time; ``answers_once_asked``
    keeps every answer back until so many messages have come. ``refusals`` holds statuses to answer first, by path
    word.
    """

    username: str = "adviser"
    password: str = "open sesame"
    api_key: str = "key-of-tenant"
    token_prefix: str = "token-"
    answer: str = ANSWER
    answers: list[str] = field(default_factory=list)
    quotes: bool = False
    status: str = "SUCCESS"
    error_code: str | None = None
    polls_until_done: int = 1
    answer_delay_s: float = 0.0
    answers_once_asked: int = 0
    tokens_good_for: int | None = None
    expired_as_html: bool = False
    many_sessions: bool = False
    half_answers: int = 0
    malformed: bool = False
    cut_stream: bool = False
    refusals: dict[str, list[int]] = field(default_factory=dict)
    silent_on: set[str] = field(default_factory=set)
    broken_on: set[str] = field(default_factory=set)
    pages_on: set[str] = field(default_factory=set)
    page_bytes: int = 100
    url: str = ""
    calls: Counter[str] = field(default_factory=Counter)
    queries: list[str] = field(default_factory=list)
    headers_seen: list[dict[str, str]] = field(default_factory=list)
    _token: int = 0
    _served: int = 0
    _polls: Counter[str] = field(default_factory=Counter)
    _born: dict[str, float] = field(default_factory=dict)

    def application(self) -> web.Application:
        """The routes."""
        app = web.Application(middlewares=[self._fail])
        base = "/magicplatform/v1/genai/conversation"
        app.router.add_get("/accesstoken/{tenant}", self._sign_in)
        app.router.add_post(f"{base}/create", self._create)
        app.router.add_post(f"{base}/addmessage", self._add_message)
        app.router.add_post(f"{base}/addmessage/stream", self._stream)
        app.router.add_get(f"{base}/response/{{conversation}}/{{message}}", self._respond)
        return app

    @web.middleware
    async def _fail(self, request: web.Request, handler: Any) -> web.StreamResponse:
        word = next(word for word in ("accesstoken", "create", "addmessage", "response") if word in request.path)
        while word in self.silent_on:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        if word in self.broken_on and request.transport is not None:
            request.transport.abort()
        if word in self.pages_on:
            return web.Response(text="<html>".ljust(self.page_bytes), content_type="text/html")
        response: web.StreamResponse = await handler(request)
        return response

    async def _sign_in(self, request: web.Request) -> web.Response:
        self.calls["sign_in"] += 1
        given = (request.headers.get("username"), request.headers.get("password"), request.headers.get("apikey"))
        if (refusal := self._refuse("accesstoken")) is not None:
            return refusal
        if given != (self.username, self.password, self.api_key):
            return web.json_response({"error": "no"}, status=401)
        self._token += 1
        self._served = 0
        return web.json_response({"access_token": f"{self.token_prefix}{self._token}"})

    def _check(self, request: web.Request, word: str) -> web.Response | None:
        self.calls[word] += 1
        self.headers_seen.append(dict(request.headers))
        if (refusal := self._refuse(word)) is not None:
            return refusal
        self._served += 1
        spent = self.tokens_good_for is not None and self._served > self.tokens_good_for
        # With ``many_sessions`` each task keeps the token that it signed in for; else the newest alone is good.
        good = range(1 if self.many_sessions else self._token, self._token + 1)
        if (
            request.headers.get("Authorization") not in {f"Bearer {self.token_prefix}{number}" for number in good}
            or spent
        ):
            if self.expired_as_html:
                return web.Response(text="<!doctype html><title>Sign in</title>", content_type="text/html")
            return web.json_response({"error": "expired"}, status=401)
        return None

    def _refuse(self, word: str) -> web.Response | None:
        waiting = self.refusals.get(word)
        return web.json_response({"error": "busy"}, status=waiting.pop(0)) if waiting else None

    async def _create(self, request: web.Request) -> web.Response:
        if (refusal := self._check(request, "create")) is not None:
            return refusal
        body = await request.json()
        assert set(body) == {"conversation_name", "asset_version_id"}
        return web.json_response({"conversation_details": {"conversation_id": f"conv-{self.calls['create']}"}})

    async def _add_message(self, request: web.Request) -> web.Response:
        if (refusal := self._check(request, "addmessage")) is not None:
            return refusal
        body = await request.json()
        assert set(body) == {"conversation_id", "query"}
        return web.json_response({"message_id": self._accept(body["query"])})

    def _accept(self, query: str) -> str:
        self.queries.append(query)
        message = f"msg-{len(self.queries)}"
        self._born[message] = asyncio.get_running_loop().time()
        return message

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        if (refusal := self._check(request, "stream")) is not None:
            return refusal
        message = self._accept((await request.json())["query"])
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        events: list[Any] = [
            {"event": "LLM_RESPONSE_STREAM", "message_id": message, "content": {"response": word}}
            for word in self.answer.split()
        ]
        events.append({"event": "FINAL_RESPONSE", "message_id": message, "content": {"response": self.answer}})
        for event in events[:2] if self.cut_stream else events:
            await response.write(f"data: {json.dumps(event)}\n\n".encode())
        if self.cut_stream:
            assert request.transport is not None
            request.transport.abort()
            return response
        await response.write(b"data: [DONE]\n\n")
        return response

    def _answer_of(self, message: str) -> str:
        if self.quotes:
            query = self.queries[int(message.removeprefix("msg-")) - 1]
            return (
                "The " + re.findall(r"^- (.+?: [^\[\n]+)", query, re.MULTILINE)[0].strip().replace(": ", " is ") + "."
            )
        place = int(message.removeprefix("msg-")) - 1 if self.answers else 0
        return self.answers[min(place, len(self.answers) - 1)] if self.answers else self.answer

    async def _respond(self, request: web.Request) -> web.StreamResponse:
        if (refusal := self._check(request, "response")) is not None:
            return refusal
        message = request.match_info["message"]
        self._polls[message] += 1
        if self.half_answers > 0:
            self.half_answers -= 1
            response = web.StreamResponse(headers={"Content-Type": "application/json", "Content-Length": "1000"})
            await response.prepare(request)
            await response.write(b'{"message_content": [{"sta')
            assert request.transport is not None
            request.transport.abort()
            return response
        if self.malformed:
            return web.json_response({"message_content": [{"status": "SUCCESS"}]})
        if self.error_code is not None:
            return web.json_response({"error_code": self.error_code, "description": "secret details"})
        age = asyncio.get_running_loop().time() - self._born.get(message, 0.0)
        early = self._polls[message] < self.polls_until_done or age < self.answer_delay_s
        if early or len(self.queries) < self.answers_once_asked:
            return web.json_response({"message_content": [{"status": "IN_PROGRESS"}]})
        content = {
            "status": self.status,
            "response": self._answer_of(message),
            "metrics": {"total_cost": 0.0125, "total_tokens": 321},
        }
        return web.json_response({"message_content": [content]})


@asynccontextmanager
async def run_ai_platform(**behaviour: Any) -> AsyncIterator[AiPlatform]:
    """The platform on a free port of 127.0.0.1; its address is ``url``."""
    platform = AiPlatform(**behaviour)
    async with serve(platform.application()) as url:
        platform.url = url
        yield platform


@asynccontextmanager
async def serve(app: web.Application) -> AsyncIterator[str]:
    """An application on a free port; its address."""
    runner = web.AppRunner(app, handle_signals=False, handler_cancellation=True, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()
