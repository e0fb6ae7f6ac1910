"""The launcher's settings, and what of the environment each service gets to see."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from dotenv import dotenv_values
from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from services.launcher.free_ports import BLOCK_SIZE, COMPANION_OFFSET, LOWEST_EPHEMERAL_PORT

# weed's ports stay below the ephemeral ones with their companions.
HIGHEST_PORT_BASE = LOWEST_EPHEMERAL_PORT - COMPANION_OFFSET - BLOCK_SIZE - 1

# What every process may need of the machine's own environment.
_MACHINE = frozenset({
    "PATH", "HOME", "USER", "LOGNAME", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR",
    "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE",
    "PYTHONDONTWRITEBYTECODE", "PYTHONWARNINGS", "PYTHONASYNCIODEBUG",
})  # fmt: skip
_SHARED_PREFIXES = ("LOG_", "GRPC_", "OTEL_", "TRACE_", "DRAIN_", "METRICS_", "DEFAULT_TENANT")
_JOBS_PREFIXES = ("JOBS_", "IDEMPOTENCY_", "NATS_REPLICAS")
_MODEL_PREFIXES = ("OPENAI_",)
# Names by their beginnings: a service sees its own settings and the shared ones, never another's secrets.
PASSED_ON: Mapping[str, tuple[str, ...]] = {
    "storage": (
        *_SHARED_PREFIXES,
        "STORAGE_",
        "JOBS_",
        "NATS_REPLICAS",
        "S3_PREFIX",
        "CONVERTER_JOBS_PREFIX",
        "S3_BUCKET_NAME",
        "AWS_REGION",
    ),
    "portfolio": (*_SHARED_PREFIXES, *_JOBS_PREFIXES, *_MODEL_PREFIXES, "PORTFOLIO_", "BASE_URL", "API_KEY", "TENANT_"),
    "converter": (*_SHARED_PREFIXES, *_JOBS_PREFIXES, *_MODEL_PREFIXES, "CONVERTER_", "S3_BUCKET_NAME"),
    "events": (*_SHARED_PREFIXES, "EVENTS_", "JOBS_", "NATS_REPLICAS"),
    "gateway": (*_SHARED_PREFIXES, "GATEWAY_", "FASTAPI_AND_WEP_APP_SECRET_KEY", "S3_BUCKET_NAME"),
}


class LauncherSettings(BaseSettings):
    """Where `make run` keeps its data and which ports it takes."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", env_file=".env", env_ignore_empty=True)

    wealth_data_dir: Path = Field(Path(".data"), description="Folder of `make run`: data, logs, secrets, suite.json")
    wealth_port_base: int = Field(
        8000,
        ge=1024,
        le=HIGHEST_PORT_BASE,
        description="First of the ports of `make run`: REST; gRPC is the next one, the others follow",
    )
    wealth_listen: Literal["127.0.0.1", "0.0.0.0"] = Field(  # noqa: S104 - for whoever asks for it: in a container
        "127.0.0.1", description="Address of REST and gRPC of `make run`: 0.0.0.0 opens them to other machines"
    )
    wealth_servers: Literal["embedded", "outside"] = Field(
        "embedded",
        description="NATS and S3 of `make run`: its own, or those outside that NATS_URL and the S3 settings name",
    )
    wealth_start_timeout_s: float = Field(60, gt=0, description="Time that `make run` gives the suite to get healthy")
    drain_timeout_s: float = Field(25, gt=0, description="Time to finish what is in hand after SIGTERM")

    @property
    def stop_grace_s(self) -> float:
        """Time that `make run` gives a process to end: what it may take to drain, and a bit for what is left."""
        return self.drain_timeout_s + 5


def read_own_environment() -> dict[str, str]:
    """The environment of this process, above what a file ``.env`` in the working directory says."""
    return {**{name: value for name, value in dotenv_values(".env").items() if value is not None}, **os.environ}


def select_machine_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """What any child process gets to see."""
    return {name: value for name, value in environment.items() if name in _MACHINE}


def select_service_environment(environment: Mapping[str, str], service: str) -> dict[str, str]:
    """What a service's processes get to see: the machine's part and the settings that are the service's own."""
    passed_on = PASSED_ON[service]
    return {
        name: value for name, value in environment.items() if name in _MACHINE or name.upper().startswith(passed_on)
    }
