"""One audit line and one set of metrics per call, whichever door it came through. Never the key itself."""

import asyncio
import time
from dataclasses import dataclass, field

import grpc
from prometheus_client import Counter, Histogram

from services.common.context import current_call
from services.common.interceptors import SERVER_FAULTS
from services.common.logging import get_logger
from services.common.tracing import describe_span, is_recording
from services.gateway.admission import Admitted

REQUESTS = Counter("wealth_gateway_requests_total", "Calls at the door", ["door", "method", "route", "status"])
LATENCY = Histogram(
    "wealth_gateway_request_seconds",
    "Time until a call was over; of an event stream or a transfer, until its end",
    ["door", "route"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5, 30, 300),
)


@dataclass(slots=True)
class AuditLine:
    """What is known of a call while it runs. ``route`` is a template, never a path: its values are bounded."""

    door: str
    method: str
    route: str = "unmatched"
    admitted: Admitted | None = None
    reason: str | None = None
    bytes_out: int = 0
    _started_s: float = field(default_factory=time.perf_counter)

    def write(self, status: str) -> None:
        """Counts the call and writes the line."""
        self._log(status, self._count(status))

    def write_soon(self, status: str) -> None:
        """Counts the call now, and writes the line when the event loop comes round: the answer goes first."""
        asyncio.get_running_loop().call_soon(self._log, status, self._count(status))

    def _count(self, status: str) -> float:
        duration_s = time.perf_counter() - self._started_s
        REQUESTS.labels(self.door, self.method, self.route, status).inc()
        LATENCY.labels(self.door, self.route).observe(duration_s)
        if is_recording():
            self._describe_span(status)
        return duration_s

    def _log(self, status: str, duration_s: float) -> None:
        fields: dict[str, object] = {}
        if self.admitted is not None:
            principal = self.admitted.principal
            fields = {"tenant": principal.tenant, "subject": principal.subject, "key": self.admitted.key_id}
            if self.admitted.waited_s:
                fields["waited_ms"] = round(self.admitted.waited_s * 1000, 2)
        if self.reason:
            fields["reason"] = self.reason
        get_logger().info(
            "audit",
            door=self.door,
            method=self.method,
            route=self.route,
            status=status,
            duration_ms=round(duration_s * 1000, 2),
            bytes_out=self.bytes_out,
            **fields,
        )

    def _describe_span(self, status: str) -> None:
        """The same for whoever looks at traces."""
        attributes: dict[str, str | int] = {"wealth.door": self.door, "wealth.request_id": current_call().request_id}
        if self.admitted is not None:
            attributes["wealth.tenant"] = self.admitted.principal.tenant
        if self.reason:
            attributes["wealth.reason"] = self.reason
        if self.door == "rest":
            attributes |= {"http.request.method": self.method, "http.route": self.route}
            if status.isdigit():
                attributes["http.response.status_code"] = int(status)
            describe_span(attributes, name=f"{self.method} {self.route}", failed=status >= "500" and status.isdigit())
            return
        service, _, method = self.route.removeprefix("/").partition("/")
        code = grpc.StatusCode[status]
        attributes |= {"rpc.system": "grpc", "rpc.service": service, "rpc.method": method}
        attributes["rpc.grpc.status_code"] = code.value[0]
        describe_span(attributes, failed=code in SERVER_FAULTS)
