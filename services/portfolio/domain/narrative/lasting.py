"""What an adviser says of an income whose sources are known to end."""

from services.portfolio.domain.facts import FactTable
from services.portfolio.domain.narrative.text import Script

_ENDS, _SHOWN = 93, 3


def write(table: FactTable, script: Script) -> None:
    """Which source ends when, and what is left then."""
    stops = [fact for fact in table.facts if fact.id.startswith("stopping_income.")][:_SHOWN]
    left, cover = table.find("income_lasting"), table.find("cover_lasting")
    for fact in stops:
        script.warn(f"{fact.subject} pays {script.money(fact)} a year until {script.day(fact)}, and ends then.", _ENDS)
        script.suggest(f"Settle before {script.day(fact)} what takes the place of {fact.subject}.", 79)
        script.prepare(f"ask what takes the place of {fact.subject}", 79)
    if left is None or not stops:
        return
    script.warn(f"An income of {script.money(left)} a year is left then.", _ENDS)
    if cover is not None:
        less = " and ".join(
            word for word, name in (("tax", "income_cover_after_tax"), ("fees", "portfolio_fee_amount"))
            if table.find(name) is not None
        )  # fmt: skip
        after = f"After {less}, that" if less else "That"
        gap = table.find("gap_lasting")
        leaves = f" and leaves {script.money(gap)} a year open" if gap is not None else ""
        script.warn(f"{after} covers {script.percent(cover)} of the yearly need{leaves}.", _ENDS)
