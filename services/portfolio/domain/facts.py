"""Facts: the figures of one section, each with its unit, method and inputs, and those that could not be had, with why.

A ``FactTable`` is what figures produce, what narratives are written from and what grounding checks them against.
``Draft`` gathers one.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from typing import Any

from services.portfolio.domain.errors import MissingInputError
from services.portfolio.domain.number_words import Unit
from services.portfolio.domain.readings import Alternative, Entry
from services.portfolio.domain.siblings import NO_SIBLINGS, Siblings
from services.portfolio.domain.vocabulary import Vocabulary


@dataclass(frozen=True, slots=True)
class Fact:
    """One computed or given figure.

    ``value`` is in ``unit`` (percent are 65, not 0.65); ``measure`` is the word of the vocabulary that it is known by
    (``weight``, ``gain``, ``sharpe``); ``subject`` the asset, class or rule that it belongs to, None for the whole
    portfolio. ``signed`` figures have a direction that a narrative's verbs must agree with. ``parameters`` are numbers
    that belong to the figure's name, such as the 95 of a value at risk. ``dates`` are the days that it speaks of: the
    day that it was taken on, or the ends of its period. ``bases`` say what it is of (``per_year``, ``cumulative``,
    ``after_tax``); a figure said to be of another basis is not this one.
    """

    id: str
    label: str
    value: Decimal
    unit: Unit
    measure: str
    method: str
    inputs: tuple[str, ...] = ()
    currency: str | None = None
    subject: str | None = None
    signed: bool = False
    periods_per_year: int | None = None
    parameters: tuple[Decimal, ...] = ()
    dates: tuple[date, ...] = ()
    bases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Frame:
    """What a section is about, in the words of its payload; None where it does not say.

    ``period`` is how the payload names the time of its returns, ``start`` and ``end`` the days of a track.
    """

    client: str | None = None
    as_of: date | None = None
    period: str | None = None
    start: date | None = None
    end: date | None = None
    benchmark: str | None = None
    benchmark_class: str | None = None
    """What the benchmark is an index of alone (``equity``), where its name says so."""
    model: str | None = None
    profile: str | None = None

    @property
    def dates(self) -> tuple[date, ...]:
        """The days that are known."""
        return tuple(day for day in (self.as_of, self.start, self.end) if day is not None)

    @property
    def names(self) -> tuple[str, ...]:
        """Everything that is a name."""
        found = (self.client, self.period, self.benchmark, self.model, self.profile)
        return tuple(name for name in found if name)


@dataclass(frozen=True, slots=True)
class Absent:
    """A figure that cannot be computed from this payload, and why.

    ``code`` is ``AMBIGUOUS_INPUT`` where its input can be read in the ways of ``alternatives``, else empty.
    """

    id: str
    reason: str
    code: str = ""
    alternatives: tuple[Alternative, ...] = ()


@dataclass(frozen=True, slots=True)
class FactSpec:
    """A kind of fact: its words, unit, measure and bases. ``label`` may hold ``{subject}``; what stands in brackets is
    left out where there is none."""

    label: str
    unit: Unit
    measure: str
    method: str
    signed: bool = False
    bases: tuple[str, ...] = ()

    def write_label(self, subject: str | None) -> str:
        """The label of a fact about ``subject``."""
        if subject is None:
            return re.sub(r"\[[^\]]*\]", "", self.label)
        return self.label.replace("[", "").replace("]", "").replace("{subject}", subject)


@dataclass(frozen=True, slots=True)
class Attribute:
    """What a payload says of a row in words: its account, class, currency, rating (and the grade that it is of), or how
    many times a year it pays."""

    subject: str
    column: str
    value: str


class Severity(StrEnum):
    """How much a note matters: ``info`` explains a choice, ``warning`` says that the input contradicts itself."""

    INFO = "info"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Note:
    """What the reconciliation of the input found, for people; ``field`` is the caller's own name for it."""

    code: str
    message: str
    severity: Severity = Severity.INFO
    field: str | None = None


