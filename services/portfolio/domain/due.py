"""Whether anything is traded towards a model, as what is spoken for is paid first, and whether the model and what is
held suit the client: what decides before anything is written."""

from services.portfolio.domain.facts import Fact, FactTable


def find_due(table: FactTable) -> Fact | None:
    """How many assets are outside their bands, once what is spoken for is paid; None where it cannot be said."""
    return table.find("breaches_after") or table.find("breaches")


def suits_model(table: FactTable) -> bool:
    """Whether the model's equity is within the client's profile; true where it is not known."""
    return _is_within(table, "model_equity_share")


def suits_portfolio(table: FactTable) -> bool:
    """Whether the equity that is held is within the client's profile; true where it is not known."""
    low, high = find_ends(table)
    least, most = table.find("profile_min"), table.find("profile_max")
    if low is None or high is None or least is None or most is None:
        return True
    return low.value <= most.value and high.value >= least.value


def trades_settle(table: FactTable) -> bool:
    """Whether trades towards a model that suits the client are told: they bring equity into the profile's range."""
    breaches = find_due(table)
    due = breaches is not None and bool(breaches.value)
    return due and bool(table.list_measure("trade", "trade.")) and suits_model(table)


def find_ends(table: FactTable) -> tuple[Fact | None, Fact | None]:
    """The least and the most that equity may be: one figure where all is known."""
    equity = table.find("equity_share")
    return (equity, equity) if equity is not None else (table.find("equity_least"), table.find("equity_most"))


def _is_within(table: FactTable, fact_id: str) -> bool:
    equity, least, most = (table.find(name) for name in (fact_id, "profile_min", "profile_max"))
    return equity is None or least is None or most is None or least.value <= equity.value <= most.value
