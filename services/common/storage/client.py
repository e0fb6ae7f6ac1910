"""The client of the storage service: records and objects over gRPC, with the service's errors rebuilt.

Every call acts for the current principal (``services.common.context``), whose tenant prefixes every key. All calls
raise Unavailable or Exhausted where storage, or S3 behind it, does not answer or is full, and Denied outside of the
caller's namespaces; the docstrings name what they raise beyond that.
"""

from typing import Self

from grpc_health.v1 import health_pb2

from services.common.channels import open_channel, translated_errors
from services.common.errors import Unavailable
from services.common.identity import TokenSigner
from services.common.storage.file_calls import FileCalls
from services.common.storage.object_calls import ObjectCalls
from services.common.storage.record_calls import RecordCalls

SERVICE_NAME = "wealth.storage.v1.StorageService"
AUDIENCE = "storage"
# Safe to repeat at once: reads, deletions, and writes that carry a write_id or give the same result twice. Not imports:
# a source that does not answer would be waited for once per try.
IDEMPOTENT_METHODS = (
    "CreateRecord", "GetRecord", "UpdateRecord", "DeleteRecord", "ListRecords", "ScanRecords", "ReindexRecord",
    "ReconcileIndex", "ListTenants", "GetObject", "GetObjectInfo", "ListObjects", "CopyObject", "DeleteObject",
    "DeletePrefix", "PresignObject", "GetFile", "ListFiles", "DownloadFile", "DeleteFile",
)  # fmt: skip
_SERVING = health_pb2.HealthCheckResponse.SERVING
# What of storage's own health stops those who need it, with the reason and the words for it.
_DEPENDENCIES = {
    "s3": ("STORAGE_UNAVAILABLE", "S3 does not answer"),
    "s3-writes": ("S3_NOT_WRITABLE", "S3 takes no writes at present"),
}


class StorageClient(RecordCalls, ObjectCalls, FileCalls):
    """Calls StorageService for the current principal."""

    @classmethod
    def connect(cls, target: str, signer: TokenSigner, *, call_timeout_s: float = 10, **timeouts: float) -> Self:
        """Opens a channel to ``target`` that connects on first use; calls are signed by ``signer``."""
        channel = open_channel(
            target,
            audience=AUDIENCE,
            signer=signer,
            service=SERVICE_NAME,
            idempotent_methods=IDEMPOTENT_METHODS,
            call_timeout_s=call_timeout_s,
        )
        return cls(channel, **timeouts)

    async def close(self) -> None:
        """Closes the channel."""
        await self._channel.close()

    async def check(self) -> None:
        """Raises Unavailable where the storage service, or S3 behind it, does not answer or takes no writes."""
        with translated_errors():
            reply = await self._health.List(health_pb2.HealthListRequest(), timeout=2)  # type: ignore[attr-defined]
        for dependency, (reason, message) in _DEPENDENCIES.items():
            # An older storage has no word for whether S3 takes writes.
            if dependency in reply.statuses and reply.statuses[dependency].status != _SERVING:
                raise Unavailable(message, reason=reason, retry_after_s=2)
