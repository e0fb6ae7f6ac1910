"""Sentences changed by rule: in ways that leave what they say as it is, and in one place each so that it is false.

What a sentence says does not change with what stands around it (a lead-in, emphasis, another sentence) nor with a
word for its equal. It is false with another leading digit, with two of its figures or names exchanged, with a word for
its opposite, or with another base. So the sentences of the corpus hold the checker to far more than what was written.
"""

import random
import re
import textwrap
from collections.abc import Iterator, Sequence
from itertools import pairwise

from services.portfolio.domain.claims.evidence import Evidence
from services.portfolio.domain.claims.model import Printed
from services.portfolio.domain.claims.printed import make_plain, read_figures
from services.portfolio.domain.claims.subjects import Mention
from services.portfolio.domain.facts import Fact
from services.portfolio.domain.formats import Style

LEADS = (
    "Note: ", "- ", "> ", "1. ", "In short: ", "To summarise, ", "From the data provided: ", "Key point: ",
    "Overall assessment - ",
)  # fmt: skip
ENDS = (
    " This is stated in the data.", " (Source: custodian.)", " Please get in touch with any questions.",
)  # fmt: skip
EQUALS = (
    ("rose", "climbed", "advanced", "went up"), ("fell", "declined", "dropped", "went down"),
    ("gained", "put on"), ("lost", "shed"),
    ("largest", "biggest"), ("smallest", "least"), ("about", "roughly", "approximately", "around", "some"),
    ("nearly", "almost", "close to"), ("more than", "over", "in excess of"), ("less than", "under", "below"),
    ("returned", "delivered", "produced"), ("holdings", "positions"), ("makes up", "accounts for", "represents"),
    ("make up", "account for", "represent"), ("ahead of", "in front of"), ("worth", "valued at"),
    ("per year", "a year", "annually", "per annum"), ("percentage points", "pp"),
    ("exceeds", "is above", "surpasses"), ("above", "over"), ("while", "whereas"), ("but", "though"),
)  # fmt: skip
OPPOSITES = (
    ("rose", "fell"), ("gained", "lost"), ("climbed", "dropped"), ("advanced", "declined"), ("gain", "loss"),
    ("gains", "losses"), ("profit", "loss"), ("above", "below"), ("over", "under"), ("ahead of", "behind"),
    ("more than", "less than"), ("largest", "smallest"), ("biggest", "smallest"), ("highest", "lowest"),
    ("best", "worst"),
    ("strongest", "weakest"), ("higher", "lower"), ("larger", "smaller"), ("better", "worse"), ("longer", "shorter"),
    ("overweight", "underweight"),  ("contributed", "detracted"), ("exceeds", "falls short of"),
    ("inside", "outside"), ("beat", "trailed"), ("outperformed", "underperformed"), ("buy", "sell"),
    ("buying", "selling"), ("bought", "sold"), ("too heavy", "too light"), ("increase", "reduction"), ("most", "least"),
    ("before tax", "after tax"), ("gross", "net"), ("longest", "shortest"),
    ("surplus", "shortfall"), ("rise", "fall"), ("portfolio", "benchmark"),
)  # fmt: skip
BASES = (("a year", "a month"), ("per year", "per month"), ("a month", "a year"), ("annual", "monthly"),
          ("per annum", "in total"),
         ("over the whole period", "over the last month"), ("in total", "a year"))  # fmt: skip
_NO_DIGIT = re.compile(r"(?<![\w.,-])([1-9])(?=[\d.,]|\b)")


def keep(text: str, rng: random.Random, *, english: bool) -> Iterator[tuple[str, str]]:
    """The text in other forms that say the same, each with what was done."""
    yield "emphasis", re.sub(r"(?<![\w.,*])([+-]?[₹$€£]?\d[\d.,]*\d(?: ?%)?|\d%)(?![\w*])", r"**\1**", text)
    yield "space", text.replace(" ", "  ")
    yield "wrapped", textwrap.fill("Thank you for taking the time to speak with us on Tuesday. " + text, 72)
    if not english:
        yield "lead", "- " + text
        return
    yield "lead", rng.choice(LEADS) + text
    yield "end", text + rng.choice(ENDS)
    if "%" in text:
        yield "percent", re.sub(r"(?<=\d)%", rng.choice((" per cent", " percent")), text)
    yield "dash", text.replace(" - ", " — ").replace("'", "’")
    for words in EQUALS:
        for word in words:
            match = re.search(rf"(?<![\w-]){word}(?![\w-])", text)
            if match:
                other = rng.choice([item for item in words if item != word])
                yield "equal", text[: match.start()] + other + text[match.end() :]


def join(one: str, other: str) -> str:
    """Two sentences in one text, parted by a semicolon."""
    return f"{one.rstrip().rstrip('.')}; {other}"


def spoil(text: str, evidence: Evidence, style: Style, rng: random.Random) -> Iterator[tuple[str, str]]:
    """The text made false in one place, each with what was done."""
    plain = make_plain(text)
    if len(plain) != len(text):
        return
    names = evidence.subjects.find(plain)
    figures = [
        item
        for item in read_figures(plain, evidence.vocabulary, evidence.names, style.decimal, style.group)
        if not any(name.start < item.end and item.start < name.end for name in names)
    ]
    yield from _spoil_numbers(text, figures, rng)
    yield from _spoil_names(text, names, evidence, rng)
    for kind, pairs in (("opposite", OPPOSITES), ("base", BASES)):
        for one, other in pairs:
            for word, opposite in ((one, other), (other, one)) if kind == "opposite" else ((one, other),):
                found = list(re.finditer(rf"(?<![\w-]){word}(?![\w-])", text))
                if len(found) == 1:
                    yield kind, text[: found[0].start()] + opposite + text[found[0].end() :]


def _spoil_numbers(text: str, figures: Sequence[Printed], rng: random.Random) -> Iterator[tuple[str, str]]:
    for item in figures:
        digit = _NO_DIGIT.search(text, item.start, item.end)
        if (
            digit is None
            or item.bound.value != "exact"
            or re.search(
                r"(?:than|over|under|least|most|above|below|between|almost|nearly|top|largest)\s*\W?$",
                text[: item.start],
            )
        ):
            continue
        others = [new for new in "123456789" if abs(int(new) - int(digit[1])) > 1]
        yield "digit", text[: digit.start()] + rng.choice(others) + text[digit.end() :]
    for one, other in pairwise(figures):
        if one.unit is other.unit and abs(one.value - other.value) > abs(one.value) / 5:
            a, b = text[one.start : one.end], text[other.start : other.end]
            yield (
                "exchanged",
                text[: one.start] + b + text[one.end : other.start] + a + text[other.end :],
            )


def _spoil_names(
    text: str, names: Sequence[Mention], evidence: Evidence, rng: random.Random
) -> Iterator[tuple[str, str]]:
    held: dict[str, dict[str, Fact]] = {}
    for item in evidence.held:
        if item.subject and item.fact.subject and "." in item.fact.id:
            held.setdefault(item.fact.id.rpartition(".")[0], {}).setdefault(item.subject, item.fact)
    for name in names:
        groups = [group for group in held.values() if name.subject in group]
        present = {item.subject for item in names}
        others = sorted(
            {fact.subject for group in groups for key, fact in group.items() if key not in present if fact.subject}
        )
        if others:
            yield "name", text[: name.start] + rng.choice(others) + text[name.end :]
