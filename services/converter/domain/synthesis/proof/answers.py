"""Checks on what a program gives: nothing, another kind of text than the example's, or more than was ever taken."""

from collections import Counter
from collections.abc import Iterator, Sequence

from services.converter.domain.report import GuardKind
from services.converter.domain.synthesis import sampling
from services.converter.domain.synthesis.edges import MOST_CHECKED, Check
from services.converter.domain.synthesis.language import SURE_ROWS, Column, Concat, Constant, Expression, Record
from services.converter.domain.synthesis.proof.column_rivals import LEAST_WITNESSES, Shown
from services.converter.domain.synthesis.proof.forms import KIND, Form
from services.converter.domain.synthesis.proof.surroundings import (
    DIGIT,
    LETTER,
    parting_marks,
    parting_sql,
    word_beside_sql,
    words_beside,
)
from services.converter.domain.synthesis.sqltext import literal

LEAST_KINDS = 3
"""Different words, each of which comes several times, that show a column of kinds."""
_OTHER_KIND = "the answer is of a kind that the example did not show"


def answer_checks(shown: Shown, expression: Expression) -> Iterator[Check]:
    """Checks on what the program gives, as a whole and piece by piece."""
    yield from _found_checks(shown, expression)
    if all(isinstance(given, Column | Constant) for given in expression.given):
        return  # cells as they stand, whatever they hold
    yield from _unseen_checks(shown, expression)
    for piece in pieces_of(expression):
        if not piece.is_whole:
            yield from _kind_checks(shown, piece)
            yield from _beside_checks(shown, piece)
        if not piece.is_confirmed:
            for field in _fields(piece, sampling.some(shown.rows, MOST_CHECKED)):
                if not isinstance(field, Column) or len(expression.columns) == 1:  # cells that are joined are whole
                    yield from _field_checks(shown, field)


def pieces_of(expression: Expression) -> tuple[Expression, ...]:
    """What a program puts one after the other; the program itself where it puts nothing together."""
    return expression.pieces if isinstance(expression, Concat) else (expression,)


def shape_check(texts: Sequence[str], expression: Expression, form: Form, words: str) -> Iterator[Check]:
    """A check on forms, where those of the example's texts are regular."""
    forms = form.shown(sampling.some(texts, sampling.MOST_SEEN), len(texts))
    if forms:
        kind: GuardKind = "format" if not isinstance(expression, Column) else "shape"
        is_new = form.adds(expression.sql(), forms) if form is KIND else form.is_new(expression.sql(), forms)
        yield expression.check(kind, "note", words, f"coalesce({expression.sql()}, '') <> '' AND {is_new}")


def _unseen_checks(shown: Shown, expression: Expression) -> Iterator[Check]:
    """Answers that the example did not have, where each of its own came several times, is a word and is cut out of a
    text of which a part was left out: such words are kinds, and a text of another kind may be called otherwise."""
    counts = Counter(shown.texts)
    words = len(counts) >= LEAST_KINDS and min(counts.values()) >= LEAST_WITNESSES and all(map(str.isalpha, counts))
    if not words or expression.is_whole or expression.holds_text or len(expression.columns) != 1:
        return
    answer = f"coalesce({expression.sql()}, '')"
    seen = ", ".join(map(literal, sorted(counts)))
    said = "the answer is none of those that the example had, each several times"
    yield Check(
        expression.first_column.name, "value_set", "note", said, answer, f"{answer} NOT IN ('', {seen})",
        expression.columns,
    )  # fmt: skip


def _found_checks(shown: Shown, expression: Expression) -> Iterator[Check]:
    """A check on rows of which nothing is found, where something of each row of the example was.

    Of cells that are all blank nothing is made, as a blank cell is copied as the blank that it is: unless a text is
    written around it, which then stands there alone.
    """
    made = [piece for piece in pieces_of(expression) if piece.columns]
    rows = sampling.some(shown.rows, MOST_CHECKED)
    if not made or not all(shown.outputs) or not all(any(piece.run(row) for piece in made) for row in rows):
        return
    nothing = " AND ".join(f"coalesce({piece.sql()}, '') = ''" for piece in made)
    width = len(shown.relation.names)
    if not any(expression.run([blank] * width) for blank in (None, "")):
        names = sorted({node.sql() for node in expression.walk() if isinstance(node, Column)})
        anything = " OR ".join(f"trim(coalesce({name}, '')) <> ''" for name in names)
        nothing = f"{nothing} AND ({anything})"
    words = "nothing was found where the example always had something"
    yield expression.check("missing", "unseen", words, nothing)


