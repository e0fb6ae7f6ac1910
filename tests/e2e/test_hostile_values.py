"""Words that a browser would run, in every place where a client's words may stand: nowhere are they markup."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.e2e.test_conversions import encode, make_user, train, wait_until_over
from tests.support.eventually import eventually
from tests.support.launched_suite import TERMINAL

EXAMPLES = Path(__file__).parents[2] / "examples" / "portfolio"
HOSTILE = """"'></td></svg><img src=x onerror=alert(1)><script>alert(2)</script>"""
# All that a report is made of.
TAGS = frozenset(
    {"html", "head", "meta", "title", "style", "body", "header", "main", "section", "h1", "h2", "h3", "h4", "p",
     "ul", "ol", "li", "dl", "dt", "dd",
     "figure", "figcaption", "svg", "g", "rect", "line", "path", "polyline", "circle", "text", "tspan", "desc",
     "details", "summary", "table", "caption", "thead", "tbody", "tr", "th", "td", "div", "span", "strong", "em",
     "small", "sup", "br"}
)  # fmt: skip
FETCHING = frozenset({"src", "href", "xlink:href", "action", "formaction", "srcset", "data", "background", "poster"})
SAFE_TYPES = ("application/json", "application/problem+json", "text/csv", "text/plain", "application/octet-stream")


@dataclass
class Markup(HTMLParser):
    """What a browser would see in a page."""

    tags: set[str] = field(default_factory=set)
    attributes: set[str] = field(default_factory=set)
    words: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def poison(value: Any) -> Any:
    """The value with hostile words behind every text that is no figure, keys of tables included."""
    if isinstance(value, list):
        return [poison(item) for item in value]
    if isinstance(value, dict):
        return {name: poison(item) for name, item in value.items()}
    if isinstance(value, str) and not any(character.isdigit() for character in value):
        return f"{value} {HOSTILE}"
    return value


def read_poisoned(example: str) -> list[dict[str, Any]]:
    """The payloads of an example, hostile."""
    payloads: list[dict[str, Any]] = poison(json.loads((EXAMPLES / f"{example}.json").read_text())["data"])
    return payloads


@pytest.mark.parametrize("example", sorted(path.stem for path in EXAMPLES.glob("*.json")))
async def test_a_report_shows_hostile_words_as_words(client: httpx.AsyncClient, example: str) -> None:
    payloads = read_poisoned(example)
    # A text that is read for its figures, and a table whose keys are a client's words.
    payloads.append({"top_movers_data": f"{HOSTILE} rose 9.4% (weight 5.2%)\n<b>x</b> fell 2.0% (weight 3%)"})
    payloads.append(
        {"Market Value": "100", "Investment Value": "90", "Asset Allocation": {HOSTILE: "60%", "Debt": "40%"}}
    )
    body = {"username": make_user(), "password": "", "data": payloads}
    task_id = (await client.post("/task/submit", json=body)).raise_for_status().json()["task_id"]

    async def is_over() -> bool:
        return (await client.get(f"/task/{task_id}/status")).json()["status"] in TERMINAL

    await eventually(is_over, within_s=300, every_s=0.05)
    page = (await client.get(f"/task/{task_id}/report")).raise_for_status()
    markup = Markup()
    markup.feed(page.text)
    assert markup.tags <= TAGS
    assert [name for name in markup.attributes if name.startswith("on") or name in FETCHING] == []
    assert {"sandbox", "default-src 'none'"} <= set(page.headers["content-security-policy"].split("; "))
    assert "<img src=x" in " ".join(markup.words)  # they are there, as words


async def test_no_answer_of_a_conversion_is_a_page(client: httpx.AsyncClient) -> None:
    user = make_user()
    cell = HOSTILE.replace('"', '""')
    rows = "".join(f'"{cell}",{number}\n' for number in range(1, 4))
    trained = (await train(client, user, encode(f'"{cell}",n\n{rows}'), encode(f'n,"{cell}"\n' + rows))).json()
    job_id = trained["job_id"]
    await wait_until_over(client, user, job_id)
    paths = [f"/api/v1/{user}/{job_id}{part}" for part in ("", "/report", "/program", "/output", "/events")]
    answers = [await client.get(path) for path in (*paths, f"/api/v1/users/{user}/jobs")]
    types = {answer.headers["content-type"].partition(";")[0] for answer in answers if answer.status_code != 204}
    assert types <= {*SAFE_TYPES, "text/event-stream"}
    assert {answer.headers["x-content-type-options"] for answer in answers} == {"nosniff"}


@pytest.mark.parametrize(
    "name", [f"{HOSTILE}.csv", "x\r\nSet-Cookie: a=b.csv", 'a"; filename="b.html', "../../etc/passwd"]
)
async def test_a_hostile_file_name_stays_inside_of_its_header(client: httpx.AsyncClient, name: str) -> None:
    stored = (
        await client.post(
            "/api/v1/files",
            params={"user_id": make_user(), "file_name": name},
            content=f"<script>{name}</script>".encode(),
            headers={"content-type": "text/html"},
        )
    ).json()
    answer = await client.get(f"/api/v1/files/{stored['uri']}")
    assert (answer.headers["content-type"], "set-cookie" in answer.headers) == ("application/octet-stream", False)
    # One quoted name, closed where it ends, and the real one in percent-encoding.
    assert re.fullmatch(
        r"""attachment; filename="[^"\\/]+"; filename\*=UTF-8''[\w.~%-]+""", answer.headers["content-disposition"]
    )


@pytest.mark.parametrize(
    ("method", "path", "sent"),
    [
        ("GET", f"/task/{HOSTILE.replace('/', '')}/status", {}),
        ("GET", f"/{HOSTILE}", {}),
        ("GET", "/tasks", {"params": {"status": HOSTILE, "page_token": HOSTILE}}),
        ("POST", "/task/submit", {"json": {"username": HOSTILE, "data": [{}], HOSTILE: 1}}),
        ("POST", "/api/v1/train", {"json": {"user_id": HOSTILE, "input_file": HOSTILE}}),
        ("GET", "/tasks", {"headers": {"X-API-KEY": HOSTILE}}),
    ],
)
async def test_a_refusal_is_never_a_page(
    client: httpx.AsyncClient, method: str, path: str, sent: dict[str, Any]
) -> None:
    answer = await client.request(method, path, **sent)
    assert 400 <= answer.status_code < 500
    assert (answer.headers["content-type"], answer.headers["x-content-type-options"]) == (
        "application/problem+json",
        "nosniff",
    )
