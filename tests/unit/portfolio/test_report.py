"""The report that an adviser hands to a client: what stands in it, in the request's style, and where it comes from."""

import json
import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.portfolio.adapters.brand_files import load_brand, load_brands
from services.portfolio.domain.errors import CatalogueError
from services.portfolio.domain.formats import make_style
from services.portfolio.domain.number_words import Unit
from services.portfolio.domain.reading import Context
from services.portfolio.domain.rendering import render_task
from services.portfolio.domain.report import render_report
from services.portfolio.domain.report.brand import MAX_LOGO_BYTES, PAPER, Brand, BrandError, Brands, contrast, read_logo
from services.portfolio.domain.report.glossary import find_terms
from services.portfolio.domain.report.markup import write_fact
from services.portfolio.domain.report.stylesheet import quote
from services.portfolio.domain.report.suitability import list_tests
from services.portfolio.domain.sections import Catalogue, Detected, detect
from services.portfolio.domain.task import analyse_section, assemble, fail_undetected
from tests.support.portfolio_payloads import make_payload

REVIEW = json.loads((Path(__file__).parents[3] / "examples" / "portfolio" / "review.json").read_text())["data"]
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="M0 0 L9 9" fill="url(#g)"/></svg>'
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x40\x00\x00\x00\x20\x08\x06\x00\x00\x00"
Result = dict[str, Any]


async def analyse(payloads: list[Any], catalogue: Catalogue, locale: str = "en_IN") -> Result:
    style = make_style(locale)
    results = [
        await analyse_section(found, catalogue, style=style, context=Context(locale=locale))
        if isinstance(found, Detected)
        else fail_undetected(found)
        for found in detect(payloads, catalogue.sections)
    ]
    return render_task(assemble(results, style=style))


class Page(HTMLParser):
    """A page's text by element, and its figures with what they are marked as."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.figures: list[tuple[str, str]] = []
        self.headings: list[str] = []
        self.words: list[str] = []
        self._open: list[tuple[str, str | None]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in {"meta", "img", "br", "rect", "line", "polyline", "circle"} or tag in {"polyline", "rect"}:
            self._open.append((tag, dict(attrs).get("data-fact")))

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open[-1][0] != tag:
            self._open.pop()
        if self._open:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        inside = [tag for tag, _ in self._open]
        if "style" in inside:
            return
        if inside and inside[-1] in {"h2", "h3"}:
            self.headings.append(data)
        if self._open and (fact := self._open[-1][1]):
            self.figures.append((fact, data))
        self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(self.words)


def find_fact(result: Result, source: str) -> Mapping[str, Any]:
    key, _, fact_id = source.partition("/")
    return next(fact for fact in result["data"][key]["facts"] if fact["id"] == fact_id)


async def test_the_first_page_says_whose_report_it_is_and_of_when(catalogue: Catalogue) -> None:
    page = Page(render_report(await analyse(REVIEW, catalogue), prepared=date(2026, 4, 14)))
    cover = page.text.split("Key figures")[0]
    for words in ("Meera Raghavan", "Moderate", "31 March 2026", "the quarter to 31 March 2026", "14 April 2026"):
        assert words in cover


async def test_chapters_come_in_the_order_of_a_conversation(catalogue: Catalogue) -> None:
    headings = Page(render_report(await analyse(REVIEW, catalogue))).headings
    wanted = ["Key figures", "What matters most", "Suitability", "What changed", "What is held", "Against the model",
              "To decide together", "Glossary", "Appendix: where the figures come from", "Please note"]  # fmt: skip
    assert [heading for heading in headings if heading in wanted] == wanted


@pytest.mark.parametrize("seed", range(0, 60, 3))
async def test_every_marked_figure_is_a_fact_of_the_analysis(seed: int, catalogue: Catalogue) -> None:
    result = await analyse([make_payload(seed)], catalogue, "en_GB")
    style = make_style("en_GB")
    for source, printed in Page(render_report(result, locale="en_GB")).figures:
        fact = find_fact(result, source)
        key = source.partition("/")[0]
        forms = [Page(write_fact(key, fact, style, in_full=full, signed=signed)).text
                 for full, signed in ((True, False), (False, False), (False, True))]  # fmt: skip
        assert printed in forms


@pytest.mark.parametrize("seed", range(0, 60, 3))
async def test_no_number_stands_in_the_report_that_the_analysis_does_not_hold(seed: int, catalogue: Catalogue) -> None:
    """What is neither a marked figure, nor the analysis' own words, nor in a chart, has no digits."""
    result = await analyse([make_payload(seed)], catalogue, "en_GB")
    page = re.sub(
        r"<(style|svg|span class=.figure)\b.*?</(style|svg|span)>",
        " ",
        render_report(result, locale="en_GB"),
        flags=re.DOTALL,
    )
    known = json.dumps(result, ensure_ascii=False)
    numbers = set(re.findall(r"\d[\d.,]*\d|\d", Page(page).text.split("Glossary")[0]))
    spoken = set(re.findall(r"\d[\d.,]*\d|\d", known.replace("\\n", "\n")))
    days = {
        part
        for day in re.findall(r"\d{4}-\d{2}-\d{2}", known)
        for part in make_style("en_GB").day(date.fromisoformat(day)).split()
    }
    assert numbers - spoken - days == set()


