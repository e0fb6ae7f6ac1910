"""A narrative taken apart: its blocks, and what it asks to be done.

Narratives are text, whoever wrote them: blocks between blank lines, of which one with a title and dashes is a list.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.portfolio.domain.narrative.text import TITLES, Role


@dataclass(frozen=True, slots=True)
class Block:
    """One block: a list under a title, or lines of prose without one."""

    title: str
    lines: tuple[str, ...]


def split_blocks(text: str) -> tuple[Block, ...]:
    """The blocks of a narrative."""
    blocks = []
    for part in text.split("\n\n"):
        lines = [line.strip() for line in part.splitlines() if line.strip()]
        items = [line[2:] for line in lines if line.startswith("- ")]
        if items and len(items) == len(lines) - 1:
            blocks.append(Block(lines[0].rstrip(":"), tuple(items)))
        elif lines:
            blocks.append(Block("", tuple(lines)))
    return tuple(blocks)


def is_actions(block: Block) -> bool:
    """Whether a block says what to do."""
    return block.title == TITLES[Role.ACTION]


def list_actions(sections: Mapping[str, Mapping[str, Any]]) -> Sequence[tuple[str, str]]:
    """What all sections ask to be done, each action once, with the key of the section that it comes from."""
    found: dict[str, str] = {}
    for key, section in sections.items():
        for block in split_blocks(str(section.get("response") or "")):
            if is_actions(block):
                for line in block.lines:
                    found.setdefault(line, key)
    return [(key, line) for line, key in found.items()]
