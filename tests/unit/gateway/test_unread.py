"""Query parameters and paths that are not what a route reads: told, never passed over in silence."""

import urllib.parse
from itertools import product
from typing import Any

import pytest
from fastapi import APIRouter
from fastapi.routing import APIRoute
from starlette.convertors import PathConvertor
from starlette.routing import Route

from services.gateway.rest.api import _create_app
from services.gateway.rest.files import WholePath
from services.gateway.rest.parameters import tell_unread
from services.gateway.rest.segments import SegmentConvertor, SegmentMiddleware

APP = _create_app()
ROUTES: list[Route] = APP.state.routes
SEGMENTS = ("a/b", "/", "..", "a b", "100%", "%2F", "ü/é", "a%2Fb")


def told(route: APIRoute, **given: str) -> str:
    return tell_unread({"route": route, "query_string": urllib.parse.urlencode(given).encode()})


def find_route(path: str) -> APIRoute:
    return next(route for route in ROUTES if route.path == path and isinstance(route, APIRoute))


@pytest.mark.parametrize("name", ["state", "page_size", "offset", "Status", "q"])
@pytest.mark.parametrize("path", ["/tasks", "/api/v1/users/{client_id}/jobs"])
def test_a_list_names_what_it_takes_where_something_else_was_given(path: str, name: str) -> None:
    words = told(find_route(path), **{name: "5"})
    assert words.startswith(f"query parameters that nobody reads: {name}; this call takes ")
    assert all(taken in words for taken in ("limit", "page_token", "search", "status"))


def test_every_route_tells_of_a_parameter_that_it_does_not_read() -> None:
    silent = [
        route.path for route in ROUTES if isinstance(route, APIRoute) and "nonsuch" not in told(route, nonsuch="")
    ]
    assert not silent


def test_a_parameter_that_is_read_is_not_told_of() -> None:
    assert told(find_route("/tasks"), limit="5", status="completed", search="x", page_token="", user_id="u") == ""


def test_parameters_that_a_route_reads_together_are_read() -> None:
    upload = next(route for route in ROUTES if route.path == "/api/v1/files" and "POST" in (route.methods or ()))
    assert isinstance(upload, APIRoute)
    assert told(upload, user_id="u", file_name="a.csv", sha256="") == ""
    assert "file_name, sha256, user_id" in told(upload, encoding="x")


def test_what_a_client_sent_is_told_in_ascii_and_in_few_words() -> None:
    words = told(find_route("/ping"), **{f"x{number}\r\nü" * 30: "" for number in range(50)})
    assert words.isascii()
    assert words.isprintable()
    assert len(words) < 400


def test_all_routes_read_their_paths_segment_by_segment() -> None:
    """Of a module that declared its routes before, an encoded slash would reach nothing."""
    others = {
        type(convertor)
        for route in ROUTES
        for convertor in route.param_convertors.values()
        if not isinstance(convertor, SegmentConvertor)
    }
    assert others == {WholePath, PathConvertor}


@pytest.mark.parametrize(("user", "job"), list(product(SEGMENTS, repeat=2)))
async def test_any_text_is_a_segment_where_it_is_encoded(user: str, job: str) -> None:
    router = APIRouter()
    router.add_api_route("/users/{user}/jobs/{job}", lambda: None, methods=["GET"])
    (route,) = router.routes
    found: dict[str, Any] = {}

    async def match(scope: Any, _receive: Any, _send: Any) -> None:
        found.update(route.matches(scope)[1]["path_params"])

    raw = f"/users/{urllib.parse.quote(user, safe='')}/jobs/{urllib.parse.quote(job, safe='')}"
    scope = {"type": "http", "method": "GET", "raw_path": raw.encode(), "path": urllib.parse.unquote(raw)}
    await SegmentMiddleware(match)(scope, None, None)  # type: ignore[arg-type]
    assert found == {"user": user, "job": job}


def test_a_files_uri_may_come_encoded_as_a_whole() -> None:
    assert WholePath().convert("file_id:u\udc2f1") == "file_id:u/1"
