"""Structured logs: JSON off a terminal, one canonical line per call or message, no secret ever.

Events are constant snake_case; what varies stands in fields. Everything goes to standard error.
"""

import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from contextlib import AbstractContextManager
from functools import lru_cache
from typing import Any, Literal

from services.common.optional import doing_without

with doing_without("rich", "better_exceptions"):  # for tracebacks on a terminal
    import structlog

REDACTED = "[redacted]"
MAX_VALUE_CHARS = 2000
MAX_TRACEBACK_CHARS = 8000
# A secret that begins before the cut is seen whole, not left there in part.
_MARGIN_CHARS = 4096

_SECRET_KEY = re.compile(
    r"pass(word|wd|phrase)?$|secret|token$|authorization|api_?key|credential|cookie|private_key", re.IGNORECASE
)
SECRET_VALUE = re.compile(
    r"eyJ[\w-]{8,}\.[\w-]+\.[\w-]*"  # a JWT
    r"|(?<=://)[^/\s:@]+:[^/\s@]+(?=@)"  # user:password in a URL
    r"|(?i:(?<=bearer )\S+)"
    r"|(?i:(?:password|secret|api_?key|token)[\"']?\s*[:=]\s*[\"']?)[^\s\"',}]+"
    r"|(?<![\w-])[A-Za-z0-9_-]{4,40}\.[A-Za-z0-9_-]{43}(?![\w-])"  # an API key: id.secret
    r"|(?<=X-Amz-Signature=)[0-9a-f]+"
)
# Most values are names and ids. What has none of the signs and is shorter than an API key holds no secret that the
# pattern above could find, which is seen at a fifteenth of the pattern's cost.
HARMLESS = re.compile(r"(?!.*eyJ)[\w/.{}-]{0,47}", re.ASCII)


def redact(value: Any) -> Any:
    """Returns ``value`` with secrets replaced and long strings cut, through mappings and lists.

    What is neither text, number, mapping nor list is shown as its ``repr``, redacted too.
    """
    if isinstance(value, str):
        if HARMLESS.fullmatch(value):
            return value
        shown = SECRET_VALUE.sub(REDACTED, value[: MAX_VALUE_CHARS + _MARGIN_CHARS])
        return shown if len(shown) <= MAX_VALUE_CHARS else shown[:MAX_VALUE_CHARS] + "…"
    if isinstance(value, bytes | bytearray | memoryview):
        return f"[{len(value)} bytes]"
    if isinstance(value, Mapping):
        return {key: REDACTED if _is_secret(key) else redact(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [redact(item) for item in value]
    return value if value is None or isinstance(value, bool | int | float) else redact(repr(value))


@lru_cache(maxsize=1024)
def _is_secret(key: object) -> bool:
    return isinstance(key, str) and _SECRET_KEY.search(key) is not None


def _redact_event(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for key, value in event.items():
        if key in {"level", "timestamp"}:
            continue
        if key == "exception" and isinstance(value, str):
            # What went wrong stands at the end of a traceback.
            event[key] = SECRET_VALUE.sub(REDACTED, value[-MAX_TRACEBACK_CHARS - _MARGIN_CHARS :])[
                -MAX_TRACEBACK_CHARS:
            ]
        else:
            event[key] = REDACTED if _is_secret(key) and value else redact(value)
    return event


def configure_logging(
    service: str, level: str = "INFO", log_format: Literal["auto", "json", "console"] = "auto"
) -> None:
    """Sends structlog's and the standard library's records to standard error in one form."""
    as_json = log_format == "json" or (log_format == "auto" and not sys.stderr.isatty())
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
    ]
    if as_json:
        final: list[Any] = [structlog.processors.format_exc_info, _redact_event, structlog.processors.JSONRenderer()]
    else:
        final = [structlog.processors.format_exc_info, _redact_event, structlog.dev.ConsoleRenderer()]
    structlog.configure(
        processors=[*shared, *final],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level)),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *final],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for noisy in ("botocore", "aiobotocore", "aioboto3", "nats", "httpx", "httpcore", "uvicorn.access"):
        logging.getLogger(noisy).setLevel(max(logging.WARNING, root.level))
    # gRPC writes metadata that it cannot decode into its log, whatever stands there: a key, for one.
    grpc_log = logging.getLogger("grpc._cython.cygrpc")
    grpc_log.removeFilter(_hide_metadata)
    grpc_log.addFilter(_hide_metadata)
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(service=service)


def _hide_metadata(record: logging.LogRecord) -> bool:
    if str(record.msg).startswith("Invalid encoding"):
        record.msg, record.args, record.exc_info, record.exc_text = "grpc_metadata_undecodable", (), None, None
    return True


def bound_log_fields(**fields: str) -> AbstractContextManager[None]:
    """Makes the fields part of every line that is logged within."""
    return structlog.contextvars.bound_contextvars(**fields)


def get_logger() -> structlog.stdlib.BoundLogger:
    """Returns the logger; bind fields to it, never format them into the event."""
    logger: structlog.stdlib.BoundLogger = structlog.get_logger()
    return logger
