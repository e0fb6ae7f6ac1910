"""What the portfolio's API does with tasks. Authorisation by the principal happens here and nowhere else."""

import asyncio
import hashlib
import json
import secrets
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from services.common import tracing
from services.common.errors import InvalidInput, PreconditionFailed
from services.common.identity import Principal
from services.common.jobs.deletion import delete_job, delete_jobs_of
from services.common.jobs.record import JobRecord, new_record
from services.common.jobs.runtime import JobRuntime
from services.common.jobs.watch import News
from services.common.other_process import OtherProcess
from services.portfolio.domain.formats import make_style
from services.portfolio.domain.header_values import find_unsendable
from services.portfolio.domain.older_tasks import BROUGHT_OVER
from services.portfolio.domain.payloads import CLAIM_LIMITS, TASK_LIMITS, find_references, measure
from services.portfolio.domain.places import input_key
from services.portfolio.domain.reading import NOTHING, Context, Conventions
from services.portfolio.domain.references import CONVERTER_SCOPE, Reference
from services.portfolio.domain.sections import Catalogue
from services.portfolio.domain.verification import CheckedClaim, check_texts
from services.portfolio.ports import Credentials, CredentialStore

SCOPE = "portfolio"
OPERATOR_SCOPE = "admin"
# Older ones are gone: looked for at each scan, and expired by the bucket.
_CREDENTIALS_AGE = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Submission:
    """A task as it is submitted: payloads as JSON text, so that numbers keep their digits."""

    username: str
    password: str
    payloads_json: tuple[str, ...]
    locale: str
    request_id: str
    conventions: Conventions = NOTHING


@dataclass(frozen=True, slots=True)
class ClaimsToCheck:
    """Texts to hold against the facts of payloads, which are JSON text as for a task."""

    texts: tuple[str, ...]
    payloads_json: tuple[str, ...]
    locale: str
    conventions: Conventions = NOTHING
    forecasts_are_faults: bool = True


class Claims:
    """Holding texts against facts. Nothing of it is stored."""

    def __init__(
        self, catalogue: Catalogue, elsewhere: OtherProcess, *, max_payload_bytes: int, default_locale: str
    ) -> None:
        self._catalogue = catalogue
        self._elsewhere = elsewhere
        self._max_payload_bytes = max_payload_bytes
        self._default_locale = default_locale

    async def check(self, principal: Principal, asked: ClaimsToCheck) -> list[CheckedClaim]:
        """A verdict for every claim. Raises InvalidInput naming the text or payload at fault, TooLarge, Denied."""
        principal.require_scope(SCOPE)
        size = measure(asked.payloads_json, self._max_payload_bytes)
        await self._elsewhere.run(size, find_references, asked.payloads_json, CLAIM_LIMITS)
        payloads = [json.loads(text, parse_float=Decimal) for text in asked.payloads_json]
        style = make_style(asked.locale or self._default_locale)
        context = Context(request=asked.conventions, locale=asked.locale)
        return await asyncio.to_thread(
            check_texts, asked.texts, payloads, self._catalogue, style, context=context,
            forecasts_are_faults=asked.forecasts_are_faults,
        )  # fmt: skip


