"""A stand-in for a model: an OpenAI-compatible endpoint over real HTTP that answers as good and bad models do."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.support.ai_platform import serve

KEY = "sk-scripted-3f9a1c"
PLAN = "One output row for each input row."
SIGNS_PER_TOKEN = 4
_OPENINGS = {"planner": "You are Planner", "lookup": "You complete a look-up", "explainer": "You explain what"}
PROMPT_TOKENS, COMPLETION_TOKENS = 1_000, 200


@dataclass(frozen=True)
class Act:
    """One answer: the Coder's ``sql``, or raw ``content``; or a ``status``, a ``redirect``, a broken or late answer.

    ``raw`` is a whole body of the type ``kind``, with ``headers``; ``finish`` is why the answer ended; ``lacks`` are
    settings that the endpoint refuses while a call has them. ``delay_s`` comes first; ``hang`` never answers; ``cut``
    ends the connection within the body; ``drip_s`` is the pause between the single bytes of an answer.
    """

    sql: str = ""
    content: str = ""
    status: int = 200
    delay_s: float = 0.0
    hang: bool = False
    cut: bool = False
    drip_s: float = 0.0
    redirect: str = ""
    finish: str = "stop"
    raw: bytes = b""
    kind: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)
    lacks: tuple[str, ...] = ()


@dataclass
class ScriptedModel:
    """Plays ``acts`` to the Coder in order, the last one for ever, and ``plans`` to the Planner.

    The first answer waits until as many as ``together`` are asked for at once. ``counts`` has it count tokens by the
    signs of what is said, four each, in the place of fixed numbers.
    """

    acts: list[Act]
    plans: list[Act] = field(default_factory=lambda: [Act(content=PLAN)])
    url: str = ""
    bodies: list[dict[str, Any]] = field(default_factory=list)
    running: int = 0
    most_running: int = 0
    together: int = 0
    counts: bool = False
    _gathered: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def asked(self) -> list[str]:
        """Who asked, in order."""
        return [who_asks(body) for body in self.bodies]

    def said_to(self, agent: str) -> list[str]:
        """All that was sent for an agent, call by call."""
        return [
            "\n".join(message["content"] for message in body["messages"])
            for body in self.bodies
            if who_asks(body) == agent
        ]

    async def complete(self, request: web.Request) -> web.StreamResponse:
        """``POST /v1/chat/completions``."""
        body = await request.json()
        self.bodies.append(body)
        script = self.plans if who_asks(body) == "planner" else self.acts
        act = script.pop(0) if len(script) > 1 else script[0]
        self.running += 1
        self.most_running = max(self.most_running, self.running)
        if self.running >= self.together:
            self._gathered.set()
        try:
            await self._gathered.wait()
            return await self._play(act, request, body)
        finally:
            self.running -= 1

    async def _play(self, act: Act, request: web.Request, body: dict[str, Any]) -> web.StreamResponse:
        if act.hang:
            await asyncio.Event().wait()
        await asyncio.sleep(act.delay_s)
        if request.headers.get("Authorization") != f"Bearer {KEY}":
            return web.json_response({"error": {"message": "bad key"}}, status=401)
        if act.redirect:
            raise web.HTTPTemporaryRedirect(act.redirect)
        if act.raw:
            return web.Response(body=act.raw, status=act.status, content_type=act.kind, headers=act.headers)
        if act.status != 200:
            told = {"error": {"message": f"no: {request.headers['Authorization']}"}}
            return web.json_response(told, status=act.status, headers=act.headers)
        if named := [name for name in act.lacks if name in body]:
            return web.json_response({"error": {"message": f"Unsupported parameter: '{named[0]}'"}}, status=400)
        content = act.content or f"```sql\n{act.sql}\n```"
        asked = sum(len(message["content"]) for message in body["messages"]) // SIGNS_PER_TOKEN
        tokens = (asked, len(content) // SIGNS_PER_TOKEN) if self.counts else (PROMPT_TOKENS, COMPLETION_TOKENS)
        text = json.dumps(completion(content, act.finish, tokens)).encode()
        if not act.cut and not act.drip_s:
            return web.Response(body=text, content_type="application/json")
        response = web.StreamResponse(headers={"Content-Type": "application/json", "Content-Length": str(len(text))})
        await response.prepare(request)
        if act.cut:
            await response.write(text[: len(text) // 2])
            assert request.transport is not None
            request.transport.abort()
            return response
        for byte in text:
            await response.write(bytes([byte]))
            await asyncio.sleep(act.drip_s)
        return response


def completion(
    content: str, finish: str = "stop", tokens: tuple[int, int] = (PROMPT_TOKENS, COMPLETION_TOKENS)
) -> dict[str, Any]:
    """A chat completion of one message."""
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": "scripted",
        "choices": [{"index": 0, "finish_reason": finish, "message": {"role": "assistant", "content": content}}],
        "usage": {
            "prompt_tokens": tokens[0],
            "completion_tokens": tokens[1],
            "total_tokens": sum(tokens),
        },
    }


def who_asks(body: dict[str, Any]) -> str:
    """``planner``, ``lookup``, ``explainer`` or ``coder``, by the first message."""
    said = body["messages"][0]["content"]
    return next((agent for agent, words in _OPENINGS.items() if words in said), "coder")


@asynccontextmanager
async def run_scripted_model(*acts: Act, plans: Sequence[Act] = ()) -> AsyncIterator[ScriptedModel]:
    """The endpoint on a free port of 127.0.0.1; ``url`` is its base, up to ``/v1``."""
    model = ScriptedModel(list(acts))
    if plans:
        model.plans = list(plans)
    app = web.Application(client_max_size=8 << 20)
    app.router.add_post("/v1/chat/completions", model.complete)
    async with serve(app) as url:
        model.url = f"{url}/v1"
        yield model
