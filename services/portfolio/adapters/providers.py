"""The providers that the settings choose, made ready for one task at a time.

What a provider needs is imported with it: the built-in writer has no use for an HTTP client at every start.
"""

from collections.abc import Mapping, Set
from typing import TYPE_CHECKING

from services.common.errors import Unauthenticated
from services.portfolio.domain.narration import Narration, NarrationRequest
from services.portfolio.domain.task import BUILTIN, OPENAI, PLATFORM, narrate_builtin
from services.portfolio.ports import Credentials, Provider
from services.portfolio.settings import PortfolioSettings

if TYPE_CHECKING:
    from services.portfolio.adapters.endpoint import EndpointLimits
    from services.portfolio.adapters.openai_provider import OpenAIClient, OpenAISettings
    from services.portfolio.adapters.platform_provider import PlatformClient, PlatformSettings


class BuiltinProvider:
    """Writes narratives from the facts alone: no network, no cost."""

    name = BUILTIN
    asks_again = False

    async def narrate(self, request: NarrationRequest) -> Narration:
        """Never fails."""
        return await narrate_builtin(request)


class Providers:
    """Opens the providers of these names. A component: shared connections close with the process.

    Raises ValueError where the settings lack what one of them needs.
    """

    def __init__(self, settings: PortfolioSettings, names: Set[str]) -> None:
        self._openai = _make_openai(settings) if OPENAI in names else None
        self._platform = _make_platform(settings) if PLATFORM in names else None

    async def start(self) -> None:
        """Nothing to open ahead of a task."""

    async def drain(self) -> None:
        """Tasks in hand still need their providers."""

    async def stop(self) -> None:
        """Closes shared connections."""
        for shared in (self._openai, self._platform):
            if shared is not None:
                await shared.close()

    async def open(self, tenant: str, credentials: Credentials | None) -> Mapping[str, Provider]:
        """The tenant's providers by name, signed in where they want it. Raises as ``PlatformClient.sign_in``."""
        providers: dict[str, Provider] = {BUILTIN: BuiltinProvider()}
        if self._openai is not None:
            providers[OPENAI] = self._openai.open(tenant)
        if self._platform is not None:
            if credentials is None:
                raise Unauthenticated("the AI platform needs credentials", reason="CREDENTIALS_GONE")
            providers[PLATFORM] = await self._platform.sign_in(tenant, credentials)
        return providers


def _make_openai(settings: PortfolioSettings) -> "OpenAIClient":
    from services.portfolio.adapters.openai_provider import OpenAIClient  # noqa: PLC0415

    return OpenAIClient(make_openai_settings(settings))


def _make_platform(settings: PortfolioSettings) -> "PlatformClient":
    from services.portfolio.adapters.platform_provider import PlatformClient  # noqa: PLC0415

    return PlatformClient(make_platform_settings(settings))


def make_openai_settings(settings: PortfolioSettings) -> "OpenAISettings":
    """What the model's endpoint needs, from the service's settings."""
    from services.portfolio.adapters.openai_provider import OpenAISettings  # noqa: PLC0415

    key = settings.openai_api_key
    return OpenAISettings(
        base_url=settings.openai_base_url,
        model=settings.openai_model,
        api_key=key.get_secret_value() if key else "",
        temperature=settings.openai_temperature,
        max_tokens=settings.openai_max_tokens,
        input_price=settings.openai_input_price,
        output_price=settings.openai_output_price,
        limits=_make_limits(settings),
    )


def make_platform_settings(settings: PortfolioSettings) -> "PlatformSettings":
    """What the tenant's AI platform needs, from the service's settings."""
    from services.portfolio.adapters.platform_provider import PlatformSettings  # noqa: PLC0415

    key = settings.api_key
    return PlatformSettings(
        base_url=settings.base_url,
        tenant=settings.tenant_id,
        api_key=key.get_secret_value() if key else "",
        workspace_id=settings.portfolio_platform_workspace_id,
        stream=settings.portfolio_platform_stream,
        poll_s=settings.portfolio_platform_poll_s,
        max_poll_s=settings.portfolio_platform_max_poll_s,
        sign_in_timeout_s=settings.portfolio_platform_sign_in_timeout_s,
        limits=_make_limits(settings),
    )


def _make_limits(settings: PortfolioSettings) -> "EndpointLimits":
    from services.portfolio.adapters.endpoint import EndpointLimits  # noqa: PLC0415

    return EndpointLimits(
        max_concurrency=settings.portfolio_provider_concurrency,
        request_timeout_s=settings.portfolio_provider_timeout_s,
        breaker_pause_s=settings.portfolio_provider_pause_s,
    )
