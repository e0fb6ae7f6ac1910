"""Records that index keys are missing of, found by names alone: nothing is read, a listing tells of a thousand keys."""

from collections.abc import AsyncIterator, Callable

from services.storage.domain.index import OPEN, IndexEntry, kind_prefix, read_key
from services.storage.domain.keys import TenantSpace
from services.storage.ports import ObjectStore, StoredObject

# Of index keys, and of what stands among the records: where there is more, only a scan of the records finds it.
MAX_LISTINGS = 100
# What is told at once; a search that begins after the last of them tells the rest.
MAX_TOLD = 200
_KEYS_AT_ONCE = 1000


class _TooManyError(Exception):
    """There are more keys than a search may list."""


class UnlistedSearch:
    """One search in a tenant's space; ``listings`` counts its requests, ``is_cut`` says whether there may be more than
    it told. With ``open_of_users`` open records stand in their user's index, too."""

    def __init__(self, store: ObjectStore, space: TenantSpace, kind: str, *, open_of_users: bool) -> None:
        self._store = store
        self._space = space
        self._kind = kind
        self._open_of_users = open_of_users
        self.listings = 0
        self.is_cut = False

    async def find(
        self, full_prefix: str, suffix: str, is_old: Callable[[StoredObject], bool], *, after: str = ""
    ) -> tuple[str, ...]:
        """Keys below a prefix and after a key that end so, are old, and stand under no state whole: in the index of all
        users, and of their own where that says whose they are. None where there are too many to tell."""
        found: list[str] = []
        try:
            listed = await self._find_listed()
            async for item in self._walk(full_prefix, start_after=self._space.full(after) if after else ""):
                key = self._space.relative(item.key)
                if key.endswith(suffix) and key not in listed and is_old(item):
                    found.append(key)
                    if len(found) == MAX_TOLD:
                        self.is_cut = True
                        break
        except _TooManyError:
            return ()
        return tuple(found)

    async def _find_listed(self) -> set[str]:
        in_all, in_own = [], set()
        async for item in self._walk(self._space.full(kind_prefix(self._kind))):
            name = self._space.relative(item.key)
            try:
                state, entry = read_key(name, self._kind)
            except ValueError:
                continue  # put there by another hand
            if name == entry.keys(self._kind, state)[0]:
                in_all.append((state, entry))
            else:
                in_own.add((state, entry))
        return {entry.key for state, entry in in_all if self._needs_no_other(state, entry) or (state, entry) in in_own}

    def _needs_no_other(self, state: str, entry: IndexEntry) -> bool:
        return not entry.user_id or (state == OPEN and not self._open_of_users)

    async def _walk(self, prefix: str, start_after: str = "") -> AsyncIterator[StoredObject]:
        while True:
            if self.listings == MAX_LISTINGS:
                raise _TooManyError
            self.listings += 1
            listing = await self._store.list_page(prefix, start_after=start_after, limit=_KEYS_AT_ONCE)
            for item in listing.objects:
                yield item
            if not listing.is_truncated:
                return
            start_after = listing.objects[-1].key
