"""The storage service's settings."""

from pathlib import Path
from typing import Annotated, Self

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, field_validator, model_validator

from services.common.errors import InvalidInput
from services.common.fault_words import BUCKET_PATTERN, SERVER_PATTERN
from services.common.jobs.settings import TopologySettings
from services.common.settings import Address, OptionalSecret, derived, fixed
from services.storage.domain.access import Grant
from services.storage.domain.keys import check_prefix
from services.storage.domain.lifecycle import ExpiryRule
from services.storage.domain.sources import AllowedSources

MIB = 1024 * 1024
TASKS_PREFIX = "tasks/"
# Beginnings of keys that others than the converter write under.
_TAKEN_PREFIXES = (TASKS_PREFIX, "task-inputs/", "private/", "idempotency/", "tombstones/")
Days = Annotated[int, Field(ge=0, le=36_500)]


class CallerGrant(BaseModel):
    """One entry of STORAGE_CALLERS."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    prefixes: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    reads_files: bool = False
    writes_files: bool = False
    deletes_files: bool = False

    @field_validator("prefixes")
    @classmethod
    def _end_in_a_slash(cls, prefixes: tuple[str, ...]) -> tuple[str, ...]:
        for prefix in prefixes:
            _require_prefix(prefix)
        return prefixes


class ImportSources(BaseModel):
    """One entry of STORAGE_IMPORT_SOURCES."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    buckets: frozenset[str] = frozenset()
    hosts: frozenset[str] = frozenset()


