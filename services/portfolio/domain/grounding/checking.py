"""Checking one figure of a narrative against the facts: value, unit, sign, and whether its asset or label stands
nearby."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations

from services.portfolio.domain.facts import Fact, FactTable
from services.portfolio.domain.grounding.reading import Claim
from services.portfolio.domain.grounding.subjects import Mention, SubjectIndex
from services.portfolio.domain.grounding.vocabulary import (
    APART,
    BENCHMARK_BEFORE,
    BENCHMARKED,
    BOUNDARY,
    COMPARED,
    COUNTS,
    MEASURES,
    PORTFOLIO,
    SIGN_WORDS,
    TIMES,
    TOGETHER,
    VERBS,
    Direction,
    Measure,
    fits_label,
    read_label,
)
from services.portfolio.domain.number_words import Unit

_SENTENCE_END = re.compile(
    r"(?<=[.!?])(?<!\bRs\.)(?<!\bvs\.)(?<!Ltd\.)(?<!Inc\.)(?<!\bCo\.)(?<!approx\.)(?<!\bNo\.)(?<!e\.g\.)(?<!i\.e\.)\s+|\n+"
)
_LINK_AFTER = re.compile(r"^\s*(?:in|for|of|from|by|to|into|on)\s+(?:the\s+|your\s+|our\s+)?$", re.IGNORECASE)
_APPOSITION = re.compile(r"^\s*,\s*(?:at|with|to|or|reaching)\s+(?:a\s+|its\s+)?$", re.IGNORECASE)
_NEGATIVE = re.compile(r"\b(?:negative|minus|short|overdr\w+|deficit)\b", re.IGNORECASE)
_RIGHT_BEFORE = re.compile(
    r"^(?:\s*|\s+(?:is|has|holds|at|of|with|makes up|stands at|(?:has |with )?a weight of)\s+)$", re.IGNORECASE
)
_COUNTED_WITHIN = 30
_WRONG_SIGN = 4
_LONGEST_SENTENCE = 800
_REACH = 20
_POOL = 14
_SUMMED = 6
_SAME_PAIR = 2
_MOST_NAMED = 3


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence at ``start:end`` of the text, with the subjects named in it and the one carried over from before."""

    start: int
    end: int
    text: str
    mentions: tuple[Mention, ...]
    carried: str | None


@dataclass(frozen=True, slots=True)
class Context:
    """A claim in its surroundings: positions are within the sentence, windows reach to the claims beside it."""

    claim: Claim
    sentence: Sentence
    start: int
    end: int
    before: str
    after: str
    index: int
    siblings: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """``fact`` is what a claim was grounded by; ``formula`` says how where it was derived; ``why`` what is wrong with
    it."""

    claim: Claim
    fact: Fact | None = None
    formula: str | None = None
    why: str | None = None
    final: bool = False
    """Whether no derivation may save it: the fact is plainly the one meant, and the sign is wrong."""


