"""A training that is taught: lessons over gRPC, the next generation, and which program serves meanwhile."""

import json
from typing import Any

import pytest
from wealth.converter.v1 import converter_pb2 as pb

from services.common.channels import translated_errors
from services.common.context import acting_as
from services.common.errors import Conflict, InvalidInput, NotFound, PreconditionFailed
from tests.integration.converter.conftest import USER, Converter, inline

GIVEN = "day,type,name\n1,Kauf,Acme\n2,Verkauf,Beta\n3,Kauf,Gamma\n4,Verkauf,Acme\n5,Kauf,Delta\n6,Kauf,Acme\n"
WANTED = "when,action,title\n1,BUY,Acme\n2,SELL,Beta\n3,BUY,Gamma\n4,SELL,Acme\n5,BUY,Delta\n6,BUY,Acme\n"
MARCH = "day,type,name\n7,Kauf,Acme\n8,Sparplan,Beta\n9,Verkauf,Beta\n"
APRIL = "day,type,name\n11,Sparplan,Eta\n12,Kauf,Acme\n13,Sparplan,Beta\n"


async def train(converter: Converter, **fields: Any) -> pb.Job:
    """A training that has ended, and that leaves open what Sparplan is."""
    fields = {"samples": {"march": inline(MARCH)}} | fields
    job = await converter.train(WANTED, input_file=inline(GIVEN), **fields)
    return await converter.until(job.job_id, pb.JOB_STATUS_COMPLETED)


async def teach(converter: Converter, job_id: str, **fields: Any) -> pb.Job:
    request = pb.TeachTrainingRequest(user_id=USER, job_id=job_id, **fields)
    with acting_as(converter.principal), translated_errors():
        job: pb.Job = await converter.stub.TeachTraining(request)
        return job


async def taught(converter: Converter, job_id: str, **fields: Any) -> pb.Job:
    await teach(converter, job_id, **fields)
    return await converter.until(job_id, pb.JOB_STATUS_COMPLETED)


async def versions(converter: Converter, job_id: str) -> list[tuple[int, int, bool]]:
    with acting_as(converter.principal), translated_errors():
        found = await converter.stub.ListVersions(pb.ListVersionsRequest(user_id=USER, job_id=job_id))
    return [(version.generation, version.lessons, version.serving) for version in found.versions]


async def rollback(converter: Converter, job_id: str, generation: int) -> pb.Job:
    request = pb.RollbackTrainingRequest(user_id=USER, job_id=job_id, generation=generation)
    with acting_as(converter.principal), translated_errors():
        job: pb.Job = await converter.stub.RollbackTraining(request)
        return job


async def convert(converter: Converter, job_id: str, text: str = MARCH) -> str:
    inference = await converter.infer(job_id, inline(text))
    await converter.until(inference.job_id, pb.JOB_STATUS_COMPLETED)
    return await converter.download(inference.job_id, pb.ARTIFACT_OUTPUT)


async def test_a_training_counts_the_questions_that_its_sample_files_raise(converter: Converter) -> None:
    job = await train(converter)
    assert (job.questions, job.lessons, job.serving_generation) == (1, 0, 1)
    report = json.loads(await converter.download(job.job_id, pb.ARTIFACT_REPORT))
    assert [question["row"]["cells"] for question in report["questions"]] == [["8", "Sparplan", "Beta"]]


async def test_an_answer_is_learned_and_served(converter: Converter) -> None:
    job = await train(converter)
    after = await taught(converter, job.job_id, answers=[pb.Answer(question_id="q1", value="PLAN")])
    assert (after.questions, after.lessons, after.serving_generation) == (0, 1, 2)
    assert "8,PLAN,Beta" in await convert(converter, job.job_id)


async def list_questions(converter: Converter, job_id: str) -> pb.ListQuestionsResponse:
    request = pb.ListQuestionsRequest(user_id=USER, job_id=job_id)
    with acting_as(converter.principal), translated_errors():
        found: pb.ListQuestionsResponse = await converter.stub.ListQuestions(request)
        return found


