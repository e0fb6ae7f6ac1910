"""API keys: made once, kept hashed, looked up in memory, re-read when their file changes.

A key reads ``id.secret``; the secret has 256 bits. What is kept is HMAC-SHA256 of the whole text under the server's
secret, so neither the file alone nor a guess of the secret alone opens anything.
"""

import fcntl
import hashlib
import hmac
import json
import os
import re
import secrets
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from services.common.clock import Clock, format_time, parse_time, utc_now
from services.common.errors import NotFound, Unauthenticated
from services.common.identity import ALL_USERS, Principal
from services.common.settings import read_file

PUBLIC_SCOPES = frozenset({"portfolio", "converter", "files", "webhooks", "admin"})
LEGACY_KEY_ID = "legacy"
MAX_KEYS_FILE_BYTES = 8 * 1024 * 1024
MAX_KEY_CHARS = 256

_KEY_ID = re.compile(r"[A-Za-z0-9_-]{4,40}")
_TENANT = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")


@dataclass(frozen=True, slots=True)
class KeyRecord:
    """What is kept of a key. ``hash`` is lower-case hex; a limit of None means the gateway's default."""

    id: str
    hash: str
    tenant: str
    users: frozenset[str]
    scopes: frozenset[str]
    subject: str = ""
    expires_at: datetime | None = None
    rate_per_s: float | None = None
    concurrency: int | None = None

    @property
    def principal(self) -> Principal:
        """On whose behalf calls with this key are made."""
        return Principal(self.tenant, self.subject or f"key:{self.id}", self.users, self.scopes)


@dataclass(frozen=True, slots=True)
class CreatedKey:
    """A new key: ``text`` is shown once and kept nowhere, ``record`` goes to the file."""

    text: str
    record: KeyRecord


def hash_key(server_secret: str, text: str) -> str:
    """Returns what is kept of a key: HMAC-SHA256 under the server's secret, in lower-case hex."""
    return hmac.new(server_secret.encode(), text.encode(), hashlib.sha256).hexdigest()


def create_key(
    server_secret: str,
    *,
    tenant: str,
    users: Iterable[str] = (ALL_USERS,),
    scopes: Iterable[str] = ("portfolio", "converter", "files"),
    subject: str = "",
    expires_at: datetime | None = None,
    rate_per_s: float | None = None,
    concurrency: int | None = None,
) -> CreatedKey:
    """Makes a key. Raises ValueError where tenant or scopes are not ones."""
    key_id = f"k_{secrets.token_hex(6)}"
    text = f"{key_id}.{secrets.token_urlsafe(32)}"
    record = KeyRecord(
        key_id,
        hash_key(server_secret, text),
        tenant,
        frozenset(users),
        frozenset(scopes),
        subject,
        expires_at,
        rate_per_s,
        concurrency,
    )
    _check(record)
    return CreatedKey(text, record)


