"""The providers that the settings choose, made ready for one task at a time."""

from collections.abc import Mapping

from services.portfolio.domain.narration import Narration, NarrationRequest
from services.portfolio.domain.task import BUILTIN, narrate_builtin
from services.portfolio.ports import Credentials, Provider
from services.portfolio.settings import PortfolioSettings


class BuiltinProvider:
    """Writes narratives from the facts alone: no network, no cost."""

    name = BUILTIN

    async def narrate(self, request: NarrationRequest) -> Narration:
        """Never fails."""
        return await narrate_builtin(request)


class Providers:
    """Opens the configured providers. A component: shared connections close with the process."""

    def __init__(self, settings: PortfolioSettings) -> None:
        self._names = {settings.portfolio_provider, *settings.portfolio_section_providers.values()}
        if self._names - {BUILTIN}:
            raise ValueError(f"PORTFOLIO_PROVIDER: {sorted(self._names - {BUILTIN})} are not available")

    async def start(self) -> None:
        """Nothing to open ahead of a task."""

    async def drain(self) -> None:
        """Tasks in hand still need their providers."""

    async def stop(self) -> None:
        """Closes shared connections."""

    async def open(self, credentials: Credentials | None) -> Mapping[str, Provider]:  # noqa: ARG002
        """Returns the providers by name, signed in where they want it."""
        return {BUILTIN: BuiltinProvider()}