TAXED = MARCH + "10,Steuer,Acme\n12,Sparplan,Eta\n"


async def test_questions_are_answered_one_at_a_time_the_most_telling_first(converter: Converter) -> None:
    job = await train(converter, samples={"march": inline(TAXED)})
    asked = []
    while (found := await list_questions(converter, job.job_id)).questions:
        first = found.questions[0]
        asked.append((found.generation, first.cells[1], first.decides))
        answer = pb.Answer(question_id=first.id, value=first.cells[1].upper())
        await taught(converter, job.job_id, answers=[answer], generation=found.generation)
    assert asked == [(1, "Sparplan", 2), (2, "Steuer", 1)]


@pytest.mark.parametrize("meaning", [pb.MEANING_NONE, pb.MEANING_UNKNOWN])
async def test_an_answer_may_leave_a_question_open(converter: Converter, meaning: int) -> None:
    job = await train(converter)
    (question,) = (await list_questions(converter, job.job_id)).questions
    place = next(n for n, candidate in enumerate(question.candidates) if candidate.meaning == meaning)
    after = await taught(converter, job.job_id, answers=[pb.Answer(question_id=question.id, candidate=place)])
    assert (after.questions, after.lessons, after.serving_generation) == (0, 1, 2)
    assert "8,,Beta" in await convert(converter, job.job_id)


async def test_an_answer_to_a_question_of_an_older_generation_is_refused(converter: Converter) -> None:
    job = await train(converter, samples={"march": inline(TAXED)})
    fields: dict[str, Any] = {"answers": [pb.Answer(question_id="q1", value="PLAN")], "generation": 1}
    await taught(converter, job.job_id, **fields)
    with pytest.raises(Conflict) as refusal:
        await teach(converter, job.job_id, **fields)
    assert refusal.value.reason == "QUESTIONS_CHANGED"


async def test_an_order_is_asked_for_and_learned(converter: Converter) -> None:
    unsorted = "day,type,name\n9,Kauf,Acme\n7,Verkauf,Beta\n8,Kauf,Eta\n"
    job = await train(converter, samples={"may": inline(unsorted)})
    report = json.loads(await converter.download(job.job_id, pb.ARTIFACT_REPORT))
    (question,) = report["questions"]
    assert (question["kind"], question["candidates"][1]["value"]) == ("which order", "behind row 2")
    await taught(converter, job.job_id, answers=[pb.Answer(question_id=question["id"], candidate=1)])
    await rollback(converter, job.job_id, 2)
    assert await convert(converter, job.job_id, unsorted) == "when,action,title\n7,SELL,Beta\n8,BUY,Eta\n9,BUY,Acme\n"


async def test_lessons_add_up(converter: Converter) -> None:
    job = await train(converter, samples={"march": inline(MARCH + "10,Steuer,Acme\n")})
    await taught(converter, job.job_id, answers=[pb.Answer(question_id="q1", value="PLAN")])
    after = await taught(
        converter, job.job_id, corrections=[pb.Correction(file="march", row=4, column="action", value="TAX")]
    )
    assert after.lessons == 2
    assert "8,PLAN,Beta\n9,SELL,Beta\n10,TAX,Acme" in await convert(converter, job.job_id, MARCH + "10,Steuer,Acme\n")


async def test_a_file_may_be_sent_later_to_be_looked_at(converter: Converter) -> None:
    job = await train(converter, samples={})
    after = await taught(converter, job.job_id, samples={"march": inline(MARCH)})
    assert (after.questions, after.lessons, after.serving_generation) == (1, 0, 2)
    (question,) = (await list_questions(converter, job.job_id)).questions
    assert (question.file, list(question.cells)) == ("march", ["8", "Sparplan", "Beta"])
    after = await taught(converter, job.job_id, answers=[pb.Answer(question_id=question.id, value="PLAN")])
    assert (after.questions, after.lessons) == (0, 1)


