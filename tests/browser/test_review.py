"""A conversion's review and a training's teaching in a real browser, by keyboard alone."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.conftest import DESKTOP, PHONE, Desk, Launched, open_desk
from tests.browser.test_trial import drop
from tests.support.eventually import eventually

if TYPE_CHECKING:
    from playwright.async_api import Browser, Locator, Page

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

GIVEN = "day,type,name\n1,Kauf,Acme\n2,Verkauf,Beta\n3,Kauf,Gamma\n4,Verkauf,Acme\n5,Kauf,Delta\n6,Kauf,Acme\n"
WANTED = "when,action,title\n1,BUY,Acme\n2,SELL,Beta\n3,BUY,Gamma\n4,SELL,Acme\n5,BUY,Delta\n6,BUY,Acme\n"
MARCH = "day,type,name\n7,Kauf,Acme\n8,Sparplan,Beta\n9,Verkauf,Beta\n"
HOSTILE = "</td><script>alert(2)</script>"
APRIL = "day,type,name\n" + "".join(
    f"{day},{kind},{name}\n"
    for day, kind, name in [
        *((day, "Kauf", "Acme") for day in range(1, 9)),
        (9, "Sparplan", "Eta"),
        *((day, "Verkauf", "Beta") for day in range(10, 18)),
        (18, "Storno", '"A very long name, ' + "which goes on and on " * 12 + '"'),
        (19, "Kauf", HOSTILE),
        (20, HOSTILE, "Zeta"),
        (21, "Kauf", "Acme"),
    ]
)
# Thirty columns, of which some are flagged.
NAMES = [f"Column {number} of many" for number in range(1, 31)]


def make_wide(kinds: str) -> str:
    rows = [[f"v{row}-{place}" for place in range(28)] for row in range(len(kinds))]
    return (
        "\n".join(
            [
                ",".join(NAMES),
                *(",".join([str(n), kind, *row]) for n, (kind, row) in enumerate(zip(kinds, rows, strict=True), 1)),
            ]
        )
        + "\n"
    )


def inline(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


@dataclass
class Work:
    """A training of Anna's and a conversion by it, made for one test."""

    client: Any
    training: str
    conversion: str = ""

    @property
    def review(self) -> str:
        return f"/dashboard/jobs/anna/{self.conversion}/review"

    @property
    def teach(self) -> str:
        return f"/dashboard/jobs/anna/{self.training}/teach"

    async def until_over(self, job_id: str) -> None:
        async def is_over() -> bool:
            return (await self.client.get(f"/api/v1/anna/{job_id}")).json()["status"] in {"completed", "failed"}

        await eventually(is_over, within_s=60, every_s=0.1)

    async def convert(self, text: str) -> str:
        body = {"user_id": "anna", "job_id": self.training, "input_file": inline(text)}
        job_id: str = (await self.client.post("/api/v1/inference/run?wait=30", json=body)).json()["job_id"]
        await self.until_over(job_id)
        return job_id


async def make_work(client: Any, text: str = APRIL, given: str = GIVEN, wanted: str = WANTED, **fields: Any) -> Work:
    body = {
        "user_id": "anna",
        "owner": "Anna Meier",
        "job_title": "Savings bank to ledger",
        "input_file": inline(given),
        "expected_output_file": inline(wanted),
        **fields,
    }
    work = Work(client, (await client.post("/api/v1/train", json=body)).json()["job_id"])
    await work.until_over(work.training)
    if text:
        work.conversion = await work.convert(text)
    return work


async def focused(page: Page) -> str:
    """The name of the field that has the focus."""
    name: str = await page.evaluate("document.activeElement.labels?.[0]?.textContent ?? document.activeElement.id")
    return name


def cell(page: Page, words: str) -> Locator:
    return page.get_by_label(words, exact=False).and_(page.locator("[data-value]"))


