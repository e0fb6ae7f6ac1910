"""What the portfolio needs of the world."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from services.common.identity import Principal
from services.common.jobs.record import JobRecord
from services.portfolio.domain.narration import Narration, NarrationRequest


@dataclass(frozen=True, slots=True, repr=False)
class Credentials:
    """Who signs in at the tenant's AI platform. Has no readable form, so that it cannot reach a log."""

    username: str
    password: str


class CredentialStore(Protocol):
    """Keeps a task's credentials, sealed, until the task ends."""

    async def put(self, tenant: str, task_id: str, generation: int, credentials: Credentials) -> None:
        """Seals and stores. Raises PreconditionFailed where there is no key to seal with."""

    async def get(self, record: JobRecord) -> Credentials:
        """Opens. Raises PreconditionFailed with reason CREDENTIALS_GONE where they are deleted."""

    async def delete(self, record: JobRecord) -> None:
        """Deletes all credentials of a task."""


class ConverterOutputReader(Protocol):
    """Reads what converter jobs made."""

    async def read(self, principal: Principal, user_id: str, job_id: str) -> str:
        """A job's converted CSV, as ``principal`` may see it. Raises InvalidInput where there is none, TooLarge."""


class Provider(Protocol):
    """Something that narrates sections: the builtin writer, a model, or the tenant's AI platform."""

    @property
    def name(self) -> str:
        """``builtin``, ``openai`` or ``platform``."""
        ...

    @property
    def asks_again(self) -> bool:
        """Whether a text with unsupported figures is asked for once more, whatever the policy."""
        ...

    async def narrate(self, request: NarrationRequest) -> Narration:
        """Narrate one section inside ``request.deadline_s``.

        Raises ``NarrationError`` where it cannot, and ``TimeoutError`` where the deadline passed.
        """
        ...


class ProviderDesk(Protocol):
    """Where the providers that the settings choose are to be had."""

    async def open(self, tenant: str, credentials: Credentials | None) -> Mapping[str, Provider]:
        """The providers of a tenant's task by name, signed in with its credentials where they want it."""
        ...
