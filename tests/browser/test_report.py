"""The report as it is printed: pages counted, texts measured by the browser itself, and pictures to look at."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from services.portfolio.adapters.sections_file import load_catalogue
from services.portfolio.domain.formats import make_style
from services.portfolio.domain.reading import Context
from services.portfolio.domain.rendering import render_task
from services.portfolio.domain.report import render_report
from services.portfolio.domain.report.brand import Brand, read_logo
from services.portfolio.domain.sections import Detected, detect
from services.portfolio.domain.task import analyse_section, assemble
from tests.browser.conftest import PICTURES
from tests.browser.test_pages import FAINT_TEXT
from tests.support.report_payloads import KINDS

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

# An A4 page less its margins, at the 96 dots an inch of CSS.
PAPER = {"width": 680, "height": 980}
MOST_PAGES = 4
LOGO = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 80 30"><circle cx="15" cy="15" r="12" fill="#0a6"/></svg>'
# Yellow, which white text on it could not be read on, nor itself on white.
BRAND = Brand("Harbour & Vale", "#f2c200", read_logo(LOGO))
_COVERED = """() => [...document.querySelectorAll("svg")].flatMap((svg) => {
    const texts = [...svg.querySelectorAll("text")].map((text) => [text.textContent, text.getBoundingClientRect()]);
    const frame = svg.getBoundingClientRect();
    const meet = (a, b, from, to, by) => a[from] < b[to] - by && b[from] < a[to] - by;
    const covers = (a, b) => meet(a, b, "left", "right", 1) && meet(a, b, "top", "bottom", 2);
    const found = texts.filter(([, box]) => box.left < frame.left - 1 || box.right > frame.right + 1);
    texts.forEach(([one, a], i) => texts.slice(i + 1).forEach(([other, b]) => {
        if (covers(a, b)) found.push([one, other]);
    }));
    return found.map((pair) => String(pair[0]));
})"""
_SPLIT = """() => [...document.querySelectorAll("figure, tr, .tile, .box")]
    .filter((part) => getComputedStyle(part).breakInside !== "avoid").map((part) => part.outerHTML.slice(0, 60))"""


async def make_report(kind: str, brand: Brand | None = None) -> str:
    locale, make = KINDS[kind]
    catalogue, style = load_catalogue(), make_style(locale)
    results = [
        await analyse_section(found, catalogue, style=style, context=Context(locale=locale))
        for found in detect(make(), catalogue.sections)
        if isinstance(found, Detected)
    ]
    return render_report(
        render_task(assemble(results, style=style)), "Portfolio review", locale, brand, prepared=date(2026, 4, 14)
    )


async def open_report(browser: Browser, report: str) -> tuple[Page, list[str]]:
    """The page as it would be printed, and every address that it asked for."""
    page = await browser.new_page(viewport=PAPER)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: asked.append(message.text))
    await page.set_content(report)
    await page.emulate_media(media="print")
    return page, asked


async def print_pages(page: Page, path: Path | None = None) -> tuple[int, set[tuple[int, int]]]:
    """How many pages a PDF of it has, and their sizes in points."""
    pdf = await page.pdf(prefer_css_page_size=True, print_background=True, path=path)
    sizes = re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", pdf)
    return len(re.findall(rb"/Type /Page\b", pdf)), {
        (round(float(width)), round(float(height))) for width, height in sizes
    }


@pytest.mark.parametrize("kind", KINDS)
async def test_what_the_client_reads_is_at_most_four_pages(kind: str, browser: Browser) -> None:
    page, _ = await open_report(browser, await make_report(kind))
    PICTURES.mkdir(parents=True, exist_ok=True)
    await page.screenshot(path=PICTURES / f"report-{kind}.png", full_page=True)
    whole, sizes = await print_pages(page, PICTURES / f"report-{kind}.pdf")
    await page.evaluate("document.querySelector('.appendix').remove()")
    pages, _ = await print_pages(page)
    await page.close()
    assert sizes == ({(612, 792)} if KINDS[kind][0] == "en_US" else {(595, 842)})
    assert 1 <= pages <= MOST_PAGES
    assert whole > pages


@pytest.mark.parametrize("kind", KINDS)
async def test_no_text_of_a_chart_covers_another_in_the_browser(kind: str, browser: Browser) -> None:
    page, _ = await open_report(browser, await make_report(kind))
    covered = await page.evaluate(_COVERED)
    await page.close()
    assert covered == []


async def test_charts_rows_and_boxes_are_not_split_and_heads_are_repeated(browser: Browser) -> None:
    page, _ = await open_report(browser, await make_report("many"))
    split = await page.evaluate(_SPLIT)
    heads: Any = await page.evaluate("[...document.querySelectorAll('thead')].map((x) => getComputedStyle(x).display)")
    await page.close()
    assert split == []
    assert set(heads) == {"table-header-group"}


@pytest.mark.parametrize("brand", [None, BRAND], ids=["plain", "branded"])
async def test_all_text_can_be_read(brand: Brand | None, browser: Browser) -> None:
    page, _ = await open_report(browser, await make_report("losses", brand))
    await page.screenshot(path=PICTURES / f"report-{'branded' if brand else 'plain'}.png", full_page=True)
    faint = await page.evaluate(FAINT_TEXT)
    await page.close()
    assert faint == []


async def test_a_logo_is_shown_and_nothing_is_fetched(browser: Browser) -> None:
    page, asked = await open_report(browser, await make_report("small", BRAND))
    width = await page.locator("img.logo").evaluate("(image) => image.decode().then(() => image.naturalWidth)")
    await page.close()
    assert width > 0
    assert [address for address in asked if not address.startswith("data:")] == []