class Checker:
    """Checks the claims of one text against one fact table."""

    def __init__(self, table: FactTable) -> None:
        self._facts = table.facts
        self._subjects = SubjectIndex(fact.subject for fact in table.facts if fact.subject)
        self._currencies = {fact.currency for fact in table.facts if fact.unit is Unit.MONEY}

    def check(self, text: str, claims: Sequence[Claim]) -> list[Verdict]:
        """A verdict for each claim, in order."""
        contexts = list(self._place(text, claims))
        verdicts = [self._check_direct(context) for context in contexts]
        return [
            _compare_neighbours(position, contexts, verdicts)
            if verdict.fact is not None
            else verdict
            if verdict.final
            else self._derive(position, contexts, verdicts) or verdict
            for position, verdict in enumerate(verdicts)
        ]

    def _place(self, text: str, claims: Sequence[Claim]) -> Iterator[Context]:
        sentences = list(self._split(text))
        starts = [sentence.start for sentence in sentences]
        grouped: dict[int, list[Claim]] = {}
        for claim in claims:
            grouped.setdefault(max(bisect_right(starts, claim.start) - 1, 0), []).append(claim)
        for number, members in grouped.items():
            sentence = sentences[number]
            for index, claim in enumerate(members):
                start, end = claim.start - sentence.start, claim.end - sentence.start
                left = members[index - 1].end - sentence.start if index else 0
                right = members[index + 1].start - sentence.start if index + 1 < len(members) else len(sentence.text)
                yield Context(
                    claim,
                    sentence,
                    start,
                    end,
                    sentence.text[left:start],
                    sentence.text[end:right],
                    index,
                    len(members),
                )

    def _split(self, text: str) -> Iterator[Sentence]:
        position, carried = 0, None
        everywhere = self._subjects.find(text)
        ends = _find_ends(_hide(text, everywhere))
        starts = [mention.start for mention in everywhere]
        for end, following, paragraph in ends:
            part = text[position:end]
            inside = everywhere[bisect_left(starts, position) : bisect_left(starts, end)]
            mentions = tuple(Mention(item.subject, item.start - position, item.end - position) for item in inside)
            yield Sentence(position, end, part, mentions, carried)
            carried = None if paragraph else mentions[-1].subject if mentions else carried
            position = following

    def _check_direct(self, context: Context) -> Verdict:
        faults: list[tuple[int, str]] = []
        for fact in self._facts:
            reason = self._compare(context, fact)
            if reason is None:
                return Verdict(context.claim, fact)
            if reason[0]:
                faults.append(reason)
        if (parameter := self._match_parameter(context)) is not None:
            return Verdict(context.claim, parameter)
        if faults:
            worst = max(faults)
            return Verdict(context.claim, why=worst[1], final=worst[0] == _WRONG_SIGN)
        return Verdict(context.claim, why="no figure of this section has this value and unit")

    def _compare(self, context: Context, fact: Fact) -> tuple[int, str] | None:
        """None where the claim states the fact; else how near it came (0: not at all) and what is wrong."""
        claim = context.claim
        wanted = _convert(claim, fact)
        if wanted is None:
            if _close(claim, abs(fact.value)) and claim.step < max(abs(fact.value), Decimal(1)):
                return 1, f"the value is that of {fact.label}, but its unit is {_unit_name(fact)}"
            return 0, ""
        if not _close(claim, abs(wanted)):
            return 0, ""
        if claim.currency and claim.currency != fact.currency and fact.unit is Unit.MONEY:
            return 2, f"the value is that of {fact.label}, but the currency is {fact.currency or 'not in the input'}"
        if (wrong := self._check_name(context, fact)) is not None:
            return 3, wrong
        if (wrong := _check_sign(context, fact, wanted)) is not None:
            return _WRONG_SIGN, wrong
        return None

    def _check_name(self, context: Context, fact: Fact) -> str | None:
        measure = MEASURES[fact.measure]
        sentence = context.sentence
        label = read_label(context.before, context.after)
        if label is not None and not fits_label(fact.measure, label):
            return f"the value is that of {fact.label}, but the words name another figure"
        if fact.subject is None:
            if fact.measure in BENCHMARKED and BENCHMARK_BEFORE.search(context.before):
                return f"the value is that of {fact.label}, but it stands beside the benchmark"
            if not measure.pattern.search(sentence.text):
                return f"the value is that of {fact.label}, which is not named nearby"
            if fact.measure in COUNTS and not self._counts(context, fact.measure):
                return f"the value is that of {fact.label}, but the words count something else"
            if (asset := self._find_asset_beside(context, measure)) is not None:
                return f"the value is that of {fact.label}, but it stands beside {asset}"
            return None
        named = self._bind(context)
        if named is None and label == fact.measure and self._is_shared(fact):
            return None
        if named != fact.subject.casefold():
            beside = f", but it stands beside {named}" if named else ", which is not named nearby"
            return f"the value is that of {fact.label}{beside}"
        if not measure.pattern.search(sentence.text) and self._names_other_measure(context, fact):
            return f"the value is that of {fact.label}, but the words speak of another figure"
        return None

    def _is_shared(self, fact: Fact) -> bool:
        """Whether every subject has the same figure, so that it can be spoken of without one (``the 5 point
        bands``)."""
        return all(other.value == fact.value for other in self._facts if other.measure == fact.measure)

    def _bind(self, context: Context) -> str | None:
        """The subject that a claim speaks of: the one linked right after it, else the nearest before, else after it."""
        mentions = context.sentence.mentions
        text = context.sentence.text
        if "respectively" in text and len(mentions) >= _SAME_PAIR and len(mentions) == context.siblings:
            return mentions[context.index].subject
        following = next((mention for mention in mentions if mention.start >= context.end), None)
        if following and _LINK_AFTER.match(text[context.end : following.start]):
            return following.subject
        before = [mention for mention in mentions if mention.end <= context.start]
        if before and len(before) > 1 and _APPOSITION.search(text[before[-1].end : context.start]):
            return before[0].subject  # "Equity stands above debt, at 65%": the sentence is about equity
        if before:
            return before[-1].subject
        if following:
            return following.subject
        return context.sentence.carried

    def _find_asset_beside(self, context: Context, measure: Measure) -> str | None:
        """The asset that a claim speaks of rather than the whole portfolio, if it does.

        One linked right after it (``6% in Wipro``), or one between the last claim and this one: right before it
        (``Wipro (6%)``) for measures that only the portfolio has, anywhere with no word for the portfolio after it for
        the others. A name that is itself the measure's word (``Equity`` of the equity share) is none.
        """
        text, left = context.sentence.text, context.start - len(context.before)
        mentions = [
            item for item in context.sentence.mentions if not measure.pattern.search(text[item.start : item.end])
        ]
        following = next((mention for mention in mentions if mention.start >= context.end), None)
        if following and _LINK_AFTER.match(text[context.end : following.start]):
            return following.subject
        inside = [mention for mention in mentions if left <= mention.start and mention.end <= context.start]
        if not inside:
            return None
        between = text[inside[-1].end : context.start]
        if measure.of_portfolio:
            return inside[-1].subject if _RIGHT_BEFORE.match(between) else None
        return None if PORTFOLIO.search(between) else inside[-1].subject

    def _counts(self, context: Context, measure: str) -> bool:
        """Whether the words after a count, if they name anything that is counted, name this measure."""
        after = re.split(r"[,.;:(]", context.after, maxsplit=1)[0][:_COUNTED_WITHIN]
        named = {other for other in COUNTS if MEASURES[other].pattern.search(after)}
        return not named or measure in named

    def _names_other_measure(self, context: Context, fact: Fact) -> bool:
        near = context.before + " " + context.after
        others = {other.measure for other in self._facts if other.unit is fact.unit and other.measure != fact.measure}
        return any(MEASURES[other].pattern.search(near) for other in others)

    def _match_parameter(self, context: Context) -> Fact | None:
        """A number that belongs to a figure's name: the 5 of the top 5, the 95% of a value at risk."""
        claim = context.claim
        if claim.unit not in {Unit.NUMBER, Unit.PERCENT} or claim.sign or claim.scaled:
            return None
        near = f"{context.before[-40:].rstrip()} {claim.value.normalize():f} {context.after.lstrip()[:40]}"
        return next(
            (
                fact
                for fact in self._facts
                if claim.value in fact.parameters and MEASURES[fact.measure].pattern.search(near)
            ),
            None,
        )

    def _derive(self, position: int, contexts: Sequence[Context], verdicts: Sequence[Verdict]) -> Verdict | None:
        """One step from facts that stand in this sentence or the one before it."""
        context = contexts[position]
        near = f"{context.before[-60:]} {context.after[:60]}"
        pool = self._gather_pool(position, contexts, verdicts)
        if TOGETHER.search(context.sentence.text) and (verdict := self._derive_sum(context, pool)):
            return verdict
        for first, second in combinations(pool, 2):
            if APART.search(near) and (formula := _match_difference(context, first, second)):
                return Verdict(context.claim, first, formula)
            by_ratio = context.claim.unit is Unit.MULTIPLE or TIMES.search(near)
            if by_ratio and (formula := _match_ratio(context.claim, first, second)):
                return Verdict(context.claim, first, formula)
        return None

    def _gather_pool(self, position: int, contexts: Sequence[Context], verdicts: Sequence[Verdict]) -> list[Fact]:
        here = contexts[position].sentence
        pool: dict[str, Fact] = {}
        first = last = position
        while first > 0 and _order(contexts[first - 1].sentence, here) <= 0 and position - first < _REACH:
            first -= 1
        while last + 1 < len(contexts) and contexts[last + 1].sentence.start == here.start and last - position < _REACH:
            last += 1
        for verdict in verdicts[first : last + 1]:
            if verdict.fact is not None and verdict.formula is None:
                pool[verdict.fact.id] = verdict.fact
        named = {mention.subject for mention in here.mentions}
        if _SAME_PAIR <= len(named) <= _MOST_NAMED:
            pool.update(
                (fact.id, fact)
                for fact in self._facts
                if fact.subject
                and fact.subject.casefold() in named
                and MEASURES[fact.measure].pattern.search(here.text)
            )
        return list(pool.values())[:_POOL]

    def _derive_sum(self, context: Context, pool: Sequence[Fact]) -> Verdict | None:
        claim = context.claim
        named = list(dict.fromkeys(mention.subject for mention in context.sentence.mentions))
        by_measure: dict[str, dict[str, Fact]] = {}
        for fact in self._facts:
            if fact.subject and (subject := fact.subject.casefold()) in named and _convert(claim, fact) is not None:
                by_measure.setdefault(fact.measure, {}).setdefault(subject, fact)
        candidates = [list(facts.values()) for facts in by_measure.values()]
        candidates.append([fact for fact in pool if _convert(claim, fact) is not None])
        for facts in candidates:
            for size in range(min(len(facts), _SUMMED), 1, -1):
                for chosen in combinations(facts[: _SUMMED + 2], size):
                    total = sum((fact.value for fact in chosen), Decimal(0))
                    if len({(fact.unit, fact.currency, fact.measure) for fact in chosen}) == 1 and _close(
                        claim, abs(total)
                    ):
                        return Verdict(claim, chosen[0], " + ".join(fact.id for fact in chosen))
        return None


