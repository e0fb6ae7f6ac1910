"""A real model, of any size: whether the wire holds, never whether what it says is good.

Opt in by naming an endpoint: SMOKE_BASE_URL (up to ``/v1``), SMOKE_MODEL, SMOKE_API_KEY. A small model on this machine
will do; docs/converter-agents.md names one.
"""

import os

import pytest

from services.converter.adapters.crew.pool import CrewPool, Endpoint
from services.converter.adapters.crew.prompts import load_prompts
from services.converter.domain.crew.answers import Plan
from services.converter.domain.crew.brief import Brief, Sample
from services.converter.domain.crew.prompting import coder_task, planner_task
from services.converter.ports import Agent, Question

BASE_URL = os.environ.get("SMOKE_BASE_URL", "")
CALL_S = 300.0
SHOWN = Sample(("name",), ((1, ("anna",)), (2, ("jo",))), 2)
BRIEF = Brief(SHOWN, Sample(("upper",), ((1, ("ANNA",)), (2, ("JO",))), 2), ("upper",))


@pytest.mark.slow
@pytest.mark.timeout(2 * CALL_S)
@pytest.mark.skipif(not BASE_URL, reason="no real model: SMOKE_BASE_URL, SMOKE_MODEL and SMOKE_API_KEY name one")
@pytest.mark.parametrize("agent", ["planner", "coder"])
async def test_a_real_model_is_asked_and_its_tokens_are_counted(agent: Agent) -> None:
    prompts = load_prompts()
    instructions = prompts.planner if agent == "planner" else prompts.coder
    task = planner_task(BRIEF, "", "f0") if agent == "planner" else coder_task(BRIEF, Plan("upper case"), "", "f0")
    endpoint = Endpoint(BASE_URL, os.environ["SMOKE_MODEL"], os.environ.get("SMOKE_API_KEY") or "none")
    pool = CrewPool(endpoint, process_bytes=512 << 20)
    await pool.start()
    try:
        async with pool.open(time_s=CALL_S) as session:
            reply = await session.ask(Question(agent, instructions, task, 400, CALL_S))
    finally:
        await pool.stop()
    # A model of a few hundred million weights may well answer nonsense; it was reached, it answered, it counted.
    assert reply.fault in {"", "malformed"}, reply.message
    assert reply.usage.prompt_tokens > 0
    assert reply.usage.completion_tokens > 0
