"""Credentials of tasks, sealed with AES-256-GCM in a private object each, gone when the task ends."""

import base64
import json
import secrets
from collections.abc import Mapping

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from services.common.errors import NotFound, PreconditionFailed
from services.common.jobs.record import JobRecord
from services.common.storage import StorageClient
from services.portfolio.domain.places import credentials_prefix
from services.portfolio.ports import Credentials

_NONCE_BYTES = 12


class CredentialVault:
    """Seals, opens and deletes credentials. ``keys`` maps key ids to 32 bytes; the first seals, all open."""

    def __init__(self, storage: StorageClient, keys: Mapping[str, bytes]) -> None:
        self._storage = storage
        self._keys = dict(keys)

    async def put(self, tenant: str, task_id: str, generation: int, credentials: Credentials) -> None:
        """Seals and stores. Raises PreconditionFailed where no sealing key is configured: never in clear."""
        if not self._keys:
            raise PreconditionFailed(
                "this deployment has no key to seal credentials with", reason="SEALING_KEY_MISSING"
            )
        key_id, key = next(iter(self._keys.items()))
        nonce = secrets.token_bytes(_NONCE_BYTES)
        clear = json.dumps({"username": credentials.username, "password": credentials.password}).encode()
        sealed = AESGCM(key).encrypt(nonce, clear, _associated_data(tenant, task_id, generation, key_id))
        document = {"key_id": key_id, "sealed": base64.b64encode(nonce + sealed).decode()}
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
        key = self._keys.get(document["key_id"])
        if key is None:
            raise gone
        sealed = base64.b64decode(document["sealed"])
        try:
            clear = AESGCM(key).decrypt(
                sealed[:_NONCE_BYTES],
                sealed[_NONCE_BYTES:],
                _associated_data(record.tenant, record.job_id, record.generation, document["key_id"]),
            )
        except InvalidTag:
            raise gone from None
        fields = json.loads(clear)
        return Credentials(fields["username"], fields["password"])

    async def delete(self, record: JobRecord) -> None:
        """Deletes all credentials of a task."""
        await self._storage.delete_prefix(credentials_prefix(record.job_id))


def _key(task_id: str, generation: int) -> str:
    return f"{credentials_prefix(task_id)}{generation}.json"


def _associated_data(tenant: str, task_id: str, generation: int, key_id: str) -> bytes:
    return json.dumps([tenant, task_id, generation, key_id]).encode()