async def test_a_file_is_reviewed_and_taught_by_keyboard_alone(desk: Desk, launched: Launched) -> None:
    page = desk.page
    async with launched.suite.client() as client:
        work = await make_work(client)
        await desk.sign_in(launched.operator_key, work.review)
        await desk.photograph("review-1-flagged")
        await cell(page, "action, row 9").focus()
        await page.keyboard.press("ArrowDown")
        assert "row 18" in await focused(page)
        await page.keyboard.press("ArrowUp")
        await page.keyboard.press("Enter")
        await page.keyboard.type("PLAN")
        await page.keyboard.press("Enter")
        await page.keyboard.press("ArrowDown")
        await page.keyboard.press("d")
        await desk.photograph("review-2-decided")
        assert await page.locator("[data-tally]").inner_text() == "2 decisions"
        await page.keyboard.press("r")
        await page.wait_for_url("**/teach?of=*")
        await page.get_by_role("heading", name="What changes").wait_for()
        await desk.photograph("review-3-learned")
        again = await work.convert("day,type,name\n1,Sparplan,Nu\n")
        serve = page.get_by_role("button", name="Put the new program in service")
        if await serve.count():
            await serve.focus()
            await page.keyboard.press("Enter")
            await page.get_by_text("is in service", exact=False).first.wait_for()
            again = await work.convert("day,type,name\n1,Sparplan,Nu\n")
        output = (await client.get(f"/api/v1/anna/{again}/output")).text
    assert output == "when,action,title\n1,PLAN,Nu\n"


async def test_a_question_is_answered_by_a_digit(desk: Desk, launched: Launched) -> None:
    page = desk.page
    async with launched.suite.client() as client:
        work = await make_work(client, "", samples={"march": inline(MARCH)})
        await desk.sign_in(launched.operator_key, work.teach)
        await desk.photograph("teach-1-question")
        answers = page.locator(".answer")
        picked = await answers.nth(1).locator("strong").inner_text()
        await answers.first.focus()
        await page.keyboard.press("2")
        await page.get_by_text("Nothing is open that a question could settle").wait_for()
        await desk.photograph("teach-2-answered")
        lesson = await page.locator("#lessons + ol").inner_text()
    assert picked in lesson
    assert "Row 2 of march" in lesson


async def test_questions_are_asked_one_at_a_time_by_keyboard_alone(desk: Desk, launched: Launched) -> None:
    page = desk.page
    sample = MARCH + "10,Steuer,Acme\n11,Sparplan,Eta\n"
    async with launched.suite.client() as client:
        work = await make_work(client, "", samples={"march": inline(sample)})
        await desk.sign_in(launched.operator_key, work.teach)
        asked = page.locator(".asked").first
        assert "Sparplan" in await asked.inner_text()
        assert await page.get_by_text("1 more is open so far").count() == 1
        await desk.photograph("teach-4-one-of-two")
        await page.locator(".answer").first.focus()
        await page.keyboard.press("2")
        # What was learned is on the page, with the next question under the keys.
        await page.locator(".answer:focus").wait_for()
        assert "Steuer" in await asked.inner_text()
        unknown = page.get_by_role("button", name="I do not know")
        place = (await unknown.locator("kbd").inner_text()).strip()
        await desk.photograph("teach-5-the-next")
        await page.keyboard.press(place)
        await page.get_by_text("Nothing is open that a question could settle").wait_for()
        await desk.photograph("teach-6-left-open")
        lessons = await page.locator("#lessons + ol").inner_text()
    assert "stays flagged: nobody knows" in lessons


async def test_a_refused_lesson_says_why_and_leaves_the_program(desk: Desk, launched: Launched) -> None:
    page = desk.page
    async with launched.suite.client() as client:
        work = await make_work(client, GIVEN)
        await desk.sign_in(launched.operator_key, work.review)
        await page.get_by_role("button", name="Correct other cells of row 1", exact=True).click()
        await page.locator("[data-value][readonly]:focus").wait_for()
        await page.keyboard.press("ArrowRight")
        assert (await focused(page)).startswith("action, row 1")
        await page.keyboard.press("Enter")
        await page.keyboard.type("SELL")
        await page.keyboard.press("Enter")
        await page.keyboard.press("r")
        await page.get_by_text("Nothing new was learned").wait_for()
        await desk.photograph("teach-3-refused")
        assert "row 1 of the example has" in await page.locator(".problem").inner_text()
    assert await page.get_by_role("link", name="Back to the review").count() == 1


