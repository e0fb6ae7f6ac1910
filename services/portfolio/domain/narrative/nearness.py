"""What an adviser says of what is close below its limit."""

from services.portfolio.domain.facts import FactTable, join_names
from services.portfolio.domain.narrative import binding
from services.portfolio.domain.narrative.text import Script

_TOLD = 55


def write(table: FactTable, script: Script) -> None:
    """The issuers, then the positions that are no such issuer, within a tenth of their limit."""
    told: set[str] = set()
    for rule, word in (("issuer", "an issuer"), ("single_name", "a position")):
        near = [fact for fact in table.facts if fact.id.startswith(f"near_limit.{rule}.") and fact.subject not in told]
        limits = {binding.find_limit(table, rule, fact.subject) for fact in near}
        if not near or len(limits) != 1 or (limit := limits.pop()) is None:
            continue
        told |= {str(fact.subject) for fact in near}
        names = join_names([f"{fact.subject} ({script.percent(fact)})" for fact in near])
        script.observe(
            f"Near {script.bound(limit)} for {word}, which a small rise could pass: {names}.",
            _TOLD,
        )
        script.suggest(f"Add nothing to {join_names([str(fact.subject) for fact in near])}.", 50)
