"""What claims are held against: the facts of one or more sections, the names of their input, and what follows from them
by counting."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from functools import cached_property

from services.portfolio.domain.claims.implied import implied_facts
from services.portfolio.domain.claims.model import Held
from services.portfolio.domain.claims.printed import make_plain
from services.portfolio.domain.claims.subjects import Mention, SubjectIndex, stem_word
from services.portfolio.domain.facts import Attribute, Fact, FactTable, Frame
from services.portfolio.domain.number_words import SHARED_SIGNS, Unit
from services.portfolio.domain.vocabulary import Vocabulary

_GROUPS = {
    "asset_class": "asset classes", "sector": "sectors", "region": "regions", "currency": "currencies",
    "account": "accounts", "issuer": "issuers",
}  # fmt: skip
# A sign or word that several currencies share, with nothing beside it that says which is meant.
_BARE_SIGN = re.compile(r"(?<![A-Z])[$¥]|(?<!US )(?<!us )\bdollars?\b", re.IGNORECASE)


@dataclass(frozen=True)
class Evidence:
    """The facts of a text's sections. Make one with ``gather``."""

    held: tuple[Held, ...]
    frames: tuple[Frame, ...]
    names: tuple[str, ...]
    vocabulary: Vocabulary
    subjects: SubjectIndex = field(repr=False)
    quotes: tuple[str, ...] = ()
    """Words of the payloads that say nothing by themselves where a text repeats them as they are, the longest first."""
    attributes: Mapping[str, Mapping[str, frozenset[str]]] = field(default_factory=dict, repr=False, compare=False)
    """By column what is said in words of each subject (``account``: ``nestlé``: ``gia``), all by their keys."""
    aliases: Mapping[str, str] = field(default_factory=dict, repr=False, compare=False)
    """The one position of a class by the key of the class, where no name says it."""
    _kin: dict[tuple[str, bool], frozenset[str]] = field(default_factory=dict, repr=False, compare=False)

    def find_names(self, text: str) -> list[Mention]:
        """The names in a text."""
        return [
            replace(item, subject=self.aliases.get(item.subject, item.subject)) for item in self.subjects.find(text)
        ]

    def blank_quotes(self, text: str) -> str:
        """A text with the words of the payload that it repeats as they are blanked, each at its place."""
        for quote in self.quotes:
            text = text.replace(quote, "\x00" * len(quote))
        return text

    @cached_property
    def by_measure(self) -> dict[str, list[Held]]:
        """The facts of each measure, in their order."""
        found: dict[str, list[Held]] = defaultdict(list)
        for item in self.held:
            found[item.fact.measure].append(item)
        return dict(found)

    @cached_property
    def parametrised(self) -> tuple[Held, ...]:
        """The facts with a number in their name (the 95 of a value at risk, the one point of a sensitivity)."""
        return tuple(item for item in self.held if item.fact.parameters or item.fact.measure == "sensitivity")

    @cached_property
    def by_id(self) -> dict[str, Held]:
        """Facts by id, the first section's where several have one."""
        found: dict[str, Held] = {}
        for item in self.held:
            found.setdefault(item.fact.id, item)
        return found

    @cached_property
    def dates(self) -> tuple[date, ...]:
        """Every day that a fact or a section speaks of."""
        days = {day for item in self.held for day in item.fact.dates} | {
            day for frame in self.frames for day in frame.dates
        }
        return tuple(sorted(days))

    @cached_property
    def generic(self) -> frozenset[str]:
        """Subjects that are kinds of income: their names are common words, and name them only where nothing else is."""
        kinds = {item.subject for item in self.held if "income_share.kind." in item.fact.id and item.subject}
        others = {item.subject for item in self.held if item.subject and "income_share.kind." not in item.fact.id}
        return frozenset(kinds - others)

    @cached_property
    def benchmarks(self) -> tuple[str, ...]:
        """The benchmarks' names."""
        return tuple(dict.fromkeys(frame.benchmark for frame in self.frames if frame.benchmark))

    @cached_property
    def benchmark_pattern(self) -> re.Pattern[str]:
        """The benchmarks' own names, without what they may be shortened by (``TRI``)."""
        names = {
            name
            for full in self.benchmarks
            for name in (full, re.sub(r"\s+(?:TRI|TR|NR|Index|Total Return)$", "", full))
        }
        return re.compile(
            "|".join(rf"(?<!\w){re.escape(name)}(?!\w)" for name in sorted(names, key=len, reverse=True)) or "(?!)"
        )

    @cached_property
    def _words(self) -> dict[str, frozenset[str]]:
        return {
            item.subject: frozenset(stem_word(word) for word in re.findall(r"[^\W\d]{3,}", item.fact.subject or ""))
            for item in self.held
            if item.subject
        }

    @cached_property
    def name_words(self) -> frozenset[str]:
        """Every word of a name of the input: of its assets, groups, client, benchmark, model and profile."""
        names = {*self.names, *(item.fact.subject for item in self.held if item.fact.subject)}
        names |= {
            alias for alias, key in self.vocabulary.same.items() if key in {self.vocabulary.key(n) for n in names}
        }
        return frozenset(stem_word(word) for name in names for word in re.findall(r"[^\W_]+", name))

    def find_kin(self, subject: str, *, one_of: bool) -> frozenset[str]:
        """The ids of facts of what a common name may stand for (``the bond ETF`` for one bond fund of three).

        Facts that the name has itself are not among them, unless the words say that ``one_of`` its kind is meant.
        """
        if (subject, one_of) not in self._kin:
            same = self.vocabulary.same
            words = {stem_word(name) for name in (subject, *(name for name, key in same.items() if key == subject))}
            own = {(item.fact.measure, item.fact.unit) for item in self.held if item.subject == subject}
            self._kin[subject, one_of] = frozenset(
                item.fact.id
                for item in self.held
                if item.subject not in {None, subject}
                and words & self._words[item.subject or ""]
                and (one_of or (item.fact.measure, item.fact.unit) not in own)
            )
        return self._kin[subject, one_of]

    @cached_property
    def _currencies(self) -> frozenset[str]:
        return frozenset(item.fact.currency for item in self.held if item.fact.currency)

    def settle_currency(self, currency: str | None, text: str) -> str | None:
        """The currency of money written as ``text``: a bare ``$`` is the one dollar that the facts are in."""
        if currency in self._currencies or not _BARE_SIGN.search(text):
            return currency
        own = self._currencies & SHARED_SIGNS.get(currency or "", frozenset())
        return next(iter(own)) if len(own) == 1 else currency

    def find(self, fact_id: str) -> Fact | None:
        """The fact of that id, or None."""
        held = self.by_id.get(fact_id)
        return held.fact if held else None

    def list_prefix(self, prefix: str) -> list[Held]:
        """The facts whose id starts so, and that are of a subject."""
        return [item for item in self.held if item.fact.id.startswith(prefix) and item.fact.subject]


