"""Kinds of `tasks` that take parts of a text: by marks, places, kinds of text and names."""

from random import Random

from benchmarks.conversions.columns import OPEN
from benchmarks.conversions.task_rows import Draw, Found, Kind, some_words
from benchmarks.conversions.things import TOWNS, WORDS


def _nth_item(at: Random) -> Draw:
    mark, place = at.choice((", ", ",", ";", "|", " / ", "-", "_", ":")), at.choice((1, 2, -1, -2))
    least = max(2, place + 1, 1 - place)
    most = least + at.choice((0, 1, 2))

    def draw(at: Random, odd: str) -> Found:
        count = at.randint(least, most)
        count = most + 1 if odd == "more" else count
        count = (place if place > 0 else -place - 1) if odd == "lack" else count
        if odd in ("length", "case") or count < 1:
            return None
        items = some_words(at, count)
        if odd == "digits":
            items = [str(at.randint(1, 999)) for _ in items]
        if odd == "mark":
            return (" & " if mark != "_" else "~").join(items), OPEN
        if odd == "lack":
            return mark.join(items), OPEN
        # Counted from either end, where all have as many: one more leaves open which.
        unknown = odd == "more" and most == least
        return mark.join(items), OPEN if unknown else items[place], f"{count}."

    return draw


def _beside_mark(at: Random) -> Draw:
    mark, after = at.choice((" - ", ": ", " (", "@", "=", " / ", ", ", "#")), at.random() < 0.5
    numbers = at.random() < 0.3

    def draw(at: Random, odd: str) -> Found:
        left = " ".join(some_words(at, at.randint(1, 2 + 2 * (odd == "length"))))
        right = (
            str(at.randint(1, 9999)) if numbers else " ".join(some_words(at, at.randint(1, 2 + 2 * (odd == "length"))))
        )
        right = str(at.randint(1, 9999)) if odd == "digits" else right
        close = ")" if mark == " (" else ""
        if odd == "case":
            left, right = left.upper(), right.upper()
        if odd in ("lack", "mark"):
            return left if odd == "lack" else f"{left} ~ {right}", OPEN
        if odd == "more":
            return f"{left}{mark}{right}{close}{mark}{at.choice(WORDS)}{close}", OPEN
        return f"{left}{mark}{right}{close}", right if after else left, f"{left.count(' ')} {right.count(' ')}."

    return draw


def _characters(at: Random) -> Draw:
    start, size, end = at.choice((0, 0, 1, 2, 3)), at.randint(1, 4), at.random() < 0.3
    length = start + size + at.randint(1, 4)
    letters = at.random() < 0.5
    kinds = [at.choice("A9") for _ in range(length + 3)]

    def draw(at: Random, odd: str) -> Found:
        if odd in ("more", "mark"):
            return None
        count = length + {"length": at.randint(1, 3), "lack": -length + size - 1}.get(odd, 0)
        if count < 1:
            return None
        text = "".join(at.choice("ABCDEFGHKLMNPRSTVX" if k == "A" or letters else "0123456789") for k in kinds[:count])
        if odd == "digits":
            text = "".join(at.choice("0123456789") for _ in text)
        text = text.lower() if odd == "case" else text
        if odd == "length" or (odd == "lack" and (end or start)):
            return text, OPEN
        return text, text[-size:] if end else text[start : start + size]

    return draw


def _unit(at: Random) -> Draw:
    blank, wanted = at.choice((" ", "")), at.choice(("number", "unit", "both"))
    units = at.sample(("kg", "ml", "cm", "pcs", "lbs", "oz"), at.randint(1, 3))

    def draw(at: Random, odd: str) -> Found:
        number, unit = f"{at.randint(1, 900)}", at.choice(units)
        fraction = at.random() < 0.3
        number = f"{number}.{at.randint(1, 9)}" if fraction else number
        number = f"{at.randint(1, 9)},{at.randint(100, 999)}" if odd == "length" else number
        text = f"{number}{blank}{unit}"
        if odd == "lack":
            return at.choice((number, unit)), OPEN
        if odd == "more":
            return f"{number} x {text}", OPEN
        if odd == "digits":
            return None
        unit = unit.upper() if odd == "case" else unit
        text = f"{number}{'-' if odd == 'mark' else blank}{unit}"
        unknown = odd == "length" and wanted == "number"
        made = {"number": number, "unit": unit, "both": f"{unit}: {number}"}[wanted]
        return text, OPEN if unknown else made, str(fraction)

    return draw


