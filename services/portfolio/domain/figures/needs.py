"""Money that is spoken for, held against the cash at hand: what is owed or to be kept is none that could be invested.

What other payloads of the task say of needs counts too; each need counts once.
"""

from collections.abc import Iterable
from decimal import Decimal

from services.portfolio.domain.facts import GOAL, NEEDS, NEEDS_OPEN, Draft, join_names
from services.portfolio.domain.reading import Need, Reading

_NAMED = 3


def add_needs(reading: Reading, draft: Draft) -> None:
    """State what is spoken for and what that leaves of the cash; gloss each need with what it says."""
    elsewhere = draft.siblings.needs if draft.section != "income" else ()
    needs = _list_once([*reading.needs, *elsewhere])
    goals = [need.says for need in needs if need.is_goal]
    owed = [need for need in needs if not need.is_goal]
    if goals:
        draft.glosses[GOAL] = join_names(goals[:_NAMED])
        draft.quote(draft.glosses[GOAL])
    if not owed:
        return
    draft.glosses[NEEDS] = join_names([need.says for need in owed[:_NAMED]])
    draft.quote(draft.glosses[NEEDS])
    amounts = [
        need.amount.value for need in owed if need.amount is not None and need.amount.currency in {None, draft.currency}
    ]
    if len(amounts) < len(owed) or len(owed) > _NAMED:
        draft.glosses[NEEDS_OPEN] = "not all amounts are known"
    cash = draft.find("cash")
    if not amounts or cash is None or draft.currency is None:
        return
    inputs = tuple(dict.fromkeys(need.name for need in owed))
    spoken = sum(amounts, Decimal(0))
    draft.state("spoken_for", spoken, inputs)
    if cash.value > spoken:
        draft.state("cash_left", cash.value - spoken, (*cash.inputs, *inputs))
    elif cash.value < spoken:
        draft.state("cash_short", spoken - max(cash.value, Decimal(0)), (*cash.inputs, *inputs))


def _list_once(needs: Iterable[Need]) -> list[Need]:
    """Each need once: two fields that name one amount speak of one."""
    found: list[Need] = []
    for need in needs:
        amounts = {other.amount.value for other in found if other.amount is not None}
        if need.says not in {other.says for other in found} and (
            need.amount is None or need.amount.value not in amounts
        ):
            found.append(need)
    return found
