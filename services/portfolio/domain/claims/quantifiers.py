"""What is said of many at once: all, none, most, both, three of the eight, all but one, only these two.

A quantifier, the noun that it counts and a predicate are one claim, decided by telling the predicate of each member.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from services.portfolio.domain.claims.evidence import Evidence
from services.portfolio.domain.claims.model import Claim, Outcome, Relation, Verdict
from services.portfolio.domain.claims.periods import find_periods
from services.portfolio.domain.claims.sentences import Sentence
from services.portfolio.domain.claims.thresholds import find_thresholds
from services.portfolio.domain.claims.traits import GROUPS, PREDICATES, Told, Trait, banded, over_limit
from services.portfolio.domain.vocabulary import NumberWords, Vocabulary

_NUMBER = r"(?:\d{1,3}|NUMBER)"
_OF = r"(?:\s+(?:out\s+)?of)?(?:\s+(?:the|its|our|your|their|these|those))?"
_KINDS = (
    (
        "some",
        (
            rf"(?:(?P<bound>only|just|exactly|at\s+least|at\s+most|more\s+than|fewer\s+than|no\s+more\s+than|"
            rf"no\s+fewer\s+than)\s+)?"
            rf"(?:the\s+other\s+)?(?P<number>{_NUMBER}){_OF}"
        ),
    ),
    ("but", rf"all\s+but\s+(?P<but>{_NUMBER}){_OF}"),
    ("all", rf"(?:all|every one|each one|every|each){_OF}(?:\s+single)?"),
    ("both", rf"both{_OF}"),
    ("none", rf"(?:none|not\s+(?:a\s+single|one)|neither|no){_OF}"),
    ("most", rf"(?:most|(?:the|a)\s+majority|more\s+than\s+half|over\s+half){_OF}"),
    ("fewest", rf"(?:(?:fewer|less)\s+than\s+half|under\s+half|a\s+minority){_OF}"),
    ("half", rf"(?:exactly\s+)?half{_OF}"),
    ("part", rf"(?:exactly\s+)?(?P<part>a\s+third|two\s+thirds|a\s+quarter|three\s+quarters|a\s+fifth){_OF}"),
)
_PARTS = {"a third": (1, 3), "two thirds": (2, 3), "a quarter": (1, 4), "three quarters": (3, 4), "a fifth": (1, 5)}
_EVERYTHING = re.compile(r"\b(?:(?P<all>everything(?: else)?)|(?P<none>nothing(?: else)?))\b", re.IGNORECASE)
_NEUTRAL = r"(?:(?:individual|single|separate|different|various|the|of)\s+)*"
_EXCEPT_AFTER = re.compile(
    r"\s*,?\s*\(?(?:but|except(?:\s+for)?|other\s+than|save(?:\s+for)?|apart\s+from|bar|besides)\s+(?:the\s+)?",
    re.IGNORECASE,
)
_EXCEPT_BEFORE = re.compile(
    r"\b(?:apart\s+from|except\s+for|with\s+the\s+exception\s+of|other\s+than|aside\s+from|besides|bar|"
    r"leaving\s+aside)\s+"
    r"(?:the\s+)?$",
    re.IGNORECASE,
)
_EXCEPTED = re.compile(rf"(?:{_EXCEPT_AFTER.pattern.strip()})$|{_EXCEPT_BEFORE.pattern}", re.IGNORECASE)
_LIST = re.compile(r"\s*(?:,|and|,\s*and|or|&)\s*(?:the\s+)?", re.IGNORECASE)
_NOT_BEFORE = re.compile(r"\bnot\s+$", re.IGNORECASE)
_DENIED = re.compile(r"\b(?:not|never|fail\w*|without)\b|n't\b", re.IGNORECASE)
_THAN = re.compile(r"\b(?:more|fewer|less|other|larger|smaller)\s+than\b", re.IGNORECASE)
_OPEN = re.compile(r"\b(?:if|would|could|may|might|will|should|unless|until|than)\b", re.IGNORECASE)
_DUE = re.compile(
    r"\bwould\s+(?:have\s+to\s+)?(?:be\s+)?(?=(?:sold|bought|trimmed|topped|reduced|added)\b)", re.IGNORECASE
)
"""What the model asks for is so today, in whatever mood it is said."""
_GAP = 60
_OTHERWISE = re.compile(
    r"[.;:,\d]|\b(?:but|while|whereas|which|who|and|portfolio|benchmark|in|can|to)\b", re.IGNORECASE
)
_A_TIME = re.compile(
    r"\b(?:in|over|last|past|previous|next|every|within|for|during|of|alone)\s+(?:the\s+)?(?:last\s+|past\s+)?$",
    re.IGNORECASE,
)
_A_RULE = re.compile(r"\b(?:allow|permit|tolerat|forbid|let)\w*\s+$", re.IGNORECASE)
_MEASURED = re.compile(r"\s+(?:by\s+|some\s+|about\s+)?(?:more|less|most|least|as|\d|[₹$€£])", re.IGNORECASE)
_ONLY_BEFORE = re.compile(r"\b(?:only|solely|just)\s+(?:the\s+)?$", re.IGNORECASE)
_LISTED = re.compile(r"\s*(?::|\(|–|—|-|,\s*namely)\s*(?:namely\s+)?(?:the\s+)?", re.IGNORECASE)
_ARE = re.compile(
    r"\s*:?\s*(?:both\s+|each\s+|all\s+)?(?:(?P<verb>are|were|is|was|has|have|shows?|stands?|lies?|do|does|did)\s+)?(?P<no>(?:not|"
    r"never)\s+)?"
    r"(?:both\s+|each\s+|all\s+|now\s+|currently\s+|still\s+|well\s+|just\s+|comfortably\s+|clearly\s+|slightly\s+|far\s+)*",
    re.IGNORECASE,
)
_SIDES = r"(?:below|above|under|over|in|at|within|outside|beyond|past|with|that|which|to|not|out|of|rated)\b"
_THE_ONLY = re.compile(
    rf"\s*(?:is|are|was|were|remains?)\s+the\s+(?:only|sole|one)\s+(?:ones?\s+|(?:\d+|(?!{_SIDES})[a-z]+)\s+)?(?:(?!{_SIDES})[a-z]+\s+)?"
    r"(?:to\s+have\s+|to\s+be\s+|that\s+(?:is|are|has|have|was|were)?\s*|which\s+(?:is|are|has|have|was|"
    r"were)?\s*|with\s+a\s+|in\s+a\s+)?",
    re.IGNORECASE,
)
_MORE_THAN = re.compile(
    r"\bmore\s+(?P<noun>[a-z]+)?\s*(?P<first>[a-z ]{2,24}?)\s+than\s+(?P<second>[a-z ]{2,24})\b", re.IGNORECASE
)
_IN_MORE = re.compile(
    r"\b(?P<first>rose|gained|fell|lost|was\s+up|was\s+down)\s+(?:money\s+)?(?:in|on)\s+(?:(?P<more>more)|fewer|less)\s+"
    r"(?P<noun>[a-z]+)\s+than\s+(?:it|they|in\s+which\s+it)\s+(?P<second>[a-z]+)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class _Found:
    """A quantifier in a sentence: its kind, the numbers in it, and what stands behind the noun that it counts."""

    kind: str
    start: int
    end: int
    group: str
    number: int | None = None
    bound: str = ""
    total: int | None = None
    part: tuple[int, int] = (0, 1)
    assumed: bool = False
    """Whether the noun is left out, so that it counts positions where there are so many."""


def check_quantifiers(sentence: Sentence, evidence: Evidence) -> list[Verdict]:
    """A verdict for each quantified clause of a sentence that the facts can decide."""
    if _OPEN.search(_DUE.sub("", _THAN.sub("", sentence.plain))) and not _MORE_THAN.search(sentence.plain):
        return []
    found = list(_check_more(sentence, evidence))
    found += _check_only(sentence, evidence)
    found += [
        _say(sentence, item.start, item.end, item.told, right=item.right) for item in find_periods(sentence, evidence)
    ]
    found += _check_named(sentence, evidence)
    taken = [(item.claim.start, item.claim.end) for item in found]
    for item in _find(sentence, evidence.vocabulary):
        verdict = _check(sentence, item, evidence)
        if verdict is not None and not any(
            low < verdict.claim.end and verdict.claim.start < high for low, high in taken
        ):
            found.append(verdict)
            taken.append((verdict.claim.start, verdict.claim.end))
    return found


def drop_decided(verdicts: Sequence[Verdict], decided: Sequence[Verdict]) -> list[Verdict]:
    """The verdicts but for those on parts of a claim that is decided as a whole."""
    return [
        item
        for item in verdicts
        if not any(
            whole.claim.start <= item.claim.start
            and item.claim.end <= whole.claim.end
            and (item.claim.relation is not Relation.DATED or whole.claim.measure == "maturity")
            for whole in decided
        )
    ]


def _compile(numbers: NumberWords) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """The pattern of a quantifier with its noun, and that of the total ahead of one (``of the six, three``)."""
    words = "|".join(sorted([*numbers.units, *numbers.tens], key=len, reverse=True))
    kinds = "|".join(f"(?P<k_{name}>{pattern})" for name, pattern in _KINDS)
    nouns = "|".join(f"(?P<g_{name}>{pattern})" for name, pattern in GROUPS.items())
    pattern = (
        rf"(?<![\w-])(?:{kinds})(?:\s+(?P<total>{_NUMBER}))?(?:\s+{_NEUTRAL}(?:{nouns}))?(?![\w%-]|\s*%|"
        rf"\s+per\b|\s+percent|"
        r"\s+(?:percentage|basis)|\s+points?\b|[.,]\d)"
    )
    ahead = "|".join(f"(?P<of_{name}>{noun})" for name, noun in GROUPS.items())
    of_total = (
        r"\b(?:out )?of\s+(?:the|its|our|your|their|these|those|all)\s+"
        rf"(?P<of_total>{_NUMBER})(?:\s+{_NEUTRAL}(?:{ahead}))?,\s*$"
    )
    return (
        re.compile(pattern.replace("NUMBER", words), re.IGNORECASE),
        re.compile(of_total.replace("NUMBER", words), re.IGNORECASE),
    )


_COMPILED: dict[int, tuple[re.Pattern[str], re.Pattern[str]]] = {}
_LARGEST = re.compile(r"\b(?:largest|biggest|top|smallest|heaviest|main|best|worst|first|last)\s+$", re.IGNORECASE)
_STANDS = re.compile(
    r"\s+(?:is|are|was|were|has|have|had|show\w*|lies?|lay|stands?|sits?|remains?|rose|fell|gained|lost|ended|finished|"
    r"closed|exceeds?|breach\w*|made)\b",
    re.IGNORECASE,
)
"""A verb right behind a number of a number (``three of the five are``): they count what the section counts."""


def _find(sentence: Sentence, vocabulary: Vocabulary) -> Iterator[_Found]:
    text, numbers = sentence.plain, vocabulary.numbers
    pattern, of_total = _COMPILED.setdefault(id(vocabulary), _compile(numbers))
    group = ""
    for match in pattern.finditer(text):
        groups = match.groupdict()
        kind = next(name for name, _ in _KINDS if groups[f"k_{name}"])
        noun = next((name for name in GROUPS if groups[f"g_{name}"]), "")
        number = groups["number"] or groups["but"]
        total = groups["total"]
        if kind == "some" and _LARGEST.search(text[: match.start()]):
            continue  # "the largest three" are no three of all
        if kind == "all" and total and re.search(r"\b(?:of|in)\s+$", text[: match.start()]):
            continue  # "three of every four" is a part
        ahead = of_total.search(text[: match.start()]) if kind == "some" and not total else None
        if ahead is not None:
            total, group = ahead["of_total"], next((name for name in GROUPS if ahead[f"of_{name}"]), group)
        group = noun or group
        assumed = not group and total is not None and _STANDS.match(text, match.end()) is not None
        if assumed:
            group = "position"
        if not group:
            continue
        if kind == "some" and not noun and not total and match.start() and re.match(r"\d", match[0]) is not None:
            continue
        yield _Found(
            kind, match.start(), match.end(), group, _count(number, numbers) if number else None,
            " ".join((groups["bound"] or "").lower().split()), _count(total, numbers) if total else None,
            _PARTS.get(" ".join((groups["part"] or "").lower().split()), (0, 1)), assumed,
        )  # fmt: skip
    for match in _EVERYTHING.finditer(text):
        yield _Found("all" if match["all"] else "none", match.start(), match.end(), "position")


def _count(word: str, numbers: NumberWords) -> int:
    return int(word) if word.isdigit() else numbers.units.get(word.lower(), numbers.tens.get(word.lower(), 0))


def _check(sentence: Sentence, item: _Found, evidence: Evidence) -> Verdict | None:
    text = sentence.plain
    rest, names, at = text[item.end :], list[str](), item.end
    excepted = _EXCEPT_AFTER.match(rest)
    if excepted:
        names, at = _read_names(sentence, item.end + excepted.end())
        if not names:
            return None
    elif item.kind in {"all", "none"} and (before := _names_excepted_before(sentence, item.start)):
        names = before
    predicate = _find_predicate(sentence, at)
    if predicate is None:
        return None
    trait, start, end = predicate
    between = text[at:start]
    if "\x01" in between or _OTHERWISE.search(between):
        return None
    if _is_else(item, text[: item.start], text[end:]):
        return None
    told = trait(item.group, evidence)
    if told is None or (
        item.total is not None
        and item.total != told.total
        and (item.assumed or (item.group != "period" and told.holds == {}))
    ):
        return None
    denied = _DENIED.search(between) is not None
    count = told.total - told.count if denied else told.count
    right = _decide(item, told, count, names, denied=denied)
    if right is None:
        return None
    if _NOT_BEFORE.search(text[: item.start]) and item.kind in {"all", "both"}:
        right = not right
    if right and item.kind in {"some", "but"} and (listed := _LISTED.match(text, end)):
        chosen = {name for name, held in told.holds.items() if held is not denied}
        named, stop = _read_names(sentence, listed.end())
        whole = re.match(r"\W*$|\s*[.;)]", text[stop:]) is not None
        if named and whole and set(named) <= set(told.holds):
            right, end = set(named) == (chosen if item.kind == "some" else set(told.holds) - chosen), stop
    return _say(sentence, item.start, end, told, right=right, shown=f"{count} of {told.total}")


def _is_else(item: _Found, before: str, behind: str) -> bool:
    """Whether a quantifier counts a time ("in eight months"), states a rule, or measures how far something moved."""
    if item.group == "period" and _A_TIME.search(before) and item.total is None:
        return True
    return _A_RULE.search(before) is not None or _MEASURED.match(behind) is not None


def _decide(item: _Found, told: Told, count: int, names: Sequence[str], *, denied: bool) -> bool | None:
    if item.total is not None and item.total != told.total:
        return False
    if names:
        if not told.holds or any(name not in told.holds for name in names):
            return None
        chosen = {name for name, held in told.holds.items() if held is not denied}
        rest = set(told.holds) - set(names)
        return chosen == (rest if item.kind == "all" else set(names))
    total, number = told.total, item.number or 0
    rules = {
        "all": count == total,
        "both": count == total == 2,
        "none": count == 0,
        "most": 2 * count > total,
        "fewest": 2 * count < total,
        "half": 2 * count == total,
        "but": count == total - number,
        "part": count * item.part[1] == item.part[0] * total,
    }
    if item.kind in rules:
        return rules[item.kind]
    bounds = {
        "at least": count >= number,
        "no fewer than": count >= number,
        "at most": count <= number,
        "no more than": count <= number,
        "more than": count > number,
        "fewer than": count < number,
    }
    return bounds.get(item.bound, count == number)


def _names_excepted_before(sentence: Sentence, start: int) -> list[str]:
    """The names of ``Apart from A and B, everything``."""
    for mention in sentence.mentions:
        if mention.end <= start and _EXCEPT_BEFORE.search(sentence.plain[: mention.start]):
            names, end = _read_names(sentence, mention.start)
            if re.fullmatch(r"\W*(?:the\s+)?", sentence.plain[end:start]):
                return names
    return []


def _read_names(sentence: Sentence, start: int, link: re.Pattern[str] = _LIST) -> tuple[list[str], int]:
    """The names of a list that begins at a place, and where it ends."""
    names: list[str] = []
    for mention in sentence.mentions:
        if mention.start < start:
            continue
        between = sentence.plain[start : mention.start]
        if names and not link.fullmatch(between):
            break
        if not names and between.strip():
            break
        names.append(mention.subject)
        start = mention.end
    return names, start


def _find_predicate(sentence: Sentence, start: int) -> tuple[Trait, int, int] | None:
    """The first predicate behind a place: its trait, its start and its end."""
    window = sentence.plain[start : start + _GAP + 40]
    found: list[tuple[int, int, int, Trait]] = []
    for place, (pattern, trait) in enumerate(PREDICATES):
        if (match := pattern.search(window)) and match.start() <= _GAP:
            found.append((match.start(), place, match.end(), trait))
    for trait, low, high in find_thresholds(sentence, start):
        found.append((low - start, -1, high - start, trait))
    if not found:
        return None
    first, _, last, trait = min(found, key=lambda item: (item[0], item[1]))
    return trait, start + first, start + last


def _check_only(sentence: Sentence, evidence: Evidence) -> Iterator[Verdict]:
    """``Only A and B gained``, ``A and B were the only winners``: exactly these."""
    text = sentence.plain
    if not sentence.mentions:
        return
    first = sentence.mentions[0]
    names, end = _read_names(sentence, first.start)
    if lead := _THE_ONLY_LEAD.search(text[: first.start]) or (
        len(names) > 1 and _THE_GROUP.search(text[: first.start])
    ):
        yield from _check_lead(sentence, names, (lead.start(), end), lead, evidence)
        return
    only = _ONLY_BEFORE.search(text[: first.start])
    the_only = _THE_ONLY.match(text[end:])
    if not only and not the_only:
        return
    start = end + (the_only.end() if the_only else 0)
    predicate = _find_predicate(sentence, start)
    if the_only and predicate is None:
        predicate = _find_predicate(sentence, end)
    if predicate is None:
        return
    trait, low, high = predicate
    if low - start > 30 or "\x01" in text[start:low]:
        return
    for group in ("position", "asset_class", "sector", "region", "currency", "account"):
        told = trait(group, evidence)
        if told is not None and all(name in told.holds for name in names):
            denied = _DENIED.search(text[start:low]) is not None
            chosen = {name for name, held in told.holds.items() if held is not denied}
            shown = f"{len(chosen)} of {told.total}"
            yield _say(sentence, first.start, high, told, right=chosen == set(names), shown=shown)
            return


_THE_ONLY_LEAD = re.compile(
    r"\bthe\s+(?:only|sole)\s+(?:ones?\s+|(?:\d+|[a-z]+)\s+)?(?P<what>[a-z -]{3,50}?)\s+"
    r"(?:is|are|was|were)\s+(?:the\s+)?$",
    re.IGNORECASE,
)


_THE_GROUP = re.compile(
    r"\bthe\s+(?:[a-z]+\s+)?(?:losers|gainers|winners|fallers|risers|decliners|detractors|breaches|outliers|overweights|underweights|(?:losing|gaining|winning)\s+[a-z]+s)"
    r"\s*(?:are|were|:)\s*(?:the\s+)?$",
    re.IGNORECASE,
)
"""A group that is named by what it did: its list is all of it."""


def _check_lead(
    sentence: Sentence, names: Sequence[str], span: tuple[int, int], lead: re.Match[str], evidence: Evidence
) -> Iterator[Verdict]:
    """``The only losing position is A``: exactly these."""
    words = lead[0]
    if _BROKEN.search(words):
        drifts = evidence.by_measure.get("drift")
        yield from _tell_lead(sentence, names, span, banded(outside=True) if drifts else over_limit(), words, evidence)
        return
    found = [
        (match.start(), place, trait)
        for place, (pattern, trait) in enumerate(PREDICATES)
        if (match := pattern.search(words)) is not None
    ]
    if not found:
        return
    _, _, trait = min(found, key=lambda item: item[:2])
    yield from _tell_lead(sentence, names, span, trait, words, evidence)


_BROKEN = re.compile(r"\b(?:breaches|outliers)\b", re.IGNORECASE)


def _tell_lead(
    sentence: Sentence, names: Sequence[str], span: tuple[int, int], trait: Trait, words: str, evidence: Evidence
) -> Iterator[Verdict]:
    told = trait("position", evidence)
    if told is not None and all(name in told.holds for name in names):
        chosen = {name for name, held in told.holds.items() if held is not (_DENIED.search(words) is not None)}
        yield _say(sentence, *span, told, right=chosen == set(names), shown=f"{len(chosen)} of {told.total}")


_NOTHING_BEHIND = re.compile(
    r"\s*(?:$|[.,;:)]|(?:and|but|while|whereas|so|over|since|during|for|in|again|too|as\s+well|at\s+present|today|now|overall)\b)",
    re.IGNORECASE,
)
"""What may stand behind a predicate that is said of one asset, so that it is all that is said."""
_NEITHER = re.compile(r"\bneither\s+(?:the\s+)?$", re.IGNORECASE)


def _check_named(sentence: Sentence, evidence: Evidence) -> Iterator[Verdict]:
    """``A and B are in profit``, ``A, B: at a loss``, ``neither A nor B is up``: each of these; ``A is not down``."""
    text, start = sentence.plain, 0
    for mention in sentence.mentions:
        if mention.start < start:
            continue
        neither = _NEITHER.search(text[: mention.start]) is not None
        names, end = _read_names(sentence, mention.start, link=_NOR if neither else _LIST)
        joined = _ARE.match(text, end)
        if _EXCEPTED.search(text[: mention.start]):
            start = end
            continue
        if joined is None or re.search(r"\bof\s+(?:the\s+)?$", text[: mention.start]):
            continue
        start = end
        predicate = _find_joined(text, joined)
        if predicate is None or _MEASURED.match(text[predicate[1] :]):
            continue
        trait, high = predicate
        if len(names) == 1 and (
            _ONE_OF.search(text[: mention.start])
            or not _NOTHING_BEHIND.match(text[high:])
            or any(mention.start <= sentence.spot(figure)[0] < high for figure in sentence.figures)
        ):
            continue
        for group in ("position", "asset_class", "sector", "region", "currency", "account"):
            told = trait(group, evidence)
            if told is not None and all(name in told.holds for name in names):
                denied = neither or bool(joined["no"])
                held = [told.holds[name] is not denied for name in names]
                yield _say(
                    sentence, mention.start, high, told, right=all(held), shown=f"{sum(held)} of the {len(names)} named"
                )
                break


_NOR = re.compile(r"\s*(?:,|,?\s*nor|or)\s*(?:the\s+)?", re.IGNORECASE)
_ONE_OF = re.compile(r"\b(?:only|than|with|by|if|would|apart|to|from|in|on)\s+(?:the\s+)?$", re.IGNORECASE)


def _find_joined(text: str, joined: re.Match[str]) -> tuple[Trait, int] | None:
    """The predicate right behind names and their verb, and where it ends; the verb may be a part of it (``is up``)."""
    verb, start = (joined["verb"] or "").strip(), joined.end()
    for pattern, trait in PREDICATES:
        if match := pattern.match(text, start):
            return trait, match.end()
        if verb and (match := pattern.match(f"{verb} {text[start : start + _GAP]}")):
            return trait, start + match.end() - len(verb) - 1
    return None


def _check_more(sentence: Sentence, evidence: Evidence) -> Iterator[Verdict]:
    """``More months fell than rose``, ``more winners than losers``."""
    match = _IN_MORE.search(sentence.plain) or _MORE_THAN.search(sentence.plain)
    if match is None:
        return
    words = f"{match['noun'] or ''} {match['first']}"
    fewer = match.re is _IN_MORE and match["more"] is None
    group = next((name for name, nouns in GROUPS.items() if re.search(rf"\b(?:{nouns})\b", words)), "position")
    sides = []
    for part in (words, match["second"]):
        trait = next((trait for pattern, trait in PREDICATES if pattern.search(part)), None)
        sides.append(trait(group, evidence) if trait is not None else None)
    one, other = sides
    if one is None or other is None or one.fact.id == other.fact.id:
        return
    shown = f"{one.count} and {other.count} of {one.total}"
    yield _say(
        sentence,
        match.start(),
        match.end(),
        one,
        right=(other.count > one.count) if fewer else one.count > other.count,
        shown=shown,
    )


def _say(sentence: Sentence, start: int, end: int, told: Told, *, right: bool, shown: str = "") -> Verdict:
    claim = Claim(
        sentence.text[start:end], sentence.start + start, sentence.start + end, Relation.IS, told.fact.measure
    )
    if right:
        return Verdict(claim, Outcome.DERIVED, told.fact, f"count of {told.fact.id.rpartition('.')[0] or told.fact.id}")
    why = f"it holds of {shown or f'{told.count} of {told.total}'}"
    return Verdict(claim, Outcome.CONTRADICTED, told.fact, why=why, fault=True)
