"""What the example did not show: checks that find, at inference, the rows on which a program has no ground.

A check asks whether the program could mean something else on a row than on the example's, not whether the row looks
otherwise: a mark that the program goes by is missing, something it counts from one end could be meant from the other,
another rule that explains the example as well gives another likely answer, the answer is of a kind that was not shown.
How the rest of a text is punctuated says nothing of that, except for programs that are dear for the rows they rest on.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from services.converter.domain.report import Guard, GuardKind, Severity
from services.converter.domain.synthesis import sampling
from services.converter.domain.synthesis.columns.learning import NEAR_COST
from services.converter.domain.synthesis.columns.ranking import EXACT_NAME
from services.converter.domain.synthesis.language import Column, Concat, Condition, Constant, Expression, Node, Record
from services.converter.domain.synthesis.operators.date.moment import ReadMoment
from services.converter.domain.synthesis.operators.logic.branch import Branch, Dictionary
from services.converter.domain.synthesis.operators.logic.condition import Equals, Not
from services.converter.domain.synthesis.operators.number.values import ReadNumber
from services.converter.domain.synthesis.operators.text.case import Case
from services.converter.domain.synthesis.operators.text.cut import Cut, Offset
from services.converter.domain.synthesis.operators.text.trim import Squeeze, Trim
from services.converter.domain.synthesis.operators.world.known import KnownName
from services.converter.domain.synthesis.proof.forms import (
    FIGURE,
    KIND,
    OUTLINE,
    SKELETON,
    Form,
    has_more_words,
    most_words,
)
from services.converter.domain.synthesis.proof.readings import missing_marks, readings_of, swapped
from services.converter.domain.synthesis.rows.algebra import Plan, Relation
from services.converter.domain.synthesis.rows.compile import steps_sql
from services.converter.domain.synthesis.sqltext import literal

HEADINGS = ("top_", "wide_")
"""How the names of columns begin that hold what stands above a row."""
MAX_VALUES = 100
MAX_ALTERNATIVES = 3
MAX_NAMED = 2
"""Rivals that are named to the reader."""
MOST_ROWS = 2_000
"""Rows of a large example by which rules are told apart."""
CLOSE_COST = 1.0
"""Rivals count where they cost at most so much more than the program, `NEAR_COST` where it rests on one row."""
CHEAP_COST = 4.0
"""A program that costs more than this is believed as far as it has a row for each point above."""
MOST_WORDS = 6
"""Answers of so many words are prose, whose length says nothing."""
LEAST_WITNESSES = 2
"""Different rows of the example that a case must rest on."""
MOST_UNREAD = 4
"""Columns that are watched where the program reads none."""
NUMBERS_FOR_A_MARK = 10
"""Numbers that a column must show for each other text in it, to be one of numbers."""
_PLAIN_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")


@dataclass(frozen=True, slots=True)
class _Check:
    """One test over the relation: ``outside`` is SQL that holds on rows beyond the example, ``value`` what is shown."""

    column: str
    kind: GuardKind
    severity: Severity
    words: str
    value: str
    outside: str
    reads: frozenset[int]


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
    merged: dict[str, tuple[_Check, list[str]]] = {}
    for name, (expression, others), given in zip(names, programs, texts, strict=True):
        for check in _checks(_Shown(relation, plan.lent, given), expression, others):
            merged.setdefault(check.outside, (check, []))[1].append(name)
    if programs and not any(expression.columns for expression, _ in programs):
        for check in _unread(relation.rows, relation.names):
            merged.setdefault(check.outside, (check, []))[1].extend(names)
    guards = []
    for check, outputs in merged.values():
        needed = frozenset(relation.names[i] for i in check.reads)
        ctes, source = steps_sql(start, plan, needed)
        sql = f"{ctes}SELECT _row, {check.value} AS value\nFROM {source}\nWHERE {check.outside}"
        guards.append(Guard(check.column, check.kind, check.severity, check.words, sql, tuple(dict.fromkeys(outputs))))
    return (*guards, *_filter_guards(start, plan))


def rival_filter_guards(start: Relation, plan: Plan, others: Sequence[Plan]) -> Iterator[Guard]:
    """Rows that the plan's last filter keeps and another likely filter would not, or the other way round.

    ``others`` are plans that end with that filter, and that are the plan's own before, but for columns that they add.
    """
    own = next((step for step in reversed(plan.steps) if step.stays), None)
    for other in others if own is not None else ():
        rival, before = other.steps[-1], other.earlier[-1]
        if own is None or rival.keeps is None:
            continue
        reads = rival.keeps.columns | (own.keeps.columns if own.keeps else frozenset[int]())
        done = Plan(before, other.steps[:-1], earlier=other.earlier[:-1])
        ctes, source = steps_sql(start, done, frozenset(before.names[i] for i in reads))
        shown = next(node for node in rival.keeps.walk() if isinstance(node, Column))
        sql = (
            f"{ctes}SELECT _row, {shown.sql()} AS value\nFROM {source}\n"
            f"WHERE ({own.stays}) IS DISTINCT FROM ({rival.stays})"
        )
        words = f"the program's rule and another likely one decide otherwise here: {rival.words()}"
        yield Guard(shown.name, "ambiguity", "note", words, sql)


def _filter_guards(start: Relation, plan: Plan) -> Iterator[Guard]:
    """Values that the rule for keeping rows was not shown."""
    for done, step in plan.stages():
        relation = done.relation
        for check in _condition_checks(relation.rows, step.keeps) if step.keeps else ():
            ctes, source = steps_sql(start, done, frozenset(relation.names[i] for i in check.reads))
            sql = f"{ctes}SELECT _row, {check.value} AS value\nFROM {source}\nWHERE {check.outside}"
            yield Guard(check.column, check.kind, check.severity, check.words, sql, ())


def _condition_checks(rows: Sequence[Record], condition: Condition) -> Iterator[_Check]:
    """Values that a condition was not shown, and places between two rows at which its threshold might lie as well."""
    for node in condition.walk():
        if isinstance(node, Equals) and isinstance(node.source, Column):
            check = _value_set(rows, node.source)
            if check is not None:
                yield check
        gap = node.gap(sampling.some(rows, MOST_ROWS)) if isinstance(node, Condition) else ""
        if gap:
            column = next(n for n in node.walk() if isinstance(n, Column))
            words = f"the example shows nothing between its rows on either side: {node.words()}"
            yield _Check(column.name, "ambiguity", "note", words, column.sql(), gap, node.columns)


@dataclass(frozen=True, slots=True)
class _Shown:
    """What the example shows of one output column."""

    relation: Relation
    lent: frozenset[str]
    outputs: Sequence[str]

    @property
    def rows(self) -> Sequence[Record]:
        return self.relation.rows

    @property
    def distinct(self) -> int:
        """Different rows, of a large example among some."""
        return len({tuple(row) for row in sampling.some(self.rows, MOST_ROWS)})

    @property
    def texts(self) -> Sequence[str]:
        return sampling.some(self.outputs, sampling.MOST_SEEN)

    def lends(self, expression: Expression) -> bool:
        """Whether the program reads what other rows or the headings above the row say."""
        names = [self.relation.names[index] for index in expression.columns]
        return any(name in self.lent or name.startswith(HEADINGS) for name in names)


def _checks(shown: _Shown, expression: Expression, others: Sequence[Expression]) -> Iterator[_Check]:
    for node, scope in _scoped(expression):
        inside = [row for row in shown.rows if all(condition.holds(row) for condition in scope)]
        yield from (_within(check, scope) for check in _node_checks(inside, node))
    if isinstance(expression, Column):
        yield from _plain_number_check(shown.outputs, expression)
    elif expression.columns:
        yield from _answer_checks(shown, expression)
        if expression.cost - CHEAP_COST > shown.distinct:
            yield from _dear_checks(shown, expression)
        yield from _rival_checks(
            shown, expression, "counted from the other end, the rule answers otherwise", _readings(shown, expression)
        )
    words = "by the example it could as well be another rule, which answers otherwise"
    yield from _rival_checks(shown, expression, words, _near(shown, expression, others))


def _answer_checks(shown: _Shown, expression: Expression) -> Iterator[_Check]:
    """Checks on what the program gives: nothing, or another kind of text than ever in the example."""
    name, value, reads = _name_of(expression), _shown(expression), expression.columns
    if shown.outputs and all(shown.outputs):
        yield _Check(
            name, "missing", "unseen", "nothing was found where the example always had something", value,
            f"coalesce({expression.sql()}, '') = ''", reads,
        )  # fmt: skip
    for piece in expression.pieces if isinstance(expression, Concat) else (expression,):
        if not _is_whole(piece):
            yield from _kind_checks(shown, piece)


def _kind_checks(shown: _Shown, piece: Expression) -> Iterator[_Check]:
    """Checks on a text that was taken out of others: other texts that go by the same marks may be something else."""
    texts = [piece.run(row) or "" for row in sampling.some(shown.rows, sampling.MOST_SEEN)]
    yield from _shape_check(texts, piece, KIND, "the answer is of a kind that the example did not show")
    most = most_words(texts)
    if 1 <= most < MOST_WORDS:
        words = f"the answer has more words in a row than any of the example ({most})"
        outside = has_more_words(piece.sql(), most)
        yield _Check(_name_of(piece), "format", "note", words, _shown(piece), outside, piece.columns)


def _is_whole(piece: Expression) -> bool:
    """Whether a piece is a cell, the same on every row, or a field of fixed width: whatever stands there is right."""
    if isinstance(piece, Trim | Squeeze | Case):
        return _is_whole(piece.source)
    return not piece.columns or isinstance(piece, Column) or (isinstance(piece, Cut) and piece.fixed)


def _dear_checks(shown: _Shown, expression: Expression) -> Iterator[_Check]:
    """Checks that rows look like the example's, for programs that are dear for what they rest on."""
    yield from _shape_check(
        shown.texts, expression, OUTLINE, "the rule rests on few rows, and the answer has a form that they did not show"
    )
    for column in dict.fromkeys(node for node in expression.walk() if isinstance(node, Column)):
        texts = [column.run(row) or "" for row in sampling.some(shown.rows, sampling.MOST_SEEN)]
        words = f"the rule rests on few rows, and {column.name} is punctuated as they did not show"
        yield from _shape_check(texts, column, SKELETON, words)


