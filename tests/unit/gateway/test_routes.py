"""When routes are built."""

import pydantic
import pytest

from services.gateway.rest.api import _build_routes, _create_app


def test_no_call_waits_for_routes_to_be_built(monkeypatch: pytest.MonkeyPatch) -> None:
    app = _create_app()
    _build_routes(app)

    def build(*arguments: object, **options: object) -> None:
        raise AssertionError("a route is built while a call waits")

    monkeypatch.setattr(pydantic.TypeAdapter, "__init__", build)
    scope = {"type": "http", "method": "GET", "path": "/tasks", "root_path": "", "headers": [], "query_string": b""}
    assert [route for route in app.router.routes if route.matches(scope)[0].value]
