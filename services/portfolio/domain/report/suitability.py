"""The box that says whether what is held suits the client: each bound of the profile and each rule, kept or broken."""

from collections.abc import Mapping
from dataclasses import dataclass

from services.portfolio.domain.formats import Style
from services.portfolio.domain.report.canvas import GRID
from services.portfolio.domain.report.markup import Json, escape_text, read_value, write_fact, write_table

_GAUGE_WIDTH, _GAUGE_HEIGHT = 180.0, 14.0
_EQUITY = (("equity_share", "Equity of the portfolio"), ("model_equity_share", "Equity of the model"))
_SHARES = {"illiquid": "illiquid_share", "leverage": "leverage"}


@dataclass(frozen=True, slots=True)
class Test:
    """One bound: what is held against it, its ends (None: open), and whether it is kept."""

    key: str
    what: str
    held: Json
    least: Json | None
    most: Json

    @property
    def verdict(self) -> str:
        """``within``, ``above`` or ``below``."""
        value = read_value(self.held)
        if value > read_value(self.most):
            return "above"
        return "below" if self.least is not None and value < read_value(self.least) else "within"


def list_tests(sections: Mapping[str, Json]) -> list[Test]:
    """Every bound that a profile or a rule sets and for which it is known what is held, each once."""
    found: dict[tuple[str, str, str], Test] = {}
    for key, section in sections.items():
        facts = {str(fact.get("id")): fact for fact in section.get("facts") or []}
        for test in (*_test_profile(key, facts), *_test_rules(key, facts)):
            found.setdefault((test.what, str(test.held.get("value")), str(test.most.get("value"))), test)
    return list(found.values())


def write_suitability(sections: Mapping[str, Json], style: Style) -> str:
    """The box; where no profile is known it says so and why, for a report that is silent on it seems to approve."""
    tests = list_tests(sections)
    profiles = dict.fromkeys(
        str(section["about"]["profile"]) for section in sections.values() if (section.get("about") or {}).get("profile")
    )
    has_profile = any(test.least is not None for test in tests)
    parts = ['<section class="box"><h2>Suitability</h2>']
    if profiles:
        parts.append(f"<p>Risk profile: <strong>{escape_text(', '.join(profiles))}</strong></p>")
    if not has_profile:
        parts.append(f"<p>{_explain_absence(sections, named=bool(profiles))}</p>")
    broken = any(test.verdict != "within" for test in tests)
    if tests:
        said = (
            "Everything tested is within its bounds." if not broken else "Some bounds are not kept; they stand first."
        )
        parts.append(f"<p>{said}</p>")
    rows = [_write_row(test, style) for test in sorted(tests, key=lambda test: test.verdict == "within")]
    parts.append(write_table(("What", "Held", "Allowed", "", "Verdict"), rows, (1, 2)))
    return "".join([*parts, "</section>"])


def _test_profile(key: str, facts: Mapping[str, Json]) -> list[Test]:
    tests = []
    least, most = facts.get("profile_min"), facts.get("profile_max")
    if least is not None and most is not None:
        tests = [Test(key, what, facts[name], least, most) for name, what in _EQUITY if name in facts]
    for name, limit in facts.items():
        if name.startswith("profile_limit."):
            part = name.removeprefix("profile_limit.")
            held = facts.get(_SHARES.get(part, f"class_share.{part}"))
            if held is not None:
                subject = str(limit.get("subject") or part.replace("_", " "))
                tests.append(Test(key, subject[:1].upper() + subject[1:], held, None, limit))
    return tests


def _test_rules(key: str, facts: Mapping[str, Json]) -> list[Test]:
    """The rules that are broken; the limit of a rule is one fact for all that it bounds."""
    tests = []
    for name, fact in facts.items():
        if not name.startswith("excess."):
            continue
        rule, _, part = name.removeprefix("excess.").partition(".")
        group = "position" if rule == "single_name" else rule
        held = facts.get(f"weight.{group}.{part}") or facts.get({"top_five": "top_5"}.get(rule, rule))
        limit = facts.get(f"limit.{rule}")
        if held is not None and limit is not None:
            what = f"{fact.get('subject')} ({rule.replace('_', ' ')})" if part else str(held.get("label")).capitalize()
            tests.append(Test(key, what, held, None, limit))
    return tests


def _explain_absence(sections: Mapping[str, Json], *, named: bool) -> str:
    reasons = dict.fromkeys(
        str(item.get("reason"))
        for section in sections.values()
        for item in section.get("absent") or []
        if item.get("id") in {"profile_range", "equity_share"}
    )
    if named:
        why = f": {'; '.join(reasons)}" if reasons else ""
        return escape_text(f"What is held could not be tested against the profile{why}.")
    return "No risk profile was sent, so it was not tested whether what is held suits the client."


def _write_row(test: Test, style: Style) -> tuple[str, ...]:
    most = write_fact(test.key, test.most, style)
    allowed = f"up to {most}" if test.least is None else f"{write_fact(test.key, test.least, style)} to {most}"
    kind = "kept" if test.verdict == "within" else "broken"
    return (
        escape_text(test.what), write_fact(test.key, test.held, style), allowed, _draw_gauge(test),
        f'<strong class="{kind}">{test.verdict}</strong>',
    )  # fmt: skip


def _draw_gauge(test: Test) -> str:
    """The bounds as a band from zero to the whole, and what is held as a mark on it."""
    held, most = float(read_value(test.held)), float(read_value(test.most))
    least = float(read_value(test.least)) if test.least is not None else 0.0
    low, high = min(0.0, held), max(100.0, held, most)

    def place(value: float) -> float:
        return 2 + (_GAUGE_WIDTH - 4) * (value - low) / (high - low)

    left, right, at = place(least), place(most), place(held)
    colour = "var(--good,#2f6b45)" if test.verdict == "within" else "var(--warn,#a33b2f)"
    return (
        f'<svg class="gauge" viewBox="0 0 {_GAUGE_WIDTH:.0f} {_GAUGE_HEIGHT:.0f}" aria-hidden="true">'
        f'<line x1="2" x2="{_GAUGE_WIDTH - 2}" y1="7" y2="7" stroke="{GRID}" stroke-width="2"/>'
        f'<rect x="{left:.2f}" y="4" width="{right - left:.2f}" height="6" fill="#b9cbb9"/>'
        f'<rect x="{at - 1.5:.2f}" y="0" width="3" height="14" fill="{colour}"/></svg>'
    )
