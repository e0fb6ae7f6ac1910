"""What agents wrote is asked about, taught, looked up and explained: with the real crew and a scripted model."""

import hashlib
import json
from typing import Any

from wealth.converter.v1 import converter_pb2 as pb

from services.common.channels import translated_errors
from services.common.context import acting_as
from tests.integration.converter.conftest import USER, Converter, inline
from tests.integration.converter.test_teaching import convert, taught, versions
from tests.support.eventually import eventually
from tests.support.scripted_model import Act, ScriptedModel, completion

DONE = pb.JOB_STATUS_COMPLETED
NUMBERS = (10, 5, 1, 7, 12, 9, 6, 14)
INPUT = "quantity,ref\n" + "".join(f"{n},r-{n}\n" for n in NUMBERS)


def digest(text: object) -> str:
    return hashlib.md5(str(text).encode(), usedforsecurity=False).hexdigest()[:6]


EXPECTED = "ref,code\n" + "".join(f"r-{n},{digest(n)}\n" for n in NUMBERS)
MARCH = "quantity,ref\n3,r-3\n4,r-8\n99,r-99\n"
BY_QUANTITY = "SELECT ref, left(md5(quantity), 6) AS code FROM input ORDER BY _row"
BY_REF = "SELECT ref, left(md5(split_part(ref, '-', 2)), 6) AS code FROM input ORDER BY _row"
UP_TO_50 = BY_QUANTITY.replace("left(", "CASE WHEN CAST(quantity AS INTEGER) > 50 THEN 'none' ELSE left(").replace(
    "6) AS", "6) END AS"
)


def both() -> Act:
    """Two answers of one call."""
    answers = [completion(f"```sql\n{sql}\n```") for sql in (BY_QUANTITY, BY_REF)]
    body = {**answers[0], "choices": [answer["choices"][0] for answer in answers]}
    return Act(raw=json.dumps(body).encode())


async def trained(converter: Converter, **fields: Any) -> pb.Job:
    fields = {"input_file": inline(INPUT), "samples": {"march": inline(MARCH)}} | fields
    job = await converter.train(EXPECTED, **fields)
    return await converter.until(job.job_id, DONE)


async def report_of(converter: Converter, job: pb.Job) -> dict[str, Any]:
    report: dict[str, Any] = json.loads(await converter.download(job.job_id, pb.ARTIFACT_REPORT))
    return report


async def test_programs_that_part_are_one_question_and_an_answer_chooses_without_the_model(
    converter: Converter, model: ScriptedModel
) -> None:
    model.acts = [both()]
    job = await trained(converter)
    assert job.questions == 1
    assert [body["n"] for body in model.bodies] == [2]
    (question,) = (await report_of(converter, job))["questions"]
    assert (question["row"]["file"], question["row"]["cells"], question["column"]) == ("march", ["4", "r-8"], "code")
    assert [c["value"] for c in question["candidates"]] == [digest(4), digest(8)]
    asked = len(model.bodies)
    after = await taught(converter, job.job_id, answers=[pb.Answer(question_id="q1", candidate=1)])
    assert (after.questions, after.lessons, after.serving_generation) == (0, 1, 2)
    assert f"r-8,{digest(8)}" in await convert(converter, job.job_id, MARCH)
    assert len(model.bodies) == asked


async def test_a_training_that_asks_to_fail_on_doubt_fails_with_the_agents_question(
    converter: Converter, model: ScriptedModel
) -> None:
    model.acts = [both()]
    job = await converter.train(
        EXPECTED, input_file=inline(INPUT), samples={"march": inline(MARCH)}, on_ambiguity=pb.ON_AMBIGUITY_FAIL
    )
    ended = await converter.until(job.job_id, pb.JOB_STATUS_FAILED)
    assert ended.error.code == "AMBIGUOUS"
    assert len((await report_of(converter, ended))["questions"]) == 1


