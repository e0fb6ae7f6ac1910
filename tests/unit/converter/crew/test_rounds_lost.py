"""What forms of answers cost, summed over all that are known: from the endpoint's bytes to the Tester's verdict."""

import json
from collections.abc import Sequence
from typing import Any

import pytest

from services.converter.adapters.crew.wire import read_response
from services.converter.agents import Verdict
from services.converter.domain.crew.answers import AnswerMalformed, Code
from services.converter.domain.crew.brief import Brief, Sample
from services.converter.domain.crew.composing import compose
from services.converter.domain.table import Table
from services.converter.ports import Reply
from tests.support.answer_forms import REFUSED, SQL, TAKEN
from tests.support.duckdb_in_process import InProcessRunner
from tests.unit.converter.crew.test_answers import FORMER, NAMES, REPORT, TABLE
from tests.unit.converter.crew.test_consultation import USAGE, Script

RUNNER = InProcessRunner()
WANTED = RUNNER.run(SQL, TABLE)
CELLS = tuple((number, row) for number, row in enumerate(WANTED.rows, 1))
BRIEF = Brief(Sample(("quantity",), ((1, ("10",)), (2, ("11",))), 2), Sample(NAMES, CELLS, 2), ("code",))
GOOD = f"It is the digest.\n```sql\n{SQL}\n```"


class Judging(Script):
    """Runs what was answered, and accepts what makes the example's rows."""

    async def judge(self, code: Code, others: Sequence[Code] = ()) -> Verdict:
        try:
            made = RUNNER.run(compose(code, FORMER, REPORT, NAMES), Table(TABLE.header, TABLE.rows))
        except AnswerMalformed as malformed:
            return Verdict(False, 0.0, malformed.message)
        return Verdict(made.rows == WANTED.rows, float(made.rows == WANTED.rows), "")


def answered(content: Any) -> Reply:
    """The reply that the bytes of an endpoint are read as."""
    choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": content}}
    body = json.dumps({"choices": [choice]}).encode()
    told = read_response(200, {"content-type": "application/json"}, body)
    return Reply(told.content, USAGE, fault=told.fault, message=told.message)  # type: ignore[arg-type]


async def test_all_forms_together_cost_no_round_and_no_call() -> None:
    rounds, calls, missed = 0, 0, []
    for form, content in TAKEN.items():
        done = await Judging([answered(content)]).play(BRIEF)
        rounds += done.spend.rounds - 1
        calls += done.spend.calls - 1
        missed += [] if done.accepted else [form]
    assert (missed, rounds, calls) == ([], 0, 0)


async def test_answers_without_a_program_cost_a_call_each_and_together_no_round() -> None:
    """The next answer is a good one."""
    lost, missed = 0, []
    for form, content in REFUSED.items():
        done = await Judging([answered(content), answered(GOOD)]).play(BRIEF)
        lost += done.spend.rounds - 1
        missed += [] if done.accepted and done.spend.calls <= 2 else [form]
    assert (missed, lost) == ([], 0)


@pytest.mark.parametrize("form", REFUSED)
async def test_a_model_that_gives_no_program_at_all_loses_one_round_at_most(form: str) -> None:
    done = await Judging([answered(REFUSED[form])]).play(BRIEF)
    assert not done.accepted
    assert done.spend.rounds <= 2
