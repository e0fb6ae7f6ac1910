"""What an adviser says of the tax of single sales that limits ask for, by the accounts that they are made in."""

from services.portfolio.domain.facts import Fact, FactTable, Mark, join_names
from services.portfolio.domain.narrative import binding
from services.portfolio.domain.narrative.text import Script

_TAX, _SHOWN = 61, 3


def tell_taxes(table: FactTable, script: Script) -> None:
    """Which of the sales are taxed, the gain in them, and which losses count against it and which do not."""
    over = [str(fact.subject) for fact in table.list_measure("excess", "excess.single_name.")]
    taxed = [fact for fact in table.list_measure("taxable_gain", "taxable_gain.") if fact.subject in over]
    free = [name for name in over if table.is_marked(name, Mark.SHELTERED) and binding.may_sell_part(table, name)]
    if free:
        where = join_names(list(dict.fromkeys(_account(table, name) for name in free[:_SHOWN])))
        script.suggest(
            f"Sell {join_names(free[:_SHOWN])} without regard to tax: gains in {where} are normally not taxed while "
            "they stay there.",
            _TAX - 1,
        )
    losses = [
        fact for fact in table.list_measure("gain", "gain.") if fact.subject is not None and fact.value < 0
        and fact.currency is not None
    ]  # fmt: skip
    counting = list(table.list_measure("gain", "sale_loss."))  # of what is sold in part, the loss of that part
    made = {fact.subject for fact in counting}
    counting += [fact for fact in losses if table.is_marked(fact.subject, Mark.TAXED) and fact.subject not in made]
    counting = counting[:_SHOWN]
    idle = [str(fact.subject) for fact in losses if table.is_marked(fact.subject, Mark.SHELTERED)][:_SHOWN]
    for place, fact in enumerate(taxed[:_SHOWN]):
        where = _account(table, str(fact.subject))
        text = f"That sale of {fact.subject}, held in {where}, realises a capital gain of {script.money(fact)}"
        if place == 0 and counting:
            shown = join_names([f"{script.money(loss)} on {loss.subject}" for loss in counting])
            text += f"; the loss{'' if len(counting) == 1 else 'es'} of {shown} can be set "
            text += f"against it only once {'it is' if len(counting) == 1 else 'they are'} realised (sold)"
        if place == 0 and idle:
            text += f"; losses on {join_names(idle)} cannot be set against it, as in their accounts they do not count"
        spread = " Choose the tax years for it before selling." if _is_worth_spreading(table, fact) else ""
        script.suggest(f"{text}.{spread}", _TAX)


def _is_worth_spreading(table: FactTable, gain: Fact) -> bool:
    """Whether a gain is large enough that its tax may be worth more than a year: from one percent of all on."""
    value = table.find("market_value")
    return value is None or gain.value * 100 >= value.value


def _account(table: FactTable, name: str) -> str:
    """The account that a name is in, as words."""
    account = table.glosses.get(f"{name} is in")
    if account is None:
        return "accounts of that kind"
    return f"the {account}" if account.casefold().endswith("account") else f"the {account} account"