def _readings(shown: _Shown, expression: Expression) -> Iterator[Expression]:
    """The program with one of its pieces read otherwise."""
    for node, scope in _scoped(expression):
        inside = [row for row in shown.rows if all(condition.holds(row) for condition in scope)]
        if inside:
            for other in readings_of(node, sampling.some(inside, MOST_ROWS)):
                yield other if node is expression else swapped(expression, node, other)


def _near(shown: _Shown, expression: Expression, others: Sequence[Expression]) -> Iterator[Expression]:
    """The rivals that are about as likely as the program: a column of the very name of the output has none."""
    if isinstance(expression, Column) and expression.price <= EXACT_NAME:
        return
    several = shown.distinct >= LEAST_WITNESSES
    for other in others[:MAX_ALTERNATIVES]:
        if other.cost > expression.cost + (CLOSE_COST if several else NEAR_COST):
            continue
        afar = shown.lends(other) and not shown.lends(expression)
        if not afar and not (several and expression.columns and _is_narrower(other, expression)):
            yield other


def _is_narrower(other: Expression, expression: Expression) -> bool:
    """Whether a rival holds more of the example's own content: cases, places counted in characters, written text."""
    return any(_holds(other, what) > _holds(expression, what) for what in (_is_case, _is_counted, _is_written))


