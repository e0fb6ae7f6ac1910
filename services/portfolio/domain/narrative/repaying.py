"""What an adviser says of days on which nothing may be sold, and of a sale that cures a name and the borrowing."""

from services.portfolio.domain.facts import FactTable
from services.portfolio.domain.narrative import binding
from services.portfolio.domain.narrative.text import Script

_CLOSED, _FALL = 92, 94


def write(table: FactTable, script: Script) -> None:
    """The closed periods first, then what uses up the margin, then the sale."""
    closed = binding.list_closed(table)
    for name, says in closed.items():
        script.warn(f"{name} may not be sold in its closed period ({says}).", _CLOSED)
        script.suggest(f"Give no order for {name} before its closed period ends and the sale is cleared.", 81)
        script.prepare(f"have a sale of {name} cleared for the first day after its closed period", 81)
    fall, sale, taken = (table.find(name) for name in ("credit_fall_one", "cure_sale", "cure_taken"))
    if fall is not None:
        script.warn(
            f"A fall of {script.percent(fall)} in {fall.subject} alone would use up the margin, all else unchanged.",
            _FALL,
        )
    if sale is None:
        return
    when = ", once its closed period is over," if sale.subject in closed else ""
    script.suggest(
        f"Bring {sale.subject} and the borrowing down at once{when} by a sale of {script.money(sale)} "
        "whose proceeds are not spent otherwise.",
        78,
    )
    first = f"{script.money(taken)} of it goes to what is due, and the rest" if taken is not None else "All of it"
    script.suggest(f"Of that sale: {first} repays the credit.", 78)
    script.prepare(f"prepare the sale of {sale.subject} and the repayment with the bank", 78)