async def test_what_no_known_program_does_is_shown_to_the_agents_and_proves(
    converter: Converter, model: ScriptedModel
) -> None:
    model.acts = [Act(sql=BY_QUANTITY)]
    job = await trained(converter)
    model.acts = [Act(sql=BY_REF), Act(sql=UP_TO_50)]
    correction = pb.Correction(file="march", row=3, column="code", value="none")
    after = await taught(converter, job.job_id, corrections=[correction])
    first, second = model.said_to("coder")[-2:]
    assert '[["99", "r-99"], {"code": "none"}]' in first
    assert "The user taught: row 3 of march says 'none'" in second
    assert (after.lessons, await versions(converter, job.job_id)) == (1, [(2, 1, True), (1, 0, False)])
    assert f"r-3,{digest(3)}\nr-8,{digest(4)}\nr-99,none" in await convert(converter, job.job_id, MARCH)


METALS = {"Gold": "79", "Silver": "47", "Copper": "29", "Iron": "26", "Lead": "82", "Tin": "50"}


async def test_a_look_up_that_the_words_name_is_one_call_and_its_values_are_known(
    converter: Converter, model: ScriptedModel
) -> None:
    model.acts = [Act(content=json.dumps(METALS))]
    job = await converter.train(
        "lots,number\n" + "".join(f"{n},{code}\n" for n, code in enumerate(METALS.values(), 3)),
        input_file=inline("metal,lots\n" + "".join(f"{metal},{n}\n" for n, metal in enumerate(METALS, 3))),
        column_instructions={"number": "atomic number of the metal"},
    )
    await converter.until(job.job_id, DONE)
    assert model.asked == ["lookup"]
    log = await eventually(lambda: converter.read_fixed(job.job_id, "agents.json"))
    assert log is not None
    assert json.loads(log)["lookups"][0]["accepted"]
    inference = await converter.infer(job.job_id, inline("metal,lots\nTin,1\nBrass,2\n"))
    await converter.until(inference.job_id, DONE)
    assert await converter.download(inference.job_id, pb.ARTIFACT_OUTPUT) == "lots,number\n1,50\n2,\n"


async def explained(converter: Converter, job: pb.Job, columns: list[str]) -> pb.Job:
    request = pb.ExplainTrainingRequest(user_id=USER, job_id=job.job_id, columns=columns)
    with acting_as(converter.principal), translated_errors():
        accepted: pb.Job = await converter.stub.ExplainTraining(request)
    assert accepted.generation == job.generation + 1
    return await converter.until(job.job_id, DONE)


async def test_an_explanation_is_proved_or_marked_and_the_program_stays(
    converter: Converter, model: ScriptedModel
) -> None:
    model.acts = [Act(sql=BY_QUANTITY)]
    job = await trained(converter)
    cases = [{"input": {"quantity": str(n)}, "output": digest(n)} for n in (70, 71)]
    said = {
        "code": {"words": 'The first six signs of the MD5 of "quantity".', "cases": cases},
        "ref": {"words": 'The "ref" in capitals.', "cases": [{"input": {"ref": "x"}, "output": "X"}] * 2},
    }
    model.acts = [Act(content=json.dumps(said))]
    after = await explained(converter, job, [])
    assert after.message == "2 columns explained, 1 of them proved"
    assert await converter.download(job.job_id, pb.ARTIFACT_PROGRAM) == f"{BY_QUANTITY}\n"
    found = {each["column"]: each for each in (await report_of(converter, after))["explanations"]}
    assert {name: each["proved"] for name, each in found.items()} == {"code": True, "ref": False}
    assert found["ref"]["why"] == 'case 1: the explanation says "X", the program gives "x"'
    assert await versions(converter, job.job_id) == [(1, 0, True)]
    log = json.loads(await converter.download(job.job_id, pb.ARTIFACT_AGENTS))
    assert (log["explanations"], log["spend"]["calls"]) == (list(found.values()), 1)


async def test_a_model_that_cannot_be_asked_explains_nothing_and_harms_nothing(
    converter: Converter, model: ScriptedModel
) -> None:
    model.acts = [Act(sql=BY_QUANTITY)]
    job = await trained(converter)
    model.acts = [Act(status=401)]
    after = await explained(converter, job, ["code"])
    assert "not explained: the model's endpoint refused" in after.message
    assert "explanations" not in await report_of(converter, after)
    assert f"r-3,{digest(3)}" in await convert(converter, job.job_id, MARCH)
