"""Kinds of `tasks` that write a text anew: names, dates, numbers, lists, cells that are joined, and cases."""

from random import Random

from benchmarks.conversions.columns import OPEN
from benchmarks.conversions.task_rows import Draw, Found, Kind, some_words
from benchmarks.conversions.things import FIRST_NAMES, LAST_NAMES, WORDS

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def _initials(at: Random) -> Draw:
    dot, middles = at.choice(("", ".", ". ")), at.choice((0.0, 0.4))

    def draw(at: Random, odd: str) -> Found:
        words = [at.choice(FIRST_NAMES), at.choice(LAST_NAMES)]
        if at.random() < middles or odd == "more":
            words.insert(1, at.choice(FIRST_NAMES))
        if odd == "lack":
            words = words[:1]
        if odd in ("digits", "mark", "length"):
            return None
        made = (dot.join(word[0].upper() for word in words) + dot).strip()
        text = " ".join(words).lower() if odd == "case" else " ".join(words)
        return text, OPEN if odd == "case" else made, str(len(words))

    return draw


def _name_order(at: Random) -> Draw:
    middles, form = at.choice((0.0, 0.4)), at.choice(("{l}, {f}", "{l} {i}.", "{i}. {l}", "{f} {l}", "{l}"))
    turned = form in ("{f} {l}", "{l}") or at.random() < 0.3

    def draw(at: Random, odd: str) -> Found:
        first, last = at.choice(FIRST_NAMES), at.choice(LAST_NAMES)
        middle = f" {at.choice('ABCJKLMRT')}." if at.random() < middles or odd == "more" else ""
        if odd == "lack":
            return first, first if form == "{f} {l}" else OPEN
        if odd == "mark":
            return f"{first}/{last}", OPEN
        if odd in ("digits", "length"):
            return None
        if odd == "case":
            first, last = first.upper(), last.upper()
        text = f"{last}, {first}{middle}" if turned else f"{first}{middle} {last}"
        unknown = odd == "more" and not middles and form in ("{l}, {f}", "{f} {l}")
        return text, OPEN if unknown else form.format(f=first, l=last, i=first[0]), str(bool(middle))

    return draw


def _date(at: Random) -> Draw:
    given = at.choice(("{d} {mon} {y}", "{mon} {d}, {y}", "{y}-{m:02}-{d:02}", "{d:02}.{m:02}.{y}", "{y}{m:02}{d:02}"))
    wanted = at.choice(("{y}-{m:02}-{d:02}", "{mon} {y}", "{m:02}/{y}", "{y}", "{d:02}/{m:02}/{y}", "{mon}", "{d}"))
    wanted = "{mon} {y}" if wanted == given else wanted

    def draw(at: Random, odd: str) -> Found:
        y, m, d = at.randint(1995, 2029), at.randint(1, 12), at.randint(1, 28)
        names = {"y": y, "m": m, "d": d, "mon": _MONTHS[m - 1]}
        if odd == "lack":
            return str(at.choice((y, f"{_MONTHS[m - 1]} {y}"))), OPEN
        if odd == "more":
            return f"{given.format(**names)} {at.randint(10, 23)}:{at.randint(10, 59)}", wanted.format(**names)
        if odd == "mark":
            return given.format(**names).replace(" ", "-").replace(".", "/"), wanted.format(**names)
        if odd == "case" and "{mon}" in given:
            return given.format(**names).upper(), wanted.format(**names)
        return None if odd else (given.format(**names), wanted.format(**names), f"{d > 9}.")

    return draw


def _padded(at: Random) -> Draw:
    width, prefix = at.randint(4, 7), at.choice(("", "", "ID", "A-"))

    def draw(at: Random, odd: str) -> Found:
        number = str(at.randint(1, 10 ** at.randint(1, width - 1) - 1))
        if odd == "digits":
            return "".join(at.choices("ABC", k=2)) + number[:1], OPEN
        if odd == "length":
            return "1" + number.zfill(width), prefix + "1" + number.zfill(width)
        return None if odd else (number, prefix + number.zfill(width), f"{len(number)}.")

    return draw


