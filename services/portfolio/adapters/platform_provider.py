"""The tenant's AI platform over HTTP: sign in, create a conversation, send a message, wait for its answer.

``PlatformClient`` is one per process; ``sign_in`` makes a provider for one task, which holds the task's credentials
and token in memory only. What has been sent is checkpointed before waiting, so that a second attempt waits for the
same answer instead of paying for another.
"""

import asyncio
import json
import random
import re
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import quote

from services.common.errors import Unauthenticated, Unavailable
from services.portfolio.adapters.answer_text import FormError, read_text
from services.portfolio.adapters.endpoint import RETRIED, Answer, Endpoint, EndpointLimits, Line
from services.portfolio.domain.errors import NarrationError
from services.portfolio.domain.header_values import find_unsendable
from services.portfolio.domain.narration import Checkpoint, Narration, NarrationRequest
from services.portfolio.domain.prompting import render_prompt
from services.portfolio.domain.task import PLATFORM
from services.portfolio.ports import Credentials

_DONE = frozenset({"SUCCESS", "COMPLETED"})
_FAILED = frozenset({"FAILED", "ERROR"})
_WAITING = frozenset({"IN_PROGRESS", "PENDING", "QUEUED", "PROCESSING"})
_STEADY_POLLS = 5
SIGN_IN_REFUSED = "SIGN_IN_REFUSED"
_CODE = re.compile(r"[\w.-]{1,64}", re.ASCII)
_MAX_ID = 256


@dataclass(frozen=True, slots=True)
class PlatformSettings:
    """Where the platform is and how it is waited for: every ``poll_s``, after five times ever less often."""

    base_url: str
    tenant: str
    api_key: str = field(repr=False)
    workspace_id: str = ""
    stream: bool = False
    poll_s: float = 2.0
    max_poll_s: float = 10.0
    sign_in_timeout_s: float = 30.0
    limits: EndpointLimits = field(default_factory=EndpointLimits)


class PlatformClient:
    """The platform, shared by all tasks of a process. Raises ``ValueError`` for settings that cannot work."""

    def __init__(self, settings: PlatformSettings) -> None:
        if not settings.base_url.startswith(("http://", "https://")) or not settings.tenant or not settings.api_key:
            raise ValueError("the platform provider needs BASE_URL (http or https), TENANT_ID and API_KEY")
        self.settings = settings
        self.endpoint = Endpoint(settings.limits)

    async def close(self) -> None:
        """Close all connections."""
        await self.endpoint.close()

    async def sign_in(self, tenant: str, credentials: Credentials) -> "PlatformProvider":
        """A provider for one task of the tenant's.

        Raises ``Unauthenticated`` where the platform refuses the credentials, ``Unavailable`` where it is away or
        busy, so that the task waits for it, and ``NarrationError`` where it answers what cannot be used.
        """
        session = _Session(self, self.endpoint.line_of(tenant), credentials)
        try:
            await session.renew(None, time.monotonic() + self.settings.sign_in_timeout_s)
        except NarrationError as error:
            if error.reason == SIGN_IN_REFUSED:
                raise Unauthenticated(error.message, reason=error.reason) from None
            if error.retryable:
                pause_s = self.settings.limits.breaker_pause_s
                raise Unavailable(error.message, reason=error.reason, retry_after_s=pause_s) from None
            raise
        return PlatformProvider(session)


class _Session:
    """One task's token; asks for a new one at most once per expired one, however many sections notice."""

    def __init__(self, client: PlatformClient, line: Line, credentials: Credentials) -> None:
        self.client = client
        self.line = line
        self._credentials = credentials
        self._token: str | None = None
        self._lock = asyncio.Lock()

    async def renew(self, expired: str | None, deadline: float) -> None:
        """Ask for a token, unless another section already replaced the expired one."""
        async with self._lock:
            if self._token != expired:
                return
            settings = self.client.settings
            headers = {
                "apikey": settings.api_key,
                "username": self._credentials.username,
                "password": self._credentials.password,
            }
            url = f"{settings.base_url.rstrip('/')}/accesstoken/{quote(settings.tenant, safe='')}"
            if any(find_unsendable(value) for value in headers.values()):
                raise NarrationError("the credentials cannot be sent in a header", reason=SIGN_IN_REFUSED)
            answer = await self.line.call("GET", url, headers=headers, deadline=deadline)
            if answer.status in {401, 403} or (answer.status < 400 and answer.is_page):
                raise NarrationError("the AI platform refused the credentials", reason=SIGN_IN_REFUSED)
            token = _require_success(answer).get("access_token")
            if not isinstance(token, str) or not token:
                raise NarrationError("the AI platform gave no token", reason="PROVIDER_ANSWER_MALFORMED")
            self._token = token

    async def call(self, method: str, path: str, deadline: float, body: object | None = None) -> dict[str, Any]:
        """A call with the token, once more with a new one where it has expired."""
        for last_try in (False, True):
            token = self._token
            answer = await self.line.call(method, self.url(path), headers=self.headers(), body=body, deadline=deadline)
            if not is_expired(answer):
                return _require_success(answer)
            if not last_try:
                await self.renew(token, deadline)
        raise NarrationError("the AI platform refuses its own token", reason=SIGN_IN_REFUSED)

    @property
    def token(self) -> str | None:
        """The token in use, to be named when it has expired."""
        return self._token

    def url(self, path: str) -> str:
        """The address of a path below the conversations."""
        return f"{self.client.settings.base_url.rstrip('/')}/magicplatform/v1/genai/conversation/{path}"

    def headers(self) -> dict[str, str]:
        """What every call after signing in carries."""
        settings = self.client.settings
        headers = {"apikey": settings.api_key, "Authorization": f"Bearer {self._token}"}
        if settings.workspace_id:
            headers["x-platform-workspaceid"] = settings.workspace_id
        return headers


