"""What makes one explanation better than another, apart from an operator's own cost."""

import math
import re
from collections.abc import Iterator
from difflib import SequenceMatcher
from functools import lru_cache
from itertools import pairwise

from services.converter.domain.synthesis.columns.days_beside import days_in
from services.converter.domain.synthesis.language import (
    Column,
    Concat,
    Condition,
    Constant,
    Examples,
    Expression,
    Node,
    Record,
)
from services.converter.domain.synthesis.sqltext import quoted
from services.converter.domain.synthesis.tokens import is_data, stands_in

ROW_NUMBER = "row_number"
"""How the names of columns of running numbers begin that a plan may add."""
HEADINGS = ("top_", "wide_")
"""How the names of columns begin that hold what stands above a row."""
TRUTHS = frozenset({"true", "false", "yes", "no"})
"""Words that answer a question: letters of the input that happen to spell them explain nothing."""
SEVERAL = 2
"""Pieces that meet somewhere."""
_NO_DIGIT = re.compile(r"\D+")
DIGITS_OF_DAY = 4
"""Digits of a day's parts: fewer stand in any date."""
_ALNUM = re.compile(r"[^\W_]")
_AMOUNT = re.compile(r"-?\d+[.,]\d+")
_LAST_WORD, _FIRST_WORD = re.compile(r"[^\W_]+\Z"), re.compile(r"\A[^\W_]+")
EXACT_NAME, CLOSE_NAME, OTHER_NAME, MENTIONED = 0.5, 0.75, 1.0, 0.6
"""What a column costs by its name beside the output's: a bit for any, half of it where the name is the same, what
instructions mention little more."""