async def test_a_name_of_a_sample_stays_a_files(converter: Converter) -> None:
    job = await train(converter)
    with pytest.raises(InvalidInput) as refusal:
        await teach(converter, job.job_id, samples={"march": inline(APRIL)})
    assert [violation.field for violation in refusal.value.violations] == ["samples"]
    more = {f"file {number}": inline(APRIL) for number in range(10)}
    with pytest.raises(InvalidInput) as refusal:
        await teach(converter, job.job_id, samples=more)
    assert [violation.field for violation in refusal.value.violations] == ["samples"]


async def test_a_new_program_waits_where_it_changes_rows_that_were_not_taught(converter: Converter) -> None:
    job = await train(converter, samples={"april": inline(APRIL)})
    after = await taught(converter, job.job_id, answers=[pb.Answer(question_id="q1", value="PLAN")])
    assert after.serving_generation == 1
    assert "generation 1 stays in service" in after.message
    report = json.loads(await converter.download(job.job_id, pb.ARTIFACT_REPORT))
    (file,) = report["regression"]["files"]
    untaught = [(row["before"], row["after"]) for row in file["first"] if not row["taught"]]
    assert (file["changed"], len(untaught)) == (2, 1)
    assert {before[1] for before, _ in untaught} == {""}
    assert {after[1] for _, after in untaught} == {"PLAN"}


async def test_inputs_of_earlier_inferences_are_tried_too(converter: Converter) -> None:
    job = await train(converter)
    await convert(converter, job.job_id, APRIL)
    after = await taught(converter, job.job_id, answers=[pb.Answer(question_id="q1", value="PLAN")])
    assert (await versions(converter, job.job_id)) == [(2, 1, False), (1, 0, True)]
    assert "2 rows change that were not taught" in after.message


async def test_a_waiting_program_is_put_in_service_and_back(converter: Converter) -> None:
    job = await train(converter)
    answer = pb.Answer(question_id="q1", value="PLAN")
    await taught(converter, job.job_id, answers=[answer], promote=pb.PROMOTE_ASK)
    assert "8,,Beta" in await convert(converter, job.job_id)
    assert (await rollback(converter, job.job_id, 2)).serving_generation == 2
    assert "8,PLAN,Beta" in await convert(converter, job.job_id)
    assert (await rollback(converter, job.job_id, 1)).serving_generation == 1
    assert "8,,Beta" in await convert(converter, job.job_id)
    assert [serving for _, _, serving in await versions(converter, job.job_id)] == [False, True]


async def test_a_correction_of_a_converted_file_is_a_lesson(converter: Converter) -> None:
    job = await train(converter, samples={})
    inference = await converter.infer(job.job_id, inline(APRIL))
    await converter.until(inference.job_id, pb.JOB_STATUS_COMPLETED)
    correction = pb.Correction(file=inference.job_id, row=1, column="action", value="PLAN")
    await taught(converter, job.job_id, corrections=[correction])
    await rollback(converter, job.job_id, 2)
    assert "13,PLAN,Beta" in await convert(converter, job.job_id, APRIL)


async def test_a_conversion_hands_out_its_rows_to_be_looked_over(converter: Converter) -> None:
    job = await train(converter, samples={})
    inference = await converter.infer(job.job_id, inline(APRIL))
    await converter.until(inference.job_id, pb.JOB_STATUS_COMPLETED)
    review = json.loads(await converter.download(inference.job_id, pb.ARTIFACT_REVIEW))
    assert review["columns"] == ["when", "action", "title"]
    assert review["rows"][0] == {"row": 1, "cells": ["11", "Sparplan", "Eta"], "output_rows": [1]}


