"""Settings of every service that has jobs."""

from typing import Annotated

from pydantic import Field

from services.common.jobs.handler import WorkerLimits
from services.common.jobs.topology import Topology
from services.common.settings import ServiceSettings, derived, fixed


class TopologySettings(ServiceSettings):
    """How the queues are laid out; the same for all who may make them."""

    nats_replicas: int = Field(1, ge=1, le=5, description="Copies of each stream; 3 in production")
    jobs_max_queue_size: int = Field(10_000, gt=0, description="Jobs that a queue takes before it refuses (429)")
    jobs_ack_wait_s: float = Field(30, gt=1, description="The lease: a silent worker loses its job after this")
    jobs_max_ack_pending: int = Field(
        2_000, gt=0, description="Jobs in hand over all workers; not below replicas x concurrency"
    )

    def topology(self) -> Topology:
        """The topology that these settings describe."""
        return Topology(
            replicas=self.nats_replicas,
            max_queue_size=self.jobs_max_queue_size,
            ack_wait_s=self.jobs_ack_wait_s,
            max_ack_pending=self.jobs_max_ack_pending,
        )


class JobSettings(TopologySettings):
    """What a service with an API role and a worker role needs beside its own."""

    storage_target: str = Field("127.0.0.1:9101", description="The storage service: host:port or dns:///name:port")
    jobs_concurrency: int = Field(4, ge=1, le=256, description="Jobs that a worker process has in hand at once")
    jobs_max_attempts: int = Field(5, ge=1, description="Failures of one job's own doing before it is given up")
    jobs_timeout_s: float = Field(900, gt=0, description="Time of one attempt")
    jobs_patience_s: float = Field(
        24 * 3600, gt=0, description="Age at which a job is given up whose dependencies keep going away"
    )
    jobs_max_unfinished: int = Field(5_000, gt=0, description="A tenant's unfinished jobs before it is refused (429)")
    jobs_max_unfinished_of_user: int = Field(
        5_000, gt=0, description="A user's unfinished jobs before that user is refused (429)"
    )
    jobs_tenant_weights: dict[str, Annotated[int, Field(ge=1, le=100)]] = Field(
        default_factory=dict, description='Turns that a tenant has for one of others, as JSON: {"acme": 3}'
    )
    jobs_sweep_interval_s: float = Field(5, gt=0, description="Pause between two sweeps")
    jobs_grace_s: float = derived(
        lambda values: values["jobs_sweep_interval_s"], description="Age below which the sweeper leaves a record alone"
    )
    jobs_reconcile_interval_s: float = fixed(
        60, description="Pause between two rounds over the records and index keys that changed lately"
    )
    jobs_scan_interval_s: float = Field(6 * 3600, gt=0, description="Pause between two scans of all records")
    jobs_purge_again_after_s: float = derived(
        lambda values: 10 * values["jobs_ack_wait_s"], description="When what was deleted is purged once more"
    )
    idempotency_lifetime_s: float = fixed(24 * 3600, description="How long an Idempotency-Key is remembered")

    def worker_limits(self) -> WorkerLimits:
        """The worker's bounds that these settings describe."""
        return WorkerLimits(
            concurrency=self.jobs_concurrency,
            max_attempts=self.jobs_max_attempts,
            job_timeout_s=self.jobs_timeout_s,
            patience_s=self.jobs_patience_s,
            heartbeat_s=self.jobs_ack_wait_s / 4,
            drain_timeout_s=max(1.0, self.drain_timeout_s - 5),
        )
