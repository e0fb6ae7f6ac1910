"""The dashboard: server-rendered pages over the same services, behind a session instead of a key in each call."""

from fastapi import APIRouter

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
)

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
):
    router.routes.extend(part.router.routes)
