"""Orders of several assets that words alone give: ``A leads, followed by B``, ``B comes second``, ``after A come B``,
``nothing made more than A``, ``A and B bring in the same``.

What they are ordered by is often left out. A claim holds where one measure that its words allow bears it, and is
refused where all deny it.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from services.portfolio.domain.claims.evidence import Evidence
from services.portfolio.domain.claims.model import Claim, Outcome, Relation, Verdict
from services.portfolio.domain.claims.peers import ANY, choose_measures, find_stated, list_peers, measure_size
from services.portfolio.domain.claims.sentences import Sentence
from services.portfolio.domain.claims.subjects import Mention
from services.portfolio.domain.claims.turns import TURNS
from services.portfolio.domain.facts import Fact

_PAIR = 2
_SAME_SHARE, _NEARLY_SHARE = 200, 20
"""Two figures are the same where they differ by no more than one part in so many; nearly the same, by one in fewer."""
_LEADING = re.compile(r"\b(?:leads?|led|leading|heads?|headed|tops?|topped|first|largest|biggest)\b", re.IGNORECASE)
_FOLLOWED = re.compile(r"\b(?:followed by|ahead of|before|then)\s+(?:the\s+)?$", re.IGNORECASE)
_SIZED = frozenset({"weight", "market_value", "income", "income_share"})
"""What is ranked by its size, whatever the verb (``the list is led by A with 30%``)."""
_PRECEDED = re.compile(r"\bpreceded\s+by\s+(?:the\s+)?$", re.IGNORECASE)
_RANKED = re.compile(r"\b(?:second|third|fourth|fifth|2nd|3rd|4th|5th|next)[- ]", re.IGNORECASE)
_AFTER = re.compile(r"^\W*(?:next\s+)?(?:after|behind)\s+(?:the\s+)?$", re.IGNORECASE)
_COME = re.compile(
    r"\s*(?:\([^)]*\)\s*)?,?\s*(?:come|comes|came|follow|follows|followed|are|is|rank|ranks)\s+(?:the\s+)?",
    re.IGNORECASE,
)
_BY_SIZE = re.compile(
    r"\bby\s+(?:size|weight|value|amount|income|return|contribution|damage|loss|gain|yield|coupon)\b[^\x01.;]{0,25}(?::|,|\bis|\bare|\bruns?)\s*(?:the\s+)?$",
    re.IGNORECASE,
)
_IN_ORDER = re.compile(
    r"\b(?:in|by)\s+(?:descending\s+)?order(?:\s+of\s+[\w ]{2,20})?\b[^\x01]{0,25}[:,]\s*(?:the\s+)?$", re.IGNORECASE
)
_NEXT = re.compile(
    r"\s*(?:\([^)]*\)|[+-]?[\d.,]+\s?%|,|;|and|then|next|at\s+[^,;\x01]{1,15}|with\s+[^,;\x01]{1,20})*\s*"
    r"(?:then\s+|by\s+|the\s+|and\s+|next\s+)*",
    re.IGNORECASE,
)
_RANKS = {"first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "last": -1}
_PLACED = re.compile(
    rf"\s*(?:,\s*)?(?:\([^)]*\)\s*)?(?:(?:comes?|came|ranks?|ranked|is|stands?|takes?)\s+)?(?:in\s+)?(?:the\s+)?"
    rf"(?P<rank>{'|'.join(_RANKS)})(?:\s+(?:place|by|in|among)\b|\s*[,.;]|\s+and\b|\s*$)",
    re.IGNORECASE,
)
_SAME = re.compile(
    r"^[^.;\x01]{0,40}?\b(?:the same|equal(?:ly)?|as much as each other|identical\w*|alike|of equal size)\b",
    re.IGNORECASE,
)
_NEARLY = re.compile(r"\b(?:nearly|almost|about|roughly|much|virtually|practically|more or less)\b", re.IGNORECASE)
_LIST = re.compile(r"\s*(?:,|and|,\s*and|&)\s*(?:the\s+)?", re.IGNORECASE)
_OPEN = re.compile(r"\b(?:if|would|could|may|might|should|until|will)\b", re.IGNORECASE)


def check_rankings(sentence: Sentence, verdicts: Sequence[Verdict], evidence: Evidence) -> Iterator[Verdict]:
    """A verdict for each order of assets that a sentence gives without figures."""
    if not sentence.mentions or _OPEN.search(sentence.plain):
        return
    if not any(pattern.search(sentence.plain) for pattern in TURNS.values()):  # which are ordered by their days
        yield from _check_followers(sentence, verdicts, evidence)
        yield from _check_places(sentence, evidence)
    yield from _check_second(sentence, evidence)
    yield from _check_top_list(sentence, evidence)
    yield from _check_same(sentence, evidence)
    yield from _check_most_from(sentence, evidence)


def _list_orders(
    sentence: Sentence, names: Sequence[str], evidence: Evidence, stated: Sequence[str] = ()
) -> Iterator[Mapping[str, Fact]]:
    """The figures of all assets of a kind by each measure that the words allow, where all that are named have one; with
    the ``stated`` ones before them, of which the sentence prints the figure of each."""
    measures = choose_measures(sentence.plain) or ANY
    if re.search(r"\b(?:largest|biggest|smallest|heaviest|size)\b", sentence.plain, re.IGNORECASE):
        measures = (*measures, "weight", "market_value", "income_share")
    found = list(list_peers(measures, names, evidence))
    if found or "preceded by" in sentence.plain:
        yield from list_peers(stated, names, evidence)
    yield from found


def _is_ordered(names: Sequence[str], order: Mapping[str, Fact], *, first: bool, falls: bool) -> bool:
    """Whether assets stand in that order, with none between them, and from the top where they begin there."""
    sign = -1 if falls else 1
    ranked = sorted(order, key=lambda name: measure_size(order[name]) * -sign)
    values = [measure_size(order[name]) for name in ranked]
    start = 0 if first else ranked.index(names[0])
    return all(
        start + place < len(values) and values[start + place] == measure_size(order[name])
        for place, name in enumerate(names)
    )


def _rises(names: Sequence[str], order: Mapping[str, Fact]) -> bool:
    """Whether what is told in falling order rises, by a size that the sentence states."""
    sizes = [order[name] for name in names]
    return sizes[0].measure in _SIZED and any(one.value < other.value for one, other in pairwise(sizes))


def _judge(
    sentence: Sentence, span: tuple[int, int], names: Sequence[str], evidence: Evidence, *, first: bool,
    stated: Sequence[str] = (),
) -> Iterator[Verdict]:  # fmt: skip
    falls = re.search(
        r"\b(?:lost|fell|loss\w*|losers?|hurt|detract\w*|drag\w*|worst|smallest)\b", sentence.plain, re.IGNORECASE
    )
    orders = list(_list_orders(sentence, names, evidence, stated))
    if not orders:
        orders = [order for order in list_peers(stated, names, evidence) if _rises(names, order)]
    if not orders:
        return
    held = next((order for order in orders if _is_ordered(names, order, first=first, falls=bool(falls))), None)
    fact = (held or orders[0])[names[0]]
    claim = Claim(
        sentence.text[span[0] : span[1]], sentence.start + span[0], sentence.start + span[1], Relation.MOST,
        fact.measure, names[0],
    )  # fmt: skip
    if held is not None:
        yield Verdict(claim, Outcome.DERIVED, fact, " > ".join(held[name].id for name in names[:4]))
        return
    ranked = sorted(orders[0], key=lambda name: -orders[0][name].value)
    shown = ", ".join(str(orders[0][name].subject) for name in ranked[:4])
    yield Verdict(
        claim, Outcome.CONTRADICTED, fact, why=f"by {fact.measure.replace('_', ' ')} the order is {shown}", fault=True
    )


def _read_names(sentence: Sentence, names: Sequence[Mention]) -> list[Mention]:
    """The names of a list, of which the first is given."""
    found = list(names[:1])
    for one, other in pairwise(names):
        if _NEXT.fullmatch(sentence.plain[one.end : other.start]) is None or one is not found[-1]:
            break
        found.append(other)
    return found


def _check_followers(sentence: Sentence, verdicts: Sequence[Verdict], evidence: Evidence) -> Iterator[Verdict]:
    text, mentions = sentence.plain, sentence.mentions
    for place, (one, other) in enumerate(pairwise(mentions)):
        between = text[one.end : other.start]
        led = _FOLLOWED.search(between) and (_LEADING.search(between) or _LEADING.search(text[: one.start]))
        after = _AFTER.match(text[: one.start]) and _COME.fullmatch(between)
        if led or after:
            chain = [one, *_read_names(sentence, mentions[place + 1 :])]
            names = list(dict.fromkeys(item.subject for item in chain))
            if len(names) >= _PAIR:
                ranked = _RANKED.search(text[: chain[1].start]) is not None
                span, first = (one.start, chain[-1].end), bool(led) and not ranked
                yield from _judge(
                    sentence, span, names, evidence, first=first, stated=find_stated(names, verdicts, evidence)
                )
            return
        if _PRECEDED.search(between):
            names = [other.subject, one.subject]
            if (stated := find_stated(names, verdicts, evidence)) or not sentence.figures:
                yield from _judge(sentence, (one.start, other.end), names, evidence, first=False, stated=stated)
            return
    ahead = text[: mentions[0].start]
    if _AFTER.match(ahead) and (count := _count_listed(sentence)) > 1 and len(mentions) > count:
        chain = [*mentions[:count], *_read_names(sentence, mentions[count:])]
        if _COME.fullmatch(text[chain[count - 1].end : chain[count].start]):
            names = list(dict.fromkeys(item.subject for item in chain))
            yield from _judge(sentence, (chain[0].start, chain[-1].end), names, evidence, first=True)
        return
    if _IN_ORDER.search(ahead) or _BY_SIZE.search(ahead):
        chain = _read_names(sentence, mentions)
        names = list(dict.fromkeys(item.subject for item in chain))
        if len(names) >= _PAIR:
            yield from _judge(sentence, (chain[0].start, chain[-1].end), names, evidence, first=True)


_SECOND_ONLY = re.compile(r"\bsecond\s+only\s+to\s+(?:the\s+|that\s+of\s+)*$", re.IGNORECASE)
_ONLY_BEYOND = re.compile(
    r"\s*(?:has|have|had|is|was)?\s*(?:\w+\s+){0,3}?(?:more|larger|bigger|greater|higher|heavier|better|worse|lower|smaller)\b"
    r"[^,;.\x01]{0,25}\bthan\s+(?:the\s+)?",
    re.IGNORECASE,
)
_ONLY = re.compile(r"\bonly\s+(?:the\s+)?$", re.IGNORECASE)


def _check_second(sentence: Sentence, evidence: Evidence) -> Iterator[Verdict]:
    """``B is second only to A``, ``only A has lost more than B``: A leads, and B is the next."""
    text = sentence.plain
    for one, other in pairwise(sentence.mentions):
        if _ONLY.search(text[: one.start]) and _ONLY_BEYOND.fullmatch(text[one.end : other.start]):
            chain = one, other
        elif _SECOND_ONLY.search(text[one.end : other.start]):
            chain = other, one
        elif _SECOND_ONLY.search(text[: one.start]) and re.match(r"[^,;\x01]{0,30},", text[one.end : other.start]):
            chain = one, other
        else:
            continue
        names = [item.subject for item in chain]
        if names[0] != names[1]:
            yield from _judge(sentence, (one.start, other.end), names, evidence, first=True)
        return


def _count_listed(sentence: Sentence) -> int:
    """How many names the list has that begins a sentence."""
    count = 1
    for one, other in pairwise(sentence.mentions):
        if _LIST.fullmatch(sentence.plain[one.end : other.start]) is None:
            break
        count += 1
    return count


def _check_places(sentence: Sentence, evidence: Evidence) -> Iterator[Verdict]:
    """``A comes first, B second and C third``: each in its place."""
    text = sentence.plain
    ends = [*(item.start for item in sentence.mentions[1:]), len(text)]
    placed: set[str] = set()
    for mention, end in zip(sentence.mentions, ends, strict=True):
        match = _PLACED.match(text[mention.end : end])
        if match is None:
            continue
        orders = list(_list_orders(sentence, [mention.subject], evidence))
        orders = [order for order in orders if not placed or order[mention.subject].measure in placed]
        rank = _RANKS[match["rank"].lower()]
        values = [sorted((fact.value for fact in order.values()), reverse=True) for order in orders]
        pairs = [(order, ranked) for order, ranked in zip(orders, values, strict=True) if len(ranked) >= abs(rank)]
        if not pairs:
            continue
        place = rank - 1 if rank > 0 else -1
        held = [order for order, ranked in pairs if order[mention.subject].value == ranked[place]]
        fact = (held or [pairs[0][0]])[0][mention.subject]
        placed = {order[mention.subject].measure for order in held}
        span = mention.start, mention.end + match.end("rank")
        claim = Claim(
            sentence.text[span[0] : span[1]], sentence.start + span[0], sentence.start + span[1], Relation.MOST,
            fact.measure, mention.subject,
        )  # fmt: skip
        if held:
            yield Verdict(claim, Outcome.DERIVED, fact, f"rank of {fact.id}")
        else:
            yield Verdict(claim, Outcome.CONTRADICTED, fact, why=f"{fact.label} has another place", fault=True)


_COUNTS = {"two": 2, "three": 3, "four": 4, "2": 2, "3": 3, "4": 4}
_TOP_LIST = re.compile(
    rf"\b(?:the|its|our|your|her|his|their)\s+(?P<count>{'|'.join(_COUNTS)})\s+(?:(?P<top>largest|biggest|heaviest|highest)|"
    r"(?P<low>smallest|lightest|lowest))\s+(?P<noun>[a-z ]{3,30}?)\s*(?:are|were|is|belongs?\s+to|goe?s?\s+to|"
    r"comes?\s+from|(?:sits?|lies?)\s+(?:with|in|at)|:|,|-)\s*(?:those\s+(?:of|at|on)\s+)?(?:the\s+)?$",
    re.IGNORECASE,
)
_TOP_NOUNS = (
    (re.compile(r"overweights?", re.IGNORECASE), "drift", 1),
    (re.compile(r"underweights?", re.IGNORECASE), "drift", -1),
    (re.compile(r"gain\w*|winners?", re.IGNORECASE), "gain", 1), (re.compile(r"los\w+", re.IGNORECASE), "gain", -1),
    (re.compile(r"payers?|sources?.*|incomes?", re.IGNORECASE), "income", 1),
    (re.compile(r"yields?|yielders?", re.IGNORECASE), "yield", 1),
    (re.compile(r"coupons?", re.IGNORECASE), "coupon", 1),
    (re.compile(r"returns?", re.IGNORECASE), "return", 1),
    (re.compile(r"contributions?", re.IGNORECASE), "contribution", 1),
    (re.compile(r"positions?|holdings?|investments?|stakes?|lines?|assets?", re.IGNORECASE), "weight", 1),
)  # fmt: skip


def _check_top_list(sentence: Sentence, evidence: Evidence) -> Iterator[Verdict]:
    """``The two biggest underweights are A and B``: no others, whatever their order."""
    first = sentence.mentions[0]
    match = _TOP_LIST.search(sentence.plain[: first.start])
    if match is None:
        return
    found = next(((name, sign) for words, name, sign in _TOP_NOUNS if words.fullmatch(match["noun"].strip())), None)
    chain = _read_names(sentence, sentence.mentions)
    names = list(dict.fromkeys(item.subject for item in chain))
    if found is None or len(names) != _COUNTS[match["count"].lower()]:
        return
    measure, sign = found
    orders = [order for order in list_peers([measure], names, evidence) if len(order) > len(names)]
    if not orders:
        return
    order = orders[0]
    falls = (match["low"] is not None) is not (sign < 0)
    ranked = sorted(order, key=lambda name: order[name].value if falls else -order[name].value)
    edge = order[ranked[len(names) - 1]].value
    right = all((order[name].value <= edge) if falls else (order[name].value >= edge) for name in names)
    span = match.start(), chain[-1].end
    fact = order[names[0]]
    claim = Claim(
        sentence.text[span[0] : span[1]], sentence.start + span[0], sentence.start + span[1],
        Relation.LEAST if falls else Relation.MOST, measure, names[0],
    )  # fmt: skip
    if right:
        yield Verdict(claim, Outcome.DERIVED, fact, f"order of {', '.join(order[name].id for name in ranked[:4])}")
    else:
        shown = ", ".join(str(order[name].subject) for name in ranked[: len(names)])
        yield Verdict(claim, Outcome.CONTRADICTED, fact, why=f"they are {shown}", fault=True)


_MOST_FROM = re.compile(
    r"\b(?P<word>most|least)(?:\s+of\s+(?:it|this|that|the\s+(?:income|return|gain|money)|all))?\s+(?:comes?|came|is\s+earned|stems?)\s+"
    r"(?:in\s+)?from\s+(?:the\s+)?$",
    re.IGNORECASE,
)
_BRINGS_MOST = re.compile(
    r"\s*(?:brings?\s+in|pays?|yields?|adds?|added|contributes?|contributed|earns?|earned|provides?|supplies)\s+(?:the\s+|by\s+far\s+the\s+)?"
    r"(?P<word>most|least)\b(?!\s+of)",
    re.IGNORECASE,
)


def _check_most_from(sentence: Sentence, evidence: Evidence) -> Iterator[Verdict]:
    """``Most comes from A``, ``A brings in least``."""
    for mention in sentence.mentions:
        before = _MOST_FROM.search(sentence.plain[: mention.start])
        match = before or _BRINGS_MOST.match(sentence.plain[mention.end :])
        orders = list(_list_orders(sentence, [mention.subject], evidence)) if match is not None else []
        if match is None or not orders:
            continue
        least = match["word"].lower() == "least"
        ends = [(min if least else max)(fact.value for fact in order.values()) for order in orders]
        held = [order for order, end in zip(orders, ends, strict=True) if order[mention.subject].value == end]
        fact = (held or orders)[0][mention.subject]
        start = sentence.start + (before.start() if before else mention.start)
        end = sentence.start + (mention.end if before else mention.end + match.end())
        relation = Relation.LEAST if least else Relation.MOST
        claim = Claim(
            sentence.text[start - sentence.start : end - sentence.start],
            start,
            end,
            relation,
            fact.measure,
            mention.subject,
        )
        if held:
            yield Verdict(claim, Outcome.DERIVED, fact, f"{match['word'].lower()} of {fact.id.partition('.')[0]}")
        else:
            yield Verdict(
                claim, Outcome.CONTRADICTED, fact, why=f"{fact.label} is not the {match['word'].lower()}", fault=True
            )


def _check_same(sentence: Sentence, evidence: Evidence) -> Iterator[Verdict]:
    """``A and B bring in the same``."""
    text = sentence.plain
    for one, other in pairwise(sentence.mentions):
        match = _SAME.match(text[other.end :])
        if match is None or _LIST.fullmatch(text[one.end : other.start]) is None or one.subject == other.subject:
            continue
        orders = list(_list_orders(sentence, [one.subject, other.subject], evidence))
        if not orders:
            return
        share = _NEARLY_SHARE if _NEARLY.search(match[0]) else _SAME_SHARE
        held = [order for order in orders if _is_same(order[one.subject], order[other.subject], share)]
        fact = (held or orders)[0][one.subject]
        span = one.start, other.end + match.end()
        claim = Claim(
            sentence.text[span[0] : span[1]], sentence.start + span[0], sentence.start + span[1], Relation.LEVEL,
            fact.measure, one.subject, other=other.subject,
        )  # fmt: skip
        if held:
            yield Verdict(claim, Outcome.DERIVED, fact, f"{fact.id} = {held[0][other.subject].id}")
        else:
            yield Verdict(
                claim, Outcome.CONTRADICTED, fact, why=f"{orders[0][other.subject].label} is another", fault=True
            )
        return


def _is_same(one: Fact, other: Fact, share: int) -> bool:
    return abs(one.value - other.value) * share <= max(abs(one.value), abs(other.value))