def _find_ends(text: str) -> Iterator[tuple[int, int, bool]]:
    """End of each sentence, start of the next, and whether a paragraph ends; endless ones are cut at a space."""
    position = 0
    natural = [(match.start(), match.end(), "\n\n" in match[0]) for match in _SENTENCE_END.finditer(text)]
    for end, following, paragraph in [*natural, (len(text), len(text), True)]:
        while end - position > _LONGEST_SENTENCE:
            cut = text.rfind(" ", position + 1, position + _LONGEST_SENTENCE)
            cut = cut if cut > position else position + _LONGEST_SENTENCE
            yield cut, cut, False
            position = cut
        yield end, following, paragraph
        position = following


def _hide(text: str, mentions: Iterable[Mention]) -> str:
    """The text with names blanked, so that a stop inside a name (``St. Mary's Fund``) ends no sentence."""
    characters = list(text)
    for mention in mentions:
        characters[mention.start : mention.end] = "n" * (mention.end - mention.start)
    return "".join(characters)


def _compare_neighbours(position: int, contexts: Sequence[Context], verdicts: Sequence[Verdict]) -> Verdict:
    """A grounded claim, unless the words compare it with the one before it the wrong way round (60%, above the 65%
    ...)."""
    context, verdict = contexts[position], verdicts[position]
    word = COMPARED.search(context.before)
    if word is None or verdict.fact is None:
        return verdict
    for other, earlier in zip(reversed(contexts[:position]), reversed(verdicts[:position]), strict=True):
        if other.sentence.start != context.sentence.start:
            break
        if earlier.fact is None or earlier.fact.unit is not verdict.fact.unit:
            continue
        above, higher = word["above"] is not None, earlier.fact.value > verdict.fact.value
        if above != higher and earlier.fact.value != verdict.fact.value:
            return Verdict(context.claim, why=f"{other.claim.text} is not {word[0]} {context.claim.text}")
        break
    return verdict


