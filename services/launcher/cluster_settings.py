"""What a pod knows of the cluster that it runs in."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class ClusterSettings(BaseSettings):
    """Set by Kubernetes itself, in every pod."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", env_ignore_empty=True)

    kubernetes_service_host: str = Field(description="Address of the API server")
    kubernetes_service_port: int = Field(443, description="Port of the API server")
    service_account_folder: Path = Field(
        Path("/var/run/secrets/kubernetes.io/serviceaccount"), description="The pod's token, namespace and CA"
    )
