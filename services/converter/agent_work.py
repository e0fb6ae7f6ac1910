"""What a worker has agents do for one training: choose among programs that are known, write one, explain one."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from services.common.errors import RetryableError
from services.common.jobs.writer import AttemptWriter
from services.converter.agents import Consultation, Terms, Verdict, consult, explain
from services.converter.domain.crew.answers import SURVIVORS, Code
from services.converter.domain.crew.brief import Brief
from services.converter.domain.crew.budget import Spend
from services.converter.domain.crew.explaining import Explaining
from services.converter.domain.crew.lookups import Lookup
from services.converter.ports import ConversionEngine, ConversionRefused, Crew


@dataclass(frozen=True, slots=True)
class Agents:
    """The crew behind the configured model, and on what terms it is asked."""

    crew: Crew
    terms: Terms


@dataclass(frozen=True, slots=True)
class Known:
    """Programs of an earlier generation that explained the example, the one in service first, and its report."""

    programs: tuple[Code, ...] = ()
    report: Mapping[str, Any] | None = None

    @classmethod
    def of(cls, program: str, report: Mapping[str, Any]) -> "Known":
        """None where agents wrote none of them: what synthesis finds it finds again by itself."""
        by_agents = any(column.get("how") == "agent" for column in report.get("columns", ()))
        survivors = [str(sql) for sql in report.get(SURVIVORS, ())]
        if not by_agents and not survivors:
            return cls()
        return cls(tuple(Code(sql) for sql in dict.fromkeys([program, *survivors])), report)


@dataclass(frozen=True, slots=True)
class Learning:
    """A training in hand: what the engine is told of it, and where its best program and report stand.

    ``example`` are the fields of a request that say what is learned from, lessons and sample files among them.
    """

    engine: ConversionEngine
    attempt: AttemptWriter
    example: Mapping[str, Any]
    program: Path
    report: Path

    async def choose(self, known: Known, result: dict[str, Any]) -> dict[str, Any]:
        """The first of the known programs that explains the example and the lessons, without a model.

        Where synthesis' own program does, the others are held against it.
        """
        tester = await self._tester(result)
        for code in known.programs:
            verdict = await tester.judge(code, [other for other in known.programs if other is not code])
            if verdict.accepted:
                if known.report is not None and "agents" in known.report:
                    _add_to(self.report, {"agents": known.report["agents"]})
                if tester.second:
                    return {**result, "questions": tester.questions}
                return {**result, "completed": True, "reason": "", "cells_right": 1.0, "questions": tester.questions}
        return result

    async def ask(self, agents: Agents, result: dict[str, Any], log: Path) -> dict[str, Any]:
        """What the agents make of it; the better program is in place then, and ``log`` is written.

        A second opinion that cannot be had leaves a program that is there as it is. Raises RetryableError otherwise.
        """
        try:
            return await self._consult(agents, result, log)
        except RetryableError as error:
            if not result["completed"]:
                raise
            self.attempt.step("agents", "failed", error.message)
            return result

    async def _consult(self, agents: Agents, result: dict[str, Any], log: Path) -> dict[str, Any]:
        self.attempt.step("agents", "started")
        tester = await self._tester(result)
        spent = Spend.from_json(self.attempt.record.body.get("agents", {}))
        async with agents.crew.open(time_s=agents.terms.limits.time_s) as session:
            done = await consult(
                await tester.brief(), session, tester, Observer(self.attempt), agents.terms, spent=spent
            )
        self.attempt.set_body(agents=done.spend.as_json())
        write_log(log, done)
        _add_to(self.report, {"agents": _summary(done)})
        spend = f"{done.spend.rounds} rounds, {done.spend.tokens} tokens"
        self.attempt.step("agents", "completed" if done.accepted else "failed", done.reason or spend)
        if tester.second:
            return {**result, "questions": tester.questions}
        reason = "" if done.accepted else f"{result['reason']}; {done.reason}"
        return {
            **result, "completed": done.accepted, "reason": reason, "cells_right": tester.cells_right,
            "questions": tester.questions,
        }  # fmt: skip

    async def explain(self, agents: Agents, columns: Sequence[str], log: Path) -> str:
        """Has the program explained, in the report and in ``log``; what came of it, in words.

        Nothing but the report's explanations is written. A model that cannot be asked is a reason, and no failure.
        """
        self.attempt.step("agents", "started")
        about = {**self.example, "program": str(self.program), "report": str(self.report)}
        try:
            shown = await self.engine.run({"do": "explaining", **about, "columns": list(columns)})
        except ConversionRefused as refused:  # it reads reference tables, for one
            self.attempt.step("agents", "failed", refused.message)
            return f"not explained: {refused.message}"
        asked = Explaining.from_json(shown["explaining"])
        if not asked.columns:
            self.attempt.step("agents", "failed", "the program has no such column")
            return "not explained: the program has no such column"
        spent = Spend.from_json(self.attempt.record.body.get("agents", {}))
        try:
            async with agents.crew.open(time_s=agents.terms.limits.time_s) as session:
                said, done = await explain(asked, session, Observer(self.attempt), agents.terms, spent=spent)
        except RetryableError as error:
            self.attempt.step("agents", "failed", error.message)
            return f"not explained: {error.message}"
        self.attempt.set_body(agents=done.spend.as_json())
        told = {name: [words, [asdict(case) for case in cases]] for name, (words, cases) in said.items()}
        proved = await self.engine.run({"do": "prove_words", **about, "said": told})
        found = proved["explanations"]
        write_log(log, replace(done, log={**done.log, "explanations": found}))
        if found:
            _add_to(self.report, {"explanations": found})
        self.attempt.step("agents", "completed" if found else "failed", done.reason)
        if not found:
            return f"not explained: {done.reason}"
        return f"{len(found)} columns explained, {sum(each['proved'] for each in found)} of them proved"

    async def _tester(self, result: Mapping[str, Any]) -> "Tester":
        return Tester(
            self.engine, self.example, self.program, self.report, result["cells_right"], result.get("questions", 0),
            second=bool(result["completed"]),
        )  # fmt: skip


class Observer:
    """Tells a consultation's progress as the job's, and checkpoints its spend. Implements ``agents.Observer``."""

    def __init__(self, attempt: AttemptWriter) -> None:
        self._attempt = attempt

    def tell(self, status: str, round_number: int) -> None:
        """Progress, as the job's."""
        self._attempt.note(status, min(79, 40 + round_number * 7), f"round {round_number}: {status}")

    async def keep(self, spend: Spend) -> None:
        """The spend, in the record."""
        await self._attempt.checkpoint(agents=spend.as_json())


