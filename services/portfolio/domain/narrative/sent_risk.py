"""What an adviser says of figures of risk that were sent: each with what it is of, and which deny each other."""

from services.portfolio.domain.facts import Fact, FactTable
from services.portfolio.domain.figures.sent_risk import NO_PERIOD, RISK_DENIED
from services.portfolio.domain.narrative.text import Script
from services.portfolio.domain.number_words import Unit

_DENIED, _TOLD = 76, 35
_SHOWN = 12
_WORDS = {
    "volatility": "volatility", "var": "value at risk", "var_money": "value at risk", "shortfall": "expected shortfall",
    "shortfall_money": "expected shortfall", "beta": "beta", "tracking_error": "tracking error",
    "drawdown": "drawdown", "sharpe": "Sharpe ratio", "sortino": "Sortino ratio",
    "information_ratio": "information ratio", "alpha": "alpha", "correlation": "correlation",
}  # fmt: skip


def write(table: FactTable, script: Script) -> None:
    """The figures in the order in which they were sent, after what cannot be so."""
    found = [fact for fact in table.facts if fact.id.startswith("sent_")]
    if not found:
        return
    for pair in filter(None, table.glosses.get(RISK_DENIED, "").split("\n\n")):
        one, other = (table.find(name) for name in pair.split("\n"))
        if one is not None and other is not None:
            script.warn(
                f"Of the figures of risk that were sent, {_tell(table, one, script)} and {_tell(table, other, script)} "
                "cannot both be so.",
                _DENIED,
            )
            script.suggest("Ask how these figures of risk were computed, and over which days, before one is used.", 68)
            script.prepare("send the figures of risk back, with the question which of them is right", 68)
    script.paragraph()
    script.observe(f"As sent: {'; '.join(_tell(table, fact, script) for fact in found[:_SHOWN])}.", _TOLD)
    if NO_PERIOD in table.glosses:
        script.observe("Where no period stands beside such a figure, none was sent.", _TOLD - 1)


def _tell(table: FactTable, fact: Fact, script: Script) -> str:
    kind = fact.id.removeprefix("sent_").partition(".")[0]
    says = table.glosses.get(f"{fact.id} is of")
    value = (
        script.money(fact) if fact.unit is Unit.MONEY
        else script.percent(fact) if fact.unit is Unit.PERCENT
        else script.number(fact, 2)
    )  # fmt: skip
    where = " computed here" if not fact.id.startswith("sent_") else ""
    return f"{_WORDS.get(kind, kind)} of {value}{f' ({says})' if says else ''}{where}"
