"""The figures that a client asks for first, one tile each."""

from collections.abc import Mapping

from services.portfolio.domain.formats import Style
from services.portfolio.domain.report.markup import Json, escape_text, spell_section, write_fact
from services.portfolio.domain.section_kinds import KINDS

_MOST = 8
_BY_THREE = (3, 5, 6)
# What is one another's stand-in is one line: the first that there is.
_WANTED: tuple[tuple[str, ...], ...] = (
    ("market_value",),
    ("gain",),
    ("gain_pct",),
    ("portfolio_return",),
    ("twr",),
    ("cagr", "xirr"),
    ("excess_cagr", "xirr_excess", "excess_twr"),
    ("equity_share",),
    ("income_after_tax", "income"),
    ("income_cover_after_tax", "income_cover"),
    ("drawdown",),
    ("volatility",),
    ("ytm",),
    ("duration",),
    ("yield",),
    ("cash_pct",),
    ("top_5",),
    ("breaches",),
    ("turnover_amount",),
    ("total_contribution",),
)


def pick_key_figures(sections: Mapping[str, Json]) -> list[tuple[str, Json]]:
    """(section's key, fact) of each. A figure of the whole portfolio is taken from a section on the whole where there
    is one, for the same figure of bonds alone is another."""
    wholes = [key for key, section in sections.items() if not _is_part(section)]
    order = [*wholes, *(key for key in sections if key not in wholes)]
    by_id: dict[str, tuple[str, Json]] = {}
    for key in order:
        for fact in sections[key].get("facts") or []:
            by_id.setdefault(str(fact.get("id")), (key, fact))
    found = [next((by_id[name] for name in names if name in by_id), None) for names in _WANTED]
    return [item for item in found if item is not None][:_MOST]


def write_key_figures(sections: Mapping[str, Json], style: Style) -> str:
    """The tiles; nothing where there is no such figure."""
    picked = pick_key_figures(sections)
    tiles = "".join(
        f'<div class="tile"><dt>{escape_text(_capitalise(str(fact.get("label"))))}</dt>'
        f"<dd>{write_fact(key, fact, style, signed=bool(_is_signed(fact)))}</dd>"
        f'<dd class="soft">{spell_section(key)}</dd></div>'
        for key, fact in picked
    )
    kind = "tiles three" if len(picked) in _BY_THREE else "tiles"
    return f'<section class="keep"><h2>Key figures</h2><dl class="{kind}">{tiles}</dl></section>' if tiles else ""


def _is_signed(fact: Json) -> bool:
    return str(fact.get("id")) in {
        "gain_pct", "portfolio_return", "twr", "cagr", "xirr", "excess_cagr", "xirr_excess", "excess_twr",
        "total_contribution",
    }  # fmt: skip


def _is_part(section: Json) -> bool:
    kind = KINDS.get(str(section.get("section")))
    return kind is not None and kind.is_part


def _capitalise(label: str) -> str:
    return label[:1].upper() + label[1:]
