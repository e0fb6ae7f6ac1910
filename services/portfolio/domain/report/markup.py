"""Pieces of the page: escaped text, tables, and figures that carry the id of the fact they print."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from html import escape
from typing import Any

from services.portfolio.domain.formats import Style
from services.portfolio.domain.number_words import Unit
from services.portfolio.domain.report.reading import read_decimal

Json = Mapping[str, Any]
_MAX_TEXT = 10_000


def escape_text(value: object) -> str:
    """A value as text of the page, cut where it is endless."""
    text = "" if value is None else str(value)
    return escape(text if len(text) <= _MAX_TEXT else f"{text[:_MAX_TEXT]}…", quote=True)


def spell_section(key: str) -> str:
    """A section's key as words, escaped."""
    return escape_text(key.replace("_", " ").capitalize())


def write_fact(key: str, fact: Json, style: Style, *, in_full: bool = False, signed: bool = False) -> str:
    """A fact's value, marked with where it comes from: as in narratives, or exact to the last digit of tables."""
    value, unit = read_decimal(fact.get("value")), read_unit(fact)
    if in_full:
        printed = style.value(value, unit, fact.get("currency"))
    elif unit is Unit.MONEY:
        printed = style.money(value, fact.get("currency"))
    elif unit is Unit.PERCENT:
        printed = style.signed_percent(value) if signed else style.percent(value)
    elif unit is Unit.POINTS:
        printed = ("+" if signed and value > 0 else "") + style.value(round(value, 2), unit)
    else:
        printed = style.value(round(value, 2), unit)
    minus = " minus" if value < 0 else ""
    source = f"{key}/{fact.get('id')}"
    return f'<span class="figure{minus}" data-fact="{escape_text(source)}">{escape_text(printed)}</span>'


def write_day(text: object, style: Style) -> str:
    """An ISO day in words; empty for what is none."""
    try:
        return style.day(date.fromisoformat(str(text)))
    except ValueError:
        return ""


def read_unit(fact: Json) -> Unit:
    """A fact's unit; a plain number where it is none that is known."""
    try:
        return Unit(fact.get("unit", "number"))
    except ValueError:
        return Unit.NUMBER


def read_value(fact: Json) -> Decimal:
    """A fact's value."""
    return read_decimal(fact.get("value"))


def write_list(items: Iterable[str], kind: str = "") -> str:
    """Escaped items as a list; nothing where there are none."""
    lines = "".join(f"<li>{item}</li>" for item in items)
    return f"<ul{_classify(kind)}>{lines}</ul>" if lines else ""


def write_table(
    heads: Sequence[str], rows: Iterable[Sequence[str]], numbers: Sequence[int] = (), kind: str = ""
) -> str:
    """Escaped cells as a table whose head is repeated on each page; ``numbers`` are columns set flush right."""
    kinds = ["num" if place in numbers else "" for place in range(len(heads))]
    body = "".join(
        f"<tr>{''.join(f'<td{_classify(name)}>{cell}</td>' for name, cell in zip(kinds, row, strict=True))}</tr>"
        for row in rows
    )
    if not body:
        return ""
    head = "".join(f'<th scope="col"{_classify(name)}>{text}</th>' for name, text in zip(kinds, heads, strict=True))
    return f"<table{_classify(kind)}><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _classify(kind: str) -> str:
    return f' class="{kind}"' if kind else ""