_RESIDUAL = re.compile(
    r"(?:all\s+)?(?:others?|rest|remainder|remaining|miscellaneous|unclassified|various|diverse|sonstige|andere|autres)(?:\s+\w+)?",
    re.IGNORECASE,
)


def is_residual(subject: str | None) -> bool:
    """Whether a name stands for all that is left, and so for no one thing that could be the largest."""
    return subject is not None and _RESIDUAL.fullmatch(subject) is not None


def gather(tables: Iterable[tuple[str, FactTable]]) -> Evidence:
    """The evidence of sections by their keys. All tables must have the words of one vocabulary."""
    pairs = list(tables)
    vocabulary = next((table.vocabulary for _, table in pairs if table.vocabulary is not None), None)
    if vocabulary is None:
        raise ValueError("facts without a vocabulary cannot be spoken of")
    held: list[Held] = []
    names: dict[str, None] = {}
    for key, table in pairs:
        held += [
            Held(fact, key, None, _nouns(fact), vocabulary.key(fact.subject) if fact.subject else None)
            for fact in (*(_say_tax(fact, table) for fact in table.facts), *table.given)
        ]
        held += _count_facts(table, key)
        held += implied_facts([item for item in held if item.section == key])
        held += _sum_groups([item for item in held if item.section == key], table.attributes, vocabulary)
        names.update(dict.fromkeys(table.names))
        names.update(dict.fromkeys(table.frame.names))
    people = [table.frame.client for _, table in pairs if table.frame.client]
    known = [item.fact.subject for item in held if item.fact.subject]
    subjects = SubjectIndex(known, vocabulary, people)
    alone = _find_alone([item for _, table in pairs for item in table.attributes], subjects, vocabulary)
    if alone:
        subjects = SubjectIndex([*known, *alone], vocabulary, people)
    quotes = sorted({make_plain(quote) for _, table in pairs for quote in table.quotes}, key=len, reverse=True)
    frames = tuple(table.frame for _, table in pairs)
    said = _gather_attributes((item for _, table in pairs for item in table.attributes), vocabulary)
    return Evidence(tuple(held), frames, tuple(names), vocabulary, subjects, tuple(quotes), said, {
        vocabulary.key(name): member for name, member in alone.items()
    })  # fmt: skip


