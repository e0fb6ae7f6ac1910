"""What is needed for a model: a key alone, or an endpoint with a model."""

import pytest
from pydantic import SecretStr

from services.converter.settings import ConverterSettings
from services.launcher.__main__ import needs_crew


@pytest.mark.parametrize(
    ("given", "url", "model"),
    [
        ({}, "", ""),
        ({"openai_api_key": SecretStr("k")}, "https://api.openai.com/v1", "gpt-4.1-mini"),
        ({"openai_api_key": SecretStr("k"), "openai_model": "m"}, "https://api.openai.com/v1", "m"),
        ({"openai_base_url": "http://x/v1", "openai_model": "m"}, "http://x/v1", "m"),
        ({"openai_base_url": "http://x/v1"}, "http://x/v1", ""),
    ],
)
def test_what_is_not_set_is_openais_own_where_there_is_a_key(
    given: dict[str, object], url: str, model: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "OPENAI_MODEL"):
        monkeypatch.delenv(name, raising=False)
    settings = ConverterSettings(**given)  # type: ignore[arg-type]
    assert (settings.model_url, settings.model_name, settings.has_model) == (url, model, bool(url and model))


@pytest.mark.parametrize(
    ("environment", "installed", "wanted"),
    [
        ({"OPENAI_API_KEY": "k"}, False, True),
        ({"OPENAI_BASE_URL": "http://x/v1"}, False, True),
        ({"OPENAI_API_KEY": "k"}, True, False),
        ({"OPENAI_API_KEY": ""}, False, False),
        ({}, False, False),
    ],
)
def test_the_agents_are_missed_only_where_a_model_is_configured(
    environment: dict[str, str], monkeypatch: pytest.MonkeyPatch, *, installed: bool, wanted: bool
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: object() if installed else None)
    assert needs_crew(environment) is wanted
