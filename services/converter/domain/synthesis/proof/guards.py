"""What the example did not show: checks that find, at inference, the rows on which a program has no ground.

A check asks whether the program could mean something else on a row than on the example's, not whether the row looks
otherwise: a mark that the program goes by is missing, something it counts from one end could be meant from the other,
another rule that explains the example as well gives another likely answer, the answer is of a kind that was not shown.
How the rest of a text is punctuated says nothing of that, except for programs that are dear for the rows they rest on.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from services.converter.domain.formats.number import styles
from services.converter.domain.report import Guard, GuardKind
from services.converter.domain.synthesis import sampling
from services.converter.domain.synthesis.columns.learning import NEAR_COST
from services.converter.domain.synthesis.columns.ranking import EXACT_NAME
from services.converter.domain.synthesis.edges import MOST_CHECKED, Check, number_checks
from services.converter.domain.synthesis.language import (
    Column,
    Concat,
    Condition,
    Constant,
    Expression,
    Node,
    Record,
    remade,
)
from services.converter.domain.synthesis.proof.forms import (
    FIGURE,
    KIND,
    OUTLINE,
    SKELETON,
    Form,
    has_more_words,
    most_words,
)
from services.converter.domain.synthesis.proof.surroundings import Surroundings
from services.converter.domain.synthesis.rows.algebra import Plan, Relation
from services.converter.domain.synthesis.rows.compile import steps_sql
from services.converter.domain.synthesis.sqltext import literal

HEADINGS = ("top_", "wide_")
"""How the names of columns begin that hold what stands above a row."""
MOST_CATEGORIES = 3
"""Values of a column that are kinds of rows, however their texts are read."""
MAX_NAMED = 2
"""Rivals that are named to the reader."""
CLOSE_COST = 1.0
"""Rivals count where they cost at most so much more than the program, `NEAR_COST` where it rests on one row."""
NARROWER = 0.25
"""What counts against a rival that holds more of the example's own content. Of 499 made-up texts (38 come out wrong) such
rivals at up to 0.75 above the program part from 13 wrong ones more and no right one; those from there to 1 from 13 right
ones more and no wrong one."""
CHEAP_COST, PER_ROW = 4.0, 2.0
"""A program that costs more than the first is believed as far as it has a row for each so many points above. Of 99
columns of made-up and read cases that cost more, 10 % came out wrong where there is a row for each half a point, 26 %
where there is one for each two and 19 % below that: how few rows there are for what it costs tells little."""
MOST_WORDS = 6
"""Answers of so many words are prose, whose length says nothing."""
LEAST_WITNESSES = 2
"""Different rows of the example that a case must rest on."""
MOST_UNREAD = 4
"""Columns that are watched where the program reads none."""
NUMBERS_FOR_A_MARK = 10
"""Numbers that a column must show for each other text in it, to be one of numbers."""
LEAST_ALIKE = 10
"""Different texts, in as many rows, that make a column one of a kind, such as plain numbers: another kind is a surprise
then. After n alike the next is another once in n + 2 times, whatever the column holds (the rule of succession)."""
LEAST_OF_A_KIND = 5
"""Different answers that are of few kinds (see `forms.KIND`) from which on another kind is noted. Of 150 made-up texts
the note stood on seven right ones, each with fewer, and on no wrong one alone."""
COUNTED_OTHERWISE = 0.3
"""What a place may cost more, counted from the other end, to be meant as well: the last of two may be the second, the
first of two is hardly the last but one."""
LEAST_FORMATTED = 3
"""Different numbers with as many decimals each that show how many are wanted."""
_DECIMALS = re.compile(r"[.,]([0-9]+)\D*\Z")
_PLAIN_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")


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
        for check in _checks(_Shown(relation, plan.lent, given, frozenset(start.names)), expression, others):
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
    On values that the other filter was not shown it says nothing.
    """
    own = next((step for step in reversed(plan.steps) if step.stays), None)
    for other in others if own is not None else ():
        rival, before = other.steps[-1], other.earlier[-1]
        if own is None or rival.keeps is None:
            continue
        unknown = [
            check
            for check in _condition_checks(before.rows, rival.keeps)
            if check.severity == "unseen" and not check.across
        ]
        reads = rival.keeps.columns | (own.keeps.columns if own.keeps else frozenset[int]())
        reads = reads.union(*(check.reads for check in unknown))
        done = Plan(before, other.steps[:-1], earlier=other.earlier[:-1])
        ctes, source = steps_sql(start, done, frozenset(before.names[i] for i in reads))
        shown = rival.keeps.first_column
        sql = (
            f"{ctes}SELECT _row, {shown.sql()} AS value\nFROM {source}\n"
            f"WHERE ({own.stays}) IS DISTINCT FROM ({rival.stays})"
            + "".join(f" AND NOT coalesce({check.outside}, false)" for check in unknown)
        )
        words = f"the program's rule and another likely one decide otherwise here: {rival.words()}"
        yield Guard(shown.name, "ambiguity", "note", words, sql)