def _find_alone(said: Sequence[Attribute], subjects: SubjectIndex, vocabulary: Vocabulary) -> dict[str, str]:
    """Classes of which one position alone is held, and that no name says: ``debt`` is that position then."""
    members: dict[str, set[str]] = defaultdict(set)
    for item in said:
        if item.column == "asset_class" and vocabulary.key(item.value) != vocabulary.key("equity"):
            members[item.value].add(vocabulary.key(item.subject))
    return {name: next(iter(found)) for name, found in members.items() if len(found) == 1 and not subjects.find(name)}


def _gather_attributes(items: Iterable[Attribute], vocabulary: Vocabulary) -> dict[str, dict[str, frozenset[str]]]:
    found: dict[str, dict[str, frozenset[str]]] = defaultdict(dict)
    for item in items:
        column, subject = found[item.column], vocabulary.key(item.subject)
        column[subject] = column.get(subject, frozenset()) | {vocabulary.key(item.value)}
    return dict(found)


_SUMMED = ("weight", "model_weight", "drift", "market_value", "income", "contribution")
_GROUPED = ("asset_class", "sector", "region", "account")
_PAIR = 2


def _sum_groups(held: Sequence[Held], said: Sequence[Attribute], vocabulary: Vocabulary) -> Iterator[Held]:
    """What the positions of a class, sector, region or account have together, where no fact says it."""
    known = {(item.fact.measure, item.fact.unit, item.subject) for item in held if item.subject}
    equity = vocabulary.key("equity") if any(item.fact.id == "equity_share" for item in held) else None
    for column in _GROUPED:
        groups: dict[str, dict[str, str]] = defaultdict(dict)
        for item in said:
            if item.column == column:
                groups[item.value][vocabulary.key(item.subject)] = item.subject
        for measure in _SUMMED:
            facts = _list_summed([item for item in held if item.fact.measure == measure and item.subject])
            for value, members in groups.items():
                own = [facts[name] for name in members if name in facts]
                key = vocabulary.key(value)
                if key == equity:
                    continue  # how much equity there is, and in the model, is told by facts of the whole
                if (
                    len(members) < _PAIR
                    or len(own) != len(members)
                    or (measure, own[0].unit, key) in known
                    or key in members
                ):
                    continue
                if len({(fact.unit, fact.currency) for fact in own}) != 1:
                    continue
                total = sum((fact.value for fact in own), Decimal(0))
                fact = replace(
                    own[0], id=f"sum.{column}.{measure}.of.{value}", label=f"{measure.replace('_', ' ')} of {value}",
                    value=total, subject=value, dates=(), inputs=(), method="facts computed with",
                )  # fmt: skip
                known.add((measure, fact.unit, key))
                yield Held(fact, held[0].section, " + ".join(fact.id for fact in own[:6]), "", key)


