"""A consultation: rounds of Planner, Coder and Tester over what synthesis left open, within a budget.

The Tester is code: the sandbox runs the program on the whole example and the judgement says what differs. The loop is
ours; each agent is asked one question at a time and remembers nothing but what it is told.
"""

import asyncio
import secrets
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Protocol, TypeVar

from services.converter.domain.crew.answers import MAX_ENTRIES, AnswerMalformed, Code, Plan, read_code, read_plan
from services.converter.domain.crew.brief import Brief
from services.converter.domain.crew.budget import CrewLimits, Prices, Spend, Usage, why_over
from services.converter.domain.crew.explaining import Case, Explaining, read_explanations
from services.converter.domain.crew.lookups import Lookup, read_lookup
from services.converter.domain.crew.prompting import (
    Prompts,
    coder_task,
    cut_data,
    explainer_task,
    lookup_task,
    planner_task,
)
from services.converter.ports import Agent, CrewSession, Question, Reply

LOGGED_SQL_CHARS = 16_000
LOGGED_WORDS_CHARS = 1_000
_CHARS_PER_TOKEN = 3
_FORM_REPEATS = 2
_ROUNDS_LOST_TO_FORM = 1
_MOST_CUTS = 2
_LONGEST_PAUSE_S = 60.0
"""What `agents.json` keeps of a program and of words. A token is four characters of English and fewer of code, so
that three reserve too much rather than too little. An answer in a wrong form is asked for again so often within a
round, and so many rounds may end so; a brief that is cut in half thrice has nothing left. A pause that an endpoint
asks for is waited for within a round up to so long."""
_Answer = TypeVar("_Answer")
_Explained = dict[str, tuple[str, tuple[Case, ...]]]


@dataclass(frozen=True, slots=True)
class Verdict:
    """The Tester's: ``accepted`` ends the consultation; ``words`` go back to the agents."""

    accepted: bool
    cells_right: float
    words: str


class Tester(Protocol):
    """Judges programs on the whole example, and keeps the best one with its report."""

    async def judge(self, code: Code, others: Sequence[Code] = ()) -> Verdict:
        """Runs a program in the sandbox; one that does not run is a verdict too.

        ``others`` are further answers to the same question: where one explains the example as well and answers
        otherwise elsewhere, the report says so.
        """
        ...

    async def look_up(self, asked: Lookup, values: Mapping[str, str]) -> tuple[Verdict, Brief | None]:
        """Holds what a model looked up against the example: accepted where all is right with it.

        The brief of what is left comes with it where the column is solved; None where the values are refused.
        """
        ...


class Observer(Protocol):
    """Whom the consultation tells how far it is, and who keeps its spend before more is spent."""

    def tell(self, status: str, round_number: int) -> None:
        """``planning``, ``coding`` or ``testing`` begins."""

    async def keep(self, spend: Spend) -> None:
        """Returns once the spend is where another attempt finds it."""


@dataclass(frozen=True, slots=True)
class Consultation:
    """How it went: ``reason`` says why it ended without an accepted program, ``log`` is the content of agents.json."""

    accepted: bool
    reason: str
    spend: Spend
    log: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Terms:
    """What holds for every consultation of this process: instructions, bounds, prices, and the model's name."""

    prompts: Prompts
    limits: CrewLimits
    prices: Prices
    model: str
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    clock: Callable[[], float] = time.monotonic


class _Ended(Exception):
    """No further question can be put; the text says why."""


async def consult(
    brief: Brief, session: CrewSession, tester: Tester, observer: Observer, terms: Terms, *, spent: Spend | None = None
) -> Consultation:
    """Ask until a program is accepted, the rounds are used up or the budget is; ``spent`` is of earlier attempts."""
    return await _Consultation(brief, tester, _Asking(session, observer, terms, spent or Spend())).run()