class StorageSettings(TopologySettings):
    """Where the bucket is, who may use what of it, and how much."""

    storage_listen: Address = Field("127.0.0.1:9101", description="host:port of the storage service's gRPC")

    # The bucket.
    s3_bucket_name: str = Field(
        "wealth",
        validation_alias=AliasChoices("s3_bucket_name", "aws_bucket_name"),
        pattern=BUCKET_PATTERN,
        description="The bucket that holds everything (AWS_BUCKET_NAME is taken as well)",
    )
    s3_prefix: str = Field(
        TASKS_PREFIX,
        description="The prefix of the portfolio's tasks, as older .env files name it: tasks/ and nothing else",
    )
    converter_jobs_prefix: str = Field("jobs/", description="The prefix of the converter's jobs in the bucket")
    s3_endpoint_url: str | None = Field(
        None, pattern=SERVER_PATTERN, description="Address of an S3 server other than AWS"
    )
    aws_region: str = Field("us-east-1", description="The bucket's region")
    aws_access_key_id: OptionalSecret = Field(
        None, description="S3 credentials; where unset, those of the environment's own identity are used"
    )
    aws_secret_access_key: OptionalSecret = Field(None, description="The secret of AWS_ACCESS_KEY_ID")
    storage_presign_endpoint_url: str | None = Field(
        None, pattern=SERVER_PATTERN, description="Address of S3 in links, where clients see it under another"
    )
    storage_presign_max_s: int = Field(3600, ge=1, le=604_800, description="Longest life of a link; longer is cut")

    storage_index_runs: bool = Field(
        False,
        description="Index keys of jobs that run again carry the run; true once every storage process knows this "
        "setting: the release before reads no such keys",
    )

    storage_open_keys_of_users: bool = Field(
        True,
        description="Open jobs have an index key of their user, too, by which the release before lists them; false "
        "once every storage process knows this setting",
    )
    storage_memory_bytes: int = Field(
        64 * MIB,
        ge=0,
        le=4096 * MIB,
        description="Memory for small things read or written lately: half for records, of which a list asks only "
        "whether they still stand, half for objects whose names never stand for anything else",
    )

    # How S3 is used.
    storage_s3_connect_timeout_s: float = fixed(1, description="Time to connect to S3")
    storage_s3_request_timeout_s: float = Field(5, gt=0, description="Time of one request to S3, retries apart")
    storage_s3_operation_timeout_s: float = derived(
        lambda values: 1.6 * values["storage_s3_request_timeout_s"],
        description="Time of one operation, retries included",
    )
    storage_s3_transfer_timeout_s: float = fixed(60, description="Time to send or read one part of an object")
    storage_s3_retries: int = fixed(2, description="Retries of a failed request to S3, with jitter")
    storage_s3_breaker_failures: int = fixed(
        3, description="Failures in a row after which calls are refused at once for a second"
    )
    storage_part_bytes: int = fixed(8 * MIB, description="Size of a part of an object; a transfer holds two in memory")
    storage_max_object_bytes: int = fixed(5 * 1024 * MIB, description="Largest object taken")
    storage_max_file_bytes: int = derived(
        lambda values: values["storage_max_object_bytes"], description="Largest uploaded or imported file"
    )
    storage_max_calls: int = Field(256, ge=1, description="Unary calls served at once; more wait")
    storage_max_transfers: int = Field(24, ge=1, description="Up- and downloads and imports at once; more wait")
    storage_max_waiting: int = fixed(1024, description="Calls that wait for their turn; more are refused")
    storage_max_wait_s: float = fixed(5, description="Time that a call waits for its turn before it is refused")

    storage_transfer_idle_timeout_s: float = fixed(60, description="Time that an upload may send nothing")

    # Who may do what.
    storage_callers: dict[str, CallerGrant] | None = Field(
        None,
        description="What each service may touch, as JSON by service: prefixes, kinds, reads_files, writes_files, "
        "deletes_files. "
        "Where unset: the suite's own grants",
    )
    storage_import_sources: dict[str, ImportSources] = Field(
        default_factory=dict,
        description='What may be imported, as JSON by tenant ("*" for all): '
        '{"default": {"buckets": ["name"], "hosts": ["files.example.com", "*.example.org"]}}',
    )
    storage_import_allow_loopback: bool = Field(
        False, description="For development only: imports may connect to this machine itself"
    )
    storage_import_timeout_s: float = Field(600, gt=0, description="Time of one import")
    storage_import_idle_timeout_s: float = fixed(15, description="Time that a source may send nothing")

    # What expires, in days; 0 keeps for ever.
    storage_task_days: Days = Field(30, description="Days that portfolio tasks and their inputs are kept; 0: for ever")
    storage_file_days: Days = Field(7, description="Days that uploaded files are kept; 0: for ever")
    storage_job_days: Days = Field(0, description="Days that converter jobs are kept; 0: for ever")
    storage_idempotency_days: Days = fixed(2, description="Days that idempotency keys are kept; 0: for ever")
    storage_private_days: Days = fixed(2, description="Days that sealed credentials are kept; 0: for ever")
    storage_tombstone_days: Days = fixed(8, description="Days that tombstones are kept; 0: for ever")
    storage_lifecycle_interval_s: float = fixed(
        3600, description="How often the bucket's expiry rules are brought up to date for tenants that are new"
    )

    # The commands backup, verify and restore.
    storage_backup_dir: Path = Field(Path("backup"), description="Folder of the backup that they write or read")

    # The bootstrap command.
    storage_bootstrap_timeout_s: float = Field(60, gt=0, description="Time that bootstrap waits for S3 and NATS")

    @field_validator("s3_prefix")
    @classmethod
    def _require_tasks_prefix(cls, prefix: str) -> str:
        # Tasks that stand elsewhere would be there and never found: refused here, and brought over by `wealth migrate`.
        if prefix.strip("/") + "/" != TASKS_PREFIX:
            raise ValueError(
                f"{prefix!r}: tasks stand under {TASKS_PREFIX!r} here. Those of an older service under another prefix "
                "come over by `wealth migrate`; the prefix of the converter's jobs is CONVERTER_JOBS_PREFIX"
            )
        return TASKS_PREFIX

    @field_validator("converter_jobs_prefix")
    @classmethod
    def _require_free_prefix(cls, prefix: str) -> str:
        prefix = prefix.strip("/") + "/"
        _require_prefix(prefix)
        # Jobs among tasks would expire, be listed and be counted as what they are not.
        for taken in _TAKEN_PREFIXES:
            if prefix.startswith(taken):
                raise ValueError(f"{prefix!r} stands under {taken!r}, where others of the suite write")
        return prefix

    @model_validator(mode="after")
    def _require_whole_credentials(self) -> Self:
        if (self.aws_access_key_id is None) != (self.aws_secret_access_key is None):
            raise ValueError("AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY go together")
        return self

    def credentials(self) -> tuple[str, str] | None:
        """The access key and its secret, where they are set."""
        if self.aws_access_key_id is None or self.aws_secret_access_key is None:
            return None
        return self.aws_access_key_id.get_secret_value(), self.aws_secret_access_key.get_secret_value()

    def grants(self) -> dict[str, Grant]:
        """What each service may touch."""
        if self.storage_callers is not None:
            return {name: Grant(**grant.model_dump()) for name, grant in self.storage_callers.items()}
        return {
            "gateway": Grant(prefixes=("tombstones/gateway/",), reads_files=True, writes_files=True),
            "portfolio": Grant(
                prefixes=(
                    TASKS_PREFIX, "task-inputs/", "private/", "idempotency/portfolio/", "tombstones/portfolio/",
                ),
                kinds=("portfolio.",),
            ),
            "converter": Grant(
                prefixes=(self.converter_jobs_prefix, "idempotency/converter/", "tombstones/converter/"),
                kinds=("converter.",),
                reads_files=True,
                deletes_files=True,
            ),
            "events": Grant(prefixes=("webhooks/",), kinds=("events.",)),
        }  # fmt: skip

    def allowed_sources(self) -> dict[str, AllowedSources]:
        """What each tenant may import from."""
        return {
            tenant: AllowedSources(item.buckets, frozenset(host.lower() for host in item.hosts))
            for tenant, item in self.storage_import_sources.items()
        }

    def expiry_rules(self) -> list[ExpiryRule]:
        """What expires when. Index keys outlive what they point to by a day: a dangling one is harmless."""
        days = {
            TASKS_PREFIX: self.storage_task_days,
            "task-inputs/": self.storage_task_days,
            "index/portfolio.task/": self.storage_task_days and self.storage_task_days + 1,
            "files/": self.storage_file_days,
            self.converter_jobs_prefix: self.storage_job_days,
            "index/converter.": self.storage_job_days and self.storage_job_days + 1,
            "idempotency/": self.storage_idempotency_days,
            "private/": self.storage_private_days,
            "tombstones/": self.storage_tombstone_days,
        }
        return [ExpiryRule(prefix, count) for prefix, count in days.items() if count]


def _require_prefix(prefix: str) -> None:
    if not prefix.endswith("/"):
        raise ValueError(f'{prefix!r} does not end in "/"')
    try:
        check_prefix(prefix)
    except InvalidInput as error:
        raise ValueError(f"{prefix!r}: {error.message}") from error