class PlatformProvider:
    """Narrates sections through one task's session."""

    name = PLATFORM
    asks_again = False

    def __init__(self, session: _Session) -> None:
        self._session = session

    async def narrate(self, request: NarrationRequest) -> Narration:
        """Send the section's prompt and wait for its answer; see ``Provider``."""
        deadline = time.monotonic() + request.deadline_s
        sent = request.resume
        if sent is not None and sent.message_id:
            return await self._wait(sent, deadline)
        conversation = sent.conv_id if sent is not None else await self._create_conversation(request, deadline)
        if self._session.client.settings.stream:
            return await self._stream_message(request, conversation, deadline)
        answer = await self._session.call(
            "POST", "addmessage", deadline, {"conversation_id": conversation, "query": render_prompt(request)}
        )
        _refuse_error_code(answer)
        message = Checkpoint(conversation, _require_id(_find(answer, "message_id"), "message"))
        await _save(request, message)
        return await self._wait(message, deadline)

    async def _create_conversation(self, request: NarrationRequest, deadline: float) -> str:
        section = request.section
        if not section.asset_id:
            raise NarrationError(f"sections.yaml names no asset_id for {section.name}", reason="ASSET_NOT_CONFIGURED")
        answer = await self._session.call(
            "POST",
            "create",
            deadline,
            {"conversation_name": f"wealth {section.name}", "asset_version_id": section.asset_id},
        )
        _refuse_error_code(answer)
        details = answer.get("conversation_details")
        conversation = details.get("conversation_id") if isinstance(details, dict) else None
        conversation_id = _require_id(conversation, "conversation")
        await _save(request, Checkpoint(conversation_id))
        return conversation_id

    async def _wait(self, message: Checkpoint, deadline: float) -> Narration:
        """Poll until the message is answered. Raises ``TimeoutError`` at the deadline."""
        settings = self._session.client.settings
        path = f"response/{quote(message.conv_id, safe='')}/{quote(message.message_id, safe='')}"
        pause, polls = settings.poll_s, 0
        while True:
            answer = await self._session.call("GET", path, deadline)
            if (narration := _read_answer(answer, message)) is not None:
                return narration
            polls += 1
            if polls > _STEADY_POLLS:
                pause = min(pause * 1.5, settings.max_poll_s)
            # Jitter only shortens, so that sections started together do not poll together and none waits longer.
            wait = pause * random.uniform(0.75, 1.0)
            if time.monotonic() + wait >= deadline:
                raise TimeoutError
            await asyncio.sleep(wait)

    async def _stream_message(self, request: NarrationRequest, conversation: str, deadline: float) -> Narration:
        body = {"conversation_id": conversation, "query": render_prompt(request)}
        line, session, renewed, attempt = self._session.line, self._session, False, 0
        while True:
            token = session.token
            async with line.stream(session.url("addmessage/stream"), headers=session.headers(), body=body) as (
                answer,
                lines,
            ):
                if answer.status < 400 and not is_expired(answer):
                    message, text = await _read_stream(request, conversation, lines)
                    break
            if is_expired(answer):
                if renewed:
                    raise NarrationError("the AI platform refuses its own token", reason=SIGN_IN_REFUSED)
                await session.renew(token, deadline)
                renewed = True
                continue
            pause = line.backoff(attempt)
            attempt += 1
            is_late = time.monotonic() + pause >= deadline
            if answer.status not in RETRIED or is_late or not line.may_repeat():
                _require_success(answer)
            await asyncio.sleep(pause)
        if not message.message_id:
            if not text:
                raise NarrationError("the stream ended without an answer", reason="PROVIDER_ANSWER_MALFORMED")
            return _read_narration(text, message)
        # A stream carries no cost, and may have been cut short; the answer that the platform keeps has both.
        return await self._wait(message, deadline)


