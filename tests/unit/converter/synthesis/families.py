"""Families of invented columns: what a part of a cell is known by stays, all else varies from row to row.

A family makes rows of (cells, wanted text). The first rows are shown, the rest held out: they have parts that the
shown rows lack, longer words, another number of items.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from random import Random

Row = tuple[tuple[str, ...], str]

_NAMES = [
    "Arden",
    "Brook",
    "Calder",
    "Dell",
    "Eyre",
    "Farrow",
    "Glen",
    "Heath",
    "Iver",
    "Jessop",
    "Keld",
    "Lowe",
    "Marsh",
    "Nye",
    "Orme",
    "Pell",
    "Quarry",
    "Rowan",
]
_GOODS = [
    "amber",
    "basalt",
    "cedar",
    "dammar",
    "ebony",
    "flint",
    "garnet",
    "hemp",
    "indigo",
    "jute",
    "kaolin",
    "linen",
    "marl",
    "nickel",
    "ochre",
    "peat",
]
_WORDS = ["old", "upper", "far", "new", "low", "great", "cold", "dry", "grey", "salt"]
_TOWNS = ["Alder", "Birk", "Corrie", "Durn", "Elwick", "Fosse", "Garth", "Hythe"]


@dataclass(frozen=True, slots=True)
class Family:
    """Rows of one kind; ``shown`` of them are learned from."""

    name: str
    make: Callable[[Random, bool], Row]
    shown: int

    def rows(self, seed: int, held_out: int = 12) -> tuple[list[Row], list[Row]]:
        """Shown rows, which show what there is to learn, and rows held out, which may vary more."""
        kinds = {_kind_of(self.make(Random(n), False)) for n in range(40)}
        for attempt in count():
            rng = Random(f"{self.name} {seed} {attempt}")
            shown = [self.make(rng, False) for _ in range(self.shown)]
            seen = {_kind_of(row) for row in shown}
            several = self.shown == 1 or len({wanted for _, wanted in shown}) > 1
            if several and len(seen) >= min(len(kinds), self.shown) and len(set(shown)) == self.shown:
                return shown, [self.make(rng, True) for _ in range(held_out)]
        raise AssertionError("unreachable")


def _kind_of(row: Row) -> str:
    """Whether a row is copied, blank, or made something else."""
    cells, wanted = row
    return "copied" if wanted == cells[0] else "made" if wanted else "blank"


_FAMILIES: list[Family] = []


def _family(shown: int) -> Callable[[Callable[[Random, bool], Row]], Callable[[Random, bool], Row]]:
    def keep(make: Callable[[Random, bool], Row]) -> Callable[[Random, bool], Row]:
        _FAMILIES.append(Family(make.__name__.strip("_"), make, shown))
        return make

    return keep


def families() -> Iterator[Family]:
    """All families."""
    yield from _FAMILIES


def _some(rng: Random, words: list[str], least: int, most: int) -> list[str]:
    return rng.sample(words, rng.randint(least, most))


@_family(4)
def _number_before_a_unit(rng: Random, varied: bool) -> Row:
    """`tank 4, 17.5 bar, east wing`: the amount in bar, wherever it stands."""
    amount = rng.choice([str(rng.randint(1, 99)), f"{rng.randint(1, 99)}.{rng.randint(1, 9)}", f"-{rng.randint(1, 9)}"])
    others = [f"tank {rng.randint(1, 40)}", f"{rng.choice(_WORDS)} wing", f"line {rng.randint(2, 60)}"]
    parts = [*rng.sample(others, rng.randint(1, 3 if varied else 2)), f"{amount} bar"]
    rng.shuffle(parts)
    return (", ".join(parts),), amount


@_family(4)
def _field_by_its_word(rng: Random, varied: bool) -> Row:
    """`..., ref LX-204/B, ...`: what follows the word, up to the comma or the end."""
    code = "".join(rng.choice("ABCDEFG") for _ in range(2)) + f"-{rng.randint(1, 9999)}" + rng.choice(["", "/B", ".2"])
    parts = [f"ref {code}", f"{rng.choice(_NAMES)} & {rng.choice(_NAMES)}", f"bay {rng.randint(1, 30)}"]
    parts += [rng.choice(_GOODS)] if varied and rng.random() < 0.5 else []
    rng.shuffle(parts)
    return (", ".join(parts),), code


@_family(3)
def _content_of_brackets(rng: Random, varied: bool) -> Row:
    """`(red; 5) jar`: what the bracket begins with."""
    word = rng.choice(_WORDS) if not varied else " ".join(_some(rng, _WORDS, 1, 2))
    more = rng.choice(["", f"; {rng.randint(1, 50)}", f"; {rng.randint(1, 50)}; {rng.choice(_WORDS)}"])
    goods = rng.choice(_GOODS)
    bracket = f"({word}{more})"
    return (f"{goods} {bracket}" if varied and rng.random() < 0.4 else f"{bracket} {goods}",), word


@_family(5)
def _word_before_a_bracket_that_may_lack(rng: Random, varied: bool) -> Row:
    """`Weir, kept by Glen Heath Trust [wet]` -> `Trust`; nothing where there is no bracket."""
    names = _some(rng, _NAMES, 1, 3 if varied else 2)
    kind = rng.choice(["Trust", "Union", "Board", "Guild"])
    if rng.random() < 0.4:
        return (rng.choice([names[0], f"The {rng.choice(_NAMES)} {names[0]}"]),), ""
    return (f"{rng.choice(_GOODS)}, kept by {' '.join([*names, kind])} [{rng.choice(_WORDS)}]",), kind


@_family(5)
def _code_before_a_route(rng: Random, varied: bool) -> Row:
    """`KQ 7 | Alder > Birk | 08:00`: the code, where there is one."""
    code = f"{rng.choice('ABCKLM')}{rng.choice('PQRST')} {rng.randint(1, 99 if varied else 12)}"
    route = " > ".join(rng.sample(_TOWNS, 2))
    parts = [code] if rng.random() < 0.5 else []
    parts += [route]
    parts += [f"{rng.randint(10, 23)}:{rng.randint(10, 59)}"] if rng.random() < 0.5 else []
    return (" | ".join(parts),), parts[0] if parts[0] == code else ""


@_family(4)
def _item_left_out(rng: Random, varied: bool) -> Row:
    """Items at a delimiter; those that begin with a word are dropped, all else stays as it is."""
    items = [*_some(rng, _GOODS, 1, 4 if varied else 3), f"DN{rng.randint(10, 90)}"]
    kept = list(items)
    if rng.random() < 0.6:
        items.insert(rng.randint(0, len(items)), f"rev. {rng.randint(1, 60)}")
    return ("; ".join(items),), "; ".join(kept)


@_family(4)
def _bracket_left_out(rng: Random, varied: bool) -> Row:
    """`Corn Meal (organic) 2 kg`: all but the bracket, where there is one."""
    name = " ".join(w.capitalize() for w in _some(rng, _GOODS, 1, 3 if varied else 2))
    inside = " ".join(_some(rng, _WORDS, 1, 2))
    middle = f" ({inside})" if rng.random() < 0.6 else ""
    amount = f"{rng.randint(1, 9)} kg"
    return (f"{name}{middle} {amount}",), f"{name} {amount}"


@_family(4)
def _each_item_by_type(rng: Random, varied: bool) -> Row:
    """`tea (3), milk (10)` -> `3/10`."""
    amounts = [rng.randint(1, 40) for _ in range(rng.randint(1, 5 if varied else 3))]
    goods = rng.sample(_GOODS, len(amounts))
    return (", ".join(f"{g} ({n})" for g, n in zip(goods, amounts, strict=True)),), "/".join(map(str, amounts))


@_family(4)
def _all_codes_joined(rng: Random, varied: bool) -> Row:
    """`w1200 and w90 then w7` -> `w1200+w90+w7`."""
    codes = [f"w{rng.randint(1, 1500)}" for _ in range(rng.randint(1, 4 if varied else 3))]
    text = rng.choice(["", "take ", "see "]) + rng.choice([" and ", " then ", ", "]).join(codes)
    return (text + rng.choice(["", " here", " now"]),), "+".join(codes)


@_family(3)
def _all_words_with_a_mark(rng: Random, varied: bool) -> Row:
    """`#ann met #bob` -> `ann bob`."""
    tags = _some(rng, _GOODS, 1, 4 if varied else 3)
    words = [f"#{tag}" for tag in tags]
    for word in _some(rng, _WORDS, 1, 2):
        words.insert(rng.randint(0, len(words)), word)
    return (" ".join(words),), " ".join(tags)


@_family(4)
def _items_that_have_a_number(rng: Random, varied: bool) -> Row:
    """`2x bolt | nut | 5x pin` -> `2`."""
    goods = _some(rng, _GOODS, 1, 5 if varied else 4)
    counted = [rng.random() < 0.5 for _ in goods]
    items = [f"{rng.randint(2, 30)}x {g}" if yes else g for g, yes in zip(goods, counted, strict=True)]
    return (" | ".join(items),), str(sum(counted))


@_family(3)
def _at_most_two_items(rng: Random, varied: bool) -> Row:
    """`aa-bb-cc` -> `aa-bb`."""
    goods = _some(rng, _GOODS, 1, 5 if varied else 4)
    return ("-".join(goods),), "-".join(goods[:2])


@_family(3)
def _ending_where_missing(rng: Random, varied: bool) -> Row:
    """`plan` -> `plan.csv`, and `plan.csv` as it is."""
    name = " ".join(_some(rng, _GOODS, 1, 2 if varied else 1))
    return (name + rng.choice(["", ".csv"]),), name + ".csv"


@_family(2)
def _part_by_its_number(rng: Random, varied: bool) -> Row:
    """The part that another column counts to."""
    goods = _some(rng, _GOODS, 4, 5 if varied else 4)
    nth = rng.randint(2, len(goods)) if not varied else rng.randint(1, len(goods))
    return ("-".join(goods), str(nth)), goods[nth - 1]


@_family(2)
def _so_many_characters(rng: Random, varied: bool) -> Row:
    """The last characters, as many as another column says."""
    code = "".join(rng.choice("ABCDEF") for _ in range(3)) + str(rng.randint(1000, 99999))
    count = rng.randint(2, 5) if not varied else rng.randint(1, 6)
    return (code, str(count)), code[-count:]


@_family(2)
def _occurrences_of_a_letter(rng: Random, varied: bool) -> Row:
    """How often the letter of another column stands in a word."""
    word = rng.choice(_GOODS) + (rng.choice(_WORDS) if varied else "")
    letter = rng.choice(word + "zq")
    return (word, letter), str(word.count(letter))


@_family(1)
def _initial_and_word(rng: Random, varied: bool) -> Row:
    """`Arden Brook` -> `A. Brook`."""
    first, last = rng.sample(_NAMES, 2)
    return (f"{first} {last}",), f"{first[0]}. {last}"


@_family(1)
def _count_of_words(rng: Random, varied: bool) -> Row:
    """How many words."""
    words = _some(rng, _GOODS, 3, 8 if varied else 5)
    return (" ".join(words),), str(len(words))


@_family(1)
def _count_of_letters(rng: Random, varied: bool) -> Row:
    """How long a word is."""
    word = rng.choice(_GOODS) + (rng.choice(_WORDS) if varied else "")
    return (word,), str(len(word))


@_family(4)
def _value_of_a_key(rng: Random, varied: bool) -> Row:
    """`tone: grey; size: 4; kind: flint`, the fields in any order: the tone, blank where it is missing."""
    tone = " ".join(_some(rng, _WORDS, 1, 2)) if varied else rng.choice(_WORDS)
    fields = [f"size: {rng.randint(1, 50)}", f"kind: {rng.choice(_GOODS)}"]
    has = rng.random() < 0.7
    fields += [f"tone: {tone}"] if has else []
    rng.shuffle(fields)
    return ("; ".join(fields),), tone if has else ""


@_family(4)
def _remark_after_a_dash(rng: Random, varied: bool) -> Row:
    """`Trout [cold] - 4 kg`: what stands behind the dash, or a word where there is none."""
    name = " ".join(_some(rng, _NAMES, 1, 2 if varied else 1))
    remark = f"{rng.randint(1, 99)} {rng.choice(['kg', 'lb'])}"
    bracket = f" [{rng.choice(_WORDS)}]" if rng.random() < 0.5 else ""
    has = rng.random() < 0.6
    return (f"{name}{bracket}" + (f" - {remark}" if has else ""),), remark if has else "none"


@_family(3)
def _digits_of_each_item(rng: Random, varied: bool) -> Row:
    """`no. 12-40; 13-55` -> `1240+1355`."""
    pairs = [
        (rng.randint(10, 99), rng.randint(10, 99)) for _ in range(rng.randint(1, 4) if varied else rng.randint(1, 3))
    ]
    items = [rng.choice(["no. ", ""]) + f"{a}-{b}" for a, b in pairs]
    return ("; ".join(items),), "+".join(f"{a}{b}" for a, b in pairs)


@_family(3)
def _at_most_so_many_letters(rng: Random, varied: bool) -> Row:
    """The first five letters of one word, short words as they are."""
    word = rng.choice(_GOODS + _WORDS) + (rng.choice(_WORDS) if varied else "")
    return (word,), word[:5]


@_family(3)
def _ending_of_a_path(rng: Random, varied: bool) -> Row:
    """`yard.north/bay-3/box.red` -> `red`; nothing where the last part has no point."""
    folders = [rng.choice([w, f"{w}.{rng.choice(_WORDS)}"]) for w in _some(rng, _GOODS, 1, 3)]
    ending = rng.choice(_WORDS)
    has = not varied or rng.random() < 0.7
    return ("/".join([*folders, rng.choice(_GOODS) + (f".{ending}" if has else "")]),), ending if has else ""
