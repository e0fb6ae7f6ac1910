"""Settings of the portfolio service."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, field_validator

from services.common.jobs.settings import JobSettings
from services.common.sealing import read_sealing_keys
from services.common.settings import Address, OptionalSecret, derived, fixed
from services.portfolio.domain.errors import InputError
from services.portfolio.domain.reading import Conventions, read_conventions
from services.portfolio.domain.sections import Section

Provider = Literal["builtin", "openai", "platform"]


class PortfolioSettings(JobSettings):
    """What the portfolio's API and worker need."""

    portfolio_listen: Address = Field("127.0.0.1:9102", description="host:port of the portfolio's gRPC API")
    portfolio_worker_listen: Address = Field("127.0.0.1:0", description="host:port of the portfolio worker's health")
    portfolio_identity_key: SecretStr = Field(SecretStr(""), description="base64 Ed25519 seed of the portfolio service")
    portfolio_sealing_keys: dict[str, SecretStr] = Field(
        default_factory=dict,
        description='AES-256 keys that seal credentials: {"key id": "base64 of 32 bytes"}; the first seals',
    )
    portfolio_sections_file: Path | None = Field(None, description="sections.yaml to use instead of the shipped one")
    portfolio_brands_file: Path | None = Field(
        None, description="YAML file with each tenant's name, colour and logo for reports"
    )
    portfolio_provider: Provider = Field("builtin", description="Who writes the narratives")
    portfolio_section_providers: dict[str, Provider] = Field(
        default_factory=dict,
        description='Other providers for single sections, before those of sections.yaml: {"top_movers": "openai"}',
    )
    portfolio_locale: str = Field(
        "en_IN", description="How numbers are written where neither a task nor its currency says"
    )
    portfolio_grounding_policy: Literal["annotate", "retry", "refuse"] = Field(
        "annotate", description="What happens to a narrative with a number that no fact supports"
    )
    portfolio_forecasts_are_faults: bool = Field(
        True, description="Whether a narrative's forecasts and guarantees count as faults, as figures no fact supports"
    )
    portfolio_section_concurrency: int = fixed(8, description="Sections of a task analysed at once")
    portfolio_max_section_cost: Decimal | None = Field(
        None,
        ge=0,
        description="No second try where a section's would pass this, in the provider's currency; unset: no bound",
    )
    portfolio_provider_timeout_s: float = Field(
        60, gt=0, description="Time of one HTTP call to a provider; a section has three times as much"
    )
    portfolio_section_timeout_s: float = derived(
        lambda values: 3 * values["portfolio_provider_timeout_s"], description="Time of one section, provider included"
    )
    portfolio_provider_concurrency: int = Field(256, ge=1, le=4096, description="HTTP calls to a provider at once")
    portfolio_provider_pause_s: float = fixed(
        15, description="Rest of a provider that failed eight times in a row; tasks that sign in wait as long"
    )
    portfolio_platform_sign_in_timeout_s: float = fixed(
        30, description="How long signing in at the AI platform is tried before the task waits for another try"
    )
    portfolio_inline_input_bytes: int = Field(
        0,
        ge=0,
        le=64 * 1024,
        description="Inputs of tasks up to this size stand in the task's record; 0 until every worker knows this "
        "setting: the release before looks for an object of its own",
    )
    portfolio_max_payload_bytes: int = fixed(6 * 1024 * 1024, description="All payloads of a task together")
    portfolio_max_csv_bytes: int = fixed(16 * 1024 * 1024, description="Largest converter output analysed")
    converter_target: str = Field("127.0.0.1:9103", description="The converter service, for converter_output payloads")
    base_url: str = Field("", description="The tenant's AI platform")
    api_key: OptionalSecret = Field(None, description="API key of the tenant's AI platform")
    tenant_id: str = Field("", description="Tenant at the AI platform")
    portfolio_platform_workspace_id: str = Field("", description="Workspace at the AI platform, where it wants one")
    portfolio_platform_stream: bool = Field(False, description="Take the AI platform's answers as a stream")
    portfolio_platform_poll_s: float = Field(2, ge=0.05, description="Time between looks for the AI platform's answer")
    portfolio_platform_max_poll_s: float = derived(
        lambda values: max(10, values["portfolio_platform_poll_s"]),
        description="What that time grows to, from the sixth look",
    )
    openai_api_key: OptionalSecret = Field(None, description="Key of the OpenAI-compatible endpoint")
    openai_base_url: str = Field("", description="The OpenAI-compatible endpoint")
    openai_model: str = Field("", description="Model at the OpenAI-compatible endpoint")
    openai_temperature: float = Field(0.0, ge=0, le=2, description="Sampling temperature")
    openai_max_tokens: int = Field(1500, ge=1, le=100_000, description="Longest answer of the model")
    openai_input_price: Decimal = Field(Decimal(0), ge=0, description="Price of a million tokens asked; 0: not known")
    openai_output_price: Decimal = Field(
        Decimal(0), ge=0, description="Price of a million tokens answered; 0: not known"
    )

    portfolio_reference_dir: Path | None = Field(
        None, description="Folder with reference files (ratings.yaml ...) to use instead of the shipped ones"
    )
    portfolio_input_conventions: dict[str, dict[str, str | int]] = Field(
        default_factory=dict,
        description='What the feeds of a tenant use where nothing else says: {"tenant": {"dates": "DMY"}}; "*": of all',
    )

    @field_validator("portfolio_input_conventions")
    @classmethod
    def _check_conventions(cls, value: dict[str, dict[str, str | int]]) -> dict[str, dict[str, str | int]]:
        for tenant, stated in value.items():
            try:
                read_conventions(stated)
            except InputError as error:
                raise ValueError(f"{tenant}: {error.message}") from None
        return value

    def find_conventions(self, tenant: str) -> Conventions:
        """What the feeds of a tenant use by default."""
        stated = self.portfolio_input_conventions
        return read_conventions(stated.get("*")).overridden_by(read_conventions(stated.get(tenant)))

    def sealing_keys(self) -> dict[str, bytes]:
        """The sealing keys, decoded, the one that seals first. Raises ValueError naming a malformed one."""
        return read_sealing_keys(self.portfolio_sealing_keys, "PORTFOLIO_SEALING_KEYS")

    def choose_providers(self, sections: Iterable[Section]) -> Mapping[str, str]:
        """Who writes each section's narrative: the settings' choice for it, else its own, else the default.

        Raises ValueError where the settings choose for a section that there is not.
        """
        chosen = {section.name: section.provider or self.portfolio_provider for section in sections}
        if unknown := sorted(self.portfolio_section_providers.keys() - chosen.keys()):
            raise ValueError(f"PORTFOLIO_SECTION_PROVIDERS: there is no section {unknown[0]!r}")
        return {**chosen, **self.portfolio_section_providers}
