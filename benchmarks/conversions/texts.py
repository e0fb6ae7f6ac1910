"""One text made of another: names, addresses, codes, dates and lists as people write them, with the truth of each.

The cells of a kind have variants (a middle name or none, one number or two). A later file has all of them; an example
that decides what is meant shows each of them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

_FIRST = ("Ann", "Bo", "Carla", "Dev", "Eva", "Finn", "Gita", "Hugo", "Ida", "Jan", "Kim", "Lea", "Max", "Nora", "Omar")
_LAST = (
    "Berg",
    "Chen",
    "Diaz",
    "Rao",
    "Lind",
    "O'Hara",
    "Nair",
    "Blanc",
    "Moe",
    "Kowal",
    "Lee",
    "Roth-Meyer",
    "Arx",
    "Ek",
)
_WORDS = ("alpha", "bond", "cash", "delta", "euro", "fund", "gold", "income", "lot", "note", "option", "prime", "swap")
_TOWNS = ("Basel", "Bad Ems", "Lyon", "Frankfurt am Main", "Porto", "Saint-Denis", "Rio de Janeiro", "Wien")
_HOSTS = ("example.com", "bank.example.org", "mail.example", "x.example.co.uk")


@dataclass(frozen=True, slots=True)
class Pair:
    """A cell, what is wanted of it, and which variant of its kind it is."""

    given: str
    wanted: str
    variant: str = ""


Draw = Callable[[Random], Pair]


def _name(at: Random) -> tuple[str, str, str, str]:
    first, last = at.choice(_FIRST), at.choice(_LAST)
    middle = at.choice(("", "", f"{at.choice(_FIRST)} ", f"{at.choice('ABCJR')}. "))
    return first, middle, last, "middle" if middle else ""


def _last_name(at: Random) -> Pair:
    first, middle, last, variant = _name(at)
    return Pair(f"{first} {middle}{last}", last, variant)


def _first_name(at: Random) -> Pair:
    first, middle, last, variant = _name(at)
    return Pair(f"{first} {middle}{last}", first, variant)


def _turned_name(at: Random) -> Pair:
    first, middle, last, variant = _name(at)
    return Pair(f"{first} {middle}{last}", f"{last}, {first}", variant)


def _initials(at: Random) -> Pair:
    first, last = at.choice(_FIRST), at.choice(_LAST)
    return Pair(f"{first} {last}", f"{first[0]}. {last}")


def _user(at: Random) -> Pair:
    name = (
        f"{at.choice(_FIRST)}.{at.choice(_LAST)}".lower().replace("'", "") if at.random() < 0.6 else at.choice(_WORDS)
    )
    return Pair(f"{name}@{at.choice(_HOSTS)}", name, "dotted" if "." in name else "")


def _host(at: Random) -> Pair:
    host = at.choice(_HOSTS)
    return Pair(f"{at.choice(_WORDS)}{at.randint(1, 99)}@{host}", host, str(host.count(".")))


def _area_code(at: Random) -> Pair:
    code, rest = at.randint(200, 999), f"{at.randint(200, 999)}-{at.randint(1000, 9999)}"
    styles = {"()": f"({code}) {rest}", "-": f"{code}-{rest}", "+": f"+1 {code} {rest.replace('-', ' ')}"}
    variant = at.choice(tuple(styles)[: 2 + (at.random() < 0.3)])
    return Pair(styles[variant], str(code), variant)


def _in_brackets(at: Random) -> Pair:
    words = " ".join(at.sample(_WORDS, at.randint(1, 3)))
    inside = at.choice(("", at.choice(_WORDS).upper(), str(at.randint(1, 900))))
    return Pair(f"{words} ({inside})" if inside else words, inside, "none" if not inside else "")


def _number(at: Random) -> Pair:
    number = str(at.randint(1, 9000)) if at.random() < 0.6 else f"{at.randint(1, 99)}.{at.randint(1, 99)}"
    before, after = at.choice(_WORDS), at.choice(("kg", "pcs", "shares"))
    return Pair(f"{before} {number} {after}", number, "decimal" if "." in number else "")


def _after_mark(at: Random) -> Pair:
    code, rest = f"{at.choice('ABC')}{at.randint(1, 999)}", " ".join(at.sample(_WORDS, at.randint(1, 3)))
    dashed = at.random() < 0.3
    rest = f"{rest} - {at.choice(_WORDS)}" if dashed else rest
    return Pair(f"{code} - {rest}", rest, "dashed" if dashed else "")


def _before_mark(at: Random) -> Pair:
    words = " ".join(at.sample(_WORDS, at.randint(1, 2)))
    tail = at.choice(("", f", {at.choice(_WORDS)}", f", {at.choice(_WORDS)}, {at.choice(_WORDS)}"))
    return Pair(words + tail, words, str(tail.count(",")))


def _file_name(at: Random) -> Pair:
    folders = "/".join(at.sample(_WORDS, at.randint(1, 3)))
    name = f"{at.choice(_WORDS)}{at.choice(('', '.v2', '_old'))}.{at.choice(('csv', 'txt', 'xlsx'))}"
    return Pair(f"/{folders}/{name}", name, str(folders.count("/")))


def _extension(at: Random) -> Pair:
    end = at.choice(("csv", "txt", "xlsx", "gz"))
    name = at.choice(_WORDS) + at.choice(("", "", ".2026"))
    return Pair(f"{name}.{end}", end, str(name.count(".")))


def _last_item(at: Random) -> Pair:
    items = at.sample(_WORDS, at.randint(2, 4))
    return Pair(", ".join(items), items[-1], str(len(items)))


def _second_item(at: Random) -> Pair:
    items = at.sample(_WORDS, at.randint(2, 4))
    return Pair(";".join(items), items[1], str(len(items)))


def _digits(at: Random) -> Pair:
    groups = [str(at.randint(100, 999)), str(at.randint(1000, 9999))]
    mark = at.choice((" ", "-", "."))
    return Pair(mark.join(groups), "".join(groups), mark)


def _titled(at: Random) -> Pair:
    words = " ".join(at.sample(_WORDS, at.randint(1, 3)))
    return Pair(words.upper(), words.title(), str(words.count(" ")))


def _year(at: Random) -> Pair:
    year, month, day = at.randint(1990, 2026), at.randint(1, 12), at.randint(1, 28)
    return Pair(f"{day:02d}/{month:02d}/{year}", str(year))


def _padded(at: Random) -> Pair:
    number = str(at.randint(1, 99999))
    return Pair(number, number.zfill(6), str(len(number)))


def _without_mark(at: Random) -> Pair:
    words = " ".join(at.sample(_WORDS, at.randint(1, 2)))
    mark = at.choice(("", "", "*", "**"))
    return Pair(words + mark, words, mark)


def _town_of_address(at: Random) -> Pair:
    number, town = at.randint(1, 99), at.choice(_TOWNS)
    street = " ".join(at.sample(_WORDS, at.randint(1, 2))).title()
    return Pair(f"{street} {number}, {at.randint(10000, 99999)} {town}", town, str(town.count(" ")))


def _street_of_address(at: Random) -> Pair:
    number, town = at.randint(1, 99), at.choice(_TOWNS)
    street = " ".join(at.sample(_WORDS, at.randint(1, 3))).title()
    return Pair(f"{number} {street}, {town}", street, str(street.count(" ")))


def _site(at: Random) -> Pair:
    host = at.choice(_HOSTS)
    path = "/".join(at.sample(_WORDS, at.randint(0, 2)))
    return Pair(f"https://{host}/{path}", host, f"{host.count('.')} {bool(path)}")


def _currency(at: Random) -> Pair:
    amount = f"{at.randint(1, 9000)}.{at.randint(0, 99):02d}" if at.random() < 0.7 else str(at.randint(1, 900))
    mark = at.choice(("EUR", "USD", "CHF"))
    return Pair(f"{amount} {mark}", mark, "whole" if "." not in amount else "")


def _without_title(at: Random) -> Pair:
    first, middle, last, variant = _name(at)
    title = at.choice(("Mr. ", "Ms. ", "Dr. "))
    return Pair(f"{title}{first} {middle}{last}", f"{first} {middle}{last}", variant)


def _hour(at: Random) -> Pair:
    day, hour, minute = at.randint(1, 28), at.randint(0, 23), at.randint(0, 59)
    return Pair(f"2026-{at.randint(1, 12):02d}-{day:02d}T{hour:02d}:{minute:02d}:00Z", f"{hour:02d}:{minute:02d}")


def _folder(at: Random) -> Pair:
    folders = "/".join(at.sample(_WORDS, at.randint(1, 3)))
    return Pair(f"/{folders}/{at.choice(_WORDS)}.csv", f"/{folders}", str(folders.count("/")))


def _value_of(at: Random) -> Pair:
    value = at.choice((at.choice(_WORDS), " ".join(at.sample(_WORDS, 2)), str(at.randint(1, 900))))
    parts = [f"kind={value}", f"id={at.randint(1, 999)}", f"unit={at.choice(_WORDS)}"]
    parts = parts if at.random() < 0.7 else parts[::-1]
    variant = f"{parts[0][:4]} {'number' if value.isdigit() else value.count(' ')}"
    return Pair("; ".join(parts), value, variant)


def _size_in_brackets(at: Random) -> Pair:
    words, size = " ".join(at.sample(_WORDS, at.randint(1, 3))), at.choice(("12 pcs", "500 g", "1.5 kg", "large"))
    return Pair(f"{words} [{size}] {at.randint(1, 90)}", size, "".join("9" if c.isdigit() else c for c in size[:3]))


def _reference(at: Random) -> Pair:
    code = f"{at.choice('ABCXYZ')}{at.choice('KLM')}{at.randint(10, 99999)}"
    before, after = " ".join(at.sample(_WORDS, at.randint(1, 3))), " ".join(at.sample(_WORDS, at.randint(0, 2)))
    return Pair(f"{before} ref {code} {after}".strip(), code, f"{bool(after)}")


def _quoted(at: Random) -> Pair:
    inside = " ".join(at.sample(_WORDS, at.randint(1, 3)))
    return Pair(f'{at.choice(_WORDS)} "{inside}" {at.choice(_WORDS)}', inside, str(inside.count(" ")))


def _snake(at: Random) -> Pair:
    words = at.sample(_WORDS, at.randint(1, 4))
    return Pair(" ".join(words).title(), "_".join(words), str(len(words)))


def _ticker(at: Random) -> Pair:
    name = " ".join(at.sample(_WORDS, at.randint(1, 3))).title()
    code = "".join(at.choices("ABCDEFG", k=at.randint(1, 4))) + at.choice(("", "", ".L"))
    return Pair(f"{name} ({code})", f"{code}: {name}", f"{name.count(' ')} {'.' in code}")


KINDS: dict[str, Draw] = {
    "last name": _last_name, "first name": _first_name, "last, first": _turned_name, "initial": _initials,
    "user of an address": _user, "host of an address": _host, "area code": _area_code, "in brackets": _in_brackets,
    "the number": _number, "after the first dash": _after_mark, "before the first comma": _before_mark,
    "file of a path": _file_name, "extension": _extension, "last item": _last_item, "second item": _second_item,
    "digits": _digits, "title case": _titled, "year": _year, "padded": _padded, "without a mark": _without_mark,
    "town of an address": _town_of_address, "street of an address": _street_of_address, "host of a link": _site,
    "currency": _currency, "without a title": _without_title, "time of a moment": _hour, "folder of a path": _folder,
    "value of a key": _value_of, "size in brackets": _size_in_brackets, "reference in a text": _reference,
    "in quotes": _quoted, "joined by underscores": _snake, "ticker and name": _ticker,
}  # fmt: skip


def draw_texts(at: Random) -> tuple[str, list[Pair], list[Pair]]:
    """A kind, the example's two to six pairs, and those of the later file."""
    kind = at.choice(tuple(KINDS))
    count = at.randint(2, 6)
    found = {pair.given: pair for pair in (KINDS[kind](at) for _ in range(60))}
    pairs = list(found.values())
    return kind, pairs[:count], pairs[count : count + 12]


def is_decided(example: list[Pair], later: list[Pair]) -> bool:
    """Whether an example shows each variant that the later file has, and more than two rows."""
    return len(example) > 2 and {pair.variant for pair in later} <= {pair.variant for pair in example}
