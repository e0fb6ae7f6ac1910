"""Rivals of a column's program: others that explain the example as well, and what the program itself could mean."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from services.converter.domain.synthesis import sampling
from services.converter.domain.synthesis.columns.ranking import EXACT_NAME, HEADINGS
from services.converter.domain.synthesis.edges import MOST_CHECKED, Check
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
from services.converter.domain.synthesis.proof.confidence import CLOSE_BITS, UNSHOWN_BITS
from services.converter.domain.synthesis.proof.forms import KIND, OUTLINE
from services.converter.domain.synthesis.proof.surroundings import Surroundings
from services.converter.domain.synthesis.rows.algebra import Relation
from services.converter.domain.synthesis.sqltext import literal

MAX_NAMED = 2
"""Rivals that are named to the reader."""
NARROWER = 0.75
"""What counts against a rival that holds more of the example's own content: in the same columns they parted from the
program on rows of a make that was shown in 16, none of them wrong there, on others in 14, of which 5 were."""
MOST_MAKES, LONGEST_MAKE = 100, 200
"""Makes of a column's texts that are known again, and their characters: of more, none is."""
LEAST_FORMATTED = 3
"""Different numbers with as many decimals each that show how many are wanted."""
LEAST_WITNESSES = 2
"""Different rows of the example that a case must rest on."""
_NUMBER = re.compile(r"-?[0-9]+(?:[.][0-9]+)?")
_AMOUNT = "regexp_replace({}, '^(-?[0-9]+)(?:[.]0*|([.][0-9]*[1-9])0+)$', '\\1\\2')"
"""SQL of a number without zeros at the end of its fraction."""
_DECIMALS = re.compile(r"[.,]([0-9]+)\D*\Z")


@dataclass(frozen=True, slots=True)
class Shown:
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

    def of_another_make(self, columns: Iterable[Column]) -> str:
        """SQL that holds on rows where one of the columns holds a text of a make that the example does not show: other
        marks, or words and numbers that stand otherwise between them."""
        return " OR ".join(test for column in dict.fromkeys(columns) if (test := self._of_another_make(column)))

    def _of_another_make(self, column: Column) -> str:
        makes = {OUTLINE.of(column.run(row) or "") for row in sampling.some(self.rows, MOST_CHECKED)}
        known = sorted(make for make in makes if len(make) <= LONGEST_MAKE)
        text = f"coalesce({column.sql()}, '')"
        if not known or len(known) > MOST_MAKES:
            return "true"
        return f"{OUTLINE.sql(text)} NOT IN ({', '.join(map(literal, known))})"

    def lends(self, expression: Expression) -> bool:
        """Whether the program reads what other rows or the headings above the row say."""
        names = [self.relation.names[index] for index in expression.columns]
        return any(name in self.lent or name.startswith(HEADINGS) for name in names)


def rival_checks(shown: Shown, expression: Expression, others: Sequence[Expression]) -> Iterator[Check]:
    """Checks for rows on which another rule that is about as likely answers otherwise, in a way that could be meant."""
    words = "by the example it could as well be another rule, which answers otherwise"
    yield from _rival_checks(shown, expression, words, _near(shown, expression, others), around=True)


def reading_checks(shown: Shown, expression: Expression) -> Iterator[Check]:
    """Checks for rows on which a part of the rule, read otherwise, answers otherwise."""
    words = "a part of the rule could as well mean another thing, and answers otherwise"
    yield from _rival_checks(shown, expression, words, _readings(shown, expression))


def _readings(shown: Shown, expression: Expression) -> Iterator[Expression]:
    """The program with one of its pieces read otherwise."""
    for node, scope in scoped(expression):
        inside = [row for row in shown.rows if all(condition.holds(row) for condition in scope)]
        if inside:
            for other in node.readings(sampling.some(inside, MOST_CHECKED)):
                program = _swapped(expression, node, other)
                if round(program.cost - expression.cost, 3) <= UNSHOWN_BITS:
                    yield program


def _near(shown: Shown, expression: Expression, others: Sequence[Expression]) -> Iterator[Expression]:
    """The rivals that are about as likely as the program: a column of the very name of the output has none, nor has a
    rule that columns beside it speak for."""
    if expression.is_confirmed or (isinstance(expression, Column) and expression.price <= EXACT_NAME):
        return
    several = shown.distinct >= LEAST_WITNESSES
    stands = _stands(shown, expression)
    copies = expression.is_whole and bool(expression.columns)
    for other in others:
        if copies and not other.is_whole and other.columns <= expression.columns:
            continue  # what is copied as it stands was not cut out of it
        if stands and not other.columns:
            continue  # what stands in the file is data, not a text to write
        if _distance(other, expression, several=several) > UNSHOWN_BITS:
            continue
        if shown.decimals and _unformatted(other) == _unformatted(expression):
            continue
        if not (shown.lends(other) and not shown.lends(expression)):
            yield other


def _distance(other: Expression, expression: Expression, *, several: bool) -> float:
    """By how many bits a rival is less likely than the program; of one row (not ``several``) all hold the content."""
    narrower = several and bool(expression.columns) and _is_narrower(other, expression)
    return round(other.cost + NARROWER * narrower - expression.cost, 3)


