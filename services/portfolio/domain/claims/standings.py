"""How things stand to each other, said without a figure: ahead of the benchmark, over target, within a limit, covered,
recovered, larger than."""

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal

from services.portfolio.domain.claims.evidence import Evidence
from services.portfolio.domain.claims.model import Claim, Outcome, Relation, Verdict
from services.portfolio.domain.claims.sentences import Sentence
from services.portfolio.domain.facts import Fact
from services.portfolio.domain.number_words import Unit

_NOT = re.compile(
    r"\b(?:not|never|no|n't|yet to|without|neither|nor|none|nothing|far from|hardly|cannot)\b|n't\b", re.IGNORECASE
)
_OVER = re.compile(
    r"\b(?:over(?:weight)?|above|too high|too much|exceeds?|heav\w+)\b(?=[^,;.]{0,30}\b(?:target|model)|\b)",
    re.IGNORECASE,
)
_BOUNDS = ("limit.bound.", "profile_limit.")
_DRIFT = re.compile(
    r"\b(?:(?P<over>overweight|(?:over|above) (?:its |the |their )?(?:target|model)|too heavy)|"
    r"(?P<under>underweight|(?:under|below) (?:its |the |their )?(?:target|model)|too light)|"
    r"(?P<on>on (?:its |the )?(?:target|model)|(?:spot|bang|dead) on)|(?P<off>off (?:its |the )?(?:target|model)))\b",
    re.IGNORECASE,
)
_IN_NAME = re.compile(r"\s+(?:positions?\s+)?(?:in|of|to)\s+(?:the\s+)?", re.IGNORECASE)
_DRIFTED = {"over": Relation.ABOVE, "under": Relation.BELOW, "on": Relation.LEVEL, "off": Relation.OUTSIDE}
_BAND = re.compile(
    r"\b(?:(?P<inside>within|inside)|(?P<outside>outside|out of|beyond|breach\w*))\s+(?:its |the |their |of "
    r"its |of the )?"
    r"(?:[\w-]+[ -]){0,3}?(?:bands?|tolerances?|corridors?)\b|\bwithin tolerance\b",
    re.IGNORECASE,
)
_LIMIT = re.compile(
    r"\b(?:(?P<inside>within|inside|under|below|respects?|respecting|keeps? (?:to|within)|meets?|observes?|"
    r"compl(?:y|ies|ying) with|compatible with|in line with)|"
    r"(?P<outside>exceed(?:s|ing)?|above|over|outside|beyond|past|breach\w*|breaks?|breaking|broken|passes|tops|violat\w*|"
    r"infring\w*|incompatible with))\s+"
    r"(?:its |the |their |all |any |every )?(?:[\w%.,-]+ ){0,3}?(?:limits?|caps?|ceilings?|rules?|threshold|maximum)\b|"
    r"\b(?:limits?|caps?|ceilings?|rules?|thresholds?|maximum)\b[^,;.\x01]{0,25}?\s(?:is|are|was|were|been|being)\s+"
    r"(?:\w+ly\s+)?(?:(?P<kept>observed|respected|kept|met|complied with)|"
    r"(?P<broken>broken|breached|violated|exceeded|infringed))\b|"
    r"\b(?P<allowed>above|over|beyond|within|inside|below)\s+(?:what\s+)?(?:the |its |his |her |their |a )?(?:risk )?"
    r"(?:profile|mandate)\b",
    re.IGNORECASE,
)
_COVERED = re.compile(
    r"\b(?:cover(?:s|ed|ing)?|meets?|met|sufficient|enough|suffices?|ample|adequate)\b|(?P<short>\b(?:shortfall|"
    r"falls? short|gap|not enough|insufficient|inadequate|too little)\b)",
    re.IGNORECASE,
)
_OF_NEED = re.compile(
    r"\b(?:need\w*|spending|spends?|outgoings|expens\w*|required|requirement\w*|budget)\b", re.IGNORECASE
)
_ENOUGH_INCOME = re.compile(
    r"\bincome\b[^,;.]{0,40}\b(?:insufficient|sufficient|enough|ample|adequate|inadequate|suffices?)\b", re.IGNORECASE
)
_RECOVERED = re.compile(
    r"\b(?:recovered|made good|regained|made up|new high|recover(?:y|ing)?|back to (?:its|the) (?:old |"
    r"previous )?(?:high|peak))\b|"
    r"(?P<open>\bstill (?:open|under ?water|below)\b)",
    re.IGNORECASE,
)
_AT_PEAK = re.compile(
    r"\b(?:stands?|is|was|are|ended?|closed?|finish(?:ed|es)|back|sits?)\s+(?:\w+\s+)?at\s+(?:its|a|an|the)\s+"
    r"(?:new\s+|all[- ]time\s+|record\s+|last\s+|old\s+|highest\s+)*(?:peak|high)\b(?!\s+(?:side|end|level))",
    re.IGNORECASE,
)
_GRADE = re.compile(
    r"\b(?:everything|every|all|nothing|none|no|entire\w*|whole)\b[^.;]*\binvestment[ -]grade\b", re.IGNORECASE
)
_PAR = re.compile(
    r"\b(?:(?P<below>discount|below par|under par)|(?P<above>premium|above par|over par))\b", re.IGNORECASE
)
_PURPOSE = re.compile(
    r"\bto\s+(?:be|get|come|go|bring|return|stay|remain|keep|move|fall|fit)\b[^,;:]{0,30}$", re.IGNORECASE
)
"""What is to be reached is not said to be so."""
_ALL = re.compile(r"\b(?:every|everything|all|each|nothing|none|no)\b", re.IGNORECASE)
_PAR_PRICE = Decimal(100)
_WHOLE = Decimal(100)
_BOTH = 2
_HEAD = 4
"""Where the first word of a sentence that is no article stands at the latest."""
_PARTED = re.compile(r"\s*[,;.(]")
_CLOSE = 12
_RECOVERED_DATES = 3


