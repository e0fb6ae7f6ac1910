"""One audit line and one set of metrics per call, whichever door it came through. Never the key itself."""

import time
from dataclasses import dataclass, field

from prometheus_client import Counter, Histogram

from services.common.logging import get_logger
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
        """Writes the line and counts the call."""
        duration_s = time.perf_counter() - self._started_s
        REQUESTS.labels(self.door, self.method, self.route, status).inc()
        LATENCY.labels(self.door, self.route).observe(duration_s)
        fields: dict[str, object] = {}
        if self.admitted is not None:
            principal = self.admitted.principal
            fields = {"tenant": principal.tenant, "subject": principal.subject, "key": self.admitted.key_id}
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