async def explain(
    asked: Explaining, session: CrewSession, observer: Observer, terms: Terms, *, spent: Spend | None = None
) -> tuple[_Explained, Consultation]:
    """Has a program explained: words and cases by column, not proved yet; none where the model could not be asked."""
    asking = _Asking(session, observer, terms, spent or Spend())
    entry: dict[str, Any] = {"calls": []}
    found, reason = _Explained(), ""
    try:
        read = partial(read_explanations, columns=asked.columns)
        found = await asking.ask("explainer", entry, read, lambda fence: explainer_task(asked, fence))
    except AnswerMalformed as malformed:
        reason = f"the model gives no explanation: {malformed.message}"
    except _Ended as ended:
        reason = str(ended)
    return found, asking.conclude(bool(found), reason, {"explained": entry})


@dataclass(slots=True)
class _Asking:
    """Puts questions, and keeps what they took."""

    session: CrewSession
    observer: Observer
    terms: Terms
    spend: Spend
    shorten: Callable[[], None] = lambda: None
    """Called where a question is too long for the model."""
    cuts: int = 0
    started: float = field(init=False)
    fence: str = field(default_factory=lambda: secrets.token_hex(8))

    def __post_init__(self) -> None:
        self.started = self.terms.clock()

    async def ask(
        self,
        agent: Agent,
        entry: dict[str, Any],
        read: Callable[[Any], _Answer],
        task: Callable[[str], str],
        candidates: int = 1,
    ) -> _Answer:
        """What an agent answers; where that cannot be read, it is told so and asked once more.

        Of several answers the first that can be read is ``read`` with the others behind it, as a tuple.
        """
        said = ""
        for _ in range(_FORM_REPEATS):
            reply = await self._put(agent, entry, _with(task, said), candidates)
            try:
                if reply.fault == "malformed":
                    raise AnswerMalformed(reply.message)
                return read((reply.answer, *reply.others) if candidates > 1 else reply.answer)
            except AnswerMalformed as malformed:
                limit = self.terms.limits.call_tokens
                cut = f" It was cut at {limit} tokens: think less, write less." if reply.was_cut else ""
                said = f"\n\nYour last answer could not be used: {malformed.message}.{cut}"
                problem = malformed
        raise AnswerMalformed(f"{problem.message}{cut}") from problem

    async def _put(self, agent: Agent, entry: dict[str, Any], make: Callable[[str], str], candidates: int) -> Reply:
        """Puts a question, again where the endpoint could not serve it; the question is cut where it is too long."""
        terms, limits = self.terms, self.terms.limits
        instructions: str = getattr(terms.prompts, agent)
        attempt = 0
        while True:
            task = make(self.fence)
            reserved = (len(instructions) + len(task)) // _CHARS_PER_TOKEN + candidates * limits.call_tokens
            left_s = limits.time_s - (terms.clock() - self.started)
            if over := why_over(self.spend, limits, terms.prices, next_tokens=reserved, left_s=left_s):
                if candidates == 1:
                    raise _Ended(over)
                candidates = 1  # there is room for one yet
                continue
            self.spend = self.spend.begin(reserved)
            await self.observer.keep(self.spend)
            timeout_s = min(limits.call_timeout_s, left_s)
            began = terms.clock()
            question = Question(agent, instructions, task, limits.call_tokens, timeout_s, candidates)
            reply = await self.session.ask(question)
            self.spend = self.spend.end(reserved, reply.usage, terms.prices)
            entry["calls"].append(_logged(agent, cut_data(task, self.fence), reply, terms.clock() - began))
            if reply.fault in {"", "malformed"}:
                return reply
            if reply.fault == "refused":
                raise _Ended(f"the model's endpoint refused: {reply.message}")
            if reply.fault == "too_long":
                self.cuts += 1
                if self.cuts > _MOST_CUTS:
                    raise _Ended(f"the example does not fit the model: {reply.message}")
                self.shorten()
                continue
            attempt += 1
            if attempt > limits.call_retries:
                raise _Ended(f"the model did not answer: {reply.message}")
            if reply.retry_after_s > min(_LONGEST_PAUSE_S, left_s):
                raise _Ended(f"the model cannot be asked for {reply.retry_after_s:g} s: {reply.message}")
            await terms.sleep(max(reply.retry_after_s, limits.retry_delay_s * 2 ** (attempt - 1)))

    def conclude(self, accepted: bool, reason: str, further: Mapping[str, Any]) -> Consultation:
        """How it went, with what it took."""
        prompts = self.terms.prompts
        log = {
            "accepted": accepted,
            "reason": reason,
            "model": self.terms.model,
            "prompts": {"version": prompts.version, "sha256": prompts.digest},
            "spend": self.spend.as_json(),
            "elapsed_s": round(self.terms.clock() - self.started, 3),
            **further,
        }
        return Consultation(accepted, reason, self.spend, log)


