"""The files of reference data: read, checked, and turned into a ``Reference``. Errors name the file and the line."""

import dataclasses
from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, create_model, model_validator

from services.portfolio.adapters.vocabulary_file import parse_vocabulary
from services.portfolio.adapters.yaml_lines import Model, Strict, check_document, read_document
from services.portfolio.domain.errors import CatalogueError
from services.portfolio.domain.lexicon import Lexicon, spell_word
from services.portfolio.domain.needs import LotOrder
from services.portfolio.domain.reference import (
    BELOW,
    INVESTMENT,
    UNRATED,
    Currency,
    FieldSpec,
    Reference,
    list_phrases,
    match_words,
    rating_symbol,
)
from services.portfolio.domain.terms import Terms

FILES = ("classes", "currencies", "day_counts", "fields", "markets", "names", "ratings", "terms", "vocabulary", "words")
_MAX_BYTES = 1_000_000
_KINDS = Literal[
    "money",
    "gain",
    "cash",
    "price",
    "count",
    "number",
    "years",
    "rate",
    "share",
    "return",
    "named_share",
    "fee",
    "date",
]


def _split(value: Any) -> Any:
    """A list of one number stands for itself: YAML has ``[1, 2]`` and ``1``."""
    return value if isinstance(value, list) else [value]


Words = Annotated[tuple[str, ...], BeforeValidator(_split)]


class _Scale(Strict):
    agency: str
    term: str
    symbols: Words
    investment_to: str

    @model_validator(mode="after")
    def _check(self) -> "_Scale":
        if self.investment_to not in self.symbols:
            raise ValueError(f"investment_to {self.investment_to!r} is no symbol of the scale")
        return self


class _Meaning(Strict):
    symbols: Words
    says: str


class _Ratings(Strict):
    prefixes: Words
    suffixes: Words
    scales: tuple[_Scale, ...]
    sovereign: Words
    unrated: Words
    meanings: tuple[_Meaning, ...] = ()
    defaulted: Words = ()


class _Illiquid(Strict):
    classes: Words = ()
    liquid: Words = ()
    names: Words = ()


class _Whole(Strict):
    """Words of what can be sold only whole."""

    classes: Words = ()
    property: Words = ()
    stakes: Words = ()


class _Classes(Strict):
    classes: dict[str, Words]
    endings: dict[str, Words] = Field(default_factory=dict)
    debt_words: Words = ()
    names: dict[str, Words]
    indexes: dict[str, Words]
    illiquid: _Illiquid = Field(default_factory=_Illiquid)
    broad: Words = ()
    unit_classes: Words = ()
    class_parts: Words = ()
    fund_houses: Words = ()
    blends: Words = ()
    sovereign: Words = ()
    sovereign_bonds: Words = ()
    lifelong: Words = ()
    deposits: Words = ()
    covered: Words = ()
    locked: Words = ()
    unvested: Words = ()
    linked: Words = ()
    whole: _Whole = Field(default_factory=_Whole)
    narrow: Words = ()
    sheltered: Words = ()
    taxed: Words = ()
    private: Words = ()
    price_ages: dict[str, int]

    @model_validator(mode="after")
    def _check(self) -> "_Classes":
        if unknown := [name for name in self.illiquid.classes if name not in self.classes]:
            raise ValueError(f"illiquid class {unknown[0]!r} is none of the classes")
        if unknown := [name for name in self.endings if name not in self.classes]:
            raise ValueError(f"class {unknown[0]!r} of endings is none of the classes")
        if missing := [name for name in ("equity", "fund", "whole", "other") if name not in self.price_ages]:
            raise ValueError(f"price_ages needs {missing[0]!r}")
        return self


class _Currency(Strict):
    minor: int = Field(ge=0, le=4)
    per_usd: Decimal | None = Field(None, gt=0)


class _Currencies(Strict):
    currencies: dict[Annotated[str, Field(pattern=r"^[A-Z]{3}$")], _Currency]
    minor_units: dict[str, str]
    shared_signs: dict[str, Words]
    long_term_months: dict[str, int] = Field(default_factory=dict)
    lot_orders: dict[str, LotOrder] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _check(self) -> "_Currencies":
        named = [*self.minor_units.values(), *(code for codes in self.shared_signs.values() for code in codes)]
        if unknown := [code for code in named if code not in self.currencies]:
            raise ValueError(f"{unknown[0]!r} is none of the currencies")
        return self


class _Markets(Strict):
    suffixes: dict[str, str]


class _DayCounts(Strict):
    day_counts: dict[str, Words]


class _Words(Strict):
    totals: Words
    edges: Words
    perpetual: Words
    floating: Words
    frequencies: dict[int, Words]
    paid_in: Words
    taken_out: Words
    booked: Words
    settled: Words = ()
    periodicities: dict[int, Words]


class _Industry(Strict):
    words: Words
    names: Words


_STRUCTURED = frozenset({"limit_rules", "limit_classes", "risk_metrics", "industries"})
"""The parts of ``Terms`` that are no list of words."""


