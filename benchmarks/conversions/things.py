"""Things that people write in one cell (persons, phones, dates, places, links, paths, codes, amounts, lists), in a
manner of writing that a file keeps to, with what is asked of them.

A thing is drawn in two steps: its *manner* once for a file (which separators, which optional parts may stand there),
then its values row by row. ``wild`` values are of the same thing and go beyond what most rows have: more parts, or
longer ones.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from random import Random

FIRST_NAMES = (
    "Ann", "Bo", "Carla", "Dev", "Eva", "Finn", "Gita", "Hugo", "Ida", "Jan", "Kim", "Lea", "Max", "Nora", "Omar",
    "Priya", "Quentin", "Rosa", "Sven", "Tara", "Ulrich", "Vera", "Wanda", "Xavier", "Yusuf", "Zoe",
)  # fmt: skip
LAST_NAMES = (
    "Berg", "Chen", "Diaz", "Rao", "Lind", "O'Hara", "Nair", "Blanc", "Moe", "Kowal", "Lee", "Roth-Meyer", "Arx", "Ek",
    "McKay", "Okafor", "Silva", "Tanaka", "Novak", "Weiss", "Haddad", "Petrov", "Lopez", "Singh",
)  # fmt: skip
WORDS = (
    "alpha", "bond", "cash", "delta", "euro", "fund", "gold", "income", "lot", "note", "option", "prime", "swap",
    "river", "stone", "market", "silver", "north", "garden", "paper", "copper", "winter", "harbour", "field",
)  # fmt: skip
TOWNS = (
    "Basel", "Lyon", "Porto", "Wien", "Leeds", "Turin", "Gdansk", "Bergen", "Ghent", "Cork",
    "Bad Ems", "New York", "Las Palmas", "Saint-Denis", "Rio de Janeiro", "Frankfurt am Main",
)  # fmt: skip
_STREET = ("Street", "St", "Avenue", "Ave", "Road", "Rd", "Lane", "Court")
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
_ENDS = ("com", "org", "net", "de", "io", "co.uk")
_FILES = ("csv", "txt", "xlsx", "pdf", "jpeg", "gz", "tar.gz")


@dataclass(frozen=True, slots=True)
class Value:
    """A thing as it is written, what it comes to in other forms, and which variant of its manner it is."""

    text: str
    forms: Mapping[str, str]
    variant: str = ""


Writer = Callable[[Random, bool], Value]
"""Draws a value of a manner; the second argument asks for a wild one."""


@dataclass(frozen=True, slots=True)
class Thing:
    """``manner`` draws how a file writes the thing; ``plain`` things have no blanks, commas or brackets in them."""

    manner: Callable[[Random], Writer]
    forms: tuple[str, ...]
    plain: bool = field(default=False)


def _some(at: Random, least: int, most: int) -> list[str]:
    return at.sample(WORDS, at.randint(least, most))


def _likely(at: Random, share: float) -> bool:
    return at.random() < share


def _person(at: Random) -> Writer:
    middles, titles, ends = (at.choice((0.0, 0.0, 0.3)) for _ in range(3))
    turned = _likely(at, 0.25)
    dotted = _likely(at, 0.5)

    def write(at: Random, wild: bool) -> Value:
        first, last = at.choice(FIRST_NAMES), at.choice(LAST_NAMES)
        if wild:
            last = f"{at.choice(('van', 'de la', 'von'))} {last}" if _likely(at, 0.4) else last
        middle = at.choice((f"{at.choice('ABCDEJKLMRST')}{'.' if dotted else ''}", at.choice(FIRST_NAMES)))
        middle = middle if _likely(at, 0.5 if wild else middles) else ""
        title = f"{at.choice(('Dr.', 'Mr.', 'Ms.', 'Prof.'))} " if _likely(at, titles) else ""
        end = at.choice((" Jr.", " III", ", PhD")) if _likely(at, ends) and not turned else ""
        given = f"{first} {middle}".strip()
        text = f"{last}, {given}" if turned else f"{title}{given} {last}{end}"
        forms = {
            "first": first, "last": last, "last, first": f"{last}, {first}", "first last": f"{first} {last}",
            "initials": f"{first[0]}{last[0].upper()}", "initial and last": f"{first[0]}. {last}",
            "login": f"{first[0]}{last}".lower(), "last initial": f"{first} {last[0].upper()}.",
        }  # fmt: skip
        return Value(text, forms, f"{len(middle) > 2} {bool(middle)} {bool(title) and not turned} {bool(end)}")

    return write


def _phone(at: Random) -> Writer:
    styles = at.sample(("({0}) {1}-{2}", "{0}-{1}-{2}", "{0}.{1}.{2}", "{0} {1} {2}", "+1 {0} {1} {2}", "{0}{1}{2}"), 3)
    mixed, extended = at.choice((0.0, 0.0, 0.4)), at.choice((0.0, 0.0, 0.3))

    def write(at: Random, wild: bool) -> Value:
        parts = str(at.randint(201, 989)), str(at.randint(200, 999)), f"{at.randint(0, 9999):04d}"
        style = styles[at.randint(1, 2) if _likely(at, 0.5 if wild else mixed) else 0]
        more = f" ext. {at.randint(1, 99)}" if _likely(at, 0.5 if wild else extended) else ""
        forms = {
            "area": parts[0], "digits": "".join(parts), "dashed": "-".join(parts), "last four": parts[2],
            "in brackets": f"({parts[0]}) {parts[1]}-{parts[2]}", "local": f"{parts[1]}-{parts[2]}",
        }  # fmt: skip
        return Value(style.format(*parts) + more, forms, f"{style} {bool(more)}")

    return write


def _date(at: Random) -> Writer:
    styles = ("{y}-{m:02}-{d:02}", "{d:02}/{m:02}/{y}", "{m:02}/{d:02}/{y}", "{m}/{d}/{y}", "{d}.{m}.{y}",
              "{d} {month} {y}", "{month} {d}, {y}", "{d:02}-{mon}-{y}", "{y}{m:02}{d:02}")  # fmt: skip
    style = at.choice(styles)

    def write(at: Random, wild: bool) -> Value:
        y, m, d = at.randint(1900 if wild else 1990, 2030), at.randint(1, 12), at.randint(1, 28)
        month = _MONTHS[m - 1]
        forms = {
            "iso": f"{y}-{m:02}-{d:02}", "year": str(y), "month name": month, "day first": f"{d:02}/{m:02}/{y}",
            "short": f"{month[:3]} {y}", "month and year": f"{m:02}/{y}", "day": str(d),
        }  # fmt: skip
        text = style.format(y=y, m=m, d=d, month=month, mon=month[:3])
        return Value(text, forms, f"{d < 10}")

    return write


def _clock(at: Random) -> Writer:
    halves, seconds = _likely(at, 0.4), _likely(at, 0.3)

    def write(at: Random, wild: bool) -> Value:
        hour, minute, second = at.randint(0, 23), at.randint(0, 59), at.randint(0, 59) if seconds else 0
        tail = f":{second:02}" if seconds or (wild and _likely(at, 0.5)) else ""
        text = f"{(hour - 1) % 12 + 1}:{minute:02}{tail} {'AM' if hour < 12 else 'PM'}"
        text = text if halves else f"{hour:02}:{minute:02}{tail}"
        forms = {"hour": f"{hour:02}", "24 hours": f"{hour:02}:{minute:02}", "half": "AM" if hour < 12 else "PM"}
        return Value(text, forms, f"{hour < 12} {tail.count(':')}")

    return write


def _address(at: Random) -> Writer:
    units, states, long_codes = at.choice((0.0, 0.3)), _likely(at, 0.6), at.choice((0.0, 0.0, 0.3))
    comma = at.choice((", ", ", ", "; ", " - "))

    def write(at: Random, wild: bool) -> Value:
        number = str(at.randint(1, 9999)) + (at.choice("abc") if wild and _likely(at, 0.4) else "")
        name = " ".join(_some(at, 1, 3 if wild else 2)).title()
        street = f"{number} {name} {at.choice(_STREET)}"
        unit = f" {at.choice(('Apt', 'Suite', '#'))} {at.randint(1, 40)}" if _likely(at, units) else ""
        town, state = at.choice(TOWNS), "".join(at.sample("ACDFIKLMNORTVWY", 2))
        code = f"{at.randint(501, 99950):05}" + (f"-{at.randint(1, 9999):04}" if _likely(at, long_codes) else "")
        place = f"{town}{comma if states else ' '}{f'{state} ' if states else ''}{code}"
        forms = {"number": number, "street": street + unit, "town": town, "code": code, "name of the street": name}
        forms |= {"state": state} if states else {"town": town}
        return Value(f"{street}{unit}{comma}{place}", forms, f"{bool(unit)} {town.count(' ')} {len(code)}")

    return write


def _link(at: Random) -> Writer:
    scheme = at.choice(("https://", "http://", ""))
    double, queries = at.choice((0.0, 0.4)), at.choice((0.0, 0.3))
    depth = at.randint(1, 3)

    def write(at: Random, wild: bool) -> Value:
        site = "-".join(_some(at, 1, 2)) if _likely(at, 0.3) else at.choice(WORDS)
        host = f"{site}.{at.choice(_ENDS)}"
        prefix = "www." if _likely(at, 0.5 if wild else double) else ""
        folders = _some(at, 0 if wild else 1, depth + wild)
        query = f"?{at.choice(WORDS)}={at.randint(1, 900)}" if _likely(at, queries) else ""
        path = "/".join(folders)
        text = f"{scheme}{prefix}{host}/{path}{query}"
        forms = {"host": prefix + host, "site": site, "last of the path": folders[-1] if folders else ""}
        forms["path"] = path
        return Value(text, forms, f"{bool(prefix)} {host.count('.')} {len(folders)} {bool(query)}")

    return write


def _path(at: Random) -> Writer:
    mark = at.choice(("/", "\\"))
    root, depth = at.choice(("C:", "")) if mark == "\\" else "", at.randint(1, 4)
    doubled = at.choice((0.0, 0.3))

    def write(at: Random, wild: bool) -> Value:
        folders = _some(at, 1, depth + 2 * wild)
        stem = at.choice(WORDS) + (at.choice((".v2", "_old", "-1", " copy")) if _likely(at, doubled) else "")
        end = at.choice(_FILES[: 7 if wild else 5])
        place = mark.join((root, *folders))
        forms = {"file": f"{stem}.{end}", "stem": stem, "extension": end, "folder": folders[-1], "place": place}
        text = f"{place}{mark}{stem}.{end}"
        return Value(text, forms, f"{len(folders)} {stem.count('.')} {end.count('.')} {stem.count(' ')}")

    return write


def _mail(at: Random) -> Writer:
    dotted = at.choice((0.0, 0.5, 1.0))

    def write(at: Random, wild: bool) -> Value:
        first, last = at.choice(FIRST_NAMES).lower(), at.choice(LAST_NAMES).lower().replace("'", "")
        user = f"{first}.{last}" if _likely(at, dotted) else f"{first}{at.randint(1, 99) if _likely(at, 0.5) else ''}"
        user += f"+{at.choice(WORDS)}" if wild and _likely(at, 0.5) else ""
        host = f"{'mail.' if wild and _likely(at, 0.5) else ''}{at.choice(WORDS)}.{at.choice(_ENDS)}"
        forms = {"user": user, "host": host, "company": host.split(".")[-2 - (host.endswith("co.uk"))]}
        return Value(f"{user}@{host}", forms, f"{'.' in user} {any(map(str.isdigit, user))} {host.count('.')}")

    return write


def _code(at: Random) -> Writer:
    mark = at.choice(("-", "-", "/", ".", "_", ""))
    shape = [(at.choice(("A", "9")), at.randint(1, 4), at.choice((0, 0, 2))) for _ in range(at.randint(2, 4))]
    tails = at.choice((0.0, 0.0, 0.3))
    if not mark:
        shape = [("A" if number % 2 == 0 else "9", length, more) for number, (_, length, more) in enumerate(shape)]

    def write(at: Random, wild: bool) -> Value:
        parts = []
        for sort, length, more in shape:
            count = length + at.randint(0, more) + (wild and at.randint(0, 2))
            parts.append("".join(at.choices("ABCDEFGHKLMNPRSTVX" if sort == "A" else "0123456789", k=count)))
        tail = f"{mark or '-'}{at.choice('XYZ')}" if _likely(at, tails) else ""
        text = mark.join(parts) + tail
        forms = {"head": parts[0], "end": parts[-1], "second": parts[1], "bare": "".join(parts) + tail.strip("-/._")}
        forms["numbers"] = "".join(filter(str.isdigit, text))
        return Value(text, forms, str(bool(tail)))

    return write


def _amount(at: Random) -> Writer:
    sign, front = at.choice(("$", "€", "£", "USD", "EUR", "CHF")), _likely(at, 0.5)
    places, grouped, negatives = at.choice((0, 2, 2)), _likely(at, 0.5), at.choice((0.0, 0.0, 0.3))

    def write(at: Random, wild: bool) -> Value:
        number = at.randint(1, 10 ** at.randint(2, 7 if wild else 5)) / 10**places
        minus = "-" if _likely(at, negatives) else ""
        shown, bare = f"{number:,.{places}f}", f"{number:.{places}f}"
        blank = " " if len(sign) > 1 or not front else ""
        body = shown if grouped else bare
        text = f"{minus}{sign}{blank}{body}" if front else f"{minus}{body}{blank}{sign}"
        forms = {"number": minus + bare, "currency": sign, "grouped": minus + shown}
        forms["whole"] = minus + bare.partition(".")[0]
        return Value(text, forms, f"{bool(minus)} {shown.count(',')}")

    return write


def _measure(at: Random) -> Writer:
    units, blank = at.sample(("kg", "g", "ml", "cm", "mm", "pcs", "oz", "lbs"), at.randint(1, 3)), at.choice((" ", ""))
    crossed, fractions = _likely(at, 0.3), at.choice((0.0, 0.3))

    def write(at: Random, wild: bool) -> Value:
        def figure() -> str:
            return f"{at.randint(1, 99)}.{at.randint(1, 9)}" if _likely(at, fractions) else str(at.randint(1, 900))

        numbers = [figure() for _ in range(1 + crossed + (wild and crossed))]
        unit = at.choice(units)
        forms = {"number": numbers[0], "unit": unit, "last number": numbers[-1]}
        forms["spaced"] = f"{' x '.join(numbers)} {unit}"
        text = f"{' x '.join(numbers)}{blank}{unit}"
        return Value(text, forms, f"{unit} {len(numbers)} {'.' in text}")

    return write


def _items(at: Random) -> Writer:
    mark, most = at.choice((", ", ",", ";", "; ", " | ", "/", " > ")), at.randint(2, 5)
    least = at.choice((1, 2))
    worded = at.choice((0.0, 0.0, 0.3))

    def write(at: Random, wild: bool) -> Value:
        found = _some(at, least, most + 2 * wild)
        items = [f"{item} {at.choice(WORDS)}" if _likely(at, worded) else item for item in found]
        forms = {
            "first item": items[0], "last item": items[-1], "how many": str(len(items)), "joined": " and ".join(items),
            "second item": items[1] if len(items) > 1 else "", "underscored": "_".join(items),
        }  # fmt: skip
        return Value(mark.join(items), forms, f"{len(items)} {any(' ' in item for item in items)}")

    return write


def _phrase(at: Random) -> Writer:
    most, style = at.randint(1, 4), at.choice((str.title, str.lower, str.upper, str.capitalize))

    def write(at: Random, wild: bool) -> Value:
        words = _some(at, 1, most + wild)
        text = style(" ".join(words))
        forms = {
            "upper": text.upper(), "lower": text.lower(), "title": text.title(), "first word": text.split(" ")[0],
            "last word": text.split(" ")[-1], "dashed": "-".join(words),
            "acronym": "".join(word[0].upper() for word in words),
        }  # fmt: skip
        return Value(text, forms, str(len(words)))

    return write


def _keys(at: Random) -> Writer:
    names = at.sample(("id", "kind", "size", "color", "owner", "unit"), at.randint(2, 4))
    equal, mark = at.choice(("=", ": ", ":")), at.choice(("; ", ", ", " ", "&"))
    shuffled, missing = at.choice((0.0, 0.4)), at.choice((0.0, 0.25))

    def write(at: Random, wild: bool) -> Value:
        values = {name: at.choice((at.choice(WORDS), str(at.randint(1, 9999)))) for name in names}
        kept = [name for number, name in enumerate(names) if number == 0 or not _likely(at, missing)]
        if _likely(at, 0.5 if wild else shuffled):
            at.shuffle(kept)
        last = names[-1]
        forms = {"the first key's": values[names[0]], "a later key's": values[last] if last in kept else ""}
        text = mark.join(f"{name}{equal}{values[name]}" for name in kept)
        place = kept.index(names[0])
        return Value(text, forms, f"{last in kept} {place} {values[names[0]].isdigit()} {values[last].isdigit()}")

    return write


def _version(at: Random) -> Writer:
    prefix, marks = at.choice(("v", "", "Version ")), at.choice((0.0, 0.3))

    def write(at: Random, wild: bool) -> Value:
        numbers = [str(at.randint(0, 30)) for _ in range(3 + (wild and _likely(at, 0.5)))]
        end = at.choice(("-beta", "-rc1")) if _likely(at, marks) else ""
        forms = {"major": numbers[0], "minor": numbers[1], "major and minor": ".".join(numbers[:2])}
        forms["bare"] = ".".join(numbers) + end
        return Value(f"{prefix}{'.'.join(numbers)}{end}", forms, f"{bool(end)} {len(numbers)}")

    return write


THINGS: dict[str, Thing] = {
    "person": Thing(_person, ("first", "last", "last, first", "first last", "initials", "initial and last", "login",
                              "last initial")),
    "phone": Thing(_phone, ("area", "digits", "dashed", "last four", "in brackets", "local")),
    "date": Thing(_date, ("iso", "year", "month name", "day first", "short", "month and year", "day")),
    "time": Thing(_clock, ("hour", "24 hours", "half")),
    "address": Thing(_address, ("number", "street", "town", "code", "name of the street")),
    "link": Thing(_link, ("host", "site", "last of the path", "path"), plain=True),
    "path": Thing(_path, ("file", "stem", "extension", "folder", "place")),
    "mail": Thing(_mail, ("user", "host", "company"), plain=True),
    "code": Thing(_code, ("head", "end", "second", "bare", "numbers"), plain=True),
    "amount": Thing(_amount, ("number", "currency", "whole", "grouped")),
    "measure": Thing(_measure, ("number", "unit", "last number", "spaced")),
    "list": Thing(_items, ("first item", "last item", "how many", "joined", "second item", "underscored")),
    "phrase": Thing(_phrase, ("upper", "lower", "title", "first word", "last word", "dashed", "acronym")),
    "keys": Thing(_keys, ("the first key's", "a later key's")),
    "version": Thing(_version, ("major", "minor", "major and minor", "bare"), plain=True),
}  # fmt: skip
