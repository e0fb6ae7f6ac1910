"""What an adviser says of limits once what is due is paid."""

from services.portfolio.domain.facts import AS_SENT, Fact, FactTable
from services.portfolio.domain.narrative.text import Script

_AFTER, _SHOWN = 89, 3


def write(table: FactTable, script: Script) -> None:
    """What is above its limit then, today or not, and how much has to go for it to hold."""
    for fact in table.list_measure("share_paid", "share_paid.")[:_SHOWN]:
        _tell(table, fact, script)
    cash = table.find("cash_paid")
    if cash is not None:
        script.warn(
            f"Once what is due is paid, cash is {script.percent(cash)} of the rest, less than its least.", _AFTER
        )
        script.suggest("Leave the cash as it is until what is due is paid, and fill it up from what is sold.", 71)
        script.prepare("agree what fills the cash up again", 71)


def _tell(table: FactTable, fact: Fact, script: Script) -> None:
    key = fact.id.removeprefix("share_paid.")
    size, today = table.find(f"reduction_paid.{key}"), table.find(f"excess.{key}")
    if size is None:
        return
    limit = table.find(f"limit.{key}") or table.find(f"limit.{key.partition('.')[0]}")
    lead = "Once" if today is not None else "Only once"
    told = f"{lead} what is due is paid, {fact.subject} is {script.percent(fact)} of the rest"
    whose = "its limit"
    if limit is not None and limit.method == AS_SENT:
        whose = script.own(limit)
    elif limit is not None:
        whose = f"the house limit of {script.percent(limit)} for one name (a default)"
    script.warn(f"{told}, which {whose} does not allow.", _AFTER)
    cure = table.find("cure_sale")
    if cure is not None and cure.subject == fact.subject:
        return  # which is larger, and told
    if limit is not None and limit.method != AS_SENT:  # no rule of the client's: nothing is sold for it unasked
        script.suggest(
            f"Agree whether so much of {fact.subject} is meant once what is due is paid: only without "
            f"{script.money(size)} of it would it be less.",
            60,
        )
        script.prepare(f"ask the client how much {fact.subject} may be once what is due is paid", 60)
        return
    script.suggest(
        f"For {fact.subject} to be within its limit after the payments as well, {script.money(size)} of it has to go, "
        "not only what is too much today.",
        70,
    )
    script.prepare(f"settle with the client how much of {fact.subject} goes before the payments", 70)
