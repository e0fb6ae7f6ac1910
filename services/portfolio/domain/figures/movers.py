"""Figures of ``top_movers``: who gained, who lost, and what each added to the portfolio's return.

``top_movers_data`` comes as a list, its JSON or CSV text, or prose lines such as ``Infosys rose 3.2% (weight 5%)``.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from services.portfolio.domain.errors import BoundError, InputError
from services.portfolio.domain.facts import Draft, Fact, slug
from services.portfolio.domain.figures import inputs
from services.portfolio.domain.figures.positions import HUNDRED
from services.portfolio.domain.figures.rows import Row, Table, read_table
from services.portfolio.domain.numbers import MINUS_SIGNS, SPACES, Unit
from services.portfolio.domain.sections import Catalogue, Detected, match_form

_PERCENT = re.compile(
    r"[-+(]*\s*\d[\d,]*(?:\.\d+)?\s*\)?\s*(?:%|percent\b|per cent\b|pct\b|bps\b)\s*\)?", re.IGNORECASE
)
_WEIGHT = re.compile(r"\b(?:weight|weighting|wt|allocation|share)\b", re.IGNORECASE)
_OF_PORTFOLIO = re.compile(r"^[^,;|(]{0,20}\bof (?:the |total )?(?:portfolio|assets)\b", re.IGNORECASE)
_LABEL_AFTER = re.compile(
    r"^[^,;|(]{0,12}\b(?:(weight|weighting|wt|allocation|share)|returns?|gain|loss)\b", re.IGNORECASE
)
_FALL = re.compile(
    r"\b(?:fell|falls?|fallen|lost|loses|down|declined?|dropped?|dropping|slipped|shed|slid|losing|"
    r"underperformed|plunged|decreased|tumbled|negative)\b",
    re.IGNORECASE,
)
_MOVE = re.compile(
    r"\b(?:rose|rises?|gained?|gains|up|added|climbed|advanced|increased|jumped|rallied|returned|return|"
    r"delivered|surged|was|is|has|have)\b",
    re.IGNORECASE,
)
_NAME_END = re.compile(r"\s*(?:[:|;,]|\s[-–—]\s|\()|(?=[-+]?\d+(?:\.\d+)?\s*%)")
_BULLET = re.compile(r"^\s*(?:[-*•]|\d{1,3}[.)])\s+")


@dataclass(frozen=True, slots=True)
class Mover:
    """One mover: return in percent over the period, weight in percent, amounts where sent."""

    name: str
    change: Decimal
    weight: Decimal | None
    market_value: Decimal | None = None
    period: str | None = None


def add_figures(detected: Detected, catalogue: Catalogue, draft: Draft) -> None:
    """Contributions, gainers and losers, as the section's analytics ask for."""
    field = detected.name_of("top_movers_data")
    movers = read_movers(detected.get("top_movers_data"), field, catalogue, draft)
    draft.currency = inputs.read_currency(detected, "Currency") or draft.currency
    for name in ("Period",):
        period = inputs.read_text(detected.get(name), detected.name_of(name))
        if period:
            draft.note("period", f"Returns are over {period}.")
            draft.name(period)
    _check_periods(movers, draft)
    if "movers" in detected.section.analytics:
        _add_movers(movers, field, catalogue, draft)
    if "contribution" in detected.section.analytics:
        _add_contributions(movers, field, detected, catalogue, draft)


def read_movers(raw: object, field: str, catalogue: Catalogue, draft: Draft) -> list[Mover]:
    """The movers in a list, JSON, CSV or prose. Raises ``InputError`` for none, or one without a return."""
    table = _read_any(raw, field, catalogue)
    if not table.rows:
        raise InputError(field, None, "no movers")
    movers = [_read_mover(row, draft) for row in table.rows]
    names = [mover.name.casefold() for mover in movers]
    if len(set(names)) != len(names):
        twice = sorted({mover.name for mover in movers if names.count(mover.name.casefold()) > 1})
        draft.note(
            "duplicate_rows",
            f"{', '.join(twice[:5])} stand more than once; each row counts.",
            warning=True,
            field=field,
        )
    return _scale_weights(movers, field, draft)