def load_keys(path: Path) -> list[KeyRecord]:
    """Reads a keys' file. Raises OSError, or ValueError naming the key and field at fault."""
    try:
        document = json.loads(read_file(path, MAX_KEYS_FILE_BYTES))
        entries = list(document["keys"])
    except (KeyError, TypeError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise ValueError(f'{path}: not a keys file, which reads {{"keys": [...]}}') from error
    records = [_parse(entry, index) for index, entry in enumerate(entries)]
    if len({record.id for record in records}) != len(records):
        raise ValueError(f"{path}: a key's id stands there twice")
    return records


def save_keys(path: Path, records: Sequence[KeyRecord]) -> None:
    """Replaces a keys' file at once and for good, readable by its owner only, who stays the same."""
    document = {"keys": [_format(record) for record in records]}
    path.parent.mkdir(parents=True, exist_ok=True)
    # mkstemp gives mode 0600.
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(document, file, indent=2)
            file.write("\n")
            _keep_owner(path, descriptor)
            file.flush()
            os.fsync(descriptor)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def add_key(path: Path, created: CreatedKey) -> None:
    """Adds a new key to a keys' file, which is made where there is none."""
    with _locked(path):
        records = load_keys(path) if path.exists() else []
        save_keys(path, [*records, created.record])


def revoke_key(path: Path, key_id: str) -> KeyRecord:
    """Takes a key out of a keys' file and returns what was kept of it. Raises NotFound."""
    with _locked(path):
        records = load_keys(path)
        found = next((record for record in records if record.id == key_id), None)
        if found is None:
            raise NotFound(f"there is no key {key_id!r} in {path}", reason="KEY_NOT_FOUND")
        save_keys(path, [record for record in records if record is not found])
    return found


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Keeps others from changing the file between reading and replacing it; the lock goes with the process."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = path.with_name(f".{path.name}.lock")
    lock.touch(mode=0o600)
    with lock.open("wb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _keep_owner(path: Path, descriptor: int) -> None:
    """Gives a replacement the file's owner: root may change the keys of a gateway that runs as somebody else."""
    with suppress(FileNotFoundError):
        before, now = path.stat(), os.fstat(descriptor)
        if (before.st_uid, before.st_gid) != (now.st_uid, now.st_gid):
            os.fchown(descriptor, before.st_uid, before.st_gid)


class KeyRing:
    """The keys in force, in memory."""

    def __init__(self, server_secret: str | None, *, clock: Clock = utc_now) -> None:
        # Without a secret no file can be loaded; a random one keeps look-ups uniform.
        self._server_secret = server_secret or secrets.token_hex(32)
        self._clock = clock
        self._records: Mapping[str, KeyRecord] = {}
        self._fixed: dict[str, KeyRecord] = {}
        # Compared against where the id is unknown, so that unknown ids take as long as wrong secrets.
        self._decoy_hash = hash_key(self._server_secret, secrets.token_hex(16))

    def __len__(self) -> int:
        return len(self._records) + len(self._fixed)

    def replace(self, records: Iterable[KeyRecord]) -> None:
        """Puts these records in force instead of those before."""
        self._records = {record.id: record for record in records}

    def add_legacy(self, text: str, tenant: str) -> None:
        """Accepts the older services' single key: every user of ``tenant``, every scope of the older services'."""
        self._fixed[LEGACY_KEY_ID] = KeyRecord(
            LEGACY_KEY_ID,
            hash_key(self._server_secret, text),
            tenant,
            frozenset({ALL_USERS}),
            PUBLIC_SCOPES - {"admin", "webhooks"},
        )

    def authenticate(self, text: str | None) -> KeyRecord:
        """Returns the key's record. Raises Unauthenticated without saying what was wrong with it."""
        if not text:
            raise Unauthenticated("an API key is needed in the header X-API-KEY", reason="API_KEY_MISSING")
        if len(text) > MAX_KEY_CHARS:
            raise _refusal()
        key_id, _, _ = text.partition(".")
        record = self._records.get(key_id) or self._fixed.get(LEGACY_KEY_ID)
        digest = hash_key(self._server_secret, text)
        matches = hmac.compare_digest(digest, record.hash if record else self._decoy_hash)
        if record is None or not matches or self._expired(record):
            raise _refusal()
        return record

    def find(self, key_id: str) -> KeyRecord:
        """Returns the record of a key that a session was opened with. Raises Unauthenticated where it is gone."""
        record = self._records.get(key_id) or self._fixed.get(key_id)
        if record is None or self._expired(record):
            raise _refusal()
        return record

    def _expired(self, record: KeyRecord) -> bool:
        return record.expires_at is not None and record.expires_at <= self._clock()


def _refusal() -> Unauthenticated:
    return Unauthenticated("the API key is not valid", reason="API_KEY_INVALID")


def _check(record: KeyRecord) -> None:
    name = f"key {record.id!r}"
    if not _KEY_ID.fullmatch(record.id) or record.id == LEGACY_KEY_ID:
        raise ValueError(f"{name}: the id is not 4 to 40 of A-Z a-z 0-9 _ -, or is reserved")
    if not re.fullmatch(r"[0-9a-f]{64}", record.hash):
        raise ValueError(f"{name}: the hash is not 64 lower-case hex digits")
    if not _TENANT.fullmatch(record.tenant):
        raise ValueError(f"{name}: the tenant is not 1 to 63 of a-z 0-9 -")
    if not record.users or any(not user or len(user) > 128 for user in record.users):
        raise ValueError(f'{name}: users must name at least one user, or "*"')
    if not record.scopes or record.scopes - PUBLIC_SCOPES:
        raise ValueError(f"{name}: scopes must be some of {', '.join(sorted(PUBLIC_SCOPES))}")
    if (record.rate_per_s is not None and record.rate_per_s <= 0) or (
        record.concurrency is not None and record.concurrency < 1
    ):
        raise ValueError(f"{name}: rate_per_s and concurrency must be above zero")


def _parse(entry: Any, index: int) -> KeyRecord:
    try:
        rate, concurrency = entry.get("rate_per_s"), entry.get("concurrency")
        record = KeyRecord(
            entry["id"],
            entry["hash"],
            entry["tenant"],
            frozenset(_strings(entry["users"])),
            frozenset(_strings(entry["scopes"])),
            entry.get("subject") or "",
            parse_time(entry["expires_at"]) if entry.get("expires_at") else None,
            None if rate is None else float(rate),
            None if concurrency is None else int(concurrency),
        )
        _check(record)
    except KeyError as error:
        raise ValueError(f"key {index}: {error.args[0]} is missing") from error
    except (AttributeError, TypeError) as error:
        raise ValueError(f"key {index}: a field has the wrong type") from error
    return record


def _strings(value: Any) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise TypeError("not a list of strings")
    return value


def _format(record: KeyRecord) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "id": record.id,
        "hash": record.hash,
        "tenant": record.tenant,
        "users": sorted(record.users),
        "scopes": sorted(record.scopes),
    }
    if record.subject:
        entry["subject"] = record.subject
    if record.expires_at:
        entry["expires_at"] = format_time(record.expires_at)
    if record.rate_per_s is not None:
        entry["rate_per_s"] = record.rate_per_s
    if record.concurrency is not None:
        entry["concurrency"] = record.concurrency
    return entry