LOCALES = {
    "en_US": ("letter", "$1,862,400.50", "March 31, 2026"),
    "en_GB": ("A4", "US$1,862,400.50", "31 March 2026"),
    "en_IN": ("A4", "$1,862,400.50", "31 March 2026"),
    "de_DE": ("A4", "$1.862.400,50", "31 March 2026"),
    "fr_FR": ("A4", "$US 1\u202f862\u202f400,50", "31 March 2026"),
}


@pytest.mark.parametrize("locale", LOCALES)
async def test_paper_figures_and_days_follow_the_locale(locale: str, catalogue: Catalogue) -> None:
    payload = {"Market Value": "USD 1862400.50", "Investment Value": "USD 1420000", "Top Asset": "Equity (62.4%)",
               "As Of": "2026-03-31"}  # fmt: skip
    report = render_report(await analyse([payload], catalogue, locale), locale=locale)
    paper, amount, day = LOCALES[locale]
    assert f"@page{{size:{paper};" in report
    text = Page(report).text
    assert amount in text
    assert day in text
    assert not re.search(r"\d{4}-\d{2}-\d{2}", text)


async def test_what_two_sections_say_differently_is_written_in_the_locale(catalogue: Catalogue) -> None:
    snapshot = {
        "Market Value": "2.000.000",
        "Investment Value": "1.000.000",
        "Top Asset": "Equity (60%)",
        "Currency": "EUR",
    }
    holdings = {"holdings": [{"name": "A", "market_value": "1.500.000"}], "Currency": "EUR"}
    result = await analyse([snapshot, holdings], catalogue, "de_DE")
    (conflict,) = result["conflicts"]
    assert "€2.000.000" in conflict["message"]
    assert "€1.500.000" in conflict["message"]


async def test_actions_stand_once_and_in_their_own_chapter(catalogue: Catalogue) -> None:
    report = render_report(await analyse(REVIEW, catalogue))
    action = "Test the case for Infosys against its latest results before adding to it or selling."
    assert report.count(action) == 1
    assert report.index("To decide together") < report.index(action)


async def test_what_a_profile_does_not_bear_is_named_in_the_box(catalogue: Catalogue) -> None:
    review = [{**payload} for payload in REVIEW]
    review[2]["customer_risk_profile"] = "Conservative"
    tests = list_tests((await analyse(review, catalogue))["data"])
    assert {(test.what, test.verdict) for test in tests} == {
        ("Equity of the portfolio", "above"), ("Equity of the model", "above"),
    }  # fmt: skip