@dataclass(slots=True)
class _Consultation:
    brief: Brief
    tester: Tester
    asking: _Asking
    plan: Plan | None = None
    best: float = -1.0
    stuck: bool = False
    lost_to_form: int = 0
    tried: set[str] = field(default_factory=set)
    feedback: list[str] = field(default_factory=list)
    rounds: list[dict[str, Any]] = field(default_factory=list)
    looked_up: list[dict[str, Any]] = field(default_factory=list)

    async def run(self) -> Consultation:
        self.asking.shorten = self._shorten
        limits = self.asking.terms.limits
        reason = f"the agents did not get there in {limits.rounds} rounds"
        try:
            if await self._look_up():
                return self._conclude(True, "")
            while self.asking.spend.rounds < limits.rounds:
                if await self._play_round():
                    return self._conclude(True, "")
        except _Ended as ended:
            reason = str(ended)
        return self._conclude(False, reason)

    async def _look_up(self) -> bool:
        """Has the look-ups that the user's words name filled in; whether nothing is left then."""
        for asked in self.brief.lookups:
            entry: dict[str, Any] = {"column": asked.column, "source": asked.source, "calls": []}
            self.looked_up.append(entry)
            self.asking.observer.tell("coding", 0)
            try:
                values = await self.asking.ask("lookup", entry, read_lookup, partial(lookup_task, asked))
            except AnswerMalformed as malformed:
                entry["verdict"] = f"the answer could not be used: {malformed.message}"
                continue
            if not values:
                entry["verdict"] = "the words name no look-up that the model knows"
                continue
            verdict, left = await self.tester.look_up(asked, values)
            entry["verdict"], entry["accepted"] = verdict.words[:LOGGED_WORDS_CHARS], left is not None
            if verdict.accepted:
                return True
            self.brief = left or self.brief
        return False

    def _shorten(self) -> None:
        self.brief = self.brief.cut()
        self.feedback = self.feedback[-1:]

    async def _play_round(self) -> bool:
        asking = self.asking
        asking.spend = replace(asking.spend, rounds=asking.spend.rounds + 1)
        number = asking.spend.rounds
        entry: dict[str, Any] = {"round": number, "calls": []}
        self.rounds.append(entry)
        try:
            # A plan costs as much as a program: it is worth it where a program did not bring anything, or for rows.
            if self.plan is None and (self.stuck or (number == 1 and self.brief.is_table)):
                asking.observer.tell("planning", number)
                self.plan = await asking.ask("planner", entry, read_plan, self._planner_task)
                entry["approach"] = self.plan.approach[:LOGGED_WORDS_CHARS]
            asking.observer.tell("coding", number)
            names = (*self.brief.expected.names, *self.brief.expected.others)
            # Several answers cost no more than their own tokens; from the second round on feedback says more.
            several = asking.terms.limits.candidates if number == 1 else 1
            read = partial(_read_all, names=names) if several > 1 else partial(read_code, columns=names)
            found = await asking.ask("coder", entry, read, self._coder_task, several)
        except AnswerMalformed as malformed:
            self.lost_to_form += 1
            if self.lost_to_form > _ROUNDS_LOST_TO_FORM:
                raise _Ended(f"the model gives no program: {malformed.message}") from malformed
            self._note(entry, f"the answer could not be used: {malformed.message}")
            return False
        return await self._test(found, entry)

    async def _test(self, found: list[Code], entry: dict[str, Any]) -> bool:
        """Has the candidates of one answer judged, in their order."""
        number = entry["round"]
        fresh = [code for code in found if _spelled(code) not in self.tried]
        if not fresh:
            entry["sql"] = _shown(found[0])
            entry["verdict"] = "it was tried before"
            raise _Ended("the model repeats a program that was refused")
        self.asking.observer.tell("testing", number)
        told: tuple[Code, Verdict] | None = None
        for code in fresh:
            self.tried.add(_spelled(code))
            verdict = await self.tester.judge(code, [other for other in fresh if other is not code])
            if told is None or (verdict.accepted, verdict.cells_right) > (told[1].accepted, told[1].cells_right):
                told = code, verdict
            if verdict.accepted:
                break
        assert told is not None  # noqa: S101 - there is a fresh one
        code, verdict = told
        entry["sql"], entry["candidates"] = _shown(code), len(found)
        entry["cells_right"], entry["accepted"] = verdict.cells_right, verdict.accepted
        self._note(entry, verdict.words, _shown(code))
        self.stuck = verdict.cells_right <= self.best or not verdict.accepted
        if verdict.cells_right <= self.best:
            self.plan = None  # no progress on this plan: another one
        self.best = max(self.best, verdict.cells_right)
        return verdict.accepted

    def _planner_task(self, fence: str) -> str:
        return planner_task(self.brief, "\n\n".join(self.feedback[-2:]), fence)

    def _coder_task(self, fence: str) -> str:
        return coder_task(self.brief, self.plan, "\n\n".join(self.feedback[-2:]), fence)

    def _note(self, entry: dict[str, Any], words: str, sql: str = "") -> None:
        # File contents stand in differences: the log keeps their first words only.
        entry["verdict"] = words.partition("\n")[0][:LOGGED_WORDS_CHARS]
        program = f"Program:\n{sql}\n" if sql else ""
        self.feedback.append(f"Round {entry['round']}\n{program}Verdict: {words}")

    def _conclude(self, accepted: bool, reason: str) -> Consultation:
        looked_up = {"lookups": self.looked_up} if self.looked_up else {}
        return self.asking.conclude(accepted, reason, {**looked_up, "rounds": self.rounds})


