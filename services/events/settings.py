"""Settings of the events service."""

from typing import Annotated

from pydantic import BeforeValidator, Field, SecretStr
from pydantic_settings import NoDecode

from services.common.jobs.settings import TopologySettings
from services.common.sealing import read_sealing_keys
from services.common.settings import Address


def _split_list(value: object) -> object:
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


class EventsSettings(TopologySettings):
    """What telling news needs."""

    events_listen: Address = Field("127.0.0.1:9104", description="host:port of the events service's gRPC API")
    events_identity_key: SecretStr = Field(SecretStr(""), description="base64 Ed25519 seed of the events service")
    storage_target: str = Field("127.0.0.1:9101", description="The storage service: host:port or dns:///name:port")
    events_sealing_keys: dict[str, SecretStr] = Field(
        default_factory=dict,
        description='AES-256 keys that seal webhooks\' secrets: {"key id": "base64 of 32 bytes"}; the first seals',
    )
    events_webhook_retry_for_s: float = Field(
        24 * 3600, gt=0, description="Age at which the last try to deliver to a webhook is made"
    )
    events_webhook_first_pause_s: float = Field(
        5, gt=0, description="Pause after a webhook's first failure; three times as long after each further one"
    )
    events_webhook_timeout_s: float = Field(10, gt=0, description="Time that a webhook's receiver has to answer")
    events_webhook_trusted_receivers: Annotated[list[str], NoDecode, BeforeValidator(_split_list)] = Field(
        default_factory=list,
        description="Receivers, as host:port, comma-separated, that may be private and plain http: for development, "
        "and for receivers of your own inside of the network. All others are public and https",
    )

    def sealing_keys(self) -> dict[str, bytes]:
        """The sealing keys, decoded. Raises ValueError naming a malformed one."""
        return read_sealing_keys(self.events_sealing_keys, "EVENTS_SEALING_KEYS")
