"""A job's artefacts, as far as a page shows them."""

from dataclasses import dataclass

import grpc
import grpc.aio
from wealth.converter.v1 import converter_pb2 as pb

from services.gateway.rest.door import Door
from services.gateway.rest.downloads import Download

MAX_REPORT_BYTES = 2 * 1024 * 1024
_MISSING = frozenset({grpc.StatusCode.NOT_FOUND, grpc.StatusCode.FAILED_PRECONDITION, grpc.StatusCode.OUT_OF_RANGE})


@dataclass(frozen=True, slots=True)
class Start:
    """The first bytes of a file; ``truncated`` where it goes on."""

    content: bytes
    truncated: bool


@dataclass(frozen=True, slots=True)
class JobFiles:
    """The artefacts of one job."""

    door: Door
    user_id: str
    job_id: str

    async def read_whole(self, artifact: pb.Artifact.ValueType, limit_bytes: int) -> bytes | None:
        """Reads an artefact; None where there is none, or it is too large for a page."""
        download = await self._open(artifact, 0)
        return await download.read(limit_bytes) if download else None

    async def read_start(self, artifact: pb.Artifact.ValueType, limit_bytes: int) -> Start | None:
        """Reads an artefact's first bytes; None where there is none."""
        download = await self._open(artifact, limit_bytes)
        if download is None:
            return None
        content = b"".join([chunk async for chunk in download.chunks()])
        return Start(content[:limit_bytes], download.content.size > limit_bytes)

    async def _open(self, artifact: pb.Artifact.ValueType, length: int) -> Download | None:
        request = pb.DownloadArtifactRequest(user_id=self.user_id, job_id=self.job_id, artifact=artifact, length=length)
        try:
            return await Download.open(self.door.backends.converter.DownloadArtifact(request))
        except grpc.aio.AioRpcError as failure:
            if failure.code() in _MISSING:
                return None
            raise
