"""Rules 5, 9, 10 and 16 where jobs learn programs and convert files."""

import asyncio

import pytest
from wealth.converter.v1 import converter_pb2 as pb

from services.common.channels import translated_errors
from services.common.context import acting_as
from services.common.errors import InvalidInput, NotFound, PreconditionFailed, WealthError
from services.common.identity import Principal
from services.common.jobs.sweeper import Sweeper
from services.converter import attempt_files
from services.converter.worker import ConverterHandler
from tests.integration.converter.conftest import (
    EXPECTED,
    INPUT,
    NEW_INPUT,
    OTHER_EXPECTED,
    UNLEARNABLE,
    USER,
    Converter,
    inline,
)
from tests.support.eventually import eventually

DONE, FAILED = pb.JOB_STATUS_COMPLETED, pb.JOB_STATUS_FAILED


async def trained(converter: Converter, expected: str = EXPECTED, **fields: str) -> pb.Job:
    """A training that has ended well."""
    return await converter.until((await converter.train(expected, **fields)).job_id, DONE)


async def until_fixed(converter: Converter, job: pb.Job, name: str, content: str) -> None:
    """Returns once a fixed name holds this: the sweeper writes it after the record has ended."""

    async def look() -> bool:
        with converter.acting():
            await converter.api.part(Sweeper).upkeep.scan()
        return await converter.read_fixed(job.job_id, name) == content

    await eventually(look)


async def test_rule_05_fixed_names_follow_the_manifest(converter: Converter) -> None:
    job = await trained(converter)
    program = await converter.download(job.job_id, pb.ARTIFACT_PROGRAM)
    await until_fixed(converter, job, "program.sql", program)
    await until_fixed(converter, job, "expected.csv", EXPECTED)
    await until_fixed(converter, job, "input.csv", INPUT)


@pytest.mark.parametrize("damage", ["gone", "same size, other content"])
async def test_rule_05_fixed_names_are_repaired_by_the_sweeper(converter: Converter, damage: str) -> None:
    job = await trained(converter)
    program = await converter.download(job.job_id, pb.ARTIFACT_PROGRAM)
    await until_fixed(converter, job, "program.sql", program)
    key = converter.places.fixed_key(USER, job.job_id, "program.sql")
    with converter.acting():
        if damage == "gone":
            await converter.storage.delete_object(key)
        else:
            await converter.storage.put_object(key, b"x" * len(program.encode()))
        await converter.api.part(Sweeper).upkeep.scan()
    assert await converter.read_fixed(job.job_id, "program.sql") == program


async def test_rule_09_failed_retraining_leaves_the_old_program_in_service(converter: Converter) -> None:
    job = await trained(converter)
    program = await converter.download(job.job_id, pb.ARTIFACT_PROGRAM)
    await converter.train(UNLEARNABLE, job_id=job.job_id)
    failed = await converter.until(job.job_id, FAILED)
    assert (failed.generation, failed.error.code) == (2, "NOT_LEARNED")
    await until_fixed(converter, job, "expected.csv", UNLEARNABLE)
    assert await converter.download(job.job_id, pb.ARTIFACT_PROGRAM) == program
    with converter.acting():  # also where the fixed name was lost
        await converter.storage.delete_object(converter.places.fixed_key(USER, job.job_id, "program.sql"))
        await converter.api.part(Sweeper).upkeep.scan()
    assert await converter.read_fixed(job.job_id, "program.sql") == program
    inferred = await converter.until((await converter.infer(job.job_id)).job_id, DONE)
    assert await converter.download(inferred.job_id, pb.ARTIFACT_OUTPUT) == "total\n12.0\n"


async def test_rule_05_an_output_that_another_hand_took_is_told_as_gone_and_holds_nothing_up(
    converter: Converter,
) -> None:
    job = await trained(converter)
    inferred = await converter.until((await converter.infer(job.job_id)).job_id, DONE)
    await take(converter, inferred, "output")
    with pytest.raises(NotFound):
        await converter.download(inferred.job_id, pb.ARTIFACT_OUTPUT)
    # Others' upkeep goes on behind it, and the next inference is as good as any.
    await until_fixed(converter, job, "expected.csv", EXPECTED)
    again = await converter.until((await converter.infer(job.job_id)).job_id, DONE)
    assert await converter.download(again.job_id, pb.ARTIFACT_OUTPUT) == "total\n12.0\n"


