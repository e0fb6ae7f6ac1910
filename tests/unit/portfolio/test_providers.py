"""The platform and openai providers against servers that speak their protocols, on good days and bad."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from services.common.errors import Unauthenticated, Unavailable
from services.portfolio.adapters.endpoint import EndpointLimits
from services.portfolio.adapters.openai_provider import OpenAIClient, OpenAIProvider, OpenAISettings
from services.portfolio.adapters.platform_provider import PlatformClient, PlatformProvider, PlatformSettings
from services.portfolio.domain.errors import NarrationError
from services.portfolio.domain.figures import compute
from services.portfolio.domain.formats import make_style
from services.portfolio.domain.narration import Checkpoint, NarrationRequest
from services.portfolio.domain.sections import Catalogue, Detected, detect
from services.portfolio.domain.task import (
    AnalysisSettings,
    GroundingPolicy,
    SectionResult,
    analyse_section,
    assemble,
)
from services.portfolio.ports import Credentials
from tests.support.ai_platform import ANSWER, AiPlatform, run_ai_platform
from tests.support.openai_server import run_openai_server

SNAPSHOT = {"Market Value": "₹1,20,00,000", "Investment Value": "₹1.0 Cr", "Top Asset": "Equity (65%)"}
FAST = EndpointLimits(first_backoff_s=0.01, max_backoff_s=0.02, breaker_pause_s=0.05)
STYLE = make_style("en_IN")
GOOD = {
    "headline": "The portfolio is worth ₹1.2 crore.",
    "observations": ["Equity is 65% of it."],
    "risks": ["Equity may fall."],
    "actions": ["Review the equity share."],
}
STRAYING = GOOD | {"observations": ["Equity is 71% of it."]}


def find(payload: dict[str, Any], catalogue: Catalogue) -> Detected:
    (found,) = detect([payload], catalogue.sections)
    assert isinstance(found, Detected)
    return replace(found, section=replace(found.section, asset_id="asset-7"))


@pytest.fixture
def request_for(catalogue: Catalogue) -> NarrationRequest:
    found = find(SNAPSHOT, catalogue)
    return NarrationRequest(found.section, compute(found, catalogue), found.fields, STYLE, deadline_s=5)


@asynccontextmanager
async def signed_in(platform: AiPlatform, **settings: Any) -> AsyncIterator[PlatformProvider]:
    client = PlatformClient(
        PlatformSettings(
            **{
                "base_url": platform.url,
                "tenant": "acme",
                "api_key": platform.api_key,
                "workspace_id": "ws-1",
                "poll_s": 0.01,
                "limits": FAST,
            }
            | settings
        )
    )
    try:
        yield await client.sign_in("acme", Credentials(platform.username, platform.password))
    finally:
        await client.close()


async def test_the_platform_answers_with_ids_cost_and_tokens(request_for: NarrationRequest) -> None:
    async with run_ai_platform(polls_until_done=3) as platform, signed_in(platform) as provider:
        narration = await provider.narrate(request_for)

    assert (narration.text, narration.conv_id, narration.message_id) == (ANSWER, "conv-1", "msg-1")
    assert (narration.cost, narration.tokens) == (Decimal("0.0125"), 321)
    assert "market value: ₹1,20,00,000" in platform.queries[0]


async def test_every_call_carries_key_token_and_workspace(request_for: NarrationRequest) -> None:
    async with run_ai_platform() as platform, signed_in(platform) as provider:
        await provider.narrate(request_for)

    for headers in platform.headers_seen:
        seen = {name.lower(): value for name, value in headers.items()}
        assert seen["apikey"] == platform.api_key
        assert seen["authorization"] == "Bearer token-1"
        assert seen["x-platform-workspaceid"] == "ws-1"
        assert "password" not in seen


@pytest.mark.parametrize("status", ["SUCCESS", "COMPLETED"])
async def test_both_words_for_success_are_success(status: str, request_for: NarrationRequest) -> None:
    async with run_ai_platform(status=status) as platform, signed_in(platform) as provider:
        assert (await provider.narrate(request_for)).text == ANSWER


@pytest.mark.parametrize(
    ("behaviour", "reason"),
    [
        ({"status": "FAILED"}, "PROVIDER_FAILED"),
        ({"status": "ERROR"}, "PROVIDER_FAILED"),
        ({"status": "SOMETHING"}, "PROVIDER_ANSWER_MALFORMED"),
        ({"error_code": "E42"}, "PROVIDER_FAILED"),
        ({"refusals": {"create": [404]}}, "PROVIDER_REFUSED"),
    ],
)
async def test_a_failed_answer_is_the_sections_error(
    behaviour: dict[str, Any], reason: str, request_for: NarrationRequest
) -> None:
    async with run_ai_platform(**behaviour) as platform, signed_in(platform) as provider:
        with pytest.raises(NarrationError) as fault:
            await provider.narrate(request_for)

    assert fault.value.reason == reason
    assert "secret details" not in str(fault.value)


@pytest.mark.parametrize("as_html", [False, True])
async def test_an_expired_token_is_renewed_once(as_html: bool, request_for: NarrationRequest) -> None:
    async with (
        run_ai_platform(tokens_good_for=2, expired_as_html=as_html) as platform,
        signed_in(platform) as provider,
    ):
        narration = await provider.narrate(request_for)

    assert narration.text == ANSWER
    assert platform.calls["sign_in"] == 2
    assert len(platform.queries) == 1


async def test_a_token_that_never_works_ends_the_section(request_for: NarrationRequest) -> None:
    async with run_ai_platform(tokens_good_for=0) as platform, signed_in(platform) as provider:
        with pytest.raises(NarrationError) as fault:
            await provider.narrate(request_for)

    assert fault.value.reason == "SIGN_IN_REFUSED"
    assert platform.calls["sign_in"] == 2


async def test_sections_that_notice_one_expiry_sign_in_once(request_for: NarrationRequest) -> None:
    async with run_ai_platform() as platform, signed_in(platform) as provider:
        platform._token += 1  # what the platform now takes is not what the session holds
        await asyncio.gather(*(provider.narrate(request_for) for _ in range(5)))

    assert platform.calls["sign_in"] == 2


async def test_wrong_credentials_are_refused_without_naming_them() -> None:
    async with run_ai_platform(password="other") as platform:
        client = PlatformClient(PlatformSettings(platform.url, "acme", platform.api_key, limits=FAST))
        with pytest.raises(Unauthenticated) as refusal:
            await client.sign_in("acme", Credentials("adviser", "canary-secret"))
        await client.close()

    assert "canary-secret" not in repr(refusal.value) + str(refusal.value.__cause__) + str(refusal.value.__context__)


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_signing_in_at_a_busy_platform_may_be_tried_later(status: int) -> None:
    async with run_ai_platform(refusals={"accesstoken": [status] * 1000}) as platform:
        with pytest.raises(Unavailable) as refusal:
            async with signed_in(platform, sign_in_timeout_s=0.1):
                raise AssertionError

    assert refusal.value.reason == "PROVIDER_UNAVAILABLE"


async def test_signing_in_where_nobody_listens_may_be_tried_later() -> None:
    async with run_ai_platform() as platform:
        pass
    with pytest.raises(Unavailable):
        async with signed_in(platform, sign_in_timeout_s=0.1):
            raise AssertionError


async def test_a_tenant_that_the_platform_does_not_know_is_no_matter_of_waiting() -> None:
    async with run_ai_platform(refusals={"accesstoken": [404]}) as platform:
        with pytest.raises(NarrationError) as refusal:
            async with signed_in(platform):
                raise AssertionError

    assert (refusal.value.reason, refusal.value.retryable) == ("PROVIDER_REFUSED", False)


@pytest.mark.parametrize("word", ["create", "addmessage", "response", "accesstoken"])
async def test_a_busy_platform_is_tried_again(word: str, request_for: NarrationRequest) -> None:
    async with run_ai_platform(refusals={word: [429, 503]}) as platform, signed_in(platform) as provider:
        assert (await provider.narrate(request_for)).text == ANSWER


async def test_half_an_answer_is_asked_for_again(request_for: NarrationRequest) -> None:
    async with run_ai_platform(half_answers=2) as platform, signed_in(platform) as provider:
        assert (await provider.narrate(request_for)).text == ANSWER

    assert len(platform.queries) == 1


async def test_a_slow_platform_ends_at_the_deadline(request_for: NarrationRequest) -> None:
    async with run_ai_platform(answer_delay_s=60) as platform, signed_in(platform) as provider:
        started = time.monotonic()
        with pytest.raises(TimeoutError):
            await provider.narrate(replace(request_for, deadline_s=0.2))

    # Far below what the platform takes, far above what a busy machine needs for the rest.
    assert time.monotonic() - started < 30


async def test_what_was_sent_is_saved_before_waiting(request_for: NarrationRequest) -> None:
    saved: list[tuple[Checkpoint, int]] = []

    async with run_ai_platform() as platform, signed_in(platform) as provider:

        async def save(checkpoint: Checkpoint) -> None:
            saved.append((checkpoint, platform.calls["response"]))

        await provider.narrate(replace(request_for, save=save))

    assert saved == [(Checkpoint("conv-1"), 0), (Checkpoint("conv-1", "msg-1"), 0)]


async def test_a_second_attempt_waits_for_the_answer_already_paid_for(request_for: NarrationRequest) -> None:
    async with run_ai_platform() as platform, signed_in(platform) as provider:
        narration = await provider.narrate(replace(request_for, resume=Checkpoint("conv-9", "msg-9")))

    assert (narration.conv_id, narration.message_id) == ("conv-9", "msg-9")
    assert platform.queries == []
    assert platform.calls["create"] == 0


async def test_a_second_attempt_uses_the_conversation_already_made(request_for: NarrationRequest) -> None:
    async with run_ai_platform() as platform, signed_in(platform) as provider:
        narration = await provider.narrate(replace(request_for, resume=Checkpoint("conv-9")))

    assert narration.conv_id == "conv-9"
    assert platform.calls["create"] == 0


@pytest.mark.parametrize(
    "behaviour",
    [{}, {"cut_stream": True}, {"tokens_good_for": 1}, {"refusals": {"stream": [503, 429]}}, {"polls_until_done": 3}],
)
async def test_a_streamed_message_gives_the_answer_the_platform_keeps(
    behaviour: dict[str, Any], request_for: NarrationRequest
) -> None:
    saved: list[Checkpoint] = []

    async def save(checkpoint: Checkpoint) -> None:
        saved.append(checkpoint)

    async with run_ai_platform(**behaviour) as platform, signed_in(platform, stream=True) as provider:
        narration = await provider.narrate(replace(request_for, save=save))

    assert (narration.text, narration.message_id, narration.cost) == (ANSWER, "msg-1", Decimal("0.0125"))
    assert saved[-1] == Checkpoint("conv-1", "msg-1")
    assert len(platform.queries) == 1


async def test_a_failing_platform_is_given_a_rest(request_for: NarrationRequest) -> None:
    limits = replace(FAST, breaker_failures=3, breaker_pause_s=60)
    async with run_ai_platform() as platform, signed_in(platform, limits=limits) as provider:
        platform.refusals = {"create": [500] * 50}
        with pytest.raises(NarrationError, match="given a rest"):
            await provider.narrate(request_for)

    assert platform.calls["create"] == 3


async def test_one_tenants_failures_stop_no_other_tenants_calls(request_for: NarrationRequest) -> None:
    limits = replace(FAST, breaker_failures=3, breaker_pause_s=60)
    async with run_ai_platform() as platform, signed_in(platform, limits=limits) as provider:
        neighbour = await provider._session.client.sign_in("globex", provider._session._credentials)
        platform.refusals = {"create": [500] * 3}
        with pytest.raises(NarrationError, match="given a rest"):
            await provider.narrate(request_for)

        assert (await neighbour.narrate(request_for)).text == ANSWER


async def test_calls_are_repeated_within_a_budget_only(request_for: NarrationRequest) -> None:
    limits = replace(FAST, breaker_failures=1000, retries_kept=2)
    async with run_ai_platform() as platform, signed_in(platform, limits=limits) as provider:
        platform.refusals = {"create": [500] * 50}
        for _ in range(3):
            with pytest.raises(NarrationError):
                await provider.narrate(request_for)

    assert platform.calls["create"] == 3 + 2


@pytest.mark.parametrize(
    "password", ["trailing ", " leading", "nul\0", "line\r\nend", "bell\a", "schlüssel", "del\x7f"]
)
async def test_what_no_header_can_say_never_counts_against_the_platform(password: str) -> None:
    async with run_ai_platform() as platform:
        client = PlatformClient(PlatformSettings(platform.url, "acme", platform.api_key, limits=FAST))
        for _ in range(FAST.breaker_failures + 1):
            with pytest.raises(Unauthenticated, match="cannot be sent"):
                await client.sign_in("acme", Credentials(platform.username, password))

        await client.sign_in("acme", Credentials(platform.username, platform.password))
        await client.close()

    assert platform.calls["sign_in"] == 1


async def test_a_section_without_an_asset_says_so(request_for: NarrationRequest) -> None:
    nameless = replace(request_for, section=replace(request_for.section, asset_id=""))

    async with run_ai_platform() as platform, signed_in(platform) as provider:
        with pytest.raises(NarrationError) as fault:
            await provider.narrate(nameless)

    assert fault.value.reason == "ASSET_NOT_CONFIGURED"


async def test_secrets_reach_no_log(request_for: NarrationRequest, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with run_ai_platform(password="canary-secret", error_code="E1") as platform, signed_in(platform) as provider:
        with pytest.raises(NarrationError) as fault:
            await provider.narrate(request_for)
        shown = caplog.text + repr(provider) + repr(provider._session) + repr(provider._session.client.settings)

    for secret in ("canary-secret", "token-1", platform.api_key):
        assert secret not in shown + repr(fault.value)


async def test_eight_sections_wait_together(catalogue: Catalogue) -> None:
    """One after another, the first would wait for ever for an answer that comes when the eighth has been asked."""
    found = find(SNAPSHOT, catalogue)
    async with run_ai_platform(answers_once_asked=8) as platform, signed_in(platform, poll_s=0.01) as provider:
        results = await asyncio.gather(
            *(
                analyse_section(found, catalogue, style=STYLE, narrate=provider.narrate, provider=provider.name)
                for _ in range(8)
            )
        )

    assert assemble(results).cost == Decimal("0.1")


async def test_one_failed_section_leaves_the_others(catalogue: Catalogue) -> None:
    good, bad = find(SNAPSHOT, catalogue), find({"holdings": []}, catalogue)
    async with run_ai_platform() as platform, signed_in(platform) as provider:
        results = [
            await analyse_section(item, catalogue, style=STYLE, narrate=provider.narrate, provider=provider.name)
            for item in (good, bad)
        ]

    assert assemble(results).message == "1 of 2 section(s) completed"
    assert results[0].response == ANSWER
    assert results[1].error_code == "INVALID_PAYLOAD"


@asynccontextmanager
async def openai(*narratives: Any, **behaviour: Any) -> AsyncIterator[tuple[OpenAIProvider, Any]]:
    async with run_openai_server(*narratives, **behaviour) as server:
        settings = OpenAISettings(
            server.url, "small-model", "sk-test", input_price=Decimal(2), output_price=Decimal(10), limits=FAST
        )
        client = OpenAIClient(settings)
        try:
            yield client.open("acme"), server
        finally:
            await client.close()


async def test_a_models_structured_answer_becomes_the_narrative(request_for: NarrationRequest) -> None:
    async with openai(GOOD) as (provider, server):
        narration = await provider.narrate(request_for)

    assert narration.text.startswith(
        "The portfolio is worth ₹1.2 crore.\n\nEquity is 65% of it.\n\nRisks:\n- Equity may fall."
    )
    assert (narration.tokens, narration.cost) == (1200, Decimal("0.004"))
    assert server.bodies[0]["response_format"]["json_schema"]["strict"] is True
    assert "weight of Equity: 65%" in server.bodies[0]["messages"][1]["content"]


async def analyse_by_model(provider: OpenAIProvider, catalogue: Catalogue, **settings: Any) -> SectionResult:
    return await analyse_section(
        find(SNAPSHOT, catalogue), catalogue, style=STYLE, narrate=provider.narrate, provider="openai",
        asks_again=provider.asks_again, settings=AnalysisSettings(**settings),
    )  # fmt: skip


async def test_a_model_that_strays_is_told_once(catalogue: Catalogue) -> None:
    async with openai(STRAYING, GOOD) as (provider, server):
        result = await analyse_by_model(provider, catalogue)

    assert "71%" not in result.response
    assert "- 71%:" in server.bodies[1]["messages"][1]["content"]
    assert (result.tokens, result.cost) == (2400, Decimal("0.008"))


@pytest.mark.parametrize("policy", list(GroundingPolicy))
async def test_a_model_that_keeps_straying_is_asked_twice_whatever_the_policy(
    policy: GroundingPolicy, catalogue: Catalogue
) -> None:
    async with openai(STRAYING) as (provider, server):
        await analyse_by_model(provider, catalogue, policy=policy)

    assert len(server.bodies) == 2


async def test_a_second_answer_that_strays_further_is_not_taken(catalogue: Catalogue) -> None:
    worse = STRAYING | {"headline": "The portfolio is worth ₹9.9 crore, of which equity is 88%."}
    async with openai(STRAYING, worse) as (provider, _):
        result = await analyse_by_model(provider, catalogue)

    assert result.response.startswith(STRAYING["headline"])
    assert (result.message_id, result.tokens) == ("chatcmpl-1", 2400)


@pytest.mark.parametrize("policy", [GroundingPolicy.ANNOTATE, GroundingPolicy.RETRY])
async def test_a_second_call_that_fails_does_not_lose_the_first_answer(
    policy: GroundingPolicy, catalogue: Catalogue
) -> None:
    async with openai(STRAYING, "half a {") as (provider, _):
        result = await analyse_by_model(provider, catalogue, policy=policy)

    assert (result.status, result.cost) == ("completed", Decimal("0.008"))  # both are paid
    assert result.response.startswith(STRAYING["headline"]) is (policy is GroundingPolicy.ANNOTATE)


async def test_a_second_call_that_hangs_does_not_lose_the_first_answer(catalogue: Catalogue) -> None:
    async with openai(STRAYING, GOOD, hangs_from=2) as (provider, server):
        result = await analyse_by_model(provider, catalogue, section_deadline_s=1)

    assert len(server.bodies) == 2
    assert (result.status, result.message_id) == ("completed", "chatcmpl-1")


@pytest.mark.parametrize(("max_cost", "calls"), [("0.008", 2), ("0.0079", 1)])
async def test_a_model_is_not_asked_again_beyond_what_a_section_may_cost(
    catalogue: Catalogue, max_cost: str, calls: int
) -> None:
    async with openai(STRAYING) as (provider, server):
        await analyse_by_model(provider, catalogue, max_cost=Decimal(max_cost))

    assert len(server.bodies) == calls


async def test_a_server_without_schemas_is_asked_for_plain_json(request_for: NarrationRequest) -> None:
    async with openai(GOOD, knows_schemas=False) as (provider, server):
        narration = await provider.narrate(request_for)

    assert narration.text.startswith(GOOD["headline"])
    assert server.bodies[1]["response_format"] == {"type": "json_object"}


@pytest.mark.parametrize(
    ("narrative", "behaviour", "reason"),
    [
        (GOOD, {"api_key": "another"}, "SIGN_IN_REFUSED"),
        (GOOD, {"refusals": [403]}, "SIGN_IN_REFUSED"),
    ],
)
async def test_a_model_that_cannot_answer_is_the_sections_error(
    narrative: Any, behaviour: dict[str, Any], reason: str, request_for: NarrationRequest
) -> None:
    async with openai(narrative, **behaviour) as (provider, _):
        with pytest.raises(NarrationError) as fault:
            await provider.narrate(request_for)

    assert fault.value.reason == reason


async def test_a_busy_model_is_tried_again(request_for: NarrationRequest) -> None:
    async with openai(GOOD, refusals=[429, 500]) as (provider, _):
        assert (await provider.narrate(request_for)).text.startswith(GOOD["headline"])


@pytest.mark.parametrize(
    ("policy", "status", "provider_name"),
    [
        (GroundingPolicy.ANNOTATE, "completed", "openai"),
        (GroundingPolicy.RETRY, "completed", "builtin"),
        (GroundingPolicy.REFUSE, "error", "openai"),
    ],
)
async def test_the_policy_decides_what_becomes_of_an_ungrounded_text(
    policy: GroundingPolicy, status: str, provider_name: str, catalogue: Catalogue
) -> None:
    async with openai(STRAYING) as (provider, _):
        result = await analyse_by_model(provider, catalogue, policy=policy)

    assert (result.status, result.provider) == (status, provider_name)
    assert result.table is not None
    if status == "completed":
        assert result.grounding is not None
        assert bool(result.grounding.unsupported) is (policy is GroundingPolicy.ANNOTATE)
