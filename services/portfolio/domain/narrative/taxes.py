"""What an adviser says of the tax of a sale: what waiting saves, and what a sale for a payment costs."""

from services.portfolio.domain.due import find_due, suits_model
from services.portfolio.domain.facts import Fact, FactTable, join_names
from services.portfolio.domain.glosses import LOT_ORDER, LOTS_OPEN
from services.portfolio.domain.narrative.text import Script

_WAIT, _SHOWN = 88, 3


def write(table: FactTable, script: Script) -> None:
    """What becomes long-term soon, with what a sale costs before and after."""
    for saved in table.list_measure("tax_saved")[:_SHOWN]:
        key = saved.id.removeprefix("tax_saved.")
        now, then, load = (table.find(f"{name}.{key}") for name in ("tax_now", "tax_then", "exit_load"))
        if now is None or then is None:
            continue
        name = saved.subject
        beside = f" and an exit load of {script.money(load)}" if load is not None else ""
        script.warn(f"{name} counts as held long-term from {script.day(saved)} on.", _WAIT)
        script.warn(f"Sold before that day, {name} costs tax of {script.money(now)}{beside}.", _WAIT)
        later = f"only tax of {script.money(then)}" if then.value else "no tax"
        script.warn(f"Sold from then on, {name} costs {later}: waiting saves {script.money(saved)}.", _WAIT)
        script.suggest(f"Do not sell {name} before {script.day(saved)}, unless its price is the reason.", 75)
        script.prepare(f"hold back what is ordered of {name}", 75)

    _tell_sales(table, script)


def _tell_sales(table: FactTable, script: Script) -> None:
    """What the sales that are advised cost in tax together, at the rates that were sent, and by which lots."""
    if (names := table.glosses.get(LOTS_OPEN)) is not None:
        script.suggest(
            f"Ask for all lots of {join_names(names.split('; '))} before any of it is sold: those that were sent do "
            "not make all of it, so that the gain and the tax of a sale cannot be said.",
            62,
        )
    gain, exempt, both = (table.find(name) for name in ("sales_gain", "gains_exempt", "sales_tax.both"))
    short, long_ = (
        (table.find(f"gains_rate.{key}"), table.find(f"sales_tax.{key}")) for key in ("short", "long")
    )  # fmt: skip
    if gain is None or short[0] is None or long_[0] is None or not _are_told(table):
        return
    beyond = f" beyond the exempt {script.money(exempt)}" if exempt is not None else ""
    order = table.glosses.get(LOT_ORDER)
    by_lots = f" ({order})" if order is not None else ""
    text = (
        f"Count the tax of these sales before they are placed: in all they realise a gain of {script.money(gain)}"
        f"{by_lots}."
    )
    if both is not None:
        text += _tell_terms(table, both, (short[0], long_[0]), beyond, script)
    elif short[1] is None or long_[1] is None:
        return
    elif short[0].value == long_[0].value:
        text += (
            f" At the gains tax rate of {script.percent(short[0])}{beyond} that costs tax of {script.money(short[1])}."
            f"{_tell_dearest(table, script)}"
        )
    else:
        text += (
            f" At the gains tax rate of {script.percent(long_[0])} for what was held long{beyond} that costs tax of "
            f"{script.money(long_[1])}; at the gains tax rate of {script.percent(short[0])} for what was not, it costs "
            f"tax of {script.money(short[1])}: how long each was held is not known here."
        )
    script.suggest(text, 62)


def _tell_terms(table: FactTable, tax: Fact, rates: tuple[Fact, Fact], beyond: str, script: Script) -> str:
    """What is taxed as held short and long, where that is known of all that is sold."""
    parts = [
        f"{_tell_part(part, script)} counts as held {term}, at the gains tax rate of {script.percent(rate)}"
        for term, rate in zip(("short", "long"), rates, strict=True)
        if (part := table.find(f"sales_term.{term}")) is not None and part.value
    ]
    return f" Of it {' and '.join(parts)}:{beyond} that costs tax of {script.money(tax)}."


def _tell_part(part: Fact, script: Script) -> str:
    return script.money(part) if part.value > 0 else f"a loss of {script.money(part)}"


def _tell_dearest(table: FactTable, script: Script) -> str:
    """What the same sales realise where the lots may be chosen."""
    gain, tax = table.find("sales_dearest"), table.find("sales_tax.dearest")
    if gain is None or tax is None:
        return ""
    what = f"a gain of {script.money(gain)}" if gain.value > 0 else "no gain"
    costs = f"tax of {script.money(tax)}" if tax.value else "no tax"
    return f" With the dearest lots first, where the client may choose, they realise {what}, which costs {costs}."


def _are_told(table: FactTable) -> bool:
    """Whether sales are advised: trades towards a model only where some are due, and the model suits the client."""
    due = find_due(table)
    if table.section != "model_and_rebalancing":
        return True
    return due is not None and bool(due.value) and suits_model(table)


def tell_sale(table: FactTable, source: str, script: Script) -> str:
    """What the sale for a payment realises and costs, by its source; empty where that is not known."""
    gain, tax, free = (table.find(f"{name}.{source}") for name in ("source_gain", "payment_tax", "source_free_sale"))
    if gain is None or tax is None:
        return ""
    costs = f"costs tax of {script.money(tax)}" if tax.value else "costs no tax"
    within = f" {script.money(free)} of it can be sold within the exemption." if free is not None else ""
    order = table.glosses.get(LOT_ORDER)
    by_lots = (
        f" ({order})"
        if order is not None and any(fact.subject == gain.subject for fact in table.list_measure("gain", "lot_gain."))
        else ""
    )
    return f" Met out of {gain.subject}, that realises a gain of {script.money(gain)}{by_lots} and {costs}.{within}"