def _list_summed(held: Sequence[Held]) -> dict[str, Fact]:
    """The fact of each position that may be added up: as it was computed, else as it was sent where each row has a name
    of its own."""
    found: dict[str, Fact] = {}
    sent: dict[str, list[Fact]] = defaultdict(list)
    for item in held:
        fact = item.fact
        if item.subject is None:
            continue
        if fact.id.startswith("given."):
            sent[item.subject].append(fact)
        else:
            found.setdefault(item.subject, fact)
    return {**{name: facts[0] for name, facts in sent.items() if len(facts) == 1}, **found}


def _say_tax(fact: Fact, table: FactTable) -> Fact:
    """What income leaves of the need, or lacks, with its basis: it is after tax where there is income after tax."""
    if fact.measure in {"income_gap", "income_surplus"} and table.find("income_after_tax") is not None:
        return replace(fact, bases=tuple(dict.fromkeys((*fact.bases, "after_tax"))))
    return fact


def _nouns(fact: Fact) -> str:
    if fact.measure == "effective_number":
        return "equal effective"
    return fact.label.removeprefix("number of ") if fact.measure == "count" else ""


def _count_facts(table: FactTable, key: str) -> Iterator[Held]:
    """Counts that nobody states but many say: how many sectors, how many positions above a limit, how many sales."""
    for group, nouns in _GROUPS.items():
        members = [fact for fact in table.facts if fact.id.startswith(f"weight.{group}.")]
        if members:
            yield _count(key, f"count.{group}", "count", nouns, members)
    for rule in ("single_name", *_GROUPS):
        if table.find(f"limit.{rule}") is not None:
            over = [fact for fact in table.facts if fact.id.startswith(f"excess.{rule}.")]
            nouns = _GROUPS.get(rule, "positions holdings names")
            yield _count(key, f"count.excess.{rule}", "breaches", f"{nouns} above limit", over)
    drifts = [fact for fact in table.facts if fact.measure == "drift"]
    if drifts:
        yield _count(key, "count.overweight", "drift", "overweight assets", [x for x in drifts if x.value > 0])
        yield _count(key, "count.underweight", "drift", "underweight assets", [x for x in drifts if x.value < 0])
        inside = [x for x in drifts if (band := table.find(f"band.{x.id[6:]}")) and abs(x.value) <= band.value]
        yield _count(key, "count.inside", "band", "assets inside within their band", inside)
    trades = [fact for fact in table.facts if fact.measure == "trade"]
    if trades:
        yield _count(key, "count.purchases", "trade", "purchases buys", [x for x in trades if x.value > 0])
        yield _count(key, "count.sales", "trade", "sales sells", [x for x in trades if x.value < 0])
        yield _count(key, "count.trades", "trade", "trades", trades)
    gains = [fact for fact in table.facts if fact.id.startswith("gain_pct.")]
    whole = table.find("count")
    if gains and whole is not None and len(gains) == whole.value:
        yield _count(key, "count.gaining", "gainers", "positions in profit", [x for x in gains if x.value > 0])
        yield _count(key, "count.losing", "losers", "positions at a loss", [x for x in gains if x.value < 0])
    flows = [fact for fact in table.given if fact.measure == "flow"]
    if flows:
        yield _count(key, "count.deposits", "flow", "deposits contributions", [x for x in flows if x.value > 0])
        yield _count(key, "count.withdrawals", "flow", "withdrawals", [x for x in flows if x.value < 0])
    ratings = [fact for fact in table.facts if fact.measure == "quality_weight"]
    if ratings:
        yield _count(key, "count.ratings", "count", "ratings", ratings)


def _count(key: str, fact_id: str, measure: str, nouns: str, members: Sequence[Fact]) -> Held:
    fact = Fact(fact_id, f"number of {nouns}", Decimal(len(members)), Unit.NUMBER, measure, "facts counted")
    formula = f"count of {', '.join(item.id for item in members[:6])}" if members else "count of none"
    return Held(fact, key, formula, nouns)
