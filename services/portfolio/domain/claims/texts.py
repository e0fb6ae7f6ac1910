"""The checker of texts that somebody else wrote: each sentence is parsed into claims, and each has its verdict."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace

from services.portfolio.domain.claims import MAX_CHARACTERS
from services.portfolio.domain.claims.checking import FigureChecker
from services.portfolio.domain.claims.ellipsis import resolve, settle
from services.portfolio.domain.claims.evidence import Evidence, gather
from services.portfolio.domain.claims.markup import take_out
from services.portfolio.domain.claims.model import Printed, Verdict
from services.portfolio.domain.claims.owning import deny_owner
from services.portfolio.domain.claims.printed import make_plain, read_figures
from services.portfolio.domain.claims.quantifiers import check_quantifiers, drop_decided
from services.portfolio.domain.claims.relations import check_relations
from services.portfolio.domain.claims.sentences import Sentence, split
from services.portfolio.domain.claims.subjects import Mention
from services.portfolio.domain.claims.unread import check_unread
from services.portfolio.domain.errors import BoundError
from services.portfolio.domain.facts import FactTable
from services.portfolio.domain.formats import Style


def check(
    text: str, tables: Sequence[tuple[str, FactTable]], style: Style, *, forecasts_are_faults: bool = True
) -> list[Verdict]:
    """A verdict for every claim of ``text``, written in ``style``, against the facts of sections by their keys.

    Raises ``BoundError`` for a text of more than 100,000 characters.
    """
    if len(text) > MAX_CHARACTERS:
        raise BoundError("text", None, f"longer than {MAX_CHARACTERS} characters")
    return check_against(text, gather(tables), style, forecasts_are_faults=forecasts_are_faults)


def check_against(text: str, evidence: Evidence, style: Style, *, forecasts_are_faults: bool = True) -> list[Verdict]:
    """As ``check``, against evidence that was gathered before."""
    source = take_out(text)
    plain = evidence.blank_quotes(make_plain(source.text))
    figures = read_figures(plain, evidence.vocabulary, evidence.names, style.decimal, style.group)
    names = evidence.find_names(plain)
    starts = [name.start for name in names]
    figures = [
        replace(
            item,
            currency=evidence.settle_currency(item.currency, item.text),
            sign=max(item.sign, 0) if _is_of_name(item, name, plain) else item.sign,
        )
        for item in figures
        for name in [_find_last(names, starts, item.start)]
        if name is None or not _is_within(item, name)
    ]
    sentences = split(plain, figures, names, evidence)
    checker = FigureChecker(evidence)
    verdicts: list[Verdict] = []
    before: Sentence | None = None
    for sentence in sentences:
        elided = resolve(sentence, before)
        if elided.whole is not None:
            before = elided.whole
            verdicts += _check_sentence(before, checker, evidence, forecasts_are_faults=forecasts_are_faults)
        for copy, start, end in elided.copies:
            found = _check_sentence(copy, checker, evidence, forecasts_are_faults=forecasts_are_faults)
            verdicts += settle(found, sentence, start, end)
    return [source.place(verdict) for verdict in sorted(verdicts, key=lambda verdict: verdict.claim.start)]


def _check_sentence(
    sentence: Sentence, checker: FigureChecker, evidence: Evidence, *, forecasts_are_faults: bool
) -> list[Verdict]:
    """The verdicts on all that a sentence claims."""
    own = checker.check(sentence)
    relations = check_relations(sentence, own, evidence, forecasts_are_faults=forecasts_are_faults)
    quantified = check_quantifiers(sentence, evidence)
    found = list(deny_owner(sentence, [*drop_decided([*own, *relations], quantified), *quantified], evidence))
    return [*found, *check_unread(sentence, found, evidence)]


def _find_last(names: Sequence[Mention], starts: Sequence[int], place: int) -> Mention | None:
    """The last of the names, none of which overlap, that begins at a place or before it."""
    index = bisect_right(starts, place) - 1
    return names[index] if index >= 0 else None


def _is_within(figure: Printed, name: Mention) -> bool:
    """Whether a figure is part of a longer name (``one to three years``)."""
    longer = name.end - name.start > figure.end - figure.start
    end = figure.end - figure.text.endswith("%")  # a name's words are read without the sign behind them
    return longer and name.start <= figure.start and end <= name.end


def _is_of_name(figure: Printed, name: Mention | None, text: str) -> bool:
    """Whether a figure stands in brackets behind a name, whatever word that ends with (``Plan A (4%)``): they are no
    minus then."""
    bracketed = figure.text.startswith("(") and "-" not in figure.text
    return bracketed and name is not None and name.end <= figure.start and not text[name.end : figure.start].strip()