def _read_any(raw: object, field: str, catalogue: Catalogue) -> Table:
    if isinstance(raw, str) and not raw.lstrip("\ufeff \r\n\t").startswith(("[", "{")):
        first = raw.lstrip("\ufeff \r\n").split("\n", 1)[0]
        cells = re.split(r"[,;\t|]", first)
        is_csv = len(cells) > 1 and sum(match_form(cell) in catalogue.columns for cell in cells) >= 2
        return read_table(raw, field, catalogue) if is_csv else _read_prose(raw, field, catalogue)
    if isinstance(raw, dict) and (nested := _read_nested(raw, field, catalogue)) is not None:
        return nested
    return read_table(raw, field, catalogue)


def _read_nested(raw: dict[str, object], field: str, catalogue: Catalogue) -> Table | None:
    """``{"gainers": [...], "losers": [...]}``: lists of one table under names of their own."""
    lists = {name: value for name, value in raw.items() if isinstance(value, list)}
    if not lists or len(lists) != len(raw):
        return None
    tables = [read_table(value, f"{field}.{name}", catalogue) for name, value in lists.items()]
    return Table(tuple(row for table in tables for row in table.rows))


def _read_mover(row: Row, draft: Draft) -> Mover:
    name = row.text("name") or row.text("symbol")
    if name is None:
        raise InputError(row.field("name"), None, "a mover without a name")
    change = row.percent("return") if "return" in row.cells else row.percent("pair")
    if change is None:
        raise InputError(row.field("return"), row.cells.get("return"), "a return in percent is needed")
    if change < -HUNDRED:
        raise InputError(row.field("return"), row.cells.get("return"), "nothing can lose more than 100%")
    money = row.money("market_value")
    if money and money.currency:
        draft.currency = draft.currency or money.currency
    return Mover(name, change, row.percent("weight"), money.value if money else None, row.text("period"))


def _scale_weights(movers: list[Mover], field: str, draft: Draft) -> list[Mover]:
    """Weights are percent unless all of them together are at most one and a half: then they are fractions."""
    weights = [mover.weight for mover in movers if mover.weight is not None]
    if not weights or sum(weights) > 1 or max(weights) > 1 or len(weights) < 2:
        return movers
    draft.note(
        "weights_small",
        f"The weights of {field} sum to {sum(weights)}%; they are read as percent, not as fractions.",
        field=field,
        warning=True,
    )
    return movers


def _read_prose(text: str, field: str, catalogue: Catalogue) -> Table:
    """One mover a line (or a sentence): its name first, then a return and perhaps a weight, both in percent."""
    if len(text) > catalogue.limits.max_text:
        raise BoundError(field, None, f"longer than {catalogue.limits.max_text} characters")
    plain = text.translate(MINUS_SIGNS).translate(SPACES)
    lines = [line for part in plain.splitlines() for line in re.split(r"(?<=[.;])\s+(?=[A-Z])|;\s*", part)]
    rows = []
    for number, line in enumerate(lines):
        stripped = _BULLET.sub("", line).strip().rstrip(".;")
        if "%" not in stripped and not _PERCENT.search(stripped):
            continue  # a heading or a sentence without a figure
        rows.append(_read_line(stripped, f"{field}[{number}]"))
        if len(rows) > catalogue.limits.max_rows:
            raise BoundError(field, None, f"more than {catalogue.limits.max_rows} lines")
    if not rows:
        raise InputError(field, text, "no line with a name and a percentage was found")
    return Table(tuple(rows))


