"""The pages' style sheet, scripts and sample files: shipped with the package, read once."""

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Header
from starlette.responses import Response

from services.common.errors import NotFound
from services.gateway.dashboard.frame import HOME, PageRoute
from services.gateway.domain.conditions import matches_tag

router = APIRouter(prefix=HOME, include_in_schema=False, route_class=PageRoute)

_FOLDER = Path(__file__).parent / "static"
_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".csv": "text/csv; charset=utf-8",
}


@dataclass(frozen=True, slots=True)
class _Asset:
    content: bytes
    tag: str
    media_type: str


@cache
def _assets() -> dict[str, _Asset]:
    """All assets by name: what is not a file of ours when the process starts is none."""
    assets = {}
    for path in sorted(_FOLDER.iterdir()):
        if path.suffix in _TYPES:
            content = path.read_bytes()
            assets[path.name] = _Asset(content, hashlib.sha256(content).hexdigest()[:16], _TYPES[path.suffix])
    return assets


@router.get("/assets/{name}")
async def read_asset(name: str, if_none_match: Annotated[str | None, Header()] = None) -> Response:
    """Serves an asset. Browsers ask each time whether it changed, so that an upgrade shows at once."""
    asset = _assets().get(name)
    if asset is None:
        raise NotFound("there is no such asset")
    headers = {"cache-control": "public, no-cache", "etag": f'"{asset.tag}"'}
    if matches_tag(if_none_match, asset.tag):
        return Response(status_code=304, headers=headers)
    return Response(asset.content, headers=headers, media_type=asset.media_type)
