"""What a payload says that cannot all be so."""

from collections.abc import Callable, Iterator, Mapping, Set

from services.portfolio.domain.facts import PERIODS, FactTable
from services.portfolio.domain.narrative.text import Script
from services.portfolio.domain.readings import DAY_AHEAD

_CONTRADICTED = (
    "The figures sent contradict each other in places; the notes of this section name where. "
    "Settle that before acting on them."
)
_NAMED = 3
_FIRST = 95
"""What contradicts itself is said before what rests on it."""


def write(table: FactTable, codes: Set[str], script: Script) -> None:
    """What the payload says that cannot all be so, with both figures, before anything that rests on them."""
    script.prepare("send back the figures that contradict each other, with the question which of them is right", _FIRST)
    told = [part for code in sorted(codes & CODES.keys()) for part in CODES[code](table, script)]
    if not told:
        script.warn(_CONTRADICTED, _FIRST)
        return
    more = "; and more, which the notes of this section name" if len(told) > _NAMED else ""
    script.warn(
        f"The figures sent contradict each other: {'; '.join(told[:_NAMED])}{more}. Settle that before acting on them.",
        _FIRST,
    )


def _tell_parts(table: FactTable, script: Script) -> Iterator[str]:
    value = table.find("market_value")
    for fact in table.list_measure("parts_sum", "parts_total."):
        if value is not None:
            short = " (either the list is not complete, or a figure is wrong)" if fact.value < value.value else ""
            yield (
                f"the amounts of {fact.subject} add up to {script.money(fact)}, while {script.money(value)} is sent as "
                f"the market value{short}"
            )


def _tell_shares(table: FactTable, script: Script) -> Iterator[str]:
    for fact in table.list_measure("parts_sum", "parts_sum."):
        yield f"the shares of {fact.subject} add up to {script.percent(fact)}, not to the whole"


def _tell_gain(table: FactTable, script: Script) -> Iterator[str]:
    stated, gain = table.find("stated_gain"), table.find("gain")
    if stated is not None and gain is not None:
        yield f"the gain is stated as {script.money(stated)}, while market value less cost is {script.money(gain)}"


def _tell_top_asset(table: FactTable, script: Script) -> Iterator[str]:
    for stated in table.list_measure("weight", "stated_share."):
        listed = next(
            (
                fact
                for fact in table.list_measure("weight", "weight.")
                if fact.subject == stated.subject and fact.id != stated.id
            ),
            None,
        )
        if listed is not None:
            yield (
                f"the weight of {stated.subject} is stated as {script.percent(stated)}, while the allocation says "
                f"{script.percent(listed)}"
            )


def _tell_contributions(table: FactTable, script: Script) -> Iterator[str]:
    total, whole = table.find("total_contribution"), table.find("portfolio_return")
    if total is not None and whole is not None:
        signs = ["below zero " if fact.value < 0 else "" for fact in (total, whole)]
        yield (
            f"the movers are the whole portfolio and contributed {script.points(total)} {signs[0]}together, while the "
            f"portfolio {script.moved(whole, 'returned', 'lost')}"
        )


def _tell_weights(table: FactTable, script: Script) -> Iterator[str]:
    if (covered := table.find("covered_weight")) is not None:
        yield f"the weights sent are {script.percent(covered)} together, which is more than the whole"


def _tell_cash(table: FactTable, script: Script) -> Iterator[str]:
    cash, value = table.find("cash"), table.find("market_value")
    if cash is not None and value is not None:
        yield f"cash is sent as {script.money(cash)}, while all of the portfolio is worth {script.money(value)}"


def _tell_periods(table: FactTable, _: Script) -> Iterator[str]:
    if PERIODS in table.glosses:
        yield f"the returns set side by side are over different periods ({table.glosses[PERIODS]})"


def _tell_days_ahead(table: FactTable, _: Script) -> Iterator[str]:
    yield from (note.message.rstrip(".") for note in table.warnings if note.code == DAY_AHEAD)


CODES: Mapping[str, Callable[[FactTable, Script], Iterator[str]]] = {
    DAY_AHEAD: _tell_days_ahead,
    "parts_do_not_sum": _tell_parts,
    "weights_do_not_sum": _tell_shares,
    "gain_mismatch": _tell_gain,
    "top_asset_mismatch": _tell_top_asset,
    "contributions_do_not_sum": _tell_contributions,
    "weights_over_hundred": _tell_weights,
    "cash_out_of_range": _tell_cash,
    "mixed_periods": _tell_periods,
}
"""Notes that say that the payload's figures deny each other, and the words for it; other warnings say that some could
not be used."""
