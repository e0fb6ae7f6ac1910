"""Right narratives made wrong in one place: a digit, a scale, a sign or an asset changed, as a careless model would."""

import random
import re
from collections.abc import Callable
from dataclasses import dataclass

from services.portfolio.domain.claims.model import Printed
from services.portfolio.domain.claims.printed import read_figures
from services.portfolio.domain.claims.subjects import SubjectIndex
from services.portfolio.domain.facts import FactTable
from services.portfolio.domain.formats import Style
from services.portfolio.domain.number_words import Unit

_SCALES = {"crore": "lakh", "lakh": "crore", "million": "billion", "billion": "million", "trillion": "billion"}
_VERBS = {
    "gained": "lost",
    "lost": "gained",
    "added": "cost",
    "cost": "added",
    "overweight": "underweight",
    "underweight": "overweight",
    "ahead of": "behind",
    "behind": "ahead of",
    "gain": "loss",
    "loss": "gain",
    "sell": "buy",
    "buy": "sell",
    "returned": "lost",
    "above": "below",
    "drawdown": "gain",
}


@dataclass(frozen=True, slots=True)
class Mutation:
    """A changed text: what kind of change it is, and what became what."""

    kind: str
    text: str
    change: str


def mutate_digit(rng: random.Random, text: str, claims: list[Printed], table: FactTable) -> Mutation | None:
    """One digit of one figure replaced by another."""
    claim = rng.choice(claims)
    positions = [
        claim.start + index for index, character in enumerate(text[claim.start : claim.end]) if character.isdigit()
    ]
    if not positions:
        return None
    position = rng.choice(positions)
    digit = rng.choice([digit for digit in "0123456789" if digit != text[position]])
    return Mutation(
        "digit", text[:position] + digit + text[position + 1 :], f"{claim.text}: {text[position]} -> {digit}"
    )


def mutate_scale(rng: random.Random, text: str, claims: list[Printed], table: FactTable) -> Mutation | None:
    """One scale word replaced, or, in a text that has none, one put beside an amount of money."""
    choices = [
        (claim.start + match.start(), match[0])
        for claim in claims
        for match in re.finditer("|".join(_SCALES), text[claim.start : claim.end])
    ]
    if choices:
        position, word = rng.choice(choices)
        return Mutation(
            "scale", text[:position] + _SCALES[word] + text[position + len(word) :], f"{word} -> {_SCALES[word]}"
        )
    bare = [claim for claim in claims if claim.unit is Unit.MONEY and claim.value]
    if not bare:
        return None
    claim, word = rng.choice(bare), rng.choice(sorted(_SCALES))
    return Mutation("scale", f"{text[: claim.end]} {word}{text[claim.end :]}", f"{claim.text} -> {claim.text} {word}")


def mutate_sign(rng: random.Random, text: str, claims: list[Printed], table: FactTable) -> Mutation | None:
    """One printed sign turned round, or the word beside a figure that gives its direction."""
    printed = [
        claim.start + text[claim.start : claim.end].index(sign)
        for claim in claims
        for sign in "+-"
        if sign in text[claim.start : claim.end] and claim.sign
    ]
    words = []
    for claim in claims:
        window = text[max(claim.start - 40, 0) : claim.start]
        window = re.split(r"[.:\n]\s", window)[-1]
        found = list(re.finditer(rf"(?<!\ba )\b(?:{'|'.join(_VERBS)})\b", window))  # "a cost" is no verb
        if found and not claim.sign and "reach" not in window:
            match = found[-1]
            words.append((claim.start - len(window) + match.start(), match[0]))
    if printed and (not words or rng.random() < 0.5):
        position = rng.choice(printed)
        flipped = "-" if text[position] == "+" else "+"
        return Mutation("sign", text[:position] + flipped + text[position + 1 :], text[position : position + 8])
    if not words:
        return None
    position, word = rng.choice(words)
    return Mutation(
        "sign",
        text[:position] + _VERBS[word] + text[position + len(word) :],
        f"{text[position : position + 40]!r}: {word} -> {_VERBS[word]}",
    )


def mutate_asset(rng: random.Random, text: str, claims: list[Printed], table: FactTable) -> Mutation | None:
    """One asset that a figure speaks of replaced by another of the same portfolio."""
    subjects = list(dict.fromkeys(fact.subject for fact in table.facts if fact.subject))
    assert table.vocabulary is not None
    mentions = SubjectIndex(subjects, table.vocabulary).find(text)
    beside = [
        mention
        for mention in mentions
        if any(
            0 <= claim.start - mention.end <= 30 and not re.search(r"[.,;\n]", text[mention.end : claim.start])
            for claim in claims
        )
    ]
    if not beside or len(subjects) < 2:
        return None
    mention = rng.choice(beside)
    own = text[mention.start : mention.end]
    near = [claim for claim in claims if -30 <= claim.start - mention.end <= 30]
    others = [
        subject
        for subject in subjects
        if table.vocabulary.key(subject) != mention.subject and not _is_true_of(subject, near, table)
    ]
    if not others:
        return None
    other = rng.choice(others)
    return Mutation("asset", text[: mention.start] + other + text[mention.end :], f"{own} -> {other}")


def _is_true_of(subject: str, claims: list[Printed], table: FactTable) -> bool:
    """Whether a figure happens to be right for another asset too, which would leave the text true."""
    values = [abs(fact.value) for fact in table.facts if fact.subject == subject]
    return any(abs(abs(claim.value) - value) <= claim.step / 2 for claim in claims for value in values)


MUTATORS: tuple[Callable[[random.Random, str, list[Printed], FactTable], Mutation | None], ...] = (
    mutate_digit,
    mutate_scale,
    mutate_sign,
    mutate_asset,
)


def list_mutations(rng: random.Random, text: str, table: FactTable, style: Style) -> list[Mutation]:
    """One mutation of each kind that the text allows."""
    claims = read_figures(text, table.vocabulary, table.names, style.decimal, style.group)
    if not claims:
        return []
    return [mutation for mutator in MUTATORS if (mutation := mutator(rng, text, claims, table)) is not None]
