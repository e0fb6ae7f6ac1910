"""What a payload sends beside the fields of its section: the client's wishes in words, and what no figure counts.

Wishes are not judged: what keeps to one is known of no name. Said are the wish itself, and which holdings it speaks of
by words of their names or sectors.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal

from services.portfolio.domain.errors import InputError, NumberError
from services.portfolio.domain.facts import (
    BINDING,
    COSTS,
    CREDIT,
    LEFT_OUT,
    NAMED_INDEX,
    NO_FEE,
    NOTED,
    TERM_OVER,
    TOLD,
    UNREAD,
    UNUSED,
    WISH,
    WISH_BROKEN,
    WISHED,
    Draft,
    Severity,
    join_names,
)
from services.portfolio.domain.figures.esg import ESG_FLOOR
from services.portfolio.domain.glosses import LOTS_SET, SILENT, UNPRICED
from services.portfolio.domain.lexicon import match_form
from services.portfolio.domain.numbers import scan_number
from services.portfolio.domain.periods import split_words
from services.portfolio.domain.reading import Reading
from services.portfolio.domain.reading.risk_metrics import count_figures
from services.portfolio.domain.reference import Reference
from services.portfolio.domain.terms import is_empty, list_sentences, name_field, quote, spell

_WISH = re.compile(
    r"\b(?:esg|exclu(?:de|des|ded|sion|sions)|restrictions?|wish(?:es)?|ethic(?:s|al)?|sustainab(?:le|ility)|screen(?:s|ing)?|"
    r"values|preferences?|avoid|w(?:unsch|ünsche)|ausschl(?:uss|üsse)|nachhaltig\w*|souhaits?|préférences?|durab\w*|wens|wensen|"
    r"uitsluiting\w*|voorkeur\w*|duurza\w*|preferenz[ae]|esclusion[ei]|sostenib\w*|preferencias?|exclusion(?:es)?|deseos?)\b",
    re.IGNORECASE,
)
"""Names of fields for what a client wants held or not held: the sustainability preferences of MiFID II (delegated
regulation 2021/1253) and what investment policy statements call exclusions, restrictions and screens."""
_COSTS = re.compile(
    r"\b(?:fees?|costs?|charges?|ter|ocf|expenses?|kosten|gebühren|frais|commissioni|spese|comisiones|gastos)\b",
    re.IGNORECASE,
)
"""Names of fields that speak of what is charged."""
_RULES_OUT = re.compile(r"\b(?:exclu\w*|restrict\w*|avoid|screens?|screening)\b", re.IGNORECASE)
"""Names of fields all of whose words are of what a client does not want."""
_NOT = re.compile(
    r"\b(?:no|not|non|none|never|without|avoid\w*|exclud\w*|exclusion\w*|free of|ohne|kein\w*|sans|pas de|aucun\w*|"
    r"zonder|geen|niet|senza|niente|nessun\w*|sin|ningun\w*|ningún|nada de)\b",
    re.IGNORECASE,
)
_YES = re.compile(r"[;.\n]|\b(?:but|prefer\w*|likes?|wants?|favou?rs?|focus\w*|more|overweight)\b", re.IGNORECASE)
"""Where what is ruled out ends: with the clause, or with what is wished for."""
_IDENTIFIER = re.compile(
    r"\b(?:id|ids|ref|reference|code|key|uuid|version|type|source|url|email|phone)\b"
    r"|\b(?:no|nr|number|numero|numéro)\b\W*$|(?:nummer|\wnr)\b\W*$",
    re.IGNORECASE,
)
"""Names of fields that say who or what a payload is, and nothing of the portfolio."""
_PART = re.compile(r"\d+|[^\W\d_]+")
_WORD = re.compile(r"[^\W\d_]{4,}")
_COMMON = frozenset(
    {"with", "none", "only", "from", "more", "than", "less", "should", "must", "avoid", "exclude", "excluded", "other",
     "company", "companie", "share", "fund", "bond", "stock", "equity", "invest", "investment", "portfolio", "sector",
     "client", "prefer", "holding", "group", "international", "global", "world"}
)  # fmt: skip
"""Words of wishes and names that say nothing of what a company does, without a plural's s."""
_LONGEST = 120
_NAMED = 3
_WHOSE = "Client Name"
_MASK = "***"
"""What stands for the digits of an identifier that is not to be read."""
_MOST, _CELLS, _FEW = 8, 4, 2
"""Fields that are quoted, cells of a column that are, and cells of a column that few rows have: those say something of
these rows, and are no mere description of all."""
_SENTENCE = 4
"""From so many words on, a text is one that somebody wrote."""
_UNSPACED, _LONG_UNSPACED = "\u3040", 12
"""From this letter on words are written without spaces; so many letters of them are about four words."""
_LONG_NOTE = 240
_LONG_TEXT = 500
"""So much of what somebody wrote is quoted: a paragraph."""
_LONG_LIST = 200
_OLD_DAYS = 366
"""Valuations are looked at once a year (AIFMD article 19; IVS 101)."""