class Tasks:
    """The tasks of whoever calls."""

    def __init__(
        self,
        runtime: JobRuntime,
        credentials: CredentialStore,
        elsewhere: OtherProcess,
        *,
        needs_credentials: bool,
        max_payload_bytes: int,
        inline_input_bytes: int,
        default_locale: str,
    ) -> None:
        """``inline_input_bytes``: inputs up to this size stand in the record, larger ones in an object of their own."""
        self._runtime = runtime
        self._credentials = credentials
        self._elsewhere = elsewhere
        self._needs_credentials = needs_credentials
        self._max_payload_bytes = max_payload_bytes
        self._inline_input_bytes = inline_input_bytes
        self._default_locale = default_locale
        self._clock = runtime.store.clock

    async def create(self, principal: Principal, submission: Submission) -> JobRecord:
        """Accepts a task.

        Raises InvalidInput naming the payload or the credential at fault, TooLarge, Denied, and as accepting does.
        """
        principal.require_scope(SCOPE)
        self._runtime.require_user(principal, submission.username, "username")
        if self._needs_credentials:
            _require_sendable(submission)
        size = measure(submission.payloads_json, self._max_payload_bytes)
        references = await self._elsewhere.run(size, find_references, submission.payloads_json, TASK_LIMITS)
        _check_references(principal, references)
        locale = submission.locale or self._default_locale
        make_style(locale)  # raises where there is none: no worker has to find that out
        stated = submission.conventions.render()
        task_input = {
            "locale": locale,
            "stated_locale": submission.locale,
            "input_conventions": stated,
            "payloads": list(submission.payloads_json),
        }
        content = json.dumps(task_input).encode()
        digest = hashlib.sha256(content).hexdigest()
        is_inline = len(content) <= self._inline_input_bytes

        async def prepare(task_id: str) -> JobRecord:
            if not is_inline:
                await self._runtime.storage.keep_object(input_key(task_id), content, content_type="application/json")
            if self._needs_credentials:
                await self._credentials.put(
                    principal.tenant, task_id, 1, Credentials(submission.username, submission.password)
                )
            return new_record(
                principal,
                user_id=submission.username,
                job_id=task_id,
                now=self._clock(),
                status=self._runtime.kind.pending,
                message=f"accepted with {len(submission.payloads_json)} section payload(s)",
                body={
                    "username": submission.username,
                    "locale": locale,
                    "principal_users": sorted(principal.users),
                    "payload_sha256": digest,
                    "payload_count": len(submission.payloads_json),
                    "sealed": self._needs_credentials,
                }
                | ({"input": task_input} if is_inline else {}),
                traceparent=tracing.trace_headers().get("traceparent", ""),
            )

        return await self._runtime.acceptance.accept(
            principal,
            user_id=submission.username,
            method="CreateTask",
            request_id=submission.request_id,
            # Conventions join the body only where there are some: requests without them keep their digest.
            body={"username": submission.username, "payloads": list(submission.payloads_json), "locale": locale}
            | ({"input_conventions": stated} if stated else {}),
            new_job_id=lambda: new_task_id(self._clock()),
            prepare=prepare,
            stores_inputs=not is_inline or self._needs_credentials,
        )

    async def get(self, principal: Principal, task_id: str) -> JobRecord:
        """Reads a task. Raises NotFound where there is none or it is somebody else's."""
        principal.require_scope(SCOPE)
        return await self._runtime.get_visible(principal, "", task_id)

    async def get_finished(self, principal: Principal, task_id: str) -> JobRecord:
        """Reads a task that has ended. Raises NotFound as ``get`` does, PreconditionFailed while it runs."""
        record = await self.get(principal, task_id)
        if record.status not in self._runtime.kind.terminal:
            raise PreconditionFailed("the task is still running", reason="TASK_RUNNING")
        return record

    async def list_page(
        self,
        principal: Principal,
        *,
        user_id: str,
        status: str,
        page_size: int,
        page_token: str,
        open_only: bool = False,
    ) -> tuple[list[JobRecord], str]:
        """Lists tasks newest first: a user's, or those of all users that the principal may act for."""
        principal.require_scope(SCOPE)
        return await self._runtime.list_visible(
            principal,
            user_id=user_id,
            status=status,
            page_size=page_size,
            page_token=page_token,
            open_only=open_only,
        )

    def watch(self, principal: Principal, task_id: str, after_revision: int) -> AsyncGenerator[News, None]:
        """Yields a task's news until it is terminal. Raises NotFound as ``get`` does."""
        principal.require_scope(SCOPE)
        return self._runtime.watch(principal, "", task_id, after_revision)

    async def cancel(self, principal: Principal, task_id: str) -> JobRecord:
        """Cancels a task. Raises NotFound, or PreconditionFailed where it has ended."""
        record = await self._runtime.cancel(await self.get(principal, task_id))
        await self._credentials.delete(record)
        return record

    async def delete(self, principal: Principal, task_id: str) -> None:
        """Deletes a task and all that belongs to it. Raises NotFound."""
        record = await self.get(principal, task_id)
        await delete_job(self._runtime.store, self._runtime.tombstones, record.user_id, task_id)

    async def delete_user(self, principal: Principal, user_id: str) -> None:
        """Deletes all tasks of a user; a repetition goes on where one was cut short.

        Raises NotFound where the principal may not act for the user, InvalidInput where nobody can be called so.
        """
        principal.require_scope(SCOPE)
        await self._runtime.mark_user_deleted(principal, user_id, [])
        await self.forget_user(user_id)

    async def forget_user(self, user_id: str) -> None:
        """Deletes what there is of a user's tasks, as the current principal. Again is no harm."""
        await delete_jobs_of(self._runtime.store, self._runtime.tombstones, user_id)

    async def replay(self, principal: Principal, task_id: str) -> JobRecord:
        """Runs a terminal task again. Raises NotFound, Denied, or PreconditionFailed where it has not ended."""
        principal.require_scope(OPERATOR_SCOPE)
        record = await self._runtime.get_visible(principal, "", task_id)
        if record.body.get(BROUGHT_OVER):
            raise PreconditionFailed("an older service ran it, and kept no payloads", reason="INPUT_NOT_KEPT")
        body = {
            key: record.body[key]
            for key in ("username", "locale", "principal_users", "payload_sha256", "payload_count", "sealed", "input")
            if key in record.body
        }
        return await self._runtime.acceptance.restart(principal, record, message="accepted again", body=body)

    async def maintain(self, record: JobRecord) -> None:
        """Deletes the credentials of a task that ended where no worker came to do it, or one died on the way."""
        if record.body.get("sealed") and record.finished_at and self._clock() - record.finished_at < _CREDENTIALS_AGE:
            await self._credentials.delete(record)


def new_task_id(now: datetime) -> str:
    """Makes a task id: ``task_YYYYMMDDHHMMSS_xxxxxxxx``, UTC and 8 hex digits."""
    return f"task_{now:%Y%m%d%H%M%S}_{secrets.token_hex(4)}"


def _check_references(principal: Principal, references: Sequence[tuple[str, Reference]]) -> None:
    """Raises InvalidInput where a payload names a converter job of a user that the principal may not act for."""
    for field, reference in references:
        principal.require_scope(CONVERTER_SCOPE)
        if not principal.may_act_for(reference.user_id):
            raise InvalidInput(
                "no such converter job", reason="CONVERTER_OUTPUT_NOT_FOUND", field=f"{field}.converter_output"
            )


def _require_sendable(submission: Submission) -> None:
    """Raises InvalidInput for credentials that no sign-in can be tried with. What they are is not said."""
    for name, value in (("username", submission.username), ("password", submission.password)):
        if why := find_unsendable(value):
            raise InvalidInput(f"the {name} {why}", reason="CREDENTIALS_UNSENDABLE", field=name)