def check_standings(sentence: Sentence, verdicts: Sequence[Verdict], evidence: Evidence) -> Iterator[Verdict]:
    """The verdicts on how things stand to each other in a sentence, whose figures' verdicts are given."""
    stated = {verdict.fact.measure for verdict in verdicts if verdict.fact is not None}
    yield from _check_drifts(sentence, stated, evidence)
    yield from _check_limits(sentence, evidence)
    yield from _check_cover(sentence, evidence)
    yield from _check_recovery(sentence, evidence)
    yield from _check_bonds(sentence, evidence)


def _say(sentence: Sentence, match: re.Match[str], relation: Relation, fact: Fact, *, right: bool, why: str) -> Verdict:
    claim = Claim(
        match[0], sentence.start + match.start(), sentence.start + match.end(), relation, fact.measure, fact.subject
    )
    if right:
        return Verdict(claim, Outcome.GROUNDED, fact)
    return Verdict(claim, Outcome.CONTRADICTED, fact, why=why, fault=True)


def _is_denied(sentence: Sentence, start: int) -> bool:
    """Whether a word of denial stands shortly before."""
    window = re.split(r"[,;:]", sentence.plain[max(start - 30, 0) : start])[-1]
    return _NOT.search(window) is not None


def _nearest(sentence: Sentence, position: int) -> str | None:
    before = [mention for mention in sentence.mentions if mention.end <= position]
    if before:
        return before[-1].subject
    return sentence.mentions[0].subject if sentence.mentions else sentence.carried