def add_unread(reading: Reading, reference: Reference, draft: Draft, elsewhere: Collection[str] = ()) -> None:
    """Gloss the wish that was sent, what is held that it speaks of, and what else was sent and counts in no figure,
    each with what it says; ``elsewhere`` are the fields that parts of other sections read."""
    unknown = {
        name: value for name, value in reading.detected.unknown.items()
        if not is_empty(value) and value is not False and name not in elsewhere
    }  # fmt: skip
    wishes = {name: text for name, value in unknown.items() if _WISH.search(split_words(name))
              and (text := " ".join(spell(value).split()))}  # fmt: skip
    industries = reference.terms.industries.values()
    for name, value in unknown.items():  # a note may say a wish too
        ruled = _find_ruled_out("", spell(value)) if isinstance(value, str) else ""
        if name not in wishes and ruled and any(reference.says_any(ruled, words) for words, _ in industries):
            wishes[name] = " ".join(spell(value).split())
    closings = _list_closings(unknown, reading, reference)
    wishes = {name: text for name, text in wishes.items() if name not in closings}
    if reading.esg_floor is not None and ESG_FLOOR in draft.glosses:
        field = reading.esg_floor[0]
        if field in wishes and not _find_ruled_out(field, wishes[field]):
            del wishes[field]  # which asks for the rating alone
    told = draft.glosses.get(NO_FEE, "")
    needed = _list_read(reading, reference, draft)
    if CREDIT in draft.glosses:
        unknown |= {line.field: "; ".join(spell(found.rest) for found in reading.credit
                                         if found.field == line.field and found.rest)
                    for line in reading.credit if line.field}  # fmt: skip
    if reading.fall_limit is not None and draft.find("fall_limit") is not None:
        unknown = _leave_out(unknown, *reading.fall_limit[:2])
    unknown = {name: value for name, value in unknown.items() if not is_empty(value)}
    rest = {
        name: value
        for name, value in unknown.items()
        if name not in wishes and name not in told and name not in needed and not _IDENTIFIER.search(split_words(name))
        and not _is_repeated(name, value, reading) and name not in reading.limit_fields
    }  # fmt: skip
    locks = {row.lock.says for table in reading.tables.values() for row in table.rows if row.lock is not None}
    rest = {name: value for name, value in rest.items() if quote(name, value) not in locks and name not in closings}
    _gloss_beside(rest, reading, reference, draft)
    costs = [quote(name, value) for name, value in unknown.items() if _COSTS.search(split_words(name))]
    if costs:
        draft.glosses[COSTS] = join_names(costs[:_NAMED])
        draft.quote(draft.glosses[COSTS])
    named = [found for value in unknown.values() if isinstance(value, str) and (found := reference.find_index(value))]
    if named:
        draft.glosses[NAMED_INDEX] = named[0]
    if not wishes:
        return
    words = "; ".join(f"{name}: {text}" for name, text in wishes.items())
    draft.glosses[WISH] = words if len(words) <= _LONGEST else f"{words[:_LONGEST].rpartition(' ')[0]} ..."
    draft.quote(draft.glosses[WISH])
    ruled_out = [_find_ruled_out(name, text) for name, text in wishes.items()]
    meant = {word for text in ruled_out for word in _list_words(text)}
    ruled_industries = [held for words, held in industries if any(reference.says_any(x, words) for x in ruled_out)]
    rows = list(_list_rows(reading))
    broken = dict.fromkeys(
        name
        for name, text in rows
        if not reference.is_broad(name) and any(reference.says_any(text, x) for x in ruled_industries)
    )
    touched = dict.fromkeys(name for name, text in rows if name not in broken and meant & set(_list_words(text)))
    if broken:
        draft.glosses[WISH_BROKEN] = join_names(list(broken)[:_NAMED])
    if touched:
        draft.glosses[WISHED] = join_names(list(touched)[:_NAMED])


