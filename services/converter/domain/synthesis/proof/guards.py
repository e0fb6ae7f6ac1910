"""What the example did not show: checks that find, at inference, the rows on which a program has no ground.

A check asks whether the program could mean something else on a row than on the example's, not whether the row looks
otherwise: a mark that the program goes by is missing, the answer could stand elsewhere by another way to tell where,
another rule that explains the example as well gives another likely answer, the answer is of a kind that was not shown
or holds more than one field, it leaves out a part of the text where none was left out, or a part of it is empty.
How the rest of a text is punctuated says nothing of that, except for programs that are dear for the rows they rest on
and for numbers and dates that are taken as they stand (`proof.notation`).
"""

import string
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from services.converter.domain.formats.number import styles
from services.converter.domain.report import Guard
from services.converter.domain.synthesis import sampling
from services.converter.domain.synthesis.edges import MOST_CHECKED, Check, number_checks
from services.converter.domain.synthesis.language import (
    Column,
    Condition,
    Expression,
    Record,
)
from services.converter.domain.synthesis.proof.answers import answer_checks, pieces_of, shape_check
from services.converter.domain.synthesis.proof.blanks import blank_checks
from services.converter.domain.synthesis.proof.column_rivals import (
    LEAST_WITNESSES,
    Shown,
    reading_checks,
    rival_checks,
    scoped,
)
from services.converter.domain.synthesis.proof.either import either_checks
from services.converter.domain.synthesis.proof.forms import (
    FIGURE,
    OUTLINE,
    SKELETON,
)
from services.converter.domain.synthesis.proof.leftovers import leftover_checks
from services.converter.domain.synthesis.proof.neighbours import neighbour_checks
from services.converter.domain.synthesis.proof.notation import notation_checks
from services.converter.domain.synthesis.proof.standing import standing_checks
from services.converter.domain.synthesis.rows.algebra import Plan, Relation
from services.converter.domain.synthesis.rows.compile import steps_sql
from services.converter.domain.synthesis.sqltext import literal

MOST_CATEGORIES = 3
"""Values of a column that are kinds of rows, however their texts are read."""
CHEAP_COST = 5.0
"""A program, or a piece of one, that costs more than this is believed as far as it has a row for each point above. Each
row speaks for each piece, so that what they cost in sum says nothing of the answer's form. Of 1,092 right files (read
cases, public ones and made-up ones) and the wrong ones beside them, flags for it alone were needless on 5 where this
was 4.0, on 2 at 5.0 and on none at 6.0, where one wrong file more has a row that nothing names."""
LEAST_COMMON = 2
"""Marks that all texts of the example have (digits count as one), of which a text that has none is another thing. Of
900 columns of texts such rows were wrong, or nobody could tell, in 36, of which 8 were not named otherwise, and right
in 4; with one mark in 42, 11 and 10."""
MOST_UNREAD = 4
"""Columns that are watched where the program reads none."""
LEAST_MARKED = 3
"""Different rows that show which marks texts always have."""
_DIGITS = "0-9"
_MARKS = frozenset(string.digits + string.punctuation)


def guards_of(
    start: Relation,
    plan: Plan,
    names: Sequence[str],
    programs: Sequence[tuple[Expression, Sequence[Expression]]],
    texts: Sequence[Sequence[str]],
) -> tuple[Guard, ...]:
    """Guards of a whole program: for each output column its checks, as SELECTs of (row, value).

    ``texts`` are the columns that the programs give. Forms are taken from some rows of a large example, values and
    gaps from all.
    """
    relation = plan.relation
    merged: dict[str, tuple[Check, list[str]]] = {}
    for name, (expression, others), given in zip(names, programs, texts, strict=True):
        for check in _checks(Shown(relation, plan.lent, given, frozenset(start.names)), expression, others):
            merged.setdefault(check.outside + check.across, (check, []))[1].append(name)
    if programs and not any(expression.columns for expression, _ in programs):
        for check in _unread(relation.rows, relation.names):
            merged.setdefault(check.outside, (check, []))[1].extend(names)
    guards = []
    for check, outputs in merged.values():
        needed = frozenset(relation.names[i] for i in check.reads)
        ctes, source = steps_sql(start, plan, needed)
        outputs_of = tuple(dict.fromkeys(outputs))
        sql = check.sql(ctes, source)
        guards.append(Guard(check.column, check.kind, check.severity, check.words, sql, outputs_of))
    return (*guards, *_filter_guards(start, plan))


