"""Settings of the portfolio: which provider writes a section, and what the providers are given."""

from dataclasses import replace
from decimal import Decimal

import pytest

from services.portfolio.adapters.providers import Providers, make_openai_settings, make_platform_settings
from services.portfolio.domain.sections import Catalogue
from services.portfolio.settings import PortfolioSettings


def test_a_sections_provider_is_the_settings_choice_else_its_own_else_the_default(catalogue: Catalogue) -> None:
    first, second, third, *_ = catalogue.sections
    sections = (replace(first, provider="openai"), replace(second, provider="openai"), third)
    settings = PortfolioSettings(
        portfolio_provider="builtin", portfolio_section_providers={first.name: "platform", third.name: "openai"}
    )
    assert settings.choose_providers((*sections, replace(third, name="another"))) == {
        first.name: "platform",
        second.name: "openai",
        third.name: "openai",
        "another": "builtin",
    }


def test_a_provider_for_a_section_that_there_is_not_is_refused_at_start(catalogue: Catalogue) -> None:
    settings = PortfolioSettings(portfolio_section_providers={"top_mover": "openai"})
    with pytest.raises(ValueError, match="PORTFOLIO_SECTION_PROVIDERS: there is no section 'top_mover'"):
        settings.choose_providers(catalogue.sections)


@pytest.mark.parametrize(("provider", "missing"), [("openai", "OPENAI_MODEL"), ("platform", "TENANT_ID")])
async def test_a_provider_that_is_chosen_without_its_settings_is_refused_at_start(provider: str, missing: str) -> None:
    with pytest.raises(ValueError, match=missing):
        Providers(PortfolioSettings(), {provider})


def test_the_platform_is_given_what_the_settings_say() -> None:
    made = make_platform_settings(
        PortfolioSettings(
            base_url="https://platform.example",
            tenant_id="acme",
            portfolio_platform_workspace_id="ws-1",
            portfolio_platform_stream=True,
            portfolio_platform_poll_s=20,
            portfolio_provider_timeout_s=7,
            portfolio_provider_concurrency=3,
        )
    )
    assert (made.base_url, made.tenant, made.workspace_id, made.stream) == (
        "https://platform.example", "acme", "ws-1", True,
    )  # fmt: skip
    assert (made.poll_s, made.max_poll_s) == (20, 20)  # the longest pause is never below the first
    assert (made.limits.request_timeout_s, made.limits.max_concurrency) == (7, 3)


def test_the_model_is_given_its_prices_and_bounds() -> None:
    made = make_openai_settings(
        PortfolioSettings(openai_input_price=Decimal("0.15"), openai_output_price=Decimal("0.6"), openai_max_tokens=900)
    )
    assert (made.input_price, made.output_price, made.max_tokens) == (Decimal("0.15"), Decimal("0.6"), 900)
