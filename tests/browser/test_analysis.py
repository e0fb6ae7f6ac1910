"""The page to analyse a portfolio on, as a person who has a CSV uses it."""

from __future__ import annotations

import pytest

from tests.browser.conftest import Desk, Launched
from tests.browser.test_trial import drop, press_to

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

HOLDINGS = "Scheme Name,Category,Current Value,Invested Amount\nAlpha Fund,Equity,120000,100000\n"


async def test_a_sample_is_analysed_by_keyboard_alone(desk: Desk, launched: Launched) -> None:
    page = desk.page
    await desk.sign_in(launched.suite.document["api_key"], "/dashboard/analyse")
    await press_to(page, "Use a sample")
    await page.keyboard.press("Enter")
    await page.get_by_text("sample-holdings.csv, ").wait_for()
    await desk.photograph("analyse-1-sample")
    await press_to(page, "Analyse")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/dashboard/tasks/*")
    await page.get_by_role("link", name="Printable report").wait_for()
    await desk.photograph("analyse-2-done")
    assert await page.locator(".narrative").count() > 0


async def test_a_dropped_file_fills_the_field(desk: Desk, launched: Launched) -> None:
    await desk.sign_in(launched.suite.document["api_key"], "/dashboard/analyse")
    await drop(desk.page, "A file", "holdings.csv", HOLDINGS)
    assert await desk.page.get_by_label("The payload or CSV").input_value() == HOLDINGS


async def test_what_cannot_be_analysed_says_why_and_keeps_the_text(desk: Desk, launched: Launched) -> None:
    page = desk.page
    await desk.sign_in(launched.suite.document["api_key"], "/dashboard/analyse")
    await page.get_by_label("The payload or CSV").fill('{"data": ')
    await page.get_by_role("button", name="Analyse", exact=True).click()
    await page.locator(".problem:visible").wait_for()
    await desk.photograph("analyse-3-refused")
    desk.faults.clear()  # the browser notes every answer of 4xx
    assert "JSON" in await page.locator(".problem:visible").inner_text()
    assert await page.get_by_label("The payload or CSV").input_value() == '{"data": '
