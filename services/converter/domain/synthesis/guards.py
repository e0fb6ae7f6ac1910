"""What the example did not show: checks that find, at inference, the rows on which a program has no ground."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from services.converter.domain.report import Guard, GuardKind, Severity
from services.converter.domain.synthesis import sampling
from services.converter.domain.synthesis.columns import NEAR_COST
from services.converter.domain.synthesis.compilation import steps_sql
from services.converter.domain.synthesis.language import Column, Condition, Expression, Node, Record, operand
from services.converter.domain.synthesis.operators.branch import Branch, Dictionary
from services.converter.domain.synthesis.operators.condition import Equals, Not
from services.converter.domain.synthesis.operators.known import KnownName
from services.converter.domain.synthesis.operators.match import Match
from services.converter.domain.synthesis.operators.moment import ReadMoment
from services.converter.domain.synthesis.operators.split import Split
from services.converter.domain.synthesis.operators.values import ReadNumber
from services.converter.domain.synthesis.sqltext import literal, quoted
from services.converter.domain.synthesis.tables.filtering import Filter
from services.converter.domain.synthesis.tables.relation import Plan, Relation
from services.converter.domain.synthesis.tokens import charset, raw

MAX_VALUES = 100
MAX_SHAPES = 12
MAX_ALTERNATIVES = 3
LEAST_WITNESSES = 2
"""Different rows of the example that a case must rest on."""
MOST_UNREAD = 4
"""Columns that are watched where the program reads none."""
_PLAIN_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")

_LETTERS, _DIGITS = charset("L") + raw("+"), charset("D") + raw("+")
_WORDS = charset("LD") + raw("+(?: ") + charset("LD") + raw("+)*")


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


def outline(text: str) -> str:
    """Runs of letters as `a`, of digits as `9`, the rest as it stands."""
    return _DIGITS.compiled.sub("9", _LETTERS.compiled.sub("a", text))


def skeleton(text: str) -> str:
    """Words with single blanks between them as `w`, the punctuation around them as it stands."""
    return _WORDS.compiled.sub("w", text)


def outline_sql(text: str) -> str:
    """SQL that does as `outline`."""
    return (
        f"regexp_replace(regexp_replace({text}, {literal(_LETTERS.sql)}, 'a', 'g'), {literal(_DIGITS.sql)}, '9', 'g')"
    )


def _skeleton_sql(text: str) -> str:
    return f"regexp_replace({text}, {literal(_WORDS.sql)}, 'w', 'g')"


_PHRASE = charset("L") + raw("+(?: ") + charset("L") + raw("+)*")


def _figure(text: str) -> str:
    """Runs of words as `a`, of digits as `9`, the rest as it stands."""
    return _DIGITS.compiled.sub("9", _PHRASE.compiled.sub("a", text))


def _figure_sql(text: str) -> str:
    words = f"regexp_replace({text}, {literal(_PHRASE.sql)}, 'a', 'g')"
    return f"regexp_replace({words}, {literal(_DIGITS.sql)}, '9', 'g')"


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
        for check in _checks(relation.rows, expression, others, given):
            merged.setdefault(check.outside, (check, []))[1].append(name)
    if programs and not any(expression.columns for expression, _ in programs):
        for check in _unread(relation.rows, relation.names):
            merged.setdefault(check.outside, (check, []))[1].extend(names)
    guards = []
    for check, outputs in merged.values():
        needed = frozenset(relation.names[i] for i in check.reads)
        ctes, source = steps_sql(start, plan, needed)
        sql = f"{ctes}SELECT _row, {check.value} AS value\nFROM {source}\nWHERE {check.outside}"
        guards.append(Guard(check.column, check.kind, check.severity, check.words, sql, tuple(outputs)))
    return (*guards, *_filter_guards(start, plan))


def rival_filter_guards(start: Relation, plan: Plan, others: Sequence[Filter]) -> Iterator[Guard]:
    """Rows that the plan's last filter keeps and another likely filter would not, or the other way round."""
    for place, (done, step) in enumerate(plan.stages()):
        relation = done.relation
        if isinstance(step, Filter) and not any(isinstance(later, Filter) for later in plan.steps[place + 1 :]):
            for other in others:
                reads = step.condition.columns | other.condition.columns
                ctes, source = steps_sql(start, done, frozenset(relation.names[i] for i in reads))
                shown = next(node for node in other.condition.walk() if isinstance(node, Column))
                differs = " IS DISTINCT FROM ".join(f"coalesce({f.condition.sql()}, false)" for f in (step, other))
                sql = f"{ctes}SELECT _row, {shown.sql()} AS value\nFROM {source}\nWHERE {differs}"
                words = f"the program's rule and another likely one decide otherwise here: {other.words()}"
                yield Guard(shown.name, "ambiguity", "note", words, sql)
            return


