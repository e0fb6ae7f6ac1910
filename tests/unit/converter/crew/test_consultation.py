"""The rounds: who is asked what, when it ends, and what it took."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from services.converter.agents import Consultation, Terms, Verdict, consult, explain
from services.converter.domain.crew.answers import Code
from services.converter.domain.crew.brief import Brief, Sample
from services.converter.domain.crew.budget import CrewLimits, Prices, Spend, Usage
from services.converter.domain.crew.explaining import Explaining
from services.converter.domain.crew.lookups import Lookup
from services.converter.domain.crew.prompting import Prompts
from services.converter.ports import Question, Reply

BRIEF = Brief(Sample(("a",), ((1, ("x",)),), 1), Sample(("b",), ((1, ("X",)),), 1), ("b",))
USAGE = Usage(1_000, 200)
PLAN = Reply("row by row", USAGE)
BUSY = Reply(None, fault="unavailable", message="it answered 429")


def code(sql: str) -> Reply:
    return Reply({"sql": sql, "columns": []}, USAGE)


@dataclass
class Script:
    """A session, tester and observer that play what the test says and write down what happens."""

    replies: list[Reply]
    verdicts: list[Verdict] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    kept: list[Spend] = field(default_factory=list)
    slept: list[float] = field(default_factory=list)
    judged: list[tuple[str, list[str]]] = field(default_factory=list)
    looked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    found: list[tuple[Verdict, Brief | None]] = field(default_factory=list)
    now: float = 0.0
    call_s: float = 0.0

    async def ask(self, question: Question) -> Reply:
        self.questions.append(question)
        self.now += self.call_s
        if question.agent == "planner":
            return PLAN
        return self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]

    async def judge(self, code: Code, others: Sequence[Code] = ()) -> Verdict:
        self.judged.append((code.sql, [other.sql for other in others]))
        return self.verdicts.pop(0) if len(self.verdicts) > 1 else self.verdicts[0]

    async def look_up(self, asked: Lookup, values: Mapping[str, str]) -> tuple[Verdict, Brief | None]:
        self.looked.append((asked.column, dict(values)))
        return self.found.pop(0)

    def tell(self, status: str, round_number: int) -> None:
        self.told.append(f"{round_number} {status}")

    async def keep(self, spend: Spend) -> None:
        self.kept.append(spend)

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)

    async def play(
        self, brief: Brief = BRIEF, *, spent: Spend | None = None, prices: Prices | None = None, **limits: Any
    ) -> Consultation:
        return await consult(brief, self, self, self, self.terms(prices, **limits), spent=spent)

    def terms(self, prices: Prices | None = None, **limits: Any) -> Terms:
        prompts = Prompts("v1", "plan", "code", "look it up", "explain it")
        return Terms(prompts, CrewLimits(**limits), prices or Prices(), "m", self.sleep, lambda: self.now)

    @property
    def asked(self) -> Sequence[str]:
        return [question.agent for question in self.questions]


RIGHT = Verdict(True, 1.0, "every cell is as expected")


def wrong(share: float, words: str = "row 1: expected 'X', got 'x'") -> Verdict:
    return Verdict(False, share, words)


def programs(*numbers: int) -> list[Reply]:
    return [code(f"SELECT {number} FROM input") for number in numbers]


async def test_a_right_program_ends_it_in_the_first_round_without_a_plan() -> None:
    script = Script(programs(1), [RIGHT])
    done = await script.play()
    assert done.accepted
    assert script.told == ["1 coding", "1 testing"]


async def test_open_rows_are_planned_first() -> None:
    script = Script(programs(1), [RIGHT])
    await script.play(replace(BRIEF, open_columns=()))
    assert script.asked == ["planner", "coder"]


async def test_the_differences_are_fed_back_with_the_program() -> None:
    script = Script(programs(1, 2), [wrong(0.5), RIGHT])
    assert (await script.play()).accepted
    assert "got 'x'" in script.questions[-1].task
    assert "SELECT 1" in script.questions[-1].task


async def test_a_plan_is_made_where_a_program_failed_and_anew_without_progress() -> None:
    script = Script(programs(1, 2, 3, 4), [wrong(0.2), wrong(0.5), wrong(0.5), RIGHT])
    await script.play()
    assert script.asked == ["coder", "planner", "coder", "coder", "planner", "coder"]


async def test_it_ends_after_its_rounds_with_the_reason() -> None:
    script = Script(programs(*range(9)), [wrong(0.5)])
    done = await script.play(rounds=5)
    assert not done.accepted
    assert "5 rounds" in done.reason
    assert len(done.log["rounds"]) == 5


async def test_the_same_program_again_ends_it() -> None:
    script = Script([code("SELECT 1 FROM input"), code("SELECT  1\nFROM input")], [wrong(0.5)])
    done = await script.play()
    assert "repeats a program" in done.reason
    assert len(script.judged) == 1


async def test_an_answer_in_no_form_is_asked_for_again_in_its_round() -> None:
    script = Script([Reply("Sure, happy to help!", USAGE), *programs(1)], [RIGHT])
    done = await script.play()
    assert done.accepted
    assert done.spend.rounds == 1
    assert "holds no SELECT" in script.questions[-1].task


async def test_a_model_that_gives_no_program_loses_one_round_and_then_its_job() -> None:
    script = Script([Reply("Sure, happy to help!", USAGE)])
    done = await script.play()
    assert "gives no program: the answer holds no SELECT" in done.reason
    assert done.spend.rounds == 2


async def test_an_answer_that_was_cut_is_said_to_be() -> None:
    script = Script([Reply("```sql\nSELECT a, (b", USAGE, was_cut=True), *programs(1)], [RIGHT])
    assert (await script.play()).accepted
    assert "cut at 4000 tokens" in script.questions[-1].task


async def test_candidates_of_one_answer_are_judged_in_one_round_each_beside_the_others() -> None:
    both = Reply("```sql\nSELECT 1 FROM input\n```\nor\n```sql\nSELECT 2 FROM input\n```", USAGE)
    script = Script([both], [wrong(0.5), RIGHT])
    done = await script.play()
    assert done.accepted
    assert done.spend.rounds == 1
    assert script.judged == [
        ("SELECT 2 FROM input", ["SELECT 1 FROM input"]),
        ("SELECT 1 FROM input", ["SELECT 2 FROM input"]),
    ]


async def test_a_busy_endpoint_is_asked_again_after_longer_and_longer_pauses() -> None:
    script = Script([BUSY, BUSY, *programs(1)], [RIGHT])
    assert (await script.play()).accepted
    assert script.slept == [1.0, 2.0]


async def test_an_endpoint_is_left_alone_for_as_long_as_it_asks() -> None:
    script = Script([replace(BUSY, retry_after_s=7.0), *programs(1)], [RIGHT])
    assert (await script.play()).accepted
    assert script.slept == [7.0]


async def test_an_endpoint_that_asks_for_too_long_a_pause_ends_it_at_once() -> None:
    script = Script([replace(BUSY, retry_after_s=900.0)])
    done = await script.play()
    assert "cannot be asked for 900 s" in done.reason
    assert script.slept == []


async def test_an_endpoint_that_stays_away_ends_it() -> None:
    done = await Script([BUSY]).play()
    assert "did not answer: it answered 429" in done.reason


async def test_a_question_that_is_too_long_is_cut_and_asked_again() -> None:
    wide = Sample(tuple("abcdefgh"), tuple((n, tuple("abcdefgh")) for n in range(1, 9)), 8)
    script = Script([Reply(None, fault="too_long"), *programs(1)], [RIGHT])
    assert (await script.play(replace(BRIEF, input=wide))).accepted
    first, second = (question.task for question in script.questions)
    assert len(second) < len(first)
    assert "4 further columns, not shown" in second


async def test_a_question_that_stays_too_long_ends_it() -> None:
    done = await Script([Reply(None, fault="too_long", message="it answered 400")]).play()
    assert "does not fit the model: it answered 400" in done.reason


async def test_a_refusal_is_not_asked_again() -> None:
    script = Script([Reply(None, fault="refused", message="it answered 401")])
    done = await script.play()
    assert script.asked == ["coder"]
    assert "refused: it answered 401" in done.reason


async def test_every_call_is_checkpointed_before_it_is_made() -> None:
    script = Script(programs(1, 2), [wrong(0.5), RIGHT])
    await script.play()
    assert [spend.calls for spend in script.kept] == [1, 2, 3]
    assert all(spend.reserved for spend in script.kept)


async def test_tokens_and_cost_add_up_exactly() -> None:
    script = Script(programs(1, 2), [wrong(0.5), RIGHT])
    done = await script.play(prices=Prices(Decimal("0.15"), Decimal("0.6")))
    calls = [call for entry in done.log["rounds"] for call in entry["calls"]]
    assert sum(call["prompt_tokens"] for call in calls) == done.spend.prompt_tokens == 3_000
    assert done.spend.cost == Decimal("0.00081")
    assert done.spend.reserved == 0


async def test_what_an_earlier_attempt_spent_counts() -> None:
    script = Script(programs(1), [wrong(0.5)])
    done = await script.play(spent=Spend(rounds=4, calls=5, prompt_tokens=5_000), rounds=5)
    assert len(done.log["rounds"]) == 1
    assert done.spend.prompt_tokens == 6_000


async def test_the_token_budget_ends_it_before_the_call() -> None:
    script = Script(programs(1, 2, 3), [wrong(0.1), wrong(0.2), wrong(0.3)])
    done = await script.play(tokens=4_000, call_tokens=1_000, candidates=1)
    assert "4000 tokens" in done.reason
    assert done.spend.tokens <= 4_000


async def test_no_call_may_take_longer_than_what_is_left() -> None:
    script = Script(programs(1, 2, 3), [wrong(0.1)], call_s=40.0)
    done = await script.play(time_s=100.0, call_timeout_s=60.0)
    assert [question.timeout_s for question in script.questions] == [60.0, 60.0, 20.0]
    assert "time of 100 s" in done.reason


async def test_what_was_asked_and_answered_is_kept_without_what_stands_in_files() -> None:
    script = Script(programs(1), [RIGHT])
    done = await script.play(replace(BRIEF, general="as the client wishes"))
    (coder,) = done.log["rounds"][0]["calls"]
    assert coder["answered"] == script.replies[0].answer
    assert "characters>>>" in coder["asked"]
    assert '["b"]' in script.questions[0].task
    assert '["b"]' not in coder["asked"]
    assert "as the client wishes" not in coder["asked"]
    assert done.log["rounds"][0]["sql"] == "SELECT 1 FROM input"


async def test_a_long_answer_is_kept_cut() -> None:
    long = Reply({"sql": "SELECT 1 FROM input", "columns": [{"name": "b", "words": "x" * 5_000}]}, USAGE)
    done = await Script([long], [RIGHT]).play()
    (column,) = done.log["rounds"][0]["calls"][0]["answered"]["columns"]
    assert len(column["words"]) == 1_000


async def test_several_programs_are_asked_for_in_the_first_call_alone() -> None:
    script = Script(programs(1, 2), [wrong(0.5), RIGHT])
    await script.play(candidates=3)
    assert [(q.agent, q.candidates) for q in script.questions] == [("coder", 3), ("planner", 1), ("coder", 1)]


async def test_every_answer_of_a_call_is_a_candidate() -> None:
    first = replace(code("SELECT 1 FROM input"), others=("no program", "SELECT 2 FROM input"))
    script = Script([first], [wrong(0.5), RIGHT])
    done = await script.play(candidates=3)
    assert done.accepted
    assert script.judged == [
        ("SELECT 1 FROM input", ["SELECT 2 FROM input"]),
        ("SELECT 2 FROM input", ["SELECT 1 FROM input"]),
    ]


async def test_one_answer_is_enough_where_another_is_no_program() -> None:
    script = Script([Reply("no program", USAGE, others=("SELECT 2 FROM input",))], [RIGHT])
    done = await script.play()
    assert (done.accepted, done.spend.calls) == (True, 1)


async def test_one_program_is_asked_for_where_there_is_no_room_for_several() -> None:
    script = Script(programs(1), [RIGHT])
    assert (await script.play(tokens=3_000, call_tokens=2_000)).accepted
    assert [question.candidates for question in script.questions] == [1]


LOOKUP = Lookup("b", "a", "atomic number of the metal", ("Gold", "Tin", "Lead"), (("Gold", "79"),), 2)
NUMBERS = Reply('{"Gold": "79", "Tin": "50", "Lead": "82"}', USAGE)


async def test_a_look_up_that_settles_all_needs_no_program() -> None:
    script = Script([NUMBERS], found=[(RIGHT, BRIEF)])
    done = await script.play(replace(BRIEF, lookups=(LOOKUP,)))
    assert (done.accepted, script.asked, done.spend.rounds) == (True, ["lookup"], 0)
    assert script.looked == [("b", {"Gold": "79", "Tin": "50", "Lead": "82"})]
    (entry,) = done.log["lookups"]
    assert (entry["column"], entry["accepted"], len(entry["calls"])) == ("b", True, 1)
    assert "Gold" not in entry["calls"][0]["asked"]


async def test_programs_go_on_from_what_a_look_up_left() -> None:
    left = replace(BRIEF, open_columns=("rest",))
    script = Script([NUMBERS, *programs(1)], [RIGHT], found=[(wrong(0.5), left)])
    assert (await script.play(replace(BRIEF, lookups=(LOOKUP,)))).accepted
    assert '["rest"]' in script.questions[-1].task


async def test_a_model_that_knows_no_look_up_is_asked_for_a_program() -> None:
    script = Script([Reply("{}", USAGE), *programs(1)], [RIGHT])
    done = await script.play(replace(BRIEF, lookups=(LOOKUP,)))
    assert (done.accepted, script.looked, script.asked) == (True, [], ["lookup", "coder"])


PROGRAM = Explaining("SELECT a AS b FROM input", BRIEF.input, BRIEF.expected, ("b",))


async def test_an_explanation_is_words_and_cases() -> None:
    said = '{"b": {"words": "as it is", "cases": [{"input": {"a": "x"}, "output": "x"}]}}'
    script = Script([Reply(said, USAGE)])
    found, done = await explain(PROGRAM, script, script, script.terms())
    assert [(words, len(cases)) for words, cases in found.values()] == [("as it is", 1)]
    assert (done.accepted, script.asked) == (True, ["explainer"])
    assert len(done.log["explained"]["calls"]) == 1


async def test_a_model_that_explains_nothing_is_a_reason() -> None:
    for reply, reason in ((Reply("no", USAGE), "gives no explanation"), (BUSY, "did not answer")):
        script = Script([reply])
        found, done = await explain(PROGRAM, script, script, script.terms())
        assert (found, done.accepted) == ({}, False)
        assert reason in done.reason