def _order(other: Sentence, here: Sentence) -> int:
    """0 for the same sentence, -1 for the one right before, else 1."""
    if other.start == here.start:
        return 0
    return -1 if other.end <= here.start and here.start - other.end <= _SAME_PAIR else 1


def _close(claim: Claim, value: Decimal) -> bool:
    """Within half a unit of the last printed digit times its scale."""
    return abs(abs(claim.value) - value) <= claim.step / 2


def _convert(claim: Claim, fact: Fact) -> Decimal | None:
    """The fact's value in the claim's unit, or None where the units do not match."""
    unit = fact.unit
    if claim.unit is unit:
        return fact.value
    if claim.unit is Unit.BASIS_POINTS and unit in {Unit.PERCENT, Unit.POINTS}:
        return fact.value * 100
    if claim.unit is Unit.PERCENT and unit is Unit.POINTS and fact.measure in {"contribution", "total_contribution"}:
        return fact.value  # a contribution of 0.4% is how many write 0.4 points of the portfolio's return
    if claim.unit is Unit.NUMBER and unit in {Unit.MONEY, Unit.MULTIPLE}:
        return fact.value
    if claim.unit is Unit.MULTIPLE and unit is Unit.NUMBER:
        return fact.value
    return None


def _unit_name(fact: Fact) -> str:
    names = {
        Unit.PERCENT: "percent",
        Unit.POINTS: "percentage points",
        Unit.MONEY: "money",
        Unit.NUMBER: "a plain number",
    }
    return names.get(fact.unit, fact.unit.value)