def _filter_guards(start: Relation, plan: Plan) -> Iterator[Guard]:
    """Values that the rule for keeping rows was not shown."""
    for done, step in plan.stages():
        relation = done.relation
        if isinstance(step, Filter):
            for node in step.condition.walk():
                if isinstance(node, Equals) and isinstance(node.source, Column):
                    check = _value_set(relation.rows, node.source)
                    if check is not None:
                        ctes, source = steps_sql(start, done, frozenset(relation.names[i] for i in check.reads))
                        sql = f"{ctes}SELECT _row, {check.value} AS value\nFROM {source}\nWHERE {check.outside}"
                        yield Guard(check.column, check.kind, check.severity, check.words, sql, ())


def _checks(
    rows: Sequence[Record], expression: Expression, others: Sequence[Expression], outputs: Sequence[str]
) -> Iterator[_Check]:
    nodes = list(expression.walk())
    for node, scope in _scoped(expression):
        inside = [row for row in rows if all(condition.holds(row) for condition in scope)]
        yield from (_within(check, scope) for check in _node_checks(inside, node))
    if not isinstance(expression, Column) and expression.columns:
        shown = _shown(expression)
        if len({tuple(row) for row in rows}) == 1:
            yield _Check(
                _name_of(expression), "shape", "note", "the example showed one row only: what varies is a guess", shown,
                "true", expression.columns,
            )  # fmt: skip
        if outputs and all(outputs):
            yield _Check(
                _name_of(expression), "missing", "unseen", "nothing was found where the example always had something",
                shown, f"coalesce({expression.sql()}, '') = ''", expression.columns,
            )  # fmt: skip
        yield from _shape_check(
            outputs, expression, outline, outline_sql, "the result has a form that the example did not show"
        )
        for column in dict.fromkeys(node for node in nodes if isinstance(node, Column)):
            texts = [column.run(row) or "" for row in sampling.some(rows, sampling.MOST_SEEN)]
            yield from _shape_check(
                texts, column, skeleton, _skeleton_sql, f"{column.name} is punctuated as the example did not show"
            )
    if isinstance(expression, Column):
        yield from _plain_number_check(outputs, expression)
    for other in others[:MAX_ALTERNATIVES]:
        if other.cost <= expression.cost + NEAR_COST and other.sql() != expression.sql():
            yield _Check(
                _name_of(expression), "ambiguity", "note",
                f"another rule explains the example as well and answers otherwise: {other.words()}",
                f"CAST({operand(other)} AS VARCHAR)",
                f"coalesce({expression.sql()}, '') IS DISTINCT FROM coalesce({other.sql()}, '')",
                expression.columns | other.columns,
            )  # fmt: skip


def _plain_number_check(texts: Sequence[str], column: Column) -> Iterator[_Check]:
    """A check on copied columns that held plain numbers only: another way to write them asks for another program."""
    filled = [text for text in texts if text.strip()]
    if len(filled) > 1 and all(_PLAIN_NUMBER.fullmatch(text.strip()) for text in filled):
        yield _Check(
            column.name, "shape", "note", f"{column.name} is copied as it stands, but here it is no plain number",
            column.sql(),
            f"trim(coalesce({column.sql()}, '')) <> ''"
            f" AND NOT regexp_full_match(trim({column.sql()}), {literal(_PLAIN_NUMBER.pattern)})",
            column.columns,
        )  # fmt: skip