def words_of(name: str) -> list[str]:
    """The words of a column name: `orderStatus_2` -> order, status, 2."""
    return [w.lower() for w in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", name)]


@lru_cache(maxsize=4096)
def name_price(source: str, target: str) -> float:
    """What a source column costs for a target: less the closer the names are."""
    if re.fullmatch(r"(col|column)\s*_?\d+", source.strip(), re.IGNORECASE) or not target:
        return OTHER_NAME
    a, b = words_of(source), words_of(target)
    if a and a == b:
        return EXACT_NAME
    if set(a) & set(b) or SequenceMatcher(None, "".join(a), "".join(b)).ratio() > 0.75:
        return CLOSE_NAME
    return OTHER_NAME


def column_prices(names: tuple[str, ...], target: str, hint: str) -> tuple[float, ...]:
    """The price of each source column for a target, with the instructions' mention of it."""
    prices = []
    for name in names:
        price = name_price(name, target)
        if hint and len(name) > 2 and re.search(rf"(?<!\w){re.escape(name.lower())}(?!\w)", hint.lower()):
            price = min(price, MENTIONED)
        prices.append(price)
    return tuple(prices)


def rank(task: Examples, expression: Expression) -> float:
    """The total price of a column program: its own cost less what speaks for it."""
    return task.price(expression)


def doubt(task: Examples, expression: Expression) -> str:
    """Why a program is an open question rather than a rule, for people; empty where the example is ground for it.

    Where no column of the output varies, what is the same on every row explains nothing, nor does what is spelled with
    letters of its own. What words spell out as a whole needs no other ground.
    """
    if task.preference is not None and task.preference.asks_for(expression):
        return ""
    if task.lone and is_constant(expression):
        return f"the example shows one answer only: {expression.words()}"
    if task.lone and task.outputs[0].strip().lower() in TRUTHS and not isinstance(expression, Column):
        return "the example shows one answer only to a question of yes or no"
    if (
        task.lone
        and len(task.records) > 1
        and any(isinstance(node, Constant) and re.search(r"\w", node.text) for node in expression.walk())
    ):
        return "the example shows one answer only, and part of it would be written into the rule"
    if task.lone and len(task.records) > 1 and not isinstance(expression, Column) and task.outputs[0].isdecimal():
        return f"the example shows one number only, whatever it is computed from: {expression.words()}"
    if task.lone and len(task.records) > 1 and _tells_nothing(task, expression):
        return f"the example shows one answer only, to one text: {expression.words()}"
    counted = {n.index for n in expression.walk() if isinstance(n, Column) and n.name.startswith(ROW_NUMBER)}
    if counted and (len(task.records) == 1 or isinstance(expression, Concat) or _stands_in_a_column(task, counted)):
        return "the number of the row stands for what would have to be read"
    if any(_asks_for_place(node) for node in expression.walk()):
        return "cases are told by the number of the row: so they are in whatever order examples are listed"
    if _is_spelled_amount(task, expression):
        return "an amount is spelled of pieces of several cells"
    if _is_spelled_word(task, expression):
        return "a word that stands in the file is spelled of pieces of texts"
    if written := _written(task, expression):
        return f"{quoted(written)} is data of the example, written into the rule"
    return next((words for node in _judged(expression) if (words := node.doubt(task))), "")


def told(task: Examples, expression: Expression) -> float:
    """What the example says for a program, in bits: for that of its nodes that it says least for."""
    nodes = list(expression.walk())
    # A condition is told as a whole.
    within = {id(part) for node in nodes if isinstance(node, Condition) for part in node.walk() if part is not node}
    return min((node.told(task) for node in nodes if id(node) not in within), default=math.inf)


def _written(task: Examples, expression: Expression) -> str:
    """Data that a program writes, or a part of it, though it has to be read: it stands beside the rows of the file, or
    in another one, or in the output of one row of several. Empty where there is none."""
    texts = {node.text.strip() for node in expression.walk() if isinstance(node, Constant) if _ALNUM.search(node.text)}
    for text in sorted(texts):
        rows = {tuple(r): output for r, output in zip(task.records, task.outputs, strict=True) if text in output}
        if is_data(text) and (text in task.data or (len(rows) == 1 and len(task.outputs) > 1)):
            return text
        if any(_is_of_day(text, cell) for cell in task.around):
            return text
        wanted = {output if is_data(output) else text: record for record, output in rows.items()}
        for beside, record in wanted.items():
            own = not is_data(beside) or any(beside in (cell or "") for cell in record)
            if not own and any(stands_in(beside, cell) or days_in(beside) & days_in(cell) for cell in task.around):
                return beside
    return ""


def _is_of_day(text: str, cell: str) -> bool:
    """Whether digits are those of a day, of its day and month or its year, that a cell says: `3105` of 31.05.2024."""
    return len(text) >= DIGITS_OF_DAY and text.isdigit() and bool(days_in(cell)) and text in _NO_DIGIT.sub("", cell)


def _is_spelled_amount(task: Examples, expression: Expression) -> bool:
    """Whether amounts are put together of what is cut out of several cells; cells that hold the parts may be joined."""
    if not isinstance(expression, Concat):
        return False
    pieces = [piece for piece in expression.pieces if piece.columns]
    if len(pieces) < 2 or len(expression.columns) < 2 or all(isinstance(piece, Column) for piece in pieces):
        return False
    return all(_AMOUNT.fullmatch(output) for output in task.outputs if output)


def _is_spelled_word(task: Examples, expression: Expression) -> bool:
    """Whether two pieces meet inside of a word that stands in a text which they read: what stands there is a part of
    that text, whichever, and not put together."""
    if not isinstance(expression, Concat) or sum(bool(piece.columns) for piece in expression.pieces) < SEVERAL:
        return False
    read = sorted(expression.columns)
    return any(
        word in (record[i] or "") for record in task.records for word in _met_words(expression, record) for i in read
    )


def _met_words(expression: Concat, record: Record) -> Iterator[str]:
    """The words inside of which two pieces meet on a row; pieces that are empty there aside. Figures that meet may be
    computed."""
    given = ((piece.columns, piece.run(record) or "") for piece in expression.pieces)
    for (first, left), (second, right) in pairwise((columns, text) for columns, text in given if text):
        head, tail = _LAST_WORD.search(left), _FIRST_WORD.search(right)
        if first and second and head and tail and left[-1].isalpha() and right[0].isalpha():
            yield head[0] + tail[0]


def _tells_nothing(task: Examples, expression: Expression) -> bool:
    """Whether what a program reads is the same on every row: a cell of the rows' own may be copied, but what is made of
    it, or stands above the rows, was shown once only."""
    read = expression.columns
    own = isinstance(expression, Column) and not (expression.index in task.lent or expression.name.startswith(HEADINGS))
    return bool(read) and not own and len({tuple(record[i] for i in read) for record in task.records}) == 1


def _judged(node: Node) -> Iterator[Node]:
    """The node and those below it that are grounds or none on their own."""
    yield node
    for part in node.judged:
        yield from _judged(part)


def _asks_for_place(node: Node) -> bool:
    """Whether a condition asks for the row's number in the file."""
    return isinstance(node, Condition) and any(n.name == ROW_NUMBER for n in node.walk() if isinstance(n, Column))


def _stands_in_a_column(task: Examples, but: set[int]) -> bool:
    """Whether the outputs are the cells of one column, in whatever order; the columns ``but`` aside."""
    wanted = set(task.outputs)
    columns = (i for i in range(len(task.names)) if i not in but)
    return any(wanted == {(r[i] if i < len(r) else None) or "" for r in task.records} for i in columns)


def grounds(task: Examples, expression: Expression) -> int:
    """The different rows of the example that a program rests on: by what it reads; by all cells where it reads none."""
    read = sorted(expression.columns) or range(len(task.names))
    return len({tuple(r[i] if i < len(r) else None for i in read) for r in task.records})


def is_constant(node: Node) -> bool:
    """Whether the program reads nothing of the row."""
    return not node.columns
