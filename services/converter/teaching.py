"""What the converter's API does with answers and corrections (lessons for the next generation), and with versions."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from services.common.errors import Conflict, InvalidInput, NotFound, PreconditionFailed, TooLarge
from services.common.identity import Principal
from services.common.jobs.record import Artefact, JobRecord
from services.common.jobs.runtime import JobRuntime
from services.converter.domain.lessons import EXAMPLE, LINES, MOST_LESSONS, is_of_table
from services.converter.domain.places import Places
from services.converter.domain.versions import find_version, versions_of
from services.converter.incoming import Incoming
from services.converter.teaching_orders import (
    Answer,
    Correction,
    ExplainingOrder,
    TeachingOrder,
    fields_of,
    no_such_question,
    row_word,
    said_by,
)
from services.converter.usecases import kept_sources

SCOPE = "converter"
MOST_SAMPLES = 10
"""Files, beside the example, that lessons may speak of."""
MOST_TRIED = 3
"""Latest inferences whose inputs a new program is tried on."""
_MOST_LISTED = 200
"""Latest jobs of a user among which those are looked for."""
_MAX_REPORT_BYTES = 32 << 20
"""Reports are written below it: their lists are bounded."""


@dataclass(slots=True)
class _Material:
    """What the next generation learns from beside its pair."""

    sources: dict[str, dict[str, str]]
    samples: dict[str, str]
    """Files that lessons speak of, by their names: each one's name among the sources."""
    lessons: list[dict[str, Any]] = field(default_factory=list)