def _list_closings(unknown: Mapping[str, object], reading: Reading, reference: Reference) -> set[str]:
    """The fields with entries of days on which something that is held may not be sold, which are told with it."""
    if not any(row.closed is not None for table in reading.tables.values() for row in table.rows):
        return set()
    return {
        name for name, value in unknown.items()
        if not isinstance(value, str) and reference.says_any(spell(value), reference.terms.closed)
    }  # fmt: skip


def _leave_out(fields: Mapping[str, object], field: str, name: str) -> dict[str, object]:
    """The fields without a part of one that a figure took, or without that one."""
    value = fields.get(field)
    rest = {key: part for key, part in value.items() if key != name} if isinstance(value, Mapping) else None
    return {key: rest if key == field else part for key, part in fields.items()}


def _list_read(reading: Reading, reference: Reference, draft: Draft) -> set[str]:
    """The fields beside those of the section that a figure or a gloss takes."""
    stated = {name for fact in draft.facts if fact.id.startswith("expected.") for name in fact.inputs}
    found = {need.name for need in reading.needs if not need.is_inflow or need.name in stated}
    known = {None, draft.currency}
    told = {item.name for item in reading.entries_due if item.is_told and item.amount.currency in known}
    found |= told - {item.name for item in reading.entries_due if not item.is_told}
    if reading.rating_floor is not None:
        found.add(reading.rating_floor[0])
    if reading.income_need is not None and draft.find("income_needed") is not None:
        found.add(reading.income_need.name)
    cash = draft.find("cash")
    if reading.cash is not None and cash is not None and cash.inputs == (reading.cash[0],):
        found.add(reading.cash[0])
    if reading.capacity is not None and draft.find("capacity") is not None:
        found |= {reading.capacity[0], *(item.name for item in reading.stresses)}
    if LOTS_SET in draft.glosses and reading.lot_order is not None:
        orders = reference.terms.lot_order_fields
        found |= {name for name in reading.detected.unknown if reference.names_any(name, orders)}
    if reading.taxes is not None and any(
        fact.id.startswith(("tax_saved.", "source_gain.", "sales_gain")) for fact in draft.facts
    ):
        found |= {reading.taxes.name, *reading.taxes.fields}
    sent = Counter(name for fact in draft.facts if fact.id.startswith("sent_") for name in fact.inputs)
    found |= {name for name, count in sent.items() if count_figures(reading.detected.unknown.get(name)) == count}
    if reading.esg_floor is not None and ESG_FLOOR in draft.glosses:
        found.add(reading.esg_floor[0])
    if reading.duration_cap is not None and draft.find("duration_limit") is not None:
        found.add(reading.duration_cap[0])
    return found


def _gloss_beside(rest: Mapping[str, object], reading: Reading, reference: Reference, draft: Draft) -> None:
    """What no figure counts, with what it says: the words of persons as they are, days that are past, and the rest."""
    day = draft.frame.as_of
    noted: list[str] = []
    past: list[str] = []
    others: list[str] = []
    rest = {name: value for name, value in rest.items() if not _says_nothing(value, reading, draft)}
    for name, value in rest.items():
        over = _judge_day(name, value, reading, reference, day)
        if _is_note(name, value, reference):
            noted.append(_cite(value, name_field(name)))
        else:
            (past if over else others).append(f"{quote(name, value)}{over}")
    for name, cells in _list_columns(reading, draft).items():
        if len(cells) <= _FEW and all(_is_note(name, value, reference) for _, value in cells):
            noted += [_cite(value, f"{name_field(name)}{f' on {row}' if row else ''}") for row, value in cells]
            continue
        judged = [(f"{spell(value)} ({row})" if row else spell(value), _judge_day(name, value, reading, reference, day))
                  for row, value in cells]  # fmt: skip
        if len(cells) > _CELLS:
            judged = [(_sum_up([value for _, value in cells], reading), ""), *(pair for pair in judged if pair[1])]
        line = f"{name_field(name)}: {'; '.join(f'{words}{over}' for words, over in judged[: _CELLS + 1])}"
        (past if any(over for _, over in judged) else others).append(line)
    for gloss, items in ((NOTED, noted), (BINDING, past), (UNREAD, others)):
        if items:
            more = f"; and {len(items) - _MOST} more" if len(items) > _MOST else ""
            draft.glosses[gloss] = "; ".join(items[:_MOST]) + more
            draft.quote(draft.glosses[gloss])
    _gloss_terms(reading, reference, day, draft)