class _Groups(Strict):
    limit_rules: dict[str, Words]
    risk_metrics: dict[str, Words]
    limit_classes: dict[str, Words]
    industries: dict[str, _Industry] = Field(default_factory=dict)


_WORD_LISTS = {item.name: (Words, ...) for item in dataclasses.fields(Terms) if item.name not in _STRUCTURED}
_Terms = create_model("_Terms", __base__=_Groups, **_WORD_LISTS)  # type: ignore[call-overload]  # of Terms' own names


class _Spec(Strict):
    kind: _KINDS
    family: str | None = None
    range: dict[str, tuple[Decimal, Decimal]] | None = None
    yearly: Literal["sums", "paid", "compounds"] | None = None

    @model_validator(mode="after")
    def _check(self) -> "_Spec":
        if self.range is not None and "any" not in self.range:
            raise ValueError("a range needs `any`, for payloads without a currency")
        for currency, (low, high) in (self.range or {}).items():
            if low >= high:
                raise ValueError(f"the range of {currency} is empty")
        return self


class _Names(Strict):
    fillers: Words = ()
    words: dict[str, Words]


class _Fields(Strict):
    columns: dict[str, _Spec]
    fields: dict[str, _Spec]
    least_total_usd: Decimal = Field(gt=0)


def load_reference(folder: Path | None = None) -> Reference:
    """The reference data of a folder, by default the shipped one; a file that the folder lacks is the shipped one.

    Raises ``CatalogueError`` naming file and line.
    """
    if folder is None:
        return _load_shipped()
    return _load(folder)


@cache
def _load_shipped() -> Reference:
    """The shipped data never change while a process runs, and are a tenth of a second of work to read."""
    return _load(None)


def _load(folder: Path | None) -> Reference:
    texts = {name: _read_text(folder, name) for name in FILES}
    return parse_reference(texts)


def _read_text(folder: Path | None, name: str) -> str:
    path = folder / f"{name}.yaml" if folder is not None else None
    if path is None or not path.exists():
        return resources.files("services.portfolio").joinpath("reference", f"{name}.yaml").read_text("utf-8")
    if path.stat().st_size > _MAX_BYTES:
        raise CatalogueError(1, f"larger than {_MAX_BYTES} bytes", path.name)
    return path.read_text("utf-8")


def parse_reference(texts: Mapping[str, str]) -> Reference:
    """The reference data in the files' texts, by their names in ``FILES``."""

    def read(name: str, model: type[Model]) -> Model:
        file = f"{name}.yaml"
        return check_document(read_document(texts[name], file), model, file)

    classes, ratings = read("classes", _Classes), read("ratings", _Ratings)
    currencies, words, fields = read("currencies", _Currencies), read("words", _Words), read("fields", _Fields)
    return Reference(
        classes=_invert(classes.classes, "classes.yaml"),
        endings=_invert(classes.endings, "classes.yaml"),
        debt_words=tuple(list_phrases(classes.debt_words)),
        names={kind: dict.fromkeys(list_phrases(phrases), kind) for kind, phrases in classes.names.items()},
        indexes=_invert(classes.indexes, "classes.yaml"),
        illiquid_classes=frozenset(classes.illiquid.classes),
        liquid_names=tuple(list_phrases(classes.illiquid.liquid)),
        illiquid_names=tuple(list_phrases(classes.illiquid.names)),
        broad_names=tuple(list_phrases(classes.broad)),
        unit_classes=tuple(list_phrases(classes.unit_classes)),
        class_parts=frozenset(list_phrases(classes.class_parts)),
        fund_houses=tuple(list_phrases(classes.fund_houses)),
        blends=tuple(list_phrases(classes.blends)),
        sovereign_names=tuple(list_phrases(classes.sovereign)),
        sovereign_bonds=tuple(list_phrases(classes.sovereign_bonds)),
        lifelong_names=tuple(list_phrases(classes.lifelong)),
        deposit_names=tuple(list_phrases(classes.deposits)),
        covered_names=tuple(list_phrases(classes.covered)),
        locked_names=tuple(list_phrases(classes.locked)),
        unvested_names=tuple(list_phrases(classes.unvested)),
        linked_names=tuple(list_phrases(classes.linked)),
        whole_classes=tuple(list_phrases(classes.whole.classes)),
        whole_property=tuple(list_phrases(classes.whole.property)),
        whole_stakes=tuple(list_phrases(classes.whole.stakes)),
        sovereign_ratings=frozenset(rating_symbol(word) for word in ratings.sovereign),
        narrow_names=tuple(list_phrases(classes.narrow)),
        sheltered_names=tuple(list_phrases(classes.sheltered)),
        taxed_names=tuple(list_phrases(classes.taxed)),
        private_names=tuple(list_phrases(classes.private)),
        price_ages=classes.price_ages,
        grades=_list_grades(ratings),
        rating_ranks=tuple(
            {rating_symbol(symbol): place for place, symbol in enumerate(scale.symbols)} for scale in ratings.scales
        ),
        rating_meanings={rating_symbol(symbol): item.says for item in ratings.meanings for symbol in item.symbols},
        defaulted=frozenset(rating_symbol(symbol) for symbol in ratings.defaulted),
        rating_prefixes=tuple(sorted((item.casefold() for item in ratings.prefixes), key=len, reverse=True)),
        rating_suffixes=tuple(sorted((item.casefold() for item in ratings.suffixes), key=len, reverse=True)),
        currencies={code: Currency(item.minor, item.per_usd) for code, item in currencies.currencies.items()},
        minor_units=currencies.minor_units,
        long_term_months=currencies.long_term_months,
        lot_orders=currencies.lot_orders,
        shared_signs={sign: tuple(codes) for sign, codes in currencies.shared_signs.items()},
        suffixes=read("markets", _Markets).suffixes,
        day_counts={
            match_words(word).replace(" ", ""): name
            for name, names in read("day_counts", _DayCounts).day_counts.items()
            for word in names
        },
        totals=frozenset(list_phrases(words.totals)),
        total_edges=frozenset(list_phrases(words.edges)),
        perpetual=frozenset(list_phrases(words.perpetual)),
        floating=frozenset(list_phrases(words.floating)),
        frequencies=_number(words.frequencies),
        paid_in=frozenset(list_phrases(words.paid_in)),
        taken_out=frozenset(list_phrases(words.taken_out)),
        booked=frozenset(list_phrases(words.booked)),
        settled=frozenset(list_phrases(words.settled)),
        periodicities=_number(words.periodicities),
        columns={name: _spec(item) for name, item in fields.columns.items()},
        fields={name: _spec(item) for name, item in fields.fields.items()},
        least_total_usd=fields.least_total_usd,
        vocabulary=parse_vocabulary(texts["vocabulary"]),
        terms=_list_terms(read("terms", _Terms)),
        lexicon=_make_lexicon(read("names", _Names)),
    )