class Tester:
    """Has the engine prove programs, and keeps the best one. Implements ``agents.Tester``.

    ``second`` says that the program in place explains the example already.
    """

    def __init__(
        self, engine: ConversionEngine, example: Mapping[str, Any], program: Path, report: Path, cells_right: float,
        questions: int, *, second: bool,
    ) -> None:  # fmt: skip
        self._engine = engine
        self._example = example
        self._program = program
        self._report = report
        # What synthesis left is what every program is measured against, whatever the agents tried before it.
        self._left = report.with_name("synthesis.json")
        self._left.write_bytes(report.read_bytes())
        self._former = program.with_name("synthesis.sql")
        self._former.write_bytes(program.read_bytes())
        self.cells_right = cells_right
        self.questions = questions
        self.second = second
        self._refused: list[Code] = []

    async def brief(self) -> Brief:
        """What the agents are told of what is left."""
        shown = await self._engine.run({
            "do": "brief", **self._example, "program": str(self._former), "report": str(self._left)
        })  # fmt: skip
        return Brief.from_json(shown)

    async def judge(self, code: Code, others: Sequence[Code] = ()) -> Verdict:
        """See ``agents.Tester``."""
        program, report = self._program.with_suffix(".tried.sql"), self._report.with_suffix(".tried.json")
        found = await self._engine.run(
            {
                "do": "prove",
                **self._example,
                "code": asdict(code),
                "others": [asdict(other) for other in (*self._refused, *others)],
                "former": str(self._former),
                "second": self.second,
                "report": str(self._left),
                "program_out": str(program),
                "report_out": str(report),
            }
        )
        verdict = Verdict(found["accepted"], found["cells_right"], found["words"])
        if not verdict.accepted:
            self._refused.append(code)
        if verdict.accepted or (not self.second and verdict.cells_right > self.cells_right):
            self.cells_right = verdict.cells_right
            self.questions = found["questions"]
            program.replace(self._program)
            report.replace(self._report)
        return verdict

    async def look_up(self, asked: Lookup, values: Mapping[str, str]) -> tuple[Verdict, Brief | None]:
        """See ``agents.Tester``: what is looked up becomes part of what synthesis left."""
        program, report = self._program.with_suffix(".looked.sql"), self._report.with_suffix(".looked.json")
        found = await self._engine.run(
            {
                "do": "look_up",
                **self._example,
                "lookup": asdict(asked),
                "values": dict(values),
                "former": str(self._former),
                "report": str(self._left),
                "program_out": str(program),
                "report_out": str(report),
            }
        )
        verdict = Verdict(found["completed"], found["cells_right"], found["words"])
        if not found["accepted"]:
            return verdict, None
        self._former.write_bytes(program.read_bytes())
        self._left.write_bytes(report.read_bytes())
        if verdict.accepted or (not self.second and verdict.cells_right >= self.cells_right):
            self.cells_right = verdict.cells_right
            program.replace(self._program)
            report.replace(self._report)
        return verdict, await self.brief()


def write_log(path: Path, done: Consultation) -> None:
    """The content of agents.json."""
    path.write_text(json.dumps(done.log, ensure_ascii=False, indent=1), encoding="utf-8")


def mark_failed(report: Path) -> None:
    """A report on a program that is not to go into service."""
    _add_to(report, {"status": "failed"})


def _add_to(report: Path, fields: Mapping[str, Any]) -> None:
    content = json.loads(report.read_text(encoding="utf-8"))
    report.write_text(json.dumps({**content, **fields}, ensure_ascii=False, indent=1), encoding="utf-8")


def _summary(done: Consultation) -> dict[str, Any]:
    """What the agents took, for the report."""
    kept = {name: done.log[name] for name in ("accepted", "reason", "model", "prompts", "spend")}
    return kept | {
        "rounds": [
            {
                "round": entry["round"],
                "calls": len(entry["calls"]),
                "verdict": entry.get("verdict", ""),
                "cells_right": entry.get("cells_right", 0.0),
            }
            for entry in done.log["rounds"]
        ]
    }
