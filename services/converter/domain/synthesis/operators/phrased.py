"""Programs that instructions spell out as a whole: values that stand for others, formulas, constants, signs, decimals.

A program is only offered: it counts where it explains the example, and a row that it gets wrong contradicts the words.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal

from services.converter.domain.formats.amount import Operation
from services.converter.domain.formats.number import styles
from services.converter.domain.formats.numberformat import NumberFormat
from services.converter.domain.synthesis.language import Column, Constant, Examples, Expression
from services.converter.domain.synthesis.operators.logic.branch import Dictionary
from services.converter.domain.synthesis.operators.number.arithmetic import Arithmetic
from services.converter.domain.synthesis.operators.number.values import Absolute, Number, ReadNumber, Value
from services.converter.domain.synthesis.operators.number.writing import WriteNumber
from services.converter.domain.wording.sentences import named, sentences_of

MAX_PAIRS, MAX_VALUE, MAX_TOKENS = 400, 80, 60
"""Pairs of values that are read, the characters of one, and the words and marks of a formula."""
_COUNTS = {"no": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "eight": 8}
_DECIMALS = re.compile(
    rf"\b(?P<count>\d|{'|'.join(_COUNTS)})\s+"
    r"(?:decimals?\b|dp\b|decimal (?:places|digits)|(?:digits|figures|places) (?:after|behind))"
    r"|\b(?P<whole>whole numbers?|integers?)\b",
    re.IGNORECASE,
)
_ITEM = re.compile(
    r"\s*(?:[,;\n]|\band\b(?=[^,;]*(?:->|=>|→|=|\bbecomes\b|\bmeans\b|\bto\b|\bby\b|\bwith\b)))\s*", re.IGNORECASE
)
_PLAIN = re.compile(
    r"\s*(?:->|=>|→|⇒|==?|\bbecomes?\b|\bmeans\b|\bstands for\b|\bis written(?: as)?\b)\s*", re.IGNORECASE
)
_TURNED = re.compile(r"\s*(?:->|=>|→|⇒|==?|\bto\b|\bby\b|\bwith\b|\binto\b|\bas\b)\s*", re.IGNORECASE)
_TURN = re.compile(
    r"^\s*(?:please\s+)?(?:map|translate|replace|convert|rename|change|turn|recode|write)\s+(?:the\s+)?(?:values?\s+)?",
    re.IGNORECASE,
)
_OF = re.compile(r"^(?:of|from)\s+", re.IGNORECASE)
_USE = re.compile(r"^\s*(?:please\s+)?(?:use|write|put|take)\s+", re.IGNORECASE)
_TURNED_ITEM = re.compile(r"\s*(?:[,;\n]|\band\b)\s*", re.IGNORECASE)
_FOR = re.compile(r"(?P<value>\S.*?)\s+(?:for|instead of|in place of)\s+(?P<key>\S.*)", re.IGNORECASE)
_COLON = re.compile(r"(?P<key>[^:\s][^:]*?)\s*:\s*(?P<value>[^:\s][^:]*)")
_LABEL = re.compile(r"^[^:\"'=]{1,60}:\s+")
_ALWAYS = re.compile(
    r"^\s*(?:the )?(?:(?:set )?(?P<name>.+?) (?:is |are |to )?always (?:to |as )?(?P<value>\S.*?)"
    r"|always (?P<said>.+?) (?:for|in|as) (?P<for>.+?)|(?:set|fill) (?:the )?(?P<set>.+?) (?:to|with) (?P<to>.+?)"
    r"|(?P<whole>.+?) is (?P<only>\S+) (?:throughout|everywhere|(?:in|for|on) (?:all|every) rows?)"
    r"|(?P<left>[^=]+?)\s*=\s*(?P<right>[^=]+?))[\s.!]*\Z",
    re.IGNORECASE,
)
_NEGATIVE = re.compile(
    r"^\s*(?:(?:all |the )?(?P<name>.+?) (?:is|are|(?:must|should|shall|has to|have to) be)"
    r"(?: always| shown as| written as| a)*"
    r"|(?:make|show|write) (?:all |the )?(?P<made>.+?)(?: always| as| a)*) negative(?: numbers?| amounts?)?[\s.!]*\Z",
    re.IGNORECASE,
)
_FORMULA = re.compile(
    r"^\s*(?:the )?(?P<name>.+?)\s*(?:=|\bis\b|\bequals\b)\s*(?P<formula>.+?)[\s.!]*\Z", re.IGNORECASE
)
_OF_TWO = re.compile(r"\b(?:the )?(sum|product|difference|quotient) (?:of|between) (.+?) and (.+)\Z", re.IGNORECASE)
_SIGNS = {"sum": "+", "product": "*", "difference": "-", "quotient": "/"}
_SPELLED = {"plus": "+", "minus": "-", "times": "*", "multiplied by": "*", "divided by": "/", "×": "*", "÷": "/"}


def phrased(task: Examples, text: str) -> list[Expression]:
    """The programs that a text in English grammar spells out for a column, whether they explain it or not."""
    sentences = sentences_of(text) if task.outputs else []
    found = list(_pairs(task, sentences))
    for sentence in sentences:
        found += [*_always(task, sentence), *_computed(task, sentence), *_decimals(task, sentence)]
    return found


def decimals_asked(sentence: str) -> int | None:
    """How many decimals a sentence asks for; None where it asks for none in particular."""
    found = _DECIMALS.search(sentence)
    if found is None:
        return None
    if found["whole"]:
        return 0
    count = found["count"].lower()
    return int(count) if count.isdigit() else _COUNTS[count]


def _bare(text: str) -> str:
    return text.strip().strip("\"'“”‘’„«»`").strip().rstrip(".").strip("\"'“”‘’„«»`")


def _is_name(said: str, name: str) -> bool:
    """Whether a name was said, be it in the plural or after an article."""
    plain = re.sub(r"[\W_]+", "", re.sub(r"^(?:the|column|set)\s+", "", said.strip().lower()))
    wanted = re.sub(r"[\W_]+", "", name.lower())
    return bool(wanted) and plain in (wanted, f"{wanted}s", f"{wanted}column")


def _said_pairs(task: Examples, sentence: str) -> list[tuple[str, str]]:
    """`Kauf = BUY`, `A -> B`, `map X to Y`: what stands for what; nothing where a part of the sentence is no pair."""
    names = (*task.names, task.target)
    if turned := _turned_pairs(sentence, names):
        return turned
    said = _LABEL.sub("", sentence)
    marks = _TURNED if _TURN.match(said) else _PLAIN
    found: list[tuple[str, str]] = []
    for item in _ITEM.split(_TURN.sub("", said))[:MAX_PAIRS]:
        sides = [_bare(side) for side in marks.split(_TURN.sub("", item))]
        whole = len(sides) == 2 and all(0 < len(side) <= MAX_VALUE for side in sides)
        if whole and not any(_is_name(sides[0], name) for name in names):
            key = next((sides[0][len(n) :] for n in names if sides[0].lower().startswith(f"{n.lower()} ")), sides[0])
            found.append((_OF.sub("", key.strip()), sides[1]))
        elif item.strip() and not (len(sides) == 1 and named(item, names)):
            return []
    return found


def _turned_pairs(sentence: str, names: Sequence[str]) -> list[tuple[str, str]]:
    """`use BUY for Kauf, SELL for Verkauf`, and `Kauf: BUY, Verkauf: SELL`; nothing where an item is no such pair."""
    items = [item.strip(" .") for item in _TURNED_ITEM.split(_USE.sub("", sentence)) if item.strip(" .")][:MAX_PAIRS]
    for pattern in (_FOR, _COLON):
        found = [pattern.fullmatch(item) for item in items]
        pairs = [(_bare(each["key"]), _bare(each["value"])) for each in found if each is not None]
        plain = all(0 < len(side) <= MAX_VALUE for pair in pairs for side in pair)
        if len(pairs) == len(items) >= 2 and plain and not any(_is_name(key, n) for key, _ in pairs for n in names):
            return pairs
    return []


def pairs_kept(task: Examples, text: str, program: Expression) -> bool:
    """Whether a text says what values stand for, and the program gives just that for each of them."""
    pairs = [pair for sentence in sentences_of(text) for pair in _said_pairs(task, sentence)]
    if not pairs or len(program.columns) != 1:
        return False
    (index,) = program.columns
    cells = {cell.lower(): cell for cell in task.values(task.column(index)) if cell}
    records = [[None] * index + [cells.get(key.lower(), key)] for key, _ in pairs]
    return all((program.run(r) or "").lower() == v.lower() for r, (_, v) in zip(records, pairs, strict=True))


def _pairs(task: Examples, sentences: Sequence[str]) -> Iterator[Expression]:
    """Lists of values that stand for others, with those that the example shows."""
    pairs = dict(pair for sentence in sentences for pair in _said_pairs(task, sentence))
    outputs = {output.lower(): output for output in task.outputs}
    for index in range(len(task.names)) if pairs else ():
        if task.is_beside(index):
            continue
        column = task.column(index)
        cells = {text.lower(): text for text in task.values(column) if text}
        shown = {cells[key.lower()] for key in pairs if key.lower() in cells}
        stands = shown and any(value.lower() in outputs for value in pairs.values())
        if not stands and (shown or not _is_list_of_values(task, column)):
            continue
        known = {cells.get(k.lower(), k): outputs.get(v.lower(), v) for k, v in pairs.items()}
        for record, output in zip(task.records, task.outputs, strict=True):
            known.setdefault(column.run(record) or "", output)
        if len(known) <= MAX_PAIRS:
            yield Dictionary(column, tuple(known.items()))


def _is_list_of_values(task: Examples, column: Column) -> bool:
    """Whether the example itself shows values of a column that stand for others, some of them again."""
    pairs = list(zip((text or "" for text in task.values(column)), task.outputs, strict=True))
    texts = {text for text, _ in pairs}
    worded = all(any(map(str.isalpha, output)) for output in task.outputs)
    return worded and len(texts) < len(pairs) and len(set(pairs)) == len(texts) and any(a != b for a, b in pairs)


def _always(task: Examples, sentence: str) -> Iterator[Expression]:
    """What never changes, and amounts that are always negative."""
    negative = _NEGATIVE.match(sentence)
    if negative is not None and _is_name(negative["name"] or negative["made"], task.target):
        for number in _numbers(task):
            yield from _written(task, Arithmetic("-", Number(0.0), Absolute(number)))
        return
    found = _ALWAYS.match(sentence)
    if found is None:
        return
    name = found["name"] or found["for"] or found["set"] or found["whole"] or found["left"]
    value = _bare(found["value"] or found["said"] or found["to"] or found["only"] or found["right"])
    if _is_name(name, task.target) and value and _formula(task, value) is None:
        yield Constant(next((o for o in task.outputs if o.lower() == value.lower()), value))


def _computed(task: Examples, sentence: str) -> Iterator[Expression]:
    """`total = amount + fee`, `total is amount plus fee`, `total is the sum of amount and fee`."""
    found = _FORMULA.match(sentence)
    if found is None or not _is_name(found["name"], task.target):
        return
    value = _formula(task, found["formula"])
    if value is not None and not isinstance(value, ReadNumber | Number):
        yield from _written(task, value)


def _decimals(task: Examples, sentence: str) -> Iterator[Expression]:
    """Numbers with as many decimals as were asked for."""
    count = decimals_asked(sentence)
    if count is None:
        return
    for value in _numbers(task):
        program = WriteNumber(value, NumberFormat(decimals=count))
        if task.explains(program):
            yield program


def _numbers(task: Examples) -> Iterator[ReadNumber]:
    """The columns that hold numbers, each in its likeliest style; that of the wanted name first."""
    for index in sorted(range(len(task.names)), key=lambda i: not _is_name(task.names[i], task.target)):
        number = _number(task, index)
        if number is not None:
            yield number


def _number(task: Examples, index: int) -> ReadNumber | None:
    column = task.column(index)
    texts = [text for text in task.values(column) if text and text.strip()]
    readable = styles(texts) if texts else []
    return ReadNumber(column, readable[0]) if readable else None


def _written(task: Examples, value: Value) -> Iterator[Expression]:
    """A number as the outputs write it; where none of the ways explains them, the plainest."""
    counts = {len(o.partition(".")[2]) for o in task.outputs if o}
    formats = [NumberFormat(decimals=n) for n in sorted(counts)] if len(counts) == 1 and 0 not in counts else []
    programs = [WriteNumber(value, style) for style in (*formats, NumberFormat(), NumberFormat(decimals=0))]
    right = [program for program in programs if task.explains(program)]
    yield from right[:1] or programs[:1]


def _formula(task: Examples, text: str) -> Value | None:
    """Arithmetic over columns and numbers, times and divided by before plus and minus; None where it is none."""
    two = _OF_TWO.search(text)
    if two is not None:
        text = f"({two[2]}) {_SIGNS[two[1].lower()]} ({two[3]})"
    tokens = _tokens(task, text)
    if not tokens or len(tokens) > MAX_TOKENS:
        return None
    value, rest = _terms(tokens)
    return value if value is not None and not rest else None


_Token = str | Value
_Parsed = tuple[Value | None, list[_Token]]
_SUMS: Mapping[str, Operation] = {"+": "+", "-": "-"}
_PRODUCTS: Mapping[str, Operation] = {"*": "*", "/": "/"}


def _tokens(task: Examples, text: str) -> list[_Token]:
    """Columns, numbers and marks; none where something else stands there."""
    names = sorted(((name, i) for i, name in enumerate(task.names) if name.strip()), key=lambda item: -len(item[0]))
    spelled = {re.escape(word): sign for word, sign in _SPELLED.items()}
    out: list[_Token] = []
    rest = text.strip()
    while rest:
        lowered = rest.lower()
        column = next(((n, i) for n, i in names if re.match(rf"{re.escape(n.lower())}(?!\w)", lowered)), None)
        word = next((m for pattern in spelled if (m := re.match(rf"{pattern}(?!\w)", lowered))), None)
        number = re.match(r"\d{1,15}(?:\.\d{1,10})?(?!\w)", rest)
        if column is not None:
            value = _number(task, column[1])
            if value is None:
                return []
            out.append(value)
            rest = rest[len(column[0]) :]
        elif word is not None:
            out.append(_SPELLED[word.group()])
            rest = rest[word.end() :]
        elif number is not None:
            out.append(Number(float(Decimal(number.group()))))
            rest = rest[number.end() :]
        elif rest[0] in "+-*/()":
            out.append(rest[0])
            rest = rest[1:]
        else:
            return []
        rest = rest.lstrip()
    return out


def _terms(tokens: list[_Token]) -> _Parsed:
    return _chain(tokens, _SUMS, lambda rest: _chain(rest, _PRODUCTS, _factor))


def _chain(tokens: list[_Token], marks: Mapping[str, Operation], operand: Callable[[list[_Token]], _Parsed]) -> _Parsed:
    value, rest = operand(tokens)
    while value is not None and rest and (mark := marks.get(str(rest[0]))) is not None:
        other, rest = operand(rest[1:])
        if other is None:
            return None, rest
        value = Arithmetic(mark, value, other)
    return value, rest


def _factor(tokens: list[_Token]) -> _Parsed:
    if not tokens:
        return None, []
    first, rest = tokens[0], tokens[1:]
    if isinstance(first, Value):
        return first, rest
    if first != "(":
        return None, rest
    value, rest = _terms(rest)
    return (value, rest[1:]) if rest and rest[0] == ")" else (None, rest)
