"""Periods beside a figure, as headers and cells state them: ``per month``, ``p.a.``, ``/Quartal``, ``monatlich``.

The words are of the languages of the feeds that are read. What may mean two things (``bi-monthly``) is none of them.
"""

import re
from dataclasses import dataclass

_INFLECTED = r"(?:e[nrsm]?)?"
_ADVERBS = {
    2: (
        rf"(?:half|semi)[\s-]?(?:yearly|annual(?:ly)?)|halbj(?:ä|ae)hrlich{_INFLECTED}|semestriel(?:le)?s?"
        r"|semestral(?:es|[ei])?"
    ),
    52: rf"weekly|w(?:ö|oe)chentlich{_INFLECTED}|hebdomadaires?|semanal(?:es)?|settimanal[ei]|wekelijkse?",
    26: r"fortnightly",
    12: rf"monthly|monatlich{_INFLECTED}|mtl|mensuel(?:le)?s?|mensual(?:es)?|mensil[ei]|maandelijkse?"
    r"|mensa(?:l|is)|m[åa]natlig[ta]?|miesi[ęe]czn(?:[yae]|ie)",
    4: (
        rf"quarterly|viertelj(?:ä|ae)hrlich{_INFLECTED}|quartalsweise|trimestriel(?:le)?s?|trimestral(?:es|[ei])?"
        r"|driemaandelijkse?"
    ),
    1: (
        rf"annual(?:ly)?|yearly|j(?:ä|ae)hrlich{_INFLECTED}|j(?:ä|ae)hrl|annuel(?:le)?s?|anual(?:es)?|annual[ei]"
        r"|annu[aoei]|jaarlijkse?|anuais|[åa]rlig[ta]?|roczn(?:[yae]|ie)"
    ),
}
_NOUNS = {
    52: r"week|wk|woche|semaine|semana|settimana",
    26: r"fortnight",
    12: r"month|mth|mo|monat|mois|mes|mese|maand",
    4: r"quarter|qtr|quartal|trimestre|kwartaal",
    2: r"half[\s-]?year|halbjahr|semestre|halfjaar",
    1: r"year|yr|annum|jahr|an|a[ñn]o|anno|jaar",
}
# Written without blanks around them, so that no boundary tells where they end.
_UNSPACED = {12: r"月額|毎月", 1: r"年額|年間|毎年"}
_SLASHED = {12: r"[/／]\s*月", 4: r"[/／]\s*四半期", 2: r"[/／]\s*半年", 1: r"[/／]\s*年"}
_SHORT = {"a": 1, "q": 4, "m": 12, "w": 52}
WORDS = {1: "year", 2: "half-year", 4: "quarter", 6: "two months", 12: "month", 26: "fortnight", 52: "week"}
"""What each number of payments a year is called."""


def _name(prefix: str, table: dict[int, str]) -> str:
    return "|".join(f"(?P<{prefix}{number}>{words})" for number, words in table.items())


_PER = r"(?:(?<![^\W\d_])(?:(?:per|pro|je|im|par|por|al|each|every|an?)\s+|all['’])|/\s*)"
_PERIOD = re.compile(
    rf"(?<![^\W\d_])(?<!\w-)(?:{_name('adverb', _ADVERBS)})\.?(?![^\W\d_])"
    rf"|{_PER}(?:{_name('noun', _NOUNS)})\.?(?![^\W\d_])"
    rf"|{_name('unspaced', _UNSPACED)}|{_name('slashed', _SLASHED)}"
    r"|(?<![^\W\d_])p(?:\.\s?(?P<dotted>[amqw])\.?|(?P<plain>[amq])(?=\W*$))(?![^\W\d_])",
    re.IGNORECASE,
)
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")


@dataclass(frozen=True, slots=True)
class Period:
    """So many periods a year; ``rest`` is the text without its words.

    ``is_adverb`` where it says ``monthly`` and not ``per month``: of a rate that may be how often it is paid.
    """

    a_year: int
    is_adverb: bool
    rest: str


def find_period(text: str) -> Period | None:
    """The period that a text states somewhere, None where it states none or two."""
    match = _PERIOD.search(text)
    if match is None:
        return None
    rest = f"{text[: match.start()]} {text[match.end() :]}".replace("()", "").strip()
    if _PERIOD.search(rest):
        return None
    name = match.lastgroup or ""
    if name in {"dotted", "plain"}:
        return Period(_SHORT[match[name].lower()], False, rest)
    number = int(re.sub(r"\D", "", name))
    return Period(number, name.startswith(("adverb", "unspaced")), rest)


def read_period(text: str) -> int | None:
    """How many a year a text means that says nothing but a period: ``monthly``, ``month``, ``per quarter``."""
    stripped = text.strip()
    for candidate in (stripped, f"per {stripped}"):
        found = find_period(candidate)
        if found is not None and not found.rest.strip(" .()"):
            return found.a_year
    return None


def split_words(name: str) -> str:
    """A name with blanks where it has underscores or capitals within a word (``monthly_income``, ``monthlyIncome``)."""
    return _CAMEL.sub(" ", name.replace("_", " "))