def _filter_guards(start: Relation, plan: Plan) -> Iterator[Guard]:
    """Values that the rule for keeping rows was not shown."""
    for done, step in plan.stages():
        relation = done.relation
        for check in _condition_checks(relation.rows, step.keeps) if step.keeps else ():
            ctes, source = steps_sql(start, done, frozenset(relation.names[i] for i in check.reads))
            yield Guard(check.column, check.kind, check.severity, check.words, check.sql(ctes, source), ())


def _condition_checks(rows: Sequence[Record], condition: Condition) -> Iterator[Check]:
    """Values that a condition was not shown, and places between two rows at which its threshold might lie as well."""
    for node in condition.walk():
        if isinstance(node, Condition):
            yield from node.edges(rows)


@dataclass(frozen=True, slots=True)
class _Shown:
    """What the example shows of one output column."""

    relation: Relation
    lent: frozenset[str]
    outputs: Sequence[str]
    own: frozenset[str]
    """Names of the input's own columns."""

    @property
    def rows(self) -> Sequence[Record]:
        return self.relation.rows

    @property
    def distinct(self) -> int:
        """Different rows, of a large example among some."""
        return len({tuple(row) for row in sampling.some(self.rows, MOST_CHECKED)})

    @property
    def texts(self) -> Sequence[str]:
        return sampling.some(self.outputs, sampling.MOST_SEEN)

    @property
    def decimals(self) -> int:
        """How many decimals all numbers have, where enough are shown; 0 where they vary."""
        shown = {len(found[1]) if (found := _DECIMALS.search(text)) else 0 for text in self.texts if text.strip()}
        enough = len({text for text in self.texts if text.strip()}) >= LEAST_FORMATTED
        return shown.pop() if enough and len(shown) == 1 else 0

    def lends(self, expression: Expression) -> bool:
        """Whether the program reads what other rows or the headings above the row say."""
        names = [self.relation.names[index] for index in expression.columns]
        return any(name in self.lent or name.startswith(HEADINGS) for name in names)


def _checks(shown: _Shown, expression: Expression, others: Sequence[Expression]) -> Iterator[Check]:
    for node, scope in _scoped(expression):
        if not node.columns:
            continue
        inside = [row for row in shown.rows if all(condition.holds(row) for condition in scope)]
        yield from (_within(check, scope) for check in node.edges(inside))
    if isinstance(expression, Column):
        yield from _plain_number_check(shown, expression)
    elif expression.columns:
        yield from _answer_checks(shown, expression)
        yield from _category_checks(shown, expression)
        yield from _respelled_number_checks(shown, expression)
        if expression.cost - CHEAP_COST > PER_ROW * shown.distinct:
            yield from _dear_checks(shown, expression)
        yield from _rival_checks(
            shown,
            expression,
            "counted from the other end, the rule answers otherwise",
            _readings(shown, expression),
        )
    words = "by the example it could as well be another rule, which answers otherwise"
    yield from _rival_checks(shown, expression, words, _near(shown, expression, others), around=True)


def _answer_checks(shown: _Shown, expression: Expression) -> Iterator[Check]:
    """Checks on what the program gives: nothing, or another kind of text than ever in the example."""
    if shown.outputs and all(shown.outputs):
        words = "nothing was found where the example always had something"
        # Of cells that are all blank nothing is made, as a blank cell is copied as the blank that it is.
        names = sorted({node.sql() for node in expression.walk() if isinstance(node, Column)})
        anything = " OR ".join(f"trim(coalesce({name}, '')) <> ''" for name in names)
        yield expression.check("missing", "unseen", words, f"coalesce({expression.sql()}, '') = '' AND ({anything})")
    for piece in expression.pieces if isinstance(expression, Concat) else (expression,):
        if not piece.is_whole:
            yield from _kind_checks(shown, piece)


