"""The storage service's settings."""

import pytest
from pydantic import ValidationError

from services.storage.domain.lifecycle import ExpiryRule, merge_rules
from services.storage.settings import StorageSettings


@pytest.mark.parametrize("name", ["S3_BUCKET_NAME", "AWS_BUCKET_NAME"])
def test_both_older_names_of_the_bucket_are_taken(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "some-bucket")
    assert StorageSettings().s3_bucket_name == "some-bucket"


def test_grants_come_from_json(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STORAGE_CALLERS", '{"portfolio": {"prefixes": ["tasks/"], "kinds": ["portfolio."]}}')
    grants = StorageSettings().grants()
    assert set(grants) == {"portfolio"}
    assert grants["portfolio"].prefixes == ("tasks/",)
    assert not grants["portfolio"].reads_files


@pytest.mark.parametrize("prefix", ["tasks", "/tasks/", "a//b/", "index/", "files/", "tenants/", "../"])
def test_a_grant_is_a_plain_prefix_that_ends_in_a_slash(prefix: str) -> None:
    with pytest.raises(ValidationError):
        StorageSettings(storage_callers={"portfolio": {"prefixes": [prefix]}})


@pytest.mark.parametrize("prefix", ["jobs", "/jobs/", "jobs/"])
def test_the_jobs_prefix_is_normalised_and_granted_to_the_converter(prefix: str) -> None:
    settings = StorageSettings(converter_jobs_prefix=prefix)
    assert settings.converter_jobs_prefix == "jobs/"
    assert "jobs/" in settings.grants()["converter"].prefixes


@pytest.mark.parametrize("prefix", ["", "index", "files/", "tenants", "a/../b"])
def test_a_jobs_prefix_that_is_storages_own_is_refused(prefix: str) -> None:
    with pytest.raises(ValidationError):
        StorageSettings(converter_jobs_prefix=prefix)


@pytest.mark.parametrize("prefix", ["tasks/", "tasks/jobs", "task-inputs", "private/", "idempotency/", "tombstones/x"])
def test_a_jobs_prefix_among_what_others_write_is_refused(prefix: str) -> None:
    with pytest.raises(ValidationError, match="where others of the suite write"):
        StorageSettings(converter_jobs_prefix=prefix)


def test_the_older_name_of_the_tasks_prefix_means_the_tasks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("S3_PREFIX", "tasks")
    settings = StorageSettings()
    assert settings.converter_jobs_prefix == "jobs/"
    days = {rule.prefix: rule.days for rule in settings.expiry_rules()}
    assert days["tasks/"] == 30
    assert "jobs/" not in days


@pytest.mark.parametrize("prefix", ["jobs/", "wealth/tasks/", "/"])
def test_another_prefix_of_tasks_is_refused_with_the_way_over(prefix: str) -> None:
    with pytest.raises(ValidationError, match=r"wealth migrate.*CONVERTER_JOBS_PREFIX"):
        StorageSettings(s3_prefix=prefix)


def test_half_of_the_credentials_is_refused() -> None:
    with pytest.raises(ValidationError, match="AWS_SECRET_ACCESS_KEY"):
        StorageSettings(aws_access_key_id="key")


def test_21_a_period_of_zero_days_keeps_for_ever() -> None:
    rules = StorageSettings(storage_task_days=0, storage_file_days=3).expiry_rules()
    assert ExpiryRule("files/", 3) in rules
    assert not [rule for rule in rules if "task" in rule.prefix]


def test_21_index_keys_outlive_what_they_point_to() -> None:
    days = {rule.prefix: rule.days for rule in StorageSettings().expiry_rules()}
    assert days["index/portfolio.task/"] == days["tasks/"] + 1


def test_21_more_rules_than_s3_takes_are_refused() -> None:
    with pytest.raises(ValueError, match="1000"):
        merge_rules([], [ExpiryRule("tasks/", 1)], [f"tenants/{n}/" for n in range(1000)])