async def _read_stream(
    request: NarrationRequest, conversation: str, lines: AsyncIterator[str]
) -> tuple[Checkpoint, str]:
    """The message's id, saved as soon as it is known, and the final text where the stream came so far."""
    message, text = Checkpoint(conversation), ""
    async for line in lines:
        if not line.startswith("data:"):
            continue
        data = line.removeprefix("data:").strip()
        if data == "[DONE]":
            break
        event = _parse_event(data)
        _refuse_error_code(event)
        found = _find(event, "message_id")
        if not message.message_id and isinstance(found, str | int) and str(found):
            message = Checkpoint(conversation, _require_id(found, "message"))
            await _save(request, message)
        if event.get("event") == "FINAL_RESPONSE":
            content = event.get("content")
            response = content.get("response") if isinstance(content, dict) else None
            text = response if isinstance(response, str) else text
    return message, text


def _parse_event(data: str) -> dict[str, Any]:
    try:
        event = json.loads(data)
    except (ValueError, RecursionError):
        raise NarrationError("the stream holds an event that is not JSON", reason="PROVIDER_ANSWER_MALFORMED") from None
    return event if isinstance(event, dict) else {}


def is_expired(answer: Answer) -> bool:
    """Whether an answer says that the token is no longer good: 401, or a page where JSON belongs."""
    return answer.status == 401 or (answer.status < 500 and answer.is_page)


def _require_success(answer: Answer) -> dict[str, Any]:
    if answer.status >= 400:
        retryable = answer.status == 429 or answer.status >= 500
        reason = "PROVIDER_UNAVAILABLE" if retryable else "PROVIDER_REFUSED"
        raise NarrationError(f"the AI platform answered {answer.status}", reason=reason, retryable=retryable)
    return answer.read_json()


def _read_answer(answer: Mapping[str, Any], message: Checkpoint) -> Narration | None:
    """The narration in a polled answer, None while it is being made. Raises ``NarrationError`` where it failed."""
    _refuse_error_code(answer)
    content = answer.get("message_content")
    if not content:
        return None  # accepted, and nothing written yet
    first = content[0] if isinstance(content, list) else None
    if not isinstance(first, dict):
        raise NarrationError("the answer has no message content", reason="PROVIDER_ANSWER_MALFORMED")
    _refuse_error_code(first)
    status = str(first.get("status") or "").upper()
    if status in _WAITING:
        return None
    if status in _FAILED:
        raise NarrationError("the AI platform could not answer", reason="PROVIDER_FAILED")
    if status not in _DONE:
        raise NarrationError("the answer has a status that is not known", reason="PROVIDER_ANSWER_MALFORMED")
    metrics = first.get("metrics")
    known: Mapping[str, Any] = metrics if isinstance(metrics, dict) else {}
    return replace(
        _read_narration(first.get("response"), message),
        cost=_read_cost(known.get("total_cost")),
        tokens=int(_read_cost(known.get("total_tokens"))),
    )


def _read_narration(response: object, message: Checkpoint) -> Narration:
    try:
        return Narration(read_text(response), message.conv_id, message.message_id)
    except FormError as error:
        return Narration("", message.conv_id, message.message_id, malformed=str(error))


def _read_cost(raw: object) -> Decimal:
    """A metric; zero where none was sent or it is no number, since a text must not be lost for its bill."""
    try:
        number = Decimal(str(raw))
    except InvalidOperation:
        return Decimal(0)
    return number if number.is_finite() and 0 <= number < Decimal(10) ** 12 else Decimal(0)


def _refuse_error_code(answer: Mapping[str, Any]) -> None:
    code = answer.get("error_code")
    if code is None or code == "":
        return
    shown = f" ({code})" if _CODE.fullmatch(str(code)) else ""
    raise NarrationError(f"the AI platform reports an error{shown}", reason="PROVIDER_FAILED")


def _find(answer: Mapping[str, Any], name: str) -> object:
    """A field of the answer, or of one of its objects."""
    if answer.get(name) is not None:
        return answer[name]
    return next((value[name] for value in answer.values() if isinstance(value, dict) and value.get(name)), None)


def _require_id(value: object, what: str) -> str:
    text = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    if not text or len(text) > _MAX_ID:
        raise NarrationError(f"the AI platform gave no {what} id", reason="PROVIDER_ANSWER_MALFORMED")
    return text


async def _save(request: NarrationRequest, checkpoint: Checkpoint) -> None:
    if request.save is not None:
        await request.save(checkpoint)
