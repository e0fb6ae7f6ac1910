"""Records that index keys are missing of, found by names alone: nothing is read, a listing tells of a thousand keys."""

from collections.abc import AsyncIterator, Callable

from services.storage.domain.index import kind_prefix, read_key
from services.storage.domain.keys import TenantSpace
from services.storage.ports import ObjectStore, StoredObject

# Of index keys, and of what stands among the records: where there is more, only a scan of the records finds it.
MAX_LISTINGS = 100
# What is told at once; the rest is found again once these have their keys.
MAX_TOLD = 200
_KEYS_AT_ONCE = 1000


class _TooManyError(Exception):
    """There are more keys than a search may list."""


class UnlistedSearch:
    """One search in a tenant's space; ``listings`` counts its requests."""

    def __init__(self, store: ObjectStore, space: TenantSpace, kind: str) -> None:
        self._store = store
        self._space = space
        self._kind = kind
        self.listings = 0

    async def find(self, full_prefix: str, suffix: str, is_old: Callable[[StoredObject], bool]) -> tuple[str, ...]:
        """Keys below a prefix that end so, are old, and stand under no state whole: in the index of all users, and of
        their own where that says whose they are. None where there are too many to tell."""
        found: list[str] = []
        try:
            listed = await self._find_listed()
            async for item in self._walk(full_prefix):
                key = self._space.relative(item.key)
                if key.endswith(suffix) and key not in listed and is_old(item):
                    found.append(key)
                    if len(found) == MAX_TOLD:
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
        return {entry.key for state, entry in in_all if not entry.user_id or (state, entry) in in_own}

    async def _walk(self, prefix: str) -> AsyncIterator[StoredObject]:
        start_after = ""
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
