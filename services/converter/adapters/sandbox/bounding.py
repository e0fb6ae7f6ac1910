"""What of a test depends on nothing but the shape of a text.

Of two texts of one shape most tests say the same: a pattern that takes all digits alike matches both in the same
places, what is cut out of both stands in the same places, and two pieces that come from the same places are equal in
both. So a test that is false on one text of a shape can be proved to be false on all of them, without looking at them.

`bound` gives what is left of a test where this holds: a condition that is true wherever the test is. Two texts stand
for a shape (see `shapes`). A test of which nothing is left is bounded by `TRUE`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from services.converter.adapters.sandbox import trees
from services.converter.adapters.sandbox.shapes import TOLD_APART, is_uniform, narrowed, widened
from services.converter.adapters.sandbox.sharing import Numbers
from services.converter.adapters.sandbox.trees import Tree

_PLACEHOLDER = "v"
Truth = bool | None


class Asked(Enum):
    """What the answers for the two texts of a shape tell."""

    SURE = "a condition that says the same of all texts"
    UNSURE = "a condition that tells something where it holds on both"
    ALIKE = "a value that tells something where both texts have the same"


@dataclass(frozen=True, slots=True)
class Bound:
    """A condition over what is asked of the texts that stand for a shape: ``form`` puts the answers for ``atoms``
    together. ``sure`` are conditions that say the same of all texts of a shape; of other conditions (``UNSURE``) only
    that they hold on both texts tells something, and of values (``ALIKE``) that both texts have the same."""

    form: Callable[[Sequence[Truth]], Truth]
    atoms: Sequence[Tree]
    asked: Sequence[Asked]

    @property
    def says_nothing(self) -> bool:
        """Whether it is true whatever the text."""
        return not self.atoms and self.form(()) is True


def bound(test: Tree, term: Tree, numbers: Numbers) -> Bound:
    """What is true of a term wherever a test is; its atoms read the term as the column ``v``."""
    reader = _Reader(numbers, numbers.of(term))
    form = reader.bound(test, above=True)
    return Bound(form, reader.atoms, reader.asked)


Form = Callable[[Sequence[Truth]], Truth]
_TEXT, _TEXTS, _NUMBER, _TRUTH, _NULL = "text", "texts", "number", "truth", "null"
_ALWAYS: Form = lambda _: True  # noqa: E731 - one of the forms
_NEVER: Form = lambda _: False  # noqa: E731 - the other one
_OF_TEXT = frozenset(["lower", "lcase", "upper", "ucase", "concat", "||"])
"""Functions of texts that give texts, and do the same for all texts of a shape."""
_CUTS = frozenset(["substr", "substring", "left", "right"])
_COUNTS = frozenset(["length", "len", "strlen"])
_SUMS = frozenset(["+", "-", "*", "//", "%", "greatest", "least", "abs"])
_BESIDE_MARKS = frozenset(["contains", "starts_with", "ends_with", "prefix", "suffix"])
_PATTERNS = {
    "regexp_matches": _TRUTH,
    "regexp_full_match": _TRUTH,
    "regexp_replace": _TEXT,
    "regexp_extract": _TEXT,
    "regexp_extract_all": _TEXTS,
}
_SEARCHES = frozenset(["regexp_matches", "regexp_full_match"])
_LEAST_OF_SEARCH = 2
"""A text and a pattern."""
_FLAGS = frozenset("gisc")
_SAME_PLACES = frozenset(["starts_with", "ends_with", "prefix", "suffix"])
_ORDERS = frozenset(
    ["COMPARE_LESSTHAN", "COMPARE_GREATERTHAN", "COMPARE_LESSTHANOREQUALTO", "COMPARE_GREATERTHANOREQUALTO"]
)
_EQUAL = {
    "COMPARE_EQUAL": True,
    "COMPARE_NOT_DISTINCT_FROM": True,
    "COMPARE_NOTEQUAL": False,
    "COMPARE_DISTINCT_FROM": False,
}


@dataclass(slots=True)
class _Reader:
    """Reads a test as one of a term."""

    numbers: Numbers
    term: int
    atoms: list[Tree] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    _kinds: dict[int, str | None] = field(default_factory=dict)

    def bound(self, test: Tree, *, above: bool) -> Form:
        """A condition that is true wherever the test is, or (not ``above``) of which the test is true where it is."""
        if self.kind(test) == _TRUTH:
            return self._atom(test, Asked.SURE)
        kind = test["type"]
        if kind in ("CONJUNCTION_AND", "CONJUNCTION_OR"):
            return _joined([self.bound(one, above=above) for one in test["children"]], wins=kind == "CONJUNCTION_OR")
        if kind == "OPERATOR_NOT":
            return _denied(self.bound(test["children"][0], above=not above))
        if kind in _EQUAL and _EQUAL[kind] != above:
            same = self._same(test["left"], test["right"])
            return _denied(same) if above else same
        if not above and test.get("function_name") in _SAME_PLACES and self._kinds_of(test) == [_TEXT, _TEXT]:
            return self._atom(test, Asked.UNSURE)
        if above and (sought := _sought_words(test)) is not None:
            return self._words_not_held(test, *sought)
        search = _respelled_search(test, is_wider=above)
        if search is not None and self._kind_of_search(search) == _TRUTH:
            return self._atom(search, Asked.SURE)
        return _ALWAYS if above else _NEVER

    def _words_not_held(self, test: Tree, filtered: Tree, held: Tree) -> Form:
        """False only where a text holds all of some words, each at a place where it stands in all texts of a shape."""
        words = _arguments(filtered)[0]
        if self.kind(words) != _TEXTS or self.kind(held["arguments"][0]["expression"]) != _TEXT:
            return _ALWAYS
        where = {**held, "function_name": "strpos", "qualified_name": {"path": ["strpos"]}}
        places = _replaced_in_lambda(filtered, where)
        none = {"class": "OPERATOR", "type": "OPERATOR_NOT", "alias": "", "children": [test]}
        return _denied(_joined([self._atom(none, Asked.UNSURE), self._atom(places, Asked.ALIKE)], wins=False))

    def _same(self, left: Tree, right: Tree) -> Form:
        """True only where two expressions give the same: of the same places, or made alike of what does."""
        if self.kind(left) == self.kind(right) == _TEXT:
            pair = {
                "class": "COMPARISON",
                "type": "COMPARE_NOT_DISTINCT_FROM",
                "alias": "",
                "left": left,
                "right": right,
            }
            return self._atom(pair, Asked.UNSURE)
        if self.numbers.of(left) == self.numbers.of(right):
            return _ALWAYS
        if left["class"] == right["class"] == "FUNCTION" and left["function_name"] == right["function_name"]:
            pairs = list(zip(_arguments(left), _arguments(right), strict=False))
            if len(_arguments(left)) == len(_arguments(right)) and trees.is_rowwise([left, right]):
                return _joined([self._same(one, other) for one, other in pairs], wins=False)
        return _NEVER

    def _atom(self, condition: Tree, asked: Asked) -> Form:
        place = len(self.atoms)
        self.atoms.append(self._of_placeholder(condition))
        self.asked.append(asked)
        return lambda answers: answers[place]

    def _of_placeholder(self, item: Any) -> Any:
        if isinstance(item, list):
            return [self._of_placeholder(one) for one in item]
        if not isinstance(item, dict):
            return item
        if self.numbers.of(item) == self.term:
            return trees.column(_PLACEHOLDER)
        return {key: self._of_placeholder(value) for key, value in item.items()}

    def kind(self, node: Tree) -> str | None:
        """What an expression gives where all texts of a shape are treated alike by it; None where they may not be."""
        known = id(node)
        if known not in self._kinds:
            self._kinds[known] = self._kind(node)
        return self._kinds[known]

    def _kinds_of(self, node: Tree) -> list[str | None]:
        return [self.kind(one) for one in _arguments(node)]

    def _kind(self, node: Tree) -> str | None:
        if self.numbers.of(node) == self.term:
            return _TEXT
        match node["class"]:
            case "CONSTANT":
                kinds = {"STRING": _TEXT, "INTEGER": _NUMBER, "BOOLEAN": _TRUTH, "NULL_LITERAL": _NULL}
                return kinds.get(node["literal"]["kind"])
            case "FUNCTION":
                return self._kind_of_function(node)
            case "COMPARISON":
                return self._kind_of_comparison(node)
            case "CONJUNCTION":
                return _TRUTH if all(self.kind(one) == _TRUTH for one in node["children"]) else None
            case "OPERATOR":
                return self._kind_of_operator(node)
            case "CASE":
                asked = [check["when_expr"] for check in node["case_checks"]]
                given = [*(check["then_expr"] for check in node["case_checks"]), node["else_expr"]]
                return self._common(given) if all(self.kind(one) == _TRUTH for one in asked) else None
        return None

    def _common(self, nodes: Sequence[Tree]) -> str | None:
        kinds = {self.kind(one) for one in nodes} - {_NULL}
        return kinds.pop() if len(kinds) == 1 else None

    def _kind_of_operator(self, node: Tree) -> str | None:
        children = node["children"]
        match node["type"]:
            case "OPERATOR_COALESCE":
                return self._common(children)
            case "OPERATOR_NOT":
                return _TRUTH if self.kind(children[0]) == _TRUTH else None
            case "OPERATOR_IS_NULL" | "OPERATOR_IS_NOT_NULL":
                return _TRUTH if self.kind(children[0]) is not None else None
            case "ARRAY_EXTRACT" if self.kind(children[0]) in (_TEXT, _TEXTS) and self.kind(children[1]) == _NUMBER:
                return _TEXT
            case "COMPARE_IN" if self.kind(children[0]) == _TEXT and all(map(_is_of_marks, children[1:])):
                return _TRUTH
        return None

    def _kind_of_comparison(self, node: Tree) -> str | None:
        left, right = node["left"], node["right"]
        kinds = [self.kind(left), self.kind(right)]
        if kinds == [_NUMBER, _NUMBER]:
            return _TRUTH if node["type"] in _EQUAL or node["type"] in _ORDERS else None
        if kinds == [_TEXT, _TEXT] and node["type"] in _EQUAL and (_is_of_marks(left) or _is_of_marks(right)):
            return _TRUTH
        return None

    def _kind_of_function(self, node: Tree) -> str | None:
        name, arguments, kinds = node["function_name"], _arguments(node), self._kinds_of(node)
        if not arguments:
            return None
        texts = kinds.count(_TEXT) == len(kinds)
        match name:
            case "trim" | "ltrim" | "rtrim":
                return _TEXT if texts and all(map(_is_of_marks, arguments[1:])) else None
            case _ if name in _OF_TEXT:
                return _TEXT if texts else None
            case _ if name in _CUTS:
                return _TEXT if kinds[0] == _TEXT and set(kinds[1:]) == {_NUMBER} else None
            case _ if name in _COUNTS:
                return _NUMBER if kinds in ([_TEXT], [_TEXTS]) else None
            case _ if name in _SUMS:
                return _NUMBER if set(kinds) == {_NUMBER} else None
            case "split_part":
                return _TEXT if kinds == [_TEXT, _TEXT, _NUMBER] and _is_of_marks(arguments[1]) else None
            case "replace":
                return _TEXT if texts and _is_of_marks(arguments[1]) else None
            case "strpos" | "instr":
                return _NUMBER if texts and _is_of_marks(arguments[1]) else None
            case _ if name in _BESIDE_MARKS:
                return _TRUTH if texts and _is_of_marks(arguments[1]) else None
            case _ if name in _PATTERNS:
                return self._kind_of_search(node)
        return None

    def _kind_of_search(self, node: Tree) -> str | None:
        name, arguments = node["function_name"], _arguments(node)
        is_alike = self.kind(arguments[0]) == _TEXT and _is_uniform_call(name, arguments)
        return _PATTERNS[name] if is_alike else None


def _sought_words(test: Tree) -> tuple[Tree, Tree] | None:
    """The filtering of words by whether a text holds them, and the condition that it does, of a test whether any is
    left: ``len(list_filter(words, lambda w: NOT contains(text, w))) > 0``."""
    if test["type"] != "COMPARE_GREATERTHAN" or _constant(test["right"]) != "0":
        return None
    filtered = _argument_of(test["left"], _COUNTS)
    if filtered is None or filtered.get("function_name") != "list_filter" or len(filtered["arguments"]) != 2:
        return None
    asked = _arguments(filtered)[1]
    denied = asked.get("expr") or {}
    if asked["class"] != "LAMBDA" or denied.get("type") != "OPERATOR_NOT":
        return None
    held: Tree = denied["children"][0]
    if held.get("function_name") != "contains" or _arguments(held)[1].get("class") != "COLUMN_REF":
        return None
    word = _arguments(held)[1]["column_names"]
    read = [one["column_names"] for one in trees.walk(_arguments(held)[0]) if one.get("class") == "COLUMN_REF"]
    return (filtered, held) if asked["lhs"].get("column_names") == word and word not in read else None


def _respelled_search(test: Tree, *, is_wider: bool) -> Tree | None:
    """A search of a pattern that takes all characters of a class where the given one takes some, or none of them where
    it does not take all; None of what is no search, or of a pattern that is not understood."""
    if test.get("function_name") not in _SEARCHES or len(test["arguments"]) < _LEAST_OF_SEARCH:
        return None
    text, pattern, *more = test["arguments"]
    other = (widened if is_wider else narrowed)(_constant(pattern["expression"]) or "")
    if not other:
        return None
    sought = {**pattern["expression"], "literal": {"kind": "STRING", "text": other}}
    return {**test, "arguments": [text, {**pattern, "expression": sought}, *more]}


def _argument_of(node: Tree, names: frozenset[str]) -> Tree | None:
    """The only argument of one of some functions; None for what is no such function."""
    if node.get("function_name") not in names or len(node["arguments"]) != 1:
        return None
    argument: Tree = node["arguments"][0]["expression"]
    return argument


def _replaced_in_lambda(filtered: Tree, body: Tree) -> Tree:
    """What a list's filter looks through, made into what ``body`` gives for each of it."""
    first, asked = filtered["arguments"]
    made = {**asked, "expression": {**asked["expression"], "expr": body}}
    named = {"function_name": "list_transform", "qualified_name": {"path": ["list_transform"]}}
    return {**filtered, **named, "arguments": [first, made]}


