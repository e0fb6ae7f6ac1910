"""A text made of a text, both drawn: things of a file's manner between marks, and what is wanted of them.

Unlike the family `texts`, whose kinds are listed, a conversion is put together: one to three things (`things`), marks
between them, parts that only some rows have; of these one is taken, in one of its forms, or two are joined, or all but
one are kept, with what becomes of rows that lack it. Of the later rows one in fourteen is odd: a thing beyond its
manner, another mark, a note behind, a part that is missing, a placeholder, a blank. The truth of each is known; where
nobody could tell it is `OPEN`, and the row has to be named.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random

from benchmarks.conversions.columns import OPEN
from benchmarks.conversions.things import THINGS, Value, Writer

ODD_SHARE = 1 / 14
"""The share of later rows that are odd."""
_MARKS = (" ", ", ", " - ", "; ", " | ", ": ", "/", "_", "\t", " / ", ",")
_FRAMES = ("({})", "[{}]", '"{}"', "<{}>")
_PLACEHOLDERS = ("N/A", "-", "unknown", "tbd", "?", "none")
_NOTES = (" *", " (new)", " - see note", " (old)")
_LATER_ROWS, _MOST_DRAWN = 20, 80


@dataclass(frozen=True, slots=True)
class Row:
    """A cell, what is wanted of it (`OPEN`: nobody can tell), and its variant; ``odd`` says what is odd of it."""

    given: str
    wanted: str
    variant: str
    odd: str = ""


@dataclass(frozen=True, slots=True)
class _Place:
    """A thing at its place of a text: the mark before it, what frames it, and how many rows have it."""

    thing: str
    write: Writer
    mark: str
    frame: str
    share: float


Values = Sequence[Value | None]
Wish = Callable[[Values, Sequence[str]], str]
"""What is wanted of the things that a row has, given also as they stand between their marks."""


@dataclass(frozen=True, slots=True)
class _Task:
    places: tuple[_Place, ...]
    wish: Wish
    needs: frozenset[int]
    """The places without which nobody can tell what is wanted."""
    kind: str

    def draw(self, at: Random) -> Row:
        values = [place.write(at, False) if at.random() < place.share else None for place in self.places]
        return self._row(values)

    def draw_odd(self, at: Random) -> Row:
        """A row as the file has few of."""
        values: list[Value | None] = [place.write(at, False) for place in self.places]
        sort = at.choice(("wild", "wild", "mark", "note", "lack", "placeholder", "blank"))
        if sort == "blank":
            return Row("", "", "blank", sort)
        if sort == "placeholder":
            return Row(at.choice(_PLACEHOLDERS), OPEN, sort, sort)
        if sort == "wild":
            number = at.randrange(len(values))
            values[number] = self.places[number].write(at, True)
            return self._row(values, sort)
        if sort == "lack" and len(values) > 1:
            values[at.randrange(len(values))] = None
            return self._row(values, sort)
        if sort == "mark" and len(values) > 1:
            return self._row(values, sort, mark=at.choice(_MARKS))
        row = self._row(values, "note")
        whole = self.kind.startswith("without")
        return Row(row.given + at.choice(_NOTES), OPEN if whole else row.wanted, "note", "note")

    def _row(self, values: Values, odd: str = "", mark: str | None = None) -> Row:
        pieces = [
            "" if value is None else place.frame.format(value.text)
            for place, value in zip(self.places, values, strict=True)
        ]
        variant = "; ".join("none" if value is None else value.variant for value in values)
        unknown = any(values[number] is None and self.places[number].share == 1 for number in self.needs)
        given = _joined(self.places, pieces, mark)
        return Row(given, OPEN if unknown else self.wish(values, pieces), variant, odd)


def _joined(places: Sequence[_Place], pieces: Sequence[str], mark: str | None = None) -> str:
    text = ""
    for place, piece in zip(places, pieces, strict=True):
        if piece:
            text += (place.mark if mark is None else mark) * bool(text) + piece
    return text


def _draw_places(at: Random) -> tuple[_Place, ...]:
    count = at.choice((1, 1, 2, 2, 2, 3))
    names = at.sample(tuple(THINGS), count)
    usual = at.choice(_MARKS)
    places = []
    for number, name in enumerate(names):
        mark = usual if at.random() < 0.6 else at.choice(_MARKS)
        framed = number > 0 and at.random() < 0.25
        # Two of the same mark are told apart by what stands in them only.
        share = 1.0 if number == 0 or at.random() < 0.7 else at.choice((0.5, 0.7))
        frame = at.choice(_FRAMES) if framed else "{}"
        places.append(_Place(name, THINGS[name].manner(at), " " if framed else mark, frame, share))
    return tuple(places)


def _form(at: Random, places: Sequence[_Place]) -> tuple[Wish, frozenset[int], str]:
    """One form of one thing, or the thing as it stands; another text where a row lacks it."""
    number = at.randrange(len(places))
    thing = THINGS[places[number].thing]
    as_is = len(places) > 1 and at.random() < 0.35
    form = "" if as_is else at.choice(thing.forms)
    absent = at.choice(("", "", "none", "n/a"))

    def wish(values: Values, pieces: Sequence[str]) -> str:
        del pieces
        value = values[number]
        if value is None:
            return absent
        return value.text if as_is else value.forms[form]

    return wish, frozenset((number,)), f"{places[number].thing}: {form or 'as it stands'}"


def _join(at: Random, places: Sequence[_Place]) -> tuple[Wish, frozenset[int], str]:
    """Two of them, each in some form, with a text between; the one alone where the other lacks."""
    parts = [_form(at, places) for _ in range(2)]
    between = at.choice((" ", ", ", "-", ": ", "_", " (", "/"))
    close = ")" if between == " (" else ""

    def wish(values: Values, pieces: Sequence[str]) -> str:
        first, second = (part[0](values, pieces) for part in parts)
        return f"{first}{between}{second}{close}" if first and second else first or second

    needs = parts[0][1] | parts[1][1]
    return wish, needs, "joined " + " and ".join(sorted(part[2] for part in parts))


def _without(at: Random, places: Sequence[_Place]) -> tuple[Wish, frozenset[int], str]:
    """All but one, as they stand."""
    gone = at.randrange(len(places))

    def wish(values: Values, pieces: Sequence[str]) -> str:
        del values
        return _joined(places, ["" if number == gone else piece for number, piece in enumerate(pieces)])

    return wish, frozenset(), f"without {places[gone].thing}"


def _whether(at: Random, places: Sequence[_Place]) -> tuple[Wish, frozenset[int], str]:
    """A word for rows that have a part, and another one for the others."""
    number = at.choice([n for n, place in enumerate(places) if place.share < 1])
    words = at.choice((("yes", "no"), ("full", "short"), ("1", "0"), ("with", "")))

    def wish(values: Values, pieces: Sequence[str]) -> str:
        del pieces
        return words[values[number] is None]

    return wish, frozenset(), f"whether {places[number].thing}"


def _framed(at: Random, drawn: tuple[Wish, frozenset[int], str]) -> tuple[Wish, frozenset[int], str]:
    """What is wanted, with something written around it, or in other letters."""
    wish, needs, kind = drawn
    change = at.choice(("before", "behind", "upper", "lower"))
    text = at.choice(("ID", "#", "Ref ", "x-", "the "))

    def changed(values: Values, pieces: Sequence[str]) -> str:
        made = wish(values, pieces)
        if change in ("upper", "lower"):
            return made.upper() if change == "upper" else made.lower()
        if not made:
            return made
        return text + made if change == "before" else f"{made} {text.strip()}"

    return changed, needs, f"{kind}, {change}"


def _draw_task(at: Random) -> _Task:
    places = _draw_places(at)
    chance = at.random()
    if chance < 0.08 and any(place.share < 1 for place in places):
        drawn = _whether(at, places)
    elif chance < 0.2 and len(places) > 1:
        drawn = _without(at, places)
    elif chance < 0.38:
        drawn = _join(at, places)
    else:
        drawn = _form(at, places)
    if at.random() < 0.15:
        drawn = _framed(at, drawn)
    return _Task(places, *drawn)


def draw_strings(at: Random) -> tuple[str, list[Row], list[Row]]:
    """What is wanted, the example's two to six rows, and those of the later file, which have odd ones among them."""
    while True:
        task = _draw_task(at)
        count = at.choice((2, 3, 3, 4, 5, 5, 6))
        found = {row.given: row for row in (task.draw(at) for _ in range(_MOST_DRAWN)) if row.given}
        rows = list(found.values())
        example, later = rows[:count], rows[count : count + at.randint(4, _LATER_ROWS)]
        if len(later) < 4 or not any(row.wanted for row in example) or OPEN in {row.wanted for row in rows}:
            continue
        if all(row.given == row.wanted for row in example):
            continue  # Nothing is asked of them.
        later = [task.draw_odd(at) if at.random() < ODD_SHARE else row for row in later]
        return task.kind, example, later


def is_shown(example: Sequence[Row], later: Sequence[Row]) -> bool:
    """Whether an example of more than two rows shows each variant of the later rows that are not odd, and more than one
    answer."""
    shown = {row.variant for row in example}
    varied = len({row.wanted for row in example}) > 1
    return len(example) > 2 and varied and all(row.odd or row.variant in shown for row in later)
