"""The interactive documentation, from assets that come with the installation: no outside host is asked."""

import importlib.util
from functools import cache
from pathlib import Path

from fastapi import APIRouter
from starlette.responses import FileResponse, HTMLResponse, Response

from services.common.errors import NotFound

router = APIRouter(include_in_schema=False)

_OWN = Path(__file__).parent / "static"
# Swagger UI writes style attributes and inline SVG; everything else is from here.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)
_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Wealth suite: API</title>
<link rel="icon" href="/dashboard/assets/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/docs/assets/swagger-ui.css">
<link rel="stylesheet" href="/docs/assets/docs.css">
<script src="/docs/assets/docs.js"></script>
</head>
<body>
<header class="top">
<a class="brand" href="/dashboard">Wealth suite</a>
<nav aria-label="Main"><a href="/dashboard">Dashboard</a> <a href="/openapi.json">OpenAPI</a></nav>
</header>
<main id="swagger-ui"></main>
<script src="/docs/assets/swagger-ui-bundle.js"></script>
</body>
</html>
"""


@cache
def _find_asset(name: str) -> Path | None:
    """Finds an asset by name: our script and style, or Swagger UI's files of the wheel fastapi-offline, of which only
    the files are used."""
    if name in {"docs.js", "docs.css"}:
        return _OWN / name
    package = importlib.util.find_spec("fastapi_offline")
    if name not in {"swagger-ui.css", "swagger-ui-bundle.js"} or package is None or package.origin is None:
        return None
    return Path(package.origin).parent / "static" / name


@router.get("/docs")
async def show_docs() -> Response:
    """Shows Swagger UI on /openapi.json."""
    return HTMLResponse(_PAGE, headers={"content-security-policy": _POLICY})


@router.get("/docs/assets/{name}")
async def read_asset(name: str) -> Response:
    """Serves one of the page's assets."""
    path = _find_asset(name)
    if path is None:
        raise NotFound("there is no such asset")
    return FileResponse(path, headers={"cache-control": "public, max-age=86400"})
