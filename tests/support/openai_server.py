"""A stand-in for an OpenAI-compatible endpoint: chat completions with structured output, over real HTTP."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.support.ai_platform import serve


@dataclass
class OpenAiServer:
    """Answers with ``narratives`` in order, the last one for ever; ``refusals`` are statuses to answer first.

    ``knows_schemas`` False answers 400 to ``json_schema``, as older servers do; calls ``hangs_from`` and later get no
    answer.
    """

    narratives: list[Any]
    api_key: str = "sk-test"
    refusals: list[int] = field(default_factory=list)
    knows_schemas: bool = True
    hangs_from: int | None = None
    url: str = ""
    bodies: list[dict[str, Any]] = field(default_factory=list)

    async def complete(self, request: web.Request) -> web.Response:
        """``POST /v1/chat/completions``."""
        body = await request.json()
        self.bodies.append(body)
        if self.hangs_from is not None and len(self.bodies) >= self.hangs_from:
            await asyncio.Event().wait()
        if self.refusals:
            return web.json_response({"error": {"message": "busy"}}, status=self.refusals.pop(0))
        if request.headers.get("Authorization") != f"Bearer {self.api_key}":
            return web.json_response({"error": {"message": "bad key"}}, status=401)
        if body["response_format"]["type"] == "json_schema" and not self.knows_schemas:
            return web.json_response({"error": {"message": "unknown response_format"}}, status=400)
        narrative = self.narratives.pop(0) if len(self.narratives) > 1 else self.narratives[0]
        content = narrative if isinstance(narrative, str) else json.dumps(narrative)
        return web.json_response(
            {
                "id": f"chatcmpl-{len(self.bodies)}",
                "choices": [
                    {"index": 0, "message": {"role": "assistant", "content": content}, "finish_reason": "stop"}
                ],
                "usage": {"prompt_tokens": 1000, "completion_tokens": 200, "total_tokens": 1200},
            }
        )


@asynccontextmanager
async def run_openai_server(*narratives: Any, **behaviour: Any) -> AsyncIterator[OpenAiServer]:
    """The endpoint on a free port of 127.0.0.1; ``url`` is its base, up to ``/v1``."""
    server = OpenAiServer(list(narratives), **behaviour)
    app = web.Application()
    app.router.add_post("/v1/chat/completions", server.complete)
    async with serve(app) as url:
        server.url = f"{url}/v1"
        yield server