def _check_drifts(sentence: Sentence, stated: set[str], evidence: Evidence) -> Iterator[Verdict]:
    drifts = {item.subject: item.fact for item in evidence.held if item.fact.measure == "drift" and item.subject}
    if not drifts:
        return
    for match in _DRIFT.finditer(sentence.plain):
        behind = [
            item.subject
            for item in sentence.mentions
            if item.start >= match.end() and _IN_NAME.fullmatch(sentence.plain[match.end() : item.start])
        ]
        nearest = behind[0] if behind else _nearest(sentence, match.start()) or ""
        kin = [fact for fact in drifts.values() if fact.id in evidence.find_kin(nearest, one_of=False)]
        fact = drifts.get(nearest) or (kin[0] if len(kin) == 1 else None)
        if fact is None or "drift" in stated:
            continue
        denied = _is_denied(sentence, match.start())
        holds = {"over": fact.value > 0, "under": fact.value < 0, "on": not fact.value, "off": bool(fact.value)}
        right = holds[match.lastgroup or ""] is not denied
        yield _say(
            sentence,
            match,
            _DRIFTED[match.lastgroup or ""],
            fact,
            right=right,
            why=f"{fact.label} is {round(fact.value, 2)} pp",
        )
    breaches = evidence.find("breaches")
    for match in _BAND.finditer(sentence.plain):
        outside = match.lastgroup == "outside"
        everything = _ALL.search(sentence.plain[: match.start()])
        counted = all(figure.unit is Unit.NUMBER for figure in sentence.figures)
        if everything and breaches is not None and counted and not sentence.mentions:
            nothing = everything[0].lower() in {"nothing", "none", "no"}
            clean = not breaches.value
            right = clean if outside == nothing else (breaches.value > 0 if nothing else not clean)
            yield _say(
                sentence,
                match,
                Relation.OUTSIDE if outside else Relation.WITHIN,
                breaches,
                right=right,
                why=f"{breaches.label}: {breaches.value}",
            )
            continue
        fact = drifts.get(_nearest(sentence, match.start()) or "")
        band = evidence.find(f"band.{fact.id[6:]}") if fact else None
        if fact is None or band is None:
            continue
        is_outside = abs(fact.value) > band.value
        said = outside is not _is_denied(sentence, match.start())
        yield _say(
            sentence,
            match,
            Relation.OUTSIDE if said else Relation.WITHIN,
            band,
            right=said == is_outside,
            why=f"{fact.label} is {round(fact.value, 2)} pp, its band {round(band.value, 2)}",
        )


def _check_limits(sentence: Sentence, evidence: Evidence) -> Iterator[Verdict]:
    """``within its limit``: the weight of what is named against the limit of its group."""
    for match in _LIMIT.finditer(sentence.plain):
        subject = _nearest(sentence, match.start()) if sentence.mentions or " its " in match[0] else None
        pair = _find_limit(sentence, subject, evidence)
        if pair is None or _PURPOSE.search(sentence.plain[: match.start()]):
            continue
        fact, limit = pair
        word = match["allowed"]
        said_outside = (
            bool(match["outside"] or match["broken"]) or (word or "").lower() in {"above", "over", "beyond"}
        ) is not _is_denied(sentence, match.start())
        strictly = re.match(r"(?:below|under)\b", match[0], re.IGNORECASE)
        outside = fact.value >= limit.value if strictly else fact.value > limit.value
        relation = Relation.OUTSIDE if said_outside else Relation.WITHIN
        why = f"{fact.label} is {round(fact.value, 2)}%, {limit.label} {round(limit.value, 2)}%"
        yield _say(sentence, match, relation, fact, right=said_outside == outside, why=why)


def _find_limit(sentence: Sentence, subject: str | None, evidence: Evidence) -> tuple[Fact, Fact] | None:
    cues = {cue.measure for cue in sentence.cues if cue.named or (not sentence.mentions and cue.start <= _HEAD)}
    for measure, rule, fact_id in (("fee", "fee", "fee"), ("top_5", "top_five", "top_5")):
        limit, fact = evidence.find(f"limit.{rule}"), evidence.find(fact_id)
        if measure in cues and limit is not None and fact is not None:
            return fact, limit
    if (pair := _find_bounded(cues, evidence)) is not None:
        return pair
    if "profile_range" in cues:
        share, most = evidence.find("equity_share"), evidence.find("profile_max")
        return (share, most) if share is not None and most is not None and subject in {None, "equity"} else None
    if subject is None:
        return None
    for item in evidence.held:
        fact = item.fact
        if item.subject != subject or fact.measure != "weight":
            continue
        if fact.id == "cash_pct" and (limit := evidence.find("limit.cash")) is not None:
            return fact, limit
        parts = fact.id.split(".")
        single = parts[1:2] == ["position"] or len(parts) == _BOTH
        rule = "single_name" if single else parts[1] if len(parts) > _BOTH else ""
        if (limit := evidence.find(f"limit.{rule}")) is not None:
            return fact, limit
    return None


def _find_bounded(cues: set[str], evidence: Evidence) -> tuple[Fact, Fact] | None:
    """What a profile or the client bounds beside equity, where the words speak of it, with its bound."""
    for item in evidence.held:
        kind = next((kind for kind in _BOUNDS if item.fact.id.startswith(kind)), None)
        if kind is None:
            continue
        name = item.fact.id.removeprefix(kind)
        fact = evidence.find(f"{name}_share") or evidence.find(name) or evidence.find(f"class_share.{name}")
        if fact is not None and fact.measure in cues and fact.measure != "weight":
            return fact, item.fact
    return None


