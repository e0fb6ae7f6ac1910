"""Whatever fails for one tenant at an endpoint that all share, another is neither stopped nor has it less to repeat."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from typing import Any

import pytest

from services.common.errors import WealthError
from services.portfolio.adapters.endpoint import EndpointLimits
from services.portfolio.adapters.platform_provider import PlatformClient, PlatformSettings
from services.portfolio.domain.errors import NarrationError
from services.portfolio.domain.figures import compute
from services.portfolio.domain.narration import Checkpoint, NarrationRequest
from services.portfolio.domain.sections import Catalogue
from services.portfolio.ports import Credentials
from tests.support.ai_platform import ANSWER, AiPlatform, run_ai_platform
from tests.unit.portfolio.test_providers import SNAPSHOT, STYLE, find

# Three failures stop a tenant for the rest of the test; one call may be repeated.
LIMITS = EndpointLimits(
    first_backoff_s=0.001, max_backoff_s=0.002, breaker_failures=3, breaker_pause_s=600, retries_kept=1, retry_share=0,
    request_timeout_s=0.2, max_response_bytes=10_000,
)  # fmt: skip
TRIES = 6
WORDS = ("accesstoken", "create", "addmessage", "response")


def refusing(status: int, word: str) -> Callable[[AiPlatform], None]:
    return lambda platform: platform.refusals.update({word: [status] * 1000})


def having(**changes: Any) -> Callable[[AiPlatform], None]:
    def change(platform: AiPlatform) -> None:
        for name, value in changes.items():
            setattr(platform, name, value)

    return change


FAILURES: dict[str, Callable[[AiPlatform], None]] = {
    "another password": having(password="changed"),
    "tokens that never work": having(tokens_good_for=0),
    "tokens that never work, as a page": having(tokens_good_for=0, expired_as_html=True),
    "an answer that never comes": having(polls_until_done=1_000_000),
    "an answer of half a document": having(malformed=True),
    "an answer that failed": having(status="FAILED", error_code="E_LIMIT"),
    **{f"{status} at {word}": refusing(status, word) for word in WORDS for status in (400, 401, 429, 500, 503)},
    "500 at stream": refusing(500, "stream"),
    **{f"silence at {word}": having(silent_on={word}) for word in WORDS},
    **{f"a lost connection at {word}": having(broken_on={word}) for word in WORDS},
    **{f"a page at {word}": having(pages_on={word}) for word in WORDS},
    **{f"a page too large at {word}": having(pages_on={word}, page_bytes=50_000) for word in WORDS},
}


@pytest.fixture
def request_for(catalogue: Catalogue) -> NarrationRequest:
    found = find(SNAPSHOT, catalogue)
    return NarrationRequest(found.section, compute(found, catalogue), found.fields, STYLE, deadline_s=0.3)


async def narrate(client: PlatformClient, tenant: str, request: NarrationRequest) -> str:
    provider = await client.sign_in(tenant, Credentials("adviser", "open sesame"))
    async with asyncio.timeout(120):
        return (await provider.narrate(request)).text


def heal(platform: AiPlatform) -> None:
    """Makes it what it was when it began."""
    fresh = AiPlatform()
    for name in (
        "password", "tokens_good_for", "expired_as_html", "polls_until_done", "malformed", "status", "error_code",
        "refusals", "silent_on", "broken_on", "pages_on",
    ):  # fmt: skip
        setattr(platform, name, getattr(fresh, name))


@asynccontextmanager
async def opened(*, stream: bool) -> AsyncIterator[tuple[AiPlatform, PlatformClient]]:
    async with run_ai_platform() as platform:
        settings = PlatformSettings(
            platform.url, "acme", platform.api_key, poll_s=0.001, max_poll_s=0.01, sign_in_timeout_s=0.3, limits=LIMITS,
            stream=stream,
        )  # fmt: skip
        client = PlatformClient(settings)
        try:
            yield platform, client
        finally:
            heal(platform)
            await client.close()


@pytest.mark.parametrize("stream", [False, True], ids=["polled", "streamed"])
@pytest.mark.parametrize("failure", FAILURES)
async def test_what_fails_for_one_tenant_leaves_the_others_their_line(
    failure: str, stream: bool, request_for: NarrationRequest
) -> None:
    async with opened(stream=stream) as (platform, client):
        FAILURES[failure](platform)
        for _ in range(TRIES):
            with suppress(WealthError, NarrationError, TimeoutError):
                await narrate(client, "acme", request_for)
        heal(platform)

        request_for = replace(request_for, deadline_s=30)
        platform.refusals = {"create": [503]}
        assert await narrate(client, "globex", request_for) == ANSWER
        platform.refusals = {"create": [503]}
        with pytest.raises(NarrationError):  # that was the one that globex may repeat
            await narrate(client, "globex", request_for)


@pytest.mark.parametrize("failure", ["500 at stream", "silence at addmessage", "a lost connection at addmessage"])
async def test_a_platform_that_fails_streams_is_given_a_rest(failure: str, request_for: NarrationRequest) -> None:
    request_for = replace(request_for, resume=Checkpoint("conv-1"))  # a call that works ends a row of failures
    async with opened(stream=True) as (platform, client):
        provider = await client.sign_in("acme", Credentials("adviser", "open sesame"))
        FAILURES[failure](platform)
        for _ in range(TRIES):
            with pytest.raises(NarrationError):
                await provider.narrate(request_for)
        heal(platform)
        with pytest.raises(NarrationError, match="given a rest"):
            await provider.narrate(request_for)


async def test_a_stream_is_repeated_within_the_budget_only(request_for: NarrationRequest) -> None:
    request_for = replace(request_for, resume=Checkpoint("conv-1"), deadline_s=30)
    async with opened(stream=True) as (platform, client):
        provider = await client.sign_in("acme", Credentials("adviser", "open sesame"))
        platform.refusals = {"stream": [429] * 1000}
        with pytest.raises(NarrationError):
            await provider.narrate(request_for)
        assert platform.calls["stream"] == 2