def _phone(at: Random) -> Draw:
    given = at.choice(("({0}) {1}-{2}", "{0}-{1}-{2}", "{0}.{1}.{2}", "{0} {1} {2}"))
    wanted = at.choice(("{0}-{1}-{2}", "{0}", "{2}", "+1 {0} {1} {2}", "{0}{1}{2}", "({0}) {1} {2}"))
    wanted = "{0}" if wanted == given else wanted

    def draw(at: Random, odd: str) -> Found:
        parts = [str(at.randint(201, 989)), str(at.randint(200, 999)), f"{at.randint(0, 9999):04d}"]
        if odd == "lack":
            return f"{parts[1]}-{parts[2]}", OPEN
        if odd == "more":
            return f"{given.format(*parts)} ext. {at.randint(1, 99)}", parts[0] if wanted == "{0}" else OPEN
        if odd == "digits":
            return f"{given.format(parts[0], parts[1], ''.join(at.choices('ABCDE', k=4)))}", parts[
                0
            ] if wanted == "{0}" else OPEN
        if odd == "length":
            return f"+44 {given.format(*parts)}", OPEN
        if odd == "mark":
            return "/".join(parts), wanted.format(*parts)
        return None if odd else (given.format(*parts), wanted.format(*parts))

    return draw


def _joined(at: Random) -> Draw:
    count, mark = at.randint(2, 4), at.choice((", ", " ", "-", " / ", "; "))
    gaps = at.choice((0.0, 0.0, 0.3))

    def draw(at: Random, odd: str) -> Found:
        cells = [word.title() for word in some_words(at, count)]
        kept = [at.random() >= gaps for _ in cells]
        kept[0] = True
        if odd == "lack":
            gone = at.randrange(count)
            kept = [number != gone for number in range(count)]
        elif odd:
            return None
        cells = [cell if keeps else "" for cell, keeps in zip(cells, kept, strict=True)]
        unknown = odd == "lack" and not gaps
        return tuple(cells), OPEN if unknown else mark.join(filter(None, cells)), str(kept)

    return draw


def _by_class(at: Random) -> Draw:
    words = at.choice((("number", "text"), ("yes", "no"), ("N", "T")))

    def draw(at: Random, odd: str) -> Found:
        number = at.random() < 0.5
        if odd in ("more", "mark"):
            return f"{at.choice(WORDS)} {at.randint(1, 99)}", OPEN
        if odd:
            return None
        return str(at.randint(1, 9999)) if number else at.choice(WORDS), words[not number], str(number)

    return draw


def _by_literal(at: Random) -> Draw:
    literals = at.sample(("refund", "fee", "invoice", "order", "gift"), 2)
    answers = at.sample(("in", "out", "cost", "sale"), 2)
    rest = at.random() < 0.5
    place = at.choice((0, 1))

    def draw(at: Random, odd: str) -> Found:
        which = at.randrange(2)
        other = [at.choice(WORDS), str(at.randint(1, 999))]
        word = at.choice(WORDS) if rest and which else literals[which]
        words = [other[0], word] if place else [word, other[0]]
        if odd == "case":
            return " ".join([*words, other[1]]).title(), OPEN if word != literals[0] else answers[0]
        if odd == "digits":
            return " ".join(other), OPEN
        if odd == "mark":
            return " ".join([at.choice(("transfer", "deposit")), *other]), answers[1] if rest else OPEN
        return None if odd else (" ".join([*words, other[1]]), answers[which], str(which))

    return draw


def _bucket(at: Random) -> Draw:
    edge, names = at.choice((10, 50, 100, 1000)), at.choice((("low", "high"), ("small", "large"), ("0", "1")))
    gap = edge // 5

    def draw(at: Random, odd: str) -> Found:
        high = at.random() < 0.5
        number = at.randint(edge + gap, 4 * edge) if high else at.randint(1, edge - gap)
        if odd in ("mark", "more"):
            return str(at.randint(edge - gap + 1, edge + gap - 1)), OPEN
        if odd == "digits":
            return at.choice(WORDS), OPEN
        # Where the edge lies between the numbers that are shown nothing tells.
        return None if odd else (str(number), names[high], f"{number}")

    return draw


def _rounded(at: Random) -> Draw:
    places, given = at.choice((0, 1, 2)), at.choice((3, 4))

    def draw(at: Random, odd: str) -> Found:
        scale = 10**given
        number = at.randint(1, 900 * scale)
        number += number % 10 in (0, 5)
        text = f"{number / scale:.{given}f}"
        half = 10 ** (given - places)
        rounded = (number * 2 + half) // (2 * half)
        made = f"{rounded / 10**places:.{places}f}"
        if odd == "more":
            return f"-{text}", f"-{made}"
        if odd == "digits":
            return f"{text} kg", OPEN
        if odd == "length":
            whole = text.partition(".")[0]
            return whole, f"{int(whole):.{places}f}"
        return None if odd else (text, made, f"{2 * (number % half) >= half}.")

    return draw


