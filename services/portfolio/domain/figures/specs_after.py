"""Kinds of facts of what is so later: of an income, of limits once what is due is paid, and of a margin."""

from services.portfolio.domain.facts import FactSpec
from services.portfolio.domain.number_words import Unit

_MONEY, _PERCENT, _YEARLY = Unit.MONEY, Unit.PERCENT, ("per_year",)

AFTER: dict[str, FactSpec] = {
    "stopping_income": FactSpec("income of {subject}, which ends", _MONEY, "income", "as sent", bases=_YEARLY),
    "income_lasting": FactSpec("income without what ends", _MONEY, "income", "income - what ends", bases=_YEARLY),
    "cover_lasting": FactSpec(
        "part of the need covered without what ends", _PERCENT, "income_cover", "income that is left / need"
    ),
    "share_paid": FactSpec(
        "share of {subject} once what is due is paid", _PERCENT, "share_paid", "value / (total - what is due)"
    ),
    "reduction_paid": FactSpec(
        "amount of {subject} above the limit once what is due is paid", _MONEY, "reduction_paid",
        "value - limit x (total - what is due)",
    ),
    "cash_paid": FactSpec(
        "share of cash once what is due is paid", _PERCENT, "share_paid", "(cash - what is due) / (total - what is due)"
    ),
    "credit_fall_one": FactSpec(
        "fall of {subject} alone that uses up the margin", _PERCENT, "credit_fall_one", "margin / its lending value"
    ),
    "credit_room_call": FactSpec(
        "credit that can be drawn before the margin call", _MONEY, "credit_room", "lending value x call - drawn"
    ),
    "repaid_by_sales": FactSpec(
        "credit to be repaid out of sales", _MONEY, "reduction", "(drawn - limit x assets) / (1 - limit)"
    ),
    "cure_sale": FactSpec(
        "sale of {subject} that leaves its limit and that of leverage kept", _MONEY, "cure_sale",
        "least sale after which both hold, what is due paid first and the rest repaid",
    ),
    "cure_taken": FactSpec("part of the sale that what is due takes", _MONEY, "cure_taken", "what is due - cash"),
}  # fmt: skip