def _is_uniform_call(name: str, arguments: Sequence[Tree]) -> bool:
    """Whether what a function of patterns is told beside the text takes all characters of a class alike."""
    told = [_constant(one) for one in arguments[1:]]
    if not told or None in told or not is_uniform(str(told[0])):
        return False
    beside = told[1:]
    if name == "regexp_replace":
        beside = beside[1:]  # what is put there
    elif name in ("regexp_extract", "regexp_extract_all") and beside and str(beside[0]).isdecimal():
        beside = beside[1:]  # the number of a group
    return all(_FLAGS.issuperset(str(one)) for one in beside)


def _arguments(node: Mapping[str, Any]) -> list[Tree]:
    return [argument["expression"] for argument in node["arguments"]]


def _constant(node: Mapping[str, Any]) -> str | None:
    if node["class"] != "CONSTANT" or node["literal"]["kind"] not in ("STRING", "INTEGER"):
        return None
    return str(node["literal"]["text"])


def _is_of_marks(node: Mapping[str, Any]) -> bool:
    """Whether an expression is a text in which nothing stands that a shape does not tell apart."""
    return (
        node["class"] == "CONSTANT"
        and node["literal"]["kind"] == "STRING"
        and TOLD_APART.isdisjoint(node["literal"]["text"])
    )


def _joined(forms: Sequence[Form], *, wins: bool) -> Form:
    """AND, or where true ``wins`` OR, with NULL as SQL has it."""

    def form(answers: Sequence[Truth]) -> Truth:
        found = [one(answers) for one in forms]
        if wins in found:
            return wins
        return None if None in found else not wins

    return form


def _denied(inner: Form) -> Form:
    def form(answers: Sequence[Truth]) -> Truth:
        found = inner(answers)
        return None if found is None else not found

    return form