async def test_rule_05_a_program_that_another_hand_took_ends_inferences_with_a_reason(converter: Converter) -> None:
    job = await trained(converter)
    await take(converter, job, "program")
    inferred = await converter.until((await converter.infer(job.job_id)).job_id, FAILED)
    assert inferred.error.code == "PROGRAM_GONE"
    await trained_again(converter, job.job_id)
    await converter.until((await converter.infer(job.job_id)).job_id, DONE)


async def take(converter: Converter, job: pb.Job, name: str) -> None:
    """Takes away what a job stored under a name, and leaves its record, as where a bucket is restored in part."""
    with converter.acting():
        record = await converter.api.part(Sweeper)._store.get(USER, job.job_id)
        await converter.storage.delete_object(record.manifest[name].key)


async def test_an_example_that_contradicts_itself_fails_with_that_reason_and_its_rows(converter: Converter) -> None:
    rows = inline("quantity,price\n10,2.5\n5,10.0\n10,2.5\n")
    job = await converter.train("total\n25.0\n50.0\n26.0\n", input_file=rows)
    failed = await converter.until(job.job_id, FAILED)
    assert failed.error.code == "EXAMPLE_CONTRADICTORY"
    assert "26.0" in failed.error.message


async def test_rule_09_first_training_that_fails_leaves_no_program_in_service(converter: Converter) -> None:
    job = await converter.until((await converter.train(UNLEARNABLE)).job_id, FAILED)
    assert await converter.read_fixed(job.job_id, "program.sql") is None
    with pytest.raises(PreconditionFailed) as refusal:
        await converter.infer(job.job_id)
    assert refusal.value.reason == "JOB_NOT_TRAINED"


async def test_rule_09_inference_runs_the_program_that_it_was_accepted_with(converter: Converter) -> None:
    job = await trained(converter)
    inference = await converter.infer(job.job_id)
    await trained_again(converter, job.job_id)
    done = await converter.until(inference.job_id, DONE)
    assert done.program_sha256 == job.program_sha256
    assert (await converter.download(done.job_id, pb.ARTIFACT_OUTPUT)).splitlines()[0] == "total"
    later = await converter.until((await converter.infer(job.job_id)).job_id, DONE)
    assert (await converter.download(later.job_id, pb.ARTIFACT_OUTPUT)).splitlines()[0] == "amount"


async def trained_again(converter: Converter, job_id: str) -> pb.Job:
    """A job that has learned something else."""
    await converter.train(OTHER_EXPECTED, job_id=job_id)
    job = await converter.until(job_id, DONE)
    assert job.generation == 2
    return job


async def test_rule_09_refused_retraining_changes_nothing_of_the_accepted_one(converter: Converter) -> None:
    """Two retrainings at once: one is refused, and the other learns from its own files."""
    job = await trained(converter)
    outcomes = await asyncio.gather(
        *(converter.train(text, job_id=job.job_id) for text in (OTHER_EXPECTED, UNLEARNABLE)), return_exceptions=True
    )
    accepted = [index for index, outcome in enumerate(outcomes) if isinstance(outcome, pb.Job)]
    assert len(accepted) == 1
    assert all(isinstance(outcome, pb.Job | WealthError) for outcome in outcomes)
    await converter.until(job.job_id, (DONE, FAILED)[accepted[0]])
    await until_fixed(converter, job, "expected.csv", (OTHER_EXPECTED, UNLEARNABLE)[accepted[0]])


async def test_rule_10_users_deletion_takes_all_of_theirs_and_nothing_of_others(converter: Converter) -> None:
    converter.principal = Principal(
        converter.principal.tenant, "key:1", frozenset({"al", USER}), converter.principal.scopes
    )
    theirs = await converter.until((await converter.train(user_id="al")).job_id, DONE, user_id="al")
    kept = await converter.train()
    with acting_as(converter.principal), translated_errors():
        await converter.stub.DeleteUser(pb.DeleteUserRequest(user_id="al"))
    with pytest.raises(NotFound):
        await converter.until(theirs.job_id, DONE, user_id="al")
    with pytest.raises(PreconditionFailed) as refusal:
        await converter.train(user_id="al")
    assert refusal.value.reason == "USER_DELETED"
    await converter.until(kept.job_id, DONE)
    with converter.acting():
        assert (await converter.storage.list_objects("jobs/al/")).objects == ()


