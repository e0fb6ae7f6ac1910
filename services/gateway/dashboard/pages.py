"""The dashboard: server-rendered pages over the same services, behind a session instead of a key in each call."""

from fastapi import APIRouter
from starlette.responses import Response

from services.common.errors import NotFound
from services.gateway.dashboard import (
    activity_pages,
    analysis_pages,
    asset_files,
    job_pages,
    operator_pages,
    review_pages,
    session_pages,
    task_pages,
    teach_pages,
    trial_pages,
    webhook_pages,
)
from services.gateway.dashboard.frame import HOME, PageRoute

# One flat router: each part's routes bear their whole path already.
router = APIRouter(include_in_schema=False)
for part in (
    session_pages,
    asset_files,
    activity_pages,
    task_pages,
    # Before a job's downloads, whose names may be anything.
    review_pages,
    teach_pages,
    job_pages,
    trial_pages,
    analysis_pages,
    operator_pages,
    webhook_pages,
):
    router.routes.extend(part.router.routes)

_elsewhere = APIRouter(prefix=HOME, include_in_schema=False, route_class=PageRoute)


@_elsewhere.get("/{path:path}")
async def show_no_page() -> Response:
    """Says that there is no such page, where all others do not fit."""
    raise NotFound("there is no such page", reason="PATH_NOT_FOUND")


router.routes.extend(_elsewhere.routes)