def _check_sign(context: Context, fact: Fact, value: Decimal) -> str | None:
    """Whether the printed sign, or the nearest verb, agrees with the fact's."""
    claim = context.claim
    if not value or not claim.value:
        return None
    direction = MEASURES[fact.measure].direction
    positive = value > 0
    if not fact.signed or direction is None:
        claimed = claim.sign >= 0 and (positive or not _NEGATIVE.search(context.before))
        return None if claimed == positive else f"{fact.label} is {'positive' if positive else 'negative'}"
    word, sign = _find_direction(context, direction)
    if claim.sign and sign and claim.sign != sign and word and VERBS.fullmatch(word) and _stands_close(context, word):
        return f"the sign and the word {word!r} disagree"
    claimed = (claim.sign or sign or 1) > 0
    if claimed != positive:
        reason = f"the word {word!r} says" if word and not claim.sign else "the text says"
        return f"{fact.label} is {'positive' if positive else 'negative'}, {reason} otherwise"
    return None


def _stands_close(context: Context, word: str) -> bool:
    """Whether a verb governs the claim: nothing but plain words between them, and no other asset."""
    position = context.before.rfind(word)
    between = context.before[position + len(word) :]
    left = context.start - len(between)
    other = any(mention.start >= left and mention.end <= context.start for mention in context.sentence.mentions)
    return position >= 0 and not other and not re.search(r"[,;:(]", between)


def _find_direction(context: Context, direction: Direction) -> tuple[str | None, int]:
    """The nearest word of direction: before the claim up to the last one, then right after, then earlier in the
    clause."""
    pattern = SIGN_WORDS[direction]
    near = _after_boundary(context.before)
    if (found := _last(pattern, near)) is not None:
        return found
    after = BOUNDARY.split(re.split(r"[,.:]", context.after, maxsplit=1)[0])[0]
    if (match := pattern.search(after)) and not match["neutral"]:
        return match[0], 1 if match["up"] else -1
    if near is context.before or len(near) == len(context.before):
        earlier = _after_boundary(context.sentence.text[: context.start - len(context.before)])
        if (found := _last(pattern, earlier)) is not None:
            return found
    return None, 0


def _after_boundary(text: str) -> str:
    boundaries = list(BOUNDARY.finditer(text))
    return text[boundaries[-1].end() :] if boundaries else text


def _last(pattern: re.Pattern[str], text: str) -> tuple[str | None, int] | None:
    matches = list(pattern.finditer(text))
    if not matches:
        return None
    match = matches[-1]
    return (None, 0) if match["neutral"] else (match[0], 1 if match["up"] else -1)


def _match_difference(context: Context, first: Fact, second: Fact) -> str | None:
    claim = context.claim
    if first.unit is not second.unit or first.currency != second.currency:
        return None
    unit = Unit.POINTS if first.unit is Unit.PERCENT else first.unit
    if claim.unit is Unit.BASIS_POINTS and unit is Unit.POINTS:
        difference = (first.value - second.value) * 100
    elif claim.unit is unit or (claim.unit is Unit.NUMBER and unit is Unit.MONEY):
        difference = first.value - second.value
    else:
        return None
    if not difference or not _close(claim, abs(difference)):
        return None
    larger, smaller = (first, second) if difference > 0 else (second, first)
    return f"{larger.id} - {smaller.id}"


def _match_ratio(claim: Claim, first: Fact, second: Fact) -> str | None:
    if first.unit is not second.unit or first.currency != second.currency or claim.sign < 0:
        return None
    for top, bottom in ((first, second), (second, first)):
        if not bottom.value:
            continue
        ratio = top.value / bottom.value
        if claim.unit is Unit.PERCENT and top.unit is Unit.MONEY:
            ratio *= 100
        elif claim.unit is not Unit.MULTIPLE:
            continue
        if _close(claim, abs(ratio)):
            return f"{top.id} / {bottom.id}"
    return None
