"""What the builtin writer tells of its text, beside what the checker of texts reads in it.

``list_differences(told)`` is empty where both say the same of a text but for what is listed here, each with its reason.
"""

import re
from dataclasses import dataclass

from services.portfolio.domain.claims import Grounding, Trace, ground
from services.portfolio.domain.claims.fitting import is_close
from services.portfolio.domain.claims.printed import read_figures
from services.portfolio.domain.facts import Fact, FactTable
from services.portfolio.domain.formats import Style
from services.portfolio.domain.narrative import draft_lines, write_narrative
from services.portfolio.domain.narrative.grounding import tell_sources

ONLY_READ = {
    "5": "of 'the top 5', which is the name of a figure and no figure of its own",
    "one": "of 'one holding going wrong', which counts nothing",
    "The next payment is that of": "whose payer and day are told beside it",
    "is leverage": "of 'is leveraged', whose figure stands in the same sentence",
}
"""What the checker takes for a claim of its own, and the writer does not."""
ONLY_TOLD = {
    "above the house limit", "Above the limit", "above the limit", "above its limit", "above their limit", "strongest",
    "largest", "most", "best", "worst", "Furthest", "behind", "ahead of", "deposit at that rate would have earned more",
}  # fmt: skip
"""Words that the checker does not read everywhere: over bonds, and where one alone is the most of its kind."""
OF_TWO = {
    "no trade is due", "no sale is needed", "outside its band", "outside their bands", "within its band",
    "within their bands", "behind", "ahead of", "above the house limit", "above the limit", "Above the limit",
    "above their limit", "above its limit",
}  # fmt: skip
"""Words of two figures (the drift and its band or how many are out of it, the weights of a position and of its issuer,
the gap of the whole time and of the last year): the writer names the one, the checker the other."""
_SUPPOSED = re.compile(r"\bwould realise\b[^.\n]*$")
"""What would be is not so, and the checker reads no figure of it."""
_BOUND = re.compile(r"\bat (?:least|most) $")
"""What many figures fit."""


@dataclass(frozen=True)
class Told:
    """One text with what its writer says of it, and what the checker reads in it."""

    table: FactTable
    style: Style
    text: str
    told: Grounding
    read: Grounding


def tell(table: FactTable, style: Style) -> Told:
    """The builtin text of a section, told and read."""
    narrative = write_narrative(table, style)
    text = narrative.render()
    return Told(table, style, text, tell_sources(narrative), ground(text, table, style))


def list_differences(item: Told) -> list[str]:
    """All in which the writer and the checker differ, in words."""
    return [*list_faults(item), *list_left_out(item), *list_untold(item), *list_unread(item), *list_others(item)]


def list_faults(item: Told) -> list[str]:
    """What the checker finds fault with."""
    return [f"fault: {fault.text!r}, {fault.why}: {item.text}" for fault in item.read.unsupported]


def list_left_out(item: Told) -> list[str]:
    """Lines that were drafted and are not said."""
    return [f"left out: {line.text}" for line in draft_lines(item.table, item.style) if line.text not in item.text]


def list_untold(item: Told) -> list[str]:
    """What the checker reads, and the writer does not tell."""
    told, read, orders = _place(item.told), _place(item.read), _list_orders(item)
    known = {*ONLY_READ, *_list_days(item), item.table.frame.benchmark}
    return [
        f"not told: {words!r} at {start}: {item.text}"
        for words, start in read.keys() - told.keys()
        if words not in known
        and not any(low <= start < high for low, high in orders)
        and not (read[words, start].fact_id or "").startswith("attribute.")  # what a row says in words is no figure
    ]


def list_unread(item: Told) -> list[str]:
    """What the writer tells, and the checker does not read."""
    told, read, derived = _place(item.told), _place(item.read), _list_derived(item)
    known = {*ONLY_TOLD, *_list_days(item)}
    return [
        f"not read: {words!r} at {start}: {item.text}"
        for words, start in told.keys() - read.keys()
        if not any(low <= start < high for low, high in derived)  # "3 assets outside the band" is read as one
        and words not in known
        and told[words, start].fact_id != "count"  # passed over where the section has little else
        and not words.startswith(("suit", "1"))
        and _SUPPOSED.search(item.text[:start]) is None
    ]


def list_others(item: Told) -> list[str]:
    """Where both speak of the same words, and mean figures that are printed otherwise."""
    told, read = _place(item.told), _place(item.read)
    found = []
    for span in told.keys() & read.keys():
        ours, theirs = (item.table.find(traces[span].fact_id) for traces in (told, read))
        if ours is None or (theirs is not None and theirs.id != ours.id and not _is_alike(item, span, ours, theirs)):
            found.append(f"another figure: {span}, {ours} and {theirs}: {item.text}")
    return found


def _is_alike(item: Told, span: tuple[str, int], ours: Fact, theirs: Fact) -> bool:
    """Whether the words are those of either figure, so that the checker could take the one for the other."""
    words, start = span
    if words in OF_TWO:
        return True
    days = {item.style.day(day) for day in ours.dates} & {item.style.day(day) for day in theirs.dates}
    if words in days:
        return True
    figure = next(iter(read_figures(words, None, (), item.style.decimal, item.style.group)), None)
    if figure is None:
        return False
    bounded = _BOUND.search(item.text[:start]) is not None
    meant = (ours,) if bounded else (ours, theirs)
    return all(is_close(figure, abs(fact.value)) or is_close(figure, fact.value) for fact in meant)


def _list_days(item: Told) -> list[str]:
    """The days of the section itself, which are those of a figure too where it has them."""
    return [item.style.day(day) for day in item.table.frame.dates]


def _place(grounding: Grounding) -> dict[tuple[str, int], Trace]:
    """The claims of a grounding by their words and place."""
    return {(trace.text, trace.start): trace for trace in grounding.traces}


def _list_derived(item: Told) -> list[tuple[int, int]]:
    return [
        (match.start(), match.end())
        for found in item.read.derived
        for match in re.finditer(re.escape(found.text), item.text)
    ]


def _list_orders(item: Told) -> list[tuple[int, int]]:
    """Where the names of an order stand (``Gold, followed by Equity (31%)``), each of which the checker reads as one
    more claim, where the writer tells which is the largest."""
    found = [item.text.find(", followed by ")]
    return [(start, item.text.find(".\n", start) + len(item.text)) for start in found if start >= 0]
