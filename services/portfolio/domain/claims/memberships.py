"""Parts of a group that an asset stands in, and of what bonds are of: ``two thirds of the ISA sits in A``, ``A is 60%
of the bonds``, ``a quarter of the coupons comes from A``.

Such a figure is a part of what the group holds, and no share of the whole, so that it is decided before a fact is
looked for.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from services.portfolio.domain.claims.evidence import Evidence
from services.portfolio.domain.claims.fitting import agrees
from services.portfolio.domain.claims.model import Held, Outcome, Verdict
from services.portfolio.domain.claims.naming import make_claim
from services.portfolio.domain.claims.settings import Setting
from services.portfolio.domain.claims.subjects import Mention
from services.portfolio.domain.number_words import Unit

_KINDS = ("account", "asset_class", "sector", "region", "currency")
_HUNDRED = Decimal(100)
_OF = re.compile(
    r"\s*(?:of|in)\s+(?:all\s+)?(?:of\s+)?(?:the\s+|its\s+|their\s+|our\s+|your\s+)?(?:money\s+in\s+(?:the\s+)?)?",
    re.IGNORECASE,
)
_NOUN = r"(?:\s*(?:accounts?|sleeve|part|side|portion|bucket|holdings?|positions?|allocation|book)\b)?"
_HOLDS = re.compile(
    rf"{_NOUN}\s*,?\s*(?:is|are|was|were|sits?|lies?|rests?|stands?|goes|went|comes?|consists?)\s+(?:now\s+|still\s+)?"
    r"(?:held\s+|invested\s+|parked\s+|tied\s+up\s+|made\s+up\s+|paid\s+|provided\s+|earned\s+)?(?:in|into|with|by|of|from)?\s*(?:the\s+|a\s+single\s+\w+,\s+)?",
    re.IGNORECASE,
)
_MAKES = re.compile(
    r"\s*(?:alone\s+|now\s+|together\s+)*(?:is|are|makes?\s+up|made\s+up|accounts?\s+for|represents?|constitutes?|forms?|fills?|takes?\s+up)"
    r"\s+(?:some\s+|about\s+|around\s+|roughly\s+|nearly\s+|almost\s+|just\s+|only\s+|(?:well\s+|just\s+)?(?:over|under)\s+|"
    r"more\s+than\s+|less\s+than\s+|close\s+to\s+|approximately\s+|barely\s+)*",
    re.IGNORECASE,
)
_OF_BONDS = re.compile(
    r"(?:total\s+|whole\s+|annual\s+|yearly\s+|combined\s+)*(?:(?P<face>face\s+values?|nominal(?:\s+value)?|par\s+value|principal)|"
    r"(?P<paid>coupons?(?:\s+(?:income|payments?))?))\b(?:\s+of\s+the\s+(?:bonds|portfolio|ladder))?",
    re.IGNORECASE,
)
"""What bonds have, each its part of."""
_WORD = re.compile(r"[^\W\d_]+")
_LISTED = re.compile(r"\s*(?:,|and|,\s*and|&)\s*(?:the\s+)?", re.IGNORECASE)


def check_membership(setting: Setting, evidence: Evidence) -> Verdict | None:
    """The verdict on a figure that is a part of a group; None where it says something else."""
    text, mentions = setting.sentence.plain, setting.sentence.mentions
    if setting.figure.unit is not Unit.PERCENT or (of := _OF.match(text, setting.end)) is None:
        return None
    if (of_bonds := _OF_BONDS.match(text, of.end())) is not None:
        assets = _read_behind(text, of_bonds.end(), mentions) or _read_before(text, setting, mentions)
        amounts = _list_amounts(evidence, is_paid=of_bonds["paid"] is not None)
        known = bool(assets) and all(name in amounts for name in assets)
        return _judge(setting, assets, frozenset(filter(None, amounts)), amounts) if known else None
    if (found := _find_group(text, of.end(), mentions, evidence)) is None:
        return None
    group, end = found
    assets = _read_behind(text, end, mentions) or _read_before(text, setting, mentions)
    weights = _list_weights(evidence)
    if not assets or any(name not in weights for name in assets):
        return None
    for kind in _KINDS:
        members = _list_members(evidence.attributes.get(kind, {}), group, weights)
        if members is not None and any(name in members for name in assets):
            return _judge(setting, assets, members, weights)
    return None


def _find_group(text: str, start: int, mentions: Sequence[Mention], evidence: Evidence) -> tuple[str, int] | None:
    """The group that is named at a place, and where its name ends: that of rows, too, which no figure is of."""
    if (named := next((item for item in mentions if item.start == start), None)) is not None:
        return named.subject, named.end
    word = _WORD.match(text, start)
    key = evidence.vocabulary.key(word[0]) if word is not None else ""
    groups = (group for kind in _KINDS for held in evidence.attributes.get(kind, {}).values() for group in held)
    return (key, word.end()) if word is not None and key in groups else None


def _list_weights(evidence: Evidence) -> dict[str | None, Held]:
    """The weights of positions: where none are told apart from those of classes, all of one section."""
    held = evidence.list_prefix("weight.position.")
    held = held or [item for item in evidence.list_prefix("weight.") if item.fact.id.count(".") == 1]
    return {item.subject: item for item in held if item.section == held[0].section}


def _list_amounts(evidence: Evidence, *, is_paid: bool) -> dict[str | None, Held]:
    """The face of each bond, or the coupons that it pays a year."""
    sent = evidence.list_prefix("given.")
    faces = {item.subject: item for item in sent if item.fact.id.endswith(".face_value")}
    if not is_paid:
        return dict(faces)
    rates = {item.subject: item for item in sent if item.fact.id.endswith(".coupon")}
    if not faces.keys() <= rates.keys():
        return {}
    return {
        name: replace(item, fact=replace(item.fact, value=item.fact.value * rates[name].fact.value / _HUNDRED))
        for name, item in faces.items()
    }


def _read_behind(text: str, end: int, mentions: Sequence[Mention]) -> list[str]:
    """The assets behind a group that say what a part of it is in."""
    holds = _HOLDS.match(text, end)
    found: list[Mention] = []
    for item in mentions:
        if holds is None or item.start < holds.end():
            continue
        if found and _LISTED.fullmatch(text[found[-1].end : item.start]) is None:
            break
        if not found and item.start != holds.end():
            break
        found.append(item)
    return [item.subject for item in found]


def _read_before(text: str, setting: Setting, mentions: Sequence[Mention]) -> list[str]:
    """The assets that are said to make up a part of a group."""
    found: list[Mention] = []
    for item in reversed([item for item in mentions if item.end <= setting.start]):
        between = text[item.end : found[0].start if found else setting.start]
        if (_LISTED if found else _MAKES).fullmatch(between) is None:
            break
        found.insert(0, item)
    return [item.subject for item in found]


def _list_members(
    said: Mapping[str, frozenset[str]], group: str, weights: Mapping[str | None, Held]
) -> frozenset[str] | None:
    """The assets of a group; None where there is no such group, or one of them stands in others, too."""
    members = frozenset(name for name, groups in said.items() if group in groups and name in weights)
    whole = all(len(said[name]) == 1 for name in members)
    return members if members and whole else None


def _judge(
    setting: Setting, assets: Sequence[str], members: frozenset[str], weights: Mapping[str | None, Held]
) -> Verdict:
    part = sum((weights[name].fact.value for name in assets if name in members), Decimal(0))
    whole = sum((weights[name].fact.value for name in members), Decimal(0))
    fact, value = weights[assets[0]].fact, part * _HUNDRED / whole
    if agrees(setting, value):
        return Verdict(make_claim(setting, fact), Outcome.DERIVED, fact, f"{fact.id} / sum of its group")
    why = f"it is {round(value, 1)}% of its group"
    return Verdict(make_claim(setting, fact), Outcome.CONTRADICTED, fact, why=why, fault=True)
