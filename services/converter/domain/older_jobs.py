"""Jobs of the older CSV converter, as the ``job_metadata.json`` of ``{user}/{job}/`` holds them. Pure.

Its scripts are Python that a model wrote. They are not run here: a training that comes over has no program until it is
trained again, from the input and expected files that stand beside its metadata.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from services.common.jobs.older import COMPLETED, FAILED, INTERRUPTED, OlderDocument, as_text, ending_of
from services.common.jobs.record import Fault

RETRAIN_REQUIRED = "RETRAIN_REQUIRED"
ID_NAMES = ("job_id", "id")
_JOB_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
_RETRAIN = "an older service learned it as a Python script, which cannot be run here: train it again from its example"


@dataclass(frozen=True, slots=True)
class OlderJob:
    """A job as it was left. ``mode`` is training or inference, ``status`` a word of ours."""

    user_id: str
    job_id: str
    mode: str
    status: str
    error: Fault | None
    owner: str
    title: str
    description: str
    trained_job_id: str
    general_instructions: str
    column_instructions: Mapping[str, str]
    created_at: datetime
    finished_at: datetime
    notes: tuple[str, ...]


def read_older_job(text: str, user_id: str) -> OlderJob:
    """Reads a job; ``user_id`` counts where the metadata names nobody.

    Raises InvalidInput naming what is missing: the id, whose it is, its mode, or when it was made.
    """
    document = OlderDocument(text, "metadata")
    if "_job" in document:
        raise document.refuse("a job of this suite, not of an older one")
    job_id = document.text(*ID_NAMES)
    if not _JOB_ID.fullmatch(job_id):
        raise document.refuse("job_id is missing, or no id of a job")
    owner = document.text("user_id", "client_id") or user_id
    if not owner:
        raise document.refuse("it does not say whose it is: name the user")
    created_at = document.moment("created_at", "created")
    if created_at is None:
        raise document.refuse("created_at is missing")
    mode = document.text("mode").lower() or "training"
    if mode not in {"training", "inference"}:
        raise document.refuse("its mode is neither training nor inference")
    ending = ending_of(document.value("job_status", "status"))
    status = ending or FAILED
    said = document.text("error")
    fault = None
    if not ending:
        fault = Fault(INTERRUPTED, "it had not ended when it was brought over: begin it again")
    elif status == FAILED:
        fault = Fault("OLDER_JOB_FAILED", said or "it failed in the older service, which does not say why")
    elif status == COMPLETED and mode == "training":
        status, fault = FAILED, Fault(RETRAIN_REQUIRED, _RETRAIN)
    if document.text("script_path"):
        document.note("its script is left behind: scripts are not run here")
    finished_at = document.moment("finished_at", "completed_at", "updated_at") or created_at
    return OlderJob(
        user_id=owner,
        job_id=job_id,
        mode=mode,
        status=status,
        error=fault,
        owner=document.text("user_name", "owner"),
        title=document.text("job_title", "title"),
        description=document.text("job_description", "description"),
        trained_job_id=document.text("trained_job_id"),
        general_instructions=document.text("general_instructions"),
        column_instructions=_read_instructions(document),
        created_at=created_at,
        finished_at=max(finished_at, created_at),
        notes=document.notes(),
    )


def _read_instructions(document: OlderDocument) -> dict[str, str]:
    found = document.value("column_instructions")
    return {str(column): as_text(words) for column, words in found.items()} if isinstance(found, Mapping) else {}
