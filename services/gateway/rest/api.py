"""The REST app: routers in the right order, error handlers, and what surrounds every call.

``python -m services.gateway.rest.api > docs/openapi.json`` writes the description that is committed; a test holds it to
the code.
"""

import json
import sys

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware
from starlette.routing import Route

from services.gateway.dashboard.pages import router as dashboard_router
from services.gateway.dashboard.sessions import Sessions
from services.gateway.dashboard.sign_outs import SignOuts
from services.gateway.rest import (
    converter,
    dead_letters,
    docs_page,
    files,
    imports,
    news,
    portfolio,
    system,
    teaching,
    webhooks,
)
from services.gateway.rest.call import CallMiddleware
from services.gateway.rest.compression import CompressionMiddleware
from services.gateway.rest.door import Door
from services.gateway.rest.head import HeadMiddleware
from services.gateway.rest.openapi import describe
from services.gateway.rest.parameters import WARNING_HEADER
from services.gateway.rest.problems import HANDLERS, answer_failure
from services.gateway.rest.segments import SegmentMiddleware


def create_api(door: Door) -> FastAPI:
    """Puts the REST app together."""
    app = _create_app()
    app.state.door = door
    settings = door.settings
    secret = settings.gateway_key_secret
    sessions = Sessions(secret.get_secret_value() if secret else None, lifetime_s=settings.gateway_session_s)
    app.state.sessions = sessions
    app.state.sign_outs = SignOuts(
        sessions, door.backends.storage, door.backends.own_principal, recheck_s=settings.gateway_heartbeat_s
    )
    # From the innermost to the outermost.
    app.add_middleware(SegmentMiddleware)
    app.add_middleware(CompressionMiddleware)
    app.add_middleware(HeadMiddleware)
    if settings.gateway_cors_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=settings.gateway_cors_origins,
            allow_methods=["GET", "HEAD", "POST", "DELETE"],
            allow_headers=[
                "content-type", "idempotency-key", "if-none-match", "if-range", "last-event-id", "prefer", "range",
                "traceparent", "x-api-key", "x-request-id",
            ],
            expose_headers=[
                "accept-ranges", "content-disposition", "content-range", "etag", "link", "location",
                "preference-applied", "retry-after", WARNING_HEADER, "x-request-id",
            ],
        )  # fmt: skip
    app.add_middleware(
        CallMiddleware,
        admission=door.admission,
        max_body_bytes=settings.gateway_max_body_bytes,
        answer_failure=answer_failure,
    )
    _build_routes(app)
    return app


def _build_routes(app: FastAPI) -> None:
    """Has every route built now: FastAPI would do so while its first call waits, and all others of that moment."""
    nowhere = {"type": "http", "method": "GET", "path": "/-", "root_path": "", "headers": [], "query_string": b""}
    for route in app.router.routes:
        route.matches(nowhere)


def write_document() -> str:
    """The app's description as it is committed, made without anything behind the door."""
    return json.dumps(describe(_create_app()), indent=2, ensure_ascii=False) + "\n"


def _create_app() -> FastAPI:
    app = FastAPI(
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        exception_handlers=HANDLERS,
        # What generated clients call their functions.
        generate_unique_id_function=lambda route: route.name,
    )
    # Fixed paths stand before the converter's /{client_id}/{job_id}.
    routers = (
        system.router, docs_page.router, portfolio.router, files.router, imports.router, dead_letters.router,
        news.router, webhooks.router, converter.router, teaching.router, dashboard_router,
    )  # fmt: skip
    for router in routers:
        app.include_router(router)
    # FastAPI keeps them to itself; a wrong method is told the right ones out of these.
    app.state.routes = [route for router in routers for route in router.routes if isinstance(route, Route)]
    app.openapi = lambda: describe(app)  # type: ignore[method-assign]
    return app


if __name__ == "__main__":
    sys.stdout.write(write_document())
