"""Rows as instructions ask for them: kept or left out, one for each key, in an order."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from services.converter.domain.formats.number import styles
from services.converter.domain.instructions import Instructions
from services.converter.domain.synthesis.language import Condition, Examples
from services.converter.domain.synthesis.operators.logic.combined import Not
from services.converter.domain.synthesis.operators.spoken import spoken
from services.converter.domain.synthesis.rows.algebra import Plan, Relation, Step
from services.converter.domain.synthesis.rows.figures import amounts_of
from services.converter.domain.synthesis.rows.steps.filtering import Filter
from services.converter.domain.synthesis.rows.steps.grouping import Grouped
from services.converter.domain.synthesis.rows.steps.sorting import Backwards, Distinct, Sort
from services.converter.domain.table import Table
from services.converter.domain.wording.lexicon import in_english
from services.converter.domain.wording.sentences import RowsAsked, named, rows_asked, sentences_of

SAMPLE = 400
"""Rows by which the words of a condition are tied to a column's values and format."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What one sentence asks of the rows of a table, tied to its columns."""

    what: RowsAsked
    keeps: Condition | None = None
    """The condition on which rows stay."""
    columns: tuple[str, ...] = ()
    """The keys, or what the rows are sorted by."""

    def is_met_by(self, plan: Plan) -> bool:
        """Whether a plan does it."""
        if self.keeps is not None:
            return any(step.keeps == self.keeps for step in plan.steps)
        if self.what.what == "key":
            return any(set(self.columns) == set(keys) for keys in map(_keys, plan.steps) if keys)
        sorts = [step for step in plan.steps if isinstance(step, Sort)]
        return bool(sorts) and (sorts[-1].column, sorts[-1].descending) == (self.columns[0], self.what.falling)

    def against(self, relation: Relation, kept: Sequence[int]) -> int | None:
        """The first row of the input, from 1 on, that is to go by the words though it is among the ``kept`` ones."""
        holds = self.keeps.holds if self.keeps is not None else lambda _: True
        return next((relation.origins[place] for place in kept if not holds(relation.rows[place])), None)


def asked_of_rows(sentence: str, table: Table, others: Sequence[str] = ()) -> Asked | None:
    """What a sentence asks of a table's rows; None where it asks nothing, or of columns that there are not."""
    names = table.column_names
    what = rows_asked(in_english(sentence, (*names, *others)))
    if what is None:
        return None
    if what.what in ("keep", "drop"):
        rows = Relation.of(replace(table, rows=table.rows[:SAMPLE])).rows
        condition = spoken(Examples(names, list(rows), ["" for _ in rows]), what.text)
        if condition is None:
            return None
        opposite = condition.bare if condition.bare is not condition else Not(condition)
        return Asked(what, condition if what.what == "keep" else opposite)
    columns = tuple(named(what.text, names))
    return Asked(what, columns=columns) if columns else None


def asked_in(said: Instructions, table: Table, others: Sequence[str] = ()) -> list[Asked]:
    """All that is asked of a table's rows."""
    found = (asked_of_rows(sentence, table, others) for sentence in sentences_of(said.all_words))
    return [asked for asked in found if asked is not None]


def filtered(start: Plan, asked: Sequence[Asked]) -> Plan:
    """The rows that are to stay."""
    for each in asked:
        if each.keeps is not None:
            start = start.then(Filter(each.keeps, said=True))
    return start


def grouped(start: Plan, asked: Sequence[Asked]) -> Iterator[Plan]:
    """One row for each key that is asked for, whether the output shows it or not."""
    keys = next((each.columns for each in asked if each.what.what == "key"), ())
    if keys:
        amounts = amounts_of(start.relation.names, start.relation.rows)
        yield start.then(Grouped(keys, tuple(amount for amount in amounts if amount[0] not in keys)))


def arranged(plan: Plan, asked: Sequence[Asked]) -> Iterator[Plan]:
    """The plan where it does what is asked for, its rows in the order that is."""
    order = next((each for each in asked if each.what.what == "order"), None)
    if order is not None and not order.is_met_by(plan):
        steps = plan.steps
        while steps and isinstance(steps[-1], Sort | Backwards):
            steps = steps[:-1]
        base = replayed(Plan(plan.earlier[0] if plan.earlier else plan.relation), steps)
        sort = _sort(base.relation, order.columns[0], falling=order.what.falling)
        plan = base.then(sort) if sort is not None else plan
    if all(each.is_met_by(plan) for each in asked):
        yield plan


def replayed(plan: Plan, steps: Sequence[Step]) -> Plan:
    """The plan with more steps."""
    for step in steps:
        plan = plan.then(step)
    return plan


def _keys(step: Step) -> tuple[str, ...]:
    if isinstance(step, Grouped):
        return step.keys
    return step.columns if isinstance(step, Distinct) else ()


def _sort(relation: Relation, column: str, *, falling: bool) -> Sort | None:
    if column not in relation.names:
        return None
    index = relation.names.index(column)
    texts = [row[index] or "" for row in relation.rows]
    readable = [style for style in styles(texts) if not style.percent] if any(t.strip() for t in texts) else []
    return Sort(column, falling, bool(readable), None if not readable or readable[0].plain else readable[0])
