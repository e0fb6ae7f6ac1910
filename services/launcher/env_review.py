"""A file of settings held against what the suite reads: what counts, what is refused, what nobody reads.

Values are read, never shown. Settings keep the names that the older services had for them; what an older file leaves
to a default which is another one here is said as well.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from dotenv import dotenv_values
from pydantic import AliasChoices, ValidationError
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, DotEnvSettingsSource, SettingsConfigDict, SettingsError

from services.common.fault_words import tell_fault
from services.common.near import find_near
from services.common.settings import is_fixed
from services.gateway.settings import MIN_SECRET_CHARS
from services.launcher.env_example import PARTS

Verdict = Literal["read", "look", "refused", "unknown"]
# Names of the machine and of tools that stand in such files and are nobody's slip of the pen.
_OTHERS = ("PATH", "HOME", "USER", "LANG", "TZ", "PYTHON", "COMPOSE_", "DOCKER_", "KUBE", "AWS_")
_LEGACY_KEY = "FASTAPI_AND_WEP_APP_SECRET_KEY"
_BUCKET_NAMES = ("S3_BUCKET_NAME", "AWS_BUCKET_NAME")

# One name for one knob: what these said, another says.
_RENAMED = {
    "WEALTH_STOP_GRACE_S": "DRAIN_TIMEOUT_S",
    "CONVERTER_CREW_PROMPT_PRICE": "OPENAI_INPUT_PRICE",
    "CONVERTER_CREW_COMPLETION_PRICE": "OPENAI_OUTPUT_PRICE",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One name of the file: read as it stands, worth a look, refused, or unknown; and why."""

    name: str
    verdict: Verdict
    words: str


def review_file(path: Path) -> list[Finding]:
    """Reviews a file of settings, in its own order. Raises OSError, and UnicodeDecodeError where it is no text."""
    values = {name: value for name, value in dotenv_values(path).items() if value is not None}
    refused = dict(_refusals(path))
    looks = dict(_looks(values))
    return [_judge(name, values[name], refused, looks) for name in values]


def find_unknown(names: Mapping[str, str]) -> list[Finding]:
    """Those of the names that no service reads and that are like one which is read: slips of the pen."""
    found = (_judge(name, value, {}, {}) for name, value in names.items())
    return [
        item
        for item in found
        if item.verdict == "unknown" and (item.name.upper() in _fixed_names() or _nearest(item.name))
    ]


def _judge(name: str, value: str, refused: Mapping[str, str], looks: Mapping[str, str]) -> Finding:
    known = _known_names().get(name.upper())
    if known is None and name.upper() in _fixed_names():
        return Finding(name, "unknown", f"no setting any more: {_fixed_names()[name.upper()]}")
    if known is None:
        near = _nearest(name.upper())
        words = f"no service reads it: is {near} meant?" if near else "no service reads it"
        return Finding(name, "unknown", words)
    if not value:
        return Finding(name, "read", "empty: the default holds")
    if known in refused:
        return Finding(name, "refused", refused[known])
    if name.upper() in looks:
        return Finding(name, "look", looks[name.upper()])
    return Finding(name, "read", _fields()[known].description or "")


@cache
def _known_names() -> dict[str, str]:
    """Every variable that a settings class reads, by any of its names, with the name of the field."""
    return {alias: field for field, info in _fields().items() for alias in _aliases(field, info)}


@cache
def _fields() -> dict[str, FieldInfo]:
    return {
        name: info
        for _, settings in reversed(PARTS)
        for name, info in settings.model_fields.items()
        if not is_fixed(info)
    }


@cache
def _fixed_names() -> dict[str, str]:
    """What earlier releases read and nobody turned, with what holds instead."""
    found = {}
    for _, settings in PARTS:
        for name, info in settings.model_fields.items():
            if is_fixed(info):
                holds = "it follows from others" if info.default_factory else f"it is {info.default} for all"
                found[name.upper()] = holds
    return found | {name: f"it is {other} now" for name, other in _RENAMED.items()}


def _aliases(name: str, info: FieldInfo) -> tuple[str, ...]:
    alias = info.validation_alias
    if isinstance(alias, AliasChoices):
        return tuple(str(choice).upper() for choice in alias.choices)
    return (str(alias or name).upper(),)


def _nearest(name: str) -> str:
    if name.startswith(_OTHERS):
        return ""
    return find_near(name, _known_names())


def _refusals(path: Path) -> Iterator[tuple[str, str]]:
    """What the settings classes refuse of the file alone, by field; the environment of this process is not asked."""
    for _, settings in PARTS:
        try:
            _from_file(settings, path)()
        except ValidationError as error:
            for item in error.errors(include_input=False, include_url=False):
                if item["loc"] and item["type"] != "missing":
                    yield _known_names().get(str(item["loc"][0]).upper(), str(item["loc"][0])), tell_fault(item)
        except SettingsError as error:
            # Names the field between quotes; its cause would quote the value.
            yield str(error).split('"')[1], "not the JSON that it should be"


def _from_file(settings: type[BaseSettings], path: Path) -> type[BaseSettings]:
    class FromFile(settings):  # type: ignore[misc, valid-type]
        model_config = SettingsConfigDict(extra="ignore")

        @classmethod
        def settings_customise_sources(cls, settings_cls: type[BaseSettings], **_sources: Any) -> tuple[Any, ...]:
            return (DotEnvSettingsSource(settings_cls, env_file=path),)

    return FromFile


def _looks(values: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """What is read and taken, and yet does not do here what it did in an older service."""
    upper = {name.upper(): value for name, value in values.items()}
    key = upper.get(_LEGACY_KEY, "")
    if key and len(key) < MIN_SECRET_CHARS:
        yield (
            _LEGACY_KEY,
            (
                f"fewer than {MIN_SECRET_CHARS} characters: not accepted as a key. Clients that send it get 401; give "
                "them a longer one, or keys of `wealth keys create`"
            ),
        )
    buckets = {upper[name] for name in _BUCKET_NAMES if upper.get(name)}
    if len(buckets) > 1:
        yield _BUCKET_NAMES[1], f"{_BUCKET_NAMES[0]} names another bucket, and is the one that counts"
    if upper.get("BASE_URL") and upper.get("PORTFOLIO_PROVIDER", "builtin") == "builtin":
        yield (
            "BASE_URL",
            (
                "the platform is asked only where PORTFOLIO_PROVIDER=platform is set: without it sections are written "
                "by the suite itself"
            ),
        )
    if not upper.get("BASE_URL"):
        for name in ("API_KEY", "TENANT_ID"):
            if upper.get(name):
                yield name, "belongs to the AI platform of BASE_URL, which is not set"
