"""Settings shared by all services, read from the environment once, before a socket opens."""

import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import unquote

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from pydantic import BeforeValidator, Field, SecretStr, ValidationError, model_validator
from pydantic.fields import FieldInfo
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
)

from services.common import identity
from services.common.fault_words import ADDRESS_PATTERN, COLLECTOR_PATTERN, tell_fault

_FIXED = "fixed"

Address = Annotated[str, Field(pattern=ADDRESS_PATTERN)]


def _blank_to_none(value: object) -> object:
    return None if value == "" else value


OptionalSecret = Annotated[SecretStr | None, BeforeValidator(_blank_to_none)]


def fixed(default: Any, *, description: str) -> Any:
    """A field that the environment is not asked for, since no operator has a reason to turn it.

    Tests and benchmarks may build settings with another value.
    """
    return Field(default, description=description, json_schema_extra={_FIXED: True})


def derived(make: Callable[[dict[str, Any]], Any], *, description: str) -> Any:
    """As ``fixed``, with a value that follows from fields above it, which ``make`` is given by name."""
    return Field(default_factory=make, description=description, json_schema_extra={_FIXED: True})


def is_fixed(field: FieldInfo) -> bool:
    """Whether the environment is not asked for a field."""
    extra = field.json_schema_extra
    return isinstance(extra, dict) and _FIXED in extra


class _Environment(EnvSettingsSource):
    """The environment without what is fixed."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        return (None, field_name, False) if is_fixed(field) else super().get_field_value(field, field_name)


class ServiceSettings(BaseSettings):
    """What every service process needs. Subclasses add their own, under their own prefix."""

    model_config = SettingsConfigDict(
        frozen=True, extra="forbid", populate_by_name=True, env_ignore_empty=True, hide_input_in_errors=True
    )

    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "INFO", description="Least severe level that is logged"
    )
    log_format: Literal["auto", "json", "console"] = Field("auto", description="json off a terminal, console on one")
    metrics_listen: Address | None = Field(None, description="host:port of the Prometheus page; none where unset")
    nats_url: SecretStr = Field(SecretStr("nats://127.0.0.1:4222"), description="NATS servers, comma-separated")
    nats_ca_file: Path | None = Field(
        None,
        description="The authority of NATS's certificate, a PEM file. Where it is set, connections begin with the TLS "
        "handshake, so that nobody in between can talk a client out of it: NATS needs handshake_first",
    )
    trusted_callers: dict[str, str | tuple[str, ...]] = Field(
        default_factory=dict,
        description='Public keys of the services that may call: {"gateway": "<base64 Ed25519>"}; a list of them while '
        "a key is replaced",
    )
    default_tenant: str = Field(
        identity.DEFAULT_TENANT, description="The tenant whose data stands at the top of the bucket"
    )
    grpc_call_timeout_s: float = Field(
        10,
        gt=0,
        description="Deadline of outgoing unary calls; a call that brings no deadline gets three times as much",
    )
    grpc_request_timeout_s: float = derived(
        lambda values: 3 * values["grpc_call_timeout_s"], description="Deadline of a unary call that brings none"
    )
    grpc_max_message_bytes: int = fixed(8 * 1024 * 1024, description="Largest gRPC message taken")
    grpc_max_connection_age_s: int = Field(
        300, gt=0, description="Age at which connections are renewed, so that new pods get load"
    )
    grpc_max_connection_age_grace_s: int = fixed(3600, description="What the longest transfer may take beyond it")
    otel_exporter_otlp_endpoint: str | None = Field(
        None,
        pattern=COLLECTOR_PATTERN,
        description="Where traces are sent: an OTLP/HTTP collector such as http://collector:4318; none where unset",
    )
    otel_exporter_otlp_headers: OptionalSecret = Field(
        None, description="What the collector wants in headers: name=value, comma-separated"
    )
    otel_traces_sampler_arg: float = Field(
        1.0, ge=0, le=1, description="Share of traces recorded, of those that begin here"
    )
    drain_timeout_s: float = Field(25, gt=0, description="Time to finish what is in hand after SIGTERM")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - pydantic names it
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - pydantic names it
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - pydantic names it
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Settings come from the constructor and from the environment, which is not asked for what is fixed."""
        return init_settings, _Environment(settings_cls)

    def public_keys(self) -> dict[str, tuple[Ed25519PublicKey, ...]]:
        """The trusted callers' public keys. Raises ValueError naming the caller of a malformed one."""
        keys = {}
        for caller, given in self.trusted_callers.items():
            try:
                keys[caller] = tuple(map(identity.load_public_key, (given,) if isinstance(given, str) else given))
            except ValueError as error:
                raise ValueError(f"TRUSTED_CALLERS: the key of {caller!r} is not base64 of 32 bytes") from error
        return keys

    def nats_tls(self) -> ssl.SSLContext | None:
        """How NATS's certificate is checked; None without NATS_CA_FILE. Raises ValueError naming the setting."""
        if self.nats_ca_file is None:
            return None
        try:
            return ssl.create_default_context(cafile=str(self.nats_ca_file))
        except OSError as error:  # ssl.SSLError is one
            raise ValueError(f"NATS_CA_FILE: no certificates can be read from {self.nats_ca_file}") from error

    def otlp_headers(self) -> dict[str, str]:
        """The collector's headers. Raises ValueError where they are none, without their values."""
        text = self.otel_exporter_otlp_headers.get_secret_value() if self.otel_exporter_otlp_headers else ""
        pairs = [part.partition("=") for part in text.split(",") if part.strip()]
        if not all(name.strip() and equals for name, equals, _ in pairs):
            raise ValueError("OTEL_EXPORTER_OTLP_HEADERS: not name=value, comma-separated")
        return {name.strip().lower(): unquote(value.strip()) for name, _, value in pairs}

    @model_validator(mode="after")
    def _check_otlp_headers(self) -> Self:
        self.otlp_headers()
        return self

    @classmethod
    def load(cls, **overrides: Any) -> Self:
        """Reads the environment. Exits with the names of the settings at fault, never with their values."""
        try:
            return cls(**overrides)
        except ValidationError as error:
            lines = [
                f"  {'.'.join(map(str, item['loc'])).upper()}: {tell_fault(item)}"
                for item in error.errors()
                if item["type"] != "default_factory_not_called"
            ]
        except SettingsError as error:  # names the field; its cause would quote the value
            lines = [f"  {error}: is it JSON?"]
        raise SystemExit("settings are not valid:\n" + "\n".join(lines))


def read_identity_key(secret: SecretStr, name: str) -> Ed25519PrivateKey:
    """Reads a service's private key from a setting. Raises ValueError naming the setting, not its value."""
    try:
        return identity.load_private_key(secret.get_secret_value())
    except ValueError as error:
        raise ValueError(f"{name}: not the base64 of a 32-byte Ed25519 seed") from error


def read_file(path: Path, limit_bytes: int) -> bytes:
    """Reads a settings file whole. Raises ValueError where it is larger than ``limit_bytes``."""
    with path.open("rb") as file:
        content = file.read(limit_bytes + 1)
    if len(content) > limit_bytes:
        raise ValueError(f"{path}: larger than {limit_bytes} bytes")
    return content