def _category_checks(shown: _Shown, expression: Expression) -> Iterator[Check]:
    """A check on a column that holds nothing but a few values that recur, where answers are taken out of their texts:
    so few are little ground for a rule on others."""
    columns = list(dict.fromkeys(node for node in expression.walk() if isinstance(node, Column)))
    if len(columns) != 1 or columns[0].name not in shown.own or any(node.format_read for node in expression.walk()):
        return
    counts = Counter(columns[0].run(row) or "" for row in sampling.some(shown.rows, MOST_CHECKED))
    if 1 < len(counts) <= MOST_CATEGORIES and min(counts.values()) >= LEAST_WITNESSES:
        source = columns[0].sql()
        known = ", ".join(literal(value) for value in sorted(counts))
        words = f"{columns[0].name} was one of {len(counts)} values in the example, and here is another"
        yield columns[0].check("value_set", "note", words, f"coalesce({source}, '') NOT IN ('', {known})")


def _respelled_number_checks(shown: _Shown, expression: Expression) -> Iterator[Check]:
    """Checks on a column of grouped numbers that are written otherwise by taking marks away: what is left of a number
    in another form is a number, too."""
    columns = list(dict.fromkeys(node for node in expression.walk() if isinstance(node, Column)))
    if len(columns) != 1 or any(node.format_read for node in expression.walk()):
        return
    texts = [text for row in sampling.some(shown.rows, MOST_CHECKED) if (text := columns[0].run(row) or "").strip()]
    style = next((style for style in styles(texts) if style.group), None)
    if style is not None and styles(sampling.some(shown.texts, MOST_CHECKED)):
        yield from number_checks(columns[0], columns[0].name, columns[0].sql(), style)


def _kind_checks(shown: _Shown, piece: Expression) -> Iterator[Check]:
    """Checks on a text that was taken out of others: other texts that go by the same marks may be something else."""
    texts = [piece.run(row) or "" for row in sampling.some(shown.rows, sampling.MOST_SEEN)]
    different = len(set(texts))
    if different >= LEAST_OF_A_KIND:
        yield from _shape_check(texts, piece, KIND, "the answer is of a kind that the example did not show")
    most = most_words(texts)
    if different >= LEAST_ALIKE and 1 <= most < MOST_WORDS:
        words = f"the answer has more words in a row than any of the example ({most})"
        yield piece.check("format", "note", words, has_more_words(piece.sql(), most))


def _dear_checks(shown: _Shown, expression: Expression) -> Iterator[Check]:
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
            for other in node.readings(sampling.some(inside, MOST_CHECKED)):
                program = _swapped(expression, node, other)
                if program.cost <= expression.cost + COUNTED_OTHERWISE:
                    yield program


def _swapped(expression: Expression, old: Node, new: Node) -> Expression:
    """The program with one of its nodes, that very one, put in the place of another."""
    return remade(expression, lambda node: new if node is old else None)


def _near(shown: _Shown, expression: Expression, others: Sequence[Expression]) -> Iterator[Expression]:
    """The rivals that are about as likely as the program: a column of the very name of the output has none."""
    if isinstance(expression, Column) and expression.price <= EXACT_NAME:
        return
    several = shown.distinct >= LEAST_WITNESSES
    for other in others:
        narrower = several and bool(expression.columns) and _is_narrower(other, expression)
        if other.cost + NARROWER * narrower > expression.cost + (CLOSE_COST if several else NEAR_COST):
            continue
        if shown.decimals and _unformatted(other) == _unformatted(expression):
            continue
        if not (shown.lends(other) and not shown.lends(expression)):
            yield other


def _unformatted(program: Expression) -> Expression:
    """The program with nothing said of how many decimals its numbers have."""
    return remade(program, lambda node: node.unformatted if isinstance(node, Expression) else None)