def _with(task: Callable[[str], str], said: str) -> Callable[[str], str]:
    return lambda fence: f"{task(fence)}{said}"


def _read_all(answers: Sequence[Any], names: Sequence[str]) -> list[Code]:
    """The programs of several answers, the first answer's first. Raises `AnswerMalformed` where none holds one."""
    found: list[Code] = []
    problem: AnswerMalformed | None = None
    for answer in answers:
        try:
            found += read_code(answer, names)
        except AnswerMalformed as malformed:
            problem = problem or malformed
    if problem is not None and not found:
        raise problem
    return list(dict.fromkeys(found))


def _shown(code: Code) -> str:
    """A program, or its rules, as they are kept and shown."""
    written = code.sql or "\n".join(f"{name}: {rule}" for name, rule in code.rules)
    return written[:LOGGED_SQL_CHARS]


def _spelled(code: Code) -> str:
    return " ".join(_shown(code).split())


def _logged(agent: Agent, asked: str, reply: Reply, took_s: float) -> dict[str, Any]:
    usage: Usage = reply.usage
    return {
        "agent": agent,
        "asked": asked[:LOGGED_SQL_CHARS],
        "answered": _cut_answer(reply.answer),
        "prompt_tokens": usage.prompt_tokens,
        "completion_tokens": usage.completion_tokens,
        "seconds": round(took_s, 3),
        "fault": reply.fault,
        "message": reply.message[:LOGGED_WORDS_CHARS],
    }


def _cut_answer(answer: Any) -> Any:
    """An answer of any shape, its texts cut: it may repeat what it was shown."""
    if isinstance(answer, str):
        return answer[:LOGGED_WORDS_CHARS]
    if isinstance(answer, list):
        return [_cut_answer(item) for item in answer[:MAX_ENTRIES]]
    if isinstance(answer, dict):
        return {str(name): _cut_answer(value) for name, value in answer.items()}
    return answer
