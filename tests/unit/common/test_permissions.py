"""NATS permissions: the embedded server's and the cluster's are the same, and reach nothing of another's."""

import re
from pathlib import Path

import pytest

from services.common.jobs.permissions import NatsPermissions, list_users

USERS_FILE = Path(__file__).parents[3] / "deploy" / "components" / "nats" / "users.conf"


def read_users(text: str) -> dict[str, NatsPermissions]:
    """The users of a NATS configuration and what they may do."""

    def read_subjects(block: str) -> frozenset[str]:
        return frozenset(re.findall(r'"([^"]+)"', block))

    found = re.findall(r"user: ([\w-]+),.*?publish: \[(.*?)\]\s*subscribe: \[(.*?)\]", text, re.DOTALL)
    return {
        user: NatsPermissions(read_subjects(publish), read_subjects(subscribe)) for user, publish, subscribe in found
    }


def test_the_clusters_users_may_do_what_the_embedded_servers_may() -> None:
    assert read_users(USERS_FILE.read_text()) == list_users()


@pytest.mark.parametrize(("service", "other"), [("portfolio", "converter"), ("converter", "portfolio")])
def test_no_process_of_a_service_names_a_subject_of_the_other(service: str, other: str) -> None:
    mine = {name: allowed for name, allowed in list_users().items() if name.startswith(service)}
    named = {subject for allowed in mine.values() for subject in allowed.publish | allowed.subscribe}
    assert [subject for subject in named if other in subject.lower()] == []


def test_nobody_may_delete_or_purge_streams() -> None:
    verbs = ("STREAM.DELETE", "PURGE", ".STREAM.>", "$JS.API.>")
    assert [
        subject for allowed in list_users().values() for subject in allowed.publish if any(map(subject.count, verbs))
    ] == []


def test_messages_are_deleted_by_those_whose_backlog_it_is() -> None:
    may_delete = {
        (user, subject)
        for user, allowed in list_users().items()
        for subject in allowed.publish
        if "MSG.DELETE" in subject
    }
    assert may_delete == {
        (f"{service}{role}", f"$JS.API.STREAM.MSG.DELETE.BACKLOG_{service.upper()}")
        for service in ("portfolio", "converter")
        for role in ("", "-worker")
    } | {("events", f"$JS.API.STREAM.MSG.DELETE.{stream}") for stream in ("WEBHOOKS", "WEBHOOKS_UNDELIVERED")}


def test_the_service_that_tells_others_publishes_no_event_and_no_job() -> None:
    published = {subject for subject in list_users()["events"].publish if not subject.startswith("$")}
    assert published == {"webhooks.>", "webhooks-dead.>"}