def _holds(expression: Expression, what: Callable[[Node], bool]) -> int:
    return sum(map(what, expression.walk()))


def _is_case(node: Node) -> bool:
    return isinstance(node, Branch)


def _is_counted(node: Node) -> bool:
    positions = (node.start, node.end) if isinstance(node, Cut) else ()
    return any(isinstance(position, Offset) and position.count > 0 for position in positions)


def _is_written(node: Node) -> bool:
    return isinstance(node, Constant) and any(map(str.isalnum, node.text))


def _rival_checks(shown: _Shown, expression: Expression, words: str, others: Iterator[Expression]) -> Iterator[_Check]:
    """A check for the rows on which a rival gives another answer, and one that could be meant.

    That is an answer where the example always has one, of a kind that it shows.
    """
    forms = () if isinstance(expression, Constant) or shown.distinct < LEAST_WITNESSES else _kinds(shown)
    rivals = list({other.sql(): other for other in others if other.sql() != expression.sql()}.values())
    column = next((n for e in (expression, *rivals) for n in e.walk() if isinstance(n, Column)), None)
    if not rivals or column is None:
        return
    differs = []
    for other in rivals:
        answer = f"coalesce({other.sql()}, '')"
        tests = [f"coalesce({expression.sql()}, '') IS DISTINCT FROM {answer}"]
        if shown.outputs and all(shown.outputs):
            tests.append(f"{answer} <> ''")
        if forms and not isinstance(other, Column):
            tests.append(f"({answer} = '' OR NOT ({KIND.is_new(answer, forms)}))")
        differs.append(" AND ".join(tests))
    named = ", or ".join(other.words() for other in rivals[:MAX_NAMED])
    reads = expression.columns.union(*(other.columns for other in rivals))
    outside = " OR ".join(f"({test})" for test in differs)
    yield _Check(column.name, "ambiguity", "note", f"{words}: {named}", column.sql(), outside, reads)


