"""What is said of many at once: all, none, most, both, three of the eight, all but one, only these two.

A quantifier, the noun that it counts and a predicate are one claim, decided by telling the predicate of each member.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from services.portfolio.domain.claims.enumerating import (
    DENIED,
    EXCEPT_AFTER,
    EXCEPT_BEFORE,
    MEASURED,
    check_named,
    check_only,
    find_predicate,
    read_names,
    say,
)
from services.portfolio.domain.claims.evidence import Evidence
from services.portfolio.domain.claims.model import Relation, Verdict
from services.portfolio.domain.claims.periods import find_periods
from services.portfolio.domain.claims.sentences import Sentence
from services.portfolio.domain.claims.traits import GROUPS, PREDICATES, Told
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
_NOT_BEFORE = re.compile(r"\bnot\s+$", re.IGNORECASE)
_THAN = re.compile(r"\b(?:more|fewer|less|other|larger|smaller)\s+than\b", re.IGNORECASE)
_OPEN = re.compile(r"\b(?:if|would|could|may|might|will|should|unless|until|than)\b", re.IGNORECASE)
_DUE = re.compile(
    r"\bwould\s+(?:have\s+to\s+)?(?:be\s+)?(?=(?:sold|bought|trimmed|topped|reduced|added)\b)", re.IGNORECASE
)
"""What the model asks for is so today, in whatever mood it is said."""
_OTHERWISE = re.compile(
    r"[.;:,\d]|\b(?:but|while|whereas|which|who|and|portfolio|benchmark|in|can|to)\b", re.IGNORECASE
)
_A_TIME = re.compile(
    r"\b(?:in|over|last|past|previous|next|every|within|for|during|of|alone)\s+(?:the\s+)?(?:last\s+|past\s+)?$",
    re.IGNORECASE,
)
_A_RULE = re.compile(r"\b(?:allow|permit|tolerat|forbid|let)\w*\s+$", re.IGNORECASE)
_LISTED = re.compile(r"\s*(?::|\(|–|—|-|,\s*namely)\s*(?:namely\s+)?(?:the\s+)?", re.IGNORECASE)
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
    found += check_only(sentence, evidence)
    found += [
        say(sentence, item.start, item.end, item.told, right=item.right) for item in find_periods(sentence, evidence)
    ]
    found += check_named(sentence, evidence)
    found += _check_spread(sentence, evidence)
    taken = [(item.claim.start, item.claim.end) for item in found]
    for item in _find(sentence, evidence.vocabulary):
        verdict = _check(sentence, item, evidence)
        if verdict is not None and not any(
            low < verdict.claim.end and verdict.claim.start < high for low, high in taken
        ):
            found.append(verdict)
            taken.append((verdict.claim.start, verdict.claim.end))
    return found


def _check_spread(sentence: Sentence, evidence: Evidence) -> Iterator[Verdict]:
    """``Ten positions in two accounts``, ``spread over three currencies``: how many groups of a kind there are."""
    numbers = evidence.vocabulary.numbers
    words = "|".join(sorted([*numbers.units, *numbers.tens], key=len, reverse=True))
    nouns = "|".join(f"(?P<g_{name}>{GROUPS[name]})" for name in _SPREAD)
    pattern = _SPREADS.setdefault(
        id(evidence.vocabulary),
        re.compile(
            r"\b(?:spread|split|divided|distributed|held|kept|booked|diversified)\s+(?:out\s+)?(?:over|across|among|between|in)\s+"
            rf"(?P<number>\d{{1,2}}|{words})\s+{_NEUTRAL}(?:{nouns})\b",
            re.IGNORECASE,
        ),
    )
    for match in pattern.finditer(sentence.plain):
        group = next(name for name in _SPREAD if match[f"g_{name}"])
        held = [item for item in evidence.list_prefix(f"weight.{group}.") if item.fact.value]
        if not held:
            continue
        told = Told({}, len(held), len(held), held[0].fact)
        right = _count(match["number"], numbers) == len(held)
        yield say(sentence, match.start("number"), match.end(), told, right=right, shown=str(len(held)))


_SPREAD = ("account", "currency", "sector", "region", "asset_class")
_SPREADS: dict[int, re.Pattern[str]] = {}


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
    excepted = EXCEPT_AFTER.match(rest)
    if excepted:
        names, at = read_names(sentence, item.end + excepted.end())
        if not names:
            return None
    elif item.kind in {"all", "none"} and (before := _names_excepted_before(sentence, item.start)):
        names = before
    predicate = find_predicate(sentence, at)
    if predicate is None:
        return None
    trait, start, end = predicate
    between = text[at:start]
    if "\x01" in between or _OTHERWISE.search(between):
        return None
    if _is_else(item, text[: item.start], text[end:]):
        return None
    told = trait(item.group, evidence)
    if told is None or not _is_told(item, told, names):
        return None
    denied = DENIED.search(between) is not None
    count = told.total - told.count if denied else told.count
    right = _decide(item, told, count, names, denied=denied)
    if right is None or (right and not told.whole):
        return None
    if _NOT_BEFORE.search(text[: item.start]) and item.kind in {"all", "both"}:
        right = not right
    if right and item.kind in {"some", "but"} and (listed := _LISTED.match(text, end)):
        chosen = {name for name, held in told.holds.items() if held is not denied}
        named, stop = read_names(sentence, listed.end())
        whole = re.match(r"\W*$|\s*[.;)]", text[stop:]) is not None
        if named and whole and set(named) <= set(told.holds):
            right, end = set(named) == (chosen if item.kind == "some" else set(told.holds) - chosen), stop
    return say(sentence, item.start, end, told, right=right, shown=f"{count} of {told.total}")


def _is_told(item: _Found, told: Told, names: Sequence[str]) -> bool:
    """Whether what is known of the members can decide what is said of them."""
    if not told.whole and (names or item.kind not in {"all", "both", "none"} or item.total):
        return False
    counted = item.total is None or item.total == told.total
    return counted or not (item.assumed or (item.group != "period" and told.holds == {}))


def _is_else(item: _Found, before: str, behind: str) -> bool:
    """Whether a quantifier counts a time ("in eight months"), states a rule, or measures how far something moved."""
    if item.group == "period" and _A_TIME.search(before) and item.total is None:
        return True
    return _A_RULE.search(before) is not None or MEASURED.match(behind) is not None


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
        if mention.end <= start and EXCEPT_BEFORE.search(sentence.plain[: mention.start]):
            names, end = read_names(sentence, mention.start)
            if re.fullmatch(r"\W*(?:the\s+)?", sentence.plain[end:start]):
                return names
    return []


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
    if one is None or other is None or one.fact.id == other.fact.id or not (one.whole and other.whole):
        return
    shown = f"{one.count} and {other.count} of {one.total}"
    yield say(
        sentence,
        match.start(),
        match.end(),
        one,
        right=(other.count > one.count) if fewer else one.count > other.count,
        shown=shown,
    )
