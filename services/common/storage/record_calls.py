"""Calls on records: small documents with an etag, compare-and-swap and listings."""

import json
import secrets
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from google.protobuf.timestamp_pb2 import Timestamp
from wealth.storage.v1 import storage_pb2 as pb

from services.common.channels import translated_errors
from services.common.errors import InvalidInput, TooLarge
from services.common.storage.connection import StorageConnection
from services.common.storage.stored import (
    ReconciledPage,
    RecordPage,
    ReindexedRecord,
    StoredRecord,
    TenantPage,
)
from services.common.tasks import map_in_turns

MAX_DOCUMENT_BYTES = 4 * 1024 * 1024
"""Of a record, as the proto says: what is over it is not even sent."""


class RecordCalls(StorageConnection):
    """Records of the current principal's tenant."""

    async def create_record(
        self,
        key: str,
        document: Mapping[str, Any],
        *,
        kind: str,
        user_id: str = "",
        state: str = "",
        created_at: datetime | None = None,
        write_id: str = "",
        spare_bytes: int = 0,
        look_for: Sequence[str] = (),
    ) -> StoredRecord:
        """Writes a record where there is none. ``created_at`` (now, where None) orders listings.

        ``write_id`` names this write (8-64 characters; a fresh one where empty): repeating the call with it is
        success. ``spare_bytes`` of the largest document are left for later. ``look_for`` are keys of other records,
        which are read afresh once this one stands: ``found`` of what is returned are those that hold one, or None where
        storage is of a release that does not look. Raises AlreadyExists where the key holds another write, TooLarge
        with reason RECORD_TOO_LARGE.
        """
        record = pb.Record(
            key=key, kind=kind, user_id=user_id, state=state, created_at=_to_timestamp(created_at),
            document=encode_document(document, spare_bytes=spare_bytes),
        )  # fmt: skip
        with translated_errors():
            reply = await self._stub.CreateRecord(
                pb.CreateRecordRequest(record=record, write_id=write_id or new_write_id(), look_for=look_for)
            )
        return _to_stored(reply, document)

    async def get_record(self, key: str, *, may_be_old: bool = False) -> StoredRecord:
        """Reads a record, or (``may_be_old``) what storage remembers of it: for whoever changes it by compare-and-swap,
        which finds out. Raises NotFound."""
        with translated_errors():
            return _to_stored(await self._stub.GetRecord(pb.GetRecordRequest(key=key, may_be_old=may_be_old)))

    async def update_record(
        self,
        key: str,
        document: Mapping[str, Any],
        *,
        kind: str,
        created_at: datetime,
        if_match: str,
        if_revision: int,
        user_id: str = "",
        state: str = "",
        previous_state: str = "",
        run: int = 0,
        previous_run: int = 0,
        write_id: str = "",
        spare_bytes: int = 0,
    ) -> StoredRecord:
        """Replaces a record whose etag and revision still are ``if_match`` and ``if_revision``.

        ``kind``, ``user_id`` and ``created_at`` are those of the record; it is listed under ``previous_state`` as
        ``previous_run`` now, under ``state`` as ``run`` from now on, as far as storage begins runs (its answer tells);
        ``spare_bytes`` as in ``create_record``. Raises Conflict with reason RECORD_CHANGED
        where the etag no longer stands, NotFound where the record is gone, TooLarge with reason RECORD_TOO_LARGE. A
        write that was applied although its answer was lost is success.
        """
        record = pb.Record(
            key=key, kind=kind, user_id=user_id, state=state, created_at=_to_timestamp(created_at),
            document=encode_document(document, spare_bytes=spare_bytes), run=run,
        )  # fmt: skip
        request = pb.UpdateRecordRequest(
            record=record, if_match=if_match, if_revision=if_revision, previous_state=previous_state,
            previous_run=previous_run, write_id=write_id or new_write_id(),
        )  # fmt: skip
        with translated_errors():
            return _to_stored(await self._stub.UpdateRecord(request), document)

    async def delete_record(self, key: str) -> None:
        """Deletes a record and its index keys; what is not there is deleted already."""
        with translated_errors():
            await self._stub.DeleteRecord(pb.DeleteRecordRequest(key=key))

    async def list_records(
        self,
        kind: str,
        states: Sequence[str],
        *,
        user_id: str = "",
        page_size: int = 0,
        page_token: str = "",
        keys_only: bool = False,
    ) -> RecordPage:
        """Lists a user's records, or (empty) all users', in the given states, newest first.

        With ``keys_only`` the items have key, kind, user_id, state and created_at, from the index alone. Raises
        InvalidInput on a page token of another query.
        """
        request = pb.ListRecordsRequest(
            kind=kind, user_id=user_id, states=states, page_size=page_size, page_token=page_token, keys_only=keys_only
        )
        with translated_errors():
            reply = await self._stub.ListRecords(request)
        return RecordPage(tuple(await map_in_turns(_to_stored, reply.records)), reply.next_page_token)

    async def scan_records(
        self,
        prefix: str,
        *,
        suffix: str = "",
        page_size: int = 0,
        page_token: str = "",
        changed_after: datetime | None = None,
    ) -> RecordPage:
        """Walks the records whose keys begin and end so, in key order, indexed or not. Slow: for sweepers.

        With ``changed_after`` only those written since.
        """
        request = pb.ScanRecordsRequest(
            prefix=prefix, suffix=suffix, page_size=page_size, page_token=page_token,
            changed_after=_to_timestamp(changed_after),
        )  # fmt: skip
        with translated_errors():
            reply = await self._stub.ScanRecords(request, timeout=self._slow_call_timeout_s)
        return RecordPage(tuple(await map_in_turns(_to_stored, reply.records)), reply.next_page_token)

    async def reindex_record(
        self,
        key: str,
        *,
        kind: str,
        user_id: str = "",
        created_at: datetime | None = None,
        states: Sequence[str] = (),
        run: int = 0,
        at_once: bool = False,
    ) -> ReindexedRecord:
        """Brings a record's index keys in line with the record.

        ``user_id``, ``created_at`` and ``run`` say where to look beside the record's own, ``states`` which to look
        under. Keys that are young are left to whoever may be writing their record, but with ``at_once``, which looks
        under the given ones alone.
        """
        request = pb.ReindexRecordRequest(
            key=key, kind=kind, user_id=user_id, created_at=_to_timestamp(created_at), states=states, at_once=at_once,
            run=run,
        )  # fmt: skip
        with translated_errors():
            reply = await self._stub.ReindexRecord(request)
        return ReindexedRecord(reply.added, reply.removed, reply.due)

    async def reconcile_index(
        self,
        kind: str,
        *,
        page_size: int = 0,
        page_token: str = "",
        changed_after: datetime | None = None,
        spared_state: str = "",
        records: tuple[str, str] = ("", ""),
        records_after: str = "",
    ) -> ReconciledPage:
        """Deletes those of a page of a kind's index keys that their records contradict.

        With ``changed_after`` only keys that were written since; those of ``spared_state`` only where they do not stand
        in the index of all users. ``records`` is what the keys of the kind's records begin and end with: the first page
        then names those that index keys are missing of, after ``records_after``, as far as storage knows how to look.
        """
        request = pb.ReconcileIndexRequest(
            kind=kind, page_size=page_size, page_token=page_token, changed_after=_to_timestamp(changed_after),
            spared_state=spared_state, record_prefix=records[0], record_suffix=records[1],
            records_after=records_after,
        )  # fmt: skip
        with translated_errors():
            reply = await self._stub.ReconcileIndex(request, timeout=self._slow_call_timeout_s)
        return ReconciledPage(
            reply.checked,
            reply.removed,
            reply.next_page_token,
            tuple(reply.unlisted),
            reply.listings,
            reply.more_unlisted,
        )

    async def list_tenants(self, *, page_size: int = 0, page_token: str = "") -> TenantPage:
        """Lists the tenants that have data, the default one first."""
        with translated_errors():
            reply = await self._stub.ListTenants(pb.ListTenantsRequest(page_size=page_size, page_token=page_token))
        return TenantPage(tuple(reply.tenants), reply.next_page_token)