async def test_what_is_hostile_in_a_file_stays_text(desk: Desk, launched: Launched) -> None:
    async with launched.suite.client() as client:
        work = await make_work(client)
    await desk.sign_in(launched.operator_key, work.review + "?show=all")
    assert await desk.page.get_by_role("cell", name=HOSTILE).count() >= 1


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desk", "phone"])
async def test_thirty_columns_fit_the_window(browser: Browser, launched: Launched, scheme: Any, viewport: Any) -> None:
    wanted = make_wide("ABABAB")
    async with launched.suite.client() as client:
        work = await make_work(
            client,
            make_wide("ABCABBCA"),
            given=wanted,
            wanted=wanted.replace(",A,", ",Alpha,").replace(",B,", ",Beta,"),
        )
    async with open_desk(browser, launched, color_scheme=scheme, viewport=viewport) as desk:
        await desk.sign_in(launched.operator_key, work.review)
        await desk.photograph(f"review-wide-{scheme}-{viewport['width']}")
        by = await desk.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert by <= 0


async def test_a_row_is_opened_by_keyboard_and_keeps_what_was_written(desk: Desk, launched: Launched) -> None:
    page = desk.page
    async with launched.suite.client() as client:
        work = await make_work(client)
    await desk.sign_in(launched.operator_key, work.review)
    await cell(page, "action, row 9").focus()
    await page.keyboard.press("Enter")
    await page.keyboard.type("PLAN")
    await page.keyboard.press("Enter")
    await page.keyboard.press("e")
    await page.locator("[data-value][readonly]:focus").wait_for()
    await desk.photograph("review-4-opened")
    assert (await focused(page)).startswith("when, row 9")
    assert await cell(page, "action, row 9").input_value() == "PLAN"
    assert await page.locator("[data-tally]").inner_text() == "1 decision"


async def test_all_rows_are_shown_with_those_that_were_left_out(desk: Desk, launched: Launched) -> None:
    page = desk.page
    dropping = WANTED.replace("2,SELL,Beta\n", "").replace("4,SELL,Acme\n", "")
    async with launched.suite.client() as client:
        work = await make_work(client, wanted=dropping)
    await desk.sign_in(launched.operator_key, work.review)
    await page.get_by_role("button", name="All rows", exact=True).focus()
    await page.keyboard.press("Enter")
    await page.get_by_role("heading", name="Rows of the input that are not in the output").wait_for()
    await desk.photograph("review-5-all")
    assert await page.locator(".leftout").count() > 0


async def test_an_uploaded_file_is_converted_again_by_what_was_taught(desk: Desk, launched: Launched) -> None:
    page = desk.page
    await desk.sign_in(launched.operator_key, "/dashboard/try")
    await drop(page, "The file as it comes", "in.csv", GIVEN)
    await drop(page, "The file as it should be", "out.csv", WANTED)
    await page.get_by_role("button", name="Learn the conversion").click()
    await page.get_by_text("Learned: the program makes exactly the wanted file").wait_for()
    await drop(page, "A file like the first one", "march.csv", MARCH)
    await page.get_by_role("button", name="Convert", exact=True).click()
    await page.get_by_role("link", name="Review and teach").click()
    await page.locator("[data-value][readonly]").focus()
    await page.keyboard.press("Enter")
    await page.keyboard.type("PLAN")
    await page.keyboard.press("Enter")
    await page.keyboard.press("r")
    await page.get_by_role("button", name="Convert the file again").click()
    await page.wait_for_url("**/review")
    # It is shown as soon as it is there: the page follows the conversion.
    await page.get_by_role("cell", name="PLAN").wait_for()
    assert await page.get_by_role("button", name="Flagged rows (0)").count() == 1