def _lone_arms(rows: Sequence[Record], branch: Branch) -> Iterator[_Check]:
    """Checks on the cases that rest on one row of the example: what is common to them cannot be told from one."""
    for condition, arm in ((branch.condition, branch.then), (Not(branch.condition), branch.otherwise)):
        if isinstance(arm, Branch) or not arm.columns <= branch.columns:
            continue
        if len({tuple(row) for row in rows if condition.holds(row)}) < LEAST_WITNESSES and condition.columns:
            column = next(node for node in condition.walk() if isinstance(node, Column))
            words = f"this case rests on one row of the example: {condition.words()}"
            yield _Check(column.name, "shape", "note", words, column.sql(), condition.sql(), condition.columns)


def _unread(rows: Sequence[Record], names: tuple[str, ...]) -> Iterator[_Check]:
    """Checks for programs that read nothing of the input: rows that look otherwise may want something else."""
    for index, name in enumerate(names[:MOST_UNREAD]):
        column = Column(index, name)
        texts = [column.run(row) or "" for row in rows]
        words = f"the output is the same on every row of the example, but {name} has a form that it did not show"
        plain = list(_shape_check(texts, column, outline, outline_sql, words))
        yield from plain or _shape_check(texts, column, _figure, _figure_sql, words)


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
        for part in node.condition.walk():
            if isinstance(part, Equals) and isinstance(part.source, Column):
                check = _value_set(rows, part.source)
                if check is not None:
                    yield check
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
    elif isinstance(node, Split):
        shown = sampling.some(rows, sampling.MOST_SEEN)
        counts = {(node.source.run(row) or "").count(node.delimiter) + 1 for row in shown}
        parts = f"len(string_split({node.source.sql()}, {literal(node.delimiter)}))"
        yield from _count_check(
            node,
            counts,
            parts,
            f"{node.source.words()} has another number of parts at {quoted(node.delimiter)} than seen",
        )
    elif isinstance(node, Match):
        shown = sampling.some(rows, sampling.MOST_SEEN)
        counts = {len(node.token.find_all(node.source.run(row) or "")) for row in shown}
        found = f"len(regexp_extract_all({node.source.sql()}, {literal(node.token.pattern.sql)}))"
        yield from _count_check(
            node, counts, found, f"{node.source.words()} has another number of {node.token.name} than seen"
        )


def _count_check(node: Split | Match, counts: set[int], measured: str, words: str) -> Iterator[_Check]:
    if len(counts) <= 4:
        seen = ", ".join(str(c) for c in sorted(counts))
        yield _Check(
            _name_of(node), "shape", "note", words, node.source.sql(), f"{measured} NOT IN ({seen})", node.columns
        )


def _value_set(rows: Sequence[Record], column: Column) -> _Check | None:
    values = sorted({column.run(row) or "" for row in rows})
    if len(values) > MAX_VALUES or len(values) * 3 > len(rows) * 2 + 3:
        return None
    seen = ", ".join(literal(v) for v in values)
    return _Check(
        column.name, "value_set", "unseen", f"a value of {column.name} that the example did not show", column.sql(),
        f"coalesce({column.sql()}, '') NOT IN ({seen})", column.columns,
    )  # fmt: skip


def _shape_check(
    texts: Sequence[str], expression: Expression, form: Callable[[str], str], form_sql: Callable[[str], str], words: str
) -> Iterator[_Check]:
    """A check on outlines, where the example's texts are regular: few outlines for the number of texts."""
    forms = sorted({form(t) for t in set(sampling.some(texts, sampling.MOST_SEEN)) if t})
    if (
        not forms
        or len(forms) > MAX_SHAPES
        or len(forms) > max(1, (len(texts) + 1) // 2)
        or any(len(f) > 80 for f in forms)
    ):
        return
    seen = ", ".join(literal(f) for f in forms)
    kind: GuardKind = "format" if not isinstance(expression, Column) else "shape"
    yield _Check(
        _name_of(expression), kind, "note", words, _shown(expression),
        f"coalesce({expression.sql()}, '') <> '' AND {form_sql(expression.sql())} NOT IN ({seen})", expression.columns,
    )  # fmt: skip