def new_write_id() -> str:
    """Makes a name for one write."""
    return secrets.token_hex(16)


def encode_document(document: Mapping[str, Any], *, spare_bytes: int = 0) -> bytes:
    """Writes a record's document as compact JSON. Raises InvalidInput on what JSON cannot hold (NaN among it), TooLarge
    where it leaves fewer than ``spare_bytes`` of the most that a document may have."""
    try:
        content = json.dumps(document, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
    except (TypeError, ValueError) as error:
        raise InvalidInput(f"the document is not JSON: {error}", field="record.document") from error
    most = MAX_DOCUMENT_BYTES - spare_bytes
    if len(content) > most:
        raise TooLarge(
            f"the record would have {len(content)} bytes; at most {most} are kept", reason="RECORD_TOO_LARGE"
        )
    return content


def _to_timestamp(moment: datetime | None) -> Timestamp | None:
    if moment is None:
        return None
    timestamp = Timestamp()
    timestamp.FromDatetime(moment)
    return timestamp


def _to_stored(record: pb.Record, document: Mapping[str, Any] | None = None) -> StoredRecord:
    """``document`` is what the caller has just written: storage answers a write without sending it back."""
    if document is None:
        document = json.loads(record.document) if record.document else {}
    return StoredRecord(
        key=record.key,
        kind=record.kind,
        user_id=record.user_id,
        state=record.state,
        created_at=record.created_at.ToDatetime(UTC),
        document=dict(document),
        revision=record.revision,
        write_id=record.write_id,
        etag=record.etag,
        run=record.run,
        found=frozenset(record.found) if record.looked else None,
    )
