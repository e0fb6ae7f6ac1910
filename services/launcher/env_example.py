"""``python -m services.launcher.env_example`` prints `.env.example`: every setting, from the settings classes.

A test holds the committed file against this.
"""

import json
import sys
from collections.abc import Iterator
from enum import Enum
from typing import Any, Literal, get_args, get_origin

from pydantic import AliasChoices, SecretStr
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined
from pydantic_settings import BaseSettings

from services.common.jobs.settings import JobSettings, TopologySettings
from services.common.settings import ServiceSettings, is_fixed
from services.converter.settings import ConverterSettings
from services.events.settings import EventsSettings
from services.gateway.settings import GatewaySettings
from services.launcher.settings import LauncherSettings
from services.portfolio.settings import PortfolioSettings
from services.storage.settings import StorageSettings

HEADING = """\
# Every setting of the suite, with its default. Copy this file to .env and uncomment what you change; `make run` reads
# it and gives each service its own part. `make run` itself chooses addresses, keys and S3 credentials.
# Production sets the same names in the services' environment. Lists and tables are JSON.
"""
# A setting stands under the first title whose class has it.
PARTS: tuple[tuple[str, type[BaseSettings]], ...] = (
    ("All services", ServiceSettings),
    ("make run", LauncherSettings),
    ("Job queues: storage's bootstrap, portfolio and converter", TopologySettings),
    ("Jobs: portfolio and converter", JobSettings),
    ("Storage", StorageSettings),
    ("Portfolio", PortfolioSettings),
    ("Converter", ConverterSettings),
    ("Events: webhooks and a tenant's stream", EventsSettings),
    ("Gateway", GatewaySettings),
)
# Defaults that differ from machine to machine, in words.
_MACHINE_DEFAULTS = {"CONVERTER_ENGINES": "one for each processor"}


def name_in_environment(name: str, field: FieldInfo) -> str:
    """The variable that a field is read from; the first where it has several."""
    alias = field.validation_alias
    if isinstance(alias, AliasChoices):
        return str(alias.choices[0]).upper()
    return str(alias or name).upper()


def list_settings(settings_class: type[BaseSettings]) -> Iterator[tuple[str, FieldInfo]]:
    """Yields each variable that a settings class reads, with its field."""
    for name, field in settings_class.model_fields.items():
        if not is_fixed(field):
            yield name_in_environment(name, field), field


def render() -> str:
    """Returns the text of `.env.example`."""
    lines = [HEADING]
    seen: set[str] = set()
    for title, settings_class in PARTS:
        lines.append(f"\n# ---- {title} ----\n")
        for name, field in list_settings(settings_class):
            if name in seen:
                continue
            seen.add(name)
            needed = " (needed)" if field.is_required() else ""
            allowed = _tell_allowed(field)
            lines.append(f"# {field.description}{f' [{allowed}]' if allowed else ''}{needed}")
            lines.append(f"#{name}={_render_default(name, field)}\n")
    return "\n".join(lines).rstrip() + "\n"


def _tell_allowed(field: FieldInfo) -> str:
    """Which values a setting takes, from its type and bounds; empty where any text of its type does."""
    kinds = [kind for kind in get_args(field.annotation) or (field.annotation,) if kind is not type(None)]
    if get_origin(field.annotation) is Literal:
        return " | ".join(map(str, get_args(field.annotation)))
    if bool in kinds:
        return "true | false"
    if enums := [kind for kind in kinds if isinstance(kind, type) and issubclass(kind, Enum)]:
        return " | ".join(str(member.value) for member in enums[0])
    bounds = {
        name: getattr(rule, name)
        for rule in field.metadata
        for name in ("ge", "gt", "le", "lt", "min_length", "max_length")
        if getattr(rule, name, None) is not None
    }
    if "min_length" in bounds or "max_length" in bounds:
        return _tell_range(bounds.get("min_length"), bounds.get("max_length"), " signs")
    # That a time or a size is above nothing goes without saying.
    low = bounds.get("ge", f"above {bounds['gt']}" if bounds.get("gt") else None)
    high = bounds.get("le", f"below {bounds['lt']}" if "lt" in bounds else None)
    return _tell_range(low, high)


def _tell_range(low: object, high: object, unit: str = "") -> str:
    if low is None:
        return "" if high is None else f"at most {high}{unit}"
    if high is None:
        return f"{low}{unit}" if isinstance(low, str) else f"{low}{unit} and more"
    return f"{low} to {high}{unit}"


def _render_default(name: str, field: FieldInfo) -> str:
    if name in _MACHINE_DEFAULTS:
        return f"  # {_MACHINE_DEFAULTS[name]}"
    default: Any = field.get_default(call_default_factory=True, validated_data={})
    if default is PydanticUndefined or default is None:
        return ""
    if isinstance(default, SecretStr):
        return default.get_secret_value()
    if isinstance(default, bool):
        return str(default).lower()
    if isinstance(default, dict | list):
        return json.dumps(default) if default else ""
    return str(default)


if __name__ == "__main__":
    sys.stdout.write(render())
