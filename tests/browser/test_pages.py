"""The other pages in a real browser: live, with sources of numbers, light and dark, at a desk and on a phone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.conftest import DESKTOP, PHONE, Desk, Launched, open_desk

if TYPE_CHECKING:
    from playwright.async_api import Browser

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

REVIEW = Path(__file__).parents[2] / "examples" / "portfolio" / "review.json"
# WCAG 2.2, 1.4.3: text needs 4.5 to 1, large text 3 to 1. Colours are painted on a canvas to be read as sRGB.
FAINT_TEXT = """() => {
    const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
    const paint = (colour) => {
        canvas.clearRect(0, 0, 1, 1);
        canvas.fillStyle = colour;
        canvas.fillRect(0, 0, 1, 1);
        return [...canvas.getImageData(0, 0, 1, 1).data];
    };
    const luminance = ([r, g, b]) => [r, g, b]
        .map((part) => (part /= 255) <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
        .reduce((sum, part, i) => sum + part * [0.2126, 0.7152, 0.0722][i], 0);
    const ground = (element) => {
        for (let at = element; at; at = at.parentElement) {
            const colour = paint(getComputedStyle(at).backgroundColor);
            if (colour[3] === 255) return colour;
        }
        return [255, 255, 255];
    };
    const faint = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
        const element = walker.currentNode.parentElement;
        if (!walker.currentNode.data.trim() || element.closest("script, noscript, .unseen, .skip, option")) continue;
        if (!element.checkVisibility() || element.closest(":disabled")) continue;
        const style = getComputedStyle(element);
        const front = luminance(paint(element.closest("svg") ? style.fill : style.color));
        const back = luminance(ground(element));
        const contrast = (Math.max(front, back) + 0.05) / (Math.min(front, back) + 0.05);
        const size = parseFloat(style.fontSize);
        const large = size >= 24 || (size >= 18.66 && style.fontWeight >= 700);
        if (contrast < (large ? 3 : 4.5)) faint.push([walker.currentNode.data.trim().slice(0, 40), contrast]);
    }
    return faint;
}"""
_TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_text_can_be_read_on_every_page(
    browser: Browser, launched: Launched, paths: dict[str, str], scheme: Any
) -> None:
    found: dict[str, Any] = {}
    async with open_desk(browser, launched, color_scheme=scheme) as desk:
        await desk.sign_in(launched.operator_key)
        for name, path in paths.items():
            await desk.open(path)
            await desk.page.locator("details").evaluate_all("all => all.forEach((part) => { part.open = true; })")
            if faint := await desk.page.evaluate(FAINT_TEXT):
                found[name] = faint
    assert found == {}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desk", "phone"])
async def test_every_page_fits_its_window(
    browser: Browser, launched: Launched, paths: dict[str, str], scheme: Any, viewport: Any
) -> None:
    too_wide: dict[str, int] = {}
    async with open_desk(browser, launched, color_scheme=scheme, viewport=viewport) as desk:
        await desk.open("/dashboard/login")
        await desk.photograph(f"sign-in-{scheme}-{viewport['width']}")
        await desk.sign_in(launched.operator_key)
        for name, path in paths.items():
            await desk.open(path)
            await desk.photograph(f"{name}-{scheme}-{viewport['width']}")
            if (by := await desk.page.evaluate(_TOO_WIDE)) > 0:
                too_wide[name] = by
    assert too_wide == {}


async def test_the_pages_follow_the_systems_scheme(browser: Browser, launched: Launched) -> None:
    grounds = []
    for scheme in ("light", "dark"):
        async with open_desk(browser, launched, color_scheme=scheme) as desk:
            await desk.open("/dashboard/login")
            grounds.append(await desk.page.evaluate("getComputedStyle(document.body).backgroundColor"))
    assert grounds[0] != grounds[1]


async def test_a_task_comes_into_the_list_by_itself(desk: Desk, launched: Launched) -> None:
    await desk.sign_in(launched.suite.document["api_key"])
    rows = desk.page.locator("tr[data-key]")
    before = await rows.count()
    async with launched.suite.client() as client:
        body = {**json.loads(REVIEW.read_text()), "username": "anna", "password": ""}
        task_id = (await client.post("/task/submit", json=body)).json()["task_id"]
    row = desk.page.locator(f'tr[data-key="task-{task_id}"]')
    await row.get_by_text("completed").wait_for()
    assert await rows.count() == before + 1
    assert await desk.page.locator("#announcer").inner_text() != ""


async def test_a_number_shows_where_it_comes_from(desk: Desk, launched: Launched, paths: dict[str, str]) -> None:
    page = desk.page
    await desk.sign_in(launched.suite.document["api_key"], paths["task"])
    number = page.locator(".figure").filter(has_text="₹1.86 crore").first
    source = number.get_by_role("tooltip")
    assert not await source.is_visible()
    await number.locator("a").focus()
    assert "market_value" in await source.inner_text()
    await desk.photograph("task-source", whole=False)
    await page.keyboard.press("Escape")
    assert not await source.is_visible()
    await page.mouse.move(0, 0)
    await number.hover()
    assert await source.is_visible()


async def test_a_number_leads_to_its_figure(desk: Desk, launched: Launched, paths: dict[str, str]) -> None:
    await desk.sign_in(launched.suite.document["api_key"], paths["task"])
    await desk.page.locator(".figure a").first.click()
    target = desk.page.locator("tr:target")
    await target.wait_for()
    assert "market_value" in await target.inner_text()


async def test_sources_stay_inside_of_a_phones_window(
    browser: Browser, launched: Launched, paths: dict[str, str]
) -> None:
    outside = []
    async with open_desk(browser, launched, viewport=PHONE) as desk:
        await desk.sign_in(launched.suite.document["api_key"], paths["task"])
        for number in await desk.page.locator(".figure").all():
            await number.locator("a").focus()
            box = await number.get_by_role("tooltip").bounding_box()
            if box is None or box["x"] < 0 or box["x"] + box["width"] > PHONE["width"]:
                outside.append(await number.inner_text())
    assert outside == []


async def test_a_filter_applies_as_it_is_chosen(desk: Desk, launched: Launched, paths: dict[str, str]) -> None:
    await desk.sign_in(launched.suite.document["api_key"])
    await desk.page.get_by_label("Kind").select_option("task")
    await desk.page.wait_for_url("**kind=task**")
    keys = await desk.page.locator("tr[data-key]").evaluate_all("rows => rows.map((row) => row.dataset.key)")
    assert keys
    assert all(key.startswith("task-") for key in keys)


async def test_a_page_refreshes_in_place(desk: Desk, launched: Launched) -> None:
    await desk.sign_in(launched.suite.document["api_key"], "/dashboard/workers")
    await desk.page.evaluate(
        """() => { const list = document.querySelector("[data-live] dl"); list.standing = true; list.lang = "de"; }"""
    )
    await desk.page.locator("[data-live] dl[lang]").wait_for(state="detached")
    assert await desk.page.evaluate("""document.querySelector("[data-live] dl").standing""")
