"""Files that users upload: their addresses, whose they are, and their description in the bucket."""

import hashlib
import json
import re
from dataclasses import asdict, dataclass

from services.common.errors import Denied, InvalidInput, NotFound
from services.common.identity import ALL_USERS, SHARED_FILES, Principal
from services.common.paths import decode_segment, encode_segment
from services.storage.domain.keys import FILES_PREFIX

FILE_SCHEME = "file_id"
_FILE_ID = re.compile(r"[0-9a-f]{32}")
DESCRIPTION = "file.json"


@dataclass(frozen=True, slots=True)
class FileAddress:
    """Where a file stands. ``owner`` is a user id, or ``_shared`` for files that all-user principals share."""

    owner: str
    file_id: str

    @property
    def user_id(self) -> str:
        """Whose it is; empty where it is shared."""
        return "" if self.owner == SHARED_FILES else self.owner

    @property
    def uri(self) -> str:
        """How a job's input names it."""
        return f"{FILE_SCHEME}:{encode_segment(self.owner)}/{self.file_id}"

    @property
    def folder(self) -> str:
        """The prefix of its objects."""
        return f"{owner_prefix(self.owner)}{self.file_id}/"

    @property
    def description_key(self) -> str:
        """The object that makes it visible."""
        return self.folder + DESCRIPTION

    def content_key(self, upload_id: str) -> str:
        """The object of its content: one per upload, so that two uploads of one id do not mix."""
        return f"{self.folder}content-{upload_id}"


@dataclass(frozen=True, slots=True)
class FileDescription:
    """A file. ``size`` in bytes, ``sha256`` in lower-case hex, ``created_ms`` in milliseconds since 1970, UTC."""

    address: FileAddress
    content_key: str
    size: int
    sha256: str
    file_name: str
    content_type: str
    created_ms: int


def owner_prefix(owner: str) -> str:
    """The prefix of a user's files."""
    return f"{FILES_PREFIX}{encode_segment(owner)}/"


def choose_owner(user_id: str, principal: Principal) -> str:
    """Whose files a request means. Raises InvalidInput where it must say, Denied where it is somebody else."""
    if user_id in {SHARED_FILES, ALL_USERS}:
        raise InvalidInput("this is not a user", reason="USER_ID_INVALID", field="user_id")
    if user_id:
        if not principal.may_act_for(user_id):
            raise Denied("the key may not act for this user", reason="USER_NOT_ALLOWED")
        return user_id
    if principal.acts_for_all_users:
        return SHARED_FILES
    if len(principal.users) != 1:
        raise InvalidInput("the key acts for several users: say for which", field="user_id")
    return next(iter(principal.users))


def read_address(uri: str, principal: Principal) -> FileAddress:
    """Reads a file's uri or bare id. Raises NotFound where it is none, or of a user that is not the principal's."""
    try:
        owner, separator, file_id = uri.removeprefix(f"{FILE_SCHEME}:").rpartition("/")
        address = FileAddress(decode_segment(owner) if separator else choose_owner("", principal), file_id)
    except (ValueError, InvalidInput) as error:
        raise missing() from error
    allowed = principal.acts_for_all_users if address.owner == SHARED_FILES else principal.may_act_for(address.owner)
    if not allowed or not _FILE_ID.fullmatch(address.file_id):
        raise missing()
    return address


def name_upload(principal: Principal, owner: str, request_id: str) -> str:
    """The file id of an upload that the client named: the same for each repetition."""
    named = json.dumps([principal.tenant, principal.subject, owner, request_id])
    return hashlib.sha256(named.encode()).hexdigest()[:32]


def missing() -> NotFound:
    """The error of a file that is not there, or somebody else's."""
    return NotFound("there is no such file", reason="FILE_NOT_FOUND")


def encode_description(file: FileDescription) -> bytes:
    """Writes a file's description as JSON."""
    return json.dumps(asdict(file), ensure_ascii=False).encode()


def decode_description(content: bytes) -> FileDescription:
    """Reads what ``encode_description`` wrote. Raises ValueError, KeyError or TypeError on anything else."""
    fields = json.loads(content)
    return FileDescription(**{**fields, "address": FileAddress(**fields["address"])})
