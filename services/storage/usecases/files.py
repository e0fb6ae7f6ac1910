"""Files of users: a content object and a description, which makes the file visible once all of it is there."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass

from services.common.clock import Clock, utc_now
from services.common.errors import AlreadyExists, Conflict, InvalidInput, NotFound
from services.common.identity import Caller, find_user_fault
from services.storage.domain.files import (
    DESCRIPTION,
    FileAddress,
    FileDescription,
    choose_owner,
    decode_description,
    encode_description,
    missing,
    name_upload,
    owner_prefix,
    read_address,
)
from services.storage.domain.keys import TenantSpace
from services.storage.ports import ObjectStore
from services.storage.usecases.namespaces import Namespaces
from services.storage.usecases.uploads import DEFAULT_TYPE, Chunks, Expectation, digest_stream, store_stream

MAX_DESCRIPTION_BYTES = 16 * 1024
_KEYS_PER_FILE = 2


@dataclass(frozen=True, slots=True)
class NewFile:
    """What a client says of a file that it uploads."""

    user_id: str
    file_name: str
    content_type: str
    size: int | None
    sha256: str
    request_id: str


class Files:
    """The files of all tenants' users."""

    def __init__(
        self,
        store: ObjectStore,
        namespaces: Namespaces,
        *,
        max_file_bytes: int,
        part_bytes: int,
        clock: Clock = utc_now,
    ) -> None:
        self._store = store
        self._namespaces = namespaces
        self._max_file_bytes = max_file_bytes
        self._part_bytes = part_bytes
        self._clock = clock

    async def upload(self, caller: Caller, new: NewFile, chunks: Chunks) -> FileDescription:
        """Stores a file. A repetition of the same ``request_id`` gives the file that the first one made.

        Raises as ``store_stream``, Denied for another's user, InvalidInput where nobody can be called so or the file is
        empty, Conflict with reason REQUEST_ID_REUSED where the first upload of that id brought other content.
        """
        if why := find_user_fault(new.user_id):
            raise InvalidInput(f"the user's id {why}", reason="USER_ID_INVALID", field="user_id")
        owner = choose_owner(new.user_id, caller.principal)
        space = self._namespaces.space(caller)
        named = name_upload(caller.principal, owner, new.request_id) if new.request_id else secrets.token_hex(16)
        address = FileAddress(owner, named)
        if new.size == 0:
            raise _empty()
        expected = Expectation(self._max_file_bytes, new.size, new.sha256)
        if new.request_id and (first := await self._find(space, address)) is not None:
            came = await digest_stream(chunks, expected)
            return _require_same(first, came.size, came.sha256)
        content_key = address.content_key(secrets.token_hex(8))
        stored, sha256 = await store_stream(
            self._store,
            space.full(content_key),
            chunks,
            expected,
            part_bytes=self._part_bytes,
            content_type=new.content_type,
        )
        if not stored.size:
            await self._store.delete([space.full(content_key)])
            raise _empty()
        file = FileDescription(
            address=address,
            content_key=content_key,
            size=stored.size,
            sha256=sha256,
            file_name=new.file_name,
            content_type=new.content_type or DEFAULT_TYPE,
            created_ms=int(self._clock().timestamp() * 1000),
        )
        try:
            await self._store.put(
                space.full(address.description_key),
                encode_description(file),
                if_absent=True,
                content_type="application/json",
            )
        except AlreadyExists:
            first = await self._read(space, address)
            if first.content_key != content_key:
                # A repetition that ran beside this one was faster.
                await self._store.delete([space.full(content_key)])
                return _require_same(first, stored.size, sha256)
        return file

    async def get(self, caller: Caller, uri: str) -> FileDescription:
        """Reads a file's description. Raises NotFound, also where it is another user's."""
        return await self._read(self._namespaces.space(caller), read_address(uri, caller.principal))

    async def open(
        self, caller: Caller, uri: str, *, offset: int, length: int
    ) -> tuple[FileDescription, AsyncIterator[bytes]]:
        """Opens a file or a range of it. Raises NotFound, InvalidInput where ``offset`` lies beyond its end."""
        file = await self.get(caller, uri)
        full_key = self._namespaces.space(caller).full(file.content_key)
        try:
            _, chunks = await self._store.open(full_key, offset=offset, length=length)
        except NotFound as error:
            raise missing() from error
        return file, chunks

    async def copy_to(self, caller: Caller, uri: str, full_key: str) -> FileDescription:
        """Copies a file's content to a key of the bucket. Raises NotFound."""
        file = await self.get(caller, uri)
        try:
            await self._store.copy(self._namespaces.space(caller).full(file.content_key), full_key)
        except NotFound as error:
            raise missing() from error
        return file

    async def list_page(
        self, caller: Caller, user_id: str, *, limit: int, position: str
    ) -> tuple[list[FileDescription], str]:
        """Lists a user's files in id order, from after ``position``; returns the position after them."""
        owner = choose_owner(user_id, caller.principal)
        space = self._namespaces.space(caller)
        prefix = space.full(owner_prefix(owner))
        listing = await self._store.list_page(
            prefix, start_after=prefix + position if position else "", limit=min(limit * _KEYS_PER_FILE, 1000)
        )
        keys = [item.key for item in listing.objects]
        ids = [key.removeprefix(prefix).partition("/")[0] for key in keys if key.endswith(f"/{DESCRIPTION}")]
        found = await asyncio.gather(*(self._find(space, FileAddress(owner, file_id)) for file_id in ids))
        files = [file for file in found if file is not None]
        return files, keys[-1].removeprefix(prefix) if listing.is_truncated else ""

    async def delete(self, caller: Caller, uri: str) -> None:
        """Deletes a file: its description first. Somebody else's file is as good as gone: nothing happens."""
        space = self._namespaces.space(caller)
        try:
            address = read_address(uri, caller.principal)
        except NotFound:
            return
        await self._store.delete([space.full(address.description_key)])
        folder = await self._store.list_page(space.full(address.folder), limit=1000)
        await self._store.delete([item.key for item in folder.objects])

    async def _find(self, space: TenantSpace, address: FileAddress) -> FileDescription | None:
        try:
            return await self._read(space, address)
        except NotFound:
            return None

    async def _read(self, space: TenantSpace, address: FileAddress) -> FileDescription:
        try:
            _, content = await self._store.get(space.full(address.description_key), max_size=MAX_DESCRIPTION_BYTES)
        except NotFound as error:
            raise missing() from error
        return decode_description(content)


def _require_same(file: FileDescription, size: int, sha256: str) -> FileDescription:
    """Returns the file of an earlier upload. Raises Conflict where it is not what is uploaded now."""
    if (size, sha256) != (file.size, file.sha256):
        raise Conflict("this request id was used for another file", reason="REQUEST_ID_REUSED")
    return file


def _empty() -> InvalidInput:
    return InvalidInput("the file is empty: no byte came", reason="FILE_EMPTY", field="file")