async def test_rule_10_users_deletion_takes_files_too_with_any_key_that_may_delete_the_user(
    converter: Converter,
) -> None:
    for scopes in (frozenset({"converter"}), frozenset({"converter", "files"})):
        converter.principal = Principal(converter.principal.tenant, "key:1", frozenset({"al", USER}), scopes)
        with acting_as(converter.principal):
            for user_id in ("al", USER):
                await converter.files.upload_file(INPUT.encode(), user_id=user_id, file_name="input.csv")
            with translated_errors():
                for _ in range(2):  # once more is no harm
                    await converter.stub.DeleteUser(pb.DeleteUserRequest(user_id="al"))
            left = [len((await converter.files.list_files(user_id=user_id)).files) for user_id in ("al", USER)]
        assert left[0] == 0
        assert left[1] > 0


async def test_rule_10_users_deletion_that_was_cut_short_is_ended_by_the_janitor(converter: Converter) -> None:
    job = await trained(converter)
    with acting_as(converter.principal):
        await converter.files.upload_file(INPUT.encode(), user_id=USER, file_name="input.csv")
    sweeper = converter.api.part(Sweeper)
    with converter.acting():  # no more than the tombstone, which comes first
        await sweeper.upkeep._tombstones.put_user(sweeper._store, USER, [converter.places.user_folder(USER)])
        forget_user = sweeper.upkeep._forget_user

        async def is_gone() -> bool:
            """After a round; an attempt that was about to end when it came may leave its key for the next one."""
            purge_again = sweeper.upkeep._tombstones.purge_again
            await purge_again(sweeper._store, after_s=0, keep_s=3600, forget_user=forget_user)
            listed = converter.storage.list_records("converter.job", sweeper._store.kind.index_states, keys_only=True)
            return not (await listed).records

        await eventually(is_gone, within_s=300)
        assert (await converter.storage.list_objects(converter.places.user_folder(USER))).objects == ()
    with acting_as(converter.principal):
        assert (await converter.files.list_files(user_id=USER)).files == ()
    with pytest.raises(NotFound):
        await converter.get(job.job_id)


@pytest.mark.parametrize("user_id", ["_shared", "*", "files", "a/b", ".."])
async def test_reserved_names_are_no_users_to_delete(converter: Converter, user_id: str) -> None:
    everybody = Principal(converter.principal.tenant, "key:1", frozenset({"*"}), converter.principal.scopes)
    with acting_as(everybody), pytest.raises(InvalidInput) as refusal, translated_errors():
        await converter.stub.DeleteUser(pb.DeleteUserRequest(user_id=user_id))
    assert (refusal.value.reason, refusal.value.field) == ("USER_ID_INVALID", "user_id")


async def test_rule_16_anothers_file_is_refused_when_it_is_accepted(converter: Converter) -> None:
    stranger = Principal(converter.principal.tenant, "key:2", frozenset({"bob"}), frozenset({"files"}))
    with acting_as(stranger):
        file = await converter.files.upload_file(INPUT.encode(), user_id="bob", file_name="input.csv")
    with pytest.raises(InvalidInput) as refusal:
        await converter.train(input_file=file.uri)
    assert (refusal.value.reason, refusal.value.field) == ("FILE_NOT_FOUND", "input_file")


async def test_rule_16_file_is_read_as_its_owner_and_missed_when_it_is_used(converter: Converter) -> None:
    with acting_as(converter.principal):
        file = await converter.files.upload_file(NEW_INPUT.encode(), user_id=USER, file_name="input.csv")
    job = await trained(converter)
    done = await converter.until((await converter.infer(job.job_id, file.uri)).job_id, DONE)
    assert await converter.download(done.job_id, pb.ARTIFACT_OUTPUT) == "total\n12.0\n"
    assert (done.input_file_name, done.expected_output_file_name) == ("input.csv", "")


