"""Which calls wait for a service's restart and are made again: all that may be, and each other one says why not."""

from collections.abc import Iterator

import pytest
from wealth.converter.v1 import converter_pb2
from wealth.events.v1 import events_pb2
from wealth.portfolio.v1 import portfolio_pb2

from services.gateway.backends import _REPEATABLE
from services.gateway.passthrough import _PUBLIC

_SERVICES = {
    "portfolio": portfolio_pb2.DESCRIPTOR.services_by_name["PortfolioService"],
    "converter": converter_pb2.DESCRIPTOR.services_by_name["ConverterService"],
    "events": events_pb2.DESCRIPTOR.services_by_name["EventsService"],
}
# A second one would be answered otherwise than the first, or do it twice.
_ONCE = {
    "CancelTask": "a task that was cancelled has ended",
    "CancelJob": "a job that was cancelled has ended",
    "DeleteTask": "what was deleted is not found",
    "DeleteJob": "what was deleted is not found",
    "ReplayTask": "runs once more",
    "ReplayJob": "runs once more",
    "ImportTask": "says whether it was there already",
    "ImportJob": "says whether it was there already",
    "RotateWebhookSecret": "the secret that was told is replaced",
    "ReplayUndelivered": "what was replayed is not found",
}


def _methods() -> Iterator[tuple[str, str, bool]]:
    """Every method by its service, and whether its message carries a ``request_id``."""
    for name, service in _SERVICES.items():
        for method in service.methods:
            yield name, method.name, "request_id" in method.input_type.fields_by_name


@pytest.mark.parametrize(("service", "method", "has_request_id"), list(_methods()))
def test_a_call_is_repeatable_by_name_by_its_request_id_or_not_at_all(
    service: str, method: str, has_request_id: bool
) -> None:
    assert [method in _REPEATABLE[service], has_request_id, method in _ONCE].count(True) == 1


def test_no_method_is_named_that_there_is_none_of() -> None:
    names = {name for _, name, _ in _methods()}
    assert set(_ONCE) <= names
    assert {name for service in _SERVICES for name in _REPEATABLE[service]} <= names


@pytest.mark.parametrize(("service", "method", "has_request_id"), list(_methods()))
def test_a_call_of_rest_is_one_of_the_grpc_door_too(service: str, method: str, has_request_id: bool) -> None:
    assert any(method in methods for name, _, _, methods in _PUBLIC if name == service)
