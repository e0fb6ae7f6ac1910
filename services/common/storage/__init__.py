"""The client of the storage service, for the services of the suite."""

from services.common.storage.client import StorageClient
from services.common.storage.stored import (
    ByteStream,
    FileInfo,
    FilePage,
    ObjectInfo,
    ObjectPage,
    RecordPage,
    StoredRecord,
    TenantPage,
)
from services.common.storage.transfer import Source

__all__ = [
    "ByteStream",
    "FileInfo",
    "FilePage",
    "ObjectInfo",
    "ObjectPage",
    "RecordPage",
    "Source",
    "StorageClient",
    "StoredRecord",
    "TenantPage",
]
