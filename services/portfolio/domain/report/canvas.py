"""What charts are drawn with: text at a place, colours that a page may replace, and the SVG element around them."""

from dataclasses import dataclass
from html import escape

from services.portfolio.domain.report.lettering import FONT_SIZE, measure

POSITIVE = "var(--chart-1,#1f5c99)"
"""Colours fall back to these where the page around a chart sets none."""
NEGATIVE = "var(--chart-negative,#a33b2f)"
REST = "#8a94a0"
"""What many small things come to together."""
LINES = (POSITIVE, "var(--chart-2,#b8651b)", "var(--chart-3,#3f7d4f)")
GRID = "#d9dfe6"
_ANCHORS = {"start": 0.0, "middle": 0.5, "end": 1.0}


@dataclass(frozen=True, slots=True)
class Text:
    """A line of text: ``x`` is where its ``anchor`` (start, middle, end) lies, ``y`` its baseline."""

    text: str
    x: float
    y: float
    anchor: str = "start"

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Left, top, right and bottom, by its estimated width."""
        width = measure(self.text)
        left = self.x - width * _ANCHORS[self.anchor]
        return left, self.y - FONT_SIZE * 0.8, left + width, self.y + FONT_SIZE * 0.2

    def overlaps(self, other: "Text") -> bool:
        """Whether two texts would be printed over one another."""
        left, top, right, bottom = self.box
        other_left, other_top, other_right, other_bottom = other.box
        return left < other_right and other_left < right and top < other_bottom and other_top < bottom


def write_text(text: Text) -> str:
    """A text as an SVG element."""
    anchor = "" if text.anchor == "start" else f' text-anchor="{text.anchor}"'
    return f'<text x="{text.x:.2f}" y="{text.y:.2f}"{anchor}>{escape(text.text)}</text>'


def wrap_svg(width: float, height: float, title: str, body: str) -> str:
    """The SVG element, named for those who do not see it."""
    return f'<svg viewBox="0 0 {width:.0f} {height:.0f}" role="img" aria-label="{escape(title)}">{body}</svg>'