def rival_filter_guards(start: Relation, plan: Plan, others: Sequence[Plan]) -> Iterator[Guard]:
    """Rows that the plan's last filter keeps and another likely filter would not, or the other way round.

    ``others`` are plans that end with that filter, and that are the plan's own before, but for columns that they add.
    On values that the other filter was not shown it says nothing. Where several columns are blank on the rows that go,
    one blank cell says nothing: all of those others must be of another mind.
    """
    place = max((place for place, step in enumerate(plan.steps) if step.stays), default=None)
    if place is None:
        return
    own, before = plan.steps[place], plan.earlier[place]
    rivals = [_Against(other, keeps) for other in others if (keeps := other.steps[-1].keeps) is not None]
    asks_for_blank = own.keeps is not None and own.keeps.bare.asks_for_blank
    # The same rows before, but for columns that some add.
    blanks = [r for r in rivals if asks_for_blank and r.condition.bare.asks_for_blank and r.before == before]
    together = blanks if len(blanks) > 1 else []
    for group in (*([together] if together else ()), *([rival] for rival in rivals if rival not in together)):
        first = group[0]
        reads = own.keeps.columns if own.keeps else frozenset[int]()
        reads = reads.union(*(rival.reads for rival in group))
        done = Plan(first.before, first.plan.steps[:-1], earlier=first.plan.earlier[:-1])
        ctes, source = steps_sql(start, done, frozenset(first.before.names[i] for i in reads))
        shown = first.condition.first_column
        tests = " AND ".join(rival.decides_otherwise(own.stays) for rival in group)
        sql = f"{ctes}SELECT _row, {shown.sql()} AS value\nFROM {source}\nWHERE {tests}"
        words = f"the program's rule and another likely one decide otherwise here: {first.plan.steps[-1].words()}"
        yield Guard(shown.name, "ambiguity", "note", words, sql)


@dataclass(frozen=True, slots=True)
class _Against:
    """A plan that ends with another filter, and the condition of that."""

    plan: Plan
    condition: Condition

    @property
    def before(self) -> Relation:
        """The rows before it."""
        return self.plan.earlier[-1]

    @property
    def unknown(self) -> list[Check]:
        """Checks for rows with values that it was not shown."""
        found = _condition_checks(self.before.rows, self.condition)
        return [check for check in found if check.severity == "unseen" and not check.across]

    @property
    def reads(self) -> frozenset[int]:
        """The columns that it reads."""
        return self.condition.columns.union(*(check.reads for check in self.unknown))

    def decides_otherwise(self, stays: str) -> str:
        """SQL that holds where it knows a row's values and decides otherwise than the rule by which it ``stays``."""
        tests = [f"({stays}) IS DISTINCT FROM ({self.plan.steps[-1].stays})"]
        return " AND ".join((*tests, *(f"NOT coalesce({check.outside}, false)" for check in self.unknown)))


def _filter_guards(start: Relation, plan: Plan) -> Iterator[Guard]:
    """Values that the rule for keeping rows was not shown. A rank or a count that a step has added names no kind of
    rows: the third row of a group is as little the first as the second is."""
    for done, step in plan.stages():
        relation = done.relation
        for check in _condition_checks(relation.rows, step.keeps) if step.keeps else ():
            if check.kind == "value_set" and check.column not in start.names and _is_counted(relation, check.column):
                continue
            ctes, source = steps_sql(start, done, frozenset(relation.names[i] for i in check.reads))
            yield Guard(check.column, check.kind, check.severity, check.words, check.sql(ctes, source), ())


def _is_counted(relation: Relation, name: str) -> bool:
    place = relation.names.index(name)
    return all((row[place] or "").isdecimal() for row in sampling.some(relation.rows, MOST_CHECKED))


def _condition_checks(rows: Sequence[Record], condition: Condition) -> Iterator[Check]:
    """Values that a condition was not shown, and places between two rows at which its threshold might lie as well."""
    for node, _ in scoped(condition):
        if isinstance(node, Condition):
            yield from node.edges(rows)


def _checks(shown: Shown, expression: Expression, others: Sequence[Expression]) -> Iterator[Check]:
    for node, scope in scoped(expression):
        if not node.columns:
            continue
        inside = [row for row in shown.rows if all(condition.holds(row) for condition in scope)]
        yield from (_within(check, scope) for check in node.edges(inside))
    yield from notation_checks(shown, expression)
    yield from (_within(check, scope) for check, scope in blank_checks(shown, expression))
    yield from either_checks(shown, expression)
    yield from neighbour_checks(shown, expression)
    if expression.columns and not isinstance(expression, Column):
        yield from answer_checks(shown, expression)
        yield from _category_checks(shown, expression)
        yield from _respelled_number_checks(shown, expression)
        if expression.cost - CHEAP_COST > shown.distinct:
            yield from _dear_checks(shown, expression)
        yield from _common_marks_checks(shown, expression)
        yield from reading_checks(shown, expression)
        yield from standing_checks(shown, expression)
        yield from (_within(check, scope) for check, scope in leftover_checks(shown, expression))
    yield from rival_checks(shown, expression, others)