def _link(at: Random) -> Draw:
    form, query = at.choice(("host", "name", "last", "id", "scheme")), at.random() < 0.4
    query = query or form == "id"
    subs = at.choice((0.0, 0.4))

    def draw(at: Random, odd: str) -> Found:
        name, end = at.choice(WORDS), at.choice(("com", "org", "net"))
        sub = "www." if at.random() < subs else ""
        end = "co.uk" if odd == "length" else end
        folders = some_words(at, at.randint(1, 2) + (odd == "more"))
        number = at.randint(1, 9999)
        scheme = at.choice(("http", "https"))
        host = f"{sub}{name}.{end}"
        tail = f"?id={number}" if query else ""
        if odd in ("digits", "mark", "case"):
            return None
        if odd == "lack":
            text, known = f"{host}/{'/'.join(folders)}{tail}", form != "scheme"
        else:
            text, known = f"{scheme}://{host}/{'/'.join(folders)}{tail}", True
        forms = {"host": host, "name": name, "last": folders[-1], "id": str(number), "scheme": scheme}
        return text, forms[form] if known else OPEN, f"{bool(sub)} {len(folders)}."

    return draw


def _log(at: Random) -> Draw:
    form = at.choice(("level", "module", "message", "id", "time"))

    def draw(at: Random, odd: str) -> Found:
        time = f"{at.randint(0, 23):02}:{at.randint(0, 59):02}:{at.randint(0, 59):02}"
        level, module = at.choice(("ERROR", "WARN", "INFO")), at.choice(WORDS)
        level = level.lower() if odd == "case" else level
        message = " ".join(some_words(at, at.randint(1, 3) + 2 * (odd == "length")))
        number = str(at.randint(1, 99999))
        forms = {"level": level, "module": module, "message": message, "id": number, "time": time}
        head = f"2026-{at.randint(1, 12):02}-{at.randint(1, 28):02} {time} {level}"
        if odd == "lack":
            unknown = form in ("module", "id")
            return f"{head} {message}", OPEN if unknown else forms[form]
        if odd == "more":
            unknown = form in ("module", "message")
            return f"{head} [{module}] [{at.choice(WORDS)}] {message} (id={number})", OPEN if unknown else forms[form]
        if odd in ("digits", "mark"):
            return None
        return f"{head} [{module}] {message} (id={number})", forms[form], f"{message.count(' ')}."

    return draw


def _from_sentence(at: Random) -> Draw:
    sort = at.choice(("amount", "date", "code", "mail", "tag", "percent", "quoted"))
    least = at.randint(1, 2)

    def draw(at: Random, odd: str) -> Found:
        def thing() -> str:
            return {
                "amount": f"${at.randint(1, 999)}.{at.randint(0, 99):02}",
                "date": f"{at.randint(2000, 2029)}-{at.randint(1, 12):02}-{at.randint(1, 28):02}",
                "code": f"{''.join(at.choices('ABCDXYZ', k=2))}-{at.randint(100, 9999)}",
                "mail": f"{at.choice(WORDS)}@{at.choice(WORDS)}.com",
                "tag": f"#{at.choice(WORDS)}",
                "percent": f"{at.randint(1, 99)}%",
                "quoted": f'"{" ".join(some_words(at, at.randint(1, 2)))}"',
            }[sort]

        found = thing()
        before, behind = (" ".join(some_words(at, at.randint(least, 4 + 3 * (odd == "length")))) for _ in range(2))
        if odd == "lack":
            return f"{before} {behind}", OPEN
        if odd == "more":
            return f"{before} {found} and {thing()} {behind}", OPEN
        if odd == "digits":
            before = f"{before} {at.randint(1, 99)}"
        if odd == "mark":
            return f"{before} {found}, {behind}", found.strip('"')
        if odd == "case":
            return (f"{before} {found} {behind}".upper(), found.upper().strip('"')) if sort != "tag" else None
        return f"{before} {found} {behind}", found.strip('"')

    return draw


