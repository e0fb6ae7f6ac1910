"""Payloads that name a converter job's output instead of carrying holdings, and who may read it."""

from collections.abc import Mapping
from dataclasses import dataclass

from services.common.errors import InvalidInput
from services.common.identity import Principal
from services.common.jobs.record import JobRecord
from services.portfolio.domain.lexicon import match_form
from services.portfolio.domain.sections import Detected

FIELD = "converter_output"
CONVERTER_SCOPE = "converter"


@dataclass(frozen=True, slots=True)
class Reference:
    """A finished converter job, as ``{"converter_output": {"user_id", "job_id"}}`` names it."""

    user_id: str
    job_id: str


def read_reference(item: Detected) -> Reference | None:
    """The job that a detected payload refers to, or None. Raises InvalidInput on a malformed reference."""
    value = item.get(FIELD)
    return None if value is None else _read(value, item.name_of(FIELD))


def find_references(payload: Mapping[str, object], field: str) -> list[Reference]:
    """The jobs that a payload as it was sent refers to, so that access can be checked before it is accepted."""
    wanted = match_form(FIELD)
    return [_read(value, f"{field}.{name}") for name, value in payload.items() if match_form(name) == wanted]


def task_reader(record: JobRecord) -> Principal:
    """The principal that a task's references are read as: the users that it was accepted for, and no more."""
    users = frozenset(record.body.get("principal_users", (record.user_id,)))
    return Principal(record.tenant, f"task:{record.job_id}", users, frozenset({CONVERTER_SCOPE}))


def _read(value: object, field: str) -> Reference:
    if isinstance(value, Mapping):
        user_id, job_id = value.get("user_id"), value.get("job_id")
        if isinstance(user_id, str) and isinstance(job_id, str) and 0 < len(user_id) <= 128 and 0 < len(job_id) <= 64:
            return Reference(user_id, job_id)
    raise InvalidInput('an object with "user_id" and "job_id" is needed', reason="INVALID_REFERENCE", field=field)