def _is_note(name: str, value: object, reference: Reference) -> bool:
    """Whether a value is what somebody wrote: it has words, and they are many or stand in a field for such."""
    if not isinstance(value, str) or not any(character.isalpha() for character in value):
        return False
    unspaced = sum(character >= _UNSPACED for character in value)
    is_long = len(value.split()) >= _SENTENCE or unspaced >= _LONG_UNSPACED
    return reference.names_any(name, reference.terms.notes) or is_long


def _cite(value: object, where: str) -> str:
    """What somebody wrote, word by word, with where it stands; a long text up to the end of a sentence."""
    words = spell(value)
    if len(words) > _LONG_TEXT:
        kept = ""
        for sentence in list_sentences(words):
            if len(kept) + len(sentence) > _LONG_TEXT:
                break
            kept = f"{kept} {sentence}".strip()
        words = f"{kept or words[:_LONG_TEXT].rpartition(' ')[0]} ..."
    return f"\u201c{words.strip()}\u201d ({where})"


def _list_columns(reading: Reading, draft: Draft) -> dict[str, list[tuple[str, object]]]:
    """By column that no figure takes: each row's name with its value; columns that say one thing of every row, or who a
    row is, are left out, and so are those of long lists, which the notes name."""
    found: dict[str, list[tuple[str, object]]] = {}
    for table in reading.tables.values():
        if len(table.rows) > _LONG_LIST:
            continue
        for row in table.rows:
            for name, value in row.extra.items():
                if (
                    not _IDENTIFIER.search(split_words(name))
                    and match_form(name) != "callable"
                    and not any(lock is not None and spell(value) in lock.says for lock in (row.lock, row.closed))
                    and spell(value) not in draft.glosses.get(f"{row.text('name')} is rated", "")
                    and not _says_nothing(value, reading, draft)
                    and not _is_told(row.text("name") or row.text("symbol"), value, reading, draft)
                ):
                    found.setdefault(name, []).append((row.text("name") or "", value))
        for name in list(found):
            if len(found[name]) == len(table.rows) > 1 and len({spell(value) for _, value in found[name]}) == 1:
                del found[name]
    return found


def _says_nothing(value: object, reading: Reading, draft: Draft) -> bool:
    """Whether a value is the payload's own currency or day, which all of its figures are in and of, or masked."""
    if not isinstance(value, str):
        return False
    if _MASK in value:
        return True
    return value.strip() == draft.currency or (
        draft.frame.as_of is not None and reading.read_day(value) == draft.frame.as_of
    )


def _is_told(name: str | None, value: object, reading: Reading, draft: Draft) -> bool:
    """Whether a cell is the day of a figure that is told of its row."""
    day = reading.read_day(value)
    return day is not None and any(
        fact.subject == name and day in fact.dates
        for fact in draft.facts
        if fact.id.startswith(("source_held.", "lot_gain."))
    )


def _sum_up(values: Sequence[object], reading: Reading) -> str:
    """What the cells of a column say together: from where to where they go, or how often each stands there."""
    shown, rows = [spell(value) for value in values], f"in {len(values)} rows"
    days = [reading.read_day(value) for value in values]
    order = days if None not in days else [_read_size(value) for value in values]
    if None not in order:
        ranked = sorted(zip(order, shown, strict=True))
        return f"{ranked[0][1]} to {ranked[-1][1]} {rows}"
    counts = Counter(shown)
    if len(counts) > _CELLS:
        return f"{len(counts)} different {rows}, such as {shown[0]}"
    return join_names([f"{text} ({count} row{'' if count == 1 else 's'})" for text, count in counts.most_common()])


