"""Settings of the converter service."""

import os
from pathlib import Path

from pydantic import AliasChoices, Field, SecretStr

from services.common.jobs.settings import JobSettings
from services.common.settings import Address


class ConverterSettings(JobSettings):
    """What the converter's API and worker need."""

    converter_listen: Address = Field("127.0.0.1:9103", description="host:port of the converter's gRPC API")
    converter_worker_listen: Address = Field("127.0.0.1:0", description="host:port of the converter worker's health")
    converter_identity_key: SecretStr = Field(SecretStr(""), description="base64 Ed25519 seed of the converter service")
    converter_engines: int = Field(
        os.cpu_count() or 1, ge=1, le=256, description="Processes that learn and convert; each one job at a time"
    )
    converter_engine_niceness: int = Field(10, ge=0, le=19, description="How far the engines stand back from the API")
    converter_engine_memory_bytes: int = Field(4 << 30, gt=0, description="Address space of an engine process")
    converter_engine_jobs: int = Field(200, gt=0, description="Jobs after which an engine process is replaced")
    converter_learning_timeout_s: float = Field(20, gt=0, description="Time that synthesis may search")
    converter_engine_timeout_s: float = Field(600, gt=0, description="Time of one training or inference in its engine")
    converter_inline_max_bytes: int = Field(
        10 << 20, gt=0, description="Largest input that stands in the request itself, decoded"
    )
    converter_training_max_bytes: int = Field(64 << 20, gt=0, description="Largest file of a training's example")
    converter_inference_max_bytes: int = Field(4 << 30, gt=0, description="Largest file of an inference")
    converter_work_dir: Path | None = Field(None, description="Where jobs keep their files while they run")
    converter_max_message_bytes: int = Field(40 << 20, gt=0, description="Largest gRPC message: two inline inputs fit")
    s3_prefix: str = Field("jobs/", pattern=r"^([\w.-]+/)*$", description="The jobs' prefix in the bucket")
    s3_bucket_name: str = Field(
        "wealth",
        validation_alias=AliasChoices("s3_bucket_name", "aws_bucket_name"),
        description="The bucket, as it is named to people",
    )
