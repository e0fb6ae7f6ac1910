"""The parts of the language that are no operators: constants, texts put together, and how they are written."""

from collections.abc import Iterator
from dataclasses import dataclass

from services.converter.domain.synthesis.language.nodes import Column, Expression, Node, Record, Tie
from services.converter.domain.synthesis.sqltext import literal, quoted

CELL, OTHER_CELL = Column(0, "a"), Column(1, "b b")
"""What the examples of the law read: two columns of text."""

DEAR_CHARACTERS = 40
"""Characters of a constant that count."""


def character_price(ch: str) -> float:
    """What a character of a constant costs."""
    return 0.5 if ch.isalnum() else 0.15


@dataclass(frozen=True, slots=True)
class Constant(Expression):
    """The same text on every row."""

    text: str

    @property
    def cost(self) -> float:
        """Letters and digits are dear: a constant explains nothing that was not seen."""
        return 1.0 + sum(map(character_price, self.text[:DEAR_CHARACTERS]))

    @property
    def tied(self) -> frozenset[Tie]:
        """Letters and digits that are written."""
        return frozenset({"text"} if any(map(str.isalnum, self.text)) else ())

    def answers(self) -> Iterator[str | None]:
        """The text."""
        yield self.text

    def run(self, record: Record) -> str | None:  # noqa: ARG002 - the protocol of expressions
        return self.text

    def sql(self) -> str:
        """A literal."""
        return literal(self.text)

    def words(self) -> str:
        return f"always {quoted(self.text)}"


@dataclass(frozen=True, slots=True)
class Concat(Expression):
    """Pieces one after the other."""

    pieces: tuple[Expression, ...]

    @property
    def cost(self) -> float:
        """The pieces and their joints. A mark between two parts of texts that were split at it explains itself."""
        between = zip(self.pieces, self.pieces[1:], self.pieces[2:], strict=False)
        restored = sum(
            piece.cost
            for before, piece, after in between
            if isinstance(piece, Constant) and piece.text in _marks(before) & _marks(after)
        )
        return sum(piece.cost for piece in self.pieces) + 0.6 * (len(self.pieces) - 1) - restored

    @property
    def holds_text(self) -> bool:
        """Whether a piece does."""
        return any(piece.holds_text for piece in self.pieces)

    def run(self, record: Record) -> str | None:
        texts = [piece.run(record) for piece in self.pieces]
        return None if any(text is None for text in texts) else "".join(text for text in texts if text is not None)

    def sql(self) -> str:
        return " || ".join(operand(piece) for piece in self.pieces)

    def words(self) -> str:
        return " + ".join(quoted(p.text) if isinstance(p, Constant) else p.words() for p in self.pieces)


def law() -> tuple[Expression, ...]:
    """Instances on which `run` equals `sql`."""
    return OTHER_CELL, Constant('it\'s\na "text"'), Concat((CELL, Constant("-"), OTHER_CELL))


def _marks(expression: Expression) -> set[str]:
    return {node.splits_at for node in expression.walk() if isinstance(node, Expression)} - {""}


def operand(node: Node) -> str:
    """SQL of a node inside a larger expression, in brackets where precedence asks for them."""
    text = node.sql()
    return f"({text})" if text.startswith("CASE") or _is_compound(text) else text


def _is_compound(text: str) -> bool:
    """Whether an operator stands outside brackets and quotation marks."""
    depth, quote = 0, ""
    for position, ch in enumerate(text):
        if quote:
            quote = "" if ch == quote else quote
        elif ch in "'\"":
            quote = ch
        elif ch in "([":
            depth += 1
        elif ch in ")]":
            depth -= 1
        elif ch == " " and depth == 0 and text[position + 1 : position + 3].strip():
            return True
    return False