async def test_holdings_are_tested_against_the_profile_that_is_sent_with_them(catalogue: Catalogue) -> None:
    rows = [{"name": "World Fund", "asset_class": "Equity", "market_value": 20},
            {"name": "Bund", "asset_class": "Bond", "market_value": 80}]  # fmt: skip
    tests = list_tests((await analyse([{"holdings": rows, "Risk Profile": "Growth"}], catalogue))["data"])
    assert ("Equity of the portfolio", "below") in {(test.what, test.verdict) for test in tests}


async def test_without_a_profile_the_report_says_that_suitability_was_not_tested(catalogue: Catalogue) -> None:
    payload = {"Market Value": "100", "Investment Value": "90", "Top Asset": "Equity (60%)"}
    assert "No risk profile was sent" in Page(render_report(await analyse([payload], catalogue))).text


def test_the_glossary_explains_what_stands_there_and_nothing_else() -> None:
    terms = {term for term, _ in find_terms("The drawdown was deep; beta is 0.9. An alphabet, a betamax.")}
    assert terms == {"Beta", "Drawdown"}


async def test_an_assets_name_is_no_term(catalogue: Catalogue) -> None:
    payload = {"holdings": [{"name": "Alpha Beta Duration Fund", "market_value": 5}]}
    glossary = (
        Page(render_report(await analyse([payload], catalogue))).text.partition("Glossary")[2].partition("Appendix")[0]
    )
    assert not {"Alpha", "Beta", "Duration"} & set(glossary.split())


async def test_the_appendix_says_how_each_figure_was_had(catalogue: Catalogue) -> None:
    result = await analyse(REVIEW, catalogue)
    appendix = render_report(result).partition("where the figures come from")[2]
    listed = {source for source, _ in Page(appendix).figures}
    assert listed == {f"{key}/{fact['id']}" for key, section in result["data"].items() for fact in section["facts"]}
    assert "(market value - cost) / cost" in Page(appendix).text


def test_what_a_model_wrote_without_support_is_named_beside_its_text() -> None:
    grounding = {"claims": 1, "grounded": 0, "unsupported": [{"text": "40%", "why": "no such figure", "value": "40"}]}
    section = {"section": "holdings", "response": "It is 40% gold.", "provider": "openai", "grounding": grounding}
    text = Page(render_report({"data": {"holdings": section}})).text
    assert text.index("Not supported by the figures") < text.index("Appendix")


@pytest.mark.parametrize(
    "name", ["</style><script>alert(1)</script>", '"} body{display:none} "', "<img src=x onerror=1>"]
)
def test_a_hostile_brand_stays_text(name: str) -> None:
    report = render_report({"data": {}}, name, brand=Brand(name))
    assert "<script" not in report
    assert "<img" not in report
    assert report.count("</style>") == 1
    assert "body{display:none}" not in report.partition("<style>")[2].partition("</style>")[0]


@given(st.text(max_size=60))
def test_a_css_string_ends_only_where_it_should(text: str) -> None:
    written = quote(text)
    assert not re.search(r'["\n<>{}\f\r]', written[1:-1])
    assert re.sub(r"\\([0-9a-f]+) ", lambda m: chr(int(m[1], 16)), written[1:-1]) == text


@given(st.from_regex(r"#[0-9a-f]{6}", fullmatch=True))
def test_text_in_any_brands_colour_can_be_read(colour: str) -> None:
    brand = Brand("Any", colour)
    assert contrast(brand.on_paper, PAPER) >= 4.5
    assert contrast(brand.on_colour, colour) >= 4.5


@pytest.mark.parametrize("colour", ["red", "#fff", "#12345g", "#123456;}", ""])
def test_a_colour_that_is_none_is_refused(colour: str) -> None:
    with pytest.raises(BrandError, match="colour"):
        Brand("Any", colour)


def test_a_logo_is_part_of_the_page() -> None:
    report = render_report({"data": {}}, brand=Brand("Any", logo=read_logo(PNG)))
    assert re.findall(r'<img[^>]* src="([^"]{22})', report) == ["data:image/png;base64,"]
    assert "img-src data:" in report