def _kinds(shown: _Shown) -> tuple[str, ...]:
    return KIND.shown(shown.texts, len(shown.outputs))


def _plain_number_check(texts: Sequence[str], column: Column) -> Iterator[_Check]:
    """A check on copied columns of plain numbers: another way to write them asks for another program.

    A few marks for what is not known may stand among the numbers; a mark that the example did not show is another.
    """
    filled = [text.strip() for text in texts if text.strip()]
    marks = sorted({text for text in filled if not _PLAIN_NUMBER.fullmatch(text)})
    if len(filled) > 1 and len(marks) * NUMBERS_FOR_A_MARK < len(filled):
        value = f"trim({column.sql()})"
        seen = f" AND {value} NOT IN ({', '.join(literal(mark) for mark in marks)})" if marks else ""
        yield _Check(
            column.name, "shape", "note", f"{column.name} is copied as it stands, but here it is no plain number",
            column.sql(),
            f"trim(coalesce({column.sql()}, '')) <> '' AND NOT regexp_matches({column.sql()}, '\\p{{L}}')"
            f" AND NOT regexp_full_match({value}, {literal(_PLAIN_NUMBER.pattern)}){seen}",
            column.columns,
        )  # fmt: skip


def _lone_arms(rows: Sequence[Record], branch: Branch) -> Iterator[_Check]:
    """Checks on the cases that rest on one row of the example: what is common to them cannot be told from one.

    Rows that say the very same as that one are told by it.
    """
    for condition, arm in ((branch.condition, branch.then), (Not(branch.condition), branch.otherwise)):
        if isinstance(arm, Branch) or not arm.columns <= branch.columns:
            continue
        witnesses = {tuple(row) for row in rows if condition.holds(row)}
        if len(witnesses) < LEAST_WITNESSES and condition.columns:
            columns = list(dict.fromkeys(n for e in (condition, arm) for n in e.walk() if isinstance(n, Column)))
            same = [
                f"coalesce({column.sql()}, '') = {literal(column.run(row) or '')}"
                for row in witnesses
                for column in columns
            ]
            words = f"this case rests on one row of the example: {condition.words()}"
            outside = f"{condition.sql()} AND NOT ({' AND '.join(same)})" if same else condition.sql()
            reads = condition.columns | arm.columns
            yield _Check(columns[0].name, "shape", "note", words, columns[0].sql(), outside, reads)


def _unread(rows: Sequence[Record], names: tuple[str, ...]) -> Iterator[_Check]:
    """Checks for programs that read nothing of the input: rows that look otherwise may want something else."""
    for index, name in enumerate(names[:MOST_UNREAD]):
        column = Column(index, name)
        texts = [column.run(row) or "" for row in rows]
        words = f"the output is the same on every row of the example, but {name} has a form that it did not show"
        plain = list(_shape_check(texts, column, OUTLINE, words))
        yield from plain or _shape_check(texts, column, FIGURE, words)


