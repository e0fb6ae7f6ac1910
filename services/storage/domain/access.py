"""Which service may use which methods, keys and kinds. What is not granted is denied."""

from collections.abc import Mapping
from dataclasses import dataclass

from services.common.errors import Denied
from services.common.identity import Caller

SERVICE = "/wealth.storage.v1.StorageService/"
FILE_READS = frozenset(f"{SERVICE}{name}" for name in ("GetFile", "ListFiles", "DownloadFile"))
FILE_WRITES = frozenset({f"{SERVICE}UploadFile"})
FILE_DELETES = frozenset({f"{SERVICE}DeleteFile"})
KEY_METHODS = frozenset(
    f"{SERVICE}{name}"
    for name in (
        "CreateRecord", "GetRecord", "UpdateRecord", "DeleteRecord", "ListRecords", "ScanRecords", "ReindexRecord",
        "ReconcileIndex", "ListTenants", "PutObject", "GetObject", "GetObjectInfo", "ListObjects", "CopyObject",
        "DeleteObject", "DeletePrefix", "PresignObject", "ImportObject",
    )
)  # fmt: skip
FILE_SCOPES = frozenset({"files", "converter"})


@dataclass(frozen=True, slots=True)
class Grant:
    """What one service may do: the key prefixes (each ending in "/") that its record and object methods may touch, the
    beginnings of the kinds that it may list, and whether it may read users' files, write and delete them, or only
    delete them."""

    prefixes: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    reads_files: bool = False
    writes_files: bool = False
    deletes_files: bool = False


class AccessRules:
    """The grants of all callers."""

    def __init__(self, grants: Mapping[str, Grant]) -> None:
        self._grants = dict(grants)

    def require_method(self, method: str, caller: Caller) -> None:
        """Raises Denied where the caller may not use the method, or its principal lacks the scope for files."""
        grant = self._grants.get(caller.service, Grant())
        if method in KEY_METHODS:
            allowed = bool(grant.prefixes)
        elif method in FILE_READS:
            allowed = grant.reads_files
        elif method in FILE_DELETES:
            allowed = grant.writes_files or grant.deletes_files
        else:
            allowed = method in FILE_WRITES and grant.writes_files
        if not allowed:
            raise Denied(f"{caller.service} may not call this method", reason="METHOD_NOT_ALLOWED")
        if method in FILE_READS | FILE_WRITES | FILE_DELETES:
            _require_file_scope(caller)

    def require_key(self, service: str, key: str) -> None:
        """Raises Denied where a key, or a prefix of keys, is not inside of the service's namespaces."""
        grant = self._grants.get(service, Grant())
        if not key.startswith(grant.prefixes or ("\0",)):
            raise Denied(f"{service} may not touch this key", reason="KEY_NOT_ALLOWED")

    def is_whole_namespace(self, service: str, prefix: str) -> bool:
        """Whether a prefix is a namespace itself, not something in it."""
        return prefix in self._grants.get(service, Grant()).prefixes

    def require_kind(self, service: str, kind: str) -> None:
        """Raises Denied where records of this kind are another service's to list."""
        if not kind.startswith(self._grants.get(service, Grant()).kinds or ("\0",)):
            raise Denied(f"{service} may not list this kind", reason="KIND_NOT_ALLOWED", metadata={"kind": kind})


def _require_file_scope(caller: Caller) -> None:
    """A key needs a scope for files; a service's own work does not."""
    principal = caller.principal
    if principal.subject == f"service:{caller.service}" and "service" in principal.scopes:
        return
    if not principal.scopes & FILE_SCOPES:
        raise Denied("the key lacks the scope 'files'", reason="SCOPE_MISSING", metadata={"scope": "files"})