HOSTILE_LOGOS: dict[str, bytes] = {
    "script": SVG.replace(b"<path", b"<script>alert(1)</script><path"),
    "handler": SVG.replace(b"<path", b'<path onload="alert(1)"'),
    "foreign": SVG.replace(b"<path", b"<foreignObject/><path"),
    "image": SVG.replace(b"<path", b'<image href="https://example.com/x.png"/><path'),
    "style element": SVG.replace(b"<path", b"<style>@import url(x)</style><path"),
    "load in a fill": SVG.replace(b"url(#g)", b"url(https://example.com/x)"),
    "load in a style": SVG.replace(b'fill="url(#g)"', b'style="fill:ur\\6c(x)"'),
    "animation": SVG.replace(b"<path", b'<set attributeName="href" to="javascript:1"/><path'),
    "entities": b'<!DOCTYPE svg [<!ENTITY a "b">]>' + SVG,
    "stylesheet": b'<?xml-stylesheet href="https://example.com/x.css"?>' + SVG,
    "page": b"<html><body/></html>",
    "text": b"GIF89a",
    "bytes": b"\xff\xfe\x00",
    "no size": PNG[:16],
    "endless": PNG[:16] + b"\x7f\xff\xff\xff" * 2,
    "large": SVG + b" " * MAX_LOGO_BYTES,
}


@pytest.mark.parametrize("name", HOSTILE_LOGOS)
def test_a_logo_that_is_more_than_a_picture_is_refused(name: str) -> None:
    with pytest.raises(BrandError, match="logo"):
        read_logo(HOSTILE_LOGOS[name])


@pytest.mark.parametrize(("content", "kind"), [(SVG, "image/svg+xml"), (PNG, "image/png")])
def test_logos_are_told_by_their_content(content: bytes, kind: str) -> None:
    assert read_logo(content).media_type == kind


def test_tenants_have_their_own_brands(tmp_path: Path) -> None:
    (tmp_path / "logo.svg").write_bytes(SVG)
    file = tmp_path / "brands.yaml"
    file.write_text('acme:\n  name: Acme\n  logo: logo.svg\n"*":\n  name: House\n')
    brands = load_brands(file)
    assert (brands.find("acme").name, brands.find("other").name) == ("Acme", "House")
    assert brands.find("acme").logo is not None


def test_without_a_file_reports_are_plain() -> None:
    assert load_brands(None).find("acme") == Brands({}).find("acme") == Brand()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("acme:\n  name: Acme\n  colour: red\n", "brands.yaml, line 3: colour"),
        ("acme:\n  logo: none.svg\n", "brands.yaml, line 2: logo"),
        ("acme:\n  slogan: no\n", "brands.yaml, line 2"),
    ],
)
def test_a_brand_that_cannot_be_used_names_its_line(text: str, says: str, tmp_path: Path) -> None:
    file = tmp_path / "brands.yaml"
    file.write_text(text)
    with pytest.raises(CatalogueError, match=re.escape(says)):
        load_brands(file)


def test_one_brand_is_a_file_of_its_own_for_the_command(tmp_path: Path) -> None:
    file = tmp_path / "brand.yaml"
    file.write_text('name: Acme\ncolour: "#0b5d4e"\n')
    assert load_brand(file) == Brand("Acme", "#0b5d4e")


def test_the_firms_own_disclaimer_stands_in_place_of_the_shipped_one() -> None:
    text = Page(render_report({"data": {}}, brand=Brand(disclaimer="Regulated by nobody."))).text
    assert "Regulated by nobody." in text
    assert "Past returns" not in text


@pytest.mark.parametrize(("value", "printed"), [("-0.0024", "-0.0024 pp"), ("0", "0 pp"), ("-3.724", "-3.72 pp")])
def test_what_is_not_zero_is_not_printed_as_zero(value: str, printed: str) -> None:
    assert make_style("en_GB").value(Decimal(value), Unit.POINTS) == printed