def _read_line(line: str, path: str) -> Row:
    figures = list(_PERCENT.finditer(line))
    first = figures[0].end() if figures and figures[0].start() == 0 else 0  # "7.26% GS 2033" is a name
    figures = [match for match in figures if match.start() >= first]
    ends = (pattern.search(line, first) for pattern in (_NAME_END, _FALL, _MOVE))
    end = min((match.start() for match in ends if match), default=len(line))
    name = line[:end].strip(" -–—:,(")
    if not name:
        raise InputError(path, line, "a name is needed before the figures")
    labels_follow = bool(figures) and bool(_LABEL_AFTER.match(line[figures[-1].end() :]))
    cells: dict[str, object] = {"name": name}
    for position, match in enumerate(figures):
        start = figures[position - 1].end() if position else end
        stop = figures[position + 1].start() if position + 1 < len(figures) else len(line)
        column, value = _read_figure(
            match[0],
            line[start : match.start()],
            line[match.end() : stop],
            is_first=position == 0,
            labels_follow=labels_follow,
        )
        cells.setdefault(column, value)
    if "return" not in cells:
        raise InputError(path, line, "no return was found beside the name")
    return Row(path, cells)


def _read_figure(text: str, before: str, after: str, *, is_first: bool, labels_follow: bool) -> tuple[str, str]:
    """Whether a figure of a line is a ``weight`` or a ``return``, from the words beside it, and its text with its sign.

    Labels stand before their figures (``weight 5%``) unless the line ends in one (``5% weight, 3.2% return``).
    """
    value = re.sub(r"[()\s]", "", text)
    bracketed = "(" in text and ")" in text
    bare_share = "(" in text and is_first and not before.strip(" :") and value[0] not in "+-"  # "HDFC Bank (8.2%)"
    label = _LABEL_AFTER.match(after) if labels_follow else None
    named = bool(label[1]) if label else bool(_WEIGHT.search(before)) and (is_first or not labels_follow)
    if bare_share or named or _OF_PORTFOLIO.match(after):
        return "weight", value
    if _FALL.search(before) or (bracketed and _MOVE.search(before) and value[0] not in "+-"):
        return "return", f"-{value.lstrip('-+')}"
    return "return", value


def _check_periods(movers: Sequence[Mover], draft: Draft) -> None:
    periods = sorted({mover.period for mover in movers if mover.period})
    draft.name(*periods)
    if len(periods) > 1:
        draft.note(
            "mixed_periods",
            f"Returns over different periods ({', '.join(periods[:5])}) are set side by side.",
            warning=True,
        )


def _add_movers(movers: Sequence[Mover], field: str, catalogue: Catalogue, draft: Draft) -> None:
    ranked = sorted(movers, key=lambda mover: (-abs(mover.change), mover.name))[: catalogue.limits.facts_per_group]
    for mover in ranked:
        draft.add(
            Fact(
                f"return.{slug(mover.name)}",
                f"return of {mover.name}",
                mover.change,
                Unit.PERCENT,
                "return",
                "as sent",
                (field,),
                subject=mover.name,
                signed=True,
            )
        )
        if mover.weight is not None:
            draft.add(
                Fact(
                    f"weight.{slug(mover.name)}",
                    f"weight of {mover.name}",
                    mover.weight,
                    Unit.PERCENT,
                    "weight",
                    "as sent, taken as the opening weight",
                    (field,),
                    subject=mover.name,
                )
            )
        if mover.market_value is not None:
            draft.add(
                Fact(
                    f"market_value.{slug(mover.name)}",
                    f"market value of {mover.name}",
                    mover.market_value,
                    Unit.MONEY,
                    "market_value",
                    "as sent",
                    (field,),
                    draft.currency,
                    subject=mover.name,
                )
            )
    gainers = sum(1 for mover in movers if mover.change > 0)
    losers = sum(1 for mover in movers if mover.change < 0)
    draft.add(
        Fact("gainers", "number of gainers", Decimal(gainers), Unit.NUMBER, "gainers", "returns above zero", (field,))
    )
    draft.add(
        Fact("losers", "number of losers", Decimal(losers), Unit.NUMBER, "losers", "returns below zero", (field,))
    )
    draft.add(Fact("count", "number of movers", Decimal(len(movers)), Unit.NUMBER, "count", "rows counted", (field,)))
    by_change = sorted(ranked, key=lambda mover: (-mover.change, mover.name))
    draft.chart("bars", "Return by mover", Unit.PERCENT, [(mover.name, mover.change) for mover in by_change[:16]])


