"""Reads server-sent events from bytes as they come, in any pieces."""

from dataclasses import dataclass

from services.common.errors import Internal

MAX_EVENT_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Message:
    """One event of a stream; ``id`` is None where it brought none of its own. One without data says where the stream
    stands, which is no event."""

    name: str
    data: str
    id: str | None


class EventParser:
    """Turns a stream's pieces into messages. Comments and unknown fields are skipped, as the standard asks."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._name = ""
        self._data: list[str] = []
        self._id: str | None = None
        self.retry_ms: int | None = None

    def feed(self, piece: bytes) -> list[Message]:
        """Takes a piece; returns the messages that it completed. Raises Internal for one over 1 MiB."""
        self._buffer += piece
        messages: list[Message] = []
        *lines, rest = bytes(self._buffer).split(b"\n")
        self._buffer = bytearray(rest)
        for line in lines:
            message = self._take_line(line.removesuffix(b"\r").decode("utf-8", "replace"))
            if message is not None:
                messages.append(message)
        if len(self._buffer) + sum(map(len, self._data)) > MAX_EVENT_BYTES:
            raise Internal(f"an event has more than {MAX_EVENT_BYTES} bytes", reason="EVENT_TOO_LARGE")
        return messages

    def _take_line(self, line: str) -> Message | None:
        if not line:
            return self._end_message()
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "data":
            self._data.append(value)
        elif name == "event":
            self._name = value
        elif name == "id" and "\0" not in value:
            self._id = value
        elif name == "retry" and value.isascii() and value.isdigit():
            self.retry_ms = int(value[:9])
        return None

    def _end_message(self) -> Message | None:
        is_there = self._data or self._id is not None
        message = Message(self._name or "message", "\n".join(self._data), self._id) if is_there else None
        self._name, self._data, self._id = "", [], None
        return message