def _read_size(value: object) -> Decimal | None:
    try:
        cell = scan_number(value, "cell")
    except (InputError, NumberError):
        return None
    if cell is None:
        return None
    return cell.point if cell.point is not None else cell.comma


def _judge_day(name: str, value: object, reading: Reading, reference: Reference, day: date | None) -> str:
    """That a day is past, or that what was looked at on it is old."""
    found = reading.read_day(value)
    if found is None or day is None or found > day:
        return ""
    if reference.names_any(name, reference.terms.dated):
        return ", which is old" if (day - found).days > _OLD_DAYS else ""
    return ", which is past" if reference.names_any(name, reference.terms.until) else ""


def _gloss_terms(reading: Reading, reference: Reference, day: date | None, draft: Draft) -> None:
    """A fixed term of what is owed whose last day is past."""
    for table in reading.tables.values():
        for row in table.rows if len(table.rows) <= _LONG_LIST else ():
            owed = row.money("market_value")
            for name, value in row.extra.items() if owed is not None and owed.value < 0 else ():
                found = reading.read_day(value)
                if (
                    found is not None
                    and day is not None
                    and found < day
                    and reference.names_any(name, reference.terms.until)
                ):
                    draft.glosses[TERM_OVER] = f"{row.text('name')}, {quote(name, value)}"
                    draft.quote(draft.glosses[TERM_OVER])


def _has_amount(text: str) -> bool:
    return any(character.isdigit() for character in text)


def _is_repeated(name: str, value: object, reading: Reading) -> bool:
    """Whether a field says again what is read under another of its names (a day as 30.06.2026 and as 2026-06-30)."""
    canonical, _ = reading.detected.section.find_field(name)
    read = reading.detected.get(canonical) if canonical is not None else None
    if canonical == _WHOSE and read is not None:
        return True  # whose the portfolio is, as a second of its names says
    return read is not None and sorted(_PART.findall(spell(value).casefold())) == sorted(
        _PART.findall(spell(read).casefold())
    )


def _find_ruled_out(name: str, text: str) -> str:
    """The words of a wish that say what is not wanted: those after a no, or all of a field of exclusions."""
    if _RULES_OUT.search(split_words(name)) and not _YES.search(text):
        return text
    return " ".join(_YES.split(text[match.end() :], maxsplit=1)[0] for match in _NOT.finditer(text))


def _list_words(text: str) -> Iterator[str]:
    for word in _WORD.findall(text.casefold()):
        stem = word.removesuffix("s")
        if stem not in _COMMON and word not in _COMMON:
            yield stem


def _list_rows(reading: Reading) -> Iterator[tuple[str, str]]:
    """The names of what is held, each with the words that its row says of it."""
    for table in reading.tables.values():
        for row in table.rows:
            if name := row.text("name"):
                yield name, " ".join(filter(None, (name, row.text("sector"), row.text("kind"))))


_PLACE = re.compile(r"(?P<list>[^\W\d]\w*)\[\d+\](?:\.(?P<column>\w+))?")
"""Where a cell stands, as the notes name it to the caller: ``holdings[3].weight``."""


def gloss_unused(draft: Draft) -> None:
    """What could not be used, in the words of the notes that say so."""
    told = TOLD | {SILENT, UNPRICED} | ({"no_total"} if LEFT_OUT in draft.glosses else set())
    warned = [note for note in draft.notes if note.severity is Severity.WARNING and note.code not in told]
    said = [_tell_places(note.message).rstrip(".") for note in warned]
    if said:
        words = "; ".join(dict.fromkeys(said))
        draft.glosses[UNUSED] = words if len(words) <= _LONG_NOTE else f"{words[:_LONG_NOTE].rpartition(' ')[0]} ..."
        draft.quote(draft.glosses[UNUSED])


def _tell_places(message: str) -> str:
    """A note as a reader is told it: the columns in words, each with its reason once; the rows are the caller's."""
    lead, colon, reasons = message.partition(": ")
    if not colon or not _PLACE.search(reasons):
        return _PLACE.sub(lambda place: name_field(place["column"] or place["list"]), message)
    told = [
        _PLACE.sub(lambda place: name_field(place["column"] or place["list"]), x)
        for x in reasons.rstrip(".").split("; ")
    ]
    return f"{lead}: {'; '.join(dict.fromkeys(told))}"
