"""The try-it page, as a person who never saw the suite uses it."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.browser.conftest import Desk, Launched

if TYPE_CHECKING:
    from playwright.async_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

BROKER = Path(__file__).parents[2] / "examples" / "broker"
# What the page promises: from `make run` to a converted file.
PROMISED_S = 120
HOSTILE_NAME = "<img src=x onerror=alert(1)>.csv"
HOSTILE_CELL = "</td><script>alert(2)</script>"
_DROP = """([input, name, text]) => {
    const files = new DataTransfer();
    files.items.add(new File([text], name, { type: "text/csv" }));
    const area = input.closest("[data-drop]");
    for (const type of ["dragenter", "dragover", "drop"])
        area.dispatchEvent(new DragEvent(type, { dataTransfer: files, bubbles: true, cancelable: true }));
}"""


async def drop(page: Page, label: str, name: str, text: str) -> None:
    """Drops a file on a field, as a mouse would."""
    field = page.get_by_label(label)
    await page.evaluate(_DROP, [await field.element_handle(), name, text])
    await page.get_by_text(f"{name}, ").wait_for()


async def drop_file(page: Page, label: str, path: Path) -> None:
    await drop(page, label, path.name, path.read_bytes().decode("utf-8"))  # noqa: ASYNC240 - a file of two kilobytes


async def test_from_make_run_to_a_converted_file_in_two_minutes(desk: Desk, launched: Launched) -> None:
    page, began_s = desk.page, time.monotonic()
    await desk.sign_in(launched.suite.document["api_key"], "/dashboard/try")
    await drop_file(page, "The file as it comes", BROKER / "statement-2026-09.csv")
    await page.get_by_label("The file as it should be").set_input_files(BROKER / "holdings-2026-09.csv")
    await page.get_by_label("Instructions").fill("Leave out positions that were closed")
    await desk.photograph("try-1-example")
    await page.get_by_role("button", name="Learn the conversion").click()
    await page.get_by_role("progressbar").wait_for()
    await desk.photograph("try-2-learning")
    await page.get_by_text("Learned: the program makes exactly the wanted file").wait_for()
    await desk.photograph("try-3-learned")
    await drop_file(page, "A file like the first one", BROKER / "statement-2026-10.csv")
    await page.get_by_role("button", name="Convert", exact=True).click()
    link = page.get_by_role("link", name="Download the result")
    await link.wait_for()
    async with page.expect_download() as download:
        await link.click()
    converted = await (await download.value).path()
    seconds = launched.launch_s + time.monotonic() - began_s
    await desk.photograph("try-4-converted")
    assert converted.read_text() == (BROKER / "holdings-2026-10.csv").read_text()
    assert seconds < PROMISED_S


async def press_to(page: Page, name: str) -> None:
    """Tabs on until the focus is on a control of this name."""
    for _ in range(40):
        await page.keyboard.press("Tab")
        focused = await page.evaluate("(document.activeElement.labels?.[0] ?? document.activeElement).textContent")
        if focused.strip().startswith(name):
            return
    raise AssertionError(f"{name} was not reached by the keyboard")


async def test_the_keyboard_is_enough(desk: Desk, launched: Launched) -> None:
    page = desk.page
    await desk.open("/dashboard")
    await page.keyboard.type(launched.suite.document["api_key"])
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/dashboard")
    await press_to(page, "Try it")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/dashboard/try")
    await press_to(page, "The file as it comes")
    await press_to(page, "Use sample files")
    await page.keyboard.press("Enter")
    await page.get_by_text("sample-wanted-september.csv, ").wait_for()
    await press_to(page, "Learn the conversion")
    await desk.photograph("try-keyboard", whole=False)
    await page.keyboard.press("Enter")
    await page.get_by_text("Learned: the program makes exactly the wanted file").wait_for()
    await press_to(page, "Use the sample's next month")
    await page.keyboard.press("Enter")
    await page.get_by_text("sample-trades-october.csv, ").wait_for()
    await press_to(page, "Convert")
    await page.keyboard.press("Enter")
    await page.get_by_role("link", name="Download the result").wait_for()
    await press_to(page, "Download the result")
    async with page.expect_download() as download:
        await page.keyboard.press("Enter")
    assert (await download.value).suggested_filename == "output.csv"


async def test_the_focus_can_be_seen(desk: Desk, launched: Launched) -> None:
    await desk.sign_in(launched.suite.document["api_key"], "/dashboard/try")
    unseen = []
    for _ in range(12):
        await desk.page.keyboard.press("Tab")
        outline = await desk.page.evaluate(
            """() => { const style = getComputedStyle(document.activeElement);
            const name = document.activeElement.outerHTML.slice(0, 80);
            return [name, style.outlineStyle, parseFloat(style.outlineWidth)]; }"""
        )
        if outline[1] == "none" or outline[2] < 2:
            unseen.append(outline)
    assert unseen == []


async def test_an_example_that_cannot_be_learned_says_where_it_differs(desk: Desk, launched: Launched) -> None:
    page = desk.page
    await desk.sign_in(launched.suite.document["api_key"], "/dashboard/try")
    await drop(page, "The file as it comes", "in.csv", "a,b\n1,2\n3,4\n5,6\n")
    await drop(page, "The file as it should be", "out.csv", "c\nzq9\nxk2\nvv7\n")
    await page.get_by_role("button", name="Learn the conversion").click()
    await page.get_by_text("Not learned").wait_for(timeout=60_000)
    await desk.photograph("try-not-learned")
    assert await page.get_by_role("heading", name="Where it differs").count() == 1
    await page.get_by_label("Say more about it").fill("c is a made-up code")
    await page.get_by_role("button", name="Learn again").click()
    await page.get_by_role("progressbar").wait_for()
    await page.get_by_text("Not learned").wait_for(timeout=60_000)
    await page.get_by_role("link", name="All about this training").click()
    assert await page.locator("dt", has_text="Generation").locator("+ dd").inner_text() == "2"


async def test_a_file_that_is_no_table_says_why(desk: Desk, launched: Launched) -> None:
    page = desk.page
    await desk.sign_in(launched.suite.document["api_key"], "/dashboard/try")
    await drop(page, "The file as it comes", "in.csv", " ")
    await drop(page, "The file as it should be", "out.csv", "c\n1\n")
    await page.get_by_role("button", name="Learn the conversion").click()
    await page.locator(".badge.bad").wait_for()
    await desk.photograph("try-no-table")
    assert await page.locator(".problem:visible").inner_text() != ""


async def test_hostile_names_and_cells_stay_text(desk: Desk, launched: Launched) -> None:
    page = desk.page
    await desk.sign_in(launched.suite.document["api_key"], "/dashboard/try")
    rows = "".join(f'"{HOSTILE_CELL}{n}",{n}\n' for n in range(1, 6))
    await drop(page, "The file as it comes", HOSTILE_NAME, f'"{HOSTILE_CELL}",n\n{rows}')
    await drop(page, "The file as it should be", HOSTILE_NAME.replace("1", "3"), f'"{HOSTILE_CELL}"\n' + "".join(
        f'"{HOSTILE_CELL}{n}"\n' for n in range(1, 6)
    ))  # fmt: skip
    await page.get_by_role("button", name="Learn the conversion").click()
    await page.get_by_text("Learned: the program makes exactly the wanted file").wait_for()
    await desk.photograph("try-hostile")
    assert await page.get_by_role("heading", name=HOSTILE_NAME).count() == 1
    assert await page.get_by_role("cell", name=f"{HOSTILE_CELL}1").count() == 2
    await desk.open("/dashboard")
    assert await page.get_by_role("link", name=HOSTILE_NAME).count() == 1