def _is_narrower(other: Expression, expression: Expression) -> bool:
    """Whether a rival holds more of the example's own content: cases, places counted in characters, written text."""
    theirs, ours = (Counter(tie for node in program.walk() for tie in node.tied) for program in (other, expression))
    return any(count > ours[tie] for tie, count in theirs.items())


def _rival_checks(
    shown: _Shown, expression: Expression, words: str, others: Iterator[Expression], *, around: bool = False
) -> Iterator[Check]:
    """A check for the rows on which a rival gives another answer, and one that could be meant.

    That is an answer where the example always has one, of a kind that it shows, and, where ``around`` is asked, between
    such characters as there.
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
        tests += _as_surrounded(shown, expression, other) if around else ()
        differs.append(" AND ".join(tests))
    named = ", or ".join(other.words() for other in rivals[:MAX_NAMED])
    reads = expression.columns.union(*(other.columns for other in rivals))
    outside = " OR ".join(f"({test})" for test in differs)
    yield Check(column.name, "ambiguity", "note", f"{words}: {named}", column.sql(), outside, reads)


def _as_surrounded(shown: _Shown, expression: Expression, other: Expression) -> Iterator[str]:
    """Tests that the answer of a rival, which reads the same column, stands in it as the example's answers did, or the
    program's does not either."""
    read = {node for program in (expression, other) for node in program.walk() if isinstance(node, Column)}
    if len(read) != 1 or isinstance(other, Column) or shown.distinct < LEAST_WITNESSES:
        return
    column = read.pop()
    texts = [column.run(row) or "" for row in sampling.some(shown.rows, MOST_CHECKED)]
    around = Surroundings.of(texts, sampling.some(shown.outputs, MOST_CHECKED))
    if around is not None:
        answers = (f"coalesce({program.sql()}, '')" for program in (other, expression))
        theirs, ours = (around.sql(column.sql(), answer) for answer in answers)
        yield f"({theirs} OR NOT {ours})"


def _kinds(shown: _Shown) -> tuple[str, ...]:
    return KIND.shown(shown.texts, len(shown.outputs))


def _plain_number_check(shown: _Shown, column: Column) -> Iterator[Check]:
    """A check on copied columns of plain numbers: another way to write them asks for another program.

    A few marks for what is not known may stand among the numbers; a mark that the example did not show is another.
    Few numbers are no class.
    """
    filled = [text.strip() for text in shown.outputs if text.strip()]
    if min(len(set(filled)), len(set(shown.relation.origins))) < LEAST_ALIKE:
        return
    marks = sorted({text for text in filled if not _PLAIN_NUMBER.fullmatch(text)})
    if len(marks) * NUMBERS_FOR_A_MARK < len(filled):
        value = f"trim({column.sql()})"
        seen = f" AND {value} NOT IN ({', '.join(literal(mark) for mark in marks)})" if marks else ""
        yield column.check(
            "shape", "note", f"{column.name} is copied as it stands, but here it is no plain number",
            f"NOT regexp_full_match({value}, {literal(_PLAIN_NUMBER.pattern)}) AND trim(coalesce({column.sql()}, ''))"
            f" <> '' AND NOT regexp_matches({column.sql()}, '\\p{{L}}'){seen}",
        )  # fmt: skip


def _unread(rows: Sequence[Record], names: tuple[str, ...]) -> Iterator[Check]:
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
    for part, conditions in node.scopes():
        yield from _scoped(part, (*scope, *conditions))


def _within(check: Check, scope: tuple[Condition, ...]) -> Check:
    """The check on rows for which the conditions hold."""
    if not scope:
        return check
    outside = " AND ".join(f"({text})" for text in (*(c.sql() for c in scope), check.outside))
    return replace(check, outside=outside, reads=check.reads.union(*(c.columns for c in scope)))


def _shape_check(texts: Sequence[str], expression: Expression, form: Form, words: str) -> Iterator[Check]:
    """A check on forms, where those of the example's texts are regular."""
    forms = form.shown(sampling.some(texts, sampling.MOST_SEEN), len(texts))
    if forms:
        kind: GuardKind = "format" if not isinstance(expression, Column) else "shape"
        is_new = form.is_new(expression.sql(), forms)
        yield expression.check(kind, "note", words, f"coalesce({expression.sql()}, '') <> '' AND {is_new}")