def _list(at: Random) -> Draw:
    mark, form = at.choice((", ", ";", " | ", ",")), at.choice(("sorted", "count", "joined", "ends", "turned"))
    least = 2 if form in ("ends", "turned") else 1
    most = least + at.randint(1, 3)

    def draw(at: Random, odd: str) -> Found:
        count = most + 2 if odd == "more" else at.randint(least, most)
        items = some_words(at, count)
        if odd == "mark":
            items = some_words(at, 3)
            return " + ".join(items), OPEN
        if odd in ("length", "digits", "case"):
            return None
        if odd == "lack":
            items = items[:1]
        forms = {
            "sorted": mark.join(sorted(items)), "count": str(len(items)), "joined": " and ".join(items),
            "ends": f"{items[0]}-{items[-1]}", "turned": mark.join(items[::-1]),
        }  # fmt: skip
        unknown = odd == "lack" and least > 1
        return mark.join(items), OPEN if unknown else forms[form], f"{len(items)}."

    return draw


def _respelled(at: Random) -> Draw:
    mark, style = at.choice("_-."), at.choice((str.title, str.upper, str.capitalize, str.lower))
    between = at.choice((" ", "/")) if style is not str.lower else " "

    def draw(at: Random, odd: str) -> Found:
        words = some_words(at, at.randint(1, 3) + 2 * (odd == "more"))
        if odd == "digits":
            words[-1] = str(at.randint(1, 99))
        if odd == "mark":
            words = some_words(at, 3)
            return "+".join(words), style(between.join(words))
        text = mark.join(words).upper() if odd == "case" else mark.join(words)
        if odd in ("lack", "length"):
            return None
        unknown = odd == "case" and style is str.lower
        return text, OPEN if unknown else style(between.join(words)), f"{len(words)}."

    return draw


def _either(at: Random) -> Draw:
    swapped = at.random() < 0.3

    def draw(at: Random, odd: str) -> Found:
        phone, mail = f"{at.randint(200, 999)} {at.randint(1000, 9999)}", f"{at.choice(WORDS)}@{at.choice(WORDS)}.org"
        which = at.choice(("first", "second", "both"))
        if odd == "lack":
            return ("", ""), ""
        if odd:
            return None
        cells = (phone if which != "second" else "", mail if which != "first" else "")
        chosen = (cells[1] or cells[0]) if swapped else (cells[0] or cells[1])
        return cells, chosen, which

    return draw


def _percent(at: Random) -> Draw:
    turned = at.random() < 0.5

    def draw(at: Random, odd: str) -> Found:
        number = at.randint(1, 99)
        percent, share = f"{number}%", f"0.{number:02}"
        if odd == "digits":
            return at.choice(("n.a.", "all")), OPEN
        if odd == "more":
            percent, share = f"{100 + number}%", f"1.{number:02}"
        elif odd:
            return None
        return (percent, share) if turned else (share, percent)

    return draw


def _duration(at: Random) -> Draw:
    form, hours = at.choice(("minutes", "clock")), at.random() < 0.5

    def draw(at: Random, odd: str) -> Found:
        h, m = at.randint(1, 9), at.randint(1, 59)
        if odd == "lack":
            text, h, m = (f"{h}h", h, 0) if at.random() < 0.5 else (f"{m}m", 0, m)
        elif odd == "more":
            return f"{h}h {m}m {at.randint(1, 59)}s", OPEN
        elif odd:
            return None
        else:
            text = f"{h}h {m}m" if hours else f"{h}:{m:02}"
        if odd == "lack" and not hours:
            return None
        return text, str(60 * h + m) if form == "minutes" else f"{h:02}:{m:02}", f"{m > 9}."

    return draw


FORMS: dict[str, Kind] = {
    "initials": _initials, "order of names": _name_order, "date": _date, "padded": _padded, "phone": _phone,
    "joined cells": _joined, "by class": _by_class, "by literal": _by_literal, "bucket": _bucket,
    "rounded": _rounded, "list": _list, "respelled": _respelled, "either of two": _either,
    "percent": _percent, "duration": _duration,
}  # fmt: skip