class Teaching:
    """Lessons and versions of the trainings of whoever calls."""

    def __init__(self, runtime: JobRuntime, places: Places, incoming: Incoming, *, sample_max_bytes: int) -> None:
        self._runtime = runtime
        self._places = places
        self._incoming = incoming
        self._sample_max_bytes = sample_max_bytes

    async def teach(self, principal: Principal, order: TeachingOrder) -> JobRecord:
        """Accepts answers, corrections and samples: the training's next generation, which learns on from all lessons so
        far, and looks at all samples.

        Raises InvalidInput naming the field at fault, NotFound, PreconditionFailed while the training runs, where it
        has no report (JOB_NOT_A_TRAINING, REPORT_NOT_FOUND), and what accepting raises.
        """
        principal.require_scope(SCOPE)
        record = await self._runtime.get_visible(principal, order.user_id, order.job_id)
        if not order.answers and not order.corrections and not order.samples:
            words = "an answer, a correction or a sample is wanted"
            raise InvalidInput(words, field="answers", reason="NOTHING_TAUGHT")
        acceptance = self._runtime.acceptance
        served = acceptance.was_served(principal, record, method="TeachTraining", request_id=order.request_id)
        if order.generation not in (0, record.generation) and not served:
            raise Conflict(
                f"these are questions of generation {order.generation}, and there is a newer one: {record.generation}",
                reason="QUESTIONS_CHANGED",
            )
        if record.body.get("mode") == "inference" and not order.corrections and not order.samples:
            return await self._answer_inference(principal, record, order)
        _require_training(record)
        body = dict(record.body)
        if self._runtime.kind.is_terminal(record.status) and not served:
            body = await self._taught(principal, record, order)
        return await acceptance.restart(
            principal,
            record,
            message="accepted answers",
            body=body,
            method="TeachTraining",
            request_id=order.request_id,
            request=fields_of(order),
        )

    async def explain(self, principal: Principal, order: ExplainingOrder) -> JobRecord:
        """Accepts that the program in service is explained: the training's next generation, with the same program.

        Raises NotFound, PreconditionFailed while the training runs, or where it has no program (PROGRAM_NOT_FOUND).
        """
        principal.require_scope(SCOPE)
        record = await self._get_training(principal, order.user_id, order.job_id)
        if not record.body.get("program"):
            raise PreconditionFailed("the training has no program to explain", reason="PROGRAM_NOT_FOUND")
        body = {name: value for name, value in record.body.items() if name not in {"agents", "teaching"}}
        body |= {"sources": kept_sources(record), "explain": {"columns": list(order.columns)}}
        return await self._runtime.acceptance.restart(
            principal,
            record,
            message="accepted to be explained",
            body=body,
            method="ExplainTraining",
            request_id=order.request_id,
            request={"user_id": order.user_id, "job_id": order.job_id, "columns": list(order.columns)},
        )

    async def _answer_inference(self, principal: Principal, record: JobRecord, order: TeachingOrder) -> JobRecord:
        """Answers to an inference's questions: names convert its file again, values are corrections of its training."""
        acceptance, body = self._runtime.acceptance, dict(record.body)
        served = acceptance.was_served(principal, record, method="TeachTraining", request_id=order.request_id)
        if self._runtime.kind.is_terminal(record.status) and not served:
            names, absent, corrections = await self._said_of_file(record, order.answers)
            if corrections:
                trained = body["trained_job_id"]
                order = replace(order, job_id=trained, answers=(), corrections=corrections, generation=0)
                return await self.teach(principal, order)
            body = {name: value for name, value in body.items() if name not in {"flagged_rows", "questions"}}
            body |= {"columns": {**body.get("columns", {}), **names}, "sources": kept_sources(record)}
            if absent:
                body["absent"] = sorted({*body.get("absent", ()), *absent})
        return await acceptance.restart(
            principal,
            record,
            message="accepted names",
            body=body,
            method="TeachTraining",
            request_id=order.request_id,
            request=fields_of(order),
        )

    async def _said_of_file(
        self, record: JobRecord, answers: Sequence[Answer]
    ) -> tuple[dict[str, str], list[str], list[Correction]]:
        """What answers to an inference's questions say: names of columns, those that no column of the file has, or
        cells of its file."""
        questions = await self._questions_of(record)
        asked = [questions.get(answer.question_id) for answer in answers]
        names: dict[str, str] = {}
        absent: list[str] = []
        corrections: list[Correction] = []
        for number, (answer, question) in enumerate(zip(answers, asked, strict=True)):
            where = f"answers[{number}]"
            if question is None:
                raise no_such_question(where)
            said = said_by(answer, question, where)
            of_cell = said.get("output")
            row, column = question["row"]["number"], question["column"]
            if "open" in said and question["kind"] == "a name":
                absent.append(column)
            elif "open" in said:
                corrections.append(Correction(record.job_id, row, column, left=said["open"]))
            elif not isinstance(of_cell, Mapping):
                raise InvalidInput("a value or a candidate is wanted", field=where)
            elif question["kind"] == "a name":
                names[column] = of_cell[column]
            else:
                corrections.append(Correction(record.job_id, row, column, of_cell[column]))
        if (names or absent) and corrections:
            raise InvalidInput("answers on names and on values are sent apart", field="answers")
        return names, absent, corrections

    async def list_questions(self, principal: Principal, user_id: str, job_id: str) -> tuple[int, list[dict[str, Any]]]:
        """A job's generation with the questions that it leaves open, as its report has them, the best one first.

        Raises NotFound, PreconditionFailed while the job runs or where it has no report (REPORT_NOT_FOUND).
        """
        principal.require_scope(SCOPE)
        record = await self._runtime.get_visible(principal, user_id, job_id)
        if not self._runtime.kind.is_terminal(record.status):
            raise PreconditionFailed("the job has not ended", reason="JOB_NOT_TERMINAL")
        return record.generation, list((await self._questions_of(record)).values())

    async def list_versions(self, principal: Principal, user_id: str, job_id: str) -> JobRecord:
        """The training whose body lists its programs (`domain.versions`). Raises NotFound, PreconditionFailed."""
        principal.require_scope(SCOPE)
        return await self._get_training(principal, user_id, job_id)

    async def rollback(self, principal: Principal, user_id: str, job_id: str, generation: int) -> JobRecord:
        """Puts the program of a generation in service; what was learned since stays among the versions.

        Raises NotFound with reason VERSION_NOT_FOUND, PreconditionFailed while the training runs.
        """
        principal.require_scope(SCOPE)
        await self._get_training(principal, user_id, job_id)

        def change(current: JobRecord) -> JobRecord | None:
            if not self._runtime.kind.is_terminal(current.status):
                raise PreconditionFailed("the training has not ended", reason="JOB_NOT_TERMINAL")
            version = find_version(versions_of(current.body), generation)
            if version is None:
                raise NotFound(f"no program of generation {generation}", reason="VERSION_NOT_FOUND")
            if current.body.get("program", {}).get("generation") == generation:
                return None
            body = {**current.body, "program": dict(version), "versions": versions_of(current.body)}
            return replace(current, body=body, manifest=_with_program(current.manifest, version))

        _, after = await self._runtime.store.change(user_id, job_id, change)
        return after

    async def _get_training(self, principal: Principal, user_id: str, job_id: str) -> JobRecord:
        record = await self._runtime.get_visible(principal, user_id, job_id)
        _require_training(record)
        return record

    async def _taught(self, principal: Principal, record: JobRecord, order: TeachingOrder) -> dict[str, Any]:
        """The body of the next generation: the same pair, all lessons, files to try the new program on."""
        material = _Material(kept_sources(record), dict(record.body.get("samples", {})))
        if lessons := record.body.get("lessons"):
            content = await self._runtime.storage.get_object_bytes(lessons["key"], max_size=_MAX_REPORT_BYTES)
            material.lessons = json.loads(content)
        if order.samples:
            await self._add_samples(record, order.samples, material)
        if order.answers:
            await self._add_answers(record, order.answers, material)
        for number, correction in enumerate(order.corrections):
            await self._add_correction(principal, record, f"corrections[{number}]", correction, material)
        if len(material.lessons) > MOST_LESSONS:
            raise InvalidInput(f"a training takes at most {MOST_LESSONS} lessons", field="answers")
        content = json.dumps(material.lessons, ensure_ascii=False).encode()
        name = f"lessons-{hashlib.sha256(content).hexdigest()[:16]}.json"
        key = self._places.inline_key(record.user_id, record.job_id, record.generation + 1, name)
        await self._runtime.storage.keep_object(key, content, content_type="application/json")
        return {
            **{name: value for name, value in record.body.items() if name not in {"agents", "questions", "explain"}},
            "sources": material.sources,
            "samples": material.samples,
            "versions": versions_of(record.body),
            "teaching": {
                "lessons": {"key": key, "count": len(material.lessons)},
                "promote": order.promote,
                "tried": await self._latest_inputs(principal, record) if record.body.get("program") else [],
            },
        }

    async def _questions_of(self, record: JobRecord) -> dict[str, Any]:
        """The questions of a job's report, by their ids."""
        # Where lessons were refused there is no newer report: the questions of the program in service are open still.
        report = record.manifest.get("report")
        program = record.body.get("program") if record.body.get("mode") == "training" else None
        key = report.key if report else program["report_key"] if program else ""
        if not key:
            raise PreconditionFailed("the job has no report with questions", reason="REPORT_NOT_FOUND")
        content = await self._runtime.storage.get_object_bytes(key, max_size=_MAX_REPORT_BYTES)
        return {question["id"]: question for question in json.loads(content).get("questions", ())}

    async def _add_samples(self, record: JobRecord, samples: Mapping[str, str], material: _Material) -> None:
        """Further sample files. Lessons speak of files by their names, so that a name stays a file's."""
        taken = [name for name in samples if name == EXAMPLE or name in material.samples]
        if taken:
            raise InvalidInput(f'"{taken[0]}" is the name of another file of this training', field="samples")
        if len(material.samples) + len(samples) > MOST_SAMPLES:
            raise InvalidInput(f"a training has at most {MOST_SAMPLES} samples", field="samples")
        first = len(material.samples) + 1
        named = {shown: f"sample_{number}" for number, shown in enumerate(samples, first)}
        read = await self._incoming.read({named[shown]: text for shown, text in samples.items()}, record.user_id)
        material.sources |= await self._incoming.store(read, record.user_id, record.job_id, record.generation + 1)
        material.samples |= named

    async def _add_answers(self, record: JobRecord, answers: Sequence[Answer], material: _Material) -> None:
        """Lessons of answers to the questions of the training's report."""
        questions = await self._questions_of(record)
        for number, answer in enumerate(answers):
            where = f"answers[{number}]"
            question = questions.get(answer.question_id)
            if question is None:
                raise no_such_question(where)
            row = question["row"]
            source = {"file": row["file"], "row": row["number"]} if row["number"] else {"cells": row["cells"]}
            if is_of_table(question["kind"], question["column"]):
                source = {LINES: row["cells"]}
            material.lessons.append({"source": source, **said_by(answer, question, where)})

    async def _add_correction(
        self, principal: Principal, record: JobRecord, where: str, correction: Correction, material: _Material
    ) -> None:
        """The lesson of a correction; the input of an inference that it names becomes one of the sample files."""
        if correction.file != EXAMPLE and correction.file not in material.samples:
            try:
                job = await self._runtime.get_visible(principal, record.user_id, correction.file)
            except NotFound as error:
                raise InvalidInput("no such file of this training", field=f"{where}.file") from error
            file = job.manifest.get("input")
            if job.body.get("trained_job_id") != record.job_id or file is None:
                raise InvalidInput("no such file of this training", field=f"{where}.file")
            if len(material.samples) >= MOST_SAMPLES:
                raise InvalidInput(f"lessons may speak of at most {MOST_SAMPLES} files", field=f"{where}.file")
            if file.size > self._sample_max_bytes:
                raise TooLarge(
                    f"a file that lessons speak of has at most {self._sample_max_bytes} bytes", field=f"{where}.file"
                )
            name = f"sample_{len(material.samples) + 1}"
            # A copy: the training outlives its inferences. By content: of two teachings at once, the one that is
            # refused must not change the other's sample.
            file_name = f"sample-{file.sha256[:16]}.csv"
            key = self._places.inline_key(record.user_id, record.job_id, record.generation + 1, file_name)
            await self._runtime.storage.copy_object(file.key, key)
            material.samples[correction.file] = name
            material.sources[name] = {"kind": "stored", "uri": "", "shown": correction.file, "key": key}
        output: Any = {correction.column: correction.value} if correction.column else row_word(correction.drop)
        said = {"output": output} if correction.left is None else {"open": correction.left}
        material.lessons.append({"source": {"file": correction.file, "row": correction.row}, **said})

    async def _latest_inputs(self, principal: Principal, record: JobRecord) -> list[dict[str, Any]]:
        """The inputs of the latest inferences with this training's programs, as far as they are still there."""
        jobs, _ = await self._runtime.list_visible(
            principal, user_id=record.user_id, status="completed", page_size=_MOST_LISTED, page_token=""
        )
        own = (job for job in jobs if job.body.get("trained_job_id") == record.job_id and "input" in job.manifest)
        return [{"name": job.job_id, "key": job.manifest["input"].key} for job in own][:MOST_TRIED]


def _require_training(record: JobRecord) -> None:
    if record.body.get("mode") != "training":
        raise PreconditionFailed("only a training can be taught", reason="JOB_NOT_A_TRAINING")


def _with_program(manifest: Mapping[str, Artefact], version: Mapping[str, Any]) -> dict[str, Artefact]:
    """The manifest with a version's program and, where its size is known, its report."""
    changed = {"program": Artefact(version["key"], version["size"], version["sha256"], "application/sql")}
    if "report_sha256" in version:
        report = Artefact(version["report_key"], version["report_size"], version["report_sha256"], "application/json")
        changed["report"] = report
    return {**manifest, **changed}
