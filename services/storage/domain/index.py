"""Index keys: empty objects whose names alone answer "which records of this kind and state, newest first".

``index/{kind}/{state}/user/{user}/{inverted}~{key}`` lists one user's records, ``index/{kind}/{state}/all/{inverted}~
{key}~{user}`` all users'. ``inverted`` falls as ``created_at`` grows, so that S3's key order is newest first; key and
user are encoded as segments and can be read back. A run other than 0 is one more part at the end: who deletes a key of
one run, however late, cannot take another's away. Long names are cut into several path segments.
"""

from dataclasses import dataclass

from services.common.errors import InvalidInput
from services.common.paths import decode_segment, encode_segment
from services.storage.domain.keys import INDEX_PREFIX

OPEN = "open"
"""The state that few records are in, and none for long: whose they are is read off the index of all users."""
MAX_MILLISECONDS = 9_999_999_999_999
_SEPARATOR = "~"
# Names are cut here: encoded names have no "/", so that cutting keeps both their order and their reversibility.
_PIECE_CHARS = 200


@dataclass(frozen=True, slots=True)
class IndexEntry:
    """What an index key says of a record. ``created_ms`` is in milliseconds since 1970, UTC."""

    key: str
    user_id: str
    created_ms: int
    run: int = 0

    @property
    def name(self) -> str:
        """Where it stands among the entries of all users: the position that a page token holds."""
        return self._join(_invert(self.created_ms), encode_segment(self.key), _encode_user(self.user_id))

    @property
    def user_name(self) -> str:
        """Where it stands among its user's entries."""
        return self._join(_invert(self.created_ms), encode_segment(self.key))

    def _join(self, *parts: str) -> str:
        return _cut(_SEPARATOR.join((*parts, str(self.run)) if self.run else parts))

    def keys(self, kind: str, state: str) -> tuple[str, ...]:
        """The index keys that a record in a state may have: none where the state is empty."""
        if not state:
            return ()
        in_all = partition(kind, state, "") + self.name
        if not self.user_id:
            return (in_all,)
        return (in_all, partition(kind, state, self.user_id) + self.user_name)


def partition(kind: str, state: str, user_id: str) -> str:
    """The prefix of the entries of a user, or (empty) of all users."""
    return f"{INDEX_PREFIX}{kind}/{state}/" + (f"user/{encode_segment(user_id)}/" if user_id else "all/")


def kind_prefix(kind: str) -> str:
    """The prefix of all entries of a kind."""
    return f"{INDEX_PREFIX}{kind}/"


def read_key(key: str, kind: str) -> tuple[str, IndexEntry]:
    """Reads state and entry out of an index key of a kind. Raises ValueError where it is none.

    The entry of a partition of all users and that of its user's name the same record.
    """
    state, _, rest = key.removeprefix(kind_prefix(kind)).partition("/")
    whose, _, name = rest.partition("/")
    if whose == "all":
        return state, read_entry(name, "")
    user, _, name = name.partition("/")
    if whose != "user" or not user:
        raise ValueError(f"not an index key: {key!r}")
    return state, read_entry(name, decode_segment(user))


def read_entry(name: str, user_id: str) -> IndexEntry:
    """Reads an entry out of its name below the partition of ``user_id``. Raises ValueError where it is not one."""
    parts = name.replace("/", "").split(_SEPARATOR)
    least = 2 if user_id else 3
    if len(parts) not in {least, least + 1}:
        raise ValueError(f"not an index name: {name!r}")
    owner = user_id or (decode_segment(parts[2]) if parts[2] else "")
    run = int(parts[least]) if len(parts) > least else 0
    return IndexEntry(decode_segment(parts[1]), owner, MAX_MILLISECONDS - int(parts[0]), run)


def _encode_user(user_id: str) -> str:
    return encode_segment(user_id) if user_id else ""


def _invert(created_ms: int) -> str:
    if not 0 <= created_ms <= MAX_MILLISECONDS:
        raise InvalidInput("the time is before 1970 or after 2286", field="record.created_at")
    return f"{MAX_MILLISECONDS - created_ms:013d}"


def _cut(name: str) -> str:
    return "/".join(name[start : start + _PIECE_CHARS] for start in range(0, len(name), _PIECE_CHARS))
