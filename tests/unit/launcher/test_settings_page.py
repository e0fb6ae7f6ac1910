"""docs/settings.md: whoever turns a setting finds why, and what nobody turns is no setting."""

import re
from pathlib import Path

import pytest

from services.client.settings import ClientSettings
from services.common.settings import ServiceSettings, is_fixed
from services.gateway.settings import GatewaySettings
from services.launcher.env_example import PARTS, list_settings
from services.launcher.env_review import find_unknown, review_file
from services.portfolio.settings import PortfolioSettings

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "settings.md").read_text()
ROWS = re.findall(r"^\| `([A-Z0-9_]+)` \| (.*) \|$", PAGE, re.MULTILINE)
NAMES = {name for _, cls in (*PARTS, ("client", ClientSettings)) for name, _ in list_settings(cls)}
FIXED = [
    (cls, name)
    for _, cls in PARTS
    for name, field in cls.model_fields.items()
    if is_fixed(field) and name in cls.__annotations__
]


def test_each_setting_stands_on_the_page_once_with_the_reason_to_turn_it() -> None:
    assert sorted(name for name, _ in ROWS) == sorted(NAMES)
    assert [name for name, reason in ROWS if len(reason.split()) < 3] == []


def test_settings_that_the_page_names_in_words_are_there() -> None:
    assert set(re.findall(r"`([A-Z][A-Z0-9]*_[A-Z0-9_]*)`", PAGE)) - NAMES == {"DEADLINE_EXCEEDED", "OUT_OF_TIME"}


@pytest.mark.parametrize("page", sorted((ROOT / "docs").glob("*.md")), ids=lambda path: path.name)
def test_no_page_names_a_setting_that_is_none_any_more(page: Path) -> None:
    gone = {name.upper() for _, name in FIXED}
    assert set(re.findall(r"`([A-Z][A-Z0-9_]*)`", page.read_text())) & gone == set()


@pytest.mark.parametrize(("cls", "name"), FIXED, ids=lambda value: value if isinstance(value, str) else "")
def test_the_environment_turns_nothing_that_is_fixed(
    cls: type[ServiceSettings], name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    needed = {"gateway_identity_key": "k"} if issubclass(cls, GatewaySettings) else {}
    plain = cls(**needed)
    monkeypatch.setenv(name.upper(), "no number")
    assert cls(**needed) == plain
    assert getattr(cls(**needed, **{name: 7}), name) == 7


def test_what_follows_from_a_setting_moves_with_it() -> None:
    settings = PortfolioSettings(jobs_sweep_interval_s=9, grpc_call_timeout_s=20, portfolio_provider_timeout_s=100)
    assert (settings.jobs_grace_s, settings.grpc_request_timeout_s, settings.portfolio_section_timeout_s) == (
        9, 60, 300,
    )  # fmt: skip


def test_a_wrong_setting_is_not_joined_by_what_follows_from_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRPC_CALL_TIMEOUT_S", "soon")
    with pytest.raises(SystemExit) as exit_:
        PortfolioSettings.load()
    assert len(str(exit_.value).splitlines()) == 2


def test_a_name_that_the_constructor_does_not_know_is_refused() -> None:
    with pytest.raises(ValueError, match="jobs_retry_delay_s"):
        PortfolioSettings(jobs_retry_delay_s=1)


def test_a_file_that_sets_what_is_fixed_is_told_what_holds(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("STORAGE_S3_RETRIES=9\nJOBS_GRACE_S=7\nCONVERTER_CREW_PROMPT_PRICE=1\n")
    found = {item.name: item for item in review_file(file)}
    assert {item.verdict for item in found.values()} == {"unknown"}
    assert "it is 2 for all" in found["STORAGE_S3_RETRIES"].words
    assert "follows from others" in found["JOBS_GRACE_S"].words
    assert "OPENAI_INPUT_PRICE" in found["CONVERTER_CREW_PROMPT_PRICE"].words
    assert len(find_unknown(dict.fromkeys(found, "7"))) == 3
