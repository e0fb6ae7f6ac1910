"""Secrets of others, sealed with AES-256-GCM for the bucket: bound to what they belong to, opened by key id."""

import base64
import json
import secrets
from collections.abc import Mapping, Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pydantic import SecretStr

from services.common.errors import PreconditionFailed

_NONCE_BYTES = 12
_KEY_BYTES = 32


class Sealer:
    """Seals and opens. ``keys`` maps key ids to 32 bytes; the first seals, all open."""

    def __init__(self, keys: Mapping[str, bytes]) -> None:
        self._keys = dict(keys)

    def seal(self, clear: bytes, belongs_to: Sequence[str | int]) -> dict[str, str]:
        """What may be kept of a secret, and opens only for the same ``belongs_to``.

        Raises PreconditionFailed where no sealing key is configured: never in clear.
        """
        if not self._keys:
            raise PreconditionFailed("this deployment has no key to seal secrets with", reason="SEALING_KEY_MISSING")
        key_id, key = next(iter(self._keys.items()))
        nonce = secrets.token_bytes(_NONCE_BYTES)
        sealed = AESGCM(key).encrypt(nonce, clear, _associated_data(belongs_to, key_id))
        return {"key_id": key_id, "sealed": base64.b64encode(nonce + sealed).decode()}

    def open(self, kept: Mapping[str, str], belongs_to: Sequence[str | int]) -> bytes | None:
        """The secret; None where its key was retired, or it belongs to something else."""
        key = self._keys.get(kept["key_id"])
        if key is None:
            return None
        sealed = base64.b64decode(kept["sealed"])
        try:
            return AESGCM(key).decrypt(
                sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], _associated_data(belongs_to, kept["key_id"])
            )
        except InvalidTag:
            return None


def read_sealing_keys(secrets_by_id: Mapping[str, SecretStr], name: str) -> dict[str, bytes]:
    """The keys of a setting, decoded, the one that seals first. Raises ValueError naming a malformed one."""
    keys = {}
    for key_id, secret in secrets_by_id.items():
        try:
            key = base64.b64decode(secret.get_secret_value(), validate=True)
        except ValueError:
            key = b""
        if len(key) != _KEY_BYTES:
            raise ValueError(f"{name}: {key_id!r} is not the base64 of 32 bytes")
        keys[key_id] = key
    return keys


def _associated_data(belongs_to: Sequence[str | int], key_id: str) -> bytes:
    return json.dumps([*belongs_to, key_id]).encode()