class Mark(StrEnum):
    """What is known of a name of the input beyond its figures, and decides what is said and advised of it."""

    DEFAULTED = "defaulted"
    """A debtor who has failed to pay."""
    NARROW = "narrow"
    """A class of shares that falls further than the broad market."""
    SHELTERED = "sheltered"
    """An account in which gains are normally not taxed."""
    TAXED = "taxed"
    """An account in which gains that are realised are normally taxed."""
    FUND = "fund"
    """A fund, which holds many."""
    STATE = "state"
    """Debt of a state."""
    MONEY = "money"
    """Money at hand in a model, which is used and kept rather than sold and bought."""
    CALLABLE = "callable"
    """A bond that its debtor may repay before its day."""
    DEPOSIT = "deposit"
    """A deposit, which is paid back at par."""
    SHARE = "share"
    """A share of one company."""
    WHOLE = "whole"
    """What can be sold only whole, as a house or a private stake."""
    LOCKED = "locked"
    """What cannot be sold at will, as an annuity, a pension right or shares that have not vested."""
    SLOW = "slow"
    """What is not sold when its holder wants to, as a fund of property or a closed one."""
    LINKED = "linked"
    """A bond whose payments rise with prices."""
    ABROAD = "abroad"
    """A bond in another currency than the portfolio's."""
    WEAK = "weak"
    """A debtor below investment grade, or an issuer with papers of one."""
    SOUND = "sound"
    """A debtor of investment grade, or an issuer of papers of such alone."""
    SAFEST = "safest"
    """A debtor of the best grade or with assets behind the debt, a state, or an issuer of papers of such alone."""
    LIFELONG = "lifelong"
    """Income that is paid for life."""


AS_SENT = "as sent"
"""The method of a fact that the payload states; a limit of this method is the client's own, others are defaults."""
WHOLE_PORTFOLIO = "market value of the whole portfolio"
"""The label of what all of the portfolio is worth, in a section that speaks of a part of it."""
EQUITY_OF_THESE = "equity is not known of"
"""Of what it is not known how much of it is equity."""
FOREIGN_IN_PART = "foreign currencies are known in part"
"""That some of what is held names no currency, so that the foreign ones are no less than what is known of them."""
EQUITY_IS_BOUND = "equity_move is bound"
"""The gloss that what is no share cannot be sold to the amount that shares are short of."""
SOLD_SHORT = "leverage is short"
"""The gloss that some of what is below zero is sold short, and no loan."""
KEPT = "capital leaves out"
"""The gloss of what pays income and cannot be sold in part, so that nothing can be drawn from it."""
PERIODS = "returns are over"
"""The gloss of the different periods that returns are over."""
LEFT_OUT = "movers without a return"
"""The gloss of the movers whose return could not be used, which are in no figure."""
NO_FEE = "income leaves out charges"
"""The gloss of charges that were sent and are in no figure, with why."""
FEES_OF = "fees are of"
"""The gloss of the kinds of fees that are added up, where there are several."""
LIMITS_UNREAD = "limits are not understood"
"""The gloss of limits of the client that nothing is judged by, in the words that were sent."""
LIMITS_IDLE = "limits bind nothing here"
"""The gloss of those of them that are understood, and for something that the section does not list."""
OF_COMPANIES = "the limit is for one company"
"""The gloss of a limit for a position that the client set for shares of one company, and for no fund."""
LEFT_OUT = "weights leave out"
"""The gloss of what could not be converted, so that weights are of all else."""
UNUSED = "what could not be used"
"""The gloss of what the notes say of cells and fields that could not be used."""
MODEL_REST = "the model weight is the rest for"
"""The gloss of the one asset whose model weight was not sent and is what the others leave of the whole."""
NO_MODEL = "no model weight was sent for"
"""The gloss of the assets that the model says nothing of."""
COSTS = "costs were sent as"
"""The gloss of costs that were sent in a field that no figure counts."""
NAMED_INDEX = "an index is named"
"""The gloss of an index that a field of the payload names, where no benchmark was sent."""
MISSED = "nothing is listed as paid on"
"""The gloss of the days on which a payment of nothing is listed among regular ones."""
WISH, WISHED = "the client wishes", "the wish speaks of"
"""The glosses of what a client wishes, in the words that were sent, and of what is held that these speak of."""
UNREAD = "no figure counts"
"""The gloss of the fields that were sent and are in no figure, with what they say."""
BINDING = "no figure counts, and it is past"
"""The gloss of those of them whose day is past: what was due by then, or was looked at long ago."""
NOTED = "it was written"
"""The gloss of what somebody wrote, word by word."""
NEEDS = "money is spoken for"
"""The gloss of what is to be paid, or kept at hand, in the words that were sent."""
NEEDS_OPEN = "how much is spoken for"
"""The gloss that the amount of some of it is not known."""
SOURCES = "money is spoken for out of"
"""The gloss of the accounts or holdings that needs name as what they are paid from, one a line."""
FLOOR = "the least rating is"
"""The gloss of the least rating that the client wants held; what is below it has one of its own (``X is rated``)."""
CREDIT = "credit is drawn under"
"""The gloss of the name of the credit line that is told."""
GOAL = "the client saves for"
"""The gloss of what is aimed at, in the words that were sent."""
WISH_BROKEN = "the wish rules out"
"""The gloss of what is held and, by its plain business, ruled out by the client's wish."""
TERM_OVER = "a fixed term is over"
"""The gloss of a term, in the words that were sent, whose last day is past."""
ONE_TRADE_FROM, ONE_TRADE_INTO = "one trade is out of", "one trade is into"
"""The glosses of the two assets whose one trade brings all within their bands."""
TRADES_ELSEWHERE = "trades are listed elsewhere"
"""The gloss that another section of the task lists trades that bring equity into the range of the client's profile."""
SOLD_FIRST = "is sold first"
"""The gloss of the share that another section of the task asks to be sold, which takes equity back into range."""
CALLED_SOON = "averages leave out what is called soon"
"""The gloss of the bonds that are likely to be called within a year, and in no average yield."""
UNDATED = "ladder leaves out"
"""The gloss of the bonds without a day of maturity."""
NO_DURATION = "duration is missing for"
"""The gloss of the bonds whose duration is not known."""
NO_YIELD = "yield is missing for"
"""The gloss of the bonds whose yield is not known."""
TOLD = frozenset({"unknown_fields", "negative_values", "matured", "large_flows"})
"""Codes of warnings on what the text says itself, or what harms no figure."""
_QUOTED = 6
"""From so many characters on, words of a payload are told apart from figures that happen to be written alike."""
MAX_BARS = 14
"""Bars of one chart: what a page shows at a glance."""