async def test_a_trainings_report_lists_its_lessons(converter: Converter) -> None:
    job = await train(converter)
    await taught(converter, job.job_id, answers=[pb.Answer(question_id="q1", value="PLAN")])
    report = json.loads(await converter.download(job.job_id, pb.ARTIFACT_REPORT))
    assert report["lessons"] == [{"source": {"file": "march", "row": 2}, "output": {"action": "PLAN"}}]


async def test_a_lesson_outlives_the_inference_that_it_corrects(converter: Converter) -> None:
    job = await train(converter, samples={})
    inference = await converter.infer(job.job_id, inline(APRIL))
    await converter.until(inference.job_id, pb.JOB_STATUS_COMPLETED)
    correction = pb.Correction(file=inference.job_id, row=1, column="action", value="PLAN")
    await taught(converter, job.job_id, corrections=[correction])
    with acting_as(converter.principal), translated_errors():
        await converter.stub.DeleteJob(pb.DeleteJobRequest(user_id=USER, job_id=inference.job_id))
    again = await taught(converter, job.job_id, corrections=[pb.Correction(file="input", row=1)])
    assert again.lessons == 2


async def test_a_refused_lesson_leaves_the_program_and_the_questions(converter: Converter) -> None:
    job = await train(converter)
    wrong = pb.Correction(file="input", row=1, column="action", value="SELL")
    await teach(converter, job.job_id, corrections=[wrong])
    failed = await converter.until(job.job_id, pb.JOB_STATUS_FAILED)
    assert failed.error.code == "LESSON_CONTRADICTORY"
    assert "row 1 of the example has 'BUY'" in failed.error.message
    assert failed.serving_generation == 1
    after = await taught(converter, job.job_id, answers=[pb.Answer(question_id="q1", value="PLAN")])
    assert (after.lessons, after.serving_generation) == (1, 3)


async def test_a_training_that_is_to_fail_on_questions_fails(converter: Converter) -> None:
    fields: dict[str, Any] = {"samples": {"march": inline(MARCH)}, "on_ambiguity": pb.ON_AMBIGUITY_FAIL}
    job = await converter.train(WANTED, input_file=inline(GIVEN), **fields)
    failed = await converter.until(job.job_id, pb.JOB_STATUS_FAILED)
    assert failed.error.code == "AMBIGUOUS"


@pytest.mark.parametrize(
    ("fields", "at_fault"),
    [
        ({"answers": [pb.Answer(question_id="q9", value="x")]}, "answers[0].question_id"),
        ({"answers": [pb.Answer(question_id="q1", candidate=9)]}, "answers[0].candidate"),
        ({"corrections": [pb.Correction(file="may", row=1)]}, "corrections[0].file"),
        ({}, "answers"),
    ],
    ids=["no question", "no candidate", "no file", "nothing"],
)
async def test_what_cannot_be_a_lesson_is_refused_by_its_field(
    converter: Converter, fields: dict[str, Any], at_fault: str
) -> None:
    job = await train(converter)
    with pytest.raises(InvalidInput) as refusal:
        await teach(converter, job.job_id, **fields)
    assert refusal.value.field == at_fault


async def test_the_same_request_teaches_once(converter: Converter) -> None:
    job = await train(converter)
    fields: dict[str, Any] = {"answers": [pb.Answer(question_id="q1", value="PLAN")], "request_id": "once"}
    await taught(converter, job.job_id, **fields)
    assert (await teach(converter, job.job_id, **fields)).generation == 2


async def test_only_trainings_are_taught_and_only_known_programs_served(converter: Converter) -> None:
    job = await train(converter)
    inference = await converter.infer(job.job_id, inline(MARCH))
    with pytest.raises(PreconditionFailed, match="only a training"):
        await versions(converter, inference.job_id)
    with pytest.raises(NotFound, match="no program of generation 7"):
        await rollback(converter, job.job_id, 7)


