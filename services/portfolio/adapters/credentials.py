"""Credentials of tasks, sealed with AES-256-GCM in a private object each, gone when the task ends."""

import json
from collections.abc import Mapping

from services.common.errors import NotFound, PreconditionFailed
from services.common.jobs.record import JobRecord
from services.common.sealing import Sealer
from services.common.storage import StorageClient
from services.portfolio.domain.places import credentials_prefix
from services.portfolio.ports import Credentials


class CredentialVault:
    """Seals, opens and deletes credentials. ``keys`` maps key ids to 32 bytes; the first seals, all open."""

    def __init__(self, storage: StorageClient, keys: Mapping[str, bytes]) -> None:
        self._storage = storage
        self._sealer = Sealer(keys)

    async def put(self, tenant: str, task_id: str, generation: int, credentials: Credentials) -> None:
        """Seals and stores. Raises PreconditionFailed where no sealing key is configured: never in clear."""
        clear = json.dumps({"username": credentials.username, "password": credentials.password}).encode()
        document = self._sealer.seal(clear, (tenant, task_id, generation))
        await self._storage.put_object(
            _key(task_id, generation), json.dumps(document).encode(), content_type="application/json"
        )

    async def get(self, record: JobRecord) -> Credentials:
        """Opens a task's credentials.

        Raises PreconditionFailed with reason CREDENTIALS_GONE where they were deleted, or their key was retired.
        """
        gone = PreconditionFailed("the credentials of this task are gone; submit it again", reason="CREDENTIALS_GONE")
        try:
            async with self._storage.get_object(_key(record.job_id, record.generation)) as stream:
                document = json.loads(b"".join([chunk async for chunk in stream.chunks]))
        except NotFound:
            raise gone from None
        clear = self._sealer.open(document, (record.tenant, record.job_id, record.generation))
        if clear is None:
            raise gone
        fields = json.loads(clear)
        return Credentials(fields["username"], fields["password"])

    async def delete(self, record: JobRecord) -> None:
        """Deletes all credentials of a task."""
        await self._storage.delete_prefix(credentials_prefix(record.job_id))


def _key(task_id: str, generation: int) -> str:
    return f"{credentials_prefix(task_id)}{generation}.json"