def _stands(shown: Shown, expression: Expression) -> bool:
    """Whether each answer of the example stands in a text that the program reads."""
    rows = sampling.some(shown.rows, MOST_CHECKED)
    answers = sampling.some(shown.outputs, MOST_CHECKED)
    return bool(expression.columns) and all(
        any(answer in (row[place] or "") for place in expression.columns)
        for row, answer in zip(rows, answers, strict=True)
    )


def _rival_checks(
    shown: Shown, expression: Expression, words: str, others: Iterator[Expression], *, around: bool = False
) -> Iterator[Check]:
    """A check for the rows on which a rival gives another answer, and one that could be meant.

    That is an answer where the example always has one, of a kind that it shows, and, where ``around`` is asked, between
    such characters as there. A rival that is not as close as that says nothing of rows that are made as the example's:
    on these the program is shown to be meant.
    """
    forms = () if isinstance(expression, Constant) or shown.distinct < LEAST_WITNESSES else _kinds(shown)
    rivals = list({other.sql(): other for other in others if other.sql() != expression.sql()}.values())
    column = next((n for e in (expression, *rivals) for n in e.walk() if isinstance(n, Column)), None)
    if not rivals or column is None:
        return
    differs = []
    own = f"coalesce({expression.sql()}, '')"
    # How many decimals are written is asked of the example; whatever it is, the amount is the same.
    same = _AMOUNT if all(map(_NUMBER.fullmatch, filter(None, shown.texts))) else "{}"
    for other in rivals:
        answer = f"coalesce({other.sql()}, '')"
        tests = [f"{same.format(own)} IS DISTINCT FROM {same.format(answer)}"]
        if shown.outputs and all(shown.outputs):
            tests.append(f"{answer} <> ''")
        if forms and not isinstance(other, Column):
            tests.append(f"({answer} = '' OR NOT ({KIND.is_new(answer, forms)}))")
        tests += _as_surrounded(shown, expression, other) if around else ()
        if _distance(other, expression, several=shown.distinct >= LEAST_WITNESSES) > CLOSE_BITS:
            read = (n for program in (expression, other) for n in program.walk() if isinstance(n, Column))
            tests.append(f"({shown.of_another_make(read)})")
        differs.append(" AND ".join(tests))
    named = ", or ".join(other.words() for other in rivals[:MAX_NAMED])
    reads = expression.columns.union(*(other.columns for other in rivals))
    outside = " OR ".join(f"({test})" for test in differs)
    yield Check(column.name, "ambiguity", "note", f"{words}: {named}", column.sql(), outside, reads)


def _as_surrounded(shown: Shown, expression: Expression, other: Expression) -> Iterator[str]:
    """Tests that the answer of a rival, which reads the same column, stands in it as the example's answers did, or the
    program's does not either. Of programs that part in one piece only it is asked of that."""
    own, theirs_only = _parting_pieces(expression, other)
    read = {node for program in (own, theirs_only) for node in program.walk() if isinstance(node, Column)}
    if len(read) != 1 or isinstance(theirs_only, Column) or shown.distinct < LEAST_WITNESSES:
        return
    column = read.pop()
    rows = sampling.some(shown.rows, MOST_CHECKED)
    around = Surroundings.of([column.run(row) or "" for row in rows], [own.run(row) or "" for row in rows])
    if around is not None:
        answers = (f"coalesce({program.sql()}, '')" for program in (theirs_only, own))
        theirs, ours = (around.sql(column.sql(), answer) for answer in answers)
        yield f"({theirs} OR NOT {ours})"


def _parting_pieces(expression: Expression, other: Expression) -> tuple[Expression, Expression]:
    """The pieces in which two programs part, where it is one of each; else the programs."""
    if isinstance(expression, Concat) and isinstance(other, Concat) and len(expression.pieces) == len(other.pieces):
        parting = [pair for pair in zip(expression.pieces, other.pieces, strict=True) if pair[0] != pair[1]]
        if len(parting) == 1:
            return parting[0]
    return expression, other


def _kinds(shown: Shown) -> tuple[str, ...]:
    return KIND.shown(shown.texts, len(shown.outputs))


def _swapped(expression: Expression, old: Node, new: Node) -> Expression:
    """The program with one of its nodes, that very one, put in the place of another."""
    return remade(expression, lambda node: new if node is old else None)


def _unformatted(program: Expression) -> Expression:
    """The program with nothing said of how many decimals its numbers have."""
    return remade(program, lambda node: node.unformatted if isinstance(node, Expression) else None)


def _is_narrower(other: Expression, expression: Expression) -> bool:
    """Whether a rival holds more of the example's own content: cases, places counted in characters, written text."""
    theirs, ours = (Counter(tie for node in program.walk() for tie in node.tied) for program in (other, expression))
    return any(count > ours[tie] for tie, count in theirs.items())


def scoped(node: Node, scope: tuple[Condition, ...] = ()) -> Iterator[tuple[Node, tuple[Condition, ...]]]:
    """The node and all below it, with the conditions under which each is asked: those of the branches around it."""
    yield node, scope
    for part, conditions in node.scopes():
        yield from scoped(part, (*scope, *conditions))
