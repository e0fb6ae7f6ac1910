"""What an attempt does: trainings, explanations and inferences, by the engine on the attempt's files."""

import contextlib
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from services.common.clock import format_time
from services.common.errors import NotFound, TooLarge
from services.common.jobs.handler import Outcome
from services.common.jobs.record import Artefact, Fault
from services.common.shares import tell_cells_right
from services.common.tasks import run_together
from services.converter.agent_work import Known, Learning, mark_failed
from services.converter.attempt_files import AttemptFiles
from services.converter.domain.crew.occasion import ASKED_FOR
from services.converter.domain.lessons import NOT_EXPLAINED
from services.converter.domain.versions import with_version
from services.converter.ports import ConversionRefused

_MAX_LESSONS_BYTES = 32 << 20
_MAX_PROGRAM_BYTES = 4 << 20
MAX_TRIED_BYTES = 64 << 20
"""The largest file that a new program is tried on before it is put in service."""


class AttemptWork(AttemptFiles):
    """One attempt's work in its own directory."""

    async def train(self) -> Outcome:
        """Learns a program; the best one and its report are kept also where it fails."""
        settings = self._settings
        await self._fetch_inputs(settings.converter_training_max_bytes)
        self._attempt.note("processing", 40, "learning from the example")
        self._attempt.step("synthesise", "started")
        program, report = self._directory / "program.sql", self._directory / "report.json"
        body = self._record.body
        teaching = body.get("teaching")
        lessons = teaching["lessons"] if teaching else body.get("lessons")
        taught = await self._read_lessons(lessons) if lessons else []
        known = await self._known_programs() if taught else Known()
        request = {
            "do": "train",
            **self._example(),
            "cpu_s": settings.converter_learning_timeout_s,
            "effort": body.get("effort", 1),
            "lessons": taught,
            "samples": self._samples(),
            "references": self._references(),
            "on_ambiguity": body.get("on_ambiguity", "keep"),
            "program": str(program),
            "report": str(report),
        }
        result = await self._learn(request, known)
        self._attempt.step("synthesise", "completed" if result["completed"] else "failed", result["reason"])
        example = {**self._example(), "lessons": taught, "samples": self._samples()}
        learning = Learning(self._engine, self._attempt, example, program, report)
        result = await self._ask_others(result, learning, known, taught=bool(taught))
        untaught = 0
        if result["completed"] and teaching and body.get("program"):
            untaught = await self._regress(teaching, taught, program, report)
        self._attempt.set_progress(80, "storing the program and its report")
        sha256 = _digest(program)
        where = (self._record.user_id, self._record.job_id, self._record.generation)
        await self._upload(
            {
                "program": (program, self._places.program_key(*where, sha256)),
                "report": (report, self._places.program_report_key(*where, _digest(report))),
            }
        )
        if not result["completed"]:
            fault = Fault(result["code"], f"{result['reason']}; {tell_cells_right(result['cells_right'])}")
            return Outcome("failed", fault.message, error=fault, manifest=self._manifest)
        version = self._version(sha256, len(taught), untaught)
        learned = "learned: the program reproduces the expected file"
        kept = {"lessons": lessons, "teaching": None, "questions": result.get("questions", 0)}
        kept["versions"] = with_version(body, version)
        if teaching and body.get("program") and (untaught or teaching["promote"] == "ask"):
            serving = body["program"]["generation"]
            words = f"{learned}; generation {serving} stays in service: {untaught} rows change that were not taught"
            return Outcome("completed", words, manifest=self._manifest, body=kept)
        return Outcome("completed", learned, manifest=self._manifest, body={**kept, "program": version})

    def _version(self, sha256: str, lessons: int, untaught: int) -> dict[str, Any]:
        """The program that was just stored, as it is listed."""
        program, report = self._manifest["program"], self._manifest["report"]
        return {
            "key": program.key,
            "size": program.size,
            "sha256": sha256,
            "report_key": report.key,
            "report_size": report.size,
            "report_sha256": report.sha256,
            "generation": self._record.generation,
            "learned_at": format_time(self._clock()),
            "lessons": lessons,
            "untaught": untaught,
            "references": {
                shown: self._manifest[name].key for shown, name in self._record.body.get("references", {}).items()
            },
        }

    async def _read_lessons(self, lessons: Mapping[str, Any]) -> list[Any]:
        content = await self._storage.get_object_bytes(lessons["key"], max_size=_MAX_LESSONS_BYTES)
        read: list[Any] = json.loads(content)
        return read

    async def _regress(self, teaching: Mapping[str, Any], taught: list[Any], program: Path, report: Path) -> int:
        """Tries the new program and the one in service on known files; the rows that change though none is taught."""
        self._attempt.step("regress", "started")
        files = self._samples()
        for number, tried in enumerate(teaching["tried"]):
            path = self._directory / f"tried-{number}.csv"
            with contextlib.suppress(NotFound, TooLarge):  # deleted in the meantime, or too large to try twice
                if tried["name"] not in files:
                    await self._storage.get_object_to_file(tried["key"], path, max_size=MAX_TRIED_BYTES)
                    files[tried["name"]] = str(path)
        before = self._directory / "before.sql"
        await self._storage.get_object_to_file(self._record.body["program"]["key"], before)
        result = await self._engine.run(
            {
                "do": "regress",
                "before": str(before),
                "program": str(program),
                "files": files,
                "references": self._references(),
                "lessons": taught,
                "report": str(report),
                "deadline_s": self._settings.converter_engine_timeout_s,
            }
        )
        untaught = int(result["untaught"])
        self._attempt.step("regress", "completed", f"{len(files)} files, {untaught} rows change that were not taught")
        return untaught

    async def _learn(self, request: Mapping[str, Any], known: Known) -> dict[str, Any]:
        """What synthesis comes to; where it cannot meet the lessons and others may, what it makes of the pair alone."""
        try:
            return await self._engine.run(request)
        except ConversionRefused as refused:
            if refused.reason != NOT_EXPLAINED or not (self._agents or known.programs):
                raise
            of_pair = await self._engine.run({**request, "lessons": [], "on_ambiguity": "keep"})
            mark_failed(Path(request["report"]))
            unmet = {"completed": False, "code": refused.reason, "reason": refused.message, "cells_right": 0.0}
            return {**of_pair, **unmet}

    async def _ask_others(
        self, result: dict[str, Any], learning: Learning, known: Known, *, taught: bool
    ) -> dict[str, Any]:
        """What programs of earlier generations, and agents, make of what synthesis left."""
        if known.programs and (result["completed"] or result["code"] in ASKED_FOR):
            result = await learning.choose(known, result)
        # An answer that settles what was in doubt needs no second opinion.
        wanted = (result["second_opinion"] and not taught) if result["completed"] else result["code"] in ASKED_FOR
        if self._agents and wanted and not (known.programs and result["completed"]):
            log = self._directory / "agents.json"
            result = await learning.ask(self._agents, result, log)
            if log.exists():
                await self._upload({"agents": (log, f"{self._folder}agents.json")})
        if result["completed"] and result["questions"] and self._record.body.get("on_ambiguity") == "fail":
            mark_failed(learning.report)
            reason = "programs that explain the example part, and the request asks to fail then: see the questions"
            return {**result, "completed": False, "code": "AMBIGUOUS", "reason": reason}
        return result

    async def _known_programs(self) -> Known:
        """The programs of the generation in service that agents wrote, and those that explain the example as well."""
        program = self._record.body.get("program")
        if not program:
            return Known()
        try:
            sql = await self._storage.get_object_bytes(program["key"], max_size=_MAX_PROGRAM_BYTES)
            report = await self._storage.get_object_bytes(program["report_key"], max_size=_MAX_LESSONS_BYTES)
        except (NotFound, TooLarge):
            return Known()
        return Known.of(sql.decode(), json.loads(report))

    async def explain(self) -> Outcome:
        """Has a model explain the program in service; whatever comes of it, that stays, and the job completes."""
        await self._fetch_inputs(self._settings.converter_training_max_bytes)
        version = self._record.body["program"]
        program, report = self._directory / "program.sql", self._directory / "report.json"
        await run_together(
            self._fetch_program(version["key"], program, of="program"),
            self._fetch_program(version["report_key"], report, of="program"),
        )
        self._manifest["program"] = Artefact(version["key"], version["size"], version["sha256"], "application/sql")
        learning = Learning(self._engine, self._attempt, self._example(), program, report)
        said = "not explained: no model is configured"
        if self._agents:
            log = self._directory / "agents.json"
            self._attempt.note("processing", 40, "explaining the program")
            said = await learning.explain(self._agents, self._record.body["explain"]["columns"], log)
            if log.exists():
                await self._upload({"agents": (log, f"{self._folder}agents.json")})
        await self._upload({"report": (report, f"{self._folder}report.json")})
        return Outcome("completed", said, manifest=self._manifest, body={"explain": None})

    async def infer(self) -> Outcome:
        """Applies the program that was in service when the job was accepted."""
        settings, program = self._settings, self._record.body["program"]
        names = ("program.sql", "training.json", "output.csv", "report.json", "review.json")
        paths = {name: self._directory / name for name in names}
        await run_together(
            self._fetch_inputs(settings.converter_inference_max_bytes),
            self._fetch_program(program["key"], paths["program.sql"]),
            self._fetch_program(program["report_key"], paths["training.json"]),
        )
        self._attempt.note("processing", 40, "converting")
        self._attempt.step("convert", "started")
        result = await self._engine.run(
            {
                "do": "infer",
                "input": str(self._directory / "input.csv"),
                "program": str(paths["program.sql"]),
                "training_report": str(paths["training.json"]),
                "output": str(paths["output.csv"]),
                "report": str(paths["report.json"]),
                "review": str(paths["review.json"]),
                "on_unseen": self._record.body.get("on_unseen", "null"),
                "on_drift": self._record.body.get("on_drift", "ask"),
                "columns": self._record.body.get("columns", {}),
                "absent": self._record.body.get("absent", []),
                "references": self._references(),
                "deadline_s": settings.converter_engine_timeout_s,
            }
        )
        asked = {"questions": result["questions"]}
        if not result["completed"]:
            self._attempt.step("convert", "failed", result["reason"])
            await self._upload({"report": (paths["report.json"], f"{self._folder}report.json")})
            fault = Fault(result["code"], result["reason"])
            return Outcome("failed", fault.message, error=fault, manifest=self._manifest, body=asked)
        rows = f"{result['rows_in']} rows in, {result['rows_out']} out, {result['flagged_rows']} flagged"
        self._attempt.step("convert", "completed", rows)
        self._attempt.set_progress(80, "storing the output")
        made = {"output": "output.csv", "report": "report.json", "review": "review.json"}
        await self._upload({name: (paths[file], f"{self._folder}{file}") for name, file in made.items()})
        # The trained job's own, which is there for good: its copy by the fixed name is made from it.
        self._manifest["program"] = Artefact(program["key"], program["size"], program["sha256"], "application/sql")
        return Outcome(
            "completed", rows, manifest=self._manifest, body={"flagged_rows": result["flagged_rows"], **asked}
        )


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
