"""Outputs of finished converter jobs, read through the converter's own API, for the user that the task belongs to."""

from wealth.converter.v1 import converter_pb2 as pb
from wealth.converter.v1 import converter_pb2_grpc

from services.common.channels import open_channel, translated_errors
from services.common.context import acting_as
from services.common.errors import InvalidInput, NotFound, TooLarge
from services.common.identity import Principal, TokenSigner

_SERVICE = "wealth.converter.v1.ConverterService"
_FIELD = "converter_output"


class ConverterOutputs:
    """Reads outputs as text. A component: its channel closes with the process."""

    def __init__(self, target: str, signer: TokenSigner, *, max_bytes: int) -> None:
        self._channel = open_channel(
            target, audience="converter", signer=signer, service=_SERVICE, idempotent_methods=("DownloadArtifact",)
        )
        self._stub = converter_pb2_grpc.ConverterServiceStub(self._channel)
        self._max_bytes = max_bytes

    async def start(self) -> None:
        """The channel connects on first use."""

    async def drain(self) -> None:
        """Tasks in hand still need it."""

    async def stop(self) -> None:
        """Closes the channel."""
        await self._channel.close()

    async def read(self, principal: Principal, user_id: str, job_id: str) -> str:
        """Returns a job's converted CSV.

        Raises InvalidInput where there is none that ``principal`` may see or it is not UTF-8, TooLarge above the cap.
        """
        request = pb.DownloadArtifactRequest(user_id=user_id, job_id=job_id, artifact=pb.ARTIFACT_OUTPUT)
        content = bytearray()
        try:
            with acting_as(principal), translated_errors():
                async for message in self._stub.DownloadArtifact(request, timeout=60):
                    content += message.chunk
                    if len(content) > self._max_bytes:
                        raise TooLarge(
                            f"the converter's output has more than {self._max_bytes} bytes",
                            reason="CONVERTER_OUTPUT_TOO_LARGE",
                            field=_FIELD,
                        )
            return bytes(content).decode("utf-8-sig")
        except NotFound as error:
            raise InvalidInput(
                "no finished converter job with an output", reason="CONVERTER_OUTPUT_NOT_FOUND", field=_FIELD
            ) from error
        except UnicodeDecodeError as error:
            raise InvalidInput(
                "the converter's output is not UTF-8", reason="CONVERTER_OUTPUT_INVALID", field=_FIELD
            ) from error
