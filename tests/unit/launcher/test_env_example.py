"""`.env.example` says what the settings classes say, and `make run` hands each setting to the service that reads it."""

from collections import defaultdict
from pathlib import Path
from typing import Literal, get_args, get_origin

import pytest

from services.converter.settings import ConverterSettings
from services.events.settings import EventsSettings
from services.gateway.settings import GatewaySettings
from services.launcher.env_example import PARTS, list_settings, render
from services.launcher.plan import SERVICES, Ports, plan_services
from services.launcher.secrets import load_secrets
from services.launcher.settings import select_service_environment
from services.portfolio.settings import PortfolioSettings
from services.storage.settings import StorageSettings

CLASSES = {
    "storage": StorageSettings,
    "portfolio": PortfolioSettings,
    "converter": ConverterSettings,
    "gateway": GatewaySettings,
    "events": EventsSettings,
}
ROOT = Path(__file__).parents[3]


def test_the_committed_file_is_what_the_settings_classes_say() -> None:
    assert (ROOT / ".env.example").read_text() == render(), "run `make env-example`"


def test_a_setting_with_few_values_or_bounds_says_them() -> None:
    lines = render().splitlines()
    told = {lines[at + 1].removeprefix("#").partition("=")[0]: line for at, line in enumerate(lines[:-1])}
    assert told["LOG_LEVEL"].endswith("[DEBUG | INFO | WARNING | ERROR]")
    assert told["PORTFOLIO_GROUNDING_POLICY"].endswith("[annotate | retry | refuse]")
    assert told["JOBS_CONCURRENCY"].endswith("[1 to 256]")
    for _, cls in PARTS:
        for name, field in list_settings(cls):
            if get_origin(field.annotation) is Literal:
                assert " | ".join(map(str, get_args(field.annotation))) in told[name]


def test_every_setting_is_described() -> None:
    assert [name for _, cls in PARTS for name, field in list_settings(cls) if not field.description] == []


def test_a_setting_that_several_services_read_has_one_default() -> None:
    defaults = defaultdict(set)
    for _, cls in PARTS:
        for name, field in list_settings(cls):
            # The gateway only shows the bucket's name, and shows nothing where it is not told.
            if not (cls is GatewaySettings and name == "S3_BUCKET_NAME"):
                defaults[name].add(repr(field.get_default(call_default_factory=True, validated_data={})))
    assert {name: found for name, found in defaults.items() if len(found) > 1} == {}


@pytest.mark.parametrize("service", ["storage", "portfolio", "converter"])
def test_targets_point_by_default_where_the_service_listens_by_default(service: str) -> None:
    fields = {name: field.default for cls in CLASSES.values() for name, field in list_settings(cls)}
    assert fields[f"{service}_target".upper()] == fields[f"{service}_listen".upper()]


@pytest.mark.parametrize("service", CLASSES)
def test_make_run_hands_every_setting_to_the_service_that_reads_it(service: str, tmp_path: Path) -> None:
    plan = plan_services(Ports(8000), load_secrets(tmp_path), tmp_path, {})[service]
    wanted = {name for name, _ in list_settings(CLASSES[service])}
    passed_on = select_service_environment(dict.fromkeys(wanted, "x"), service)
    # `make run` has a NATS of its own, on this machine and without TLS, where another's authority would be in the way.
    unused = {"NATS_CA_FILE"}
    if service == "gateway":  # inherits it with the shared settings, and talks to services only
        unused.add("NATS_URL")
    assert wanted - passed_on.keys() - plan.environment.keys() - unused == set()


def test_no_service_sees_the_secrets_of_another() -> None:
    machine = {
        "PATH": "/bin",
        "OPENAI_API_KEY": "model",
        "AWS_SECRET_ACCESS_KEY": "cloud",
        "GATEWAY_KEY_SECRET": "door",
        "GITHUB_TOKEN": "ci",
    }
    seen = {service: set(select_service_environment(machine, service)) - {"PATH"} for service in CLASSES}
    assert seen == {
        "storage": set(),
        "portfolio": {"OPENAI_API_KEY"},
        "converter": {"OPENAI_API_KEY"},
        "gateway": {"GATEWAY_KEY_SECRET"},
        "events": set(),
    }


@pytest.mark.parametrize("name", SERVICES)
def test_each_planned_process_reads_its_settings(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = plan_services(Ports(8000), load_secrets(tmp_path), tmp_path, {})[name]
    for variable, value in plan.environment.items():
        monkeypatch.setenv(variable, value)
    settings = CLASSES[name.partition("-")[0]].load()
    assert settings.public_keys().keys() == {"gateway", "portfolio", "converter", "events"}