def _category_checks(shown: Shown, expression: Expression) -> Iterator[Check]:
    """A check on a column that holds nothing but a few values that recur, where answers are taken out of their texts:
    so few are little ground for a rule on others."""
    columns = list(dict.fromkeys(node for node in expression.walk() if isinstance(node, Column)))
    if len(columns) != 1 or columns[0].name not in shown.own or any(node.format_read for node in expression.walk()):
        return
    counts = Counter(columns[0].run(row) or "" for row in sampling.some(shown.rows, MOST_CHECKED))
    if len(counts) <= MOST_CATEGORIES and min(counts.values()) >= LEAST_WITNESSES:
        source = columns[0].sql()
        known = ", ".join(literal(value) for value in sorted(counts))
        words = f"{columns[0].name} had few values in the example ({len(counts)}), and here is another"
        yield columns[0].check("value_set", "note", words, f"coalesce({source}, '') NOT IN ('', {known})")


def _respelled_number_checks(shown: Shown, expression: Expression) -> Iterator[Check]:
    """Checks on a column of grouped numbers that are written otherwise by taking marks away: what is left of a number
    in another form is a number, too."""
    columns = list(dict.fromkeys(node for node in expression.walk() if isinstance(node, Column)))
    if len(columns) != 1 or any(node.format_read for node in expression.walk()):
        return
    texts = [text for row in sampling.some(shown.rows, MOST_CHECKED) if (text := columns[0].run(row) or "").strip()]
    style = next((style for style in styles(texts) if style.group), None)
    if style is not None and styles(shown.texts):
        yield from number_checks(columns[0], columns[0].name, columns[0].sql(), style)


def _dear_checks(shown: Shown, expression: Expression) -> Iterator[Check]:
    """Checks that rows look like the example's, for programs that are dear for what they rest on: the answer for each
    dear piece, the texts, where they are all alike, for all of them together. What is copied may look as it likes."""
    made = [piece for piece in pieces_of(expression) if piece.columns and not isinstance(piece, Column)]
    for piece in made:
        if piece.cost - CHEAP_COST > shown.distinct:
            texts = [piece.run(row) or "" for row in sampling.some(shown.rows, sampling.MOST_SEEN)]
            words = "the rule rests on few rows, and the answer has a form that they did not show"
            yield from shape_check(texts, piece, OUTLINE, words)
    for column in dict.fromkeys(node for piece in made for node in piece.walk() if isinstance(node, Column)):
        texts = [column.run(row) or "" for row in sampling.some(shown.rows, sampling.MOST_SEEN)]
        words = f"the rule rests on few rows, and {column.name} is punctuated as they did not show"
        # Where they vary, another way is no surprise.
        if len({SKELETON.of(text) for text in texts if text}) == 1:
            yield from shape_check(texts, column, SKELETON, words)


def _common_marks_checks(shown: Shown, expression: Expression) -> Iterator[Check]:
    """Checks on texts that have none of the marks that all of the example's have: whatever stands there, it is not what
    stood there."""
    if shown.distinct < LEAST_MARKED:
        return
    for column in dict.fromkeys(node for node in expression.walk() if isinstance(node, Column)):
        texts = [column.run(row) or "" for row in sampling.some(shown.rows, MOST_CHECKED)]
        common = frozenset.intersection(*map(_marks_of, texts))
        if len(common) >= LEAST_COMMON:
            marks = "".join(_DIGITS if mark == _DIGITS else f"\\{mark}" for mark in sorted(common))
            any_mark = f"regexp_matches({column.sql()}, {literal(f'[{marks}]')})"
            test = f"NOT {any_mark} AND trim(coalesce({column.sql()}, '')) <> ''"
            yield column.check("shape", "note", f"{column.name} has none of the marks that it always had", test)


def _marks_of(text: str) -> frozenset[str]:
    """The punctuation in a text, and the digits as one."""
    return frozenset(_DIGITS if mark in string.digits else mark for mark in text if mark in _MARKS)


def _unread(rows: Sequence[Record], names: tuple[str, ...]) -> Iterator[Check]:
    """Checks for programs that read nothing of the input: rows that look otherwise may want something else."""
    for index, name in enumerate(names[:MOST_UNREAD]):
        column = Column(index, name)
        texts = [column.run(row) or "" for row in rows]
        words = f"the output is the same on every row of the example, but {name} has a form that it did not show"
        plain = list(shape_check(texts, column, OUTLINE, words))
        yield from plain or shape_check(texts, column, FIGURE, words)


def _within(check: Check, scope: tuple[Condition, ...]) -> Check:
    """The check on rows for which the conditions hold."""
    if not scope:
        return check
    outside = " AND ".join(f"({text})" for text in (*(c.sql() for c in scope), check.outside))
    return replace(check, outside=outside, reads=check.reads.union(*(c.columns for c in scope)))
