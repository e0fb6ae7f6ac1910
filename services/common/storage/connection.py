"""A connection to the storage service, which its calls are made over."""

from typing import Any

import grpc.aio
from grpc_health.v1 import health_pb2_grpc
from wealth.storage.v1 import storage_pb2_grpc


class StorageConnection:
    """A channel, and how long calls may take over it."""

    def __init__(
        self, channel: grpc.aio.Channel, *, slow_call_timeout_s: float = 60, transfer_timeout_s: float = 1800
    ) -> None:
        """``slow_call_timeout_s`` bounds scans, prefix deletions and copies; ``transfer_timeout_s`` up- and downloads
        and imports; other calls take the channel's time-out."""
        self._channel = channel
        self._stub = storage_pb2_grpc.StorageServiceStub(channel)
        # Typed as Any: the stubs of the health package lag behind its List method.
        self._health: Any = health_pb2_grpc.HealthStub(channel)
        self._slow_call_timeout_s = slow_call_timeout_s
        self._transfer_timeout_s = transfer_timeout_s