def _make_lexicon(names: _Names) -> Lexicon:
    words: dict[str, tuple[str, ...]] = {}
    owners: dict[str, str] = {}
    single = {part: (part,) for parts in names.words for part in parts.split()}
    for parts, written in [*((part, (part,)) for part in single), *names.words.items()]:
        for word in written:
            for form in spell_word(word):
                if owners.setdefault(form, parts) != parts:
                    raise CatalogueError(1, f"{word!r} stands for both {owners[form]!r} and {parts!r}", "names.yaml")
                words[form] = tuple(parts.split())
    return Lexicon(words, (form for word in names.fillers for form in spell_word(word)))


_OF = frozenset({"of", "de", "du", "des", "d", "della", "dello", "del", "di", "da", "do", "dos", "von", "van"})
"""What names of fields leave out of a phrase of several words: *valeur d'avance* is sent as ``valeurAvance``."""


def _list_terms(terms: _Groups) -> Terms:
    def phrases(words: tuple[str, ...]) -> frozenset[str]:
        whole = list_phrases(words)
        short = [[word for word in phrase.split() if word not in _OF] for phrase in whole]
        return frozenset(whole) | {" ".join(left) for left in short if len(left) > 1}

    return Terms(
        **{name: phrases(getattr(terms, name)) for name in _WORD_LISTS},
        limit_rules=_invert(terms.limit_rules, "terms.yaml"),
        risk_metrics=_invert(terms.risk_metrics, "terms.yaml"),
        limit_classes=_invert(terms.limit_classes, "terms.yaml"),
        industries={name: (phrases(item.words), phrases(item.names)) for name, item in terms.industries.items()},
    )


def _invert(groups: Mapping[str, tuple[str, ...]], file: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, words in groups.items():
        for phrase in list_phrases(words):
            if found.setdefault(phrase, name) != name:
                raise CatalogueError(1, f"{phrase!r} stands for both {found[phrase]!r} and {name!r}", file)
    return found


def _list_grades(ratings: _Ratings) -> dict[str, str]:
    grades: dict[str, str] = {}
    for scale in ratings.scales:
        last = scale.symbols.index(scale.investment_to)
        for place, symbol in enumerate(scale.symbols):
            grade = INVESTMENT if place <= last else BELOW
            if grades.setdefault(rating_symbol(symbol), grade) != grade:
                explanation = f"{symbol!r} of {scale.agency} is {grade} grade, on another scale it is not"
                raise CatalogueError(1, explanation, "ratings.yaml")
    grades |= {rating_symbol(word): INVESTMENT for word in ratings.sovereign}
    return grades | {rating_symbol(word): UNRATED for word in ratings.unrated}


def _number(groups: Mapping[int, tuple[str, ...]]) -> dict[str, int]:
    return {phrase.replace(" ", ""): number for number, words in groups.items() for phrase in list_phrases(words)}


def _spec(item: _Spec) -> FieldSpec:
    return FieldSpec(item.kind, item.family, item.range, item.yearly)
