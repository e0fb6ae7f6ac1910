"""Comparisons without a figure, of whatever kind: ``clauses`` reads them, ``weighing`` finds what their operands are,
and here one is held against the other."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from services.portfolio.domain.claims.clauses import Comparison, parse
from services.portfolio.domain.claims.evidence import Evidence
from services.portfolio.domain.claims.lines import Weighed
from services.portfolio.domain.claims.model import Claim, Outcome, Relation, Verdict
from services.portfolio.domain.claims.sentences import Sentence, list_clauses
from services.portfolio.domain.claims.weighing import weigh


def check_comparisons(sentence: Sentence, verdicts: Sequence[Verdict], evidence: Evidence) -> Iterator[Verdict]:
    """The verdicts on the comparisons of a sentence that no figure measures."""
    for clause in list_clauses(sentence):
        for item in parse(sentence, clause, evidence):
            verdict = _judge(sentence, item, verdicts, evidence)
            if verdict is not None:
                yield verdict
                break


def _judge(sentence: Sentence, item: Comparison, verdicts: Sequence[Verdict], evidence: Evidence) -> Verdict | None:
    """The verdict on a comparison by the first kind of operands that the words give; None where they give none."""
    tiers = weigh(sentence, item, verdicts, evidence)
    for found in tiers:
        if not found:
            continue
        sized = _says_size(sentence, item, evidence)
        held = next((pair for pair in found if _holds(_as_sizes(pair) if sized else pair, item)), None)
        return _say(sentence, item, held or found[0], right=held is not None)
    return None


def _says_size(sentence: Sentence, item: Comparison, evidence: Evidence) -> bool:
    """Whether what is compared is said with its direction, so that its figure is a size: ``more was taken out than``,
    ``lost more than``."""
    if not (item.more or item.pole.than):
        return False
    said = sentence.plain[item.left[0] : item.right[1]]
    before = sentence.plain[item.start : item.right[0]]
    return any(
        match.lastgroup == "down"
        for pattern in evidence.vocabulary.directions.values()
        for text in (said[: item.start - item.left[0]], before)
        for match in pattern.finditer(text)
    )


def _as_sizes(pair: Weighed) -> Weighed:
    """A value below zero that its words say to be so, by its size, beside one that is above it."""
    return replace(pair, one=abs(pair.one), other=abs(pair.other)) if pair.one < 0 < pair.other else pair


def _holds(pair: Weighed, item: Comparison) -> bool:
    if item.denied:
        return pair.one >= pair.other if item.more else pair.one <= pair.other
    return pair.one > pair.other if item.more else pair.one < pair.other


def _say(sentence: Sentence, item: Comparison, pair: Weighed, *, right: bool) -> Verdict:
    facts = pair.facts
    relation = Relation.ABOVE if item.more else Relation.BELOW
    claim = Claim(
        sentence.text[item.start : item.end].strip(), sentence.start + item.start, sentence.start + item.end, relation,
        facts[0].measure, facts[0].subject, other=facts[1].id if len(facts) > 1 else None,
    )  # fmt: skip
    if right:
        return Verdict(claim, Outcome.DERIVED, facts[0], " - ".join(fact.id for fact in facts))
    why = ", ".join(f"{fact.label} is {round(fact.value, 2)}" for fact in facts)
    return Verdict(claim, Outcome.CONTRADICTED, facts[0], why=why, fault=True)
