"""Whose failure it was: what a claim makes of the attempts before it.

An attempt that failed by the job's own doing says so (``charged``), one that was handed back through no fault of the
job, too (``excused``). One that says nothing died: its process was killed, its machine lost - or the job killed it, and
whatever else was in hand with it. Nobody can tell which, so a job that was in hand at two such deaths runs alone from
then on, and only deaths alone count against it.
"""

from dataclasses import replace

from services.common.jobs.record import Fault, JobRecord

DEATHS_OF_A_SUSPECT = 2
MOST_DEATHS_ALONE = 3


def claim(record: JobRecord) -> JobRecord:
    """The record with its next attempt, and the deaths before it counted."""
    deaths = record.attempt - record.charged - record.excused
    died = deaths > record.deaths
    return replace(
        record,
        attempt=record.attempt + 1,
        deaths=deaths,
        deaths_alone=record.deaths_alone + int(died and record.alone),
        alone=deaths >= DEATHS_OF_A_SUSPECT,
    )


def find_verdict(claimed: JobRecord) -> Fault | None:
    """Why a job that was just claimed is given up instead of run; None where it is not."""
    if claimed.deaths_alone < MOST_DEATHS_ALONE:
        return None
    return Fault(
        "WORKER_DIED", f"given up: its worker died {claimed.deaths} times, {claimed.deaths_alone} of them alone"
    )