@dataclass(frozen=True, slots=True)
class Chart:
    """Data of one chart of the report: ``kind`` is ``bars`` (one value a label) or ``lines`` (named series over
    labels)."""

    kind: str
    title: str
    unit: Unit
    labels: tuple[str, ...]
    series: tuple[tuple[str, tuple[Decimal, ...]], ...]


@dataclass(frozen=True)
class FactTable:
    """Everything that is known of one section; ``names`` are the input's own identifiers, whose digits are no
    figures."""

    section: str
    facts: tuple[Fact, ...]
    absent: tuple[Absent, ...] = ()
    notes: tuple[Note, ...] = ()
    names: tuple[str, ...] = ()
    charts: tuple[Chart, ...] = ()
    currency: str | None = None
    reading: tuple[Entry, ...] = ()
    frame: Frame = Frame()
    given: tuple[Fact, ...] = ()
    """What the payload itself states of its rows: no figures of the section, but true where a text repeats them."""
    attributes: tuple[Attribute, ...] = ()
    """What it states of them in words."""
    vocabulary: Vocabulary | None = field(default=None, repr=False, compare=False)
    """The words by which narratives speak of the facts."""
    glosses: Mapping[str, str] = field(default_factory=dict)
    """What must be said beside a name of this input, such as what a rating means."""
    marks: Mapping[str, frozenset[Mark]] = field(default_factory=dict)
    """What is known of names of this input."""
    quotes: tuple[str, ...] = ()
    """Words of the payload that a text may repeat as they are: what they say is the payload's, and no claim."""
    parts: "tuple[FactTable, ...]" = ()
    """The tables that this one holds together, that of its own section first; none where it has but its own."""
    aliases: Mapping[str, str] = field(default_factory=dict)
    """What figures of a part are called in the table that holds it, where others have their ids."""
    unread: tuple[str, ...] = ()
    """The fields of the payload that nothing reads."""

    def is_marked(self, name: str | None, mark: Mark) -> bool:
        """Whether a name of the input is known to be of that kind."""
        return mark in self.marks.get(name or "", frozenset())

    def find(self, fact_id: str) -> Fact | None:
        """The fact of that id, or None."""
        return self._by_id.get(fact_id)

    def list_measure(self, measure: str, prefix: str = "") -> tuple[Fact, ...]:
        """The facts of one measure in their order, those whose id starts with ``prefix`` where one is given."""
        found = self._by_measure.get(measure, ())
        return tuple(fact for fact in found if fact.id.startswith(prefix)) if prefix else tuple(found)

    @cached_property
    def _by_id(self) -> dict[str, Fact]:
        return {fact.id: fact for fact in reversed(self.facts)}  # the first of an id, should there be two

    @cached_property
    def _by_measure(self) -> dict[str, list[Fact]]:
        found: dict[str, list[Fact]] = {}
        for fact in self.facts:
            found.setdefault(fact.measure, []).append(fact)
        return found

    @property
    def warnings(self) -> tuple[Note, ...]:
        """The notes that say that the input contradicts itself."""
        return tuple(note for note in self.notes if note.severity is Severity.WARNING)


