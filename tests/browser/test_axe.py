"""Every page of the dashboard, the sign-in, a page that is none, and /docs, held against axe: in light and in dark.

The printable report is in a sandbox that runs no script, axe's among them.
"""

from __future__ import annotations

import importlib.util
from collections.abc import AsyncIterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.conftest import Desk, Launched, open_desk

if TYPE_CHECKING:
    from playwright.async_api import Browser

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]

PAGES = [
    "activity", "try", "analyse", "workers", "dead-letters", "webhooks", "webhook", "task", "training", "conversion",
    "review", "teach", "try-learned", "try-converted", "nowhere", "sign-in", "docs", "docs-open",
]  # fmt: skip
# WCAG's rules of levels A and AA, and what axe calls best practice.
_RUN = """async () => {
    const found = await axe.run(document, { resultTypes: ["violations"] });
    return found.violations.map((rule) => [rule.id, rule.nodes.slice(0, 5).map((node) => node.html.slice(0, 160) +
        " | " + node.any.concat(node.all, node.none).map((check) => check.message).join("; ").slice(0, 200))]);
}"""
# Numbers that a script should have written as a German reader does.
_RAW_NUMBERS = """() => {
    const raw = [];
    const walker = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
        const element = walker.currentNode.parentElement;
        if (element.closest("script, pre, code, table, .mono, .answer, .cells-of, .narrative, .history, svg")) continue;
        // Words of files and tasks stay as they are written there.
        const text = walker.currentNode.data.replace(/“[^”]*”/g, "");
        if (element.closest("data.number, time")) {
            if (/\\d,\\d{3}\\b|\\b(AM|PM)\\b/.test(text)) raw.push(text);
        } else if (/\\b\\d{5,}\\b/.test(text)) raw.push(text);
    }
    return raw;
}"""


@cache
def read_axe() -> str:
    """The script of axe, of which the wheel's own runner is not used."""
    package = importlib.util.find_spec("axe_playwright_python")
    if package is None or package.origin is None:
        pytest.skip("axe is missing: run `make test-browser`")
    return next(Path(package.origin).parent.rglob("axe.min.js")).read_text()


@pytest.fixture(scope="module", params=["light", "dark"])
async def reader(request: pytest.FixtureRequest, browser: Browser, launched: Launched) -> AsyncIterator[Desk]:
    """A signed-in operator, whose system writes as Germans do."""
    async with open_desk(browser, launched, color_scheme=request.param, locale="de-DE") as desk:
        await desk.sign_in(launched.operator_key)
        yield desk


@pytest.mark.parametrize("name", PAGES)
async def test_a_page_has_nothing_that_axe_finds(reader: Desk, paths: dict[str, str], name: str) -> None:
    page, others = reader.page, {
        "nowhere": "/dashboard/nowhere", "sign-in": "/dashboard/login",
        "docs": "/docs", "docs-open": "/docs",
    }  # fmt: skip
    await reader.open(paths.get(name) or others[name])
    if name.startswith("docs"):
        await page.locator(".opblock").first.wait_for()
    if name == "docs-open":
        for method in ("get", "post", "delete"):
            await page.locator(f".opblock-{method} .opblock-summary-control").first.click()
            await page.locator(f".opblock-{method} .opblock-body").first.wait_for()
    await page.locator("details").evaluate_all("all => all.forEach((part) => { part.open = true; })")
    if name == "nowhere":
        # The browser's own word about the status, which is what is looked for here.
        reader.faults.clear()
        assert await page.get_by_role("navigation", name="Main").get_by_role("link").count() > 3
    await page.evaluate(read_axe())
    found: Any = await page.evaluate(_RUN)
    assert found == []
    if not name.startswith("docs"):
        assert await page.evaluate(_RAW_NUMBERS) == []