def _add_contributions(
    movers: Sequence[Mover], field: str, detected: Detected, catalogue: Catalogue, draft: Draft
) -> None:
    return_field = detected.name_of("Portfolio Return")
    portfolio_return = inputs.read_percent(detected.get("Portfolio Return"), return_field)
    if portfolio_return is not None:
        draft.add(
            Fact(
                "portfolio_return",
                "portfolio return",
                portfolio_return,
                Unit.PERCENT,
                "portfolio_return",
                "as sent",
                (return_field,),
                signed=True,
            )
        )
    weighed = [(mover, mover.weight) for mover in movers if mover.weight is not None]
    if len(weighed) < len(movers):
        without = [mover.name for mover in movers if mover.weight is None]
        draft.miss(
            "contribution", f"no weight was sent for {', '.join(without[:5])}{' ...' if len(without) > 5 else ''}"
        )
    if not weighed:
        draft.miss("total_contribution", "needs weights")
        return
    contributions = sorted(
        ((mover.name, weight * mover.change / HUNDRED) for mover, weight in weighed),
        key=lambda pair: (-abs(pair[1]), pair[0]),
    )
    for name, contribution in contributions[: catalogue.limits.facts_per_group]:
        draft.add(
            Fact(
                f"contribution.{slug(name)}",
                f"contribution of {name}",
                contribution,
                Unit.POINTS,
                "contribution",
                "opening weight x return",
                (field,),
                subject=name,
                signed=True,
            )
        )
    draft.chart(
        "bars", "Contribution to return", Unit.POINTS, sorted(contributions[:16], key=lambda pair: (-pair[1], pair[0]))
    )
    if len(weighed) < len(movers):
        draft.miss("total_contribution", "needs the weight of every mover")
        return
    total = sum((contribution for _, contribution in contributions), Decimal(0))
    covered = sum((weight for _, weight in weighed), Decimal(0))
    draft.add(
        Fact(
            "total_contribution",
            "contribution of all movers",
            total,
            Unit.POINTS,
            "total_contribution",
            "sum of contributions",
            (field,),
            signed=True,
        )
    )
    draft.add(
        Fact(
            "covered_weight",
            "weight of all movers together",
            covered,
            Unit.PERCENT,
            "covered_weight",
            "sum of weights",
            (field,),
        )
    )
    _reconcile(total, covered, portfolio_return, field, draft, tolerance=catalogue.limits.total_tolerance)


def _reconcile(
    total: Decimal, covered: Decimal, portfolio_return: Decimal | None, field: str, draft: Draft, *, tolerance: Decimal
) -> None:
    if covered > HUNDRED + tolerance:
        draft.note(
            "weights_over_hundred",
            f"The weights of {field} sum to {covered:.2f}%, more than the portfolio.",
            warning=True,
            field=field,
        )
    if portfolio_return is None:
        draft.miss("unexplained_return", "the portfolio's return was not sent")
        return
    rest = portfolio_return - total
    draft.add(
        Fact(
            "unexplained_return",
            "return from everything else",
            rest,
            Unit.POINTS,
            "unexplained_return",
            "portfolio return - sum of contributions",
            (field,),
            signed=True,
        )
    )
    if abs(covered - HUNDRED) <= tolerance and abs(rest) > Decimal("0.05"):
        draft.note(
            "contributions_do_not_sum",
            f"The movers are the whole portfolio, yet their contributions sum to "
            f"{total:.2f} pp and the portfolio's return is {portfolio_return:.2f}%.",
            warning=True,
            field=field,
        )
