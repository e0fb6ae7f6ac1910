"""Whom a description stands for: ``the second-largest position``, ``the biggest payer``, ``the best performer``."""

import re

from services.portfolio.domain.claims.evidence import Evidence
from services.portfolio.domain.claims.model import Held

_RANKS = {"second": 2, "third": 3, "fourth": 4, "fifth": 5, "2nd": 2, "3rd": 3, "4th": 4, "5th": 5}
_PLURAL = re.compile(r"s\b")


def find_described(text: str, evidence: Evidence) -> str | None:
    """The key of the asset that the one superlative description of a sentence stands for, None where it has none."""
    found = [
        match
        for match in evidence.vocabulary.superlatives.finditer(text)
        if re.search(
            r"\b(?:the|its|our|your|their)\s+(?:single\s+)?(?:\w+[\s-])?$", text[: match.start()], re.IGNORECASE
        )
    ]
    if len(found) != 1:
        return None
    match = found[0]
    ranked = re.search(rf"\b(?P<rank>{'|'.join(_RANKS)})[\s-]*$", text[: match.start()], re.IGNORECASE)
    rank = _RANKS[ranked["rank"].lower()] if ranked else 1
    after = text[match.end() : match.end() + 30]
    for scope in evidence.vocabulary.scopes:
        noun = scope.words.match(after.lstrip(" -")) if after[:1] in {" ", "-"} else None
        if noun is None or _PLURAL.search(noun[0][-1:]):
            continue
        peers = _list_peers(scope.prefixes, evidence)
        if len(peers) < rank + (rank == 1):
            continue
        low = (match.lastgroup == "least") is not scope.inverted
        peers.sort(key=lambda item: item.fact.value if low else -item.fact.value)
        return peers[rank - 1].subject
    return None


def _list_peers(prefixes: tuple[str, ...], evidence: Evidence) -> list[Held]:
    for prefix in prefixes:
        items = [item for item in evidence.list_prefix(prefix) if item.fact.id.count(".") == prefix.count(".")]
        if len(items) > 1:
            return [item for item in items if item.section == items[0].section]
    return []
