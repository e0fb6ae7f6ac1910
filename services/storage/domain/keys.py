"""Keys of the bucket: what callers may name, and where a tenant's keys begin."""

from dataclasses import dataclass

from services.common.errors import InvalidInput
from services.common.paths import decode_segment, encode_segment

# S3 takes keys of 1024 bytes; file-based servers take path segments of 255.
MAX_KEY_BYTES = 1024
MAX_SEGMENT_BYTES = 255

INDEX_PREFIX = "index/"
TENANTS_PREFIX = "tenants/"
FILES_PREFIX = "files/"
_TRIAL_PREFIX = "trial/"
# Written and deleted to see whether S3 takes writes again.
TRIAL_KEY = f"{_TRIAL_PREFIX}writes"
_NO_SEGMENTS = frozenset({"", ".", ".."})
_RESERVED = (INDEX_PREFIX, TENANTS_PREFIX, FILES_PREFIX, _TRIAL_PREFIX)


def check_key(key: str, field: str = "key") -> None:
    """Raises InvalidInput naming ``field`` where a caller's key is not a plain relative path outside of storage's own
    prefixes."""
    _check_path(key, field)
    if key.endswith("/"):
        raise InvalidInput('a key does not end in "/"', reason="KEY_INVALID", field=field)


def check_prefix(prefix: str, field: str = "prefix") -> None:
    """Raises InvalidInput naming ``field`` where a caller's prefix could not begin a key, or is empty."""
    _check_path(prefix.removesuffix("/"), field)


def _check_path(path: str, field: str) -> None:
    segments = path.split("/")
    if not _NO_SEGMENTS.isdisjoint(segments):
        raise InvalidInput('it has an empty, "." or ".." segment', reason="KEY_INVALID", field=field)
    if not path.isprintable():
        raise InvalidInput("it has control or other unprintable characters", reason="KEY_INVALID", field=field)
    if path.startswith(_RESERVED) or f"{path}/" in _RESERVED:
        raise InvalidInput("it begins with a prefix that is storage's own", reason="KEY_RESERVED", field=field)
    check_length(path, field)


def check_length(path: str, field: str) -> None:
    """Raises InvalidInput naming ``field`` where a path is longer than S3 takes."""
    size = len(path.encode())
    if size <= MAX_SEGMENT_BYTES:
        return
    if size > MAX_KEY_BYTES:
        raise InvalidInput(f"it is longer than {MAX_KEY_BYTES} bytes", reason="KEY_TOO_LONG", field=field)
    if any(len(segment.encode()) > MAX_SEGMENT_BYTES for segment in path.split("/")):
        raise InvalidInput(f"a segment is longer than {MAX_SEGMENT_BYTES} bytes", reason="KEY_TOO_LONG", field=field)


@dataclass(frozen=True, slots=True)
class TenantSpace:
    """A tenant's part of the bucket. ``prefix`` is empty for the default tenant, whose data stands at the top."""

    tenant: str
    prefix: str

    @classmethod
    def of(cls, tenant: str, default_tenant: str) -> "TenantSpace":
        """The space of a tenant."""
        return cls(tenant, "" if tenant == default_tenant else f"{TENANTS_PREFIX}{encode_segment(tenant)}/")

    def full(self, key: str, field: str = "key") -> str:
        """The bucket's key of a key in this space. Raises InvalidInput naming ``field`` where it gets too long."""
        full = self.prefix + key
        check_length(full, field)
        return full

    def relative(self, full_key: str) -> str:
        """The key in this space of a key of the bucket."""
        return full_key.removeprefix(self.prefix)


def tenant_of_prefix(prefix: str) -> str | None:
    """Reads the tenant's name out of ``tenants/{tenant}/``; None where it is not one that storage wrote."""
    try:
        return decode_segment(prefix.removeprefix(TENANTS_PREFIX).removesuffix("/"))
    except ValueError:
        return None