def _cleaned(at: Random) -> Draw:
    frame = at.choice(("()", "[]", "**", "##"))
    share = at.choice((0.5, 1.0))

    def draw(at: Random, odd: str) -> Found:
        text, inner = " ".join(some_words(at, at.randint(1, 3))), at.choice(WORDS)
        note = f" {frame[0]}{inner}{frame[1]}"
        shown = at.random() < share
        if odd == "more":
            return f"{text}{note}{note}", text
        if odd == "length":
            return f"{text}{note} {at.choice(WORDS)}", OPEN
        if odd == "mark":
            return f"{text} <{inner}>", OPEN
        if odd == "lack":
            return text, text
        return None if odd else (text + note * shown, text, f"{shown} {text.count(' ')}.")

    return draw


def _swapped(at: Random) -> Draw:
    mark, form = at.choice((" - ", ", ", ": ", " | ")), at.choice(("{1} {0}", "{1} ({0})", "{1}, {0}", "{1}-{0}"))

    def draw(at: Random, odd: str) -> Found:
        left, right = (" ".join(some_words(at, at.randint(1, 2))) for _ in range(2))
        if odd == "lack":
            return left, OPEN
        if odd == "more":
            return f"{left}{mark}{right}{mark}{at.choice(WORDS)}", OPEN
        if odd == "mark":
            return f"{left} ~ {right}", OPEN
        return None if odd else (f"{left}{mark}{right}", form.format(left, right), f"{left.count(' ')}.")

    return draw


def _until_digit(at: Random) -> Draw:
    wanted = at.choice(("words", "number", "rest"))

    def draw(at: Random, odd: str) -> Found:
        words = " ".join(some_words(at, at.randint(1, 3))).title()
        number, rest = str(at.randint(1, 999)), at.choice(("ml", "pack", "mm"))
        if odd == "lack":
            return words, words if wanted == "words" else OPEN
        if odd == "more":
            return f"{words} {at.randint(1, 9)} {at.choice(WORDS).title()} {number}{rest}", OPEN
        if odd == "length":
            return f"{words} {number}.5{rest}", {"words": words, "number": f"{number}.5", "rest": rest}[wanted]
        made = {"words": words, "number": number, "rest": rest}[wanted]
        return None if odd else (f"{words} {number}{rest}", made, f"{words.count(' ')}.")

    return draw


def _range(at: Random) -> Draw:
    mark, wanted = at.choice(("-", " to ", " - ", "..")), at.choice((0, 1))

    def draw(at: Random, odd: str) -> Found:
        low = at.randint(1, 500)
        ends = [str(low), str(low + at.randint(1, 500))]
        if odd == "lack":
            return at.choice((ends[0], f"{ends[0]}+", f"<{ends[1]}")), OPEN
        if odd == "mark":
            return " ~ ".join(ends), ends[wanted]
        if odd == "digits":
            return mark.join((at.choice(("all", "any")), ends[1])), OPEN if not wanted else ends[1]
        return None if odd else (mark.join(ends), ends[wanted])

    return draw


def _town_line(at: Random) -> Draw:
    wanted = at.choice(("town", "state", "code", "both"))

    def draw(at: Random, odd: str) -> Found:
        town, state, code = at.choice(TOWNS), at.choice(("NY", "CA", "TX", "WA")), f"{at.randint(10000, 99999)}"
        code = f"{code}-{at.randint(1000, 9999)}" if odd == "length" else code
        head = f"{at.randint(1, 99)} {at.choice(WORDS).title()} Street, " * (odd == "more")
        if odd == "lack":
            text, known = f"{town}, {state}", wanted in ("town", "state")
        elif odd in ("mark", "digits"):
            return None
        else:
            text, known = f"{head}{town}, {state} {code}", True
        text = text.upper() if odd == "case" else text
        town = town.upper() if odd == "case" else town
        made = {"town": town, "state": state, "code": code, "both": f"{town} {code}"}[wanted]
        return text, made if known else OPEN, f"{town.count(' ')}."

    return draw


PARTS: dict[str, Kind] = {
    "n-th item": _nth_item, "beside a mark": _beside_mark, "characters": _characters, "unit": _unit,
    "link": _link, "log line": _log, "from a sentence": _from_sentence, "without a note": _cleaned,
    "swapped": _swapped, "until a digit": _until_digit, "range": _range, "town line": _town_line,
}  # fmt: skip
