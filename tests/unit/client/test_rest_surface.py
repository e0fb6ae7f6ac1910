"""What the clients offer: every call of the API, the same in both, without heavy imports."""

import inspect
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from services.client.rest import AsyncClient, Client, JobRef, TaskRef, calls, converter_calls, news, webhook_calls
from services.client.rest.call import Call
from services.client.rest.connection import Connection
from services.common.errors import InvalidInput

DESCRIPTION = json.loads((Path(__file__).parents[3] / "docs" / "openapi.json").read_text())
# For probes, and pages for people: no client calls them.
NOT_FOR_CLIENTS = {("GET", "/livez"), ("GET", "/readyz")}
HEAVY = {"grpc", "google.protobuf", "duckdb", "pandas", "numpy", "nats", "fastapi", "crewai", "aioboto3", "obstore"}
IMPORT_BUDGET_S = 1.0


def describe_all() -> list[Call[Any]]:
    """Every call, made with whatever arguments it needs."""
    described: list[Call[Any]] = []
    for describe in (
        each for module in (calls, converter_calls, webhook_calls, news) for each in vars(module).values()
    ):
        if not inspect.isfunction(describe) or ".Call[" not in str(describe.__annotations__.get("return")):
            continue
        parameters = inspect.signature(describe).parameters
        needed: dict[str, Any] = {"what": "output"} if describe is converter_calls.get_artifact else {}
        open_ones = {name: item for name, item in parameters.items() if item.default is item.empty}
        needed = {name: [] if "Sequence" in str(item.annotation) else "x" for name, item in open_ones.items()} | needed
        if "ref" in needed:
            described += [describe(**{**needed, "ref": ref}) for ref in (TaskRef("x"), JobRef("x", "x"))]
        else:
            described.append(describe(**needed))
    return described


def methods(client: type) -> dict[str, inspect.Signature]:
    return {
        name: inspect.signature(member)
        for name, member in vars(client).items()
        if callable(member) and not name.startswith("_")
    }


def test_the_client_covers_every_call_of_the_api() -> None:
    known = {(method.upper(), path) for path, item in DESCRIPTION["paths"].items() for method in item}
    assert {(call.method, call.route) for call in describe_all()} == known - NOT_FOR_CLIENTS


def test_every_creating_call_carries_an_idempotency_key() -> None:
    creating = {
        (method.upper(), path)
        for path, item in DESCRIPTION["paths"].items()
        for method, operation in item.items()
        if any(parameter.get("name", "").lower() == "idempotency-key" for parameter in operation.get("parameters", ()))
    }
    assert {(call.method, call.route) for call in describe_all() if "idempotency-key" in call.headers} == creating


def test_both_clients_offer_the_same() -> None:
    renamed = {"aclose": "close"}
    asynchronous = {renamed.get(name, name): str(signature) for name, signature in methods(AsyncClient).items()}
    blocking = {name: str(signature) for name, signature in methods(Client).items()}
    asynchronous["watch"] = asynchronous["watch"].replace(
        "AsyncGenerator[services.client.rest.results.Event, None]", ""
    )
    blocking["watch"] = blocking["watch"].replace("Generator[services.client.rest.results.Event, None, None]", "")
    assert {name: text.partition("->")[0] for name, text in asynchronous.items()} == {
        name: text.partition("->")[0] for name, text in blocking.items()
    }


def test_methods_say_what_they_do() -> None:
    assert [name for name in methods(Client) if not (getattr(Client, name).__doc__ or "").strip()] == []


def test_a_method_has_the_signature_of_its_call() -> None:
    assert list(inspect.signature(Client("http://x", "k").get_job).parameters) == ["user_id", "job_id"]


@pytest.fixture(scope="module")
def imported() -> list[tuple[float, set[str]]]:
    """Three imports in fresh processes: seconds of CPU, and the modules that came with it."""
    script = (
        "import time, sys, json; began = time.process_time(); import services.client.rest;"
        "print(json.dumps([time.process_time() - began, list(sys.modules)]))"
    )
    found = []
    for _ in range(3):
        done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=600)
        seconds, modules = json.loads(done.stdout)
        found.append((seconds, set(modules)))
    return found


def test_the_client_brings_no_heavy_module(imported: list[tuple[float, set[str]]]) -> None:
    assert imported[0][1] & HEAVY == set()


@pytest.mark.timing("seconds of CPU, which a busy machine stretches")
def test_the_client_is_imported_quickly(imported: list[tuple[float, set[str]]]) -> None:
    assert min(seconds for seconds, _ in imported) < IMPORT_BUDGET_S


@pytest.mark.parametrize("url", ["", "127.0.0.1:8000", "ftp://x", "http://", "http://u:p@x", "http://x/?a=b"])
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        Connection(url)
    assert caught.value.field == "url"


@pytest.mark.parametrize("key", ["a\nb", "schlüssel"])
def test_a_key_that_is_no_header_is_refused_without_being_shown(key: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        Connection("http://x", key)
    assert key not in str(caught.value)


def test_a_key_is_in_no_repr() -> None:
    assert "k_1.secret" not in repr(Connection("http://x", "k_1.secret"))


@pytest.mark.parametrize(
    ("url", "trusted"), [("http://127.0.0.1:1", False), ("http://localhost", False), ("http://x.org", True)]
)
def test_a_proxy_of_the_machine_is_not_asked_for_this_machine(url: str, trusted: bool) -> None:
    assert Connection(url).httpx_arguments["trust_env"] is trusted