@dataclass(slots=True)
class Draft:
    """A fact table being gathered; ids are made unique, names are kept once."""

    section: str
    specs: Mapping[str, FactSpec] = field(default_factory=dict)
    currency: str | None = None
    reading: tuple[Entry, ...] = ()
    frame: Frame = Frame()
    given: tuple[Fact, ...] = ()
    attributes: tuple[Attribute, ...] = ()
    vocabulary: Vocabulary | None = None
    siblings: Siblings = NO_SIBLINGS
    """What the other payloads of the task say."""
    unheld: dict[str, bool] = field(default_factory=dict)
    """Limits of the client that nothing of the section is held against, as they were sent, each with whether it was
    understood."""
    facts: list[Fact] = field(default_factory=list)
    absent: list[Absent] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    charts: list[Chart] = field(default_factory=list)
    glosses: dict[str, str] = field(default_factory=dict)
    marks: dict[str, frozenset[Mark]] = field(default_factory=dict)
    quotes: dict[str, None] = field(default_factory=dict)
    _names: dict[str, None] = field(default_factory=dict)
    _ids: dict[str, Fact] = field(default_factory=dict)

    def add(self, fact: Fact) -> Fact:
        """Keep a fact under an id of its own: two holdings that slug alike become ``weight.abc`` and
        ``weight.abc_2``."""
        unique, count = fact.id, 1
        while unique in self._ids:
            count += 1
            unique = f"{fact.id}_{count}"
        if unique != fact.id:
            fact = _rename(fact, unique)
        self._ids[unique] = fact
        self.facts.append(fact)
        if fact.subject:
            self.name(fact.subject)
        return fact

    def state(
        self,
        spec_id: str,
        value: Decimal,
        inputs: tuple[str, ...],
        *,
        subject: str | None = None,
        key: str | None = None,
        method: str | None = None,
        label: str | None = None,
        currency: str | None = None,
        **more: Any,
    ) -> Fact:
        """Add a fact of a kind of the table. ``key`` is appended to its id; money is in the draft's currency unless
        ``currency`` says otherwise."""
        spec = self.specs[spec_id]
        return self.add(
            Fact(
                id=f"{spec_id}.{key}" if key else spec_id,
                label=label or spec.write_label(subject),
                value=value,
                unit=spec.unit,
                measure=spec.measure,
                method=method or spec.method,
                inputs=inputs,
                currency=(currency or self.currency) if spec.unit is Unit.MONEY else None,
                subject=subject,
                signed=spec.signed,
                bases=spec.bases,
                **more,
            )
        )

    def find(self, fact_id: str) -> Fact | None:
        """The fact gathered under that id, or None."""
        return self._ids.get(fact_id)

    def keep(self, facts: Iterable[Fact]) -> None:
        """Keep these facts alone."""
        self.facts = list(facts)
        self._ids = {fact.id: fact for fact in self.facts}

    def list_weights(self, group: str) -> list[Fact]:
        """The weight facts of one allocation, such as ``asset_class``."""
        return [fact for fact in self.facts if fact.id.startswith(f"weight.{group}.")]

    def miss(self, fact_id: str, reason: str | MissingInputError) -> None:
        """Record that a figure cannot be had; once, for the first reason."""
        if any(absent.id == fact_id for absent in self.absent):
            return
        if isinstance(reason, MissingInputError):
            self.absent.append(Absent(fact_id, reason.reason, reason.code, reason.alternatives))
        else:
            self.absent.append(Absent(fact_id, reason))

    def note(self, code: str, message: str, *, warning: bool = False, field: str | None = None) -> None:
        """Record what a reader should know of the input."""
        self.notes.append(Note(code, message, Severity.WARNING if warning else Severity.INFO, field))

    def name(self, *names: str) -> None:
        """Remember identifiers of the input."""
        self._names.update(dict.fromkeys(name for name in names if name))

    def quote(self, *texts: str) -> None:
        """Remember words of the payload that are repeated as they are."""
        long = (text for text in texts if len(text) >= _QUOTED and any(character.isalpha() for character in text))
        self.quotes.update(dict.fromkeys(long))

    def chart_bars(self, title: str, unit: Unit, rows: Iterable[tuple[str, Decimal]]) -> None:
        """Add a bar for every row."""
        pairs = list(rows)
        if pairs:
            labels, values = zip(*pairs, strict=True)
            self.charts.append(Chart("bars", title, unit, tuple(labels), ((title, tuple(values)),)))

    def chart_shares(self, title: str, rows: Iterable[tuple[str, Decimal]]) -> None:
        """Add a chart of shares of one whole in percent, all of it: the smallest together where there are many."""
        self.chart_bars(title, Unit.PERCENT, group_smallest(list(rows), MAX_BARS))

    def chart_extremes(self, title: str, unit: Unit, rows: Iterable[tuple[str, Decimal]]) -> None:
        """Add a chart of the rows furthest from zero on either side, largest first; its title says where there are
        more."""
        pairs = list(rows)
        shown = sorted(pairs, key=lambda pair: (-abs(pair[1]), pair[0]))[:MAX_BARS]
        more = f" ({len(shown)} largest of {len(pairs)})" if len(pairs) > len(shown) else ""
        self.chart_bars(title + more, unit, sorted(shown, key=lambda pair: (-pair[1], pair[0])))

    def mark(self, name: str, mark: Mark) -> None:
        """Remember what is known of a name."""
        self.marks[name] = self.marks.get(name, frozenset()) | {mark}

    def freeze(self) -> FactTable:
        """The finished table."""
        return FactTable(
            section=self.section,
            facts=tuple(self.facts),
            absent=tuple(self.absent),
            notes=tuple(self.notes),
            names=tuple(self._names),
            charts=tuple(self.charts),
            currency=self.currency,
            reading=self.reading,
            frame=self.frame,
            given=self.given,
            attributes=self.attributes,
            vocabulary=self.vocabulary,
            glosses=dict(self.glosses),
            marks=dict(self.marks),
            quotes=tuple(self.quotes),
        )


