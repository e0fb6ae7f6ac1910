"""Tasks and jobs in words for a terminal. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from services.client.rest.converter_results import Job, ProgramVersion
from services.client.rest.results import Event, JobRef, Section, Task, TaskResult
from services.client.tables import clean, format_fields, format_moment, format_table

_SHOWN_FACTS = 12
_SHOWN_FLAGS = 3


def describe_task(task: Task) -> str:
    """Where a task stands, and how it came there."""
    fields = format_fields(
        [
            ("task", task.task_id),
            ("user", task.user_id),
            ("status", f"{task.status} ({task.progress}%)"),
            ("message", task.message if task.message != task.error else None),
            ("sections", task.section_detected),
            ("error", _error(task.error_code, task.error)),
            ("cost", task.cost or None),
            ("created", task.created_at),
            ("finished", task.finished_at),
        ]
    )
    return _with_trace(fields, task)


def describe_job(job: Job) -> str:
    """Where a training or inference stands, and how it came there."""
    fields = format_fields(
        [
            ("job", str(JobRef(job.user_id, job.job_id))),
            ("mode", job.mode),
            ("title", job.job_title),
            ("status", f"{job.status} ({job.progress}%)"),
            ("message", job.message if job.message != job.error else None),
            ("error", _error(job.error_code, job.error)),
            ("trained by", job.trained_job_id),
            ("flagged rows", job.flagged_rows or None),
            ("questions", job.questions or None),
            ("lessons", job.lessons or None),
            ("program", job.script_path),
            ("output", job.output_path),
            ("created", job.created_at),
            ("finished", job.finished_at),
        ]
    )
    return _with_trace(fields, job)


def describe_task_result(result: TaskResult) -> str:
    """What a task found, section by section."""
    parts = [f"{result.task_id}: {clean(result.status)}: {clean(result.message)}"]
    parts += [_describe_section(name, section) for name, section in result.data.items()]
    return "\n\n".join(parts)


def describe_report(report: Mapping[str, Any]) -> str:
    """The plain figures of a training's or inference's report; the rest is for ``--json``."""
    return format_fields([(name, value) for name, value in report.items() if isinstance(value, str | int | float)])


def list_findings(report: Mapping[str, Any]) -> list[str]:
    """What an inference's report says of the file and its rows, a line each; reports of trainings say none of it."""
    lines = [str(note) for note in report.get("notes", ())]
    for found in report.get("flags", ()):
        shown = ", ".join(f"row {flag['row']} {flag['value']!r}" for flag in found["first"][:_SHOWN_FLAGS])
        more = f" and {found['rows'] - _SHOWN_FLAGS} more" if found["rows"] > _SHOWN_FLAGS else ""
        where = f'column "{found["column"]}": ' if found["column"] else ""
        lines.append(f"{found['severity']}: {where}{found['words']}: {shown}{more}")
    return [clean(line) for line in lines]


def describe_questions(report: Mapping[str, Any]) -> str:
    """A report's open questions, each with the row and the answers that are offered."""
    parts = []
    for question in report.get("questions", ()):
        row = question["row"]
        place = f"row {row['number']} of {row['file']}" if row["number"] else "a row like the example's"
        asked = f'what is "{question["column"]}" of' if question["column"] else "does it belong to the output:"
        if question["kind"] == "a name":
            asked = f'what is "{question["column"]}" called now, as in'
        lines = [clean(f"{question['id']} ({question['kind']}): {asked} {place}: {' | '.join(row['cells'])}")]
        if question.get("decides"):
            lines[0] += f" [decides {question['decides']} cell{'' if question['decides'] == 1 else 's'}]"
        for number, candidate in enumerate(question["candidates"], 1):
            value = f"{candidate['value']!r}: " if candidate.get("says", "value") == "value" else ""
            lines.append(clean(f"  {number}. {value}{candidate['words']}"))
        parts.append("\n".join(lines))
    return "\n".join(parts)


def describe_explanations(explanations: Iterable[Mapping[str, Any]]) -> str:
    """Columns in a model's words, each with whether that was proved."""
    return "\n".join(
        f"{clean(each['column'])}: {clean(each['words'])}\n"
        f"  {'proved' if each['proved'] else 'unproved'}: {clean(each['why'])}"
        for each in explanations
    )


def describe_versions(versions: Sequence[ProgramVersion]) -> str:
    """A training's programs in a table."""
    rows = [
        (
            v.generation,
            "serves" if v.serving else "",
            v.learned_at,
            v.lessons,
            v.changed_rows,
            v.program_sha256[:12],
        )
        for v in versions
    ]
    return format_table(("generation", "", "learned", "lessons", "rows changed", "program"), rows)


def describe_event(event: Event) -> str:
    """One event in a line."""
    what = f"{event.section}: " if event.section else ""
    error = f" {_error(event.error_code, event.error)}" if event.error_code else ""
    return clean(
        f"{format_moment(event.occurred_at)}  {event.status:<17} {event.progress:3}%  {what}{event.message}{error}"
    ).rstrip()


def _describe_section(name: str, section: Section) -> str:
    lines = [f"{clean(name)} ({clean(section.status)}, {clean(section.provider) or 'no provider'})"]
    if section.error_code:
        lines.append(_error(section.error_code, section.error) or "")
    lines += [clean(line) for line in section.response.splitlines()]
    if section.facts:
        shown = section.facts[:_SHOWN_FACTS]
        lines += ["", format_table(("figure", "value", "unit"), [(f.id, f.value, f.currency or f.unit) for f in shown])]
    if len(section.facts) > _SHOWN_FACTS:
        lines.append(f"... and {len(section.facts) - _SHOWN_FACTS} more figures (--json shows all)")
    return "\n".join(lines)


def _with_trace(fields: str, state: Task | Job) -> str:
    if not state.trace:
        return fields
    rows = [(line.timestamp, line.step, line.status, line.detail) for line in state.trace]
    return f"{fields}\n\n{format_table(('when', 'step', 'status', 'detail'), rows)}"


def _error(code: str | None, message: str | None) -> str | None:
    return clean(": ".join(part for part in (code, message) if part)) or None
