"""One REST call as data: what is sent, and how the answer reads. Nothing here sends anything.

A call that creates carries an idempotency key, made here, so that trying again gives the same task, job or file.
"""

import functools
import inspect
import json
import re
import secrets
import urllib.parse
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Generic, TypeAlias, TypeVar

from services.client.rest.results import (
    Item,
    Page,
    read_result,
)
from services.client.rest.retries import Plan, Terms, perform
from services.client.rest.wire import Answer, Flow, Request
from services.common.errors import Internal, InvalidInput

Result = TypeVar("Result")


Query: TypeAlias = Mapping[str, str | int | bool]


@dataclass(frozen=True, slots=True)
class Call(Generic[Result]):
    """A call: ``route`` as the description of the API names it, ``path`` the values of its parameters.

    ``repeatable`` says that sending it twice is as good as once; ``patience_s`` is time that the gateway itself takes
    to wait, on top of the client's timeout. ``accepts`` is a status of 400 or above that is a result all the same.
    """

    method: str
    route: str
    read: Callable[[Answer], Result]
    path: Mapping[str, str] = field(default_factory=dict)
    query: Query = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    repeatable: bool = True
    patience_s: float = 0
    accepts: int = 0

    def flow(self, terms: Terms) -> Flow[Result]:
        """Sends it until it is answered, and gives what the answer says."""
        request = self.request(terms.timeout_s)
        answer = yield from perform(request, terms.retries, repeatable=self.repeatable, accepts=self.accepts)
        return self.read(answer)

    def request(self, timeout_s: float) -> Request:
        """The request to send."""
        headers = {"accept": "application/json, application/problem+json;q=0.9, */*;q=0.8", **self.headers}
        content = b""
        if self.body is not None:
            headers["content-type"] = "application/json"
            content = encode_json(self.body)
        return Request(
            self.method,
            fill_route(self.route, self.path),
            {name: _query_text(value) for name, value in self.query.items() if value != ""},
            headers,
            content,
            timeout_s + self.patience_s,
        )


def encode_json(document: Any) -> bytes:
    """Writes JSON; a Decimal becomes a number with all its digits, which the gateway keeps. Raises InvalidInput."""
    mark = secrets.token_hex(8)

    def write(value: object) -> str:
        if isinstance(value, Decimal) and value.is_finite():
            return f"{mark}{value}"
        raise InvalidInput(f"{value!r} is not JSON", field="body")

    try:
        text = json.dumps(document, default=write, allow_nan=False)
    except (ValueError, RecursionError) as error:
        raise InvalidInput(f"the body is not JSON: {error}", field="body") from error
    return re.sub(f'"{mark}([^"]+)"', r"\1", text).encode()


def fill_route(route: str, values: Mapping[str, str]) -> str:
    """Writes a path; each value becomes one segment whatever it holds, but a lone dot is none."""
    for name, value in values.items():
        encoded = urllib.parse.quote(value, safe="")
        # Clients and proxies resolve dots away, also percent-encoded ones: this would become another path.
        if not value or set(value) == {"."}:
            raise InvalidInput(f"{name} cannot be {value!r}", field=name)
        route = route.replace(f"{{{name}}}", encoded)
    return route


def describe_method(method: Callable[..., Any], describe: Callable[..., Plan[Any]]) -> None:
    """Gives a client's method the name, words and signature of what it carries out, for ``help()``."""
    functools.update_wrapper(method, describe)
    described = inspect.signature(describe)
    owner = inspect.Parameter("self", inspect.Parameter.POSITIONAL_OR_KEYWORD)
    parameters = [owner, *described.parameters.values()]
    method.__signature__ = described.replace(parameters=parameters)  # type: ignore[attr-defined]


def list_of(name: str, items: Sequence[Item]) -> list[Item]:
    """The items of a list. Raises InvalidInput for a text or a mapping, whose parts are not what is meant."""
    if isinstance(items, str | bytes | Mapping):
        raise InvalidInput(f"{name} is a list, not a {type(items).__name__}: put it into one", field=name)
    return list(items)


def idempotency_headers(key: str | None) -> dict[str, str]:
    """The header under which a call may be repeated; a key is made where none is given."""
    return {"idempotency-key": key or secrets.token_hex(16)}


def job_path(user_id: str, job_id: str) -> dict[str, str]:
    return {"client_id": user_id, "job_id": job_id}


def _query_text(value: str | int | bool) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def read_document(answer: Answer) -> Any:
    try:
        return json.loads(answer.content)
    except ValueError as error:
        raise Internal(
            "the answer is not JSON: is this the address of the gateway?", reason="ANSWER_MALFORMED"
        ) from error


def read_as(shape: type[Item]) -> Callable[[Answer], Item]:
    """What reads an answer into its dataclass."""
    return lambda answer: read_result(shape, read_document(answer))


def read_text(answer: Answer) -> str:
    return answer.content.decode("utf-8", "replace")


def read_bytes(answer: Answer) -> bytes:
    return answer.content


def read_nothing(_answer: Answer) -> None:
    """Reads an answer that says nothing but its status."""
    return


def read_object(answer: Answer) -> Mapping[str, Any]:
    return read_result(dict[str, Any], read_document(answer))


def read_page(answer: Answer, name: str, shape: type[Item]) -> Page[Item]:
    """Reads a page whose items stand under ``name``."""
    document = read_object(answer)
    items = tuple(read_result(shape, item) for item in document.get(name, ()))
    return Page(items, str(document.get("next_page_token") or ""))