def _check_cover(sentence: Sentence, evidence: Evidence) -> Iterator[Verdict]:
    cover = evidence.find("income_cover")
    if cover is None or not (_OF_NEED.search(sentence.plain) or _ENOUGH_INCOME.search(sentence.plain)):
        return
    for match in _COVERED.finditer(sentence.plain):
        if any(figure.unit is not Unit.MONEY for figure in sentence.figures) and match.lastgroup != "short":
            continue
        if re.match(
            r"\s+(?:about|only|around|just|nearly|most|part|some|almost|roughly)\b", sentence.plain[match.end() :]
        ):
            continue
        enough = (match.lastgroup != "short") is not _is_denied(sentence, match.start())
        yield _say(
            sentence,
            match,
            Relation.COVERS,
            cover,
            right=enough == (cover.value >= _WHOLE),
            why=f"{cover.label} is {round(cover.value, 1)}%",
        )
        return


def _check_recovery(sentence: Sentence, evidence: Evidence) -> Iterator[Verdict]:
    fall = evidence.find("drawdown")
    yield from _check_peak(sentence, evidence)
    if fall is None or len(fall.dates) < _BOTH:
        return
    if evidence.find("current_drawdown") is not None and re.search(
        r"\b(?:needed|would|required|take)\b", sentence.plain
    ):
        return
    for match in _RECOVERED.finditer(sentence.plain):
        if sentence.mentions:
            return
        said = (match.lastgroup != "open") is not (
            _is_denied(sentence, match.start())
            or bool(
                re.search(
                    r"\byet to be\b|\bnot (?:yet )?(?:been )?",
                    sentence.plain[max(0, match.start() - 25) : match.start()],
                )
            )
        )
        if re.search(r"\bnot\b.{0,25}\buntil\b|\bonly\b", sentence.plain):
            said = True
        right = said == (len(fall.dates) == _RECOVERED_DATES)
        yield _say(
            sentence,
            match,
            Relation.IS,
            fall,
            right=right,
            why="the fall " + ("was recovered" if not said else "has not been recovered"),
        )
        return


def _check_peak(sentence: Sentence, evidence: Evidence) -> Iterator[Verdict]:
    """``It stands at its peak``: whether nothing is lost from the last one."""
    fall, match = evidence.find("drawdown"), _AT_PEAK.search(sentence.plain)
    if match is None or fall is None or sentence.mentions or re.search(r"\b(?:was|were)\b", match[0]):
        return
    open_fall = evidence.find("current_drawdown")
    denied = _is_denied(sentence, match.start()) or re.search(r"\bnot\b", match[0]) is not None
    yield _say(
        sentence, match, Relation.IS, open_fall or fall, right=(open_fall is None) is not denied,
        why="the end is below the last peak" if open_fall else "the end is the last peak",
    )  # fmt: skip


def _check_bonds(sentence: Sentence, evidence: Evidence) -> Iterator[Verdict]:
    low = evidence.find("below_investment_grade")
    match = _GRADE.search(sentence.plain)
    if match is not None and low is not None and not any(figure.value for figure in sentence.figures):
        denies = re.search(r"\b(?:nothing|none|no)\b", match[0], re.IGNORECASE) is not None
        below = re.search(r"\b(?:below|sub|under|non)\b", match[0], re.IGNORECASE) is not None
        if denies == below:
            yield _say(
                sentence, match, Relation.IS, low, right=not low.value, why=f"{low.label} is {round(low.value, 1)}%"
            )
    prices = [item for item in evidence.held if item.fact.measure == "price" and item.subject]
    match = _PAR.search(sentence.plain)
    if match is None or not prices:
        return
    subject = sentence.mentions[0].subject if sentence.mentions else None
    chosen = [item.fact for item in prices if item.subject == subject] if subject else []
    if not chosen and not sentence.mentions and _ALL.search(sentence.plain[: match.start()]):
        chosen = [item.fact for item in prices]
    if chosen:
        below = match.lastgroup == "below"
        wrong = [fact for fact in chosen if (fact.value < _PAR_PRICE) != below]
        fact = wrong[0] if wrong else chosen[0]
        yield _say(
            sentence,
            match,
            Relation.BELOW if below else Relation.ABOVE,
            fact,
            right=not wrong,
            why=f"{fact.label} is {fact.value}",
        )