async def test_a_large_input_is_stored_once_and_read_where_it_was_uploaded(
    converter: Converter, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = await trained(converter)
    with acting_as(converter.principal):
        file = await converter.files.upload_file(NEW_INPUT.encode(), user_id=USER, file_name="input.csv")
    with monkeypatch.context() as patch:
        patch.setattr(ConverterHandler, "is_read_once", lambda _handler, _record, name, _size: name == "input")
        done = await converter.until((await converter.infer(job.job_id, file.uri)).job_id, DONE)
        await until_fixed(converter, done, "output.csv", "total\n12.0\n")
    folder = converter.places.folder(USER, done.job_id)
    with converter.acting():
        names = {item.key.rpartition("/")[2] for item in (await converter.storage.list_objects(folder)).objects}
    assert "output.csv" in names
    assert "input.csv" not in names
    assert await converter.download(done.job_id, pb.ARTIFACT_INPUT) == NEW_INPUT
    with acting_as(converter.principal):
        await converter.files.delete_file(file.uri)
    with pytest.raises(NotFound):
        await converter.download(done.job_id, pb.ARTIFACT_INPUT)


async def test_a_larger_input_is_kept_by_a_copy_that_outlives_its_upload(
    converter: Converter, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = await trained(converter)
    with acting_as(converter.principal):
        file = await converter.files.upload_file(NEW_INPUT.encode(), user_id=USER, file_name="input.csv")
    with monkeypatch.context() as patch:
        patch.setattr(attempt_files, "_MOST_SENT_BACK_BYTES", 0)
        done = await converter.until((await converter.infer(job.job_id, file.uri)).job_id, DONE)
    with acting_as(converter.principal):
        await converter.files.delete_file(file.uri)
    assert await converter.download(done.job_id, pb.ARTIFACT_INPUT) == NEW_INPUT


@pytest.mark.parametrize(
    "address", ["https://127.0.0.1/x.csv", "https://169.254.169.254/x", "s3://somebody/x", "ftp://x/y"]
)
async def test_rule_19_addresses_that_are_not_allowed_are_refused_when_they_are_accepted(
    converter: Converter, address: str
) -> None:
    with pytest.raises(InvalidInput) as refusal:
        await converter.train(input_file=address)
    assert (refusal.value.reason, refusal.value.field) == ("SOURCE_NOT_ALLOWED", "input_file")


async def test_rule_16_another_users_job_looks_like_none(converter: Converter) -> None:
    job = await converter.train()
    stranger = Principal(converter.principal.tenant, "key:2", frozenset({"bob"}), frozenset({"converter"}))
    for user_id in (USER, "bob"):
        with pytest.raises(NotFound), acting_as(stranger), translated_errors():
            await converter.stub.GetJob(pb.GetJobRequest(user_id=user_id, job_id=job.job_id))


async def test_rule_11_retried_retraining_is_one_generation(converter: Converter) -> None:
    job = await trained(converter)
    first, second = [await converter.train(OTHER_EXPECTED, job_id=job.job_id, request_id="r1") for _ in range(2)]
    assert (first.generation, second.generation) == (2, 2)


async def test_inline_files_stand_in_the_jobs_folder_and_in_no_message(converter: Converter) -> None:
    job = await converter.train()
    assert job.input_file == "inline"
    assert inline(INPUT) not in str(job)


async def test_finished_training_hands_out_the_files_that_it_read(converter: Converter) -> None:
    job = await trained(converter)
    read = [await converter.download(job.job_id, part) for part in (pb.ARTIFACT_INPUT, pb.ARTIFACT_EXPECTED)]
    assert read == [INPUT, EXPECTED]


async def test_jobs_are_listed_by_what_they_do(converter: Converter) -> None:
    training = await trained(converter)
    inference = await converter.infer(training.job_id)
    with acting_as(converter.principal):
        listed = await converter.stub.ListJobs(pb.ListJobsRequest(user_id=USER, mode=pb.JOB_MODE_INFERENCE))
    assert [job.job_id for job in listed.jobs] == [inference.job_id]


async def test_open_jobs_are_listed_without_those_that_have_ended(converter: Converter) -> None:
    training = await trained(converter)
    with acting_as(converter.principal):
        listed = await converter.stub.ListJobs(pb.ListJobsRequest(user_id=USER, open=True))
    assert training.job_id not in {job.job_id for job in listed.jobs}