def _scoped(node: Node, scope: tuple[Condition, ...] = ()) -> Iterator[tuple[Node, tuple[Condition, ...]]]:
    """The node and all below it, with the conditions under which each is asked: those of the branches around it."""
    yield node, scope
    if isinstance(node, Branch):
        yield from _scoped(node.condition, scope)
        yield from _scoped(node.then, (*scope, node.condition))
        yield from _scoped(node.otherwise, (*scope, Not(node.condition)))
    else:
        for part in node.parts:
            yield from _scoped(part, scope)


def _within(check: _Check, scope: tuple[Condition, ...]) -> _Check:
    """The check on rows for which the conditions hold."""
    if not scope:
        return check
    outside = " AND ".join(f"({text})" for text in (*(c.sql() for c in scope), check.outside))
    return replace(check, outside=outside, reads=check.reads.union(*(c.columns for c in scope)))


def _name_of(expression: Node) -> str:
    return next((node.name for node in expression.walk() if isinstance(node, Column)), "")


def _shown(expression: Expression) -> str:
    column = next(node for node in expression.walk() if isinstance(node, Column))
    return column.sql()


def _node_checks(rows: Sequence[Record], node: Node) -> Iterator[_Check]:
    if isinstance(node, Dictionary) and isinstance(node.source, Column):
        seen = ", ".join(literal(key) for key, _ in node.pairs)
        yield _Check(
            node.source.name, "value_set", "unseen", f"a value of {node.source.name} that the example did not show",
            node.source.sql(), f"coalesce({node.source.sql()}, '') NOT IN ({seen})", node.source.columns,
        )  # fmt: skip
    elif isinstance(node, KnownName):
        source = node.source.sql()
        yield _Check(
            _name_of(node), "value_set", "unseen", f"not in the table of what is known: {node.title}",
            source, f"trim(coalesce({source}, '')) <> '' AND ({node.sql()}) IS NULL", node.columns,
        )  # fmt: skip
    elif isinstance(node, Branch):
        yield from _lone_arms(rows, node)
        yield from _condition_checks(rows, node.condition)
    elif isinstance(node, ReadNumber | ReadMoment):
        source = node.source.sql()
        kind, what = (
            ("number", "no number in the form seen")
            if isinstance(node, ReadNumber)
            else ("date", "no date in a form seen")
        )
        yield _Check(
            _name_of(node), kind, "unseen", f"{node.source.words()} is {what}", source,  # type: ignore[arg-type]
            f"trim(coalesce({source}, '')) <> '' AND ({node.sql()}) IS NULL", node.columns,
        )  # fmt: skip
    elif isinstance(node, Expression) and rows:
        for absent in missing_marks(node, sampling.some(rows, MOST_ROWS)):
            source = node.parts[0].sql()
            words = f"what the rule goes by is not there: {node.words()}"
            outside = f"coalesce({source}, '') <> '' AND {absent}"
            yield _Check(_name_of(node), "shape", "note", words, source, outside, node.columns)


def _value_set(rows: Sequence[Record], column: Column) -> _Check | None:
    values = sorted({column.run(row) or "" for row in rows})
    if len(values) > MAX_VALUES or len(values) * 3 > len(rows) * 2 + 3:
        return None
    seen = ", ".join(literal(v) for v in values)
    return _Check(
        column.name, "value_set", "unseen", f"a value of {column.name} that the example did not show", column.sql(),
        f"coalesce({column.sql()}, '') NOT IN ({seen})", column.columns,
    )  # fmt: skip


def _shape_check(texts: Sequence[str], expression: Expression, form: Form, words: str) -> Iterator[_Check]:
    """A check on forms, where those of the example's texts are regular."""
    forms = form.shown(sampling.some(texts, sampling.MOST_SEEN), len(texts))
    if forms:
        kind: GuardKind = "format" if not isinstance(expression, Column) else "shape"
        yield _Check(
            _name_of(expression), kind, "note", words, _shown(expression),
            f"coalesce({expression.sql()}, '') <> '' AND {form.is_new(expression.sql(), forms)}", expression.columns,
        )  # fmt: skip