def group_smallest(rows: Sequence[tuple[str, Decimal]], most: int) -> list[tuple[str, Decimal]]:
    """At most ``most`` rows with the same sum: those that do not fit are added up as ``Others (n)``.

    What is below zero is never set off against what is above: it has a row of its own.
    """
    if len(rows) <= most:
        return list(rows)
    ranked = sorted(range(len(rows)), key=lambda place: -abs(rows[place][1]))
    kept = set(ranked[: most - 2])
    shown = [row for place, row in enumerate(rows) if place in kept]
    rest = [rows[place][1] for place in ranked[most - 2 :]]
    for name, part in (
        ("Others", [value for value in rest if value >= 0]),
        ("Others below zero", [value for value in rest if value < 0]),
    ):
        if part:
            shown.append((f"{name} ({len(part)})", sum(part, Decimal(0))))
    return shown


def join_names(names: Sequence[str]) -> str:
    """``A``, ``A and B``, ``A, B and C``."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}" if names else ""


def slug(name: str) -> str:
    """A name as part of a fact's id: lower case, words joined by underscores, at most 60 characters."""
    return re.sub(r"\W+", "_", name.casefold()).strip("_")[:60] or "unnamed"


def _rename(fact: Fact, fact_id: str) -> Fact:
    values = {name: getattr(fact, name) for name in Fact.__slots__}
    return Fact(**(values | {"id": fact_id}))