def _kind_checks(shown: Shown, piece: Expression) -> Iterator[Check]:
    """Checks on a text that was taken out of others: other texts that go by the same marks may be something else."""
    texts = [piece.run(row) or "" for row in sampling.some(shown.rows, sampling.MOST_SEEN)]
    yield from shape_check(texts, piece, KIND, _OTHER_KIND)


def _fields(node: Expression, rows: Sequence[Record]) -> Iterator[Expression]:
    """What a piece takes as a whole, whatever stands there: cells, and fields that marks enclose."""
    if node.is_whole:
        if node.columns:
            yield node
        return
    if not node.format_read and not _takes_a_part(node, rows):
        for part in node.parts:
            if isinstance(part, Expression):
                yield from _fields(part, rows)


def _takes_a_part(node: Expression, rows: Sequence[Record]) -> bool:
    """Whether it leaves out what stands around its answer: that says nothing of the answer."""
    sources = [part for part in node.parts if isinstance(part, Expression)]
    found = [((node.run(row) or "").lower(), (s.run(row) or "").lower()) for s in sources[:1] for row in rows]
    return all(answer in text for answer, text in found) and any(answer != text for answer, text in found)


def _is_cell(field: Expression, rows: Sequence[Record]) -> bool:
    """Whether it is all that a cell holds, whatever became of its capitals and is written around it, or nothing."""
    columns = {node for node in field.walk() if isinstance(node, Column)}
    texts = [
        ((field.run(row) or "").casefold(), (c.run(row) or "").strip().casefold()) for row in rows for c in columns
    ]
    return len(columns) == 1 and (field.holds_text or all(text in ("", cell) for text, cell in texts))


def _field_checks(shown: Shown, field: Expression) -> Iterator[Check]:
    """Checks on a field, whatever it holds: but for marks that part fields, of which no field of the example held any
    such, and for letters or digits where there never were any, or none where there always were."""
    rows = sampling.some(shown.rows, sampling.MOST_SEEN)
    texts = {text for row in rows if (text := field.run(row))}
    # Where rows have several cells whoever wrote them has parted what belongs apart; within a line of text marks do it.
    if len(texts) >= LEAST_WITNESSES and not (len(shown.own) > 1 and _is_cell(field, rows)):
        words = "what is taken as one field has a mark that parts fields, which the example's never had"
        yield field.check("format", "note", words, parting_sql(f"coalesce({field.sql()}, '')", parting_marks(texts)))
    if len(texts) < SURE_ROWS:
        return
    for one in (LETTER, DIGIT):
        kinds = {one.search(text) is not None for text in texts}
        if len(kinds) == 1:
            has = f"regexp_matches({field.sql()}, {literal(one.sql)})"
            test = f"NOT {has}" if kinds.pop() else has
            yield field.check("format", "note", _OTHER_KIND, f"coalesce({field.sql()}, '') <> '' AND {test}")


def _beside_checks(shown: Shown, piece: Expression) -> Iterator[Check]:
    """A check on words that stand beside an answer of words, where the example's answers were all of the words at their
    place: the rule may mean those words or one of them. What a step before took away stands beside nothing."""
    sources = [part for part in piece.parts if isinstance(part, Expression) and part.columns]
    rows = list(dict.fromkeys(tuple(row) for row in sampling.some(shown.rows, MOST_CHECKED)))
    if len(sources) != 1 or len(piece.columns) != 1 or len(rows) < LEAST_WITNESSES:
        return
    seen = words_beside([sources[0].run(row) or "" for row in rows], [piece.run(row) or "" for row in rows])
    if seen is not None and not all(seen):
        words = "a word stands beside the answer, where none did in the example, and may belong to it"
        test = word_beside_sql(sources[0].sql(), f"({piece.sql()})", before=not seen[0], behind=not seen[1])
        yield piece.check("ambiguity", "note", words, f"coalesce({piece.sql()}, '') <> '' AND ({test})")
