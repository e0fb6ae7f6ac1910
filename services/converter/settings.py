"""Settings of the converter service."""

import os
from decimal import Decimal
from pathlib import Path

from pydantic import AliasChoices, Field, SecretStr

from services.common.fault_words import PREFIX_PATTERN
from services.common.jobs.settings import JobSettings
from services.common.settings import Address, OptionalSecret, derived, fixed
from services.converter.domain.crew.budget import CrewLimits, Prices

_OPENAI_URL, _OPENAI_MODEL = "https://api.openai.com/v1", "gpt-4.1-mini"


class ConverterSettings(JobSettings):
    """What the converter's API and worker need."""

    converter_listen: Address = Field("127.0.0.1:9103", description="host:port of the converter's gRPC API")
    converter_worker_listen: Address = Field("127.0.0.1:0", description="host:port of the converter worker's health")
    converter_identity_key: SecretStr = Field(SecretStr(""), description="base64 Ed25519 seed of the converter service")
    converter_engines: int = Field(
        os.cpu_count() or 1, ge=1, le=256, description="Processes that learn and convert; each one job at a time"
    )
    converter_engine_niceness: int = fixed(10, description="How far the engines stand back from the API")
    converter_engine_memory_bytes: int = Field(4 << 30, gt=0, description="Address space of an engine process")
    converter_engine_jobs: int = fixed(200, description="Jobs after which an engine process is replaced")
    converter_learning_timeout_s: float = Field(
        120, gt=0, description="CPU time after which a search is cut (OUT_OF_TIME); its work is bounded apart from it"
    )
    converter_engine_timeout_s: float = derived(
        lambda values: values["jobs_timeout_s"] * 2 / 3, description="Time of one training or inference in its engine"
    )
    openai_api_key: OptionalSecret = Field(None, description="Key of the OpenAI-compatible endpoint")
    openai_base_url: str = Field(
        "", description="The OpenAI-compatible endpoint; OpenAI's own where only a key is given"
    )
    openai_model: str = Field("", description="Model at the OpenAI-compatible endpoint; gpt-4.1-mini at OpenAI's own")
    openai_temperature: float = Field(0.0, ge=0, le=2, description="Sampling temperature")
    converter_crew_provider: str = Field("openai", description="CrewAI's name of what the endpoint speaks")
    converter_crew_rounds: int = Field(5, ge=1, le=5, description="Programs that the agents may try for one job")
    converter_crew_tokens: int = Field(200_000, gt=0, description="Tokens that the agents may take for one job")
    converter_crew_cost: Decimal = Field(Decimal(0), ge=0, description="Money for one job's agents; 0: not bounded")
    openai_input_price: Decimal = Field(Decimal(0), ge=0, description="Price of a million tokens asked; 0: not known")
    openai_output_price: Decimal = Field(
        Decimal(0), ge=0, description="Price of a million tokens answered; 0: not known"
    )
    converter_crew_timeout_s: float = Field(
        600, gt=0, description="Time of one job's agents; with synthesis below JOBS_TIMEOUT_S"
    )
    converter_crew_call_timeout_s: float = fixed(60, description="Time of one question to the model")
    converter_crew_call_tokens: int = fixed(4_000, description="Longest answer of the model")
    converter_crew_candidates: int = fixed(
        2, description="Programs asked for in the first call, which cost their own tokens only"
    )
    converter_crew_call_retries: int = fixed(2, description="Repeats of a question that was not served")
    converter_crew_memory_bytes: int = Field(512 << 20, gt=0, description="Memory of one job's agents")
    converter_inline_max_bytes: int = fixed(
        10 << 20, description="Largest input that stands in the request itself, decoded"
    )
    converter_training_max_bytes: int = fixed(64 << 20, description="Largest file of a training's example")
    converter_inference_max_bytes: int = Field(4 << 30, gt=0, description="Largest file of an inference")
    converter_work_dir: Path | None = Field(
        None, description="Where jobs keep their files while they run; the system's temporary folder where unset"
    )
    converter_max_message_bytes: int = fixed(40 << 20, description="Largest gRPC message: two inline inputs fit")
    converter_jobs_prefix: str = Field(
        "jobs/", pattern=PREFIX_PATTERN, description="The prefix of the converter's jobs in the bucket"
    )
    s3_bucket_name: str = Field(
        "wealth",
        validation_alias=AliasChoices("s3_bucket_name", "aws_bucket_name"),
        description="The bucket, as it is named to people",
    )

    @property
    def has_model(self) -> bool:
        """Whether a model is configured for what synthesis leaves open."""
        return bool(self.model_url and self.model_name)

    @property
    def model_url(self) -> str:
        """The model's endpoint: what is set, or OpenAI's own where there is a key for it."""
        return self.openai_base_url or (_OPENAI_URL if self.openai_api_key else "")

    @property
    def model_name(self) -> str:
        """The model: what is set, or one of OpenAI's own."""
        return self.openai_model or (_OPENAI_MODEL if self.model_url == _OPENAI_URL else "")

    def crew_limits(self) -> CrewLimits:
        """The bounds of one consultation that these settings describe."""
        return CrewLimits(
            rounds=self.converter_crew_rounds,
            tokens=self.converter_crew_tokens,
            cost=self.converter_crew_cost,
            time_s=self.converter_crew_timeout_s,
            call_timeout_s=self.converter_crew_call_timeout_s,
            call_tokens=self.converter_crew_call_tokens,
            call_retries=self.converter_crew_call_retries,
            candidates=self.converter_crew_candidates,
        )

    def crew_prices(self) -> Prices:
        """What tokens cost."""
        return Prices(self.openai_input_price, self.openai_output_price)
