"""A section's narrative, cut where numbers stand that rest on computed figures. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Literal

from services.gateway.dashboard.wording import describe_duration

_DECIMALS = {"money": 2, "percent": 2}


@dataclass(frozen=True, slots=True)
class Figure:
    """The computed figure behind a number: its place in the section's table, and what that says of it."""

    id: str
    index: int | None
    label: str
    value: str
    method: str


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a narrative; ``figure`` is what a number rests on, None for plain words."""

    text: str
    figure: Figure | None = None


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, or a list under its heading; each line is a sequence of pieces."""

    kind: Literal["paragraph", "list"]
    lines: Sequence[Sequence[Piece]]
    heading: Sequence[Piece] = ()


@dataclass(frozen=True, slots=True)
class Number:
    """A number on a page: exact, how many decimals help, and what stands before and after it.

    Pages write it as the reader does; ``shown`` is what stands there without scripts.
    """

    value: str
    least: int = 0
    most: int = 0
    before: str = ""
    after: str = ""

    @property
    def shown(self) -> str:
        """Grouped by commas, with a decimal point."""
        shown = f"{Decimal(self.value):,.{self.most}f}"
        while "." in shown and shown.endswith("0") and len(shown.partition(".")[2]) > self.least:
            shown = shown[:-1]
        return f"{self.before}{shown.rstrip('.')}{self.after}"


def read_fact(fact: Mapping[str, Any]) -> Number | str:
    """A figure's value for people: its currency or percent sign, and no more decimals than help; text where it is no
    number."""
    text = str(fact.get("value", ""))
    unit, currency = fact.get("unit", ""), fact.get("currency") or ""
    try:
        value = Decimal(text)
    except InvalidOperation:
        return text
    if not value.is_finite() or value.adjusted() > 30:
        return text
    most = _DECIMALS.get(unit, 4)
    return Number(
        f"{value:f}",
        least=most if unit == "money" else 0,
        most=most,
        before=f"{currency} " if unit == "money" and currency else "",
        after="%" if unit == "percent" else "",
    )


def format_fact(fact: Mapping[str, Any]) -> str:
    """A figure's value as text, such as "INR 1,250.00"."""
    read = read_fact(fact)
    return read.shown if isinstance(read, Number) else read


def count(number: int) -> Number:
    """A whole number, for a page."""
    return Number(str(number))


def measure(value: float | str, most: int = 1) -> Number | str:
    """A number with up to ``most`` decimals, for a page; a text that is none stays."""
    try:
        exact = Decimal(str(value))
    except InvalidOperation:
        return str(value)
    return Number(f"{exact:f}", most=most) if exact.is_finite() else str(value)


def last(seconds: float) -> Number | str:
    """How long something took, for a page; only what is short has decimals to be written as the reader does."""
    return Number(f"{seconds:.1f}", 1, 1, after=" s") if seconds < 10 else describe_duration(seconds)


def mark_numbers(section: Mapping[str, Any]) -> Sequence[Piece]:
    """Cuts a section's narrative at its traced numbers, each with the figure that it states."""
    narrative: str = section["response"]
    facts = {fact["id"]: (index, fact) for index, fact in enumerate(section["facts"])}
    traces = (section["grounding"] or {}).get("traces", [])
    pieces: list[Piece] = []
    position = 0
    for trace in sorted(traces, key=lambda item: item["start"]):
        start, text = trace["start"], trace["text"]
        if start < position or narrative[start : start + len(text)] != text:
            continue
        pieces += [Piece(narrative[position:start]), Piece(text, _describe(trace["fact"], facts.get(trace["fact"])))]
        position = start + len(text)
    return [piece for piece in (*pieces, Piece(narrative[position:])) if piece.text]


def lay_out(pieces: Sequence[Piece]) -> Sequence[Block]:
    """Finds a narrative's paragraphs (apart by a blank line) and lists (lines that begin with a dash)."""
    blocks: list[Block] = []
    paragraph: list[list[Piece]] = []
    for line in [*_split_lines(pieces), []]:
        if line:
            paragraph.append(line)
        elif paragraph:
            blocks.append(_make_block(paragraph))
            paragraph = []
    return blocks


def _describe(fact_id: str, found: tuple[int, Mapping[str, Any]] | None) -> Figure:
    if found is None:
        return Figure(fact_id, None, fact_id, "", "")
    index, fact = found
    return Figure(fact_id, index, fact.get("label") or fact_id, format_fact(fact), fact.get("method", ""))


def _split_lines(pieces: Sequence[Piece]) -> list[list[Piece]]:
    lines: list[list[Piece]] = [[]]
    for piece in pieces:
        # A number that spans a line's end keeps its mark on both.
        for count, part in enumerate(piece.text.split("\n")):
            if count:
                lines.append([])
            if part:
                lines[-1].append(Piece(part, piece.figure))
    return lines


def _make_block(lines: list[list[Piece]]) -> Block:
    dashed = [_is_item(line) for line in lines]
    if all(dashed):
        return Block("list", [_strip_dash(line) for line in lines])
    if len(lines) > 1 and not dashed[0] and all(dashed[1:]):
        return Block("list", [_strip_dash(line) for line in lines[1:]], lines[0])
    return Block("paragraph", lines)


def _is_item(line: Sequence[Piece]) -> bool:
    return line[0].figure is None and line[0].text.startswith("- ")


def _strip_dash(line: Sequence[Piece]) -> list[Piece]:
    first = Piece(line[0].text[2:])
    return [first, *line[1:]] if first.text else list(line[1:])
