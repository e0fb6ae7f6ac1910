"""The gateway's settings."""

import ipaddress
from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator, Field, SecretStr, model_validator
from pydantic_settings import NoDecode

from services.common.settings import Address, OptionalSecret, ServiceSettings, derived, fixed

MIN_SECRET_CHARS = 32
MIB = 1024 * 1024


def _split_list(value: object) -> object:
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


class GatewaySettings(ServiceSettings):
    """What the door needs to know: where to listen, whom to let in, how much, and where the services are."""

    # Where it listens, and where the services are.
    gateway_listen: Address = Field("127.0.0.1:8000", description="host:port of REST, events and pages")
    gateway_grpc_listen: Address = Field("127.0.0.1:8001", description="host:port of the gRPC door")
    portfolio_target: str = Field("127.0.0.1:9102", description="The portfolio API: host:port or dns:///name:port")
    converter_target: str = Field("127.0.0.1:9103", description="The converter API: host:port or dns:///name:port")
    storage_target: str = Field("127.0.0.1:9101", description="The storage service: host:port or dns:///name:port")
    events_target: str = Field("127.0.0.1:9104", description="The events service: host:port or dns:///name:port")
    gateway_identity_key: SecretStr = Field(
        description="Signs calls to the services: base64 of a 32-byte Ed25519 seed. They trust its public half"
    )

    # Who may come in.
    gateway_keys_file: Path | None = Field(None, description="The file of hashed API keys; none where unset")
    gateway_key_secret: OptionalSecret = Field(
        None, description="Server secret under which keys are hashed and sessions signed, at least 32 characters"
    )
    gateway_keys_reload_s: float = fixed(1.0, description="How often the keys' file is looked at for changes")
    fastapi_and_wep_app_secret_key: OptionalSecret = Field(
        None, description="The older services' single key; accepted where it has at least 32 characters"
    )
    gateway_legacy_open_tasks: bool = Field(
        False, description="Let calls without a key use /task/* and /tasks, as the tenant below"
    )
    gateway_legacy_open_tasks_tenant: str | None = Field(
        None, description="The tenant of calls without a key; the default tenant where unset"
    )

    # What those without a key may take up.
    gateway_trusted_proxies: Annotated[list[str], NoDecode, BeforeValidator(_split_list)] = Field(
        default_factory=list,
        description="Networks of the proxies in front, comma-separated, such as 10.0.0.0/8: the last address of their "
        "X-Forwarded-For that is none of these is the peer. Any other's word about it is not taken",
    )
    gateway_max_strangers: int = Field(
        512, ge=1, description="Connections of this process on which no key was shown; above it the oldest is closed"
    )
    gateway_max_strangers_per_peer: int = Field(
        64, ge=1, description="Such connections of one address; trusted proxies have no such bound"
    )

    gateway_max_grpc_connections: int = Field(
        1500,
        ge=1,
        description="Connections of the gRPC door; above it new ones are refused, and idle ones end in a minute",
    )

    # How much a key may do, where the key itself does not say.
    gateway_rate_per_s: float = Field(200, gt=0, description="Calls a second per key, in the long run")
    gateway_burst: int = Field(400, ge=1, description="Calls at once per key, before the rate above holds")
    gateway_shared_rate_per_s: float = Field(
        50,
        gt=0,
        description="Calls a second of one tenant while others call too: those above it wait for their turn",
    )
    gateway_concurrency: int = Field(64, ge=1, description="Calls and transfers of one key that may run at once")
    gateway_max_watchers: int = Field(2000, ge=1, description="Event streams of this process, of all keys together")
    gateway_max_watchers_per_key: int = derived(
        lambda values: (values["gateway_max_watchers"] + 1) // 2, description="Event streams of one key"
    )

    # How large and how long.
    gateway_max_body_bytes: int = fixed(16 * MIB, description="Largest body of a call that is not an upload")
    gateway_max_file_bytes: int = Field(2048 * MIB, ge=1024, description="Largest uploaded file")
    gateway_upload_idle_s: float = fixed(60, description="How long an upload may stand still")
    gateway_max_message_bytes: int = fixed(
        36 * MIB, description="Largest gRPC message taken from clients, and exchanged with the services"
    )
    gateway_max_inline_output_bytes: int = fixed(
        8 * MIB, description="Largest output that ?wait= returns inside of its answer"
    )
    gateway_max_wait_s: float = Field(60, gt=0, description="Longest ?wait= that is honoured")
    gateway_heartbeat_s: float = Field(15, gt=0, description="Pause between comments on a silent event stream")
    gateway_watch_max_s: float = Field(3600, gt=0, description="Age at which an event stream ends; clients resume it")
    gateway_health_cache_s: float = fixed(1.0, description="How long /health and /ping answer from memory")

    # Browsers.
    gateway_cors_origins: Annotated[list[str], NoDecode, BeforeValidator(_split_list)] = Field(
        default_factory=list, description="Origins whose pages may call REST, comma-separated; none by default"
    )
    gateway_list_refresh_s: float = fixed(
        3, description="How often an open list of the dashboard looks for new tasks and jobs"
    )
    # A sign-out is kept for a day at least (``dashboard/sign_outs.py``): no session may outlive it.
    gateway_session_s: int = Field(8 * 3600, ge=60, le=86_400, description="How long a dashboard session lasts")
    gateway_cookie_secure: bool = Field(
        False, description="Mark the session cookie Secure: set it wherever the dashboard is served over TLS"
    )

    # Shown by /ping, as the older clients read it.
    s3_bucket_name: str | None = Field(None, description="The bucket's name, shown by /ping; not used otherwise")

    @model_validator(mode="after")
    def _check_secrets(self) -> "GatewaySettings":
        secret = self.gateway_key_secret
        if secret is not None and len(secret.get_secret_value()) < MIN_SECRET_CHARS:
            raise ValueError(f"GATEWAY_KEY_SECRET has fewer than {MIN_SECRET_CHARS} characters")
        if self.gateway_keys_file is not None and secret is None:
            raise ValueError("GATEWAY_KEYS_FILE needs GATEWAY_KEY_SECRET")
        return self

    @model_validator(mode="after")
    def _check_proxies(self) -> "GatewaySettings":
        self.proxies()
        return self

    def proxies(self) -> list[ipaddress.IPv4Network | ipaddress.IPv6Network]:
        """The networks of trusted proxies. Raises ValueError naming the setting and the one at fault."""
        found = []
        for text in self.gateway_trusted_proxies:
            try:
                found.append(ipaddress.ip_network(text))
            except ValueError as error:
                raise ValueError(f"GATEWAY_TRUSTED_PROXIES: {error}") from error
        return found

    @property
    def legacy_key(self) -> str | None:
        """The older services' key where it is long enough to be accepted."""
        secret = self.fastapi_and_wep_app_secret_key
        text = secret.get_secret_value() if secret else ""
        return text if len(text) >= MIN_SECRET_CHARS else None

    @property
    def legacy_key_refused(self) -> bool:
        """Whether the older services' key is set but too short to be accepted."""
        return self.fastapi_and_wep_app_secret_key is not None and self.legacy_key is None

    def notices(self) -> list[str]:
        """What somebody who set this up should know, and would not see otherwise. Names settings, never values."""
        short = (
            f"FASTAPI_AND_WEP_APP_SECRET_KEY has fewer than {MIN_SECRET_CHARS} characters and is not accepted: "
            "callers that send it get 401"
        )
        return [short] if self.legacy_key_refused else []