@pytest.mark.parametrize("user", ["nobody", "../x", "*", "a\x01"])
async def test_what_cannot_be_there_is_not_found_whoever_it_would_belong_to(converter: Converter, user: str) -> None:
    ids = {"user_id": user, "job_id": "0b6a1c1e-4ad7-4f6e-9a53-6a4bb3c9f2d1"}
    calls = {
        "TeachTraining": pb.TeachTrainingRequest(**ids),
        "ListVersions": pb.ListVersionsRequest(**ids),
        "RollbackTraining": pb.RollbackTrainingRequest(**ids, generation=1),
        "ExplainTraining": pb.ExplainTrainingRequest(**ids),
    }
    for name, request in calls.items():
        with acting_as(converter.principal), pytest.raises(NotFound), translated_errors():
            await getattr(converter.stub, name)(request)


RENAMED = "day,kind of trade,name\n7,Kauf,Acme\n9,Verkauf,Beta\n"


async def questions(converter: Converter, job_id: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(await converter.download(job_id, pb.ARTIFACT_REPORT))["questions"]
    return found


async def test_a_file_with_another_name_of_a_column_fails_and_asks(converter: Converter) -> None:
    job = await train(converter)
    inference = await converter.infer(job.job_id, inline(RENAMED))
    failed = await converter.until(inference.job_id, pb.JOB_STATUS_FAILED)
    assert (failed.error.code, failed.questions) == ("INPUT_COLUMN_MISSING", 1)
    assert '"kind of trade" looks like "type"' in failed.error.message
    (question,) = await questions(converter, inference.job_id)
    assert (question["kind"], question["column"]) == ("a name", "type")


async def test_an_answer_to_a_question_on_a_name_converts_the_file(converter: Converter) -> None:
    job = await train(converter)
    inference = await converter.infer(job.job_id, inline(RENAMED))
    await converter.until(inference.job_id, pb.JOB_STATUS_FAILED)
    answer = pb.Answer(question_id="q1", candidate=0)
    after = await taught(converter, inference.job_id, answers=[answer])
    assert (after.generation, after.questions) == (2, 0)
    assert (
        await converter.download(inference.job_id, pb.ARTIFACT_OUTPUT) == "when,action,title\n7,BUY,Acme\n9,SELL,Beta\n"
    )


@pytest.mark.parametrize("meaning", [pb.MEANING_NONE, pb.MEANING_UNKNOWN])
async def test_a_file_that_has_no_such_column_stays_refused_and_is_not_asked_about_again(
    converter: Converter, meaning: int
) -> None:
    job = await train(converter)
    inference = await converter.infer(job.job_id, inline(RENAMED))
    await converter.until(inference.job_id, pb.JOB_STATUS_FAILED)
    (question,) = (await list_questions(converter, inference.job_id)).questions
    place = next(n for n, candidate in enumerate(question.candidates) if candidate.meaning == meaning)
    await teach(converter, inference.job_id, answers=[pb.Answer(question_id=question.id, candidate=place)])
    after = await converter.until(inference.job_id, pb.JOB_STATUS_FAILED)
    assert (after.generation, after.error.code, after.questions) == (2, "INPUT_COLUMN_MISSING", 0)


async def test_a_new_value_of_a_file_may_be_left_open(converter: Converter) -> None:
    job = await train(converter, samples={})
    inference = await converter.infer(job.job_id, inline(APRIL))
    await converter.until(inference.job_id, pb.JOB_STATUS_COMPLETED)
    (question,) = (await list_questions(converter, inference.job_id)).questions
    answer = pb.Answer(question_id=question.id, candidate=len(question.candidates) - 1)
    await teach(converter, inference.job_id, answers=[answer])
    assert (await converter.until(job.job_id, pb.JOB_STATUS_COMPLETED)).lessons == 1
    report = json.loads(await converter.download(job.job_id, pb.ARTIFACT_REPORT))
    assert [lesson["open"]["kind"] for lesson in report["lessons"]] == ["a new value"]


async def test_the_caller_may_name_columns_or_have_sure_names_taken(converter: Converter) -> None:
    job = await train(converter)
    for text, fields in (
        (RENAMED, {"columns": {"type": "kind of trade"}}),
        (RENAMED.replace("kind of trade", "Types"), {"on_drift": pb.ON_DRIFT_ACCEPT_RENAMES}),
    ):
        inference = await converter.infer(job.job_id, inline(text), **fields)
        await converter.until(inference.job_id, pb.JOB_STATUS_COMPLETED)
        assert "7,BUY,Acme" in await converter.download(inference.job_id, pb.ARTIFACT_OUTPUT)


async def test_an_answer_on_a_new_value_of_a_file_is_a_lesson_of_its_training(converter: Converter) -> None:
    job = await train(converter, samples={})
    inference = await converter.infer(job.job_id, inline(APRIL))
    done = await converter.until(inference.job_id, pb.JOB_STATUS_COMPLETED)
    assert done.questions == 1
    answered = await teach(converter, inference.job_id, answers=[pb.Answer(question_id="q1", value="PLAN")])
    assert answered.job_id == job.job_id
    assert (await converter.until(job.job_id, pb.JOB_STATUS_COMPLETED)).lessons == 1


NAMES = "short,long\nAcme,Acme Industries\nBeta,Beta Bank\nGamma,Gamma Holding\nDelta,Delta Air\nEta,Eta Energy\n"
NAMED = (
    "when,firm\n1,Acme Industries\n2,Beta Bank\n3,Gamma Holding\n4,Acme Industries\n5,Delta Air\n6,Acme Industries\n"
)


async def train_with_names(converter: Converter) -> pb.Job:
    job = await converter.train(NAMED, input_file=inline(GIVEN), references={"firms": inline(NAMES)})
    return await converter.until(job.job_id, pb.JOB_STATUS_COMPLETED)


async def converted(converter: Converter, job_id: str, text: str, **fields: Any) -> str:
    inference = await converter.infer(job_id, inline(text), **fields)
    await converter.until(inference.job_id, pb.JOB_STATUS_COMPLETED)
    return await converter.download(inference.job_id, pb.ARTIFACT_OUTPUT)


async def test_an_inference_reads_the_references_of_its_training_or_newer_ones(converter: Converter) -> None:
    job = await train_with_names(converter)
    assert "11,Eta Energy" in await converted(converter, job.job_id, APRIL)
    newer = {"firms": inline(NAMES.replace("Eta Energy", "Eta Power"))}
    assert "11,Eta Power" in await converted(converter, job.job_id, APRIL, references=newer)
    assert "11,Eta Energy" in await converted(converter, job.job_id, APRIL)


async def test_a_reference_that_the_training_does_not_have_is_refused(converter: Converter) -> None:
    job = await train_with_names(converter)
    with pytest.raises(InvalidInput, match="no reference table prices"):
        await converter.infer(job.job_id, inline(APRIL), references={"prices": inline(NAMES)})
    with pytest.raises(InvalidInput, match="is no name"):
        await converter.train(NAMED, input_file=inline(GIVEN), references={"No Name": inline(NAMES)})


async def test_a_taught_and_a_retrained_job_keep_their_references(converter: Converter) -> None:
    job = await train_with_names(converter)
    correction = pb.Correction(file="input", row=2, column="firm", value="Beta Bank")
    after = await taught(converter, job.job_id, corrections=[correction])
    assert (after.lessons, after.serving_generation) == (1, 2)
    assert "11,Eta Energy" in await converted(converter, job.job_id, APRIL)
    again = await converter.train(NAMED, input_file=inline(GIVEN), job_id=job.job_id)
    assert again.generation == 3
    await converter.until(job.job_id, pb.JOB_STATUS_COMPLETED)
    assert "11,Eta Energy" in await converted(converter, job.job_id, APRIL)
