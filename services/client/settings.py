"""Where the suite is, for the commands that call it: by option, by environment, or by a running suite's own file."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from services.common.errors import InvalidInput, NotFound
from services.common.fault_words import tell_fault
from services.common.settings import OptionalSecret, read_file

_MAX_SUITE_FILE_BYTES = 8 * 1024 * 1024
SUITE_HELP = "a running suite's file or folder (.data)"


class ClientSettings(BaseSettings):
    """What the commands read from the environment."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", env_ignore_empty=True, hide_input_in_errors=True)

    wealth_url: str | None = Field(None, description="The gateway's address, such as https://wealth.example.org")
    wealth_api_key: OptionalSecret = Field(None, description="The key that calls are made with")
    wealth_user: str = Field("", description="The user that conversions belong to, where none is named")
    wealth_data_dir: Path = Field(Path(".data"), description="Folder of `make run`, whose suite.json names a suite")
    nats_url: OptionalSecret = Field(None, description="NATS servers for `wealth events`, comma-separated")
    nats_ca_file: Path | None = Field(None, description="The authority of NATS's certificate, a PEM file")
    gateway_keys_file: Path | None = Field(None, description="The file of hashed API keys, for `wealth keys`")
    gateway_key_secret: OptionalSecret = Field(None, description="Server secret under which keys are hashed")


@dataclass(frozen=True, slots=True)
class SuiteFile:
    """What a running suite's ``suite.json`` says; all of it is secret."""

    path: Path
    document: dict[str, Any] = field(repr=False)

    def text(self, *names: str) -> str:
        """A text in it by the names that lead there; empty where there is none."""
        found: Any = self.document
        for name in names:
            found = found.get(name) if isinstance(found, dict) else None
        return found if isinstance(found, str) else ""


def load_settings() -> ClientSettings:
    """Reads the environment. Raises InvalidInput naming the variable at fault."""
    try:
        return ClientSettings()
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        name = ".".join(str(part) for part in first["loc"]).upper()
        raise InvalidInput(f"{name}: {tell_fault(first)}", reason="SETTINGS_INVALID", field=name) from error


def load_suite(path: Path | None, settings: ClientSettings) -> SuiteFile | None:
    """Reads the suite's file: the one that is named, by itself or by its folder, else the one of `make run` where there
    is one.

    Raises NotFound where the named one is not there, InvalidInput where it is no suite's file.
    """
    place = path or settings.wealth_data_dir
    if path is None or path.is_dir():
        place /= "suite.json"
    try:
        document = json.loads(read_file(place, _MAX_SUITE_FILE_BYTES))
    except FileNotFoundError as error:
        if path is None:
            return None
        raise NotFound(f"{place} is not there: is the suite running?", reason="SUITE_FILE_MISSING") from error
    except OSError as error:
        raise InvalidInput(
            f"{place} cannot be read: {error.strerror}", reason="SUITE_FILE_UNREADABLE", field="suite"
        ) from error
    except ValueError as error:
        raise InvalidInput(
            f"{place} is no suite's file: {error}", reason="SUITE_FILE_INVALID", field="suite"
        ) from error
    if not isinstance(document, dict):
        raise InvalidInput(f"{place} is no suite's file", reason="SUITE_FILE_INVALID", field="suite")
    return SuiteFile(place, document)


@dataclass(frozen=True, slots=True)
class GatewayAddress:
    """Where the gateway is and the key to call it with."""

    url: str
    api_key: str = field(repr=False)


def find_gateway(url: str | None, suite_path: Path | None, settings: ClientSettings) -> GatewayAddress:
    """The gateway to call. Raises InvalidInput where nothing names one, or no key.

    A suite file's key is sent to that suite's address alone.
    """
    key = settings.wealth_api_key.get_secret_value() if settings.wealth_api_key else ""
    named = url or (None if suite_path else settings.wealth_url)
    suite = None if named else load_suite(suite_path, settings)
    if suite is not None:
        named, key = suite.text("rest"), key if settings.wealth_url is None and key else suite.text("api_key")
    if not named:
        raise InvalidInput(
            "no gateway is named: set WEALTH_URL, or give --url or --suite", reason="GATEWAY_UNKNOWN", field="url"
        )
    if not key:
        raise InvalidInput("no key to call with: set WEALTH_API_KEY", reason="API_KEY_MISSING", field="api_key")
    return GatewayAddress(named, key)


def reveal(secret: SecretStr | None) -> str:
    """A secret's text; empty for none."""
    return secret.get_secret_value() if secret else ""
