"""What an adviser says of what has no price, and of what is in default: neither is money that can be counted on."""

from services.portfolio.domain.facts import FactTable, Mark, join_names
from services.portfolio.domain.glosses import AT_FACE, UNPRICED
from services.portfolio.domain.narrative.text import Script

_SHOWN = 3


def write(table: FactTable, script: Script) -> None:
    """What is in no figure for want of a price, and what is asked for."""
    if any(note.code == AT_FACE for note in table.notes):
        script.warn("No price was sent: all is told at its face value, which is what is owed, not its worth.", 87)
        script.suggest("Have prices sent before anything is bought or sold on this list.", 64)
        script.prepare("have prices of all that is listed sent", 64)
    names = list(filter(None, table.glosses.get(UNPRICED, "").split("\n")))
    failed = [name for name in names if table.is_marked(name, Mark.DEFAULTED)]
    others = [name for name in names if name not in failed]
    for name in failed[:_SHOWN]:
        script.warn(
            f"{name} is in default and has no price: it is in no figure here, and its coupon is not to be counted on.",
            89,
        )
    if others:
        script.warn(f"{_tell(others)}: what is owed is not what it is worth.", 88)
        script.suggest(f"Ask for a price of {_join(others)}.", 58)
        script.prepare(f"ask for a price of {_join(others)}", 58)


def write_failed(table: FactTable, script: Script) -> None:
    """That what is in default and has a price is in no average yield and no rate risk."""
    lost = set(table.glosses.get(UNPRICED, "").split("\n"))
    names = [name for name, marks in table.marks.items() if Mark.DEFAULTED in marks and name not in lost][:_SHOWN]
    if names:
        are = "is" if len(names) == 1 else "are"
        script.observe(f"{join_names(names)} {are} in default: no coupon and no yield of it is counted.", 46)


def _tell(names: list[str]) -> str:
    has, are = ("has", "is") if len(names) == 1 else ("have", "are")
    return f"{_join(names)} {has} no price and {are} in no figure here"


def _join(names: list[str]) -> str:
    rest = len(names) - _SHOWN
    return join_names(names[:_SHOWN]) if rest <= 0 else join_names([*names[:_SHOWN], f"{rest} more"])
